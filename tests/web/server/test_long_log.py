"""Another program that reads for long makes the write-ahead log long, and it does not stay so."""
import contextlib
import sqlite3
import time

from harness import until

MOST = 4 << 20


def size(server):
    return (server.state / "data/medsynq.db-wal").stat().st_size


def grown(server, clinic, path):
    """A reader holds an old state, while notes are written until the log is three times what is kept."""
    with contextlib.closing(sqlite3.connect(server.database, isolation_level=None)) as db:
        db.execute("BEGIN")
        db.execute("SELECT count(*) FROM tenants").fetchone()
        form = {"csrf_token": clinic.token(path), "content": "x" * 60_000, "sign": "1"}
        while size(server) < 3 * MOST:
            assert clinic.post(path + "/notes", form).status == 303
        db.execute("ROLLBACK")


def test_it_is_emptied_when_nobody_writes(make_server):
    server = make_server()
    clinic = server.organisation()
    path = clinic.add_patient("Ana Lima")
    server.contents()  # nothing is to be compared any more: the server itself does not write
    with contextlib.closing(sqlite3.connect(server.database, isolation_level=None)) as db:
        db.execute("PRAGMA wal_autocheckpoint = 0")
        db.execute("PRAGMA synchronous = OFF")
        while size(server) < 3 * MOST:
            db.execute("UPDATE tenants SET version = version + 1")
        until(lambda: size(server) == 0, "the log is cut", 30)
    until(lambda: "MSQ0080: the database's log was cut" in server.log(), "it is told", 10)
    assert clinic.get(path).status == 200


def test_it_is_cut_while_others_write(make_server):
    server = make_server()
    clinic = server.organisation()
    path = clinic.add_patient("Ana Lima")
    grown(server, clinic, path)
    assert size(server) > 2 * MOST

    def written():
        time.sleep(0.1)
        clinic.add_patient("Ben Reed", national_id=str(time.monotonic_ns()))
        return size(server) <= MOST

    until(written, "the log is cut by who writes", 30)
