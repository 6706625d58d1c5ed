"""Attacks on a connection as requests have it: SQL that no statement of ours contains, run by hand."""
import os
import sqlite3
import subprocess

import pytest

from harness import FLAVOUR, TOP

CONSOLE = TOP / "build" / FLAVOUR / "isolation/console"
WALLS = TOP / "build" / FLAVOUR / "isolation/walls"
A, B, NOBODY = 1001, 2002, -1
REFUSED = "23"  # SQLITE_AUTH, when the statement is prepared
ERROR = "1"


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """Two organisations with equal ids: A's texts are canary-a, B's canary-b."""
    folder = tmp_path_factory.mktemp("walls")
    subprocess.run([WALLS, folder, "no statement"], capture_output=True, check=False)
    return folder / "walls.db"


def console(database, *lines):
    text = "".join(f"{tenant}\t{target}\t{sql}\n" for tenant, target, sql in lines)
    answer = subprocess.run([CONSOLE, database], input=text, capture_output=True, text=True, check=True)
    return answer.stdout.splitlines()


def rows_of_b(database):
    with sqlite3.connect(database) as db:
        tables = [t for (t,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return {t: sorted(map(repr, db.execute(f"SELECT * FROM {t} WHERE tenant_id = {B}")))
                for t in tables}


READS = [
    "SELECT name FROM main.patients",
    "SELECT name FROM main.patients WHERE tenant_id = 2002",
    "SELECT p.name FROM main.patients AS p",
    "SELECT (SELECT group_concat(name) FROM main.patients)",
    "WITH patients AS (SELECT * FROM main.patients) SELECT name FROM patients",
    "WITH mq_veil_x_patients AS (SELECT * FROM main.patients) SELECT name FROM mq_veil_x_patients",
    "WITH mq_guard_x AS (SELECT * FROM main.patients) SELECT name FROM mq_guard_x",
    "WITH mq_guard_insert_patients AS (SELECT * FROM main.patients) SELECT name FROM mq_guard_insert_patients",
    "SELECT count(*) FROM main.patients", "SELECT name FROM \"main\".patients",
    "SELECT name FROM [main].[patients]",
    "SELECT * FROM pragma_table_info('patients')", "SELECT value FROM json_each('[1]')",
    "WITH RECURSIVE patients(name) AS (SELECT name FROM main.patients UNION SELECT name FROM patients) "
    "SELECT name FROM patients",
    "SELECT name FROM (SELECT name FROM main.patients) AS patients",
    "SELECT x.name FROM users JOIN main.patients x ON 1",
    "SELECT sql FROM sqlite_temp_master", "SELECT sql FROM sqlite_temp_schema",
    "SELECT sql FROM temp.sqlite_schema", "SELECT name FROM sqlite_master",
    "SELECT name FROM sqlite_schema", "SELECT * FROM pragma_table_list",
    "SELECT * FROM pragma_database_list", "SELECT * FROM dbstat", "SELECT sql FROM sqlite_stmt",
    "SELECT load_extension('/tmp/x')",
]
REFUSALS = [
    "ATTACH ':memory:' AS x", "DETACH main", "PRAGMA foreign_keys = OFF",
    "PRAGMA writable_schema = ON", "PRAGMA query_only", "CREATE TABLE x (y)",
    "CREATE TEMP TABLE x (y)", "CREATE TEMP VIEW x AS SELECT * FROM main.patients",
    "CREATE VIRTUAL TABLE x USING fts5(y)", "DROP VIEW temp.patients",
    "DROP TRIGGER temp.mq_guard_insert_patients", "ALTER TABLE main.patients ADD COLUMN x",
    "CREATE INDEX x ON patients (name)", "REINDEX", "ANALYZE", "SAVEPOINT x",
    "BEGIN", "COMMIT", "DELETE FROM sqlite_temp_master", "UPDATE main.users SET name = 'x'",
    "INSERT INTO main.audit_heads SELECT * FROM main.audit_heads",
]


@pytest.mark.parametrize("sql", READS)
def test_a_read_past_the_view_is_refused(database, sql):
    for tenant in (A, NOBODY):
        said, = console(database, (tenant, "", sql))
        assert said.split("\t")[0] in (REFUSED, ERROR), said
        assert "canary-b" not in said


@pytest.mark.parametrize("sql", REFUSALS)
def test_what_no_request_needs_is_refused(database, sql):
    said, = console(database, (A, "patients", sql))
    assert said.split("\t")[0] in (REFUSED, ERROR), said


def test_the_view_shows_the_own_rows_and_without_an_organisation_nothing(database):
    own, other, nothing = console(database, *[(t, "", "SELECT name FROM patients")
                                              for t in (A, B, NOBODY)])
    assert "canary-a" in own and "canary-b" not in own
    assert "canary-b" in other and "canary-a" not in other
    assert nothing == "0\t=0"


@pytest.mark.parametrize("sql", [
    "UPDATE main.patients SET name = 'x'", "UPDATE main.patients SET name = 'x' WHERE tenant_id = 2002",
    f"UPDATE main.patients SET tenant_id = {B}", "DELETE FROM main.patients",
    "DELETE FROM main.patients WHERE tenant_id = 2002",
    f"INSERT INTO main.patients SELECT {B}, x'99', version, 'new', name, name_key, birth_date, status, "
    "created_at, created_by, updated_at, updated_by FROM patients LIMIT 1",
    f"REPLACE INTO main.patients (tenant_id, id, version, mrn, name, name_key, status, created_at, "
    f"created_by, updated_at, updated_by) VALUES ({B}, x'11111111111111111111111111111111', 9, 'm', 'n', "
    "'n', 1, 1, x'11111111111111111111111111111111', 1, x'11111111111111111111111111111111')",
    f"UPDATE OR REPLACE main.patients SET tenant_id = {B}",
    f"INSERT INTO main.patients (tenant_id, id, version, mrn, name, name_key, status, created_at, "
    f"created_by, updated_at, updated_by) VALUES ({B}, x'11111111111111111111111111111111', 9, 'm', 'n', "
    "'n', 1, 1, x'11111111111111111111111111111111', 1, x'11111111111111111111111111111111') "
    "ON CONFLICT (tenant_id, id) DO UPDATE SET name = 'x'",
    "UPDATE main.patients SET name = (SELECT group_concat(name) FROM main.patients x)"
    " WHERE tenant_id = 1001 RETURNING name",
])
@pytest.mark.parametrize("tenant", [A, NOBODY])
def test_a_write_never_touches_a_foreign_row(database, sql, tenant):
    before = rows_of_b(database)
    said, = console(database, (tenant, "patients", sql))
    assert rows_of_b(database) == before
    assert "canary-b" not in said
    if not (tenant == NOBODY and "FROM patients" in sql):  # then there is nothing to insert
        assert not said.endswith("=0"), said


@pytest.mark.parametrize("sql", [
    "UPDATE main.audit_events SET reason = 'x'", "DELETE FROM main.audit_events",
    "UPDATE main.audit_events SET reason = reason WHERE number > 0",
    "REPLACE INTO main.audit_events SELECT * FROM audit_events",
    "INSERT INTO main.audit_events SELECT * FROM audit_events WHERE true "
    "ON CONFLICT DO UPDATE SET reason = 'x'",
])
def test_the_own_trail_only_grows(database, sql):
    with sqlite3.connect(database) as db:
        before = db.execute("SELECT * FROM audit_events").fetchall()
    assert any(row[0] == A for row in before)
    said, = console(database, (A, "audit_events", sql))
    assert not said.endswith("=0"), said
    with sqlite3.connect(database) as db:
        assert db.execute("SELECT * FROM audit_events").fetchall() == before


def test_the_veil_changes_from_connection_to_connection(database):
    """Its names cannot be learnt or guessed."""
    probe = (A, "", "SELECT * FROM mq_veil_0000000000000000_patients")
    assert console(database, probe)[0].split("\t")[0] == ERROR


def test_a_schema_change_by_somebody_else_keeps_the_wall(database):
    """SQLite prepares again and asks the authorizer again."""
    process = subprocess.Popen([CONSOLE, database], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               text=True, bufsize=1)
    process.stdin.write(f"{A}\t\tSELECT name FROM patients\n")
    process.stdin.flush()
    name = f"later_{os.getpid()}"
    with sqlite3.connect(database) as db:
        db.execute(f"CREATE INDEX {name} ON patients (tenant_id, created_at)")
    out, _ = process.communicate(f"{A}\t\tSELECT name FROM patients\n{A}\t\tSELECT name FROM main.patients\n")
    lines = out.splitlines()
    assert "canary-a" in lines[1] and "canary-b" not in out and lines[2].startswith(REFUSED)


def test_each_statement_reaches_its_tables_through_the_tenant(database, capsys):
    """No statement scans or sorts a table that grows."""
    out = subprocess.run([CONSOLE, database, "plans"], capture_output=True, text=True, check=True).stdout
    faults, count = [], set()
    for line in out.splitlines():
        label, step = line.split("\t", 1)
        count.add(label)
        if step.startswith("SEARCH") and "tenant_id=?" not in step and "tenants_by_name" not in step:
            faults.append(line)
        if step.startswith(("SCAN", "USE TEMP B-TREE", "FAILED", "AUTOMATIC", "MATERIALIZE")) and \
                step != "SCAN CONSTANT ROW":
            faults.append(line)
    with capsys.disabled():
        print(f"\nquery plans: {len(count)} statements read")
    assert faults == []
