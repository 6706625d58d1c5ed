"""Notes are shared one by one: those that were ticked, what is added to them, and no other, whatever a form
says and whatever becomes of them."""
import json
import re
import uuid

import pytest
from test_ctl import ctl
from test_merge import merge
from test_people import join
from test_referrals import Referrals
from test_shared import CANARY, FIELDS


class Chosen(Referrals):
    def write(self, text, how="sign", patient=None, doctor=None):
        """@return the note's id"""
        patient, doctor = patient or self.patient, doctor or self.doctor
        answer = doctor.post(patient + "/notes", {"csrf_token": doctor.token(patient), "content": f"{CANARY} {text}",
                                                  how: "1"})
        assert answer.status == 303, answer.text
        return self.note(text, patient)

    def note(self, text, patient):
        return str(uuid.UUID(bytes=self.rows(
            "SELECT id FROM patient_notes WHERE patient_id = ? AND content = ?",
            uuid.UUID(patient.rsplit("/", 1)[1]).bytes, f"{CANARY} {text}")[0][0]))

    def choose(self, *notes, **fields):
        return {"scope": "chosen", **{f"note_{note}": "1" for note in notes}, **fields}

    def seen(self, path):
        page = self.guest.get(path)
        assert page.status == 200, page.text
        return set(re.findall(rf'class="note" dir="auto">{CANARY} ([^<]*)<', page.text))


@pytest.fixture
def pair(server):
    pair = Chosen(server)
    pair.first, pair.second, pair.third = (pair.write(text) for text in ("first", "second", "third"))
    return pair


def step(pair, note, what, **fields):
    path = f"{pair.patient}/notes/{note}/{what}"
    answer = pair.doctor.post(path, {"csrf_token": pair.doctor.token(pair.patient), **fields})
    assert answer.status == 303, answer.text


def test_the_notes_that_were_ticked_are_shown_and_no_other(pair):
    form = pair.doctor.get(pair.patient + "/consents").text
    boxes = re.findall(r'<input type="checkbox" id="note_[0-9a-f-]{36}" name="(note_[0-9a-f-]{36})" value="1" [^c]', form)
    assert boxes[:3] == [f"note_{note}" for note in (pair.third, pair.second, pair.first)] and len(boxes) == 4
    assert "Olga Owner\u2069: \u2068" + CANARY + " second\u2069" in form and f"{CANARY} draft" not in form
    path = pair.share(**pair.choose(pair.first, pair.third))
    assert pair.seen(path) == {"first", "third"}
    page = pair.guest.get(path).page.text
    assert f"{CANARY} nuts" in page and f"{CANARY} asthma" in page and "There may be others" in page
    assert f"{CANARY} second" not in page and f"{CANARY} signed" not in page
    assert CANARY + " second" not in pair.guest.get("/shared").text
    text = pair.doctor.get(pair.patient + "/consents").page.text
    assert "notes chosen one by one" in text and "2 notes chosen: " in text
    assert pair.rows("SELECT count(*) FROM share_notes s JOIN tenants t USING (tenant_id) WHERE t.name = ? AND patient_id = ?",
                     pair.owner.organisation, pair.patient_id) == [(2,)]
    assert pair.rows("SELECT count(*) FROM share_notes s JOIN tenants t USING (tenant_id) WHERE t.name = ?",
                     pair.reader.organisation) == [(0,)]


def test_what_is_added_to_a_chosen_note_goes_with_it_and_a_later_note_does_not(pair):
    path = pair.share(**pair.choose(pair.first))
    step(pair, pair.first, "addendum", content=f"{CANARY} added to first")
    step(pair, pair.second, "addendum", content=f"{CANARY} added to second")
    step(pair, pair.first, "addendum", content=f"{CANARY} draft addendum", draft="1")
    pair.write("later")
    assert pair.seen(path) == {"first", "added to first"}
    step(pair, pair.first, "error", reason="wrong patient")
    assert pair.seen(path) == {"first", "added to first"}  # as where all notes are shared: marked, and readable
    assert "entered in error" in pair.guest.get(path).page.text and "wrong patient" in pair.guest.get(path).page.text


def test_pages_of_chosen_notes_go_on_among_the_chosen(pair):
    notes = [pair.write(f"many {i:02d}") for i in range(30)]
    path = pair.share(**pair.choose(*notes[:25]))
    first = pair.seen(path)
    assert first == {f"many {i:02d}" for i in range(5, 25)}
    older = re.search(r'rel="next" href="([^"#]+)', pair.guest.get(path).text)[1]
    assert pair.seen(older) == {f"many {i:02d}" for i in range(5)}
    assert pair.seen(f"{path}?notes_before={notes[29]}") == first
    assert [e[4] for e in pair.events(pair.owner.organisation, (164, 167))][:3] == [
        "person, lists, 20 chosen notes"] * 2 + ["person, lists, 5 chosen notes"]


def wrong_notes(pair):
    """What a form might name that is not to be shared"""
    other = pair.owner.add_patient("Other Person").split("?")[0]
    errored = pair.write("errored")
    step(pair, errored, "error", reason="no")
    step(pair, pair.second, "addendum", content=f"{CANARY} an addendum")
    stranger = pair.reader.add_patient("Reader's Own").split("?")[0]
    return {"another patient's": pair.write("of another", patient=other),
            "a draft": pair.write("one more draft", how="draft"),
            "in error": errored, "an addendum": pair.note("an addendum", pair.patient),
            "another organisation's": pair.write("of a stranger", patient=stranger, doctor=pair.guest),
            "never there": "01890000-0000-7000-8000-000000000001", "no id": "x"}


def test_no_other_note_is_shared_whatever_a_form_names(pair):
    state = "SELECT (SELECT count(*) FROM consents), (SELECT count(*) FROM share_notes), (SELECT count(*) FROM shares)"
    before = pair.rows(state)
    for why, note in wrong_notes(pair).items():
        for notes in ((note,), (pair.first, note)):
            for answer in pair.record(**pair.choose(*notes)), pair.refer(**pair.choose(*notes)):
                assert answer.status == 422 and "cannot be shared any more" in answer.page.text, why
                assert f"{CANARY} of" not in answer.text and (f'name="note_{note}"' in answer.text) is False, why
                # what can be shared is ticked still
                ticked = re.findall(r'name="note_([0-9a-f-]{36})" value="1" checked', answer.text)
                assert ticked == [one for one in notes if one == pair.first], why
    assert pair.rows(state) == before
    form = {"csrf_token": pair.doctor.token(pair.patient), "partner": pair.partner, **FIELDS, "scope": "chosen"}
    twice = [*form.items(), (f"note_{pair.first}", "1"), (f"note_{pair.first}", "1")]
    assert pair.doctor.post(pair.patient + "/consents", twice).status == 400
    assert pair.rows(state) == before


def test_what_is_chosen_and_what_is_ticked_must_agree(pair):
    for fields, said in ((pair.choose(), "Tick the notes that are shared"),
                         (pair.choose(pair.first, scope="notes"), "take the ticks away"),
                         (pair.choose(pair.first, scope="demographics"), "take the ticks away")):
        for answer in pair.record(**fields), pair.refer(**fields):
            assert answer.status == 422 and said in answer.page.text, fields
            assert '<details class="group" open' in answer.text, fields
    answer = pair.record(**pair.choose(pair.second, purpose="", remark="kept"))
    assert answer.status == 422 and '<details class="group" open' in answer.text and ">\nkept</textarea>" in answer.text
    assert re.findall(r'name="note_([0-9a-f-]{36})" value="1" checked', answer.text) == [pair.second]
    bare = pair.owner.add_patient("Without Notes").split("?")[0]
    assert "no signed note to choose" in pair.record(bare, scope="chosen").page.text


def test_however_many_notes_there_are_each_can_be_chosen_and_a_consent_names_fifty_at_most(pair):
    notes = [pair.write(f"many {i:02d}") for i in range(54)]
    page = pair.doctor.get(pair.patient + "/consents").text
    assert page.count('name="note_') == 50 and "Not every signed note" in page
    older = re.search(r'href="([^"]*notes_before[^"]*)"', page)[1].replace("&amp;", "&")
    assert f'name="note_{pair.first}"' in pair.doctor.get(older).text and f'name="note_{pair.first}"' not in page
    # ticked on another page, it stands on the first one of a form that comes back
    answer = pair.record(**pair.choose(pair.first, notes[53], purpose=""))
    assert answer.status == 422
    assert sorted(re.findall(r'name="note_([0-9a-f-]{36})" value="1" checked', answer.text)) == [pair.first, notes[53]]
    answer = pair.record(**pair.choose(*notes[:51]))
    assert answer.status == 422 and "50 notes at most" in answer.page.text
    assert answer.text.count(" checked") == 51
    path = pair.share(**pair.choose(*notes[:50]))
    assert pair.seen(path) == {f"many {i:02d}" for i in range(30, 50)}
    new = "/referrals/new?patient=" + pair.patient.rsplit("/", 1)[1]
    older = re.search(r'href="([^"]*notes_before[^"]*)"', pair.doctor.get(new).text)[1].replace("&amp;", "&")
    assert f'name="note_{pair.first}"' in pair.doctor.get(older).text


def test_each_consent_has_its_own_notes(pair):
    one, two = pair.share(**pair.choose(pair.first)), pair.share(**pair.choose(pair.second))
    every, none = pair.share(), pair.share(scope="lists")
    assert pair.seen(one) == {"first"} and pair.seen(two) == {"second"}
    assert pair.seen(every) == {"signed", "first", "second", "third"} and pair.seen(none) == set()
    share = uuid.UUID(one.rsplit("/", 1)[1]).bytes
    # whatever stands in the row of the consent: without its own rows of notes nothing is shown
    pair.change("UPDATE consents SET parts = 11 WHERE share_id = ?", uuid.UUID(every.rsplit("/", 1)[1]).bytes)
    assert pair.seen(every) == set()
    pair.change("UPDATE consents SET parts = 15 WHERE share_id = ?", share)
    assert pair.guest.get(one).status == 404  # all notes, and some of them: nobody has agreed to that
    pair.change("UPDATE consents SET parts = 11 WHERE share_id = ?", share)
    pair.change("DELETE FROM share_notes WHERE share_id = ?", share)
    assert pair.seen(one) == set() and pair.seen(two) == {"second"}


def test_over_is_over_for_chosen_notes_too(pair):
    path = pair.share(**pair.choose(pair.first))
    assert pair.seen(path) == {"first"}
    assert pair.withdraw().status == 303
    assert pair.guest.get(path).status == 404
    assert pair.guest.get(f"{path}?notes_before={pair.third}").status == 404


def test_a_chosen_note_that_goes_to_another_record_is_not_shown(pair):
    """Merged, nothing is shown; separated again, what was chosen is, and what has gone with the other is not."""
    other = pair.owner.add_patient(f"{CANARY} Lyma", date_of_birth="1980-02-03").split("?")[0]
    moved = pair.write("came with the other", patient=other)
    before = pair.share(**pair.choose(pair.first))
    merge(pair.doctor, pair.patient, other)
    assert pair.seen(before) == {"first"}
    path = pair.share(**pair.choose(moved, pair.second))
    assert pair.seen(path) == {"came with the other", "second"}
    again = pair.doctor.get(f"{pair.patient}/unmerge?other={other.rsplit('/', 1)[1]}").page.fields
    assert pair.doctor.post(pair.patient + "/unmerge", again).status == 303
    assert pair.seen(path) == {"second"} and pair.seen(before) == {"first"}
    assert "2 notes chosen" in pair.doctor.get(pair.patient + "/consents").page.text
    merge(pair.doctor, other, pair.patient)
    assert pair.guest.get(path).status == pair.guest.get(before).status == 404
    assert "2 notes chosen" in pair.doctor.get(other + "/consents").page.text
    again = pair.doctor.get(f"{other}/unmerge?other={pair.patient.rsplit('/', 1)[1]}").page.fields
    assert pair.doctor.post(other + "/unmerge", again).status == 303
    assert pair.seen(path) == {"second"} and pair.seen(before) == {"first"}


def test_both_trails_say_how_many_and_nothing_of_what_they_say(pair):
    path = pair.share(**pair.choose(pair.first, pair.second))
    assert pair.seen(path) == {"first", "second"}
    recorded = pair.events(pair.owner.organisation, (161, 167))
    assert [event[4] for event in recorded] == ["person, lists, 2 chosen notes"] * 2
    ours = pair.rows("SELECT reason FROM audit_events e JOIN tenants t USING (tenant_id) WHERE t.name = ? AND action IN "
                     "(161, 164) ORDER BY number", pair.reader.organisation)
    assert ours == [(None,), ("person, lists, 2 chosen notes",)]
    for organisation in pair.owner.organisation, pair.reader.organisation:
        events = pair.rows("SELECT * FROM audit_events e JOIN tenants t USING (tenant_id) WHERE t.name = ?", organisation)
        assert CANARY not in repr(events)
    assert "sound" in ctl(pair.server.database, "audit", "verify")


def test_a_referral_shares_chosen_notes(pair):
    path = pair.sent(**pair.choose(pair.second))
    assert pair.seen(path.replace("/referrals", "/shared")) == {"second"}
    for page in pair.doctor.get(path), pair.guest.get(path), pair.doctor.get(path + "/letter"):
        assert page.status == 200 and "notes chosen one by one" in page.page.text
        assert f"{CANARY} second" not in page.text


def test_a_note_that_was_written_elsewhere_is_offered_by_whom_it_was_written(pair):
    pair.change("UPDATE patient_notes SET written_by = 'Dr Elsewhere', written_on = '1999-12-31' WHERE id = ?",
                uuid.UUID(pair.second).bytes)
    form = pair.doctor.get(pair.patient + "/consents").text
    assert "1999-12-31 · \u2068Dr Elsewhere\u2069: \u2068" + CANARY + " second" in form
    assert pair.seen(pair.share(**pair.choose(pair.second))) == {"second"}


def test_the_paper_says_which_notes_and_what_of_later_ones(pair):
    blank = pair.doctor.get(pair.patient + "/consents/form").page.text
    assert "☐ Who the person is, allergies, medicines, problems, notes chosen one by one" in blank
    assert "Notes, if they are chosen one by one" in blank and "and no other note" in blank
    assert pair.record(**pair.choose(pair.first, pair.third)).status == 303
    form = re.search(r'href="([^"]+/consents/[0-9a-f-]{36}/form)"', pair.doctor.get(pair.patient + "/consents").text)[1]
    text = pair.doctor.get(form).page.text
    assert "2 notes chosen: " in text and "and no other note" in text and CANARY + " first" not in text


def test_who_may_read_no_notes_is_told_how_many_alone(server, pair):
    assert pair.record(**pair.choose(pair.first)).status == 303
    desk = join(server, pair.owner, email="desk@example.org", roles=("front-desk",))
    page = desk.get(pair.patient + "/consents")
    assert "1 note chosen" in page.page.text and "1 note chosen:" not in page.page.text
    assert 'name="note_' not in page.text and f"{CANARY} first" not in page.text


def test_what_was_chosen_is_exported_and_goes_with_the_organisation(pair, tmp_path):
    assert pair.record(**pair.choose(pair.first)).status == 303
    export = tmp_path / "export"
    ctl(pair.server.database, "org", "export", pair.owner.organisation, export)
    row, = map(json.loads, (export / "share_notes.ndjson").read_text().splitlines())
    assert row["note_id"] == pair.first and row["patient_id"] == pair.patient.rsplit("/", 1)[1]
    consent, = map(json.loads, (export / "consents.ndjson").read_text().splitlines())
    assert consent["parts"] == ["person", "lists", "chosen notes"] and consent["id"] == row["consent_id"]
    ctl(pair.server.database, "org", "close", pair.owner.organisation)
    ctl(pair.server.database, "org", "erase", pair.owner.organisation, "--now")
    assert pair.rows("SELECT count(*) FROM share_notes WHERE patient_id = ?", pair.patient_id) == [(0,)]
