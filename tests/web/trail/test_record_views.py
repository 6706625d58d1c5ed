"""Who has viewed a record, as its patient is told: visits and changes with names and roles, the lists
as one count, by person and by day, and in French."""
import re

import pytest
from test_people import join


def lines(page):
    """Each line as its people, roles and deeds, the newest first."""
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", line)).strip()
            for line in re.findall(r"<li>\n<p class=\"by\">.*?</p>(.*?)</li>", page.text, re.S)]


@pytest.fixture
def viewed(server, clinic):
    """A record that its administrator has written and listed, and that Bo Brown has opened thrice."""
    patient = clinic.add_patient("Ada Lovelace")
    clinic.add_patient("Ben Reed")
    for path in ("/dashboard", "/patients", "/patients?q=ada"):
        assert "Ada Lovelace" in clinic.get(path).text
    bo = join(server, clinic, roles=("front_desk",))
    for path in ("", "/history", ""):
        assert bo.get(patient + path).status == 200
    return clinic, patient


def test_each_line_is_a_visit_or_a_change_with_name_and_role(viewed):
    clinic, patient = viewed
    page = clinic.get(patient + "/accesses")
    assert page.status == 200 and 'class="banner"' in page.text
    told = lines(page)
    assert len(told) == 2
    assert told[0] == "Bo Brown (Front desk) Opened the record Looked at earlier versions of the record"
    assert told[1].startswith("Ada Admin (Administrator, Clinician) Added the patient")
    assert re.search(r"<li>\n<p class=\"by\"><time datetime=\"[^\"]+Z\">[^<]+</time>", page.text)
    assert "Searched for" not in page.text and "list of patients" not in page.text
    assert "also appeared in lists and search results 3 times." in page.page.text


def test_lists_have_a_page_of_their_own(viewed):
    clinic, patient = viewed
    href = re.search(r'href="([^"]*lists=yes[^"]*)"', clinic.get(patient + "/accesses").text)[1]
    page = clinic.get(href.replace("&amp;", "&"))
    told = lines(page)
    assert len(told) == 1 and told[0].startswith("Ada Admin")
    assert "Searched for patients" in told[0] and "Opened the list of patients" in told[0]
    assert "Opened the record" not in page.text and "also appeared" not in page.text


def test_a_person_is_chosen_from_those_who_came(viewed):
    clinic, patient = viewed
    page = clinic.get(patient + "/accesses")
    people = dict((name, key) for key, name in re.findall(r'<option value="([0-9a-f-]{36})" >([^<]+)</option>',
                                                          page.text))
    assert set(people) == {"Ada Admin", "Bo Brown"}
    told = clinic.get(f"{patient}/accesses?person={people['Bo Brown']}")
    assert [line.split(" (")[0] for line in lines(told)] == ["Bo Brown"]
    assert "also appeared" not in told.text and "selected" in told.text
    assert clinic.get(f"{patient}/accesses?person=nobody").status == 400


def test_days_narrow_and_a_wrong_one_is_told(viewed):
    clinic, patient = viewed
    assert lines(clinic.get(patient + "/accesses?to=2001-01-01")) == []
    assert "No events match." in clinic.get(patient + "/accesses?to=2001-01-01").text
    assert len(lines(clinic.get(patient + "/accesses?from=2001-01-01"))) == 3  # and the look at this page
    wrong = clinic.get(patient + "/accesses?from=31.02.2026")
    assert wrong.status == 422 and 'value="31.02.2026"' in wrong.text and lines(wrong) == []


def test_it_is_told_in_french(viewed):
    clinic, patient = viewed
    clinic.post("/account/language", {"csrf_token": clinic.token("/account"), "language": "fr"})
    page = clinic.get(patient + "/accesses")
    assert "Qui a consulté ce dossier" in page.text
    assert lines(page)[0] == "Bo Brown (Accueil) A ouvert le dossier A consulté des versions antérieures du dossier"
    assert "aussi apparu 3 fois" in page.page.text


def test_another_organisation_has_no_such_record(viewed, server):
    _, patient = viewed
    other = server.organisation()
    assert other.get(patient + "/accesses").status == 404
    assert other.get(patient + "/accesses?lists=yes").status == 404
