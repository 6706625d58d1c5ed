"""The build refuses SQL that forgets the tenant, binds it by hand, or is not portable; and C code that
takes the scope apart does not compile."""
import re
import subprocess
import sys

import pytest

from harness import TOP

sys.path.insert(0, str(TOP / "tests/lint"))
import columns  # noqa: E402

SQLGEN = TOP / "build/sqlgen"
WALL = TOP / "mod_medsynq/store/pgsql"
MIGRATION = """CREATE TABLE tenants (tenant_id bigint NOT NULL, name text, PRIMARY KEY (tenant_id));
CREATE TABLE users (tenant_id bigint NOT NULL, id bytea, name text, PRIMARY KEY (tenant_id, id));
CREATE TABLE notes (tenant_id bigint NOT NULL, id bytea, user_id bytea, PRIMARY KEY (tenant_id, id));
CREATE TABLE partnerships (id bytea, low bigint, PRIMARY KEY (id));
CREATE UNIQUE INDEX partnerships_low ON partnerships (low);
"""


def sqlgen(folder, sql, more=""):
    (folder / "m").mkdir(exist_ok=True)
    (folder / "m/001_x.sql").write_text(MIGRATION + more)
    (folder / "s").mkdir(exist_ok=True)
    (folder / "s/x.sql").write_text(sql)
    return subprocess.run([SQLGEN, folder / "s", folder / "m", WALL, folder], capture_output=True, text=True)


@pytest.mark.parametrize("sql,sentence", [
    ("-- a tenant\nSELECT name FROM users LIMIT 1", "without its own tenant_id = :tenant"),
    ("-- a tenant\nSELECT name FROM users WHERE id = %pDb LIMIT 1", "without its own tenant_id"),
    ("-- a tenant\nSELECT n.id FROM notes n JOIN users u ON u.id = n.user_id WHERE "
     "n.tenant_id = :tenant LIMIT 1", "without its own tenant_id"),
    ("-- a tenant\nSELECT n.id FROM notes n JOIN users u ON u.tenant_id = n.tenant_id WHERE "
     "n.tenant_id = :tenant LIMIT 1", "only compared with :tenant"),
    ("-- a tenant\nSELECT name FROM users WHERE tenant_id = %lld LIMIT 1", "only compared with :tenant"),
    ("-- a tenant\nSELECT name FROM users WHERE tenant_id IN (:tenant) LIMIT 1", "only compared with"),
    ("-- a tenant\nSELECT name FROM users WHERE tenant_id = :tenant OR id = %pDb LIMIT 1", "'OR'"),
    ("-- a tenant\nSELECT name FROM users WHERE NOT tenant_id = :tenant LIMIT 1", "without its own"),
    ("-- a tenant\nSELECT name FROM users, notes WHERE users.tenant_id = :tenant LIMIT 1", "write JOIN"),
    ("-- a tenant\nUPDATE users SET name = %s WHERE id = %pDb", "without its own tenant_id"),
    ("-- a tenant\nUPDATE users SET tenant_id = %lld WHERE tenant_id = :tenant", "only compared with"),
    ("-- a tenant\nDELETE FROM users", "without its own tenant_id"),
    ("-- a tenant\nINSERT INTO users (tenant_id, id) VALUES (%lld, %pDb)", "begins its columns"),
    ("-- a tenant\nINSERT INTO users (id, tenant_id) VALUES (%pDb, :tenant)", "only compared with"),
    ("-- a tenant\nINSERT INTO users (tenant_id, id) SELECT %lld, id FROM users WHERE tenant_id = :tenant",
     "begins its columns"),
    ("-- a tenant\nREPLACE INTO users (tenant_id) VALUES (:tenant)", "'REPLACE'"),
    ("-- a tenant\nSELECT name FROM users WHERE tenant_id = :tenant", "needs a LIMIT"),
    ("-- a tenant\nSELECT * FROM users WHERE tenant_id = :tenant LIMIT 1", "name the columns"),
    ("-- a tenant\nSELECT name FROM main.users WHERE tenant_id = :tenant LIMIT 1", "'main'"),
    ("-- a tenant\nSELECT name FROM users WHERE tenant_id = :tenant AND name LIKE %s LIMIT 1", "'LIKE'"),
    ("-- a tenant\nSELECT strftime('%%Y') FROM users WHERE tenant_id = :tenant LIMIT 1", "'strftime'"),
    ("-- a tenant\nSELECT rowid FROM users WHERE tenant_id = :tenant LIMIT 1", "'rowid'"),
    ("-- a tenant\nWITH users AS (SELECT 1) SELECT name FROM users LIMIT 1", "'WITH'"),
    ("-- a tenant\nSELECT name FROM ghosts LIMIT 1", "no migration creates"),
    ("-- a guest\nSELECT id FROM notes WHERE tenant_id = :tenant LIMIT 1", "without its own patient_id = :patient"),
    ("-- a guest\nSELECT id FROM notes WHERE tenant_id = :tenant AND (patient_id = :patient OR id = %pDb) LIMIT 1",
     "without its own patient_id = :patient"),
    ("-- a guest\nSELECT id FROM notes WHERE tenant_id = :tenant AND patient_id = %pDb LIMIT 1",
     "without its own patient_id = :patient"),
    ("-- a guest\nSELECT id FROM notes WHERE patient_id = :patient LIMIT 1", "without its own tenant_id"),
    ("-- a guest\nSELECT n.id FROM notes n JOIN notes m ON m.tenant_id = :tenant AND m.id = n.id WHERE "
     "n.tenant_id = :tenant AND n.patient_id = :patient LIMIT 1", "without its own patient_id = :patient"),
    ("-- a guest\nDELETE FROM notes WHERE tenant_id = :tenant AND patient_id = :patient", "a guest statement only reads"),
    ("-- a tenant\nSELECT id FROM notes WHERE tenant_id = :tenant AND patient_id = :patient LIMIT 1",
     "unknown name :patient"),
    ("-- a system\nSELECT name FROM users LIMIT 1", "may not touch users"),
    ("-- a system\nSELECT name FROM tenants WHERE tenant_id = :tenant LIMIT 1", "has no tenant"),
    ("-- a tenant\nSELECT name FROM users WHERE tenant_id = :tenant AND name = %x LIMIT 1", "unknown parameter"),
    # what stands beside the predicate takes it away
    ("-- a tenant\nSELECT name FROM users WHERE tenant_id = :tenant IS NULL LIMIT 1", "without its own"),
    ("-- a tenant\nSELECT name FROM users WHERE tenant_id = :tenant + 1 LIMIT 1", "without its own"),
    ("-- a tenant\nSELECT name FROM users WHERE tenant_id = :tenant <> 1 LIMIT 1", "without its own"),
    ("-- a tenant\nSELECT name FROM users WHERE (id = %pDb OR id = %pDb AND tenant_id = :tenant) LIMIT 1",
     "without its own"),
    ("-- a tenant\nSELECT name FROM users WHERE NOT (id = %pDb AND tenant_id = :tenant) LIMIT 1",
     "without its own"),
    ("-- a tenant\nSELECT name FROM users WHERE 1 BETWEEN 0 AND tenant_id = :tenant LIMIT 1", "'BETWEEN'"),
    ("-- a tenant\nSELECT name FROM users WHERE CASE WHEN 1 = 1 AND tenant_id = :tenant THEN 1 ELSE 1 END "
     "LIMIT 1", "'CASE'"),
    # a predicate in another place than the table's own WHERE or ON
    ("-- a tenant\nSELECT 1 = 1 AND tenant_id = :tenant, name FROM users LIMIT 1", "without its own"),
    ("-- a tenant\nSELECT name FROM users ORDER BY 1 = 1 AND tenant_id = :tenant LIMIT 1", "without its own"),
    ("-- a tenant\nUPDATE users SET name = 1 = 1 AND tenant_id = :tenant WHERE id = %pDb", "without its own"),
    ("-- a tenant\nUPDATE users SET tenant_id = :tenant WHERE id = %pDb", "without its own"),
    ("-- a tenant\nSELECT u.name FROM users u LEFT JOIN notes n ON n.tenant_id = :tenant AND "
     "u.tenant_id = :tenant LIMIT 1", "table users is reached without"),
    ("-- a tenant\nSELECT (SELECT u.name FROM users u WHERE u.id = %pDb) FROM users u WHERE "
     "u.tenant_id = :tenant LIMIT 1", "without its own"),
    ("-- a tenant\nSELECT u.name FROM users u RIGHT JOIN notes n ON n.tenant_id = :tenant WHERE "
     "u.tenant_id = :tenant LIMIT 1", "'RIGHT'"),
    ("-- a tenant\nINSERT INTO users (tenant_id, id) VALUES (:tenant, %pDb), (%lld, %pDb)", "one row"),
    ("-- a tenant\nINSERT INTO users (tenant_id, id) VALUES (:tenant + 1, %pDb)", "begins its columns"),
    ("-- a tenant\nINSERT INTO users (tenant_id, id) SELECT :tenant + 1, id FROM users "
     "WHERE users.tenant_id = :tenant", "begins its columns"),
    # what a statement gives has names
    ("-- a tenant\nSELECT count(*) FROM users WHERE tenant_id = :tenant LIMIT 1", "column 1 has no name"),
    ("-- a tenant\nSELECT name, 1 + 1 FROM users WHERE tenant_id = :tenant LIMIT 1", "column 2 has no name"),
    ("-- a tenant\nSELECT u.name, n.name FROM users u JOIN notes n ON n.tenant_id = :tenant WHERE "
     "u.tenant_id = :tenant LIMIT 1", "two columns are called name"),
    ("-- a tenant x\nSELECT id, name FROM users WHERE tenant_id = :tenant LIMIT 1\n"
     "-- b tenant x\nSELECT name FROM users WHERE tenant_id = :tenant LIMIT 1", "column 1 is name, but id in a"),
    ("-- a tenant\nSELECT name AS b_c FROM users WHERE tenant_id = :tenant LIMIT 1\n"
     "-- a_b tenant\nSELECT name AS c FROM users WHERE tenant_id = :tenant LIMIT 1", "is a column of a already"),
    ("-- a tenent\nSELECT name FROM users WHERE tenant_id = :tenant LIMIT 1", "'tenent' is no scope"),
    ("-- a system\nUPDATE tenants SET name = %s", "a system statement only reads tenants"),
    ("-- a system\nDELETE FROM users", "may not touch users"),
    ("-- a tenant\nSELECT low FROM partnerships WHERE id = %pDb LIMIT 1", "is nobody's"),
    ("-- a tenant\nUPDATE partnerships SET low = 1", "is nobody's"),
    ("-- a tenant\nSELECT u.id FROM users u JOIN partnerships p ON p.low = 1 WHERE u.tenant_id = :tenant LIMIT 1",
     "is nobody's"),
    # an owner's sees all organisations, and no more than that
    ("-- a owner\nUPDATE users SET name = %s", "a owner statement only reads"),
    ("-- a owner\nDELETE FROM users", "a owner statement only reads"),
    ("-- a owner\nINSERT INTO users (tenant_id, id) VALUES (%lld, %pDb)", "a owner statement only reads"),
    ("-- a owner\nSELECT name FROM users WHERE tenant_id = :tenant", "a statement of owner has no tenant"),
    ("-- a owner\nSELECT name FROM ghosts", "no migration creates"),
    ("-- a owner\nSELECT * FROM users", "name the columns"),
    ("-- a owner\nSELECT rowid FROM users", "'rowid'"),
    ("-- a tenant\nSELECT name FROM users WHERE tenant_id = :tenant LIMIT 1\n"
     "-- a tenant\nSELECT name FROM users WHERE tenant_id = :tenant LIMIT 1", "two statements"),
])
def test_sql_that_breaks_a_rule_does_not_build(tmp_path, sql, sentence):
    answer = sqlgen(tmp_path, sql)
    assert answer.returncode != 0
    assert sentence in answer.stderr, answer.stderr
    assert re.match(r".*:\d+: ", answer.stderr)


@pytest.mark.parametrize("sql,sentence", [
    ("CREATE TABLE x (tenant_id bigint, id bytea, PRIMARY KEY (id))", "a key begins with tenant_id"),
    ("CREATE TABLE x (tenant_id bigint, id bytea, UNIQUE (id))", "a key begins with tenant_id"),
    ("CREATE TABLE x (tenant_id bigint, u bytea, FOREIGN KEY (u) REFERENCES users (id))",
     "a key begins with tenant_id"),
    ("CREATE TABLE x (tenant_id bigint, u bytea REFERENCES users (id))", "tenant_id first"),
    ("CREATE TABLE x (tenant_id bigint, u bytea REFERENCES users)", "tenant_id first"),
    ("CREATE TABLE partnerships_too (id bytea, PRIMARY KEY (id))", "a key begins with tenant_id"),
    ("CREATE INDEX x ON users (name)", "an index begins with tenant_id"),
    ("CREATE UNIQUE INDEX x ON users (name, tenant_id)", "an index begins with tenant_id"),
    ("ALTER TABLE users ADD COLUMN tenant_id bigint", "from CREATE TABLE on"),
])
def test_a_schema_that_could_link_organisations_does_not_build(tmp_path, sql, sentence):
    answer = sqlgen(tmp_path, "", f"\n{sql};\n")
    assert answer.returncode != 0 and sentence in answer.stderr, answer.stderr
    assert re.match(r".*:\d+: ", answer.stderr)


@pytest.mark.parametrize("oldest", ["002", "0", "none"])
def test_a_migration_for_a_program_that_is_none_does_not_build(tmp_path, oldest):
    answer = sqlgen(tmp_path, "", f"\n-- oldest: {oldest}\n")
    assert answer.returncode != 0 and "the oldest program is one of those before" in answer.stderr
    assert sqlgen(tmp_path, "", "\n-- oldest: 001\n").returncode == 0


@pytest.mark.parametrize("sql", [
    "SELECT n.id, u.name FROM notes n JOIN users u ON u.tenant_id = :tenant AND u.id = n.user_id "
    "WHERE n.tenant_id = :tenant AND (n.id = %pDb OR n.id = %pDb) ORDER BY n.id LIMIT %d",
    "UPDATE users SET name = (SELECT t.name FROM tenants t WHERE t.tenant_id = :tenant) "
    "WHERE users.tenant_id = :tenant AND id = %pDb",
    "INSERT INTO notes (tenant_id, id) SELECT :tenant, u.id FROM users u WHERE u.tenant_id = :tenant",
])
def test_sound_joins_and_subqueries_build(tmp_path, sql):
    answer = sqlgen(tmp_path, f"-- a tenant\n{sql}")
    assert answer.returncode == 0, answer.stderr


SOUND = "-- a tenant\nSELECT name FROM users WHERE tenant_id = :tenant LIMIT 1\n"


def test_sound_sql_builds(tmp_path):
    assert sqlgen(tmp_path, SOUND).returncode == 0


def test_statements_and_columns_have_names(tmp_path):
    sql = """-- users_all tenant
SELECT u.id, u.name AS user_name, (SELECT count(*) FROM notes n WHERE n.tenant_id = :tenant) AS notes_found
FROM users u WHERE u.tenant_id = :tenant LIMIT 1

-- users_brief tenant users_all
SELECT u.id FROM users u WHERE u.tenant_id = :tenant LIMIT 1

-- user_name tenant
SELECT name FROM users WHERE tenant_id = :tenant LIMIT 1

-- users_away tenant
DELETE FROM users WHERE tenant_id = :tenant

-- name_of_all system
SELECT name FROM tenants LIMIT 1

-- names_of_everybody owner
SELECT name FROM users
"""
    answer = sqlgen(tmp_path, sql)
    assert answer.returncode == 0, answer.stderr
    header = (tmp_path / "statements_gen.h").read_text()
    assert re.findall(r"define (MQ_SQL_\w+) MQ_SQL_ROW\((\w+), (\d)\)", header) == [
        ("MQ_SQL_USERS_ALL", "mq_tenant_read_t", "0"), ("MQ_SQL_USERS_BRIEF", "mq_tenant_read_t", "1"),
        ("MQ_SQL_USER_NAME", "mq_tenant_read_t", "2"), ("MQ_SQL_USERS_AWAY", "mq_tenant_write_t", "3"),
        ("MQ_SQL_NAME_OF_ALL", "mq_system_read_t", "4"), ("MQ_SQL_NAMES_OF_EVERYBODY", "mq_owner_read_t", "5")]
    assert [re.findall(r"\w+", body) for body in re.findall(r"enum \{(.*?)\}", header, re.S)] == [
        ["MQ_USERS_ALL_ID", "MQ_USERS_ALL_USER_NAME", "MQ_USERS_ALL_NOTES_FOUND"], ["MQ_USER_NAME"],
        ["MQ_NAME_OF_ALL_NAME"], ["MQ_NAMES_OF_EVERYBODY_NAME"]]


def test_each_engine_has_its_own_text(tmp_path):
    answer = sqlgen(tmp_path, "-- a tenant\nUPDATE users SET name = 'a' || %s "
                              "WHERE tenant_id = :tenant AND %d %% 2 = 1\n"
                              "-- b system\nSELECT tenant_id FROM tenants WHERE name = %s LIMIT %d\n")
    assert answer.returncode == 0, answer.stderr
    assert (tmp_path / "statements_gen.c").read_text().count("""
    {"a", "UPDATE main.users SET name = 'a' || ?2 WHERE tenant_id = ?1 AND ?3 % 2 = 1",
     "UPDATE users SET name = 'a' || $2 WHERE tenant_id = $1 AND $3 % 2 = 1",
     "si", "users", 1, 0, 0},
    {"b", "SELECT tenant_id FROM main.tenants WHERE name = ?1 LIMIT ?2",
     "SELECT tenant_id FROM medsynq_lookup.b($1, $2)",
     "si", "", 0, 0, 0},
""") == 1


def test_the_wall_is_made_of_the_tables_and_the_statements(tmp_path):
    """Each table with what is done with it, and no more; a look among organisations is a function."""
    answer = sqlgen(tmp_path, "-- a tenant\nINSERT INTO notes (tenant_id, id) VALUES (:tenant, %pDb)\n"
                    "-- b tenant\nDELETE FROM users WHERE tenant_id = :tenant\n"
                    "-- c system\nSELECT tenant_id FROM tenants t WHERE t.name = %s AND name > 'it''s' LIMIT %d\n"
                    "-- d system\nUPDATE partnerships SET low = %lld WHERE id = %pDb\n"
                    "-- e owner\nSELECT u.name, n.id FROM users u JOIN notes n ON n.tenant_id = u.tenant_id\n",
                    "CREATE TABLE unused (tenant_id bigint, PRIMARY KEY (tenant_id)) WITHOUT ROWID;\n"
                    "ALTER TABLE notes ADD COLUMN x text GENERATED ALWAYS AS (name) VIRTUAL;\n")
    assert answer.returncode == 0, answer.stderr
    wall = (tmp_path / "pgsql_wall.sql").read_text()
    tables = dict(re.findall(r"ARRAY\['(\w+)', '\w+', '([A-Z, ]*)'\]", wall))
    assert tables == {"tenants": "", "users": "SELECT, DELETE", "notes": "INSERT", "unused": "",
                      "partnerships": "SELECT, UPDATE", "medsynq_schema": "SELECT", "medsynq_seal": ""}
    assert ("ARRAY['c', 'text, bigint', 'tenants', 'tenant_id', 'tenant_id, name', 'SELECT tenant_id FROM tenants t "
            "WHERE t.name = $1 AND name > ''it''''s'' LIMIT $2']") in wall
    schema = (tmp_path / "pgsql_schema.sql").read_text()
    assert "(tenant_id));" in schema and ") STORED;" in schema and "ROWID" not in schema


def test_a_template_with_a_blank_that_nobody_fills_is_refused(tmp_path):
    (tmp_path / "w").mkdir()
    for path in WALL.glob("*.sql"):
        (tmp_path / "w" / path.name).write_text(path.read_text().replace("{tables}", "{tales}"))
    assert sqlgen(tmp_path, SOUND).returncode == 0
    answer = subprocess.run([SQLGEN, tmp_path / "s", tmp_path / "m", tmp_path / "w", tmp_path],
                            capture_output=True, text=True)
    assert answer.returncode != 0 and "nobody knows what to fill in for {tales}" in answer.stderr


def test_a_list_of_columns_stands_for_them(tmp_path):
    (tmp_path / "s").mkdir()
    (tmp_path / "s/user_fields.list").write_text("# who\nid %pDb\nname %s\n")
    answer = sqlgen(tmp_path, "-- a tenant\nSELECT {u.user_fields} FROM users u WHERE u.tenant_id = :tenant LIMIT 1\n"
                    "-- b tenant\nINSERT INTO users (tenant_id, {user_fields}) VALUES (:tenant, {%user_fields})\n"
                    "-- c tenant\nUPDATE users SET {user_fields=%} WHERE tenant_id = :tenant AND name = %s\n")
    assert answer.returncode == 0, answer.stderr
    made = (tmp_path / "statements_gen.c").read_text()
    assert "SELECT u.id, u.name FROM" in made and "(tenant_id, id, name) VALUES (?1, ?2, ?3)" in made
    assert "SET id = ?2, name = ?3 WHERE tenant_id = ?1 AND name = ?4" in made
    assert "MQ_USER_FIELD_ID,\n    MQ_USER_FIELD_NAME,\n    MQ_USER_FIELDS\n" in (tmp_path / "statements_gen.h").read_text()


@pytest.mark.parametrize("columns,sql,sentence", [
    ("id %pDb\n", "SELECT {users} FROM users", "there is no list {users}"), ("id", "SELECT 1", "write a column"),
    ("id %pDb\n", "SELECT {user_fields FROM users", "a { without its }"),
    ("id %pDb\n", "SELECT {%user_fields=%} FROM users", "there is no list")])
def test_a_list_that_is_wrong_is_named(tmp_path, columns, sql, sentence):
    (tmp_path / "s").mkdir()
    (tmp_path / "s/user_fields.list").write_text(columns)
    answer = sqlgen(tmp_path, f"-- a tenant\n{sql} WHERE tenant_id = :tenant LIMIT 1\n")
    assert answer.returncode != 0 and sentence in answer.stderr


def test_a_label_stands_once_in_all_files(tmp_path):
    (tmp_path / "s").mkdir()
    (tmp_path / "s/a.sql").write_text(SOUND)
    answer = sqlgen(tmp_path, SOUND)
    assert answer.returncode != 0 and "two statements have this label, the other is in a.sql" in answer.stderr


def test_a_fault_leaves_what_was_made_before_and_nothing_half_made(tmp_path):
    assert sqlgen(tmp_path, SOUND).returncode == 0
    made = {path.name: path.read_text() for path in tmp_path.iterdir() if path.is_file()}
    assert len(made) == 11 and all(made.values())
    assert sqlgen(tmp_path, SOUND + SOUND).returncode != 0
    assert sqlgen(tmp_path, SOUND, "CREATE TABLE x (id bytea, PRIMARY KEY (id));").returncode != 0
    assert {path.name: path.read_text() for path in tmp_path.iterdir() if path.is_file()} == made


def test_what_would_not_change_is_not_written_again(tmp_path):
    assert sqlgen(tmp_path, SOUND).returncode == 0
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("*_gen.*")}
    assert sqlgen(tmp_path, SOUND.replace("LIMIT 1", "LIMIT 2")).returncode == 0
    after = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("*_gen.*")}
    assert {name for name in before if before[name] != after[name]} == {"statements_gen.c"}


def compiles(body, header="store/db.h"):
    source = f'#include "{header}"\nvoid test(const mq_scope_t *sc, const mq_system_t *system);\n' \
             f"void test(const mq_scope_t *sc, const mq_system_t *system)\n{{\n{body}\n}}\n"
    config = [subprocess.check_output([tool, *flags], text=True).split()
              for tool, flags in (("apr-1-config", ["--cppflags", "--includes"]), ("apu-1-config", ["--includes"]))]
    return subprocess.run(
        ["gcc", "-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-x", "c",
         f"-I{TOP}/mod_medsynq", f"-I{TOP}/build/gen", *config[0], *config[1], "-"],
        input=source, text=True, capture_output=True)


@pytest.mark.parametrize("body", [
    "(void)system; (void)mq_scope_user_name(sc);",
    "(void)system; mq_rows_t rows; (void)mq_db_select(&rows, sc, MQ_SQL_USER_BY_EMAIL, MQ_NO_PARAMS);",
    "(void)sc; mq_rows_t rows; (void)mq_db_system_select(&rows, system, MQ_SQL_TENANT_BY_NAME, MQ_NO_PARAMS);",
    "(void)sc; (void)mq_db_system_change(NULL, system, MQ_SQL_PARTNERSHIP_INSERT, MQ_NO_PARAMS);",
    "(void)system; (void)mq_db_change(NULL, sc, MQ_SQL_COUNTER_START, MQ_NO_PARAMS);",
    "(void)sc; (void)system; mq_rows_t rows; const mq_guest_t *guest = 0; "
    "(void)mq_db_guest_select(&rows, guest, MQ_SQL_GUEST_CHART, MQ_NO_PARAMS);",
    "(void)system; static const mq_tenant_read_t *const both[] = {MQ_SQL_USERS_FIRST, MQ_SQL_USERS_AFTER};"
    "mq_rows_t rows; (void)mq_db_select(&rows, sc, both[1], MQ_NO_PARAMS);",
])
def test_ordinary_use_of_scopes_and_statements_compiles(body):
    answer = compiles(body)
    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize("body", [
    "(void)system; (void)sc->loan;", "(void)system; mq_scope_t copy = *sc; (void)copy;",
    "(void)system; (void)sizeof(mq_scope_t);",
    "(void)sc; mq_rows_t rows; (void)mq_db_select(&rows, system, MQ_SQL_USER_BY_EMAIL, MQ_NO_PARAMS);",
    "(void)system; mq_rows_t rows; (void)mq_db_system_select(&rows, sc, MQ_SQL_TENANT_BY_NAME, MQ_NO_PARAMS);",
    "(void)sc; (void)system; mq_rows_t rows; (void)mq_db_select(&rows, 1001, MQ_SQL_USER_BY_EMAIL, MQ_NO_PARAMS);",
    "(void)system; (void)mq_db_change(NULL, sc, MQ_SQL_COUNTER_START, \"SELECT\", 1);",
    "(void)sc; (void)system; (void)mq_loan_make(NULL, 1001, NULL);",
    # a statement where one of another kind belongs
    "(void)system; mq_rows_t rows; (void)mq_db_select(&rows, sc, MQ_SQL_TENANT_BY_NAME, MQ_NO_PARAMS);",
    "(void)system; mq_rows_t rows; (void)mq_db_select_one(&rows, sc, MQ_SQL_TENANT_BY_NAME, MQ_NO_PARAMS);",
    "(void)sc; mq_rows_t rows; (void)mq_db_system_select(&rows, system, MQ_SQL_USER_BY_EMAIL, MQ_NO_PARAMS);",
    "(void)sc; mq_rows_t rows; (void)mq_db_system_select(&rows, system, MQ_SQL_COUNTER_START, MQ_NO_PARAMS);",
    "(void)system; mq_rows_t rows; (void)mq_db_select(&rows, sc, MQ_SQL_COUNTER_START, MQ_NO_PARAMS);",
    "(void)system; mq_rows_t rows; (void)mq_db_select_one(&rows, sc, MQ_SQL_COUNTER_START, MQ_NO_PARAMS);",
    "(void)system; (void)mq_db_change(NULL, sc, MQ_SQL_USER_BY_EMAIL, MQ_NO_PARAMS);",
    "(void)system; (void)mq_db_change(NULL, sc, MQ_SQL_TENANT_BY_NAME, MQ_NO_PARAMS);",
    "(void)system; (void)mq_db_change(NULL, sc, MQ_SQL_PARTNERSHIP_INSERT, MQ_NO_PARAMS);",
    "(void)sc; (void)mq_db_system_change(NULL, system, MQ_SQL_COUNTER_START, MQ_NO_PARAMS);",
    "(void)system; (void)mq_db_system_change(NULL, sc, MQ_SQL_PARTNERSHIP_INSERT, MQ_NO_PARAMS);",
    "(void)system; mq_rows_t rows; (void)mq_db_select(&rows, sc, MQ_SQL_OWNER_EVENTS, MQ_NO_PARAMS);",
    "(void)sc; mq_rows_t rows; (void)mq_db_system_select(&rows, system, MQ_SQL_OWNER_EVENTS, MQ_NO_PARAMS);",
    "(void)system; mq_rows_t rows; (void)mq_db_select(&rows, sc, MQ_SQL_GUEST_CHART, MQ_NO_PARAMS);",
    "(void)sc; mq_rows_t rows; (void)mq_db_system_select(&rows, system, MQ_SQL_GUEST_CHART, MQ_NO_PARAMS);",
    "(void)system; mq_rows_t rows; (void)mq_db_guest_select(&rows, sc, MQ_SQL_GUEST_CHART, MQ_NO_PARAMS);",
    "(void)sc; (void)system; mq_rows_t rows; const mq_guest_t *guest = 0; "
    "(void)mq_db_guest_select(&rows, guest, MQ_SQL_PATIENT_BY_ID, MQ_NO_PARAMS);",
    "(void)sc; (void)system; mq_rows_t rows; const mq_guest_t *guest = 0; "
    "(void)mq_db_select(&rows, guest, MQ_SQL_PATIENT_BY_ID, MQ_NO_PARAMS);",
    "(void)sc; (void)system; const mq_guest_t *guest = 0; "
    "(void)mq_db_change(NULL, guest, MQ_SQL_COUNTER_START, MQ_NO_PARAMS);",
    "(void)system; mq_rows_t rows; (void)mq_db_select(&rows, sc, 7, MQ_NO_PARAMS);",
    "(void)system; mq_rows_t rows; (void)mq_db_select(&rows, sc, &mq_sql_rows[7], MQ_NO_PARAMS);",
    "(void)sc; (void)system; int number = MQ_SQL_USER_BY_EMAIL; (void)number;",
    "(void)sc; (void)system; static const mq_tenant_read_t *const both[] = "
    "{MQ_SQL_USERS_FIRST, MQ_SQL_COUNTER_START}; (void)both;",
    "(void)system; mq_rows_t rows; (void)mq_db_select(&rows, sc, rows.row ? MQ_SQL_USERS_FIRST : "
    "MQ_SQL_TENANT_BY_NAME, MQ_NO_PARAMS);",
])
def test_taking_the_scope_apart_does_not_compile(body):
    assert compiles(body).returncode != 0


def test_the_inside_of_a_scope_is_guarded():
    answer = compiles("(void)sc; (void)system;", "store/scope_mint.h")
    assert answer.returncode != 0 and "minted by domain/access/scope_minting.c alone" in answer.stderr


@pytest.mark.parametrize("read,sentence", [
    ("mq_rows_text(&rows, MQ_USER_BY_EMAIL_PASSWORD, pool)", None),
    ("mq_rows_text(&rows, MQ_USER_BY_EMAIL_ID + i, pool)", None),
    ("said(json, &rows, MQ_USER_BY_EMAIL_STATUS)", None),
    ("mq_rows_text(&rows, 2, pool)", "by its number"),
    ("mq_rows_int(&rows,\n        MQ_USER_BY_EMAIL_ID + 1)", "by its number"),
    ("said(json, &rows, 2)", "by its number"),
    ("mq_rows_text(&rows, MQ_USER_VIEW_NAME, pool)", "a column of no statement that is run here"),
    ("mq_rows_int(&rows, MQ_LISTING_ACTIVE)", "is no column"),
])
def test_a_column_has_the_name_that_its_statement_gives_it(read, sentence):
    text = f"""static void said(mq_json_t *json, const mq_rows_t *rows, int column)
{{
    mq_json_int(json, "x", mq_rows_int(rows, column));
}}

apr_status_t test(const mq_scope_t *sc)
{{
    MQ_TRY(mq_db_select_one(&rows, sc, MQ_SQL_USER_BY_EMAIL, MQ_NO_PARAMS));
    (void){read};
}}
"""
    places = {"mq_rows_text": 1, "mq_rows_int": 1, **columns.readers([text])}
    found = list(columns.faults(text, places, *columns.names(TOP), columns.members([text])))
    assert (sentence is None) == (not found), found
    assert not found or sentence in found[0][1]
