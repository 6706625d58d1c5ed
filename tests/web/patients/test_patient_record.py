"""The record: all its fields, likely duplicates, notes."""
import re

import pytest

FULL = {
    "given_name": "Zoë", "family_name": "Ångström", "former_name": "Zoë Lind",
    "preferred_name": "Zo", "date_of_birth": "1975-04-03", "sex": "female", "pronouns": "she/her",
    "phone1": "+46 8 123 456", "phone2": "070-1234567", "phone3": "(08) 99 88 77",
    "email": "zoe@example.org", "address": "Storgatan 1\n111 22 Stockholm",
    "national_id": "19750403-1234", "language": "Swedish",
    "general_practitioner": "Dr Åsa Ek, Söder", "contact_name": "Olle",
    "contact_relation": "husband", "contact_phone": "08 555 55 55"}


def test_every_field_is_kept_and_shown(clinic):
    page = clinic.get(clinic.add_patient("", **FULL)).page.text
    assert "Zoë Ångström" in page
    for name, value in FULL.items():
        assert {"sex": "Female"}.get(name, value).replace("\n", " ") in page, name


def test_a_field_of_the_table_is_on_every_page_of_a_record(clinic):
    patient = clinic.add_patient("Ann", general_practitioner="Dr Ek")
    mine, theirs = clinic.get(f"{patient}/edit").page.fields, clinic.get(f"{patient}/edit").page.fields
    assert mine["general_practitioner"] == "Dr Ek"
    assert clinic.post(f"{patient}/edit", {**theirs, "general_practitioner": "Dr Theirs"}).status == 303
    conflict = clinic.post(f"{patient}/edit", {**mine, "general_practitioner": "Dr Mine"})
    assert conflict.status == 409
    assert all(text in conflict.page.text for text in ("General practitioner", "Dr Mine", "Dr Theirs"))
    history = clinic.get(f"{patient}/history").page.text
    assert "General practitioner: Dr Ek → Dr Theirs" in history
    assert "Dr Theirs" in clinic.get(f"{patient}/print").page.text
    assert "Médecin traitant Dr Theirs" in clinic.get(patient, Accept_Language="fr").page.text
    assert "Dr Theirs" in clinic.get("/patients/export.csv").text
    assert "Ann" not in clinic.get("/patients?q=Theirs").text.split('id="results"')[1]


@pytest.mark.parametrize("field,value,message", [
    ("phone1", "call me", "3 to 15 digits"), ("email", "nobody", "name@example.org"),
    ("sex", "x", "choose one of the list"), ("age", "old", "whole years"),
    ("age", "131", "whole years"), ("deceased_date", "2999-01-01", "in the future"),
    ("deceased_date", "1970-01-01", "before the date of birth"),
    ("deceased", "yes", "tick it")])
def test_each_wrong_field_is_named_and_kept(clinic, field, value, message):
    answer = clinic.submit("/patients/new", name="Ann", date_of_birth="1975-04-03",
                           **{field: value})
    assert answer.status == 422 and message in answer.page.text
    assert f'href="#{field}"' in answer.text
    if field not in ("sex", "deceased"):
        assert answer.page.fields[field] == value


def test_about_n_years_old_is_an_age_and_no_date(clinic):
    page = clinic.get(clinic.add_patient("Unknown Man", age="40")).page.text
    assert "about 40" in page and "Born Not known" in page


@pytest.mark.parametrize("first,second,warns", [
    ({"name": "Anna Müller", "date_of_birth": "1975-04-03"},
     {"name": "Anna Mueller", "date_of_birth": "1975-04-03"}, "same date of birth"),
    ({"name": "Anna Müller", "date_of_birth": "1975-04-03"},
     {"name": "Bob Smith", "date_of_birth": "1975-04-03"}, None),
    ({"name": "Anna Müller", "date_of_birth": "1975-04-03"},
     {"name": "Anna Müller", "date_of_birth": "1976-12-24"}, None),
    ({"name": "Anna Müller", "national_id": "AB 12.34"},
     {"name": "Bob Smith", "national_id": "ab1234"}, "same national identifier"),
    ({"name": "Anna Müller", "phone1": "0123 456"},
     {"name": "Ana Müller", "phone2": "0123-456"}, "same phone number")])
def test_a_likely_duplicate_warns_and_does_not_block(clinic, first, second, warns):
    path = clinic.add_patient(**first)
    answer = clinic.submit("/patients/new", **second, notes="typed")
    if not warns:
        assert answer.status == 303
        return
    assert answer.status == 200 and warns in answer.page.text and path in answer.page.links
    fields = answer.page.fields
    for name, value in {**second, "notes": "typed"}.items():
        assert fields[name] == value
    again = clinic.post("/patients/new", fields)
    assert again.status == 303 and again.location != path


def test_other_organisations_patients_are_no_duplicates(server):
    one, two = server.organisation(), server.organisation()
    one.add_patient("Anna Müller", date_of_birth="1975-04-03", national_id="X1")
    two.add_patient("Anna Müller", date_of_birth="1975-04-03", national_id="X1")


def note_paths(answer, patient):
    """The notes on a record's page, the newest first."""
    return [f"{patient}/notes/{note}" for note in re.findall(r'id="note-([^"]+)"', answer.text)]


def test_a_draft_is_changed_then_signed_and_then_never_changes(clinic):
    patient = clinic.add_patient("Ann")
    token = {"csrf_token": clinic.token(patient)}
    assert clinic.post(patient + "/notes", {**token, "content": "first try"}).status == 303
    note = note_paths(clinic.get(patient), patient)[0]
    assert "draft" in clinic.get(patient).page.text
    assert clinic.post(note, {**token, "version": "1", "content": "second try"}).status == 303
    assert clinic.post(note + "/sign", {**token, "version": "1"}).status == 409  # it was not seen
    assert clinic.post(note + "/sign", {**token, "version": "2"}).status == 303
    assert clinic.post(note, {**token, "version": "2", "content": "third try"}).status == 409
    assert clinic.post(note + "/sign", {**token, "version": "2"}).status == 409
    text = clinic.get(patient).page.text
    assert "second try" in text and "first try" not in text and "third try" not in text


def test_signed_notes_get_addenda_and_are_marked_as_errors(clinic):
    patient = clinic.add_patient("Ann", notes="took 5 mg")
    token = {"csrf_token": clinic.token(patient)}
    note = note_paths(clinic.get(patient), patient)[0]
    assert clinic.post(note + "/addendum", {**token, "content": "it was 50 mg"}).status == 303
    empty = clinic.post(note + "/error", {**token, "reason": " "})
    assert empty.status == 422 and "Say why" in empty.page.text and "Ann" in empty.page.text
    assert "to a note entered in error" not in clinic.get(patient).page.text
    assert clinic.post(note + "/error", {**token, "reason": "wrong patient"}).status == 303
    assert clinic.post(note + "/error", {**token, "reason": "again"}).status == 409
    assert clinic.post(note + "/addendum", {**token, "content": "more"}).status == 409
    page = clinic.get(patient).page.text
    for words in ("took 5 mg", "it was 50 mg", "addendum", "entered in error", "wrong patient"):
        assert words in page
    for path in (patient, patient + "/print"):  # nobody acts on what was added to it
        assert clinic.get(path).page.text.count("addendum to a note entered in error") == 1


def test_a_long_timeline_comes_in_pages_that_leave_nothing_out(clinic):
    patient = clinic.add_patient("Ann")
    token = {"csrf_token": clinic.token(patient)}
    for number in range(45):
        clinic.post(patient + "/notes", {**token, "content": f"note <{number}>", "sign": "1"})
    page = clinic.get(patient)
    while (older := re.search(r'href="([^"]+)">Older notes<', page.text)):
        page = clinic.get(older[1].partition("#")[0])
    oldest = note_paths(page, patient)[-1]
    clinic.post(oldest + "/addendum", {**token, "content": "added later"})
    seen, pages = [], []
    page = clinic.get(patient)
    while True:
        pages.append(page)
        seen += re.findall(r"note &lt;\d+&gt;|added later", page.text)
        older = re.search(r'href="([^"]+)">Older notes<', page.text)
        if not older:
            break
        page = clinic.get(older[1].partition("#")[0])
    assert seen == [f"note &lt;{n}&gt;" for n in range(44, -1, -1)] + ["added later"]
    assert len(pages) == 3 and all(len(page.body) < 40000 for page in pages)
    assert ["Newest notes" in page.text for page in pages] == [False, True, True]
    printed = clinic.get(patient + "/print").text
    assert re.findall(r"note &lt;\d+&gt;|added later", printed) == seen
    assert "Only the latest notes are printed" not in printed
    assert clinic.get(patient + "?notes_before=x").status == 400


def test_long_notes_share_a_page_with_fewer_others(clinic):
    patient = clinic.add_patient("Ann")
    token = {"csrf_token": clinic.token(patient)}
    for number in range(6):
        clinic.post(patient + "/notes", {**token, "content": f"<{number}>" + "x" * 7000, "sign": "1"})
    page = clinic.get(patient)
    assert re.findall(r"&lt;(\d)&gt;", page.text) == ["5", "4"] and "Older notes" in page.text


def test_a_note_has_64_kb_and_no_more(clinic):
    patient = clinic.add_patient("Ann")
    token = {"csrf_token": clinic.token(patient)}
    kept = clinic.post(patient + "/notes", {**token, "content": "é" * 32768, "sign": "1"})
    assert kept.status == 303
    long = clinic.post(patient + "/notes", {**token, "content": "é" * 32769})
    assert long.status == 422 and long.page.fields["content"] == "é" * 32769


def test_notes_of_another_organisation_are_404(server):
    one, two = server.organisation(), server.organisation()
    patient = one.add_patient("Ann", notes="secret")
    note = note_paths(one.get(patient), patient)[0]
    token = {"csrf_token": two.token("/patients/new")}
    for path in (patient + "/notes", note, note + "/addendum"):
        assert two.post(path, {**token, "content": "x"}).status == 404, path
    assert two.post(note + "/sign", token).status == 404
    assert two.post(note + "/error", {**token, "reason": "x"}).status == 404


@pytest.mark.parametrize("typed, stored", [
    ("4/13/1961", "1961-04-13"), ("13/4/1961", "1961-04-13"), ("13-4-1961", "1961-04-13"),
    ("3.4.1961", "1961-04-03"), ("4/4/1961", "1961-04-04"), ("3 Apr 1961", "1961-04-03"),
    ("Apr 3, 1961", "1961-04-03"), ("4/1961", "1961-04"), ("1961", "1961")])
def test_a_date_with_one_reading_is_read(clinic, typed, stored):
    path = clinic.add_patient("Ann", date_of_birth=typed)
    assert f'datetime="{stored}"' in clinic.get(path).text


@pytest.mark.parametrize("typed", ["03/04/1961", "3-4-1961", "3 4 1961"])
def test_a_date_with_two_readings_is_asked_back_and_never_guessed(clinic, typed):
    answer = clinic.submit("/patients/new", name="Ann", date_of_birth=typed)
    assert answer.status == 422 and "Is this 3 Apr 1961 or 4 Mar 1961?" in answer.page.text
    assert answer.page.fields["date_of_birth"] == typed
    form = clinic.get("/organisation").page.fields
    assert clinic.post("/organisation", {**form, "date_format": "3"}).status == 303
    path = clinic.add_patient("Ann", date_of_birth="03/04/1961")
    assert 'datetime="1961-03-04"' in clinic.get(path).text


def test_fields_beside_a_record_take_what_the_server_takes(clinic):
    patient = clinic.add_patient("Ann Lee")
    page = clinic.get(patient).text
    assert re.search(r'<textarea id="content"[^>]* maxlength="65536"', page)
    assert re.search(r'id="archive-reason"[^>]* maxlength="500"', page)


def test_controls_of_direction_reach_no_further_than_their_line(clinic):
    patient = clinic.add_patient("Ann Lee", address="\u202eteertS hgiH\n1 Elm Road",
                                 notes="\u2067\u05e9\u05dc\u05d5\u05dd 5 mg\ntake \u202e51\u202c mg")
    text = clinic.get(patient).text
    assert not any(control in text for control in "\u202a\u202b\u202c\u202d\u202e")
    assert "\ufffdteertS hgiH" in text and "take \ufffd51 mg" in text
    assert "\u2067\u05e9\u05dc\u05d5\u05dd 5 mg\u2069" in text  # as written, and closed
