"""Editing, conflicts, history, archive, print."""
import pytest


def version_of(clinic, patient):
    return clinic.get(patient + "/edit").page.fields["version"]


def test_an_edit_is_a_new_version_that_the_history_shows(clinic):
    patient = clinic.add_patient("Ann Lee", date_of_birth="1975", phone1="12345")
    form = clinic.get(patient + "/edit").page
    assert form.fields["name"] == "Ann Lee" and form.fields["version"] == "1"
    answer = clinic.post(patient + "/edit", {**form.fields, "name": "Ann Ly", "phone1": ""})
    assert (answer.status, answer.location) == (303, patient)
    page = clinic.get(patient).page.text
    assert "Ann Ly" in page and "12345" not in page
    history = clinic.get(patient + "/history").page.text
    for words in ("Version 2", "Version 1", "Ann Lee → Ann Ly", "12345 → –", "Ada Admin"):
        assert words in history, history
    assert patient in clinic.get("/patients?q=ann+ly").page.links
    assert patient not in clinic.get("/patients?q=lee").page.links


def test_an_earlier_version_comes_back_as_a_new_one(clinic):
    patient = clinic.add_patient("Ann Lee")
    form = clinic.get(patient + "/edit").page.fields
    clinic.post(patient + "/edit", {**form, "name": "Wrong"})
    token = {k: v for k, v in clinic.get(patient + "/history").page.fields.items() if k in ("csrf_token", "version")}
    assert token["version"] == "2"
    assert clinic.post(patient + "/history/1/restore", token).status == 303
    assert "Ann Lee" in clinic.get(patient).page.text
    history = clinic.get(patient + "/history").page.text
    assert "Version 3" in history and "Earlier version restored" in history
    assert clinic.post(patient + "/history/9/restore", token).status == 404
    assert clinic.post(patient + "/history/x/restore", token).status == 404


@pytest.mark.parametrize("seen", ["1", None, "", "0", "x", "2 ", "99", "-2", "9" * 30])
def test_a_version_comes_back_over_what_was_seen_and_nothing_newer(clinic, seen):
    patient = clinic.add_patient("Ann Lee", phone1="12345")
    form = clinic.get(patient + "/edit").page.fields
    assert clinic.post(patient + "/edit", {**form, "phone1": "99999"}).status == 303
    token = {"csrf_token": form["csrf_token"], **({} if seen is None else {"version": seen})}
    answer = clinic.post(patient + "/history/1/restore", token)
    assert answer.status == 409 and "changed since you saw it" in answer.page.text
    assert "99999" in clinic.get(patient).page.text and "Version 3" not in answer.page.text
    assert answer.page.fields["version"] == "2"  # chosen again, on what is there now
    assert clinic.post(patient + "/history/1/restore", answer.page.fields).status == 303
    assert "12345" in clinic.get(patient).page.text


def test_an_archived_record_is_not_replaced_either(clinic):
    patient = clinic.add_patient("Ann Lee")
    form = clinic.get(patient + "/edit").page.fields
    assert clinic.post(patient + "/edit", {**form, "name": "Wrong"}).status == 303
    token = {"csrf_token": form["csrf_token"], "version": "2"}
    assert clinic.post(patient + "/archive", {**token, "reason": "moved"}).status == 303
    answer = clinic.post(patient + "/history/1/restore", {**token, "version": "3"})
    assert answer.status == 409 and "Wrong" in clinic.get(patient).page.text


def test_a_bad_edit_is_422_with_everything_kept(clinic):
    patient = clinic.add_patient("Ann Lee")
    form = clinic.get(patient + "/edit").page.fields
    answer = clinic.post(patient + "/edit", {**form, "name": "", "email": "x", "phone1": "12345"})
    assert answer.status == 422 and "Enter the patient" in answer.page.text
    assert answer.page.fields["email"] == "x" and answer.page.fields["phone1"] == "12345"


def test_archived_patients_leave_the_list_and_come_back(clinic):
    patient = clinic.add_patient("Ann Lee")
    token = {"csrf_token": clinic.token(patient)}
    assert clinic.post(patient + "/archive", {**token, "version": "1", "reason": ""}).status == 422
    assert clinic.post(patient + "/archive", {**token, "version": "7", "reason": "x"}).status == 409
    assert clinic.post(patient + "/archive", {**token, "version": "1", "reason": "moved"}).status == 303
    page = clinic.get(patient).page.text
    assert "archived" in page and "moved" in page
    assert patient not in clinic.get("/patients").page.links
    assert patient in clinic.get("/patients?status=archived").page.links
    assert clinic.get(patient + "/edit").status == 409
    assert clinic.post(patient + "/notes", {**token, "content": "x"}).status == 409
    assert clinic.post(patient + "/restore", {**token, "version": "2"}).status == 303
    assert patient in clinic.get("/patients").page.links
    assert "moved" in clinic.get(patient + "/history").page.text


def test_summary_and_label_name_the_patient(clinic):
    patient = clinic.add_patient("Ann Lee", date_of_birth="1975-04-03", notes="took 5 mg")
    for path, words in (("/print", ("Ann Lee", "1975-04-03", "took 5 mg", "Printed")),
                        ("/label", ("Ann Lee", "1975-04-03", "P0000001"))):
        answer = clinic.get(patient + path)
        assert answer.status == 200
        for word in words:
            assert word in answer.page.text, path


def test_pages_of_another_organisations_patient_are_404(server):
    one, two = server.organisation(), server.organisation()
    patient = one.add_patient("Ann")
    token = {"csrf_token": two.token("/patients/new"), "version": "1", "reason": "x", "name": "x"}
    for path in ("/edit", "/history", "/print", "/label"):
        assert two.get(patient + path).status == 404, path
    for path in ("/edit", "/archive", "/history/1/restore"):
        assert two.post(patient + path, token).status == 404, path
    assert two.post(patient + "/restore", token).status == 404
