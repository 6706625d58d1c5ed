"""A draft is nobody's to overwrite: not another window's, not what the page saves by itself."""
import contextlib
import json
import re
import sqlite3

import pytest

from harness import until
from test_patient_record import note_paths
from test_people import join


@pytest.fixture
def patient(clinic):
    return clinic.add_patient("Ann Able").split("?")[0]


def draft(clinic, patient, content="first"):
    """Begin a draft; its path and what its form carries."""
    form = clinic.get(patient).page.fields
    assert clinic.post(f"{patient}/notes", {**form, "content": content, "draft": "1"}).status == 303
    note = note_paths(clinic.get(patient), patient)[0]
    return note, opened(clinic, patient, note)


def opened(clinic, patient, note):
    answer = clinic.get(f"{patient}?write={note.rsplit('/', 1)[1]}")
    form = answer.text.split(f'action="{note}"')[1].split("</form>")[0]
    return {**answer.page.fields, "version": re.search(r'name="version" value="(\d+)"', form)[1]}


def composers(text):
    return re.findall(r"<textarea[^>]* name=\"content\"", text)


def test_one_note_is_written_at_a_time(clinic, patient):
    token = {"csrf_token": clinic.token(patient)}
    for text, how in (("one", "draft"), ("two", "draft"), ("three", "sign"), ("four", "sign")):
        clinic.post(f"{patient}/notes", {**token, "content": text, how: "1"})
    page = clinic.get(patient)
    assert len(composers(page.text)) == 1 and 'action="%s/notes"' % patient in page.text
    assert page.page.text.count("Continue writing") == 2
    for href in re.findall(r'href="([^"]+write=[^"]+)"', page.text):
        shown = clinic.get(href.replace("&amp;", "&").partition("#")[0])
        assert len(composers(shown.text)) == 1, href
        assert 'action="%s/notes"' % patient not in shown.text and "Write a new note" in shown.page.text
    for nobody in ("x", "00000000-0000-0000-0000-000000000000"):
        assert len(composers(clinic.get(f"{patient}?write={nobody}").text)) == 1


def test_what_another_window_saved_is_shown_beside_what_was_typed(clinic, patient):
    note, here = draft(clinic, patient)
    there = opened(clinic, patient, note)
    assert clinic.post(note, {**here, "content": "AAA"}).status == 303
    for button in ("draft", "sign"):
        answer = clinic.post(note, {**there, "content": "BBB", button: "1"})
        assert answer.status == 409 and "saved in another window" in answer.page.text
        assert "AAA" in answer.page.text and answer.page.fields["content"] == "BBB"
    assert "BBB" not in clinic.get(patient).text
    both = {**answer.page.fields, "content": "AAA and BBB", "draft": "1"}
    saved = clinic.post(note, both)
    assert saved.status == 303 and "#note-" in saved.location
    page = clinic.get(patient).page.text
    assert "AAA and BBB" in page and "Draft saved" in page
    again = clinic.post(note, both)  # whose answer was lost
    assert again.location == saved.location
    assert clinic.get(patient).text.count("AAA and BBB") == 1


def test_what_was_typed_into_a_draft_that_is_signed_by_now_is_an_addendum_if_the_person_wants(clinic, patient):
    note, form = draft(clinic, patient)
    clinic.post(note, {**form, "content": "signed text", "sign": "1"})
    answer = clinic.post(note, {**form, "content": "what I typed"})
    assert answer.status == 409 and "signed meanwhile" in answer.page.text and "signed text" in answer.page.text
    assert answer.page.fields["content"] == "what I typed"
    assert f'action="{note}/addendum"' in answer.text
    assert clinic.post(f"{note}/addendum", answer.page.fields).status == 303
    assert "what I typed" in clinic.get(patient).text


def test_what_was_typed_into_a_draft_that_was_an_error_becomes_a_note_of_its_own(clinic, patient):
    note, form = draft(clinic, patient)
    clinic.post(f"{note}/error", {**form, "reason": "not hers"})
    answer = clinic.post(note, {**form, "content": "what I typed"})
    assert answer.status == 409 and answer.page.fields["content"] == "what I typed"
    assert clinic.post(f"{patient}/notes", {**answer.page.fields, "sign": "1"}).status == 303
    assert "what I typed" in clinic.get(patient).text


@pytest.mark.parametrize("button", ("sign", "draft"))
def test_what_a_page_began_and_another_discarded_is_saved_as_a_note_of_its_own(clinic, patient, button):
    form = clinic.get(patient).page.fields
    _, made = autosave(clinic, f"{patient}/notes", form, content="what I typed")
    assert clinic.post(made["href"] + "/discard", {**form, "version": "1", "content": "what I typed"}).status == 303
    sent = {**form, "version": "1", "content": "what I typed", "autosave": "before", button: "1"}
    answer = clinic.post(made["href"], sent)
    assert answer.status == 409 and f'action="{patient}/notes"' in answer.text
    saved = clinic.post(f"{patient}/notes", {**answer.page.fields, button: "1"})
    assert saved.status == 303 and made["href"].rsplit("/", 1)[1] not in saved.location
    page = clinic.get(saved.location.partition("#")[0])
    assert ("Note signed" if button == "sign" else "Draft saved") in page.page.text
    assert page.page.text.count("what I typed") == 1  # the discarded one is not shown
    assert note_paths(page, patient)[0].endswith(saved.location.partition("#note-")[2])


def test_signing_again_when_the_answer_was_lost_is_no_conflict(clinic, patient):
    note, form = draft(clinic, patient)
    sign = {**form, "content": "signed text", "sign": "1"}
    first, again = clinic.post(note, sign), clinic.post(note, sign)
    assert first.status == again.status == 303 and first.location == again.location
    page = clinic.get(patient).page.text
    assert page.count("signed text") == 1 and "Note signed" in page


def test_after_saving_the_page_says_so_once_and_opens_at_the_note(clinic, patient):
    form = clinic.get(patient).page.fields
    saved = clinic.post(f"{patient}/notes", {**form, "content": "x", "sign": "1"})
    path, _, place = saved.location.partition("#")
    page = clinic.get(path)
    assert "Note signed" in page.page.text and f'id="{place}"' in page.text
    assert "Note signed" not in clinic.get(path).page.text


def autosave(clinic, path, form, **typed):
    answer = clinic.post(path, {**form, **typed, "autosave": "1"})
    return answer.status, json.loads(answer.text)


def test_the_page_saves_a_draft_by_itself_and_asks_again_when_the_answer_was_lost(clinic, patient):
    form = clinic.get(patient).page.fields
    status, made = autosave(clinic, f"{patient}/notes", form, content="I")
    assert status == 200 and made["version"] == 1 and "saved" in made["said"]
    assert autosave(clinic, f"{patient}/notes", form, content="I")[1] == made
    status, more = autosave(clinic, f"{patient}/notes", form, content="I be")
    assert (status, more["href"], more["version"]) == (200, made["href"], 2)
    page = clinic.get(patient)
    assert "I be" in page.page.text and note_paths(page, patient) == [made["href"]]
    made = more
    for number, text in enumerate(("I beg", "I begin"), 3):
        status, made = autosave(clinic, made["href"], form, content=text, version=str(made["version"]))
        assert (status, made["version"]) == (200, number)
    assert "I begin" in clinic.get(patient).text
    status, told = autosave(clinic, made["href"], form, content="late", version="1")
    assert status == 409 and "another window" in told["said"]
    assert autosave(clinic, made["href"], form, content="", version="4")[0] == 422
    assert autosave(clinic, f"{patient}/notes", {"csrf_token": form["csrf_token"]}, content="")[0] == 422
    assert clinic.post(made["href"], {**form, "version": "4", "content": "I begin.", "sign": "1"}).status == 303
    page = clinic.get(patient)
    assert "I begin." in page.page.text and len(note_paths(clinic.get(patient), patient)) == 1


@pytest.mark.parametrize("text", ("as it was", "as it was, and more"))
@pytest.mark.parametrize("button", ("sign", "draft"))
def test_whoever_sends_the_note_whose_first_saving_was_never_answered_has_one_note(clinic, patient, text, button):
    form = {**clinic.get(patient).page.fields, "autosave": "before"}  # as the page says since it has tried
    _, lost = autosave(clinic, f"{patient}/notes", form, content="as it was")
    answer = clinic.post(f"{patient}/notes", {**form, "content": text, button: "1"})
    assert answer.status == 303
    page = clinic.get(patient)
    assert page.page.text.count("as it was") == 1 and text in page.page.text
    assert ("Note signed" if button == "sign" else "Draft saved") in page.page.text
    assert note_paths(page, patient) == [lost["href"]]
    assert answer.location.endswith("#note-" + lost["href"].rsplit("/", 1)[1])


def test_what_was_typed_after_a_lost_answer_overwrites_nothing_of_another_window(clinic, patient):
    form = {**clinic.get(patient).page.fields, "autosave": "before"}
    _, lost = autosave(clinic, f"{patient}/notes", form, content="begun")
    there = opened(clinic, patient, lost["href"])
    assert clinic.post(lost["href"], {**there, "content": "begun, there"}).status == 303
    status, told = autosave(clinic, f"{patient}/notes", form, content="begun, here")
    assert status == 409 and "another window" in told["said"]
    answer = clinic.post(f"{patient}/notes", {**form, "content": "begun, here", "sign": "1"})
    assert answer.status == 409 and "begun, there" in answer.page.text
    assert answer.page.fields["content"] == "begun, here" and f'action="{lost["href"]}"' in answer.text
    assert clinic.post(lost["href"], {**answer.page.fields, "sign": "1"}).status == 303
    page = clinic.get(patient)
    assert "begun, here" in page.page.text and note_paths(page, patient) == [lost["href"]]
    emptied = clinic.post(f"{patient}/notes", {**form, "content": "", "sign": "1"})
    assert emptied.status == 422 and f'action="{lost["href"]}"' in emptied.text


def test_a_note_whose_first_saving_never_arrived_is_written_as_any(clinic, patient):
    form = {**clinic.get(patient).page.fields, "autosave": "before"}
    assert clinic.post(f"{patient}/notes", {**form, "content": "all of it", "sign": "1"}).status == 303
    page = clinic.get(patient)
    assert "Note signed" in page.page.text and page.page.text.count("all of it") == 1


def test_what_the_page_saves_after_a_log_out_waits_and_comes_back_as_what_somebody_sends(clinic, patient):
    form = clinic.get(patient).page.fields
    clinic.submit("/logout")
    answer = clinic.post(f"{patient}/notes", {**form, "content": "never lost", "autosave": "1"})
    assert answer.location == "/login?next=/parked"
    assert clinic.log_in(clinic.organisation).location == "/parked"
    page = clinic.get("/parked")
    assert page.page.fields["content"] == "never lost" and "data-autosave" not in page.text
    assert page.page.fields["autosave"] == "before"  # nothing was saved, or what was is gone on with
    assert clinic.post(f"{patient}/notes", {**page.page.fields, "sign": "1"}).status == 303
    assert "never lost" in clinic.get(patient).text


def test_a_draft_is_discarded_without_a_reason_and_can_be_brought_back_by_its_author(server, clinic, patient):
    note, form = draft(clinic, patient)
    page = clinic.get(f"{patient}?write={note.rsplit('/', 1)[1]}")
    assert page.text.index(">Sign<") < page.text.index(">Discard the draft<")  # last, and quiet
    assert f'formaction="{note}/discard"' in page.text and "Mark as entered in error" not in page.page.text
    assert clinic.post(f"{note}/discard", {**form, "content": "never mind"}).status == 303
    page = clinic.get(patient)
    assert "Draft discarded" in page.page.text and "never mind" not in page.page.text
    late = clinic.post(note, {**form, "content": "what I typed"})
    assert late.status == 409 and "discarded in another window" in late.page.text
    assert late.page.fields["content"] == "what I typed" and f'action="{patient}/notes"' in late.text
    colleague = server.client()
    colleague.log_in(clinic.organisation)
    assert "never mind" not in colleague.get(f"{patient}/print").page.text
    assert clinic.post(f"{note}/undo", {"csrf_token": page.page.fields["csrf_token"]}).status == 303
    page = clinic.get(patient)
    assert "The draft is back" in page.page.text and "never mind" in page.page.text
    assert clinic.post(f"{note}/undo", {"csrf_token": page.page.fields["csrf_token"]}).status == 409


def test_what_was_typed_into_a_draft_that_is_removed_by_now_becomes_a_note_of_its_own(server, clinic, patient):
    note, form = draft(clinic, patient)
    clinic.post(f"{note}/discard", {**form, "content": "to be removed"})
    with contextlib.closing(sqlite3.connect(server.database, timeout=60)) as db, db:
        tenant = db.execute("SELECT tenant_id FROM tenants WHERE name = ?", (clinic.organisation,)).fetchone()
        db.execute("UPDATE patient_notes SET gone_at = 1 WHERE gone_at < 9223372036854775807 AND tenant_id = ?", tenant)
        db.execute("UPDATE jobs SET due_at = 1 WHERE kind = 3 AND tenant_id = ?", tenant)
        db.execute("UPDATE tenants SET jobs_due_at = 1 WHERE tenant_id = ?", tenant)
    with contextlib.closing(sqlite3.connect(f"file:{server.database}?mode=ro", uri=True)) as db:
        until(lambda: not db.execute("SELECT 1 FROM jobs WHERE kind = 3 AND tenant_id = ?", tenant).fetchone(),
              "it is removed")
        assert not db.execute("SELECT 1 FROM patient_notes WHERE content = 'to be removed'").fetchone()
    for path in (note, f"{note}/discard"):
        late = clinic.post(path, {**form, "content": "what I typed"})
        assert late.status == 404 and "discarded in another window" in late.page.text
        assert "What is saved" not in late.page.text
        assert late.page.fields["content"] == "what I typed" and f'action="{patient}/notes"' in late.text
    assert clinic.post(f"{patient}/notes", {**late.page.fields, "sign": "1"}).status == 303
    assert "what I typed" in clinic.get(patient).page.text
    elsewhere = note.replace(patient, "/patients/00000000-0000-0000-0000-000000000000")
    assert "what I typed" not in clinic.post(elsewhere, {**form, "content": "what I typed"}).text


def test_a_draft_that_was_to_be_discarded_after_a_log_out_comes_back_to_be_saved(clinic, patient):
    note, form = draft(clinic, patient)
    clinic.submit("/logout")
    clinic.post(f"{note}/discard", {**form, "content": "not lost"})
    clinic.log_in(clinic.organisation)
    page = clinic.get("/parked")
    assert page.page.fields["content"] == "not lost" and f'action="{note}"' in page.text
    assert clinic.post(note, {**page.page.fields, "draft": "1"}).status == 303
    assert "not lost" in clinic.get(patient).page.text


def test_the_note_whose_first_saving_was_never_answered_is_one_note_after_a_log_in_too(server, clinic, patient):
    form = {**clinic.get(patient).page.fields, "autosave": "before"}
    _, lost = autosave(clinic, f"{patient}/notes", form, content="as it was")
    elsewhere = server.client()
    elsewhere.cookies = dict(clinic.cookies)
    elsewhere.log_out()
    answer = clinic.post(f"{patient}/notes", {**form, "content": "as it was, and more", "sign": "1"})
    assert answer.status == 303 and answer.location.startswith("/login")
    assert clinic.log_in(clinic.organisation).status == 303
    page = clinic.get("/parked")
    assert page.page.fields["content"] == "as it was, and more"
    assert "Error:" not in page.page.text  # nobody has done anything wrong
    answer = clinic.post(f"{patient}/notes", {**page.page.fields, "sign": "1"})
    assert answer.status == 303, (page.page.fields, answer.page.text)
    page = clinic.get(patient)
    assert note_paths(page, patient) == [lost["href"]] and "as it was, and more" in page.page.text
    assert "Note signed" in page.page.text and "Continue writing" not in page.page.text


def signed(clinic, patient, content="Seen."):
    form = clinic.get(patient).page.fields
    assert clinic.post(f"{patient}/notes", {**form, "content": content, "sign": "1"}).status == 303
    return note_paths(clinic.get(patient), patient)[0]


def test_an_addendum_is_saved_while_it_is_written_and_signed_once(server, clinic, patient):
    note = signed(clinic, patient)
    colleague = join(server, clinic)
    page = clinic.get(f"{patient}?write={note.rsplit('/', 1)[1]}")
    assert re.search(rf'<form method="post" action="{note}/addendum" data-autosave', page.text)
    form = {**page.page.fields, "autosave": "before"}
    status, made = autosave(clinic, f"{note}/addendum", form, content="Since")
    assert status == 200 and made["version"] == 1
    assert autosave(clinic, f"{note}/addendum", form, content="Since")[1] == made  # the answer was lost
    status, more = autosave(clinic, made["href"], form, content="Since May.", version="1")
    assert (status, more["version"]) == (200, 2)
    assert "Since May." not in colleague.get(patient).page.text
    assert clinic.post(made["href"], {**form, "version": "2", "content": "Since May 3.", "sign": "1"}).status == 303
    page = clinic.get(patient).page.text
    assert page.count("Since May 3.") == 1 and "addendum" in page and "Continue writing" not in page
    assert "Since May 3." in colleague.get(patient).page.text


def test_an_addendum_kept_as_a_draft_is_written_on_and_discarded(clinic, patient):
    note = signed(clinic, patient)
    form = clinic.get(f"{patient}?write={note.rsplit('/', 1)[1]}").page.fields
    answer = clinic.post(f"{note}/addendum", {**form, "content": "Later", "draft": "1"})
    assert answer.status == 303
    page = clinic.get(patient)
    assert "Draft saved" in page.page.text and "Continue writing" in page.page.text
    draft_id = answer.location.rpartition("#note-")[2]
    form = clinic.get(f"{patient}?write={draft_id}").page.fields
    assert clinic.post(f"{patient}/notes/{draft_id}/discard", {**form, "content": "Later"}).status == 303
    page = clinic.get(patient).page.text
    assert "Draft discarded." in page and "Later" not in page and "Restore it" in page


def test_an_addendum_signed_in_another_window_leads_to_another_one_of_its_note(clinic, patient):
    note = signed(clinic, patient)
    form = clinic.get(f"{patient}?write={note.rsplit('/', 1)[1]}").page.fields
    _, made = autosave(clinic, f"{note}/addendum", form, content="Since")
    assert clinic.post(made["href"], {**form, "version": "1", "content": "Since May", "sign": "1"}).status == 303
    answer = clinic.post(made["href"], {**form, "version": "1", "content": "Since June", "sign": "1"})
    assert answer.status == 409 and f'action="{note}/addendum"' in answer.text
    assert clinic.post(f"{note}/addendum", {**answer.page.fields, "sign": "1"}).status == 303
    page = clinic.get(patient).page.text
    assert "Since May" in page and "Since June" in page


def test_a_record_archived_while_somebody_writes_is_said_to_be_archived(server, clinic, patient):
    colleague = join(server, clinic)
    note, form = draft(colleague, patient)
    assert clinic.post(f"{patient}/archive", {"csrf_token": clinic.token(patient), "version": "1",
                                              "reason": "moved away"}).status == 303
    for path, version in ((note, {"version": form["version"]}), (f"{patient}/notes", {})):
        sent = {"csrf_token": form["csrf_token"], "content": "typed meanwhile", **version}
        status, told = autosave(colleague, path, sent)
        assert status == 409 and "Ada Admin has archived this record" in told["said"]
        for button in ("draft", "sign"):
            answer = colleague.post(path, {**sent, button: "1"})
            assert answer.status == 409 and "This record is archived" in answer.page.text
            assert "typed meanwhile" in answer.text and "another window" not in answer.page.text
