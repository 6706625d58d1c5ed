"""Two people change one record at once, and edits that change nothing, make a double, or come too late."""
import re
import sqlite3

import pytest

from test_people import join


def opened(clinic, patient):
    return clinic.get(patient + "/edit").page.fields


def edit(client, patient, **changes):
    return client.post(patient + "/edit", {**opened(client, patient), **changes})


def edits(server, patient):
    """How many events say that it was changed."""
    with sqlite3.connect(server.database) as db:
        return db.execute("SELECT count(*) FROM audit_events WHERE action = 70 AND lower(hex(patient_id)) = ?",
                          (patient.rpartition("/")[2].replace("-", ""),)).fetchone()[0]


def versions(clinic, patient):
    return len(re.findall(r"Version \d+", clinic.get(patient + "/history").page.text))


@pytest.fixture
def colleague(server, clinic):
    return join(server, clinic, name="Cleo Colleague", email="cleo@example.org", roles=("clinician",))


@pytest.fixture
def patient(clinic):
    return clinic.add_patient("Ann Lee", phone1="12345", email="a@example.org", date_of_birth="1975-04-03")


def test_what_only_one_has_touched_is_merged_and_listed_after_saving(clinic, colleague, patient):
    mine = opened(clinic, patient)
    assert edit(colleague, patient, phone1="99999", address="2 Quay").status == 303
    answer = clinic.post(patient + "/edit", {**mine, "email": "b@example.org"})
    assert (answer.status, answer.location) == (303, patient)
    page = clinic.get(patient).page.text
    for words in ("99999", "2 Quay", "b@example.org", "The record is saved.",
                  "Cleo Colleague changed something else meanwhile, and it is kept: Phone; Address."):
        assert words in page, page
    assert "meanwhile" not in clinic.get(patient).page.text  # once


def test_a_clash_has_no_default_and_shows_was_yours_and_theirs(clinic, colleague, patient):
    mine = opened(clinic, patient)
    edit(colleague, patient, phone1="99999", address="2 Quay")
    answer = clinic.post(patient + "/edit", {**mine, "phone1": "77777", "email": "b@example.org", "notes": "seen today"})
    assert answer.status == 409
    for words in ("Cleo Colleague", "Was: 12345", "Yours: 77777", "Theirs: 99999", "Address: 2 Quay ( Cleo Colleague )",
                  "E-mail address: b@example.org (you)"):
        assert words in answer.page.text, answer.page.text
    assert "checked" not in answer.text and "take_phone1" not in answer.page.fields
    undecided = clinic.post(patient + "/edit", answer.page.fields)
    assert undecided.status == 422 and "Choose one for each" in undecided.page.text
    assert versions(clinic, patient) == 2 and "seen today" not in clinic.get(patient).page.text
    assert clinic.post(patient + "/edit", {**undecided.page.fields, "take_phone1": "mine"}).status == 303
    page = clinic.get(patient).page.text
    for words in ("77777", "b@example.org", "2 Quay", "seen today", "kept: Address."):
        assert words in page, page
    assert "12345" not in page and "99999" not in page


def test_what_is_chosen_is_chosen_about_what_was_shown(clinic, colleague, patient):
    mine = opened(clinic, patient)
    edit(colleague, patient, phone1="99999")
    page = clinic.post(patient + "/edit", {**mine, "phone1": "77777"}).page
    edit(colleague, patient, phone1="88888")
    answer = clinic.post(patient + "/edit", {**page.fields, "take_phone1": "mine"})
    assert answer.status == 409 and "Theirs: 88888" in answer.page.text and "checked" not in answer.text
    assert clinic.post(patient + "/edit", {**answer.page.fields, "take_phone1": "theirs"}).status == 303
    page = clinic.get(patient).page.text
    assert "88888" in page and "You changed nothing, so nothing was saved." in page and versions(clinic, patient) == 3


def test_a_name_is_one_question(clinic, colleague):
    patient = clinic.add_patient("", given_name="Ana", family_name="Lima")
    mine = opened(clinic, patient)
    edit(colleague, patient, given_name="Anna")
    answer = clinic.post(patient + "/edit", {**mine, "family_name": "Costa"})
    assert answer.status == 409 and "Yours: Ana Costa" in answer.page.text and "Theirs: Anna Lima" in answer.page.text
    assert clinic.post(patient + "/edit", {**answer.page.fields, "take_name": "mine"}).status == 303
    assert opened(clinic, patient)["given_name"] == "Ana" and opened(clinic, patient)["name"] == "Ana Costa"


def test_both_together_are_judged_too(clinic, colleague, patient):
    mine = opened(clinic, patient)
    edit(colleague, patient, date_of_birth="2001-01-01")
    answer = clinic.post(patient + "/edit", {**mine, "deceased_date": "1999-01-01"})
    assert answer.status == 422 and "before the date of birth" in answer.page.text
    assert answer.page.fields["date_of_birth"] == "2001-01-01" and answer.page.fields["deceased_date"] == "1999-01-01"


def test_an_edit_that_changes_nothing_says_so_and_leaves_nothing(server, clinic, patient):
    assert clinic.post(patient + "/edit", opened(clinic, patient)).status == 303
    assert "You changed nothing, so nothing was saved." in clinic.get(patient).page.text
    assert versions(clinic, patient) == 1 and edits(server, patient) == 0
    assert edit(clinic, patient, phone1="77777").status == 303 and edits(server, patient) == 1


def test_an_edit_that_makes_a_double_warns_once_and_blocks_nothing(clinic, patient):
    other = clinic.add_patient("Unknown male", phone1="55555")
    form = {**opened(clinic, other), "name": "Ann Lee", "date_of_birth": "1975-04-03"}
    answer = clinic.post(other + "/edit", form)
    assert answer.status == 200 and "This is a different person: save" in answer.page.text
    assert versions(clinic, other) == 1 and answer.page.fields["name"] == "Ann Lee"
    assert clinic.post(other + "/edit", answer.page.fields).status == 303
    assert "Ann Lee" in clinic.get(other).page.text
    assert clinic.post(other + "/edit", {**opened(clinic, other), "phone1": "66666"}).status == 303


def test_an_edit_that_takes_anothers_identifier_warns(clinic):
    clinic.add_patient("Bo Ek", national_id="AB 12-34")
    other = clinic.add_patient("Ann Lee")
    answer = clinic.post(other + "/edit", {**opened(clinic, other), "national_id": "ab1234"})
    assert answer.status == 200 and "the same national identifier" in answer.page.text
    assert clinic.post(other + "/edit", answer.page.fields).status == 303


def test_a_double_that_two_edits_make_together_is_asked_about_once(clinic, colleague, patient):
    other = clinic.add_patient("Unknown", date_of_birth="1990")
    mine = opened(clinic, other)
    edit(colleague, other, date_of_birth="1975-04-03")
    answer = clinic.post(other + "/edit", {**mine, "name": "Ann Lee", "email": "x@example.org"})
    assert answer.status == 200 and answer.page.fields["date_of_birth"] == "1975-04-03"
    assert answer.page.fields["email"] == "x@example.org"
    assert clinic.post(other + "/edit", answer.page.fields).status == 303


def test_whoever_comes_too_late_reads_that_it_is_archived_and_who_can_help(clinic, colleague, patient):
    mine = opened(colleague, patient)
    assert clinic.submit(patient + "/archive", patient, version="1", reason="moved away").status == 303
    page = colleague.get(patient + "/edit")
    assert page.status == 409
    for words in ("This record is archived", "Ada Admin", "moved away", "Whoever archived it can restore it"):
        assert words in page.page.text, page.page.text
    assert "Restore from the archive" not in page.page.text
    late = colleague.post(patient + "/edit", {**mine, "address": "2 Quay"})
    assert late.status == 409 and "2 Quay" in late.page.text and "Nothing of your form has been saved" in late.page.text
    refused = colleague.post(patient + "/restore", {"csrf_token": mine["csrf_token"], "version": "2"})
    assert refused.status == 403 and "Whoever archived it can restore it" in refused.page.text


def test_whoever_archived_it_restores_it(clinic, colleague, patient):
    token = {"csrf_token": colleague.token(patient), "version": "1"}
    assert colleague.post(patient + "/archive", {**token, "reason": "by mistake"}).status == 303
    page = colleague.get(patient + "/edit").page
    assert "You can restore it" in page.text and "Restore from the archive" in page.text
    assert colleague.post(patient + "/restore", page.fields).status == 303
    assert "archived" not in colleague.get(patient).page.text
