"""Finding the right person, and the lists."""
import csv
import io
import re
import urllib.parse

import pytest


def found(clinic, typed, **more):
    """The names that a search shows, in its order."""
    answer = clinic.get("/patients?" + urllib.parse.urlencode({"q": typed, **more}))
    assert answer.status == 200, answer.status
    return names(answer)


def names(answer):
    return re.findall(r'<th scope="row"><a href="/patients/[0-9a-f-]{36}" dir="auto">([^<]*)</a>',
                      answer.text)


@pytest.fixture
def register(clinic):
    for name, born in [("Zoë Ångström", "1975-04-03"), ("Jan Łukasiewicz", "1980-12-01"),
                       ("Anna Maria Groß", "1975-04-03"), ("Nguyễn Văn An", "1991"),
                       ("محمد علي", "1988-05"), ("Ελένη Παπαδοπούλου", ""),
                       ("Mary O'Neil", "2001-01-31"), ("Maria Anders", "2001-02-01")]:
        clinic.add_patient(name, date_of_birth=born)
    return clinic


@pytest.mark.parametrize("typed, expected", [
    ("zoe", ["Zoë Ångström"]), ("ANGST zo", ["Zoë Ångström"]), ("lukas", ["Jan Łukasiewicz"]),
    ("gross anna", ["Anna Maria Groß"]), ("van nguyen", ["Nguyễn Văn An"]),
    ("محمد", ["محمد علي"]), ("ελενη", ["Ελένη Παπαδοπούλου"]), ("neil", ["Mary O&#39;Neil"]),
    ("3.4.1975", ["Anna Maria Groß", "Zoë Ångström"]), ("1975-04-03 zo", ["Zoë Ångström"]),
    ("anna 3 Apr 1975", ["Anna Maria Groß"]), ("mari 2001", ["Maria Anders"]),
    ("05/1988", ["محمد علي"]), ("nobody at all", []), ("%", []), ("an zo", ["Zoë Ångström"])])
def test_words_and_dates_find_people_however_they_are_typed(register, typed, expected):
    assert sorted(found(register, typed)) == sorted(expected)


@pytest.fixture(scope="module")
def heard(server):
    """People whose names are typed as they are heard."""
    clinic = server.organisation()
    for name, more in [("Sean O'Grady", {}), ("Kate O'Brien-Smith", {}), ("Omar Al-Hassan", {}),
                       ("Rita de'Souza", {}), ("Ann St. John", {}), ("Anne-Marie Dupont", {}),
                       ("Uwe Müller", {"date_of_birth": "1961-04-05"}), ("Björn Sørensen", {}),
                       ("Åse Dahl", {}), ("李小龙", {}), ("김철수", {}),
                       ("Tom Reed", {"phone1": "0161 496 0000", "national_id": "943 476 5919",
                                     "date_of_birth": "1941"}),
                       ("Eva Lang", {"former_name": "Eva Brandt", "date_of_birth": "1961"})]:
        clinic.add_patient(name, **more)
    return clinic


@pytest.mark.parametrize("typed, expected", [
    ("ogrady", "Sean O&#39;Grady"), ("sean ogrady", "Sean O&#39;Grady"), ("ogra", "Sean O&#39;Grady"),
    ("obrien", "Kate O&#39;Brien-Smith"), ("alhassan", "Omar Al-Hassan"), ("desouza", "Rita de&#39;Souza"),
    ("stjohn", "Ann St. John"), ("annemarie", "Anne-Marie Dupont"), ("mueller", "Uwe Müller"),
    ("muller", "Uwe Müller"), ("mueller 61", "Uwe Müller"), ("bjoern", "Björn Sørensen"),
    ("soerensen", "Björn Sørensen"), ("aase", "Åse Dahl"), ("小龙", "李小龙"), ("李小龙", "李小龙"),
    ("철수", "김철수"), ("+44 (0)161 496 0000", "Tom Reed"), ("0044 161 4960000", "Tom Reed"),
    ("943-476-5919", "Tom Reed"), ("9434765919", "Tom Reed"), ("1941", "Tom Reed"),
    ("brandt", "Eva Lang"), ("lang 61", "Eva Lang"), ("Mrs Lang", "Eva Lang"), ("Lang née Brandt", "Eva Lang"),
    ("Mr. Reed born 1941", "Tom Reed"), ("M. Reed né en 1941", "Tom Reed"), ("saint john", "Ann St. John"),
    ("السيد Reed مواليد 1941", "Tom Reed"), ("Müller, Uwe (05/04/1961)", "Uwe Müller"), ("reed (1941)", "Tom Reed"),
    ("reed tel. 0161 496 0000", "Tom Reed"), ("هاتف 0161 496 0000", "Tom Reed")])
def test_people_are_found_as_they_are_heard(heard, typed, expected):
    assert found(heard, typed) == [expected]


@pytest.mark.parametrize("typed", ["lang 62", "ogradys", "943-476-5918", "小虎"])
def test_others_are_not(heard, typed):
    assert found(heard, typed) == []


def test_a_record_number_is_found_as_people_say_it_and_never_a_name(register):
    mrn = re.search(r">(P\d{8})<", register.get("/patients?q=zoe").text).group(1)
    for typed in (mrn, mrn.lower(), f"MRN {mrn}", f"{mrn[:4]} {mrn[4:]}", mrn.lstrip("P0"), "p" + mrn.lstrip("P0")):
        answer = register.get("/patients?" + urllib.parse.urlencode({"q": typed}))
        assert names(answer) == ["Zoë Ångström"], typed
        assert "/patients/new?" not in answer.text
    wrong = mrn[:-1] + str((int(mrn[-1]) + 1) % 10)
    answer = register.get(f"/patients?q={wrong}")
    assert f"{wrong} is not a record number: one of its digits is wrong." in answer.text
    assert names(answer) == [] and "/patients/new?" not in answer.text


def test_the_exact_record_number_comes_first(register):
    page = register.get("/patients?q=zoe").text
    mrn = re.search(r">(P\d{8})<", page).group(1)
    assert found(register, mrn.lower()) == ["Zoë Ångström"]


def test_twenty_are_shown_and_more_on_demand(clinic):
    for i in range(23):
        clinic.add_patient(f"Smith Number{i:02}")
    answer = clinic.get("/patients?q=smith")
    assert len(names(answer)) == 20 and "The first 20 patients found" in answer.text
    more = re.search(r'href="(/patients\?q=smith&amp;show=40)"', answer.text).group(1)
    assert len(names(clinic.get(more.replace("&amp;", "&")))) == 23


@pytest.mark.parametrize("typed", ["000", "0/0/00", "0000000000", "%", "~", "#", "@", "0/0/00 %"])
def test_what_means_nothing_finds_nobody_and_says_so(heard, typed):
    answer = heard.get("/patients?" + urllib.parse.urlencode({"q": typed}))
    assert names(answer) == [] and "No patients found." in answer.text


def test_a_date_of_two_orders_shows_both_and_says_why(clinic):
    for day, name in (("1961-03-04", "Ann Stevenson"), ("1961-04-03", "Bea Stevenson")):
        clinic.add_patient(name, date_of_birth=day)
    said = "can be read in two orders"
    for typed in ("Stevenson 04/03/61", "Stevenson 4/3/1961", "04/03/61"):
        page = clinic.get("/patients?" + urllib.parse.urlencode({"q": typed}))
        assert sorted(names(page)) == ["Ann Stevenson", "Bea Stevenson"] and said in page.text, typed
    page = clinic.get("/patients?q=Stevenson+4.3.61")
    assert names(page) == ["Ann Stevenson"] and said not in page.text


def test_nobody_found_offers_to_register_what_was_typed(register):
    answer = register.get("/patients?" + urllib.parse.urlencode({"q": "New Person 1.2.1999"}))
    assert "No patients found." in answer.text and "Register New Person" in answer.text
    href = re.search(r'href="(/patients/new\?[^"]*)"', answer.text).group(1)
    fields = register.get(href.replace("&amp;", "&")).page.fields
    assert fields["name"] == "New Person" and fields["date_of_birth"] == "1999-02-01"


def test_an_empty_box_shows_the_records_opened_last(register):
    patient = register.add_patient("Opened Last")
    register.get(patient)
    assert found(register, "") == ["Opened Last"]


def test_a_search_finds_nobody_of_another_organisation(server, register):
    assert found(server.organisation(), "zoe") == []


def test_what_was_typed_is_in_no_log_and_not_in_the_trail(server, register):
    found(register, "verysecretname")
    assert "verysecretname" not in server.log() + server.access_log()
    assert b"verysecretname" not in server.database.read_bytes()


@pytest.mark.parametrize("sort, first", [("name", "Anna Maria Groß"), ("updated", "Maria Anders"),
                                         ("birth_date", "Ελένη Παπαδοπούλου")])
def test_the_table_has_three_orders(register, sort, first):
    assert names(register.get(f"/patients?sort={sort}"))[0] == first


@pytest.mark.parametrize("sort", ["name", "birth_date", "updated"])
def test_pages_go_forwards_and_backwards_without_gap_or_repetition(clinic, sort):
    for i in range(120):
        clinic.add_patient(f"Patient {i % 7} {i:03}", date_of_birth=f"19{50 + i % 5}")
    seen, pages = [], []
    href = f"/patients?sort={sort}"
    while href:
        answer = clinic.get(href)
        pages.append(names(answer))
        seen += pages[-1]
        link = re.search(r'rel="next" href="([^"]*)"', answer.text)
        href = link and link.group(1).replace("&amp;", "&")
    assert len(seen) == len(set(seen)) == 120
    link = re.search(r'rel="prev" href="([^"]*)"', answer.text).group(1).replace("&amp;", "&")
    assert names(clinic.get(link)) == pages[-2]


def test_changed_since_filters_and_says_when_it_is_no_day(register):
    assert names(register.get("/patients?since=2999-01-01")) == []
    assert len(names(register.get("/patients?since=2020-01-01"))) == 8
    answer = register.get("/patients?since=soon")
    assert answer.status == 422 and "Enter the day like this: 1975-04-23." in answer.text


@pytest.mark.parametrize("query", ["sort=colour", "status=gone", "after=1", "q=a&q=b"])
def test_unknown_choices_are_malformed(clinic, query):
    assert clinic.get(f"/patients?{query}").status == 400


def test_the_deceased_have_a_list_of_their_own_and_are_marked(clinic):
    clinic.add_patient("Still Here", date_of_birth="1975")
    clinic.add_patient("Gone Before", date_of_birth="1930", deceased="1",
                       deceased_date="2020-01-01")
    assert names(clinic.get("/patients")) == ["Still Here"]
    deceased = clinic.get("/patients?status=deceased")
    assert names(deceased) == ["Gone Before"] and '<span class="mark gone">deceased' in deceased.text
    assert '<span class="mark gone">deceased' in clinic.get("/patients?q=gone").text
    assert '<dd>1</dd>' in clinic.get("/dashboard").text
    rows = csv.DictReader(io.StringIO(clinic.get("/patients/export.csv?all=1").text.lstrip("\ufeff")))
    assert [(r["name"], r["date_of_birth"], r["deceased_date"], r["status"]) for r in rows
            if r["status"] == "deceased"] == [("Gone Before", "1930", "2020-01-01", "deceased")]


def test_phone_digits_find_people_with_or_without_the_country(clinic):
    clinic.add_patient("Has Phone", phone1="+49 170 123 4567")
    for typed in ("0170 123 4567", "+49 170", "1234567", "4567", "has 0170 1234567"):
        assert found(clinic, typed) == ["Has Phone"], typed
    assert found(clinic, "999 4567") == []


def choices(page):
    """@return the links above a list by the name of what they choose, and which one is present"""
    found = {}
    for name, links in re.findall(r'<nav aria-label="([^"]+)">\s*<p>\1</p>(.*?)</nav>', page, re.S):
        links = re.findall(r'<a href="([^"]*)" (aria-current="true" )?>([^<]*)</a>', links)
        here, = [label for _, current, label in links if current]
        found[name] = ({label: href.replace("&amp;", "&") for href, _, label in links}, here)
    return found


def test_what_may_be_chosen_above_a_list_are_links_and_one_is_present(clinic):
    assert choices(clinic.get("/patients").text) == {
        "Sort by": ({"Name": "/patients", "Family name": "/patients?sort=family",
                     "Date of birth": "/patients?sort=birth_date", "Last change": "/patients?sort=updated"}, "Name"),
        "Show": ({"Active": "/patients", "Deceased": "/patients?status=deceased",
                  "Archived": "/patients?status=archived"}, "Active")}
    page = clinic.get("/patients?since=2020-01-02&status=archived").text
    assert choices(page) == {
        "Sort by": ({"Name": "/patients?status=archived", "Family name": "/patients?sort=family&status=archived",
                     "Date of birth": "/patients?sort=birth_date&status=archived",
                     "Last change": "/patients?sort=updated&status=archived"}, "Last change"),
        "Show": ({"Active": "/patients?sort=updated&since=2020-01-02",
                  "Deceased": "/patients?sort=updated&status=deceased&since=2020-01-02",
                  "Archived": "/patients?sort=updated&status=archived&since=2020-01-02"}, "Archived")}
    assert "/patients/export.csv?sort=updated&amp;status=archived&amp;since=2020-01-02" in page
    pairs = "/patients/duplicates"
    links = {"Likely duplicates": pairs, "Different people": f"{pairs}?show=apart"}
    assert choices(clinic.get(pairs).text) == {"Show": (links, "Likely duplicates")}
    assert choices(clinic.get(f"{pairs}?show=apart").text) == {"Show": (links, "Different people")}


@pytest.mark.parametrize("typed, carried", [
    ("Nobody Here", {"name": "Nobody Here"}), ("3/11/2011", {"date_of_birth": "3/11/2011"}),
    ("3.11.2011", {"date_of_birth": "2011-11-03"}),
    ("0161 496 0123", {"phone1": "0161 496 0123"}), ("960743", {}),
    ("Nobody Here 0161 496 0123", {"name": "Nobody Here", "phone1": "0161 496 0123"})])
def test_what_is_known_comes_along_to_the_form_in_its_field(clinic, typed, carried):
    page = clinic.get("/patients?q=" + typed.replace(" ", "+"))
    href, = {link for link in page.page.links if link.startswith("/patients/new") and link != "/patients/new"} \
        or {"/patients/new"}
    assert ("Register Nobody Here" if "name" in carried else "Register a new patient") in page.page.text
    form = clinic.get(href.replace("&amp;", "&")).page.fields
    assert {name: form[name] for name in ("name", "date_of_birth", "phone1") if form[name]} == carried


def test_below_somebody_who_was_found_registering_is_a_quiet_link(clinic):
    clinic.add_patient("Ana Lima", phone1="0161 496 0123")
    for typed in ("Ana", "0161+496+0123"):
        page = clinic.get("/patients?q=" + typed)
        assert re.search(r'<p class="aside"><a href="/patients/new[^"]*">Register', page.text)
        assert "phone1" not in page.text
    number = re.search(r"P\d{8}", clinic.get("/patients").text)[0]
    assert "Register" not in clinic.get("/patients?q=" + number).page.text


@pytest.mark.parametrize("typed, found", [
    ("Bianki", "Marco Bianchi"), ("Ngyuen", "Thi Nguyen"), ("Amelee", "Amélie Dupont"), ("Marco Biannchi", "Marco Bianchi"),
    ("Blenkinsopp", "Marjorie Blenkinsop"), ("Marjory Blenkinsop", "Marjorie Blenkinsop"), ("Jon Smyth", "Jon Smith"),
    ("Filipps", "Ann Filips")])
def test_where_nobody_is_found_similar_names_are_shown(clinic, typed, found):
    for name in ("Marco Bianchi", "Thi Nguyen", "Amélie Dupont", "Marjorie Blenkinsop", "Jon Smith", "Ann Filips"):
        clinic.add_patient(name)
    page = clinic.get("/patients?q=" + typed.replace(" ", "+"))
    assert "These have similar names:" in page.page.text and found in page.page.text
    assert page.text.count('<th scope="row">') == 1 and "Register " + typed in page.page.text


def test_similar_names_are_the_last_resort_and_of_this_organisation(server, clinic):
    server.organisation().add_patient("Marco Bianchi")
    clinic.add_patient("Ann Lee")
    assert "similar names" not in clinic.get("/patients?q=Bianki").page.text
    assert "similar names" not in clinic.get("/patients?q=Lee").page.text
    for typed in ("Lea", "P00000999", "1941", "zzzz"):  # too short, a number, like nobody
        assert "similar names" not in clinic.get("/patients?q=" + typed).page.text, typed


def test_a_word_of_two_scripts_is_looked_for_whole(clinic):
    for typed in "a\u0436aa", "b\u0436or", "ph\u0436aa", "x\u0436\u0436\u0436", "a\u738b\u738b\u738b":
        answer = clinic.get("/patients?q=" + urllib.parse.quote(typed))
        assert answer.status == 200 and "Register " + typed in answer.page.text, typed


LONG = "Maria Teresa de la Luz García Hernández López Ruiz"


def test_words_after_the_eighth_narrow_too(clinic):
    for last in ("Soto", "Vega"):
        clinic.add_patient(f"{LONG} {last}")
    assert found(clinic, f"{LONG} vega") == [f"{LONG} Vega"]
    assert found(clinic, f"{LONG} quux") == []


def test_each_of_several_telephone_numbers_has_to_fit(clinic):
    clinic.add_patient("Bob Ray", phone1="0161 496 0001", phone2="07700 900123")
    clinic.add_patient("Bob Roy", phone1="0161 496 0001", phone2="07700 900999")
    for typed in ("0161 496 0001 bob 07700 900123", "07700 900123 bob 0161 496 0001", "900 bob 0161 496 0001 ray 07700"):
        assert found(clinic, typed) == (["Bob Ray"] if "900123" in typed else []), typed
    assert found(clinic, "0161 496 0001 bob 07700 900555") == []
    assert sorted(found(clinic, "0161 496 0001 bob")) == ["Bob Ray", "Bob Roy"]


def test_few_digits_behind_zeros_list_nobody_but_who_has_them(clinic):
    for name, phone in (("Ann Lee", "0161 496 0001"), ("Bo Lim", "0161 496 0021"), ("Cy Low", "1161 496 0091")):
        clinic.add_patient(name, phone1=phone)
    assert found(clinic, "001") == found(clinic, "0001") == ["Ann Lee"]


def test_digits_of_a_name_find_it(clinic):
    clinic.add_patient("Newborn 1204")
    clinic.add_patient("Newborn 1205")
    assert found(clinic, "newborn 1204") == found(clinic, "1204") == ["Newborn 1204"]
