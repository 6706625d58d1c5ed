"""medsynqctl org rename, close and erase: what goes, what stays, and what a kill in the middle leaves."""
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
from contextlib import closing

import pytest

from harness import until
from test_ctl import built, ctl
from test_partners import linked

RENAME, CLOSE, ERASE = 121, 122, 123
TOKEN = "Quxwertz"


def rows(database, tenant):
    """@return all rows of an organisation, by their tables"""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        tables = [name for name, in db.execute(
            "SELECT t.name FROM sqlite_schema t WHERE t.type = 'table' AND EXISTS "
            "(SELECT 1 FROM pragma_table_info(t.name) WHERE name = 'tenant_id')")]
        return {name: db.execute(f"SELECT * FROM {name} WHERE tenant_id = ?", (tenant,)).fetchall() for name in tables}


def in_work(database):
    """@return the jobs that are not done yet"""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        return db.execute("SELECT kind FROM jobs").fetchall()


def tenant_of(database, name):
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        return db.execute("SELECT tenant_id FROM tenants WHERE name = ?", (name,)).fetchone()[0]


def last_event(database, tenant=0):
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        return db.execute("SELECT action, actor_name, reason FROM audit_events WHERE tenant_id = ? "
                          "ORDER BY number DESC LIMIT 1", (tenant,)).fetchone()


def state_of(database, name):
    return next(row for row in json.loads(ctl(database, "org", "list", "--json")) if row["name"] == name)


def log_in_status(server, organisation):
    return server.client().log_in(organisation).status


def test_a_renamed_organisation_is_found_by_its_new_name_alone(server, clinic):
    former, name = clinic.organisation, clinic.organisation + " am See"
    ctl(server.database, "org", "rename", former, name)
    assert last_event(server.database, tenant_of(server.database, name))[::2] == (RENAME, f"{former} > {name}")
    assert name in clinic.get("/dashboard").text  # its sessions go on
    assert log_in_status(server, former) == 422 and log_in_status(server, name) == 303
    assert "already" in ctl(server.database, "org", "rename", name, name)


def test_a_name_is_nobody_elses_after_a_renaming_either(server, clinic):
    other = server.organisation()
    before = rows(server.database, tenant_of(server.database, clinic.organisation))
    for name in other.organisation, other.organisation.upper():
        ctl(server.database, "org", "rename", clinic.organisation, name, code=1)
        ctl(server.database, "org", "rename", clinic.organisation, name, "--dry-run", code=1)  # it says what it meets
    assert "would" in ctl(server.database, "org", "rename", clinic.organisation, "Nobody Else's", "--dry-run")
    ctl(server.database, "org", "rename", clinic.organisation, " ", code=64)
    assert rows(server.database, tenant_of(server.database, clinic.organisation)) == before
    ctl(server.database, "org", "rename", clinic.organisation, clinic.organisation.upper())  # its own


def test_a_closed_organisation_keeps_all_and_lets_nobody_in(server, clinic):
    patient = clinic.add_patient("Ada Closed")
    tenant = tenant_of(server.database, clinic.organisation)
    before = rows(server.database, tenant)["patients"]
    assert "would" in ctl(server.database, "org", "close", clinic.organisation, "--dry-run")
    assert clinic.get("/patients").status == 200
    said = ctl(server.database, "org", "close", clinic.organisation)
    closed, free = re.findall(r"\d{4}-\d\d-\d\d", said)
    assert closed < free and last_event(server.database, tenant)[0] == CLOSE
    assert clinic.get("/patients").status in (303, 403) and log_in_status(server, clinic.organisation) == 403
    assert rows(server.database, tenant)["patients"] == before
    state = state_of(server.database, clinic.organisation)
    assert state["status"] == "closed" and state["closed"].startswith(closed)
    assert "already" in ctl(server.database, "org", "close", clinic.organisation)
    ctl(server.database, "org", "resume", clinic.organisation)
    assert state_of(server.database, clinic.organisation)["status"] == "active"
    assert clinic.log_in(clinic.organisation).status == 303 and clinic.get(patient).status == 200


def test_who_is_not_closed_or_on_hold_is_not_erased(server, clinic):
    tenant = tenant_of(server.database, clinic.organisation)
    ctl(server.database, "org", "erase", clinic.organisation, "--now", code=1)
    ctl(server.database, "org", "close", clinic.organisation)
    before = rows(server.database, tenant)
    ctl(server.database, "org", "erase", clinic.organisation, code=1)
    assert "would" in ctl(server.database, "org", "erase", clinic.organisation, "--now", "--dry-run")
    assert rows(server.database, tenant) == before
    with closing(sqlite3.connect(server.database, timeout=60)) as db, db:  # the hold has passed
        db.execute("UPDATE tenants SET closed_at = closed_at - 30 * 86400000000 WHERE tenant_id = ?", (tenant,))
    ctl(server.database, "org", "erase", clinic.organisation)
    assert not any(rows(server.database, tenant).values())


def fill(clinic):
    """Something in as many tables as a day's work writes."""
    path = clinic.add_patient(f"{TOKEN} Person", notes=f"{TOKEN} note", email=f"{TOKEN}@example.org")
    clinic.submit(f"{path}/edit", name=f"{TOKEN} Renamed")
    clinic.get(path)
    clinic.get(f"/patients?q={TOKEN}")
    clinic.submit("/users/invite", name=f"{TOKEN} Invited", email=f"{TOKEN}-i@example.org", role="clinician")
    return path


def bytes_of(database):
    return b"".join(path.read_bytes() for path in (database, database.with_name(database.name + "-wal")) if path.exists())


def test_an_erased_organisation_leaves_nothing_but_an_event(make_server):
    server = make_server()
    clinic, other = server.organisation(), server.organisation()
    link = linked(clinic, other)
    proposed = server.organisation()
    proposal = proposed.submit("/partners", code=re.search(r"<code>([^<]+)</code>", clinic.get("/partners").text)[1]).location
    fill(clinic)
    fill_other = other.add_patient("Stays Here")
    until(lambda: not in_work(server.database), "all are compared")
    tenant, neighbour = (tenant_of(server.database, c.organisation) for c in (clinic, other))
    heads = server.state / "heads"
    heads.write_text(ctl(server.database, "audit", "head"))
    ctl(server.database, "org", "close", clinic.organisation)
    assert TOKEN.encode() in bytes_of(server.database)
    full = [name for name, found in rows(server.database, tenant).items() if found]
    assert {"tenants", "users", "patients", "patient_words", "patient_versions", "audit_heads", "partners"} <= set(full)
    before = rows(server.database, neighbour)
    certificate = json.loads(ctl(server.database, "org", "erase", clinic.organisation, "--now", "--json"))
    assert certificate["erased"] == clinic.organisation and certificate["rows"] > 30
    assert not any(rows(server.database, tenant).values())
    assert TOKEN.encode() not in bytes_of(server.database)
    assert TOKEN.lower().encode() not in bytes_of(server.database)
    with closing(sqlite3.connect(f"file:{server.database}?mode=ro", uri=True)) as db:
        assert db.execute("SELECT count(*) FROM partnerships WHERE ? IN (low, high)", (tenant,)).fetchone() == (0,)
    action, actor, reason = last_event(server.database)
    assert action == ERASE and actor.startswith("medsynqctl (")
    assert reason.endswith(f"{certificate['digest']}, {clinic.organisation}") and f"chain {tenant}, " in reason
    # the neighbours': what they were told of their links, and nothing else
    assert [row[4] for row in rows(server.database, neighbour)["partners"]] == [4]  # ended
    assert [row[4] for row in rows(server.database, tenant_of(server.database, proposed.organisation))["partners"]] == [5]
    assert re.search(r"\bended\b", other.get(link).page.text) and re.search(r"\bdeclined\b", proposed.get(proposal).page.text)
    assert ">medsynqctl<" in other.get(link).text  # who runs this server is not told
    for table in "partner_steps", "audit_events":
        assert "medsynqctl (" not in str(rows(server.database, neighbour)[table])
    after = rows(server.database, neighbour)
    assert {name for name in after if after[name] != before[name]} <= {
        "partners", "partner_steps", "audit_events", "audit_heads", "counters", "users", "recent_patients"}
    assert after["patients"] == before["patients"]
    # the server went on meanwhile, and goes on
    assert other.get(fill_other).status == 200 and other.add_patient("After All").startswith("/patients/")
    assert clinic.get("/dashboard").status == 303 and log_in_status(server, clinic.organisation) == 422
    assert "sound" in ctl(server.database, "audit", "verify", "--head", heads)
    ctl(server.database, "check")
    ctl(server.database, "org", "erase", clinic.organisation, "--now", code=1)  # there is none
    assert server.organisation(clinic.organisation).get("/patients").text.count(TOKEN) == 0  # its name is free


def test_a_missing_chain_that_nobody_has_erased_is_still_told(tmp_path):
    path = tmp_path / "medsynq.db"
    ctl(path, "demo", "--tenants", 2, "--patients", 6, "--seed", 7)
    names = [row["name"] for row in json.loads(ctl(path, "org", "list", "--json"))]
    (tmp_path / "heads").write_text(ctl(path, "audit", "head"))
    ctl(path, "org", "close", names[0])
    ctl(path, "org", "erase", names[0], "--now")
    assert "sound" in ctl(path, "audit", "verify", "--head", tmp_path / "heads")
    with closing(sqlite3.connect(path)) as db, db:
        tenant, = db.execute("SELECT tenant_id FROM tenants WHERE name = ?", (names[1],)).fetchone()
        for table in "audit_events", "audit_heads", "audit_groups", "audit_group_patients":
            db.execute(f"DELETE FROM {table} WHERE tenant_id = ?", (tenant,))
    assert f"tenant {tenant}" in ctl(path, "audit", "verify", "--head", tmp_path / "heads", code=1)


@pytest.fixture
def closed(tmp_path):
    path = tmp_path / "medsynq.db"
    ctl(path, "demo", "--tenants", 2, "--patients", 60, "--seed", 7)
    name = json.loads(ctl(path, "org", "list", "--json"))[0]["name"]
    ctl(path, "org", "close", name)
    return path, name


STAYS = ("patients", "patient_versions", "patient_notes", "chart_items", "patient_words", "users", "invitations")


# An endless count in the middle of a transaction: there the command is when it is killed.
STOP = """CREATE VIEW endless AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n FROM c;
          CREATE TRIGGER stop BEFORE DELETE ON {table} BEGIN SELECT count(*) FROM endless; END;"""


def is_erasing(path):
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        return db.execute("SELECT count(*) FROM counters WHERE tenant_id = 0 AND name LIKE 'erasing%'").fetchone()[0]


def writer_is_busy(path):
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as db:
        try:
            db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        db.execute("ROLLBACK")
        return False


@pytest.mark.parametrize("table,gone", [("users", "patients"), ("audit_events", "patients"),
                                        ("tenants", "patients")])
def test_an_erasure_that_was_killed_is_whole_after_the_same_command(closed, table, gone):
    path, name = closed
    tenant = tenant_of(path, name)
    others = {n: rows(path, tenant_of(path, n)) for n in
              (row["name"] for row in json.loads(ctl(path, "org", "list", "--json"))) if n != name}
    with closing(sqlite3.connect(path)) as db:
        db.executescript(STOP.format(table=table))
    with subprocess.Popen([built(), "--database", path, "org", "erase", name, "--now"],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as command:
        try:
            until(lambda: is_erasing(path) and not rows(path, tenant)[gone] and writer_is_busy(path), "the middle", 60)
        finally:
            command.send_signal(signal.SIGKILL)
    left = rows(path, tenant)
    assert left[table] and left["tenants"] and left["audit_events"]  # its last transaction is whole or nothing
    with closing(sqlite3.connect(path)) as db:
        db.executescript("DROP TRIGGER stop; DROP VIEW endless")
    found = json.loads(ctl(path, "check", "--json", code=1))  # nothing points to what is gone
    faults = {what for what, said in found.items() if not said.startswith("ok")} - {"jobs"}  # nobody does them here
    assert faults == {"erasures"} and "org erase" in found["erasures"]
    ctl(path, "org", "resume", name, code=1)  # half of it would be open
    assert state_of(path, name)["status"] == "closed"
    ctl(path, "org", "erase", name, "--now")
    assert not any(rows(path, tenant).values()) and not is_erasing(path)
    ctl(path, "check")
    for n, before in others.items():  # who was linked with it is told of the end, and keeps all else
        after = rows(path, tenant_of(path, n))
        assert {table: after[table] for table in STAYS} == {table: before[table] for table in STAYS}


def kill_in_the_middle(path, name, table="users", gone="patients"):
    """Leave an organisation half erased."""
    tenant = tenant_of(path, name)
    with closing(sqlite3.connect(path)) as db:
        db.executescript(STOP.format(table=table))
    with subprocess.Popen([built(), "--database", path, "org", "erase", name, "--now"],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as command:
        try:
            until(lambda: is_erasing(path) and not rows(path, tenant)[gone] and writer_is_busy(path), "the middle", 60)
        finally:
            command.send_signal(signal.SIGKILL)
    with closing(sqlite3.connect(path)) as db:
        db.executescript("DROP TRIGGER stop; DROP VIEW endless")


def test_an_erasure_that_is_whole_ends_no_other(closed):
    path, name = closed
    kill_in_the_middle(path, name)
    second = next(row["name"] for row in json.loads(ctl(path, "org", "list", "--json")) if row["name"] != name)
    ctl(path, "org", "close", second)
    ctl(path, "org", "erase", second, "--now")
    assert name in json.loads(ctl(path, "check", "--json", code=1))["erasures"]
    ctl(path, "org", "erase", "Nobody's Clinic", "--now", code=1)  # nor does what is not there
    assert is_erasing(path)
    ctl(path, "org", "resume", name, code=1)
    ctl(path, "org", "rename", name, "Another Name", code=1)  # or the same command would not complete it
    ctl(path, "org", "erase", name, "--now")
    assert not is_erasing(path)
    ctl(path, "check")


def test_a_copy_made_meanwhile_says_so(closed, tmp_path):
    path, name = closed
    copy = tmp_path / "copy.db"
    ctl(path, "backup", copy)
    ctl(path, "check", copy)
    kill_in_the_middle(path, name)
    late = tmp_path / "late.db"
    ctl(path, "backup", late)
    assert name in json.loads(ctl(path, "check", late, "--json", code=1))["erasures"]


def test_what_a_kill_left_in_the_file_goes_with_the_same_command(closed):
    path, name = closed
    with closing(sqlite3.connect(path)) as db:
        patient, = db.execute("SELECT name FROM patients WHERE tenant_id = ? LIMIT 1",
                              (tenant_of(path, name),)).fetchone()
    former = path.read_bytes()
    with closing(sqlite3.connect(path)) as db, db:  # as its last transaction leaves it
        db.execute("INSERT INTO counters VALUES (0, 'erasing.77', 1)")
    ctl(path, "org", "erase", name, "--dry-run", "--now")
    assert is_erasing(path) and patient.encode() in former
    assert "cut off" in ctl(path, "org", "erase", "Nobody's Clinic", "--now")
    assert not is_erasing(path)
    ctl(path, "org", "erase", "Nobody's Clinic", "--now", code=1)


def test_a_person_at_a_terminal_types_the_name(closed):
    path, name = closed
    for answer, code in ("yes", 1), (name.upper(), 0):
        main, end = os.openpty()
        with subprocess.Popen([built(), "--database", path, "org", "erase", name, "--now"], stdin=end, stderr=end,
                              stdout=subprocess.DEVNULL) as command:
            os.write(main, answer.encode() + b"\n")
            assert command.wait(60) == code
        os.close(main)
        os.close(end)
    assert shutil.which(built()) and name not in ctl(path, "org", "list")
