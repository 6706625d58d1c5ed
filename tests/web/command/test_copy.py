"""medsynqctl copy: a register moves from its file to PostgreSQL and back, whole or not at all."""
import contextlib
import json
import os
import re
import sqlite3
import subprocess
import termios

import pytest
from harness import PASSWORD, Server, until
from postgresql import CTL, NUMBERS, cluster, fresh_database
from test_ctl import built, ctl


def run(*arguments):
    return subprocess.run([built(), *map(str, arguments)], capture_output=True, text=True, timeout=300)


def copied(source, target, *options):
    answer = run("copy", "--from", source, "--to", target, *options)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def admin(one, name):
    return f"pgsql:{one.parameters(name, 'medsynq_admin')}"


def rows_of(path):
    """Every table of a file, with what follows from other columns."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        tables = [name for name, in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        assert len(tables) > 40
        return {name: sorted(map(repr, db.execute("SELECT {} FROM {}".format(", ".join(
            row[1] for row in db.execute(f"PRAGMA table_xinfo({name})")), name)))) for name in tables}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    path = tmp_path_factory.mktemp("demo") / "medsynq.db"
    ctl(path, "demo", "--patients", 300)
    return path


@pytest.fixture
def file(demo, tmp_path):
    """A copy of the demonstration, for one test."""
    path = tmp_path / "medsynq.db"
    ctl(demo, "backup", path)
    return path


@pytest.fixture
def empty(tmp_path):
    path = tmp_path / "empty.db"
    ctl(path, "migrate")
    return path


def test_there_and_back_every_table_is_the_same(file, empty):
    one, name = fresh_database()
    there = json.loads(copied(file, admin(one, name), "--json"))["tables"]
    before = rows_of(file)
    assert {table["table"]: table["rows"] for table in there} == {table: len(rows) for table, rows in before.items()}
    assert all(re.fullmatch("[0-9a-f]{64}", table["source"]) and table["source"] == table["target"] for table in there)
    assert one.done("SELECT count(*) FROM patients", name) == [str(len(before["patients"]))]
    assert any("copy to database" in row for row in before["audit_events"])
    back = copied(admin(one, name), empty)
    after = rows_of(empty)
    for table, rows in before.items():
        if table not in ("audit_events", "audit_heads"):  # going back is an event of its own
            assert after[table] == rows, table
            assert re.search(rf"^{table} +{len(rows)}  [0-9a-f]{{64}}$", back, re.M), table
    assert set(before["audit_events"]) < set(after["audit_events"])
    assert len(after["audit_events"]) == len(before["audit_events"]) + 1
    for database in (file, empty):
        ctl(database, "check")
        ctl(database, "audit", "verify")
    assert one.ctl(name, "audit", "verify").returncode == 0


def test_who_had_an_account_logs_in_where_it_moved(make_server, tmp_path):
    """The second server finds the same patients, its wall stands, and the trail goes on."""
    first = make_server(engine="sqlite3")
    clinic = first.organisation()
    assert clinic.submit("/patients/new", name="Ann Archer").status == 303
    one, name = fresh_database()
    refused = run("copy", "--from", first.database, "--to", admin(one, name))
    assert refused.returncode == 1 and "a server runs on" in refused.stderr
    assert "would: copy" in copied(first.database, admin(one, name), "--dry-run")
    assert one.done("SELECT count(*) FROM patients", name) == ["0"]
    first.stop()
    copied(first.database, admin(one, name))
    secret = tmp_path / "secret"
    secret.write_bytes((first.state / "secret").read_bytes())
    secret.chmod(0o600)
    with Server(f'MedSynQSecretFile "{secret}"', postgresql=(one, name)) as second:
        client = second.client()
        assert client.get("/readyz").status == 200, second.log()
        answer = client.submit("/login", tenantName=clinic.organisation, email=clinic.email, password=PASSWORD)
        assert answer.status == 303 and "Ann Archer" in client.get("/patients").text
        assert client.submit("/patients/new", name="Ben Baker").status == 303
        assert one.ctl(name, "audit", "verify").returncode == 0
        connected = run("copy", "--from", admin(one, name), "--to", tmp_path / "none.db")
        assert connected.returncode == 1 and "cannot be used" in connected.stderr
        ctl(tmp_path / "back.db", "migrate")
        connected = run("copy", "--from", admin(one, name), "--to", tmp_path / "back.db")
        assert connected.returncode == 1 and "stop every httpd" in connected.stderr, connected.stderr
    assert json.loads(ctl(tmp_path / "back.db", "org", "list", "--json")) == []


def test_a_target_with_an_organisation_is_refused(file, empty):
    one, name = fresh_database()
    copied(file, admin(one, name))
    answer = run("copy", "--from", file, "--to", admin(one, name))
    assert answer.returncode == 1 and "is not empty" in answer.stderr and answer.stdout == ""
    copied(admin(one, name), empty)
    before = rows_of(empty)
    answer = run("copy", "--from", admin(one, name), "--to", empty)
    assert answer.returncode == 1 and "is not empty" in answer.stderr and rows_of(empty) == before


def test_a_target_that_knows_of_an_erasure_is_refused(file):
    """Its trail would go with it, and the certificate."""
    one, name = fresh_database()
    one.done("UPDATE audit_events SET action = 123 WHERE tenant_id = 0", name)
    answer = run("copy", "--from", file, "--to", admin(one, name))
    assert answer.returncode == 1 and "is not empty: its trail tells" in answer.stderr
    assert one.done("SELECT count(*) FROM audit_events WHERE action = 123", name) == ["1"]


CHANGES = "BEGIN UPDATE users SET name = 'Somebody else' WHERE tenant_id = NEW.tenant_id; "


def test_a_row_that_changes_between_putting_and_comparing_leaves_nothing(file, empty):
    """Also of a table that was put long before: all are read back when all are there."""
    one, name = fresh_database()
    one.done(f"CREATE FUNCTION change() RETURNS trigger LANGUAGE plpgsql AS $${CHANGES} RETURN NEW; END$$; CREATE TRIGGER "
             "changed AFTER INSERT ON patients FOR EACH ROW EXECUTE FUNCTION change()", name)
    answer = run("copy", "--from", file, "--to", admin(one, name))
    assert answer.returncode == 1 and "table users: 15 rows were put, and what was read back" in answer.stderr
    assert one.done("SELECT count(*) FROM users", name) == ["0"] and "sound" in one.ctl(name, "audit", "verify").stdout
    one.done("DROP FUNCTION change CASCADE", name)
    copied(file, admin(one, name))
    with contextlib.closing(sqlite3.connect(empty)) as db:
        db.execute(f"CREATE TRIGGER changed AFTER INSERT ON users {CHANGES} END")
    before = rows_of(empty)
    answer = run("copy", "--from", admin(one, name), "--to", empty)
    assert answer.returncode == 1 and "table users: 15 rows were put" in answer.stderr and rows_of(empty) == before


@pytest.mark.parametrize("encoding,order", [("LATIN1", "C"), ("UTF8", "C.UTF-8")])
def test_a_database_of_another_order_is_refused_before_anything_is_in_it(file, encoding, order):
    one, name = cluster(), f"medsynq{next(NUMBERS)}"
    one.done(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LOCALE '{order}'")
    one.done(subprocess.check_output([CTL, "roles"], text=True), name)
    for answer in one.ctl(name, "migrate"), run("copy", "--from", file, "--to", admin(one, name)):
        assert answer.returncode == 1 and "createdb -T template0 -E UTF8 -l C" in answer.stderr
    assert one.done("SELECT count(*) FROM pg_class WHERE relname = 'patients'", name) == ["0"]


def test_another_schema_and_another_table_are_refused(file):
    one, name = fresh_database()
    one.done("CREATE TABLE public.notes_of_somebody (id bigint PRIMARY KEY)", name)
    answer = run("copy", "--from", file, "--to", admin(one, name))
    assert answer.returncode == 1 and "what is not MedSynQ's own" in answer.stderr
    one.done("DROP TABLE notes_of_somebody; UPDATE medsynq_schema SET version = version - 1", name)
    answer = run("copy", "--from", file, "--to", admin(one, name))
    assert answer.returncode == 1 and "migrate" in answer.stderr
    one.done("UPDATE medsynq_schema SET version = version + 1", name)
    served = run("copy", "--from", file, "--to", f"pgsql:{one.parameters(name)}")
    assert served.returncode == 1 and "medsynq_admin" in served.stderr
    assert one.done("SELECT count(*) FROM patients", name) == ["0"]


@pytest.mark.parametrize("change,said", [
    ("UPDATE patients SET address = x'00' WHERE mrn = (SELECT min(mrn) FROM patients)", "column address"),
    ("UPDATE patients SET address = 'Main' || char(0) || 'Street' WHERE mrn = (SELECT min(mrn) FROM patients)",
     "column address"),
    ("UPDATE patients SET address = CAST(x'ff41' AS text) WHERE mrn = (SELECT min(mrn) FROM patients)", "table patients"),
    ("PRAGMA foreign_keys = OFF; DELETE FROM users WHERE email LIKE 'doctor1@%'", "foreign key"),
    ("UPDATE audit_events SET reason = 'another' WHERE number = 2", "the trail of")])
def test_what_postgresql_or_the_trail_does_not_bear_leaves_nothing(file, change, said):
    """A value of another type, a NUL, no UTF-8, a row that points to nothing, a trail that was changed."""
    with contextlib.closing(sqlite3.connect(file)) as db:
        db.executescript(change)
    one, name = fresh_database()
    answer = run("copy", "--from", file, "--to", admin(one, name))
    assert answer.returncode == 1 and said in answer.stderr and answer.stdout == "", answer.stderr
    assert "Street" not in answer.stderr and len(answer.stderr.splitlines()) == 1
    assert one.done("SELECT count(*) FROM patients UNION ALL SELECT count(*) - 1 FROM tenants", name) == ["0", "0"]
    assert one.done("SELECT count(*) FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity", name) == ["0"]


def held(*arguments):
    """A copy that goes no further than to where it first shows how far it is: its terminal takes nothing."""
    main, other = os.openpty()
    termios.tcflow(other, termios.TCOOFF)
    process = subprocess.Popen([built(), "copy", *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=other,
                               stdin=subprocess.DEVNULL)
    os.close(other)
    return process, main


def killed(process, main):
    assert process.poll() is None
    process.kill()
    process.wait()
    os.close(main)


def test_killed_in_the_middle_the_database_is_empty_and_the_same_command_goes(file):
    one, name = fresh_database()
    process, main = held("--from", file, "--to", admin(one, name))
    under_way = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY public.%'"
    until(lambda: one.done(under_way, name), "rows are on their way", 60)
    killed(process, main)
    until(lambda: not one.done(under_way, name), "the server has noticed", 30)
    assert one.done("SELECT count(*) FROM patients UNION ALL SELECT count(*) - 1 FROM tenants", name) == ["0", "0"]
    assert one.done("SELECT count(*) FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity", name) == ["0"]
    copied(file, admin(one, name))


def test_killed_in_the_middle_the_file_is_empty_and_the_same_command_goes(file, empty):
    one, name = fresh_database()
    copied(file, admin(one, name))
    before = rows_of(empty)
    process, main = held("--from", admin(one, name), "--to", empty)
    until(lambda: os.path.exists(f"{empty}-journal"), "rows are on their way", 60)
    killed(process, main)
    assert rows_of(empty) == before and json.loads(ctl(empty, "org", "list", "--json")) == []
    copied(admin(one, name), empty)
    ctl(empty, "check")


def test_nobody_writes_to_the_source_meanwhile(file):
    one, name = fresh_database()
    process, main = held("--from", file, "--to", admin(one, name))
    under_way = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY public.%'"
    until(lambda: one.done(under_way, name), "rows are on their way", 60)
    with contextlib.closing(sqlite3.connect(file, timeout=0.1)) as db, pytest.raises(sqlite3.OperationalError):
        db.execute("UPDATE tenants SET version = version WHERE tenant_id = 0")
    killed(process, main)


@pytest.mark.parametrize("arguments,said", [
    ((), "--from SOURCE and --to TARGET"), (("--from", "x.db"), "--to TARGET"),
    (("--from", "x.db", "--to", "y.db"), "backup and restore"),
    (("--from", "pgsql:dbname=x", "--to", "pgsql:dbname=y"), "within one engine"),
    (("--from", "x.db", "--to", "pgsql:dbname=y password = s3cret"), "everybody on this machine"),
    (("--from", "pgsql:postgresql://medsynq_admin:s3cret@h/y", "--to", "x.db"), "passfile="),
    (("--database", "pgsql:dbname=y password=s3cret"), "passfile=")])
def test_a_wrong_line_does_nothing(arguments, said):
    answer = run("copy", *arguments)
    assert answer.returncode == 64 and said in answer.stderr and "s3cret" not in answer.stderr
