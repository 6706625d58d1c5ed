"""Messages on a referral: both sides write and read them where it stands, nobody changes one, each says when the
other side first saw it, and none comes after the referral is closed."""
import concurrent.futures
import os
import re
import time
import uuid

import pytest
from test_ctl import ctl
from test_merge import merge
from test_people import join
from test_referrals import GONE, NEVER, WAYS, Referrals
from test_shared import CANARY, bare


class Messages(Referrals):
    def write(self, who, path, text):
        return who.post(path + "/message", {**who.get(path).page.fields, "message": text})

    def late(self, who, path, text="late"):
        """From a page that was opened before."""
        return who.post(path + "/message", {"csrf_token": who.token("/account"), "message": text})

    def marks(self, path):
        """Of each message: what it says, and whether the other side has seen it."""
        return [(said, read_at is not None) for said, read_at in self.rows(
            "SELECT said, read_at FROM referral_steps WHERE referral_id = ? AND state = 0 ORDER BY id", id_of(path))]

    def told(self, organisation):
        return [(action, patient) for action, _, patient in self.rows(
            "SELECT action, actor_name, patient_id IS NOT NULL FROM audit_events e JOIN tenants t USING (tenant_id) "
            "WHERE t.name = ? AND action IN (206, 249) ORDER BY number", organisation)]


def id_of(path):
    return uuid.UUID(path.rsplit("/", 1)[1]).bytes


@pytest.fixture
def pair(server):
    return Messages(server)


def test_both_sides_write_and_each_sees_when_the_other_has_read_it(pair):
    path = pair.sent()
    answer = pair.write(pair.guest, path, "Which ward?\nThe child's mother asks.")
    assert (answer.status, answer.location) == (303, path)
    text = pair.guest.get(path).page.text
    assert "Which ward?" in text and "Not read yet" in text and f"{CANARY} Lima" in text
    text = pair.doctor.get(path).page.text
    assert "Which ward?" in text and f"Gus Guest, {pair.reader.organisation}" in text and f"{CANARY} Lima" in text
    assert "Not read yet" not in text and "Read:" not in text  # of one's own alone it is said
    text = pair.guest.get(path).page.text
    assert "Read:" in text and "Not read yet" not in text
    assert pair.write(pair.doctor, path, f"{CANARY} Ward 3.").status == 303
    assert "Not read yet" in pair.doctor.get(path).page.text
    assert f"{CANARY} Ward 3." in pair.guest.get(path).page.text
    assert "Not read yet" not in pair.doctor.get(path).page.text
    assert "Which ward?" in pair.guest.get("/referrals/written").page.text
    for verb in "accept", "start", "complete":
        assert pair.take(pair.guest, path, verb).status == 303
    for side in pair.doctor, pair.guest:
        text = side.get(path).page.text
        assert text.index("Which ward?") < text.index("Ward 3.") < text.index("Heart is fine.")


def test_each_message_stands_in_both_trails_and_the_readers_names_no_patient(pair):
    path = pair.sent()
    assert pair.write(pair.guest, path, "Which ward?").status == 303
    for _ in range(2):
        assert pair.doctor.get(path).status == 200
    assert pair.write(pair.doctor, path, f"{CANARY} Ward 3.").status == 303
    assert pair.guest.get(path).status == 200
    assert pair.told(pair.owner.organisation) == [(206, 1), (249, 1), (206, 1)]
    assert pair.told(pair.reader.organisation) == [(206, 0), (249, 0), (206, 0)]
    for who in pair.owner, pair.reader:
        text = who.get("/audit").page.text
        assert "Wrote a message on a referral" in text and "Saw the messages of a referral for the first time" in text
    mine, = pair.rows("SELECT tenant_id FROM tenants WHERE name = ?", pair.reader.organisation)[0]
    for table in pair.server.tables():
        assert CANARY not in repr(pair.rows(f"SELECT * FROM {table} WHERE tenant_id = ?", mine)), table
    assert CANARY not in pair.server.log() + pair.server.access_log()


def test_the_trails_agree_and_no_export_of_the_reader_has_what_the_owner_wrote(pair, tmp_path):
    path = pair.sent()
    assert pair.write(pair.guest, path, "Which ward?").status == pair.write(pair.doctor, path, f"{CANARY} 3.").status == 303
    assert f"{CANARY} 3." in pair.guest.get(path).page.text
    assert "sound" in ctl(pair.server.database, "audit", "verify")
    ctl(pair.server.database, "org", "export", pair.reader.organisation, tmp_path / "export")
    assert not any(CANARY.encode() in file.read_bytes() for file in (tmp_path / "export").iterdir())


def test_what_both_sides_send_at_once_is_all_there(pair):
    path = pair.sent()
    tokens = {who: who.token("/account") for who in (pair.guest, pair.doctor)}

    def send(who):
        return [who.post(path + "/message", {"csrf_token": tokens[who], "message": f"the {n}th"}).status for n in range(6)]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        assert list(pool.map(send, tokens)) == [[303] * 6] * 2
    assert len(pair.marks(path)) == 12
    for who in pair.owner, pair.reader:
        assert [action for action, _ in pair.told(who.organisation)] == [206] * 12


def test_the_lists_mark_what_nobody_here_has_seen(pair):
    path, other = pair.sent(), pair.sent()

    def marked(who, box):
        rows = who.get("/referrals?box=" + box).text.split("<tr>")[2:]
        return {re.search(r'href="([^"]+)"', row)[1] for row in rows if "New message" in row}
    states = "", "&state=sent"
    for who, of, box in (pair.doctor, pair.guest, "in"), (pair.guest, pair.doctor, "out"):
        assert pair.write(who, path, "Please hurry.").status == 303
        assert [marked(of, box + state) for state in states] == [{path}] * 2  # the other one waits, and has none
        assert of.get(path).status == 200
        assert [marked(of, box + state) for state in states] == [set()] * 2
        assert "New message" not in who.get(f"/referrals?box={box}").text
    assert pair.write(pair.doctor, other, "Once more.").status == 303
    assert pair.take(pair.guest, other, "decline").status == 303  # which nobody reads anything by
    assert marked(pair.guest, "in&state=declined") == {other}


def test_what_shows_no_message_marks_none_as_read(pair):
    path = pair.sent()
    assert pair.take(pair.guest, path, "accept").status == 303
    for who in pair.guest, pair.doctor:
        assert pair.late(who, path, "unseen").status == 303
    for who, pages in (pair.doctor, ("", "/letter")), (pair.guest, ("", "/letter", "/record", "/register")):
        assert who.request("HEAD", path).status == 200
        for page in pages[1:]:
            assert who.get(path + page).status == 200
        assert who.get("/referrals").status == who.get("/referrals?box=out").status == 200
    assert pair.marks(path) == [("unseen", False), ("unseen", False)]
    third = pair.server.organisation()
    desk = join(pair.server, pair.reader, email="desk@example.org", roles=("front-desk",))
    admin = join(pair.server, pair.owner, email="only.admin@example.org", roles=("admin",))
    assert [who.get(path).status for who in (third, desk, admin)] == [404, 403, 403]
    assert pair.marks(path) == [("unseen", False), ("unseen", False)]
    assert pair.doctor.get(path).status == 200
    assert sorted(pair.marks(path)) == [("unseen", False), ("unseen", True)]


def test_a_message_is_written_once_and_another_one_typed_since_is_not_lost(pair):
    path = pair.sent()
    form = {**pair.guest.get(path).page.fields, "message": "twice"}
    for _ in range(2):
        answer = pair.guest.post(path + "/message", form)
        assert (answer.status, answer.location.split("?")[0]) == (303, path)
    assert [said for said, _ in pair.marks(path)] == ["twice"]
    again = pair.guest.post(path + "/message", {**form, "message": "something else"})
    assert again.status == 409 and again.text.count("something else") == 1
    assert pair.guest.post(path + "/message", again.page.fields).status == 303
    assert [said for said, _ in pair.marks(path)] == ["twice", "something else"]


@pytest.mark.parametrize("text,status", [
    ("", 422), (" \n ", 422), ("x" * 4001, 422), ("é" * 4001, 422), ("x" * 4000, 303),
    ("\U0001f3e5" * 4000, 303), ("مرحبا " * 600 + "\u202e<script>", 303)])
def test_a_message_has_4000_characters_of_any_script(pair, text, status):
    path = pair.sent()
    answer = pair.write(pair.guest, path, text)
    assert answer.status == status
    assert len(pair.marks(path)) == (status == 303)
    if status == 422 and text.strip():
        assert "at most 4000 characters" in answer.page.text and text[:40].strip() in answer.text
    if status == 303:
        page = pair.doctor.get(path)
        assert text[:900].strip() in page.page.text and "<script>" not in page.text.split("What has happened")[1].split(
            "</section>")[0]


@pytest.mark.parametrize("state", WAYS)
def test_a_closed_referral_takes_no_message(pair, state):
    path = pair.sent()
    for verb, who in WAYS[state]:
        assert pair.take(getattr(pair, who), path, verb).status == 303
    closed = state in ("declined", "cancelled", "completed")
    for who in pair.guest, pair.doctor:
        assert (f'action="{path}/message"' in who.get(path).text) is not closed
        answer = pair.late(who, path)
        assert answer.status == (409 if closed else 303), answer.page.text
        assert not closed or (state in answer.page.text and answer.text.count(">late</p>") == 1)  # to be taken elsewhere
    assert len(pair.marks(path)) == (0 if closed else 2)


def test_an_expired_referral_takes_no_message_and_what_was_written_is_still_seen(pair):
    path = pair.sent()
    assert pair.write(pair.doctor, path, "Please answer.").status == 303
    for table in "referrals", "referral_links":
        pair.change(f"UPDATE {table} SET expires_at = ?", int(time.time() * 1000000) - 1)
    assert pair.late(pair.guest, path).status == pair.late(pair.doctor, path).status == 409
    assert "Please answer." in pair.guest.get(path).page.text
    assert pair.marks(path) == [("Please answer.", True)]


@pytest.mark.parametrize("why", GONE)
def test_what_is_no_longer_shared_takes_no_message_and_marks_none(pair, why):
    path = pair.sent()
    for who in pair.guest, pair.doctor:
        assert pair.write(who, path, "before").status == 303
    before = pair.marks(path)
    GONE[why](pair)
    assert bare(pair.late(pair.guest, path)) == bare(pair.late(pair.guest, NEVER))
    assert bare(pair.guest.get(path)) == bare(pair.guest.get(NEVER))
    if why != "owner suspended":
        assert pair.late(pair.doctor, path).status == 409
        assert f'action="{path}/message"' not in pair.doctor.get(path).text
        assert "before" in pair.doctor.get(path).page.text
        assert "Referrals (" not in pair.doctor.get("/dashboard").page.text
        assert pair.marks(path) == [("before", True), before[1]]
    assert len(pair.marks(path)) == 2


def test_whoever_is_no_side_of_it_writes_and_learns_nothing(pair):
    path = pair.sent()
    third = pair.server.organisation()
    assert bare(pair.late(third, path)) == bare(pair.late(third, NEVER))
    for roles in ("front-desk",), ("auditor",), ("admin",):
        person = join(pair.server, pair.reader, email=f"a.{roles[0]}@example.org", roles=roles)
        assert pair.late(person, path).status == 403
    assert pair.marks(path) == []


def test_one_side_does_not_take_the_others_word_away(pair):
    path = pair.sent()
    assert pair.write(pair.guest, path, "the first").status == 303
    for _ in range(98):
        pair.change("INSERT INTO referral_steps (tenant_id, referral_id, id, patient_id, at, state, by_name, is_here, said) "
                    "SELECT tenant_id, referral_id, ?, patient_id, at, 0, 'x', 0, 'y' FROM referral_steps "
                    "WHERE referral_id = ? AND state = 1", bytes([0, *os.urandom(15)]), id_of(path))
    assert pair.late(pair.guest, path, "the hundredth").status == 303
    assert f'action="{path}/message"' not in pair.guest.get(path).text
    assert pair.late(pair.guest, path, "one more").status == 409
    assert pair.write(pair.doctor, path, "and ours").status == 303
    assert "and ours" in pair.guest.get(path).page.text
    for verb, who in ("accept", pair.guest), ("cancel", pair.doctor), ("cancel", pair.guest):
        assert pair.take(who, path, verb).status == 303  # messages are no steps
    assert "cancelled" in pair.doctor.get(path).page.text


def test_the_navigation_counts_referrals_with_what_nobody_here_has_seen(pair):
    first, second = pair.sent(), pair.sent()
    assert "Referrals (2)" in pair.guest.get("/dashboard").page.text  # they wait
    for _ in range(2):
        assert pair.write(pair.doctor, first, "Please hurry.").status == 303
    assert "Referrals (2)" in pair.guest.get("/dashboard").page.text  # once, for both reasons
    assert pair.take(pair.guest, first, "accept").status == pair.take(pair.guest, second, "accept").status == 303
    assert "Referrals (1)" in pair.guest.get("/dashboard").page.text
    assert pair.guest.get(first).status == 200
    assert "Referrals (" not in pair.guest.get("/dashboard").page.text
    assert pair.late(pair.guest, first, "On Monday.").status == pair.late(pair.guest, second, "Where?").status == 303
    assert "Referrals (2)" in pair.doctor.get("/dashboard").page.text
    assert "Referrals (" not in pair.guest.get("/dashboard").page.text
    assert "Referrals (1)" in pair.doctor.get(first).page.text
    third = pair.sent()
    assert pair.write(pair.doctor, third, "Urgent.").status == 303
    assert "Urgent." in pair.guest.get(third).page.text
    assert "Referrals (1)" in pair.guest.get("/dashboard").page.text  # it waits still
    assert pair.write(pair.doctor, third, "Very.").status == pair.take(pair.doctor, third, "cancel").status == 303
    assert "Referrals (1)" in pair.guest.get("/dashboard").page.text  # there is something to read
    assert pair.guest.get(third).status == 200
    assert "Referrals (" not in pair.guest.get("/dashboard").page.text


def test_no_message_is_written_to_who_does_not_see_a_merged_record(pair):
    path = pair.sent()
    other = pair.owner.add_patient(f"{CANARY} Lyma", date_of_birth="1980-02-03").split("?")[0]
    merge(pair.doctor, other, pair.patient)
    assert pair.guest.get(path).status == 404
    answer = pair.late(pair.doctor, path, "unseen")
    assert answer.status == 409 and "merged into another" in answer.page.text and pair.marks(path) == []
    assert f'action="{path}/message"' not in pair.doctor.get(path).text
    again = pair.doctor.get(f"{other}/unmerge?other={pair.patient.rsplit('/', 1)[1]}").page.fields
    assert pair.doctor.post(other + "/unmerge", again).status == 303
    assert pair.write(pair.doctor, path, "seen").status == 303
    assert "seen" in pair.guest.get(path).page.text
