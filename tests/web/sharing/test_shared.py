"""A patient is shared by consent: read live by the other organisation, written in both trails, and gone
with the next request once it is over."""
import contextlib
import os
import re
import sqlite3
import subprocess
import time
import urllib.parse
import uuid

import pytest
from harness import until
from test_ctl import built, ctl
from test_merge import merge
from test_partners import bare, linked, step
from test_people import join, user_path

CANARY = "Quokkaberry"
FIELDS = {"scope": "notes", "purpose": "TREAT", "given_by": "patient", "method": "written"}
NEVER = "/shared/01890000-0000-7000-8000-000000000001"
DAY = 86400 * 1000000


class Pair:
    """Two organisations that are linked, with a clinician each, and a patient of the first."""

    def __init__(self, server):
        self.server = server
        self.owner, self.reader = server.organisation(), server.organisation()
        self.link = linked(self.owner, self.reader)
        self.doctor = join(server, self.owner, name="Olga Owner")
        self.guest = join(server, self.reader, name="Gus Guest")
        self.patient = self.owner.add_patient(f"{CANARY} Lima", date_of_birth="1980-02-03",
                                              phone1=f"0300 {CANARY}").split("?")[0]
        token = {"csrf_token": self.doctor.token(self.patient)}
        for kind, fields in (("allergies", {"substance": f"{CANARY} nuts", "severity": "severe"}),
                             ("problems", {"description": f"{CANARY} asthma"})):
            assert self.doctor.post(f"{self.patient}/{kind}", {**token, "status": "active", **fields}).status == 303
        for text, how in ((f"{CANARY} signed", "sign"), (f"{CANARY} draft", "draft")):
            assert self.doctor.post(self.patient + "/notes", {**token, "content": text, how: "1"}).status == 303
        self.partner = self.link.rsplit("/", 1)[1]
        self.patient_id = uuid.UUID(self.patient.rsplit("/", 1)[1]).bytes

    def record(self, patient=None, **fields):
        return self.doctor.submit((patient or self.patient) + "/consents", partner=self.partner,
                                  **{**FIELDS, **fields})

    def share(self, **fields):
        """@return the path at which the reader opens it"""
        answer = self.record(**fields)
        assert answer.status == 303, answer.text
        return "/shared/" + str(uuid.UUID(bytes=self.rows(
            "SELECT id FROM shared_links JOIN tenants USING (tenant_id) WHERE name = ? ORDER BY id DESC LIMIT 1",
            self.reader.organisation)[0][0]))

    def withdraw(self, client=None):
        page = self.doctor.get(self.patient + "/consents").text
        return self.doctor.post(re.search(r'action="([^"]+/withdraw)"', page)[1], {
            "csrf_token": self.doctor.token(self.patient), "reason": "changed my mind"})

    def rows(self, sql, *values):
        return self.server.rows(sql, *values)

    def change(self, sql, *values):
        self.server.change(sql, *values)

    def put(self, table, change, *values, of=None):
        """The same for what one of the two has of a table, the owner unless said: nobody else's of the server."""
        self.change(f"UPDATE {table} SET {change} WHERE tenant_id = (SELECT tenant_id FROM tenants WHERE name = ?)",
                    *values, (of or self.owner).organisation)

    def events(self, organisation, actions=(163, 164, 165, 166, 167, 168)):
        return self.rows("SELECT action, actor_name, object_id, patient_id, reason FROM audit_events e JOIN tenants t "
                         f"USING (tenant_id) WHERE t.name = ? AND action IN {actions} ORDER BY number", organisation)


@pytest.fixture
def pair(server):
    return Pair(server)


def test_what_is_consented_to_is_read_live_and_nothing_else(pair):
    path = pair.share()
    pair.change("UPDATE patient_notes SET written_on = '1999-04-03', written_by = 'Dr Okafor' WHERE patient_id = ? "
                "AND status = 2", pair.patient_id)
    name = user_path(pair.owner, "bo@example.org") + "/name"
    assert pair.owner.post(name, {**pair.owner.get(name).page.fields, "name": "Olga Other",
                                  "password": pair.owner.password}).status == 303
    page = pair.guest.get(path)
    assert page.status == 200
    text = page.page.text
    assert re.search(r"1999-04-03 · Dr Okafor from a file · .{,40} · Olga Owner ", text) and "Olga Other" not in text
    for said in (f"{CANARY} Lima", f"{CANARY} nuts", f"{CANARY} asthma", f"{CANARY} signed", "Treatment", "90 days left",
                 pair.owner.organisation):
        assert said in text, said
    assert f"{CANARY} draft" not in text and "no-store" in page.headers["Cache-Control"]
    assert pair.owner.post(pair.patient + "/edit", {**pair.owner.get(pair.patient + "/edit").page.fields,
                                                    "name": "Renamed Lima"}).status == 303
    assert "Renamed Lima" in pair.guest.get(path).text
    assert pair.guest.get(path).text.count("<form") == page.text.count("<form")


@pytest.mark.parametrize("scope,shown,hidden", [
    ("demographics", ("Lima",), ("nuts", "asthma", "signed")), ("lists", ("Lima", "nuts", "asthma"), ("signed",))])
def test_a_part_that_was_not_given_is_not_shown_and_said_to_be_missing(pair, scope, shown, hidden):
    page = pair.guest.get(pair.share(scope=scope)).page.text
    assert all(f"{CANARY} {word}" in page for word in shown)
    assert not any(f"{CANARY} {word}" in page for word in hidden)
    assert "Notes are not shared" in page and ("not shared: ask" in page) == (scope == "demographics")
    assert "No allergies" not in page and "No known" not in page


def test_the_list_has_what_is_shared_and_no_own_list_has_it(pair):
    pair.share()
    text = pair.guest.get("/shared").page.text
    assert f"{CANARY} Lima" in text and pair.owner.organisation in text and "Treatment" in text
    assert f"{CANARY} Lima" in pair.guest.get("/shared?q=quokka").page.text
    assert CANARY not in pair.guest.get("/shared?q=somebody+else").page.text
    for path in ("/dashboard", "/patients", f"/patients?q={CANARY}", "/patients?q="):
        assert f"{CANARY} Lima" not in pair.guest.get(path).page.text, path


def test_the_list_is_searched_by_date_of_birth_and_record_number_too(pair):
    path = pair.share()
    number = re.search(r"<dt>Record number</dt><dd>([^<]+)</dd>", pair.doctor.get(pair.patient).text)[1]
    for typed in "1980-02-03", "3.2.1980", "1980-02", number, number.lower():
        assert path in pair.guest.get("/shared?" + urllib.parse.urlencode({"q": typed})).text, typed
    for typed in "1980-02-04", "2.3.1980", number[:-1], number + "0":
        assert path not in pair.guest.get("/shared?" + urllib.parse.urlencode({"q": typed})).text, typed


TYPED = ["3.4.1961", "03/04/61", "1961", "okafor 61", "okafor '61", "born 1961", "3 apr 1961", "19610403", "03041961",
         "0161 496 0123", "+44 (0)161 4960123", "960123", "0161 496 0999", "943-476-5919", "NHS 943 476 5919", "000",
         "0/0/00", "%", "ogrady", "vandenberg", "mac donald", "mueller", "Mr Okafor", "brandt", "nini okafor",
         "okafor ada", "ada obi", "12", "newborn 12", "okafor 0161 496 0999", "van den berg 1948", "nobody"]


def test_the_shared_are_found_as_ones_own_are(pair):
    """The same words find the same people in the owner's register and in what is shared of it."""
    people = [("Ada Okafor", {"date_of_birth": "1961-04-03", "phone1": "0161 496 0123", "preferred_name": "Nini"}),
              ("Ben Okafor", {"date_of_birth": "1961-03-04", "national_id": "943 476 5919"}),
              ("Sean O'Grady", {"date_of_birth": "1975"}), ("Jan van den Berg", {"date_of_birth": "1948-12-01"}),
              ("Greta McDonald", {"former_name": "Brandt"}), ("Uwe Müller", {}), ("Newborn 12", {})]
    numbers = {}
    for name, fields in people:
        path = pair.owner.add_patient(name, **fields).split("?")[0]
        assert pair.record(path).status == 303
        numbers[name] = re.search(r"P\d{8}", pair.doctor.get(path).text)[0]
    number = numbers["Ada Okafor"]
    for typed in [*TYPED, number, number.lower(), "MRN " + number, number.lstrip("P0"), number[:4] + " " + number[4:]]:
        query = "?" + urllib.parse.urlencode({"q": typed})
        own, shared = (sorted(re.findall(r'<th scope="row"><a href="[^"]*" dir="auto">([^<]*)', page.text))
                       for page in (pair.doctor.get("/patients" + query), pair.guest.get("/shared" + query)))
        assert own == shared, typed
        assert bool(own) == (typed not in ("0161 496 0999", "000", "0/0/00", "%", "ada obi", "okafor 0161 496 0999",
                                           "nobody")), typed


def test_each_look_is_an_event_on_both_sides_and_the_readers_names_no_patient(pair):
    path = pair.share()
    share = uuid.UUID(path.rsplit("/", 1)[1]).bytes
    patient = uuid.UUID(pair.patient.rsplit("/", 1)[1]).bytes
    assert pair.guest.get(path).status == 200 and pair.guest.get("/shared").status == 200
    who = f"Gus Guest, {pair.reader.organisation}"
    ours, theirs = pair.events(pair.owner.organisation), pair.events(pair.reader.organisation)
    page = ours[1][2]  # both trails name the list, which no row is of
    assert len(page) == 16 and page != patient
    assert ours == [(167, who, share, patient, "person, lists, notes"), (166, who, page, patient, None)]
    assert theirs == [(164, "Gus Guest", share, None, "person, lists, notes"),
                      (163, "Gus Guest", page, None, "organisations 1")]
    seen = pair.doctor.get(pair.patient + "/accesses").page.text
    assert who in seen and "Opened the shared record" in seen
    assert pair.guest.request("HEAD", path).status == 200
    assert len(pair.events(pair.owner.organisation)) == 2


def test_the_readers_organisation_keeps_nothing_of_the_patient(pair, tmp_path):
    path = pair.share()
    for look in (path, "/shared", f"/shared?q={CANARY}"):
        assert CANARY in pair.guest.get(look).text
    mine, = pair.rows("SELECT tenant_id FROM tenants WHERE name = ?", pair.reader.organisation)[0]
    patient = uuid.UUID(pair.patient.rsplit("/", 1)[1]).bytes
    for table in pair.server.tables():
        for row in pair.rows(f"SELECT * FROM {table} WHERE tenant_id = ?", mine):
            assert CANARY.lower() not in repr(row).lower() and patient not in row, table
    export = tmp_path / "export"
    ctl(pair.server.database, "org", "export", pair.reader.organisation, export)
    assert any(export.iterdir())
    for file in export.iterdir():
        assert CANARY.encode() not in file.read_bytes(), file
    assert CANARY not in pair.server.log() + re.sub(r"/shared\?q=\S*", "", pair.server.access_log())


GONE = {
    "withdrawn": lambda p: p.withdraw(),
    "link suspended": lambda p: step(p.owner, p.link, "suspend"),
    "link ended": lambda p: step(p.reader, p.link, "end"),
    "expired": lambda p: p.put("consents", "until_at = ?", int(time.time() * 1000000) - 1),
    "not begun": lambda p: p.put("consents", "from_at = ?", int(time.time() * 1000000) + DAY),
    "owner suspended": lambda p: p.change("UPDATE tenants SET status = 2 WHERE name = ?", p.owner.organisation),
    "share ended alone": lambda p: p.put("shares", "state = 2"),
    "consent ended alone": lambda p: p.put("consents", "state = 2"),
    "record replaced": lambda p: p.put("patients", "status = 3"),
    "let go": lambda p: p.guest.submit(p.path + "/let-go", p.path),
}


@pytest.mark.parametrize("why", GONE)
def test_what_is_over_is_refused_like_what_never_was(pair, why):
    pair.path = path = pair.share()
    assert pair.guest.get(path).status == 200
    GONE[why](pair)
    for below in ("", "?notes_before=01890000-0000-7000-8000-000000000001"):
        refused, never = pair.guest.get(path + below), pair.guest.get(NEVER + below)
        assert refused.status == 404 and bare(refused) == bare(never), why
    if why in ("withdrawn", "link ended", "expired", "let go"):
        token = {"csrf_token": pair.guest.token("/account")}
        gone, never = (pair.guest.post(at + "/let-go", token) for at in (path, NEVER))
        assert gone.status == 404 and bare(gone) == bare(never)
    assert CANARY not in pair.guest.get("/shared").text + pair.guest.get(f"/shared?q={CANARY}").text.replace(
        f'value="{CANARY}"', "")


def test_what_is_over_is_not_let_go_of_any_more(pair):
    path = pair.share()
    pair.put("consents", "until_at = ?", int(time.time() * 1000000) - 1)
    token = {"csrf_token": pair.guest.token("/account")}
    gone, never = (pair.guest.post(at + "/let-go", token) for at in (path, NEVER))
    assert gone.status == 404 and bare(gone) == bare(never)
    assert [e[0] for e in pair.events(pair.owner.organisation)] == [168]
    text = pair.doctor.get(pair.patient + "/consents").page.text
    assert "expired" in text and "let go" not in text


def test_a_consent_of_a_record_that_was_merged_is_seen_and_withdrawn_at_the_one_it_became(pair):
    into = pair.owner.add_patient(f"{CANARY} Lyma", date_of_birth="1980-02-03").split("?")[0]
    path = pair.share()
    merge(pair.doctor, into, pair.patient)
    text = pair.doctor.get(into + "/consents").page.text
    assert "merged into this one" in text and "rests" in text
    form, = re.findall(r'action="([^"]+/withdraw)"', pair.doctor.get(into + "/consents").text)
    assert pair.doctor.post(form, {"csrf_token": pair.doctor.token(into)}).status == 303
    assert "merged into this one" not in pair.doctor.get(into + "/consents").page.text
    again = pair.doctor.get(f"{into}/unmerge?other={pair.patient.rsplit('/', 1)[1]}").page.fields
    assert pair.doctor.post(into + "/unmerge", again).status == 303
    assert pair.guest.get(path).status == 404
    assert "withdrawn" in pair.doctor.get(pair.patient + "/consents").page.text


def test_who_may_not_is_refused(server, pair):
    path = pair.share()
    for roles, status in ((("front-desk",), 403), (("auditor",), 403), (("admin",), 403)):
        person = join(server, pair.reader, email=f"the.{roles[0]}@example.org", roles=roles)
        assert person.get(path).status == status and person.get("/shared").status == status
    stranger = server.organisation()
    assert bare(stranger.get(path)) == bare(stranger.get(NEVER))
    assert bare(pair.doctor.get(path)) == bare(pair.doctor.get(NEVER))  # the owner has no link to it
    who = user_path(pair.reader, "bo@example.org")
    assert pair.guest.get(path).status == 200
    assert pair.reader.submit(who + "/roles", who, password=pair.reader.password, role="auditor").status == 303
    assert pair.guest.get(path).status == 403
    assert pair.reader.submit(who + "/roles", who, password=pair.reader.password, role="clinician").status == 303
    assert pair.guest.get(path).status == 200
    assert pair.reader.submit(who + "/disable", who, password=pair.reader.password).status == 303
    assert pair.guest.get(path).status == 303
    assert len([e for e in pair.events(pair.owner.organisation) if e[0] == 167]) == 2


def test_a_resumed_link_shares_again_and_an_ended_one_never(pair):
    path = pair.share()
    assert step(pair.reader, pair.link, "suspend").status == 303
    assert "rests" in pair.doctor.get(pair.patient + "/consents").page.text
    assert step(pair.reader, pair.link, "resume").status == 303
    assert pair.guest.get(path).status == 200
    assert step(pair.owner, pair.link, "end").status == 303
    assert "The link between the two organisations has ended" in pair.doctor.get(pair.patient + "/consents").page.text
    assert pair.rows("SELECT COUNT(*) FROM shared_links JOIN tenants USING (tenant_id) WHERE name = ?",
                     pair.reader.organisation) == [(0,)]
    assert pair.record().status in (409, 422)


def test_a_consent_of_a_closed_organisation_says_that_it_rests(pair):
    pair.share()
    pair.change("UPDATE tenants SET status = 2 WHERE name = ?", pair.reader.organisation)
    text = pair.doctor.get(pair.patient + "/consents").page.text
    assert "rests" in text and "closed" in text
    assert pair.record().status == 409


def test_whoever_has_no_room_left_withdraws_and_ends_all_the_same(make_server):
    pair = Pair(make_server("MedSynQQuota bytes 100k"))
    path, other = pair.share(scope="lists"), pair.share()
    pair.change("UPDATE counters SET value = 100000000 WHERE name = 'room.bytes'")
    assert pair.record().status == 409
    assert pair.withdraw().status == 303 and pair.withdraw().status == 303
    assert pair.guest.get(path).status == 404 and pair.guest.get(other).status == 404
    assert step(pair.reader, pair.link, "suspend").status == 303
    assert step(pair.owner, pair.link, "end").status == 303


def test_a_clock_that_goes_back_opens_nothing(make_server):
    """What was over once is over, whatever the time is said to be."""
    pair = Pair(make_server())
    path = pair.share()
    now = int(time.time() * 1000000)
    pair.put("consents", "until_at = ?", now - 1)
    assert pair.guest.get(path).status == 404
    pair.put("consents", "until_at = ?", now + DAY)
    assert pair.guest.get(path).status == 404
    assert [e[0] for e in pair.events(pair.owner.organisation)] == [168]
    again = pair.share()
    pair.change("UPDATE audit_events SET at = ? WHERE (tenant_id, number) IN (SELECT tenant_id, number FROM "
                "audit_heads JOIN tenants USING (tenant_id) WHERE name = ?)", now + 100 * DAY, pair.owner.organisation)
    assert pair.guest.get(again).status == 404


def shortened(pair, organisation):
    """What nothing kept elsewhere could tell: a chain without its last event. @return what verify says"""
    pair.server.stop()
    pair.change("DELETE FROM audit_events WHERE (tenant_id, number) = (SELECT tenant_id, number FROM audit_heads JOIN "
                "tenants USING (tenant_id) WHERE name = ?)", organisation)
    pair.change("UPDATE audit_heads SET (number, digest) = (SELECT e.number, e.digest FROM audit_events e WHERE "
                "e.tenant_id = audit_heads.tenant_id ORDER BY e.number DESC LIMIT 1)")
    answer = subprocess.run([built(), "--database", pair.server.database, "audit", "verify"], capture_output=True,
                            text=True, check=False)
    return answer.returncode, answer.stdout + answer.stderr


@pytest.mark.parametrize("look", ["one", "list", "referrals"])
@pytest.mark.parametrize("side", ["owner", "reader"])
def test_a_look_that_is_in_one_trail_alone_is_found(make_server, look, side):
    pair = Pair(make_server())
    path = pair.share()
    if look == "referrals":
        page = f"/referrals/new?patient={pair.patient.rsplit('/', 1)[1]}"
        assert pair.doctor.post("/referrals/new", {**pair.doctor.get(page).page.fields, "partner": pair.partner,
                                                   "urgency": "urgent", "reason": "x", **FIELDS}).status == 303
    assert pair.guest.get({"one": path, "list": "/shared", "referrals": "/referrals"}[look]).status == 200
    assert "sound" in ctl(pair.server.database, "audit", "verify")
    code, said = shortened(pair, getattr(pair, side).organisation)
    assert code == 1 and "not in both trails" in said


@pytest.mark.parametrize("look", ["one", "list"])
@pytest.mark.parametrize("erased", ["a stranger", "the reader"])
def test_only_a_chain_that_is_gone_excuses_a_look(make_server, look, erased):
    """That somebody else is erased says nothing of a look that is missing."""
    pair = Pair(make_server())
    path = pair.share()
    assert pair.guest.get(path if look == "one" else "/shared").status == 200
    gone = pair.reader if erased == "the reader" else pair.server.organisation()
    if erased == "a stranger":
        pair.server.stop()
    ctl(pair.server.database, "org", "close", gone.organisation)
    ctl(pair.server.database, "org", "erase", gone.organisation, "--now")
    if erased == "the reader":
        assert "sound" in ctl(pair.server.database, "audit", "verify")
    else:
        code, said = shortened(pair, pair.owner.organisation)
        assert code == 1 and "not in both trails" in said


def test_a_second_consent_that_shares_still_is_told_by_whoever_withdraws_the_first(pair):
    first, second = pair.share(), pair.share(scope="demographics")
    told = pair.doctor.get(pair.withdraw().location).page.text
    assert pair.guest.get(second).status == 404 and pair.guest.get(first).status == 200
    assert "Another one shares this record" in told and "Nothing is shown" not in told
    assert "Nothing is shown any more" in pair.doctor.get(pair.withdraw().location).page.text
    assert pair.guest.get(first).status == 404


def test_a_form_that_is_not_filled_in_right_comes_back(pair):
    for wrong, said in (({"given_by": "guardian"}, "Enter the name of the guardian"),
                        ({"until": "2999-01-01"}, "365 days at most"), ({"until": "2020-01-01"}, "This day is over"),
                        ({"from": "2099-01-01", "until": "2099-02-01"}, "begins within 365 days"),
                        ({"from": "2030-02-01", "until": "2030-01-01"}, ""),
                        ({"purpose": "FUN"}, "choose one of the list"), ({"scope": ""}, "")):
        answer = pair.record(**wrong)
        assert answer.status == 422 and said in answer.page.text, wrong
    assert pair.record(given_by="guardian", giver_name="Ma Lima", relation="mother").status == 303
    text = pair.doctor.get(pair.patient + "/consents").page.text
    assert "Ma Lima (mother)" in text
    form = re.search(r'href="([^"]+/form)"', pair.doctor.get(pair.patient + "/consents").text)[1]
    paper = pair.doctor.get(form).page.text
    assert "Signature" in paper and f"{CANARY} Lima" in paper and pair.reader.organisation in paper


def test_a_from_that_is_no_day_is_blamed_alone(pair):
    for typed in "soon", "2099-01":
        page = pair.record(**{"from": typed})
        assert page.status == 422 and "until-error" not in page.text and "from-error" in page.text, typed


def test_the_form_is_printed_before_it_is_signed_and_says_when_it_is_withdrawn(pair):
    page = pair.doctor.get(pair.patient + "/consents").text
    blank = re.search(r'href="([^"]+/consents/form)"', page)[1]
    text = pair.doctor.get(blank).page.text
    for said in "Signature", f"{CANARY} Lima", "☐ Treatment", "☐ Who the person is", "☐ Guardian":
        assert said in text, said
    assert pair.reader.organisation not in text and pair.rows("SELECT COUNT(*) FROM consents WHERE patient_id = ?",
                                                              pair.patient_id) == [(0,)]
    assert pair.record().status == 303
    form = re.findall(r'href="([^"]+/form)"', pair.doctor.get(pair.patient + "/consents").text)[0]
    assert "withdrawn" not in pair.doctor.get(form).page.text
    assert pair.withdraw().status == 303
    assert "withdrawn" in pair.doctor.get(form).page.text


def test_both_sides_see_the_name_that_the_other_one_has_now(pair, tmp_path):
    """A copy of the name would name an organisation that nobody knows by it any more."""
    assert pair.record().status == 303
    consents = pair.patient + "/consents"
    form = re.findall(r'href="([^"]+/form)"', pair.doctor.get(consents).text)[0]
    ctl(pair.server.database, "org", "rename", pair.reader.organisation, "Newly Named Clinic")
    for who, path in ((pair.doctor, consents), (pair.doctor, form), (pair.owner, "/partners"), (pair.owner, pair.link),
                      (pair.doctor, f"/referrals/new?patient={pair.patient.rsplit('/', 1)[1]}")):
        text = who.get(path).text
        assert "Newly Named Clinic" in text, path
        assert pair.reader.organisation not in text, path
    assert step(pair.owner, pair.link, "end").status == 303
    ctl(pair.server.database, "org", "rename", "Newly Named Clinic", "Later Clinic")
    for path in pair.link, "/partners":
        assert "Later Clinic" not in pair.owner.get(path).text  # it is nobody's business here any more


def test_no_log_has_the_note_after_which_a_shared_record_goes_on(pair):
    path = pair.share()
    (note,), *_ = pair.rows("SELECT id FROM patient_notes WHERE patient_id = ? ORDER BY id DESC", pair.patient_id)
    page = f"{path}?notes_before={uuid.UUID(bytes=note)}"
    assert pair.guest.get(page).status == 200
    assert pair.guest.get(path, Referer=f"http://localhost{page}").status == 200
    until(lambda: pair.server.access_log().count(path) >= 2, "two lines of the log")
    assert page[-36:] not in pair.server.access_log() + pair.server.log()


def test_the_form_is_in_the_language_of_the_house(pair):
    settings = pair.owner.get("/organisation").page.fields
    assert pair.owner.post("/organisation", {**settings, "language": "fr", "time_zone": "UTC"}).status == 303
    assert pair.doctor.submit("/account/language", page="/account", language="en").status == 303
    assert pair.record().status == 303
    page = pair.doctor.get(pair.patient + "/consents")
    form = re.search(r'href="([^"]+/form)"', page.text)[1]
    assert "Shared with" in page.page.text and "Signature" in pair.doctor.get(form).page.text
    assert 'lang="fr"' in pair.doctor.get(form).text


def test_only_a_clinician_records_and_withdraws(server, pair):
    desk = join(server, pair.owner, email="desk@example.org", roles=("front-desk",))
    assert desk.get(pair.patient + "/consents").status == 200
    token = {"csrf_token": desk.token("/account")}
    assert desk.post(pair.patient + "/consents", {**token, **FIELDS, "partner": pair.partner}).status == 403
    stranger = server.organisation()
    assert stranger.get(pair.patient + "/consents").status == 404


def test_notes_come_in_pages_and_none_after_it_is_over(pair):
    token = {"csrf_token": pair.doctor.token(pair.patient)}
    for i in range(25):
        assert pair.doctor.post(pair.patient + "/notes", {**token, "content": f"Note {i}.", "sign": "1"}).status == 303
    path = pair.share()
    first = pair.guest.get(path)
    older = re.search(r'rel="next" href="([^"#]+)', first.text)[1]
    second = pair.guest.get(older)
    assert "Note 24." in first.page.text and "Note 0." not in first.page.text and "Note 0." in second.page.text
    assert pair.withdraw().status == 303
    assert pair.guest.get(older).status == 404


def test_each_page_of_a_patients_consents_says_which_part_it_is(pair):
    for _ in range(51):
        assert pair.record(pair.patient).status == 303
    first = pair.doctor.get(pair.patient + "/consents")
    nexts = re.search(r'rel="next" href="([^"]+)"', first.text)[1].replace("&amp;", "&")
    assert "<span>1–50</span>" in first.text and "<span>51</span>" in pair.doctor.get(nexts).text


def test_many_come_in_pages_the_newest_first(pair):
    for i in range(52):
        patient = pair.owner.add_patient(f"Shared {i:02d}").split("?")[0]
        assert pair.record(patient).status == 303
    first = pair.guest.get("/shared")
    names = re.findall(r"Shared \d\d", first.page.text)
    assert len(names) == 50 and names[0] == "Shared 51"
    nexts = re.search(r'rel="next" href="([^"]+)"', first.text)[1].replace("&amp;", "&")
    assert "<span>1–50</span>" in first.text and "<span>51–52</span>" in pair.guest.get(nexts).text
    assert re.findall(r"Shared \d\d", pair.guest.get(nexts).page.text) == ["Shared 01", "Shared 00"]
    assert re.findall(r"Shared \d\d", pair.guest.get("/shared?q=shared+01").page.text) == ["Shared 01"]
    # those that rest now leave no empty page before the others
    pair.change("UPDATE consents SET from_at = until_at - 1 WHERE patient_id IN (SELECT id FROM patients WHERE name "
                "BETWEEN 'Shared 01' AND 'Shared 51')")
    text = pair.guest.get("/shared").page.text
    assert re.findall(r"Shared \d\d", text) == ["Shared 00"] and "No shared patients" not in text


def test_a_page_of_several_owners_judges_each_share_for_itself(pair):
    """What a page asks of each owner at once is of that owner's shares alone, and decides nothing."""
    other = pair.server.organisation()
    partner = linked(other, pair.reader).rsplit("/", 1)[1]
    sides = ((pair.owner, pair.doctor, pair.partner), (other, join(pair.server, other, name="Otto Other"), partner))
    for n in range(6):
        owner, doctor, link = sides[n % 2]
        patient = owner.add_patient(f"{CANARY} No{n}").split("?")[0]
        assert doctor.submit(patient + "/consents", partner=link, **FIELDS).status == 303

    def listed():
        return [int(n) for n in re.findall(rf">{CANARY} No(\d)</a>", pair.guest.get("/shared").text)]

    def consent_of(n, change):
        pair.change(f"UPDATE consents SET {change} WHERE patient_id = (SELECT id FROM patients WHERE name = ? AND "
                    "tenant_id = (SELECT tenant_id FROM tenants WHERE name = ?))", f"{CANARY} No{n}",
                    sides[n % 2][0].organisation)

    assert listed() == [5, 4, 3, 2, 1, 0]
    consent_of(4, "state = 2")
    consent_of(3, "from_at = 9000000000000000")
    assert listed() == [5, 2, 1, 0]
    assert step(pair.reader, "/partners/" + partner, "suspend").status == 303
    assert listed() == [2, 0]
    assert step(pair.reader, "/partners/" + partner, "resume").status == 303
    consent_of(2, "until_at = 1")
    assert listed() == [5, 1, 0] == listed()


def test_however_many_are_linked_each_can_be_chosen(pair):
    tenant, = pair.rows("SELECT tenant_id FROM tenants WHERE name = ?", pair.owner.organisation)[0]
    pair.change("INSERT INTO partners (tenant_id, id, name, is_ours, state, changed_here) VALUES "
                + ", ".join(f"({tenant}, ?, 'Other {i}', 1, 2, 1)" for i in range(210)),
                *(b"\xff" + os.urandom(15) for _ in range(210)))
    found, page = 0, pair.patient + "/consents"
    while page:
        text = pair.doctor.get(page).text
        found, last = found + text.count(">Other "), text
        assert text.count(">Other ") <= 200
        page = re.search(r'href="([^"]*)">Those linked earlier', text)
        page = page and page[1].replace("&amp;", "&")
    assert found == 210 and f'value="{pair.partner}"' in last
    pair.share()
    # a form with something wrong in it still has who was chosen on a later page
    answer = pair.record(purpose="")
    assert answer.status == 422 and f'value="{pair.partner}" selected' in answer.text
    new = "/referrals/new?patient=" + pair.patient.rsplit("/", 1)[1]
    first = pair.doctor.get(new).text
    later = re.search(r'href="([^"]*)">Those linked earlier', first)[1].replace("&amp;", "&")
    assert f'value="{pair.partner}"' in pair.doctor.get(later).text and f'value="{pair.partner}"' not in first


def test_pages_that_show_nobody_of_another_organisation_do_not_wait_for_the_turn_to_write(make_server):
    """What is read on both sides is read beside whoever writes, and not in the turn to."""
    pair = Pair(make_server("MedSynQAuditViews batched"))
    assert pair.record().status == 303
    new = "/referrals/new?patient=" + pair.patient.rsplit("/", 1)[1]
    sent = pair.doctor.post("/referrals/new", {
        **pair.doctor.get(new).page.fields, **FIELDS, "partner": pair.partner, "urgency": "urgent", "reason": "why"})
    assert sent.status == 303
    paper = re.search(r'href="([^"]+/consents/[0-9a-f-]{36}/form)"', pair.doctor.get(pair.patient + "/consents").text)[1]
    pages = [(pair.owner, "/partners"), (pair.owner, pair.link)] + [(pair.doctor, path) for path in (
        pair.patient + "/consents", pair.patient + "/consents/form", paper, new, sent.location, sent.location + "/letter",
        "/referrals?box=out", "/referrals/written")]
    with contextlib.closing(sqlite3.connect(pair.server.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for who, path in pages:
            assert who.get(path).status == 200, path
        other.execute("ROLLBACK")


def test_a_search_that_finds_nobody_does_not_look_through_all_at_once(pair):
    """It is written in both trails, so whoever searches has the turn to write meanwhile."""
    form = {"csrf_token": pair.doctor.token(pair.patient), "partner": pair.partner, **FIELDS}
    for _ in range(210):
        assert pair.doctor.post(pair.patient + "/consents", form).status == 303
    page, looks = "/shared?q=nobody+of+this+name", 0
    while page:
        answer, looks = pair.guest.get(page), looks + 1
        assert answer.status == 200 and CANARY not in answer.text
        on = re.search(r'href="(/shared\?[^"]*after=[^"]*)"', answer.text)
        page = on and on[1].replace("&amp;", "&")
    assert looks == 2
