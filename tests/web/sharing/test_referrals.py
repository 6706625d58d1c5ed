"""A patient is referred to a linked organisation: each step by its side, told on both, nothing of the
patient with the reader, and nothing to be seen there once the consent is withdrawn."""
import re
import time
import uuid

import pytest
from test_partners import step as partner_step
from test_people import join, user_path
from test_shared import CANARY, DAY, FIELDS, Pair, bare
from test_standing import FATES, Withheld

NEVER = "/referrals/01890000-0000-7000-8000-000000000001"
REFER = {"urgency": "urgent", "reason": f"{CANARY} short of breath", "question": f"{CANARY} asthma or heart?",
         "scope": "lists", "purpose": "TREAT", "given_by": "patient", "method": "oral"}
SAID = {"decline": {"reason": "no beds", "next_step": "ask the other ward"}, "cancel": {"reason": "got better"},
        "complete": {"reply": "Heart is fine."}}
STEPS = ("accept", "decline", "start", "complete", "cancel")


class Referrals(Pair):
    def refer(self, **fields):
        """@return the path, the same on both sides"""
        page = f"/referrals/new?patient={self.patient.rsplit('/', 1)[1]}"
        return self.doctor.post("/referrals/new", {**self.doctor.get(page).page.fields, "partner": self.partner,
                                                   **REFER, **fields})

    def sent(self, **fields):
        answer = self.refer(**fields)
        assert answer.status == 303, answer.page.text
        return answer.location

    def take(self, who, path, verb, **fields):
        return who.post(f"{path}/{verb}", {"csrf_token": who.token("/account"), **SAID.get(verb, {}), **fields})

    def all_events(self, organisation):
        return self.rows("SELECT action, actor_name, patient_id IS NOT NULL FROM audit_events e JOIN tenants t USING "
                         "(tenant_id) WHERE t.name = ? AND action BETWEEN 190 AND 198 ORDER BY number", organisation)


@pytest.fixture
def pair(server):
    return Referrals(server)


def test_the_path_of_two_organisations(pair):
    page = pair.doctor.get(pair.patient).text
    assert "/referrals/new?patient=" in page
    path = pair.sent()
    inbox = pair.guest.get("/referrals").page.text
    assert f"{CANARY} Lima" in inbox and "Received (waiting: 1)" in inbox and "Urgent" in inbox and "today" in inbox
    assert "Sent (waiting: 1)" in pair.doctor.get("/referrals?box=out").page.text
    text = pair.guest.get(path).page.text
    for said in (f"{CANARY} short of breath", f"{CANARY} asthma or heart?", f"{CANARY} Lima", pair.owner.organisation,
                 "waits for an answer"):
        assert said in text, said
    assert f"{CANARY} nuts" in pair.guest.get(path.replace("/referrals", "/shared")).page.text
    for verb, state in ("accept", "accepted"), ("start", "in progress"), ("complete", "completed"):
        assert pair.take(pair.guest, path, verb).status == 303
        for side in pair.doctor, pair.guest:
            assert state in side.get(path).page.text, (verb, state)
    assert "Heart is fine." in pair.doctor.get(path).page.text
    record = pair.doctor.get(pair.patient).page.text
    assert "Heart is fine." in record and f"Gus Guest, {pair.reader.organisation}" in record
    assert "Heart is fine." in pair.guest.get("/referrals/written").page.text
    who = f"Gus Guest, {pair.reader.organisation}"
    ours = [e for e in pair.all_events(pair.owner.organisation) if e[0] not in (190, 191, 198)]
    theirs = [e for e in pair.all_events(pair.reader.organisation) if e[0] not in (190, 191, 198)]
    assert ours == [(192, "Olga Owner", 1), (193, who, 1), (196, who, 1), (197, who, 1)]
    assert [e[0] for e in theirs] == [192, 193, 196, 197] and not any(e[2] for e in theirs)
    seen = pair.doctor.get(pair.patient + "/accesses").page.text
    assert who in seen and "Opened the referral of a patient" in seen


@pytest.mark.parametrize("verb,who,before", [
    ("accept", "guest", ()), ("decline", "guest", ()), ("start", "guest", ("accept",)), ("cancel", "doctor", ()),
    ("cancel", "guest", ("accept",)), ("complete", "guest", ("accept", "start"))])
def test_a_second_click_on_a_step_is_led_to_what_the_first_has_done(pair, verb, who, before):
    path, who = pair.sent(), getattr(pair, who)
    for step in before:
        assert pair.take(pair.guest, path, step).status == 303
    form = {**who.get(path).page.fields, **SAID.get(verb, {})}
    for _ in range(2):
        answer = who.post(f"{path}/{verb}", form)
        assert (answer.status, answer.location.split("?")[0]) == (303, path)
    assert pair.rows("SELECT count(*) FROM referral_steps WHERE referral_id = ?",
                     uuid.UUID(path.rsplit("/", 1)[1]).bytes) == [(2 + len(before),)]
    again = who.post(f"{path}/{verb}", {**who.get(path).page.fields, **SAID.get(verb, {})})
    assert again.status == 409  # from a page that shows how it is now


def test_the_navigation_says_how_many_wait_for_an_answer(pair):
    first = pair.sent()
    pair.sent()
    for page in "/dashboard", "/patients", "/shared", NEVER:
        assert "Referrals (2)" in pair.guest.get(page).page.text, page
    assert pair.take(pair.guest, first, "accept").status == 303
    assert "Referrals (1)" in pair.guest.get("/dashboard").page.text
    assert "Referrals (" not in pair.doctor.get("/dashboard").page.text
    assert pair.withdraw().status == 303 and pair.withdraw().status == 303
    assert "Referrals (" not in pair.guest.get("/dashboard").page.text


def test_a_letter_is_printed_on_either_side(pair):
    path = pair.sent()
    for who, partner in (pair.doctor, pair.reader.organisation), (pair.guest, pair.owner.organisation):
        text = who.get(path + "/letter").page.text
        for said in (f"{CANARY} Lima", f"{CANARY} short of breath", f"{CANARY} asthma or heart?", "Urgent", partner,
                     "Signature"):
            assert said in text, said
        assert f"{CANARY} nuts" not in text
    assert [e[0] for e in pair.all_events(pair.owner.organisation) if e[1].startswith("Gus")] == [198]
    assert pair.withdraw().status == 303
    assert bare(pair.guest.get(path + "/letter")) == bare(pair.guest.get(NEVER + "/letter"))


# verb, by whom, what it leads to; each way through the states
WAYS = {
    "sent": (), "accepted": (("accept", "guest"),), "declined": (("decline", "guest"),),
    "cancelled": (("cancel", "doctor"),), "in progress": (("accept", "guest"), ("start", "guest")),
    "completed": (("accept", "guest"), ("start", "guest"), ("complete", "guest")),
    "the sender asks": (("accept", "guest"), ("cancel", "doctor")),
    "the receiver asks": (("accept", "guest"), ("start", "guest"), ("cancel", "guest")),
}
OPEN = {
    "sent": {"doctor": {"cancel"}, "guest": {"accept", "decline"}},
    "accepted": {"doctor": {"cancel"}, "guest": {"start", "cancel"}},
    "in progress": {"doctor": {"cancel"}, "guest": {"complete", "cancel"}},
    "the sender asks": {"doctor": set(), "guest": {"start", "cancel"}},
    "the receiver asks": {"doctor": {"cancel"}, "guest": {"start"}},
}
SAYS = {"sent": "waits for an answer", "the sender asks": "the sender asks to cancel",
        "the receiver asks": "the receiver asks to cancel"}


@pytest.mark.parametrize("state", WAYS)
def test_each_step_that_is_not_open_is_409_with_the_state(pair, state):
    path = pair.sent()
    for verb, who in WAYS[state]:
        assert pair.take(getattr(pair, who), path, verb).status == 303, verb
    for who in "doctor", "guest":
        client = getattr(pair, who)
        offered = set(re.findall(rf'action="{path}/(\w+)"', client.get(path).text)) - {"message"}
        assert offered == OPEN.get(state, {}).get(who, set()), who
        for verb in set(STEPS) - offered:
            answer = pair.take(client, path, verb)
            assert answer.status == 409 and SAYS.get(state, state) in answer.page.text, (who, verb)
    before = pair.rows("SELECT COUNT(*) FROM referral_steps")
    assert before == [(1 + len(WAYS[state]),)] or len(before) == 1
    for who in "doctor", "guest":
        for verb in OPEN.get(state, {}).get(who, ()):
            other = pair.sent()
            for earlier, by in WAYS[state]:
                assert pair.take(getattr(pair, by), other, earlier).status == 303
            assert pair.take(getattr(pair, who), other, verb).status == 303, (who, verb)


def test_what_a_step_wants_is_asked_for(pair):
    path = pair.sent()
    for wrong in {"reason": ""}, {"next_step": ""}, {"reason": "", "next_step": ""}:
        assert pair.take(pair.guest, path, "decline", **wrong).status == 422
    assert pair.take(pair.doctor, path, "cancel", reason="").status == 422
    assert pair.take(pair.guest, path, "accept").status == 303
    assert pair.take(pair.doctor, path, "cancel").status == 303
    assert pair.take(pair.guest, path, "cancel", reason="").status == 303  # to agree wants no reason
    for wrong, said in (({"reason": ""}, "Enter the reason for the referral"), ({"urgency": "soon"}, ""),
                        ({"given_by": "guardian"}, "Enter the name of the guardian"),
                        ({"until": "2999-01-01"}, "365 days at most")):
        answer = pair.refer(**wrong)
        assert answer.status == 422 and said in answer.page.text, wrong


def test_one_that_is_not_answered_in_30_days_is_expired(pair):
    path = pair.sent()
    assert "waits for an answer" in pair.guest.get(path).page.text
    for table, of in ("referrals", pair.owner), ("referral_links", pair.reader):
        pair.put(table, "expires_at = ?", int(time.time() * 1000000) - 1, of=of)
    for who in pair.guest, pair.doctor:
        assert "expired without an answer" in who.get(path).page.text
    answer = pair.take(pair.guest, path, "accept")
    assert answer.status == 409 and "expired without an answer" in answer.page.text
    for client, box in (pair.guest, "in"), (pair.doctor, "out"):
        assert f"{CANARY} Lima" in client.get(f"/referrals?box={box}&state=expired").page.text
        assert f"{CANARY} Lima" not in client.get(f"/referrals?box={box}&state=sent").page.text
        assert "(waiting: 0)" in client.get(f"/referrals?box={box}").page.text


def test_both_boxes_are_filtered_by_state_and_come_in_pages(pair):
    first = pair.sent()
    assert pair.take(pair.guest, first, "accept").status == 303
    second = pair.sent()
    for client, box in (pair.guest, "in"), (pair.doctor, "out"):
        for state, shown in ("accepted", {first}), ("sent", {second}), ("", {first, second}), ("completed", set()):
            text = client.get(f"/referrals?box={box}&state={state}").text
            assert set(re.findall(r'href="(/referrals/[0-9a-f-]{36})"', text)) == shown, (box, state)
    assert pair.guest.get("/referrals?box=both").status == 400
    assert pair.guest.get("/referrals?state=odd").status == 400


def withdraw(pair):
    page = pair.doctor.get(pair.patient + "/consents").text
    return pair.doctor.post(re.search(r'action="([^"]+/withdraw)"', page)[1], {
        "csrf_token": pair.doctor.token(pair.patient)})


GONE = {
    "withdrawn": withdraw,
    "link ended": lambda p: partner_step(p.reader, p.link, "end"),
    "link suspended": lambda p: partner_step(p.owner, p.link, "suspend"),
    "share over": lambda p: p.put("consents", "until_at = ?", int(time.time() * 1000000) - 1),
    "owner suspended": lambda p: p.change("UPDATE tenants SET status = 2 WHERE name = ?", p.owner.organisation),
}


@pytest.mark.parametrize("why", GONE)
def test_what_is_no_longer_shared_is_refused_like_what_never_was(pair, why):
    path = pair.sent()
    assert pair.take(pair.guest, path, "accept").status == 303
    GONE[why](pair)
    refused, never = pair.guest.get(path), pair.guest.get(NEVER)
    assert refused.status == 404 and bare(refused) == bare(never)
    for verb in STEPS:
        refused, never = pair.take(pair.guest, path, verb), pair.take(pair.guest, NEVER, verb)
        assert refused.status == 404 and bare(refused) == bare(never), verb
    for box in "/referrals", "/referrals?state=accepted":
        assert CANARY not in pair.guest.get(box).text
    if why != "owner suspended":
        text = pair.doctor.get(path).page.text
        assert "accepted" in text and "The other organisation does not see this" in text
        assert f"{CANARY} Lima" in pair.doctor.get("/referrals?box=out").page.text


def test_one_that_the_other_side_sees_no_more_is_cancelled_without_it(pair):
    path = pair.sent()
    assert pair.take(pair.guest, path, "accept").status == 303
    assert withdraw(pair).status == 303
    before = len(pair.all_events(pair.reader.organisation))
    assert pair.take(pair.doctor, path, "cancel").status == 303
    assert "cancelled" in pair.doctor.get(path).page.text
    assert len(pair.all_events(pair.reader.organisation)) == before


def test_a_closed_organisation_is_told_of(pair):
    path = pair.sent()
    pair.change("UPDATE tenants SET status = 2 WHERE name = ?", pair.reader.organisation)
    assert "or it is closed" in pair.doctor.get(path).page.text
    assert pair.refer().status == 409


def test_the_readers_organisation_keeps_nothing_of_the_patient(pair):
    path = pair.sent()
    for look in path, "/referrals", "/referrals?state=sent":
        assert CANARY in pair.guest.get(look).text
    for verb in "accept", "start", "complete":
        assert pair.take(pair.guest, path, verb).status == 303
    mine, = pair.rows("SELECT tenant_id FROM tenants WHERE name = ?", pair.reader.organisation)[0]
    patient = uuid.UUID(pair.patient.rsplit("/", 1)[1]).bytes
    for table in pair.server.tables():
        for row in pair.rows(f"SELECT * FROM {table} WHERE tenant_id = ?", mine):
            assert CANARY.lower() not in repr(row).lower() and patient not in row, table
    assert CANARY not in pair.server.log() + pair.server.access_log()
    assert "Heart is fine." in repr(pair.rows("SELECT * FROM referral_words WHERE tenant_id = ?", mine))


def test_who_may_not_is_refused(server, pair):
    path = pair.sent()
    for roles in ("front-desk",), ("auditor",), ("admin",):
        person = join(server, pair.reader, email=f"the.{roles[0]}@example.org", roles=roles)
        for look in path, "/referrals", "/referrals/written", "/referrals/new":
            assert person.get(look).status == 403, (roles, look)
    stranger = server.organisation()
    assert bare(stranger.get(path)) == bare(stranger.get(NEVER))
    patient = pair.patient.rsplit("/", 1)[1]
    assert bare(stranger.get(f"/referrals/new?patient={patient}")) == bare(stranger.get(
        f"/referrals/new?patient={NEVER.rsplit('/', 1)[1]}"))
    for verb in STEPS:
        assert bare(pair.take(stranger, path, verb)) == bare(pair.take(stranger, NEVER, verb))


def test_a_referral_shows_the_reader_no_other_one_of_the_same_patient(server, pair):
    """Two organisations are asked about one patient: neither learns of the other."""
    from test_partners import linked
    third = server.organisation()
    partner = linked(pair.owner, third).rsplit("/", 1)[1]
    ours = pair.sent(reason="for the first one")
    theirs = pair.sent(reason="for the second one", partner=partner)
    assert pair.guest.get(ours).status == 200 and third.get(theirs).status == 200
    assert bare(pair.guest.get(theirs)) == bare(pair.guest.get(NEVER))
    assert "for the second one" not in pair.guest.get(ours).text + pair.guest.get("/referrals").text


def test_a_reply_to_a_record_that_is_archived_is_kept(pair):
    path = pair.sent()
    assert pair.take(pair.guest, path, "accept").status == 303
    assert pair.take(pair.guest, path, "start").status == 303
    form = pair.owner.get(pair.patient).page.fields
    assert pair.owner.post(pair.patient + "/archive", {**form, "reason": "moved", "version": pair.rows(
        "SELECT version FROM patients WHERE id = ?", pair.patient_id)[0][0]}).status == 303
    assert pair.take(pair.guest, path, "complete").status == 303
    assert "Heart is fine." in pair.doctor.get(pair.patient).page.text


def room(pair, organisation):
    return pair.rows("SELECT c.value FROM counters c JOIN tenants t USING (tenant_id) WHERE t.name = ? "
                     "AND c.name = 'room.bytes'", organisation)[0][0]


def test_asking_to_cancel_and_going_on_all_the_same_comes_to_an_end(pair):
    """Else one side alone fills the other's record, and the newest steps stand beyond what is shown."""
    path = pair.sent()
    assert pair.take(pair.guest, path, "accept").status == 303
    answer, turns = pair.take(pair.guest, path, "start"), 0
    while answer.status == 303 and turns < 60:
        answer, turns = pair.take(pair.guest, path, "cancel"), turns + 1
        if answer.status == 303:
            assert pair.take(pair.guest, path, "start").status == 303
    assert answer.status == 409 and turns <= 21 and "in progress" in answer.page.text
    for client in pair.guest, pair.doctor:
        assert f'action="{path}/cancel"' not in client.get(path).text
    assert pair.take(pair.doctor, path, "cancel").status == 409
    assert pair.take(pair.guest, path, "complete").status == 303
    assert "Heart is fine." in pair.doctor.get(path).page.text


def test_one_that_is_asked_for_long_can_still_be_agreed_to(pair):
    path = pair.sent()
    for verb in ["accept"] + ["cancel", "start"] * 19:
        assert pair.take(pair.guest, path, verb).status == 303
    assert pair.take(pair.guest, path, "cancel").status == 409
    pair.change("DELETE FROM referral_steps WHERE (tenant_id, id) = (SELECT s.tenant_id, s.id FROM referral_steps s JOIN "
                "tenants t ON t.tenant_id = s.tenant_id WHERE t.name = ? ORDER BY s.id DESC LIMIT 1)",
                pair.owner.organisation)
    assert pair.take(pair.guest, path, "cancel").status == 303
    assert pair.take(pair.doctor, path, "cancel").status == 303
    assert "cancelled" in pair.guest.get(path).page.text


def test_what_the_other_side_writes_counts_where_it_is_kept(pair):
    path = pair.sent()
    before = room(pair, pair.owner.organisation)
    assert pair.take(pair.guest, path, "decline", reason="r" * 3000, next_step="n" * 3000).status == 303
    assert room(pair, pair.owner.organisation) - before > 6000
    before = room(pair, pair.reader.organisation)
    assert partner_step(pair.owner, pair.link, "end", "e" * 900).status == 303
    assert room(pair, pair.reader.organisation) - before > 900


KEPT = ("referrals", "referral_steps", "referral_links", "referral_words", "consents", "shares", "shared_links",
        "patient_merges", "patient_versions")


@pytest.mark.parametrize("fate", FATES, ids=lambda f: f.__name__)
def test_what_comes_too_late_changes_nothing_on_either_side(server, pair, fate):
    path, other = pair.sent(), pair.owner.add_patient("Anna Lyma", date_of_birth="1980-02-03").split("?")[0]
    merge = pair.doctor.get(f"{pair.patient}/merge?other={other.rsplit('/', 1)[1]}").page.fields
    page = pair.doctor.get(pair.patient + "/consents").text
    patient = {"patient": pair.patient.rsplit("/", 1)[1], "partner": pair.partner}
    posts = {"doctor": [("/referrals/new", {**patient, **REFER}), (pair.patient + "/consents", {**patient, **FIELDS}),
                        (path + "/cancel", SAID["cancel"]), (pair.patient + "/merge", merge),
                        (re.search(r'action="([^"]+/withdraw)"', page)[1], {"reason": "late"})],
             "guest": [(path + "/accept", {}), (path + "/decline", SAID["decline"]),
                       (path.replace("/referrals", "/shared") + "/let-go", {})]}
    for who, admin in ("doctor", pair.owner), ("guest", pair.reader):
        client = getattr(pair, who)
        token = {"csrf_token": client.token("/account")}
        late = [Withheld(client, to, {**fields, **token}) for to, fields in posts[who]]
        fate(server, admin, client, user_path(admin, "bo@example.org"))
        before = [pair.rows(f"SELECT * FROM {table}") for table in KEPT]
        for one in late:
            status, place = one.send()
            assert status == 403 or (status == 303 and place.startswith("/login")), (status, place)
        assert [pair.rows(f"SELECT * FROM {table}") for table in KEPT] == before, who
