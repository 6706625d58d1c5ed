"""SQL that no statement of ours contains, for a connection as requests have it: what each of the
attacks must come to nothing by."""
import sqlite3
import subprocess

A, B, NOBODY = 1001, 2002, -1
REFUSED = "23"  # SQLITE_AUTH, when the statement is prepared
ERROR = "1"

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
    "SELECT load_extension('/tmp/x')", "SELECT id FROM main.users", "SELECT tenant_id FROM main.users",
    "SELECT low FROM partnerships", "SELECT group_concat(low || high) FROM main.partnerships",
    "SELECT user_id FROM main.recent_patients", "SELECT name FROM main.tenants",
    "WITH mq_veil_0123456789abcdef_patients AS (SELECT * FROM main.patients) "
    "SELECT name FROM mq_veil_0123456789abcdef_patients",
    "WITH mq_evil_@veil@_patients AS (SELECT * FROM main.patients) SELECT name FROM mq_evil_@veil@_patients",
    "WITH mq_veil_@veil@_users AS (SELECT * FROM main.patients) SELECT name FROM mq_veil_@veil@_users",
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
# Statements that read, from a row that says it writes "patients".
FALSE_TARGETS = [
    "SELECT name FROM main.patients", "SELECT count(*) FROM main.patients",
    "WITH x AS (SELECT name FROM main.patients) SELECT * FROM x",
]
LONELY = "id = x'00000000000000000000000000000000'"  # a patient on whom nothing hangs, in A and in B
WRITES = [
    f"UPDATE main.patients SET tenant_id = {A}, id = x'44444444444444444444444444444444', mrn = 'stolen' "
    f"WHERE tenant_id = {B} AND {LONELY}",
    f"UPDATE main.patients SET tenant_id = {B}, id = x'44444444444444444444444444444444', mrn = 'given' "
    f"WHERE tenant_id = {A} AND {LONELY}",
    f"DELETE FROM main.patients WHERE tenant_id = {B} AND {LONELY}",
    "INSERT INTO main.patients (tenant_id, id, version, mrn, name, name_key, status, created_at, created_by, "
    f"updated_at, updated_by) VALUES ({B}, x'55555555555555555555555555555555', 1, 'new', 'n', 'n', 1, 1, "
    "x'11111111111111111111111111111111', 1, x'11111111111111111111111111111111')",
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
]
TRAIL = [
    "UPDATE main.audit_events SET reason = 'x'", "DELETE FROM main.audit_events",
    "UPDATE main.audit_events SET reason = reason WHERE number > 0",
    "REPLACE INTO main.audit_events SELECT * FROM audit_events",
    "INSERT INTO main.audit_events SELECT * FROM audit_events WHERE true "
    "ON CONFLICT DO UPDATE SET reason = 'x'",
]



def rows_of(database, tenant):
    with sqlite3.connect(database) as db:
        tables = [t for (t,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' "
                                          "AND sql LIKE '%tenant_id%'")]
        return {t: sorted(map(repr, db.execute(f"SELECT * FROM {t} WHERE tenant_id = {tenant}")))
                for t in tables}


def faults(program, database):
    """Every attack in turn through a console of walls. @return those that came to something"""
    foreign, trail = rows_of(database, B), own_trail(database)
    lines = [(tenant, "", sql, "refused") for sql in READS for tenant in (A, NOBODY)]
    lines += [(A, "patients", sql, "refused") for sql in REFUSALS]
    lines += [(A, "", "SELECT name FROM patients", "own"), (B, "", "SELECT name FROM patients", "other"),
              (NOBODY, "", "SELECT name FROM patients", "nothing")]
    admitted = [(A, "patients", sql, "refused") for sql in FALSE_TARGETS]
    admitted += [(tenant, "patients", sql, "nothing to insert" if "FROM patients" in sql and tenant == NOBODY
                  else "aborted") for sql in WRITES for tenant in (A, NOBODY)]
    admitted += [(A, "audit_events", sql, "aborted") for sql in TRAIL]
    found = tried([program, database], lines + admitted) + tried([program, database, "authorizer"], lines)
    if rows_of(database, B) != foreign:
        found.append("a row of another organisation was changed")
    if own_trail(database) != trail:
        found.append("the trail was changed")
    return found


def tried(command, lines):
    text = "".join(f"{tenant}\t{target}\t{sql}\n" for tenant, target, sql, _ in lines)
    answer = subprocess.run(command, input=text, capture_output=True, text=True, errors="replace", timeout=60,
                            check=False)
    said = answer.stdout.splitlines()
    found = [] if len(said) == len(lines) else [f"the console stopped: {answer.returncode} {said[-1:]}"]
    return found + [f"{line[2]}: {words}" for line, words in zip(lines, said)
                    if not came_to_nothing(line, words)]


def came_to_nothing(line, words):
    tenant, _, _, kept = line
    code, failed = words.split("\t")[0], not words.endswith("=0")
    if kept == "own":
        return "canary-a" in words and "canary-b" not in words
    if kept == "other":
        return "canary-b" in words and "canary-a" not in words
    if kept == "nothing":
        return words == "0\t=0"
    return "canary-b" not in words and (
        code in (REFUSED, ERROR) if kept == "refused" else failed or kept == "nothing to insert")


def own_trail(database):
    with sqlite3.connect(database) as db:
        return db.execute("SELECT * FROM audit_events ORDER BY tenant_id, number").fetchall()
