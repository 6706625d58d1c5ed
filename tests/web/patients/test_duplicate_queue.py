"""Likely doubles over the whole register, as people go through them: they appear by themselves, are said to
be different people or merged, and what was said is found again and taken back."""
import re

from harness import until
from test_merge import merge, number, of
from test_patient_import import at_rest, check, post, run
from test_people import join

QUEUE = "/patients/duplicates"


def pairs(clinic, query=""):
    """@return the page when everybody has been compared, and its pairs: (path, other's id)"""
    def settled():
        answer = clinic.get(QUEUE + query)
        return answer if "Records are being compared" not in answer.text else None
    answer = until(settled, 60)
    return answer, re.findall(r'action="(/patients/[^/"]+)/apart(?:/undo)?".*?name="other" value="([^"]+)"',
                              answer.text, re.S)


def two(clinic):
    ana = clinic.add_patient("Ana Lima", date_of_birth="1980-04-03", phone1="0161 496 0000", address="2 Quay")
    form = clinic.submit("/patients/new", name="Anna Lima", date_of_birth="1980-03-04", phone1="0161 496 0000")
    anna = clinic.post("/patients/new", form.page.fields).location if form.status == 200 else form.location
    return ana.split("?")[0], anna.split("?")[0]


def test_a_pair_appears_by_itself_side_by_side_with_the_reasons(clinic):
    ana, anna = two(clinic)
    answer, found = pairs(clinic)
    assert found == [(ana, of(anna))]
    for said in ("Ana Lima and Anna Lima", "a similar name", "day and month the other way round",
                 "the same phone number", "2 Quay", number(clinic, ana), number(clinic, anna)):
        assert said in answer.page.text, said
    assert f'href="{QUEUE}"' in clinic.get("/patients").text
    assert f"{ana}/merge?other={of(anna)}" in answer.page.links


def said(clinic, path, other, verb="apart"):
    token = clinic.token(QUEUE)
    answer = clinic.post(f"{path}/{verb}", {"csrf_token": token, "other": other})
    assert (answer.status, answer.location) == (303, QUEUE), answer.text
    return clinic.get(QUEUE).page.text


def test_not_the_same_person_is_remembered_with_who_and_when_and_taken_back(server, clinic):
    ana, anna = two(clinic)
    pairs(clinic)
    desk = join(server, clinic, roles=("front-desk",), name="Dora Desk", email="dora@example.org")
    assert "Noted: they are different people." in said(desk, ana, of(anna))
    assert pairs(clinic)[1] == []
    form = clinic.get(f"{ana}/edit").page.fields
    assert clinic.post(f"{ana}/edit", {**form, "address": "3 Quay"}).status == 303  # asks nothing any more
    assert pairs(clinic)[1] == []
    answer, found = pairs(clinic, "?show=apart")
    assert found == [(ana, of(anna))] and "Dora Desk" in answer.page.text
    assert "Taken back" in said(clinic, ana, of(anna), "apart/undo")
    assert pairs(clinic)[1] == [(ana, of(anna))] and pairs(clinic, "?show=apart")[1] == []
    trail = clinic.get("/audit").page.text
    assert "Said that two records are of different people" in trail
    assert "Took back that two records are of different people" in trail


def test_who_are_merged_are_no_pair_and_a_late_word_leads_on(clinic):
    ana, anna = two(clinic)
    pairs(clinic)
    merge(clinic, ana, anna)
    assert pairs(clinic)[1] == []
    token = clinic.token(QUEUE)
    assert clinic.post(f"{ana}/apart", {"csrf_token": token, "other": of(anna)}).status == 404
    late = clinic.post(f"{anna}/apart", {"csrf_token": token, "other": of(ana)})
    assert late.status == 409 and "merged into another one" in late.page.text


def test_the_merge_page_says_it_too(clinic):
    ana, anna = two(clinic)
    page = clinic.get(f"{ana}/merge?other={of(anna)}").text
    assert f'action="{ana}/apart"' in page and "Not the same person" in page
    said(clinic, ana, of(anna))
    assert of(anna) not in clinic.get(f"{ana}/merge").text


def test_an_import_is_compared_when_it_shows_and_its_undo_clears_the_list(clinic):
    clinic.add_patient("Ben Reed", date_of_birth="1971-05-06")
    path, _ = run(clinic, b"name,date_of_birth\nBenn Reed,1971-05-06\nZoe Ash,1955-12-01\n", doubles="import")
    assert len(pairs(clinic)[1]) == 1
    undone = clinic.post(f"{path}/undo", {"csrf_token": clinic.token(path)})
    assert undone.status == 303
    until(lambda: "Benn Reed" not in clinic.get("/patients").text, 60)
    until(lambda: pairs(clinic)[1] == [], 60)


def test_pages_of_the_list_are_turned_and_nonsense_is_refused(clinic):
    given = "Aba Ebe Ifi Ogo Uku Ymy Ana Ede Ici Opo Utu Yry".split()
    family = "Brandt Cloze Dripps Flumm Gwynne Hrothgar Jinx Klopp Munge Plaza Quartz Stumm".split()
    people = "".join(f"{first} {last},{1940 + 3 * i}-05-{10 + i}\n" * 2
                     for i, (first, last) in enumerate(zip(given, family)))
    path, _ = check(clinic, ("name,date_of_birth\n" + people).encode())
    assert post(clinic, path, "commit", doubles="import").status == 303
    at_rest(clinic, path)
    answer, first = pairs(clinic)
    further, = [link for link in answer.page.links if "after=" in link]
    following, second = pairs(clinic, further.replace(QUEUE, ""))
    assert (len(first), len(second)) == (10, 2) and not set(first) & set(second)
    assert "<span>1–10</span>" in answer.text and "<span>11–12</span>" in following.text
    for nonsense in ("?show=x", "?after=1", "?after=x.y.z", "?after=1.2.3"):
        assert clinic.get(QUEUE + nonsense).status in (400, 404), nonsense


def test_a_record_without_known_allergies_merged_with_one_that_has_some_shows_them(clinic):
    ana, anna = two(clinic)
    token = clinic.token(ana)
    clinic.post(f"{ana}/allergies", {"csrf_token": token, "none_known": "1"})
    assert "No known allergies" in clinic.get(ana).page.text
    clinic.post(f"{anna}/allergies", {"csrf_token": token, "substance": "Penicillin", "status": "active",
                                      "severity": "severe"})
    merge(clinic, ana, anna)
    banner = re.search(r'class="banner".*?</dl>', clinic.get(ana).text, re.S)[0]
    assert "Penicillin" in banner and "No known allergies" not in banner
    listed = clinic.get(f"{ana}/allergies").page
    item, = {link for link in listed.links if re.fullmatch(r"/patients/[^/]+/allergies/[^/]+", link)}
    gone = clinic.post(item, {**clinic.get(item).page.fields, "substance": "Penicillin", "status": "resolved"})
    assert gone.status == 303
    assert "No known allergies" not in re.search(r'class="banner".*?</dl>', clinic.get(ana).text, re.S)[0]
    form = clinic.get(f"{ana}/unmerge?other={of(anna)}").page.fields
    assert clinic.post(f"{ana}/unmerge", form).status == 303
    assert "No known allergies" in clinic.get(ana).page.text
    assert "No known allergies" not in clinic.get(anna).page.text
