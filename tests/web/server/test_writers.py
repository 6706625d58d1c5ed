"""Many who write at the same time share commits: who was answered is stored, whole, and nobody else."""
import http.client
import os
import signal
import sqlite3
import threading
import time
import uuid

import pytest

from harness import until
from test_trail import verify

WRITERS, SECONDS = 12, 4
ADDED = 7  # the action of an event: a patient was added


class Writer(threading.Thread):
    """Adds people, and now and then archives a record that another has changed meanwhile."""

    def __init__(self, server, cookies, shared, end):
        super().__init__()
        self.server, self.cookies, self.shared, self.end = server, cookies, shared, end
        self.tried, self.told, self.conflicts = set(), set(), 0

    def connect(self):
        client = self.server.client()
        client.cookies = dict(self.cookies)
        return client

    def add(self, client, token):
        name = f"Writer {uuid.uuid4().hex}"
        self.tried.add(name)
        answer = client.post("/patients/new", {"csrf_token": token, "name": name})
        if answer.status == 303:
            self.told.add(name)

    def change(self, client, token):
        """With the version of long ago: it is refused within its transaction."""
        answer = client.post(self.shared + "/archive", {"csrf_token": token, "version": "1", "reason": "blindly"})
        self.conflicts += answer.status == 409

    def run(self):
        client, token = self.connect(), None
        while time.monotonic() < self.end:
            try:
                token = token or client.token("/patients/new")
                self.add(client, token)
                self.change(client, token)
            except (OSError, http.client.HTTPException):  # its child was killed
                client = self.connect()


def children(server):
    return [int(pid) for pid in os.popen(f"pgrep -P {server.pid}").read().split()]


def kill(server):
    for child in children(server):
        os.kill(child, signal.SIGKILL)


def reload(server):
    server.reload()


def stored(server):
    with sqlite3.connect(f"file:{server.database}?mode=ro", uri=True) as db:
        names = [name for name, in db.execute("SELECT name FROM patients WHERE name LIKE 'Writer %'")]
        added = db.execute("SELECT count(DISTINCT patient_id), count(*) FROM audit_events "
                           "WHERE action = ?", (ADDED,)).fetchone()
        counted, = db.execute("SELECT value FROM counters WHERE name = 'patients.active'").fetchone()
        patients, = db.execute("SELECT count(*) FROM patients").fetchone()
    return names, added, counted, patients


@pytest.mark.parametrize("mpm", ["event", "worker", "prefork"])
@pytest.mark.parametrize("trouble", [reload, kill])
def test_what_was_answered_is_stored_and_what_was_refused_is_not(make_server, mpm, trouble):
    server = make_server(mpm=mpm)
    clinic = server.organisation()
    shared = clinic.add_patient("Shared Record").split("?")[0]
    token = clinic.token("/patients/new")
    assert clinic.post(shared + "/edit", {"csrf_token": token, "version": "1",
                                          "name": "Shared Record", "sex": "female"}).status == 303
    writers = [Writer(server, clinic.cookies, shared, time.monotonic() + SECONDS)
               for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    for _ in range(2):
        # long enough for each to have been answered since the last time
        before = sum(len(writer.told) for writer in writers)
        while (sum(len(writer.told) for writer in writers) < before + 2 * WRITERS
               and any(writer.is_alive() for writer in writers)):
            time.sleep(0.01)
        trouble(server)
    for writer in writers:
        writer.join()
    told = set().union(*(writer.told for writer in writers))
    tried = set().union(*(writer.tried for writer in writers))
    names, (with_event, events), counted, patients = stored(server)
    assert len(told) > 4 * WRITERS and sum(writer.conflicts for writer in writers) > WRITERS
    assert told <= set(names) <= tried  # the client asks again after a lost answer: twice the same
    assert with_event == events == counted == patients == len(names) + 1
    assert "Shared Record" in clinic.get(shared).page.text
    assert verify(server.database)[0] == 0


def test_the_log_names_a_lock_of_another_program(server):
    client = server.organisation()
    form = {"csrf_token": client.token("/patients/new"), "name": "Held Up"}
    db = sqlite3.connect(server.database, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    answer = client.post("/patients/new", form)
    db.execute("ROLLBACK")
    db.close()
    assert answer.status == 503 and "Retry-After" in answer.headers
    assert ("POST /patients/new: begin to write: a foreign lock: another program holds the database "
            "(SQLite 5)") in server.log()
    until(lambda: client.post("/patients/new", form).status == 303, "it is tried again every few seconds")
