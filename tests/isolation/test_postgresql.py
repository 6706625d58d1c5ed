"""The schema, every statement and the second wall are taken by a real PostgreSQL. Each part of the wall is
broken, one at a time, and must be noticed by the one query that proves it; the ways round are tried."""
import re

import pytest

from harness import TOP
from postgresql import GENERATED, ROLES, Postgresql

PAGE = TOP / "mod_medsynq/docs/distributed.md"
STATEMENTS = GENERATED / "statements_gen.c"
TYPES = {"s": "text", "i": "bigint", "b": "bytea"}
PROOF = {variant: (GENERATED / f"pgsql_proof{variant}.sql").read_text() for variant in ("", "_sealed")}
KEY = "\\x" + "5a" * 32


@pytest.fixture(scope="module")
def postgresql():
    one = Postgresql().start()
    yield one
    one.stop()


# Organisation 2 has referred its patient twice, by two shares.
REFERRALS = "INSERT INTO partners VALUES (2, '\\x31', 'Clinic 1', 1, 2, 1);" + "".join(
    f"INSERT INTO shares VALUES (2, '\\x{share}', '\\x12', '\\x31', 1, 0, NULL);"
    f"INSERT INTO referrals VALUES (2, '\\x{share}', '\\x12', '\\x31', 1, 1, 'Reason {share}', NULL, 0, '\\x02', 9,"
    f" 0); INSERT INTO referral_steps VALUES (2, '\\x{share}', '\\x{share}', '\\x12', 0, 1, 'A', 1, 'Said {share}',"
    " NULL);" for share in (41, 42))


def two_clinics(postgresql, name, variant=""):
    """Organisations 1 and 2, each with a patient, and a partnership of the two."""
    rows = "".join(
        f"INSERT INTO tenants (tenant_id, name, name_key, status, version, created_at)"
        f" VALUES ({n}, 'Clinic {n}', 'clinic {n}', 1, 1, 0);"
        f"INSERT INTO users (tenant_id, id, version, email, email_key, name, roles, status, password,"
        f" session_epoch, created_at) VALUES ({n}, '\\x0{n}', 1, 'a', 'a', 'A', 1, 1, '', 0, 0);"
        f"INSERT INTO patients (tenant_id, id, version, mrn, name, name_key, status, created_at, created_by,"
        f" updated_at, updated_by) VALUES ({n}, '\\x1{n}', 1, 'mrn{n}', 'Secret {n}', 's', 1, 0, '\\x0{n}', 0,"
        f" '\\x0{n}');" for n in (1, 2))
    postgresql.medsynq(name, variant)
    postgresql.done(rows + "INSERT INTO partnerships VALUES ('\\x01', 1, 2, 1);"
                    f"INSERT INTO medsynq_seal VALUES ('{KEY}');", name, "medsynq_admin")
    return name


@pytest.fixture(scope="module")
def database(postgresql):
    return two_clinics(postgresql, "walled")


@pytest.fixture(scope="module")
def referred(postgresql):
    name = two_clinics(postgresql, "referred")
    postgresql.done(REFERRALS, name, "medsynq_admin")
    return name


@pytest.fixture(scope="module")
def sealed(postgresql):
    return two_clinics(postgresql, "sealed", "_sealed")


@pytest.fixture
def serve(postgresql, database):
    """Run SQL as the server's role within organisation 1: serve(sql), serve(sql, tenant=2), tenant=None for no
    organisation; role= and before= for whoever is to get further, where= for another database. Nothing stays."""
    def run(sql, tenant=1, role="medsynq_serve", before="", where=database):
        enter = "" if tenant is None else f"SELECT set_config('medsynq.tenant', '{tenant}', true) \\g /dev/null\n"
        return postgresql.psql(f"BEGIN; {before}\n{enter}{sql};\nROLLBACK;", where, role)
    return run


def statements():
    """(label, SQL for PostgreSQL, kinds, whether the tenant is its first parameter), as the store has it"""
    row = r'^    \{"(\w+)", ".*",\n     "(.*)",\n     "(\w*)", "\w*", ([01]), ([01]), ([01])\},$'
    return re.findall(row, STATEMENTS.read_text(), re.M)


def prepared(label, sql, kinds, is_tenant, _, is_guest):
    types = ["bigint"] * int(is_tenant) + ["bytea"] * int(is_guest) + [TYPES[kind] for kind in kinds]
    sql = sql.replace('\\"', '"').replace("\\\\", "\\")
    return f"PREPARE {label} ({', '.join(types)}) AS {sql};" if types else f"PREPARE {label} AS {sql};"


def proof(postgresql, database, variant="", before=""):
    """What the query finds, asked as the server's role after SQL of a superuser that does not stay."""
    answer = postgresql.psql(f"BEGIN; {before};\nSET LOCAL ROLE medsynq_serve;\n{PROOF[variant]};\nROLLBACK;",
                             database)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_postgresql_takes_the_schema_and_every_statement(postgresql, database, capsys):
    """As the role that runs it: what a statement may do follows from the statement."""
    faults, count = "", 0
    for role, is_owner in (("medsynq_serve", "0"), ("medsynq_admin", "1")):
        rows = [row for row in statements() if row[4] == is_owner]
        answer = postgresql.psql("\n".join(prepared(*row) for row in rows), database, role, stop=False)
        count += len(rows)
        faults += answer.stderr
    with capsys.disabled():
        print(f"\nprepared on PostgreSQL: {count} statements")
    names = STATEMENTS.with_suffix(".h").read_text().count("MQ_SQL_ROW(")
    assert count == names and not faults, faults


def planned(sql, kinds, is_tenant, _, is_guest, tenant="1"):
    parameters = ([tenant] if int(is_tenant) else []) + ["NULL"] * (len(kinds) + int(is_guest))
    return f"({', '.join(parameters)})" if parameters else ""


def test_the_server_may_do_what_its_statements_do(postgresql, database):
    """Rights are asked when a statement runs: each is run as the server's role, and refused none."""
    rows = [row for row in statements() if row[4] == "0"]
    sql = "".join(f"BEGIN; SELECT set_config('medsynq.tenant', '{1 if int(row[3]) else -1}', true);\n"
                  f"{prepared(*row)}\nEXPLAIN (ANALYZE) EXECUTE {row[0]}{planned(*row[1:])};\nROLLBACK;\n"
                  for row in rows)
    answer = postgresql.psql(sql, database, "medsynq_serve", stop=False)
    refused = [line for line in answer.stderr.splitlines() if "permission denied" in line or "policy" in line]
    assert not refused, refused


@pytest.mark.parametrize("variant", ["", "_sealed"])
def test_the_wall_stands(postgresql, database, sealed, variant):
    name = sealed if variant else database
    assert postgresql.done(PROOF[variant], name, "medsynq_serve") == []
    assert proof(postgresql, name, variant) == ""


def test_the_wall_is_put_up_again_by_every_migration(postgresql, database):
    wall = (GENERATED / "pgsql_wall.sql").read_text()
    broken = "ALTER TABLE patients NO FORCE ROW LEVEL SECURITY; GRANT DELETE ON users TO medsynq_serve; " \
             "CREATE POLICY more ON users TO medsynq_serve USING (true)"
    assert proof(postgresql, database, before=broken).count("\n") == 3
    assert proof(postgresql, database, before=f"{broken}; SET LOCAL ROLE medsynq_admin; {wall}; "
                                              "RESET ROLE") == ""


BROKEN = {
    "a superuser": ("ALTER ROLE medsynq_serve SUPERUSER", "may pass the wall"),
    "BYPASSRLS": ("ALTER ROLE medsynq_serve BYPASSRLS", "may pass the wall"),
    "CREATEROLE": ("ALTER ROLE medsynq_serve CREATEROLE", "may pass the wall"),
    "REPLICATION": ("ALTER ROLE medsynq_serve REPLICATION", "may pass the wall"),
    "a member of the administrator": ("GRANT medsynq_admin TO medsynq_serve", "member of medsynq_admin"),
    "may read the server's files": ("GRANT pg_read_server_files TO medsynq_serve", "pg_read_server_files"),
    "reads everything": ("GRANT pg_read_all_data TO medsynq_serve", "member of pg_read_all_data"),
    "owns a table": ("ALTER TABLE patients OWNER TO medsynq_serve", "owns patients"),
    "owns the database": ("ALTER DATABASE walled OWNER TO medsynq_serve", "owns pg_database"),
    "a table of a superuser": ("ALTER TABLE patients OWNER TO postgres", "not owned by medsynq_owner"),
    "no row-level security": ("ALTER TABLE patients DISABLE ROW LEVEL SECURITY", "patients has no forced wall"),
    "not forced": ("ALTER TABLE patients NO FORCE ROW LEVEL SECURITY", "patients has no forced wall"),
    "no policy": ("DROP POLICY wall ON patients", "patients has no policy"),
    "another condition": ("ALTER POLICY wall ON patients USING (true)", "patients has no policy"),
    "writes anywhere": ("ALTER POLICY wall ON patients WITH CHECK (true)", "patients has no policy"),
    "a policy for everybody": ("ALTER POLICY wall ON patients TO public", "patients has no policy"),
    "a second policy": ("CREATE POLICY more ON patients USING (true)", "patients has another policy"),
    "a policy for nobody's table": ("ALTER POLICY wall ON partnerships USING (true)", "partnerships has no policy"),
    "TRUNCATE": ("GRANT TRUNCATE ON patients TO medsynq_serve", "TRUNCATE is granted"),
    "REFERENCES": ("GRANT REFERENCES ON patients TO PUBLIC", "REFERENCES is granted"),
    "the trail is changed": ("GRANT UPDATE ON audit_events TO medsynq_serve", "audit_events: UPDATE is granted"),
    "a column of the trail": ("GRANT UPDATE (digest) ON audit_events TO medsynq_serve", "UPDATE of a column"),
    "the trail is shortened": ("GRANT DELETE ON audit_events TO PUBLIC", "audit_events: DELETE is granted"),
    "a right is missing": ("REVOKE INSERT ON patients FROM medsynq_serve", "INSERT is not granted"),
    "the seal's key": ("GRANT SELECT ON medsynq_seal TO medsynq_serve", "medsynq_seal: SELECT is granted"),
    "a table that no migration made": (
        "CREATE TABLE more AS SELECT * FROM patients; GRANT SELECT ON more TO medsynq_serve", "more is open"),
    "a part of a table": ("CREATE TABLE part () INHERITS (patients)", "patients has a part"),
    "a view": ("CREATE VIEW seen AS SELECT * FROM patients; GRANT SELECT ON seen TO PUBLIC", "seen is open"),
    "a view of the one who asks": ("CREATE VIEW seen WITH (security_invoker) AS SELECT * FROM patients; "
                                   "GRANT SELECT ON seen TO medsynq_serve", "seen is open"),
    "a materialised view": ("CREATE MATERIALIZED VIEW kept AS SELECT * FROM patients; "
                            "GRANT SELECT ON kept TO medsynq_serve", "kept is open"),
    "a sequence": ("CREATE SEQUENCE numbers; GRANT USAGE ON numbers TO medsynq_serve", "numbers is open"),
    "a rule": ("CREATE RULE more AS ON INSERT TO patients DO ALSO SELECT 1", "has the rule more"),
    "a trigger": ("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER "
                  "more BEFORE INSERT ON patients FOR EACH ROW EXECUTE FUNCTION f()", "has the trigger more"),
    "a function of a superuser": ("CREATE FUNCTION f() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS "
                                  "'SELECT count(*) FROM public.patients'", "function f() may be called"),
    "a look that sees more": ("ALTER FUNCTION medsynq_lookup.tenant_by_name(text) OWNER TO postgres",
                              "tenant_by_name is not as it was made"),
    "a look with other words": ("CREATE OR REPLACE FUNCTION medsynq_lookup.tenant_by_name(text) RETURNS TABLE "
                                "(tenant_id bigint, status smallint) LANGUAGE sql STABLE SECURITY DEFINER AS "
                                "'SELECT tenant_id, status FROM public.tenants'", "tenant_by_name is not as"),
    "a look beside the others": ("CREATE FUNCTION medsynq_lookup.more() RETURNS bigint LANGUAGE sql "
                                 "SECURITY DEFINER AS 'SELECT 1::bigint'", "medsynq_lookup.more() may be called"),
    "a look that finds its names elsewhere": ("ALTER FUNCTION medsynq_lookup.tenant_by_name(text) RESET search_path",
                                              "tenant_by_name is not as it was made"),
    "the looks' role reads patients": ("GRANT SELECT (name) ON patients TO medsynq_lookup", "reads patients.name"),
    "the looks' role writes": ("GRANT UPDATE ON tenants TO medsynq_lookup", "medsynq_lookup writes tenants"),
    "the looks' role passes the wall": ("ALTER ROLE medsynq_lookup BYPASSRLS", "more than what it is for"),
    "the looks' role is a member": ("GRANT pg_read_all_data TO medsynq_lookup", "member of pg_read_all_data"),
    "guests pass the wall": ("ALTER ROLE medsynq_guest BYPASSRLS", "medsynq_guest is more than what it is for"),
    "guests read all patients": ("ALTER POLICY guest ON patients USING (true)", "patients has no policy for guests"),
    "guests read a referral of another share": (
        "ALTER POLICY guest ON referrals USING (tenant_id = current_setting('medsynq.guest')::bigint AND patient_id = "
        "decode(current_setting('medsynq.guest_patient'), 'hex') AND (current_setting('medsynq.guest_parts')::bigint & 1) "
        "<> 0)", "referrals has no policy for guests"),
    "guests read all its steps": ("ALTER POLICY guest ON referral_steps USING (true)",
                                  "referral_steps has no policy for guests"),
    "guests read what was chosen by another share": (
        "ALTER POLICY guest ON share_notes USING (tenant_id = current_setting('medsynq.guest')::bigint AND patient_id = "
        "decode(current_setting('medsynq.guest_patient'), 'hex') AND (current_setting('medsynq.guest_parts')::bigint & 8) "
        "<> 0)", "share_notes has no policy for guests"),
    "guests read notes that nobody chose": (
        "ALTER POLICY guest ON patient_notes USING (tenant_id = current_setting('medsynq.guest')::bigint AND patient_id = "
        "decode(current_setting('medsynq.guest_patient'), 'hex') AND (current_setting('medsynq.guest_parts')::bigint & 12)"
        " <> 0 AND status <> 1)", "patient_notes has no policy for guests"),
    "guests read drafts": ("CREATE POLICY more ON patient_notes TO medsynq_guest USING (status = 1)",
                           "another policy for guests"),
    "guests read another table": ("GRANT SELECT ON audit_events TO medsynq_guest", "medsynq_guest reads audit_events"),
    "guests read a password": ("GRANT SELECT (password) ON users TO medsynq_guest", "reads users.password"),
    "guests write": ("GRANT UPDATE ON patients TO medsynq_guest", "medsynq_guest writes patients"),
    "a guests' view of a superuser": ("ALTER VIEW medsynq_guest.patients OWNER TO postgres", "patients is open"),
    "a guests' view that is written": ("GRANT UPDATE ON medsynq_guest.patients TO medsynq_serve", "patients is open"),
    "a view more": ("CREATE VIEW medsynq_guest.audit_events AS SELECT * FROM audit_events; ALTER VIEW "
                    "medsynq_guest.audit_events OWNER TO medsynq_guest; GRANT SELECT ON medsynq_guest.audit_events TO "
                    "medsynq_serve", "audit_events is open"),
    "a guest from the start": ("SET medsynq.guest = '1'", "a guest is let in without being asked"),
    "advisory locks": ("GRANT EXECUTE ON FUNCTION pg_advisory_lock(bigint) TO PUBLIC", "pg_advisory_lock(bigint)"),
    "large objects": ("GRANT EXECUTE ON FUNCTION lo_create(oid) TO medsynq_serve", "lo_create(oid) may be called"),
    "the server's files": ("GRANT EXECUTE ON FUNCTION pg_read_file(text) TO medsynq_serve", "pg_read_file(text)"),
    "statistics of all": ("GRANT SELECT ON pg_statistic TO medsynq_serve", "catalogue pg_statistic is open"),
    "passwords of roles": ("GRANT SELECT ON pg_authid TO PUBLIC", "catalogue pg_authid is open"),
    "programs": ("GRANT USAGE ON LANGUAGE plpgsql TO PUBLIC", "may write in plpgsql"),
    "temporary tables": ("GRANT TEMPORARY ON DATABASE walled TO PUBLIC", "may make temporary tables"),
    "schemas": ("GRANT CREATE ON DATABASE walled TO medsynq_serve", "may make schemas"),
    "tables": ("GRANT CREATE ON SCHEMA public TO PUBLIC", "may create in schema public"),
    "what comes later": ("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC", "made later is granted"),
    "a setting of superusers": ("GRANT SET ON PARAMETER session_replication_role TO medsynq_serve",
                                "may set session_replication_role"),
    "a key across organisations": ("CREATE UNIQUE INDEX ids ON patients (id); ALTER TABLE recent_patients ADD "
                                   "FOREIGN KEY (patient_id) REFERENCES patients (id)", "reaches another"),
    "unique across organisations": ("CREATE UNIQUE INDEX ids ON patients (id)", "unique across organisations"),
    "an organisation from the start": ("SET medsynq.tenant = '1'", "set without being asked"),
    "names from elsewhere": ("CREATE SCHEMA other; GRANT USAGE ON SCHEMA other TO PUBLIC; "
                             "SET search_path = other, public", "names are looked for in"),
    "row_security": ("SET row_security = off", "row_security is off"),
    "triggers off": ("SET session_replication_role = replica", "session_replication_role is replica"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_wall_is_found(postgresql, database, what):
    sql, sentence = BROKEN[what]
    found = proof(postgresql, database, before=sql)
    assert sentence in found, found


def test_a_table_that_a_migration_forgot_is_found(postgresql, database):
    """A table of the list that is not there, and one that stands where no wall was put up."""
    assert "patient_pairs is not there" in proof(postgresql, database, before="DROP TABLE patient_pairs")
    remade = "CREATE TABLE n (LIKE patient_pairs); DROP TABLE patient_pairs; ALTER TABLE n RENAME TO patient_pairs; " \
             "GRANT SELECT, INSERT, UPDATE, DELETE ON patient_pairs TO medsynq_serve"
    assert "patient_pairs has no forced wall" in proof(postgresql, database, before=remade)


def test_no_database_of_another_order(postgresql):
    postgresql.done("CREATE DATABASE ordered TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8' "
                    "LOCALE_PROVIDER icu ICU_LOCALE 'de'")
    assert "not UTF8 with the order of C" in proof(postgresql, "ordered", before="SELECT")


def distributed():
    """The schema with each organisation's tables in two parts by tenant_id, as a PostgreSQL of several machines has
    them: a key that could hold for one part only, or point into another, is refused."""
    schema = re.sub("--.*", "", (GENERATED / "pgsql_schema.sql").read_text())

    def parts(found):
        name, columns = found.groups()
        if name == "tenants" or "tenant_id" not in columns:
            return found[0]  # there on each machine
        return f"CREATE TABLE {name} ({columns}\n) PARTITION BY HASH (tenant_id);" + "".join(
            f"CREATE TABLE {name}_part{n} PARTITION OF {name} FOR VALUES WITH (MODULUS 2, REMAINDER {n});" for n in (0, 1))
    return re.sub(r"CREATE TABLE (\w+) \((.*?)\n\);", parts, schema, flags=re.S)


def test_each_statement_of_an_organisation_stays_in_one_part(postgresql):
    """docs/distributed.md: what is joined lies together, and nothing is looked for in two places."""
    name = "distributed"
    postgresql.done(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'")
    postgresql.done(ROLES.read_text(), name)
    postgresql.done(f"BEGIN; {distributed()}; {(GENERATED / 'pgsql_wall.sql').read_text()}; COMMIT;", name, "medsynq_admin")
    rows = [row for row in statements() if int(row[3])]
    values = {"s": "'1'", "i": "1", "b": "'\\x01'"}
    sql = "SET plan_cache_mode = force_custom_plan; SET medsynq.guest = '1'; SET medsynq.guest_patient = '01'; " \
          "SET medsynq.guest_share = '01'; SET medsynq.guest_parts = '1';\n"
    for row in rows:
        given = ", ".join(["1", *["'\\x01'"] * int(row[5]), *(values[kind] for kind in row[2])])
        sql += f"\\echo = {row[0]}\n{prepared(*row)}\nEXPLAIN (COSTS off) EXECUTE {row[0]}({given});\n"
    plans = re.findall(r"^= (\w+)\n(.*?)(?=^= |\Z)", "\n".join(postgresql.done(sql, name)), re.M | re.S)
    parts = {label: set(re.findall(r"_part(\d)\b", plan)) for label, plan in plans}
    assert len(parts) == len(rows)
    assert not [label for label, found in parts.items() if len(found) > 1]
    # the others put a row, read what is on each machine, or were given values among which nothing can lie
    for label, plan in plans:
        assert parts[label] or re.search(r"^Insert on |One-Time Filter: false| on tenants\b", plan, re.M), plan
    listed = re.search(r"^- System,(.*?)^- The owner's", PAGE.read_text(), re.M | re.S)[1]
    assert set(re.findall(r"`(\w+_\w+)`", listed)) == {row[0] for row in statements() if not int(row[3]) and not int(row[4])}


def test_one_organisation_at_a_time(serve):
    assert serve("SELECT name FROM patients").stdout == "Secret 1\n"
    assert serve("SELECT name FROM patients", tenant=2).stdout == "Secret 2\n"
    assert serve("SELECT name FROM patients", role="postgres").stdout == "Secret 1\nSecret 2\n"
    assert serve("SELECT count(*) FROM partnerships").stdout == "0\n"
    assert serve("SELECT count(*) FROM partnerships", tenant=-1).stdout == "1\n"
    assert serve("SELECT count(*) FROM patients", tenant=-1).stdout == "0\n"


def test_no_organisation_no_rows(postgresql, database, serve):
    """Never set, and set in a transaction that is over: an error, and a loud one."""
    for sql in ("SELECT name FROM patients", "SELECT id FROM partnerships", "UPDATE patients SET name = 'x'",
                "DELETE FROM patients", "INSERT INTO counters VALUES (1, 'x', 1)"):
        assert "medsynq.tenant" in serve(sql, tenant=None).stderr, sql
        after = postgresql.psql("BEGIN; SELECT set_config('medsynq.tenant', '1', true) \\g /dev/null\nCOMMIT;"
                                f"{sql};", database, "medsynq_serve")
        assert after.returncode and "invalid input syntax for type bigint" in after.stderr and not after.stdout


REFUSED = {
    "a row of theirs": ("INSERT INTO counters VALUES (2, 'x', 1)", "row-level security"),
    "a row of theirs that is there": ("INSERT INTO tenants VALUES (2, 'x', 'x', 1, 1, 0)", "row-level security"),
    "a row of theirs that is not": ("INSERT INTO tenants VALUES (3, 'x', 'x', 1, 1, 0)", "row-level security"),
    "theirs, if there": ("INSERT INTO tenants (tenant_id, name, name_key, status, version, created_at) VALUES "
                         "(2, 'x', 'x', 1, 1, 0) ON CONFLICT (tenant_id) DO UPDATE SET name = 'x'", "row-level"),
    "given away": ("UPDATE patients SET tenant_id = 2", "row-level security"),
    "a key to their user": ("INSERT INTO password_resets VALUES (1, '\\x02', '', 0, 0)", "is not present"),
    "a key to no user": ("INSERT INTO password_resets VALUES (1, '\\x09', '', 0, 0)", "is not present"),
    "the trail, changed": ("UPDATE audit_events SET reason = ''", "permission denied"),
    "the trail, shortened": ("DELETE FROM audit_events", "permission denied"),
    "past the wall": ("SET row_security = off; SELECT * FROM patients", "would be affected by row-level"),
    "another role": ("SET ROLE medsynq_admin", "permission denied"),
    "another session": ("SET SESSION AUTHORIZATION postgres", "permission denied"),
    "no wall": ("ALTER TABLE patients DISABLE ROW LEVEL SECURITY", "must be owner"),
    "another policy": ("CREATE POLICY more ON patients USING (true)", "must be owner"),
    "all gone": ("TRUNCATE patients", "permission denied"),
    "a table": ("CREATE TABLE public.t ()", "permission denied"),
    "a temporary table": ("CREATE TEMP TABLE patients ()", "permission denied"),
    "a view": ("CREATE VIEW public.v AS SELECT 1", "permission denied"),
    "a function": ("CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "permission denied"),
    "a program": ("DO 'BEGIN END'", "permission denied"),
    "rows from a file": ("COPY patients FROM '/dev/null'", "must be superuser"),
    "rows from the client": ("COPY patients FROM STDIN", "not supported with row-level security"),
    "rows to a program": ("COPY (SELECT 1) TO PROGRAM 'cat'", "must be superuser"),
    "a file": ("SELECT pg_read_file('/etc/passwd')", "permission denied"),
    "an advisory lock": ("SELECT pg_advisory_lock(1)", "permission denied"),
    "an advisory lock, tried": ("SELECT pg_try_advisory_xact_lock(1)", "permission denied"),
    "time": ("SELECT pg_sleep(1)", "permission denied"),
    "a large object": ("SELECT lo_create(0)", "permission denied"),
    "the size of all": ("SELECT pg_relation_size('patients')", "permission denied"),
    "the count of all": ("SELECT pg_stat_get_live_tuples('patients'::regclass)", "permission denied"),
    "how often it was read": ("SELECT * FROM pg_stat_user_tables", "permission denied"),
    "values of all": ("SELECT * FROM pg_statistic", "permission denied"),
    "a signal": ("SELECT pg_terminate_backend(1)", "permission denied"),
    "a message": ("SELECT pg_notify('a', 'b')", "permission denied"),
    "a query in a query": ("SELECT query_to_xml('SELECT 1', true, true, '')", "permission denied"),
    "the key of the seal": ("SELECT key FROM medsynq_seal", "permission denied"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_way_round_is_closed(serve, what):
    sql, sentence = REFUSED[what]
    answer = serve(sql)
    assert answer.returncode and re.search(sentence, answer.stderr), (answer.stdout, answer.stderr)


def test_what_is_not_theirs_is_not_there(serve):
    for sql in ("UPDATE patients SET name = 'x' WHERE tenant_id = 2 RETURNING 1",
                "DELETE FROM patients WHERE tenant_id = 2 RETURNING 1",
                "SELECT name FROM patients WHERE tenant_id = 2 FOR UPDATE",
                "SELECT 1 / (tenant_id - 2) FROM patients WHERE tenant_id = 2",
                "COPY (SELECT name FROM patients WHERE tenant_id = 2) TO STDOUT",
                "SELECT tablename, most_common_vals FROM pg_stats WHERE schemaname = 'public'",
                "WITH patients AS (SELECT * FROM patients) SELECT name FROM patients WHERE tenant_id = 2",
                "SELECT name FROM ONLY public.patients WHERE tenant_id <> 1"):
        answer = serve(sql)
        assert answer.returncode == 0 and answer.stdout == "", (sql, answer.stdout, answer.stderr)
        # the attack is one: whom the wall does not bind gets something, but for what statistics there are
        if "pg_stats" not in sql and "1 /" not in sql:
            assert serve(sql, role="postgres").stdout.strip(), sql


def test_errors_say_nothing_of_rows(serve):
    """A key that is taken: its name, and not the row's values, which whom no wall binds is told."""
    sql = "INSERT INTO patients SELECT tenant_id, '\\x77', version, 'mrn1', name, name_key, birth_date, status, " \
          "created_at, created_by, updated_at, updated_by FROM patients WHERE tenant_id = 1"
    said = serve(sql).stderr
    assert "patients_by_mrn" in said and "DETAIL" not in said and "Secret" not in said
    assert "Secret" in serve("INSERT INTO patients (tenant_id, id, version, mrn, name, name_key, status, created_at, "
                             "created_by, updated_at, updated_by) SELECT tenant_id, '\\x77', version, 'm', 'Secret', "
                             "name_key, 9, created_at, created_by, updated_at, updated_by FROM patients WHERE "
                             "tenant_id = 1", role="postgres").stderr


def test_a_plan_says_nothing_of_values(postgresql, database, serve):
    postgresql.done("ANALYZE patients", database)
    plan = serve("EXPLAIN (VERBOSE) SELECT name FROM patients WHERE name > 'Secret 0'").stdout
    assert plan and "Secret 1" not in plan and "Secret 2" not in plan


def test_the_looks_that_precede_an_organisation(serve):
    look = "SELECT tenant_id, status FROM medsynq_lookup.tenant_by_name"
    assert serve(f"{look}('clinic 2')", tenant=-1).stdout == "2|1\n"
    assert serve(f"{look}('clinic')", tenant=-1).stdout == ""
    assert serve("SELECT name FROM tenants", tenant=-1).stdout == ""


@pytest.fixture
def guest(serve):
    """Run SQL as a guest of organisation 2, and as nobody: guest(sql, parts)."""
    def run(sql, parts, patient="12", tenant=2, share="41", **more):
        settings = {"guest": tenant, "guest_patient": patient, "guest_share": share, "guest_parts": parts}
        enter = ", ".join(f"set_config('medsynq.{name}', '{value}', true)" for name, value in settings.items())
        return serve(f"SELECT {enter} \\g /dev/null\n{sql}", tenant=-1, **more)
    return run


def test_a_guest_sees_one_patient_in_the_parts_given(guest, serve):
    """As nobody; what others run sees nothing, and a guest writes nothing."""
    assert guest("SELECT name FROM medsynq_guest.patients", 1).stdout == "Secret 2\n"
    assert guest("SELECT name FROM medsynq_guest.patients", 6).stdout == ""
    assert guest("SELECT name FROM medsynq_guest.patients", 7, patient="11").stdout == ""
    assert guest("SELECT name FROM medsynq_guest.users", 1).stdout == "A\n"
    assert guest("SELECT name FROM patients", 7).stdout == ""
    for refused in ("SELECT password FROM medsynq_guest.users", "UPDATE medsynq_guest.patients SET name = 'x'",
                    "SELECT * FROM medsynq_guest.audit_events"):
        assert guest(refused, 7).returncode, refused
    assert "medsynq.guest" in serve("SELECT name FROM medsynq_guest.patients").stderr
    assert serve("SELECT set_config('medsynq.guest', '', true) \\g /dev/null\n"
                 "SELECT name FROM medsynq_guest.patients").returncode


def forgetful(sql):
    """Every way to forget one condition of a statement, and the one to forget all."""
    condition = re.compile(r"(?:\w+\.)?\w+ = (\$\d+)")
    for found in condition.finditer(sql):
        for instead in (f"{found[1]} = {found[1]}", found[0].replace(" = ", " <> "), f"({found[0]} OR 1 = 1)"):
            yield sql[:found.start()] + instead + sql[found.end():]
    yield condition.sub(r"\1 = \1", sql)


def test_a_guest_sees_the_referral_of_the_share_whatever_a_statement_forgets(guest, referred):
    """The first wall off: each statement of guests on referrals, asked for the share's and for the other one."""
    rows = [row for row in statements() if row[5] == "1" and "medsynq_guest.referral" in row[1]]
    assert len(rows) >= 2
    for label, sql, kinds, *flags in rows:
        def run(mutant, asked, parts=7, **more):
            values = ", ".join(["2", "'\\x12'", f"'\\x{asked}'", *("9" for _ in kinds[1:])])
            answer = guest(f"{prepared(label, mutant.replace('LIMIT 1', 'LIMIT 9'), kinds, *flags)}\n"
                           f"EXECUTE {label}({values})", parts, where=referred, **more)
            assert answer.returncode == 0, answer.stderr
            return set(re.findall("(?:Reason|Said) (..)", answer.stdout))

        mutants = list(forgetful(sql))
        assert len(mutants) == 10 and run(sql, 41) == run(mutants[-1], 42) == {"41"}
        for mutant in mutants:
            assert run(mutant, 41) | run(mutant, 42) <= {"41"}, (label, mutant)
            assert not run(mutant, 41, share="43") | run(mutant, 41, parts=6) | run(mutant, 41, patient="11"), mutant
        # it is what this wall is for: without it the other one is there
        unwalled = "ALTER TABLE referrals DISABLE ROW LEVEL SECURITY; ALTER TABLE referral_steps DISABLE ROW LEVEL " \
                   "SECURITY;"
        assert run(mutants[-1], 41, role="postgres", before=unwalled) == {"41", "42"}


# Of the patient of organisation 2, by one share, the note c1 is chosen, and one that is another patient's; by
# another share, for another patient and in organisation 1 it is c2. To each a note was added.
CHOSEN = "".join(
    f"INSERT INTO patient_notes (tenant_id, patient_id, id, author_id, content, created_at, status, parent_id) VALUES "
    f"(2, '\\x{patient}', '\\x{note}', '\\x02', 'Said {note}', 0, {status}, {parent});"
    for patient, note, status, parent in (
        (12, "c1", 2, "NULL"), (12, "c2", 2, "NULL"), (12, "c3", 1, "NULL"), (13, "c4", 2, "NULL"),
        (12, "d1", 2, "'\\xc1'"), (12, "d2", 2, "'\\xc2'"))) + "".join(
    f"INSERT INTO share_notes VALUES ({tenant}, '\\x{patient}', '\\x{share}{note}', '\\x{share}', '\\x{note}', 0, NULL);"
    for tenant, patient, share, note in ((2, 12, 41, "c1"), (2, 12, 41, "c3"), (2, 12, 41, "c4"), (2, 12, 42, "c2"),
                                         (2, 13, 41, "c2"), (1, 11, 41, "c2")))


@pytest.fixture(scope="module")
def chosen(postgresql):
    name = two_clinics(postgresql, "chosen")
    postgresql.done(REFERRALS + "INSERT INTO patients (tenant_id, id, version, mrn, name, name_key, status, created_at, "
                    "created_by, updated_at, updated_by) VALUES (2, '\\x13', 1, 'mrn3', 'Secret 3', 's', 1, 0, '\\x02', "
                    "0, '\\x02'); INSERT INTO partners VALUES (1, '\\x31', 'Clinic 2', 1, 2, 1); INSERT INTO shares "
                    "VALUES (1, '\\x41', '\\x11', '\\x31', 1, 0, NULL);" + CHOSEN, name, "medsynq_admin")
    return name


def test_a_guest_sees_the_notes_that_were_chosen_whatever_a_statement_forgets(guest, chosen):
    """The first wall off: each statement of guests on notes, by the share's choice, by another one, and by none."""
    rows = [row for row in statements() if row[5] == "1" and "medsynq_guest.patient_notes" in row[1]]
    assert [row[0] for row in rows] == ["guest_notes", "guest_addenda", "guest_chosen_notes", "guest_chosen_addenda"]
    for label, sql, kinds, *flags in rows:
        def run(mutant, share=41, parts=11, asked=None, **more):
            last = "'\\xff'" if label.endswith("notes") else "'\\x00'"
            given = {"guest_notes": [last, "9"], "guest_addenda": [last, last, "'\\xff'", "9"]}
            values = given.get(label, [f"'\\x{asked or share}'", *[last] * (len(kinds) - 2), "9"])
            answer = guest(f"{prepared(label, mutant, kinds, *flags)}\nEXECUTE {label}(2, '\\x12', {', '.join(values)})",
                           parts, share=str(share), where=chosen, **more)
            assert answer.returncode == 0, answer.stderr
            return set(re.findall("Said (..)", answer.stdout))

        mine, theirs = ({"c1"}, {"c2"}) if label.endswith("notes") else ({"d1"}, {"d2"})
        assert run(sql) == mine and run(sql, 42) == theirs
        everything = run(sql, parts=7)
        assert everything == (set() if "chosen" in label else mine | theirs)
        bare = re.sub(r"(n\.id|n\.parent_id) IN \(SELECT s\.note.*?\$3\)", "$3 IS NOT NULL", sql)
        for mutant in [*forgetful(sql), *forgetful(bare), bare]:
            for asked in 41, 42:
                assert run(mutant, asked=asked) <= mine | {"c1", "d1"}, (label, mutant)
                assert run(mutant, 42, asked=asked) <= theirs | {"c2", "d2"}, (label, mutant)
            assert not run(mutant, parts=3) | run(mutant, share=43) | run(mutant, patient="11"), (label, mutant)
            assert not run(mutant, patient="13") & {"c1", "c2", "c3", "d1", "d2"}, (label, mutant)
        # it is what this wall is for: without it the others are there
        unwalled = "ALTER TABLE patient_notes DISABLE ROW LEVEL SECURITY;"
        assert mine | theirs <= run(bare, role="postgres", before=unwalled)


def test_the_owner_sees_nothing(postgresql, database):
    """What the owner owns, a view or a function, has the wall against it; the administrator has not."""
    assert postgresql.done("SELECT name FROM patients", database, "medsynq_admin") == ["Secret 1", "Secret 2"]
    assert postgresql.done("SET ROLE medsynq_owner; SELECT name FROM patients", database) == []


def test_injected_sql_can_name_another_organisation_unless_it_is_sealed(postgresql, serve, sealed):
    """What row-level security does not stop, and the switch that does."""
    injected = "SELECT set_config('medsynq.tenant', '2', true) \\g /dev/null\nSELECT name FROM patients"
    assert serve(injected).stdout == "Secret 2\n"

    def entered(tenant, sql):
        made = postgresql.done("SELECT encode(sha256(key || sha256(key || convert_to('medsynq.tenant:%s', 'UTF8'))), 'hex') FROM "
                               "medsynq_seal" % tenant, sealed, "medsynq_admin")[0]
        return postgresql.psql(f"BEGIN; SELECT set_config('medsynq.tenant', '{tenant}.{made}', true) \\g /dev/null\n"
                               f"{sql};\nROLLBACK;", sealed, "medsynq_serve")

    assert entered(1, "SELECT name FROM patients").stdout == "Secret 1\n"
    assert entered(2, "SELECT name FROM patients").stdout == "Secret 2\n"
    assert entered(-1, "SELECT count(*) FROM partnerships").stdout == "1\n"
    for forged in ("'2'", "'2.'", "replace(current_setting('medsynq.tenant'), '1.', '2.')", "'2.' || repeat('0', 64)",
                   "'0' || current_setting('medsynq.tenant')"):
        answer = entered(1, f"SELECT set_config('medsynq.tenant', {forged}, true) \\g /dev/null\n"
                            "SELECT name FROM patients")
        assert "not sealed" in answer.stderr and not answer.stdout, (forged, answer.stdout)
    assert entered(1, "SELECT key FROM medsynq_seal").returncode


@pytest.mark.parametrize("sql,sentence", [
    ("ALTER POLICY wall ON patients USING (tenant_id = current_setting('medsynq.tenant')::bigint)", "no policy"),
    ("GRANT SELECT ON medsynq_seal TO medsynq_serve", "medsynq_seal: SELECT is granted"),
    ("CREATE OR REPLACE FUNCTION medsynq_lookup.tenant(setting text) RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER "
     "AS 'SELECT current_setting($1)::bigint'", "the look tenant is not as it was made")])
def test_a_broken_seal_is_found(postgresql, sealed, sql, sentence):
    assert sentence in proof(postgresql, sealed, "_sealed", before=sql)
