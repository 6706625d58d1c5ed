"""Old events go to a file that proves itself; what stays proves where it begins."""
import contextlib
import datetime
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import time

import pytest

from harness import Server, until
from test_ctl import built, ctl, demo  # noqa: F401

TODAY = datetime.datetime.now(datetime.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
CUT = TODAY - datetime.timedelta(days=180)  # the demonstration's events are of the last two years
BEFORE, EARLIER = CUT.date(), (TODAY - datetime.timedelta(days=540)).date()
BEFORE_AT = int(CUT.timestamp()) * 10 ** 6


def medsynqctl(database, *arguments):
    return subprocess.run([built(), "--json", "--database", str(database), *map(str, arguments)],
                          capture_output=True, text=True, timeout=120)


def verify(database, *more):
    run = medsynqctl(database, "audit", "verify", *more)
    return run.returncode, json.loads(run.stdout)


def events_of(path):
    with contextlib.closing(sqlite3.connect(path)) as db:
        return {row[:2]: row for row in db.execute(
            "SELECT tenant_id, number, at, action, patient_id, reason, digest FROM audit_events")}


@pytest.fixture
def trail(demo, tmp_path):  # noqa: F811
    """A database of one's own with events of two years, spread over each chain, and its kept heads."""
    copy = tmp_path / "m.db"
    with contextlib.closing(sqlite3.connect(demo)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(demo, copy)
    heads = tmp_path / "heads"
    heads.write_text(ctl(copy, "audit", "head"))
    return copy, heads


def archive(database, file, before=BEFORE):
    run = medsynqctl(database, "audit", "archive", "--before", before, file)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_what_is_older_moves_and_both_files_prove_themselves(trail, tmp_path):
    database, heads = trail
    before = events_of(database)
    told = archive(database, tmp_path / "old.db")
    old, left = events_of(tmp_path / "old.db"), events_of(database)
    assert told["events"] == len(old) > 0
    assert all(row[2] < BEFORE_AT for row in old.values())
    assert not set(old) & set(left)
    assert {**old, **{k: v for k, v in left.items() if k in before}} == before, "not one is lost or changed"
    said = [row for k, row in left.items() if k not in before]
    assert len(said) == told["chains"] and all("SHA-256" in row[5] for row in said)
    assert os.stat(tmp_path / "old.db").st_mode & 0o777 == 0o600
    assert verify(database) == (0, {"verdict": "sound", "events": len(left), "archive": False,
                                    "archived_heads": 0})
    assert verify(database, tmp_path / "old.db")[1]["archive"] is True
    assert verify(database, tmp_path / "old.db", "--head", heads)[0] == 0
    assert verify(database, "--head", heads)[0] == 0
    assert verify(database, "--after", tmp_path / "old.db")[0] == 0
    check = medsynqctl(database, "check")
    assert check.returncode == 0, check.stdout


def test_a_second_archive_goes_on_where_the_first_ended(trail, tmp_path):
    database, _ = trail
    one, two = tmp_path / "one.db", tmp_path / "two.db"
    archive(database, one, EARLIER)
    archive(database, two)
    assert verify(database, two, "--after", one)[0] == 0
    assert verify(database, "--after", two)[0] == 0
    code, told = verify(database, "--after", one)
    assert code == 1 and "does not follow" in told["reason"]
    assert medsynqctl(database, "audit", "archive", "--before", BEFORE, tmp_path / "three.db").returncode == 0
    assert not (tmp_path / "three.db").exists(), "nothing is that old any more"


def forged(database, sql, *values):
    with contextlib.closing(sqlite3.connect(database)) as db:
        db.execute(sql, values)
        db.commit()


def chain_of(database, table="audit_bases"):
    with contextlib.closing(sqlite3.connect(database)) as db:
        return db.execute(f"SELECT tenant_id, number FROM {table} ORDER BY tenant_id").fetchall()


def test_a_beginning_that_nobody_archived_is_missed(trail):
    """Whoever removes the first events and says that they were archived."""
    database, _ = trail
    tenant, _ = chain_of(database, "audit_heads")[-1]
    forged(database, "INSERT INTO audit_bases SELECT tenant_id, number, digest FROM audit_events "
                     "WHERE tenant_id = ? AND number = 5", tenant)
    forged(database, "DELETE FROM audit_events WHERE tenant_id = ? AND number <= 5", tenant)
    assert verify(database)[1] | {"events": 0} == {
        "verdict": "broken", "events": 0, "archive": False, "archived_heads": 0, "tenant": tenant,
        "number": 1, "reason": "what precedes it was not archived"}


@pytest.mark.parametrize("how", ["UPDATE audit_bases SET number = number + 1 WHERE tenant_id = ?",
                                 "UPDATE audit_bases SET digest = zeroblob(32) WHERE tenant_id = ?",
                                 "DELETE FROM audit_bases WHERE tenant_id = ?",
                                 "UPDATE audit_bases SET digest = 'x' WHERE tenant_id = ?"])
def test_a_beginning_that_was_changed_is_found(trail, tmp_path, how):
    database, _ = trail
    archive(database, tmp_path / "old.db")
    for tenant, _ in chain_of(database):
        copy = shutil.copy(database, tmp_path / "copy.db")
        forged(copy, how, tenant)
        code, told = verify(copy)
        assert (code, told["tenant"]) == (1, tenant), told


def test_more_removed_than_archived_is_found(trail, tmp_path):
    database, _ = trail
    archive(database, tmp_path / "old.db")
    tenant, number = chain_of(database)[0]
    forged(database, "UPDATE audit_bases SET number = number + 1, digest = (SELECT digest FROM audit_events e "
                     "WHERE e.tenant_id = audit_bases.tenant_id AND e.number = audit_bases.number + 1) "
                     "WHERE tenant_id = ?", tenant)
    forged(database, "DELETE FROM audit_events WHERE tenant_id = ? AND number = ?", tenant, number + 1)
    code, told = verify(database)
    assert code == 1 and told["tenant"] == tenant


def test_an_archive_that_was_changed_is_found(trail, tmp_path):
    database, _ = trail
    archive(database, tmp_path / "old.db")
    rng = random.Random(6)
    for _ in range(20):
        copy = shutil.copy(tmp_path / "old.db", tmp_path / "copy.db")
        tenant, last = rng.choice(chain_of(copy, "audit_heads"))
        number = rng.randint(1, last)
        forged(copy, rng.choice(["UPDATE audit_events SET at = at + 1 WHERE tenant_id = ? AND number = ?",
                                 "DELETE FROM audit_events WHERE tenant_id = ? AND number = ?"]), tenant, number)
        code, told = verify(database, copy)
        assert (code, told["tenant"], told["number"]) == (1, tenant, number)
        assert verify(database, "--after", copy)[0] == 1


def test_a_kill_at_any_moment_loses_no_event(trail, tmp_path):
    database, heads = trail
    everything = events_of(database)
    files = []
    rng = random.Random(4)
    for turn in range(12):
        files.append(tmp_path / f"a{turn}.db")
        process = subprocess.Popen([built(), "--database", str(database), "audit", "archive", "--before", str(BEFORE),
                                    str(files[-1])], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0, 0.06))
        process.send_signal(signal.SIGKILL)
        process.wait(20)
        left = events_of(database)
        whole = [f for f in files if f.exists() and f.stat().st_size and is_whole(f)]
        kept = {}
        for file in whole:
            kept |= events_of(file)
        assert {k: v for k, v in {**kept, **left}.items() if k in everything} == everything
        assert verify(database, "--head", heads)[0] == 0
    archive(database, tmp_path / "last.db")
    assert verify(database)[0] == 0


def is_whole(file):
    """What a killed command left is empty or has its journal beside it, which SQLite rolls back."""
    with contextlib.closing(sqlite3.connect(file)) as db:
        return bool(db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'audit_archive'").fetchone())


def test_what_is_asked_wrongly_changes_nothing(trail, tmp_path):
    database, _ = trail
    (tmp_path / "there.db").write_text("mine")
    before = events_of(database)
    for arguments, code in ((("--before", BEFORE, tmp_path / "there.db"), 1), (("--before", "soon", "x"), 64),
                            (("--before", "2026-06", "x"), 64), (("--before", "2999-01-01", "x"), 64), (("x",), 64),
                            (("--before", BEFORE, tmp_path / "no folder" / "x.db"), 1)):
        run = medsynqctl(database, "audit", "archive", *arguments)
        assert run.returncode == code and run.stderr, (arguments, run.stderr)
    assert (tmp_path / "there.db").read_text() == "mine" and events_of(database) == before


def test_the_server_archives_whole_months_by_itself(make_server):
    server = make_server("MedSynQAuditRetention 180")
    server.stop()
    assert not (server.database.parent / "audit-archive").exists(), "nothing is that old"
    ctl(server.database, "demo", "--tenants", 2, "--patients", 40, "--seed", 7)
    server.start()
    until(lambda: "MSQ0031" in server.log(), "the server has archived")
    file, = (server.database.parent / "audit-archive").iterdir()
    assert re.fullmatch(r"audit-before-20\d\d-\d\d-01\.db", file.name) and file.stat().st_mode & 0o777 == 0o600
    assert str(file) in server.log() and "MSQ0032" not in server.log()
    assert all(row[2] < BEFORE_AT for row in events_of(file).values()) and events_of(file)
    assert verify(server.database, "--after", file)[0] == 0
    assert len(chain_of(server.database, "audit_heads")) == 3
    clinic = server.organisation()
    clinic.add_patient("Ada Lovelace")
    assert "Ada Lovelace" in clinic.get("/patients").text


def test_a_wrong_retention_is_refused_with_a_sentence(make_server):
    for value in ("0", "-3", "soon", "36501"):
        server = Server(f"MedSynQAuditRetention {value}")
        server.start()
        assert server.process.wait(20) != 0 and "off or a number of days" in server.said()
        server.close()
