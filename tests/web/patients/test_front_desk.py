"""The front desk: who a patient is, and nothing of what a clinician wrote."""
import pytest

from test_people import join

SECRET = "took 5 mg of zolpidem"


@pytest.fixture
def desk(server, clinic):
    """@return (a client at the front desk, a patient's path whose note is not theirs)"""
    patient = clinic.add_patient("Ann Lee", date_of_birth="1975-04-03", notes=SECRET)
    return join(server, clinic, roles=("front_desk",)), patient


@pytest.mark.parametrize("page", ["", "/edit", "/history", "/print", "/label"])
def test_the_front_desk_sees_who_a_patient_is_and_no_note(clinic, desk, page):
    person, patient = desk
    answer = person.get(patient + page)
    assert answer.status == 200
    assert "Ann Lee" in answer.page.text and "1975-04-03" in answer.page.text
    for word in ("zolpidem", "5 mg"):
        assert word not in answer.text
    if page in ("", "/print"):
        assert SECRET in clinic.get(patient + page).page.text  # or the test says nothing


def test_no_search_of_the_front_desk_finds_a_note(desk):
    person, patient = desk
    for query in ("zolpidem", "took", "5+mg"):
        answer = person.get(f"/patients?q={query}")
        assert answer.status == 200 and patient not in answer.page.links
        assert SECRET not in answer.text
    assert patient in person.get("/patients?q=lee").page.links


def test_the_front_desk_changes_demographics(clinic, desk):
    person, patient = desk
    answer = person.submit(patient + "/edit", name="Ann Lee-Moss", date_of_birth="1975-04-03")
    assert answer.status == 303
    assert "Ann Lee-Moss" in person.get(patient).page.text
    assert SECRET in clinic.get(patient).page.text  # nothing of the record was lost
    added = person.add_patient("New Person")
    assert person.get(added).status == 200


def test_the_front_desk_writes_no_note_and_takes_no_file(clinic, desk):
    person, patient = desk
    token = {"csrf_token": person.token("/patients/new"), "version": "1"}
    for path in (patient + "/notes", patient + "/archive", patient + "/restore"):
        assert person.post(path, {**token, "content": "x", "reason": "x"}).status == 403, path
    assert "/notes" not in "".join(form.get("action", "") for form in person.get(patient).page.forms)
    for path in ("/patients/export.csv", "/patients/export.csv?all=1", "/patients/import"):
        answer = person.get(path)
        assert answer.status == 403 and SECRET not in answer.text, path


def test_a_note_typed_at_the_front_desk_is_refused_not_dropped(desk):
    person, patient = desk
    answer = person.submit("/patients/new", name="Typed There", notes="zolpidem again")
    assert answer.status == 403
    assert "You need the role Clinician for this" in answer.page.text  # not the one that they have
    assert "Typed There" not in person.get("/patients").text
    form = person.get(patient + "/edit").page.fields
    answer = person.post(patient + "/edit", {**form, "phone1": "12345", "notes": "zolpidem again"})
    assert answer.status == 403 and "You need the role Clinician for this" in answer.page.text
    assert "12345" not in person.get(patient).page.text
