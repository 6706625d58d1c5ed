"""Every answer that carried a patient has its line in the trail: many at once, and across kill -9."""
import contextlib
import os
import re
import signal
import sqlite3
import threading
import time

import pytest

from test_trail import verify

VIEW, LIST = 6, 5


def lines(server, action, patient=None):
    with sqlite3.connect(f"file:{server.database}?mode=ro", uri=True) as db:
        if patient:
            return db.execute("SELECT COUNT(*) FROM audit_events WHERE action=? AND patient_id=?",
                              (action, bytes.fromhex(patient.replace("-", "")))).fetchone()[0]
        return db.execute("SELECT COUNT(*) FROM audit_events WHERE action=?", (action,)).fetchone()[0]


def patient_of(client):
    return client.add_patient("Ada Lovelace").rsplit("/", 1)[1].split("?")[0]


def storm(client, server, path, threads, seconds, meanwhile=lambda: None, words="Ada Lovelace"):
    """How many answers carried the patient."""
    end = time.time() + seconds
    seen = [0] * threads

    def run(i):
        other = server.client()
        other.cookies = dict(client.cookies)
        while time.time() < end:
            try:
                answer = other.get(path)
                seen[i] += answer.status == 200 and words in answer.text
            except Exception:  # the child was killed under this request
                other = server.client()
                other.cookies = dict(client.cookies)

    running = [threading.Thread(target=run, args=(i,)) for i in range(threads)]
    for thread in running:
        thread.start()
    meanwhile()
    for thread in running:
        thread.join()
    return sum(seen)


def test_pages_asked_for_at_once_have_a_line_each(make_server):
    server = make_server()
    client = server.organisation()
    patient = patient_of(client)
    before = lines(server, VIEW, patient)
    seen = storm(client, server, f"/patients/{patient}", 12, 3)
    assert seen > 20 and lines(server, VIEW, patient) - before == seen
    assert verify(server.database)[0] == 0


def test_no_patient_was_shown_without_a_line_across_kill_9(make_server):
    server = make_server()
    client = server.organisation()
    patient = patient_of(client)
    before = lines(server, VIEW, patient)

    def kill():
        for _ in range(3):
            time.sleep(0.7)
            children = os.popen(f"pgrep -P {server.pid}").read().split()
            for child in children:
                with contextlib.suppress(ProcessLookupError):  # it has ended by itself meanwhile
                    os.kill(int(child), signal.SIGKILL)

    seen = storm(client, server, f"/patients/{patient}", 8, 4, kill)
    told = lines(server, VIEW, patient) - before
    # an answer may be lost after its event was written: the client asks twice then
    assert seen <= told <= seen + 48
    assert verify(server.database)[0] == 0


def until(true):
    end = time.time() + 60
    while not true():
        assert time.time() < end
        time.sleep(0.1)


def test_what_a_locked_database_did_not_take_is_told_and_written_later(make_server):
    server = make_server("MedSynQAuditViews batched")
    client = server.organisation()
    patient = patient_of(client)
    before = lines(server, VIEW, patient)
    db = sqlite3.connect(server.database, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    for _ in range(3):
        assert client.get(f"/patients/{patient}").status == 200
    until(lambda: "MSQ0007" in server.log())
    db.execute("ROLLBACK")
    db.close()
    until(lambda: lines(server, VIEW, patient) - before == 3)
    until(lambda: "MSQ0008" in server.log())
    assert "MSQ0009" not in server.log()
    assert verify(server.database)[0] == 0


@pytest.mark.parametrize("views,count", [("batched", 5), ("off", 0)])
def test_views_are_recorded_as_the_administrator_chose(make_server, views, count):
    server = make_server(f"MedSynQAuditViews {views}")
    client = server.organisation()
    patient = patient_of(client)
    before = lines(server, VIEW, patient)
    for _ in range(5):
        assert client.get(f"/patients/{patient}").status == 200
    server.stop()
    assert lines(server, VIEW, patient) - before == count
    assert verify(server.database)[0] == 0


PAGES = {6: "", 71: "/history", 76: "/print", 112: "/accesses"}


def test_without_records_of_views_what_was_opened_last_stands_first(make_server):
    server = make_server("MedSynQAuditViews off")
    client = server.organisation()
    paths = [client.add_patient(name) for name in ("Opened Again", "Opened Once")]

    def recent():
        page = client.get("/dashboard").text
        nav = re.search(r'<nav class="recent card".*?</nav>', page, re.S)
        return re.findall(r">(Opened \w+)<", nav[0]) if nav else []

    for path in (paths[0], paths[0], paths[1], paths[1], paths[0], paths[0]):
        client.get(path)
    until(lambda: len(recent()) == 2)
    assert recent() == ["Opened Again", "Opened Once"]


def test_every_kind_of_page_about_a_patient_has_its_lines_in_a_mixed_storm(make_server):
    server = make_server()
    client = server.organisation()
    patient = patient_of(client)
    before = {action: lines(server, action, patient) for action in PAGES}
    seen = {}

    def ask(action):
        # who has seen a record does not name the patient: any 200 is an answer about them
        seen[action] = storm(client, server, f"/patients/{patient}{PAGES[action]}", 3, 3,
                             words="" if action == 112 else "Ada Lovelace")

    running = [threading.Thread(target=ask, args=(action,)) for action in PAGES]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert {a: lines(server, a, patient) - before[a] for a in PAGES} == seen
    assert min(seen.values()) > 0 and verify(server.database)[0] == 0
