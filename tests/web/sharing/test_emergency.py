"""A clinician of a linked organisation opens one record in an emergency, without a consent: where both sides
allow it, for an hour, told on both sides before anything is shown, and reviewed by the owner."""
import json
import os
import re
import subprocess
import time
import uuid

import pytest
from harness import PASSWORD, until
from test_ctl import built, ctl
from test_partners import step
from test_passwords import mail_command
from test_people import join, user_path
from test_shared import CANARY, DAY, NEVER, Pair, bare

REASON = "Unconscious, brought in by the ambulance."
BORN = "1980-02-03"
MINUTE = 60 * 1000000
LATER = "?notes_before=01890000-0000-7000-8000-000000000001"


def allow(client, link, on="1"):
    return client.post(link + "/emergency", {"csrf_token": client.token("/partners"), "allow": on})


def asked(who, partner, mrn, **fields):
    """The form, as it is sent"""
    page = who.get("/emergency").page.fields
    return who.post("/emergency", {**page, "partner": partner, "identifier": mrn, "date_of_birth": BORN,
                                   "reason": REASON, "password": who.password, **fields})


class House(Pair):
    """The same two, which both allow it; the patient has numbers."""

    def __init__(self, server, both=True):
        super().__init__(server)
        fields = self.owner.get(self.patient + "/edit").page.fields
        assert self.owner.post(self.patient + "/edit", {**fields, "national_id": "AB 123-456"}).status == 303
        self.mrn, = self.rows("SELECT mrn FROM patients WHERE name LIKE ? AND tenant_id = (SELECT tenant_id FROM "
                              "tenants WHERE name = ?)", f"{CANARY}%", self.owner.organisation)[0]
        if both:
            assert allow(self.owner, self.link).status == 303 and allow(self.reader, self.link).status == 303

    def ask(self, who=None, **fields):
        return asked(who or self.guest, **{"partner": self.partner, "mrn": self.mrn, **fields})

    def open(self, who=None, **fields):
        """@return the path at which it is shown"""
        answer = self.ask(who, **fields)
        assert answer.status == 303, answer.page.text
        return answer.location.split("?")[0]

    def trail(self, organisation):
        return self.events(organisation, (164, 167, 168, 216, 217, 218, 219, 220, 221, 222))


@pytest.fixture
def house(server):
    return House(server)


@pytest.mark.parametrize("identifier", ["mrn", "national", "national, as typed"])
def test_an_exact_number_with_the_date_of_birth_opens_the_whole_record(house, identifier):
    path = house.open(identifier={"mrn": house.mrn, "national": "AB 123-456"}.get(identifier, "ab123456"))
    page = house.guest.get(path)
    assert page.status == 200 and "no-store" in page.headers["Cache-Control"]
    for said in (f"{CANARY} Lima", f"{CANARY} nuts", f"{CANARY} asthma", f"{CANARY} signed", "Emergency treatment",
                 "Emergency access", house.owner.organisation):
        assert said in page.page.text, said
    assert re.search(r"(59|60) minutes left", page.page.text) and f"{CANARY} draft" not in page.page.text
    assert f"{CANARY} Lima" in house.guest.get("/shared").page.text


def test_both_trails_have_it_before_anything_is_shown_and_the_readers_names_no_patient(house):
    before = house.trail(house.owner.organisation)
    share = uuid.UUID(house.open().rsplit("/", 1)[1])
    patient = uuid.UUID(house.patient.rsplit("/", 1)[1]).bytes
    who = f"Gus Guest, {house.reader.organisation}"
    assert house.trail(house.owner.organisation)[len(before):] == [(218, who, share.bytes, patient, REASON)]
    assert house.trail(house.reader.organisation)[-1:] == [(217, "Gus Guest", share.bytes, None, None)]
    assert "1 emergency access to a record of yours waits" in house.owner.get("/dashboard").page.text
    assert house.guest.get(f"/shared/{share}").status == 200
    assert [e[0] for e in house.trail(house.owner.organisation)[len(before):]] == [218, 167]
    seen = house.doctor.get(house.patient + "/accesses").page.text
    assert who in seen and "Got access to the record in an emergency" in seen and "Opened the shared record" in seen


def test_the_readers_organisation_keeps_nothing_of_the_patient(house):
    assert CANARY in house.guest.get(house.open()).text
    mine, = house.rows("SELECT tenant_id FROM tenants WHERE name = ?", house.reader.organisation)[0]
    patient = uuid.UUID(house.patient.rsplit("/", 1)[1]).bytes
    for table in house.server.tables():
        for row in house.rows(f"SELECT * FROM {table} WHERE tenant_id = ?", mine):
            said = repr(row).lower()
            assert CANARY.lower() not in said and patient not in row and house.mrn not in row, table
            assert "ambulance" not in said, table
    assert CANARY not in house.server.log() and house.mrn not in house.server.log() + house.server.access_log()


WRONG = {
    "another date of birth": lambda h: {"date_of_birth": "1980-02-04"},
    "no such number": lambda h: {"identifier": "P99999999"},
    "a part of the number": lambda h: {"identifier": h.mrn[:-1]},
    "the name": lambda h: {"identifier": f"{CANARY} Lima"},
    "a pattern": lambda h: {"identifier": "%"},
    "archived": lambda h: h.put("patients", "status = 2"),
    "the owner does not allow it": lambda h: allow(h.owner, h.link, "0") and None,
    "the owner is suspended": lambda h: h.change("UPDATE tenants SET status = 2 WHERE name = ?", h.owner.organisation),
    "of several": lambda h: h.twin(),
}


@pytest.mark.parametrize("why", WRONG)
def test_whatever_is_wrong_has_one_answer_and_leaves_one_failed_try(server, why):
    house = House(server)
    house.twin = lambda: (house.owner.add_patient("Twin", date_of_birth=BORN, national_id="AB123456"),
                          {"identifier": "AB123456"})[1]
    told = house.ask(identifier="Q0", date_of_birth="1999-09-09")
    fields = WRONG[why](house) or {}
    before = house.rows("SELECT COUNT(*) FROM audit_events JOIN tenants USING (tenant_id) WHERE name = ?",
                        house.owner.organisation)
    answer = house.ask(**fields)

    def said(answer):
        return answer.status, re.sub(r'value="[^"]*"', "", bare(answer)[1])

    assert answer.status == 422 and said(answer) == said(told)
    assert house.rows("SELECT COUNT(*) FROM emergencies") == [(0,)] or not house.rows(
        "SELECT 1 FROM emergencies JOIN tenants USING (tenant_id) WHERE name = ?", house.owner.organisation)
    assert house.trail(house.reader.organisation)[-1] == (217, "Gus Guest", None, None, "identifier")
    assert before == house.rows("SELECT COUNT(*) FROM audit_events JOIN tenants USING (tenant_id) WHERE name = ?",
                                house.owner.organisation)


@pytest.mark.parametrize("sides", [(), ("owner",), ("reader",)])
def test_it_is_off_until_both_sides_allow_it(server, sides):
    house = House(server, both=False)
    for side in sides:
        assert allow(getattr(house, side), house.link).status == 303
    if "reader" not in sides:
        assert "An administrator can, on both sides" in house.guest.get("/emergency").page.text
    assert house.ask().status == 422
    assert not house.rows("SELECT 1 FROM emergencies JOIN tenants USING (tenant_id) WHERE name = ?",
                          house.owner.organisation)


def test_only_an_administrator_allows_it_and_only_a_clinician_opens(server, house):
    token = {"csrf_token": house.doctor.token("/account")}
    assert house.doctor.post(house.link + "/emergency", {**token, "allow": "0"}).status == 403
    assert house.doctor.get("/emergencies").status == 403
    for roles in ("front-desk",), ("auditor",), ("admin",):
        person = join(server, house.reader, email=f"the.{roles[0]}@example.org", roles=roles)
        assert person.get("/emergency").status == 403
        assert person.post("/emergency", {"csrf_token": person.token("/account")}).status == 403
    stranger = server.organisation()
    assert allow(stranger, house.link).status == 404
    assert [(e[0], e[4]) for e in house.trail(house.owner.organisation)] == [(216, "on")]


def test_the_form_has_the_name_that_the_other_one_has_now(house):
    ctl(house.server.database, "org", "rename", house.owner.organisation, f"Now {house.partner}")
    page = house.guest.get("/emergency").text
    assert f"Now {house.partner}" in page and house.owner.organisation not in page


def test_a_password_a_reason_and_a_whole_date_are_asked_for(house):
    for wrong, said in (({"password": "not the password"}, "This is not your password"),
                        ({"reason": "too short"}, "at least 15 characters"), ({"date_of_birth": "1980"}, "whole date"),
                        ({"date_of_birth": "\u0663/\u0662/\u0661\u0669\u0668\u0660"}, "Is this 3 Feb 1980 or 2 Mar 1980?"),
                        ({"reason": "a" + " \n" * 20 + "b"}, "at least 15 characters"),
                        ({"partner": str(uuid.uuid4())}, "choose one of the list"), ({"identifier": ""}, "number")):
        answer = house.ask(**wrong)
        assert answer.status == 422 and said in answer.page.text, wrong
        assert PASSWORD not in answer.text
    assert house.ask().status == 303


def test_the_same_form_opens_it_once(house):
    page = house.guest.get("/emergency").page.fields
    form = {**page, "partner": house.partner, "identifier": house.mrn, "date_of_birth": BORN, "reason": REASON,
            "password": house.guest.password}
    first = house.guest.post("/emergency", form)
    assert first.status == 303 and "open to you for 60 minutes" in house.guest.get(first.location).page.text
    assert house.guest.post("/emergency", form).location.split("?")[0] == first.location.split("?")[0]
    assert len([e for e in house.trail(house.owner.organisation) if e[0] == 218]) == 1


def roles_change(house, roles):
    who = user_path(house.reader, "bo@example.org")
    assert house.reader.submit(who + "/roles", who, password=house.reader.password, role=roles).status == 303


def off_and_on(house):
    who = user_path(house.reader, "bo@example.org")
    assert house.reader.submit(who + "/disable", who, password=house.reader.password).status == 303
    assert house.guest.get(house.path).status == 303
    assert house.reader.submit(who + "/enable", who, password=house.reader.password).status == 303
    assert house.guest.log_in(house.reader.organisation, "bo@example.org", house.guest.password).status == 303


GONE = {
    "the hour is over": lambda h: h.put("emergencies", "until_at = ?", int(time.time() * 1000000) - 1),
    "the clock was set back": lambda h: h.put("emergencies", "opened_at = ?, until_at = ?",
                                              int(time.time() * 1000000) + DAY, int(time.time() * 1000000) + 2 * DAY),
    "link suspended": lambda h: step(h.owner, h.link, "suspend"),
    "link suspended and resumed": lambda h: (step(h.reader, h.link, "suspend"), step(h.reader, h.link, "resume")),
    "link ended": lambda h: step(h.owner, h.link, "end"),
    "the owner allows it no more": lambda h: allow(h.owner, h.link, "0"),
    "the reader's side allows it no more": lambda h: allow(h.reader, h.link, "0"),
    "off and on again": lambda h: (allow(h.owner, h.link, "0"), allow(h.owner, h.link, "1")),
    "the setting alone, there": lambda h: h.change(
        "UPDATE partners SET allows_emergency = 0 WHERE tenant_id = (SELECT tenant_id FROM tenants WHERE name = ?)",
        h.owner.organisation),
    "the setting alone, here": lambda h: h.change(
        "UPDATE partners SET allows_emergency = 0 WHERE tenant_id = (SELECT tenant_id FROM tenants WHERE name = ?)",
        h.reader.organisation),
    "owner suspended": lambda h: h.change("UPDATE tenants SET status = 2 WHERE name = ?", h.owner.organisation),
    "record replaced": lambda h: h.put("patients", "status = 3"),
    "share ended alone": lambda h: h.put("shares", "state = 2"),
    "let go": lambda h: h.guest.submit(h.path + "/let-go", h.path),
    "another role": lambda h: roles_change(h, ["clinician", "front-desk"]),
    "disabled and enabled": off_and_on,
    "a role taken and given": lambda h: (roles_change(h, "auditor"), roles_change(h, "clinician")),
}


SHOWN = [(route["method"], route["pattern"]) for route in json.loads(subprocess.run(
    [built(), "routes", "--json"], capture_output=True, text=True, check=True).stdout)
    if re.match(r"/(shared|referrals|emergencies|patients)/\{id\}", route["pattern"])]


@pytest.mark.parametrize("why", ["link suspended", "the owner allows it no more", "the hour is over", "owner suspended",
                                 "another role", "another person", "not over"])
def test_by_no_route_is_it_another_ones_than_what_never_was(server, house, why):
    """Each route there is of a record, with the id of an emergency, and that of its patient: those that are over, those
    of somebody else; of one that is open, all routes but its own two"""
    house.path = path = house.open()
    who = join(server, house.reader, email="second@example.org") if why == "another person" else house.guest
    if why in GONE:
        GONE[why](house)
    token = {"csrf_token": who.token("/account"), "version": "1", "reason": REASON, "verdict": "justified"}

    def called(method, pattern, record):
        at = re.sub(r"\{[^}]*\}", record, pattern)
        return bare(who.get(at) if method == "GET" else who.post(at, token))

    assert len(SHOWN) > 40
    for record in path.rsplit("/", 1)[1], house.patient.rsplit("/", 1)[1]:
        for method, pattern in SHOWN:
            if why == "not over" and pattern.startswith("/shared/"):
                continue
            if why in ("owner suspended", "another role") and pattern.endswith("/let-go"):
                continue  # what rests is let go of by whoever has it
            assert called(method, pattern, record) == called(method, pattern, NEVER.rsplit("/", 1)[1]), pattern
    assert CANARY not in who.get("/shared").text or why == "not over"


@pytest.mark.parametrize("why", GONE)
def test_what_is_over_is_refused_like_what_never_was(house, why):
    house.path = path = house.open()
    assert house.guest.get(path).status == 200
    GONE[why](house)
    for below in ("", LATER):
        refused, never = house.guest.get(path + below), house.guest.get(NEVER + below)
        assert refused.status == 404 and bare(refused) == bare(never), why
    assert CANARY not in house.guest.get("/shared").text
    if why == "the hour is over":
        assert [e[0] for e in house.trail(house.owner.organisation)][-1] == 168
        house.put("emergencies", "until_at = ?", int(time.time() * 1000000) + DAY)
        assert house.guest.get(path).status == 404  # the clock is set back


def test_a_clock_that_goes_back_opens_nothing(make_server):
    house = House(make_server())
    path = house.open()
    house.change("UPDATE audit_events SET at = ? WHERE (tenant_id, number) IN (SELECT tenant_id, number FROM "
                 "audit_heads JOIN tenants USING (tenant_id) WHERE name = ?)", int(time.time() * 1000000) + DAY,
                 house.owner.organisation)
    assert house.guest.get(path).status == 404


def test_nobody_but_who_opened_it_sees_it_or_lets_go_of_it(server, house):
    path = house.open()
    other = join(server, house.reader, email="second@example.org", name="Second Clinician")
    assert bare(other.get(path)) == bare(other.get(NEVER)) and CANARY not in other.get("/shared").text
    token = {"csrf_token": other.token("/account")}
    gone, never = (other.post(at + "/let-go", token) for at in (path, NEVER))
    assert gone.status == 404 and bare(gone) == bare(never)
    assert house.guest.get(path).status == 200
    assert bare(house.doctor.get(path)) == bare(house.doctor.get(NEVER))


def test_the_reader_is_shut_out_with_their_organisation_or_account(server, house):
    path = house.open()
    house.change("UPDATE tenants SET status = 2 WHERE name = ?", house.reader.organisation)
    assert house.guest.get(path).status != 200
    house.change("UPDATE tenants SET status = 1 WHERE name = ?", house.reader.organisation)
    who = user_path(house.reader, "bo@example.org")
    assert house.reader.submit(who + "/disable", who, password=house.reader.password).status == 303
    assert house.guest.get(path).status == 303


def test_as_many_organisations_are_allowed_as_can_be_chosen_from(server):
    house = House(server, both=False)
    tenant, = house.rows("SELECT tenant_id FROM tenants WHERE name = ?", house.owner.organisation)[0]
    house.change("INSERT INTO partners (tenant_id, id, name, is_ours, state, changed_here, allows_emergency) VALUES "
                 + ", ".join(f"({tenant}, ?, 'Other {i}', 1, 2, 1, 1)" for i in range(200)),
                 *(b"\xfe" + os.urandom(15) for _ in range(200)))
    answer = allow(house.owner, house.link)
    assert answer.status == 409 and "as many organisations as there can be" in answer.page.text
    house.change("UPDATE partners SET allows_emergency = 0 WHERE tenant_id = ? AND name = 'Other 7'", tenant)
    assert allow(house.owner, house.link).status == 303
    assert house.doctor.get("/emergency").text.count(">Other ") == 199


def test_tries_are_throttled_for_the_person_and_for_the_organisation(make_server):
    server = make_server("MedSynQLoginThrottle 3 6")
    house = House(server)
    other = join(server, house.reader, email="second@example.org")
    for _ in range(3):
        assert house.ask(identifier="P00000000").status == 422
    late = house.ask()
    assert late.status == 429 and int(late.headers["Retry-After"]) > 0 and "Too many attempts" in late.page.text
    for _ in range(3):
        assert house.ask(other, identifier="P00000000").status == 422
    third = join(server, house.reader, email="third@example.org")
    assert house.ask(third).status == 429
    assert not house.rows("SELECT 1 FROM emergencies")
    assert House(server).ask().status == 303  # nobody of another organisation waits


def test_the_second_of_a_day_and_the_fifth_of_a_month_are_marked(house):
    def marks():
        return [row[0] for row in house.rows("SELECT marks FROM emergencies JOIN tenants USING (tenant_id) "
                                             "WHERE name = ? ORDER BY id", house.owner.organisation)]

    house.open()
    house.open()
    assert marks() == [0, 1]
    assert "The second by this person in a day" in house.owner.get("/emergencies").page.text
    house.put("emergency_uses", "opened_at = opened_at - ?", 2 * DAY, of=house.reader)
    house.open()
    house.put("emergency_uses", "opened_at = opened_at - ?", 2 * DAY, of=house.reader)
    house.open()
    house.put("emergency_uses", "opened_at = opened_at - ?", 2 * DAY, of=house.reader)
    house.open()
    assert marks() == [0, 1, 0, 0, 2]
    assert "The fifth by this person in 30 days" in house.owner.get("/emergencies").page.text


def check(server):
    return ctl(server.database, "--secret", server.state / "secret", "check", "--json")


def test_a_review_cannot_be_skipped_and_is_made_once(make_server):
    house = House(make_server())
    path = "/emergencies/" + house.open().rsplit("/", 1)[1]
    page = house.owner.get(path).page.text
    assert f"{CANARY} Lima" in page and REASON in page and "Gus Guest" in page
    assert house.trail(house.owner.organisation)[-1][0] == 221
    assert "1 wait for a review" in json.loads(check(house.server))["emergencies"]
    for said in {"verdict": "not-justified"}, {"verdict": ""}, {"verdict": "not-justified", "action": "  "}:
        assert house.owner.submit(path + "/review", path, **said).status == 422
    assert "waits for a review" in house.owner.get("/dashboard").page.text
    done = {"verdict": "not-justified", "action": "The other clinic was asked to explain."}
    answer = house.owner.submit(path + "/review", path, **done)
    assert answer.status == 303 and "The review is recorded." in house.owner.get(answer.location).page.text
    token = {"csrf_token": house.owner.token("/account")}
    assert house.owner.post(path + "/review", {**token, "verdict": "justified"}).status == 409
    last = house.trail(house.owner.organisation)
    assert (222, "not justified: The other clinic was asked to explain.") in [(e[0], e[4]) for e in last]
    assert "waits for a review" not in house.owner.get("/dashboard").page.text
    assert "not justified" in house.owner.get("/emergencies").page.text
    assert "asked to explain" in house.owner.get(path).page.text
    assert "wait" not in (json.loads(check(house.server))["emergencies"] or "")
    assert house.reader.get(path).status == 404
    assert house.reader.post(path + "/review", {"csrf_token": house.reader.token("/account"), **done}).status == 404


def test_whoever_has_no_room_left_has_emergencies_all_the_same(make_server):
    house = House(make_server("MedSynQQuota bytes 100k"))
    house.change("UPDATE counters SET value = 100000000 WHERE name = 'room.bytes'")
    path = house.open()
    assert house.guest.get(path).status == 200
    review = "/emergencies/" + path.rsplit("/", 1)[1]
    assert house.owner.submit(review + "/review", review, verdict="justified").status == 303
    assert allow(house.owner, house.link, "0").status == 303 and house.guest.get(path).status == 404


def test_an_emergency_that_is_in_one_trail_alone_is_found(make_server):
    house = House(make_server())
    house.open()
    house.server.stop()
    assert "sound" in ctl(house.server.database, "audit", "verify")
    house.change("DELETE FROM audit_events WHERE action = 218")
    house.change("UPDATE audit_heads SET (number, digest) = (SELECT e.number, e.digest FROM audit_events e WHERE "
                 "e.tenant_id = audit_heads.tenant_id ORDER BY e.number DESC LIMIT 1)")
    answer = subprocess.run([built(), "--database", house.server.database, "audit", "verify"], capture_output=True,
                            text=True, check=False)
    assert answer.returncode == 1 and "not in both trails" in answer.stdout + answer.stderr


def test_the_owners_administrators_get_a_mail_that_says_nothing_of_the_patient(make_server, tmp_path):
    command, mails = mail_command(tmp_path)
    server = make_server()
    house = House(server)
    server.stop()
    server.directives += f'\nMedSynQSendmail "{command} -t -i" https://clinic.example'
    server.start()
    assert house.guest.log_in(house.reader.organisation, "bo@example.org", house.guest.password).status == 303
    assert house.ask(identifier="P0").status == 422
    share = house.open().rsplit("/", 1)[1]
    mail = until(lambda: (mails / "mail").exists() and (mails / "mail").read_text(), "the mail")
    assert f"To: <{house.owner.email}>" in mail and f"https://clinic.example/emergencies/{share}" in mail
    assert "Gus Guest" in mail and house.reader.organisation in mail
    assert CANARY not in mail and house.mrn not in mail and "ambulance" not in mail
