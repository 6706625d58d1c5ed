"""MedSynQ on PostgreSQL: set up as docs/postgresql.md says, its wall, many writers, a server that goes away. What
people see is tested by the other files, with ENGINE=pgsql."""
import concurrent.futures
import contextlib
import json
import os
import re
import signal
import subprocess
import threading
import time

import pytest
from harness import PASSWORD, Server, sanitizer_environment, until
from postgresql import CTL, NUMBERS, Postgresql, cluster, fresh_database
from test_shared import Pair

HEADS = "SELECT h.number = count(e.number) AND h.number = max(e.number) AND count(DISTINCT e.digest) = count(*) " \
        "FROM audit_heads h JOIN audit_events e USING (tenant_id) GROUP BY h.tenant_id, h.number"


@pytest.fixture
def server():
    """One of its own: what is done to its database is done to nobody else's."""
    with Server(engine="pgsql") as running:
        yield running


def sql(server, text, role="postgres"):
    return server.postgresql.done(text, server.name, role)


def names(server):
    return sorted(sql(server, "SELECT name FROM patients"))


def sign_in(server, organisation):
    client = server.client()
    answer = client.submit("/login", tenantName=organisation, email="admin@example.org", password=PASSWORD)
    assert answer.status == 303, answer.text
    return client


def add(client, name):
    return client.submit("/patients/new", name=name)


def unlike(count):
    """Names that nobody takes for one another's."""
    return [f"{os.urandom(6).hex()} {os.urandom(6).hex()}".translate(str.maketrans("0123456789", "ghijklmnop"))
            for _ in range(count)]


@contextlib.contextmanager
def own_cluster():
    """A PostgreSQL that may be stopped, with a server on it."""
    one = Postgresql().start()
    try:
        one.made("medsynq")
        with Server(postgresql=(one, "medsynq")) as running:
            yield running
    finally:
        one.stop()


def test_a_consent_is_withdrawn_while_many_read(server):
    """The owner has their own turn and wants the reader's, the reader the other way round: neither waits for the other."""
    pair = Pair(server)
    pair.share()
    ended, read = threading.Event(), []

    def look():
        client = server.client()
        assert client.log_in(pair.reader.organisation, "bo@example.org", pair.guest.password).status == 303
        while not ended.is_set():
            read.append(client.get("/shared").status)

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(look) for _ in range(3)]
        try:
            until(lambda: len(read) > 8, "they read")
            assert [(pair.withdraw().status, pair.record().status) for _ in range(4)] == [(303, 303)] * 4
        finally:
            ended.set()
        for reader in readers:
            reader.result(30)
    assert set(read) == {200}
    assert sql(server, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == ["0"]
    assert sql(server, HEADS) == ["t"] * 3


def test_rows_of_two_organisations_are_apart(server):
    """Written and read through the wall, and the head of each chain is its last event."""
    first, second = server.organisation(), server.organisation()
    assert add(first, "Ann Archer").status == 303 and add(second, "Ben Baker").status == 303
    assert "Ben Baker" not in first.get("/patients").text and "Ann Archer" in first.get("/patients").text
    assert names(server) == ["Ann Archer", "Ben Baker"]
    assert sql(server, HEADS) == ["t"] * 3
    assert sql(server, "SELECT count(*) FROM patients") == ["2"]
    assert "medsynq.tenant" in server.postgresql.psql("SELECT count(*) FROM patients", server.name,
                                                      "medsynq_serve").stderr


def test_a_broken_wall_is_503_until_it_stands(server):
    client = server.organisation()
    assert client.get("/readyz").status == 200
    sql(server, "GRANT DELETE ON audit_events TO medsynq_serve")
    until(lambda: server.client().get("/readyz").status == 503, "the broken wall is noticed", 20)
    until(lambda: "the second wall is broken: table audit_events: DELETE is granted" in server.log(), "and told", 10)
    assert client.get("/patients").status == 503
    assert server.postgresql.ctl(server.name, "migrate").returncode == 0
    until(lambda: server.client().get("/readyz").status == 200, "it stands again", 20)
    assert client.get("/patients").status == 200


def test_no_start_without_a_wall():
    postgresql, name = fresh_database()
    postgresql.done("ALTER TABLE patients NO FORCE ROW LEVEL SECURITY", name)
    with Server(postgresql=(postgresql, name)) as running:
        assert running.client().get("/readyz").status == 503 and running.client().get("/login").status == 503
        assert "table patients has no forced wall" in running.log()


def test_the_superuser_is_refused():
    """Whoever connects as somebody whom no wall binds serves nobody."""
    server = Server(engine="pgsql")
    server.directives = server.directives.replace("user=medsynq_serve", "user=postgres")
    with server as running:
        assert running.client().get("/login").status == 503
        assert "the role postgres may pass the wall" in running.log()


@pytest.mark.parametrize("sql,said", [
    ("", None), ("GRANT UPDATE (proof) ON medsynq_schema TO medsynq_serve", "table medsynq_schema: UPDATE of a column is granted"),
    ("DROP FUNCTION medsynq_lookup.tenant_by_name", "the look tenant_by_name is not there")])
def test_a_newer_schemas_own_proof_is_not_all_that_an_older_server_asks(sql, said):
    """Who could have written it, and whether what the older one needs is there, it asks whatever the proof says."""
    postgresql, name = fresh_database()
    postgresql.done("UPDATE medsynq_schema SET oldest = version, version = version + 1, proof = 'SELECT NULL::text'; " + sql, name)
    with Server(postgresql=(postgresql, name)) as running:
        until(lambda: running.client().get("/readyz").status == (503 if said else 200), "it is judged", 20)
        until(lambda: not said or said in running.log(), said, 20)


def test_a_connection_that_was_ended_is_not_noticed(server):
    client = server.organisation()
    for name in unlike(5):
        sql(server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'medsynq_serve'")
        assert client.get("/patients").status == 200
        assert add(client, name).status == 303
    assert client.get("/readyz").status == 200


def test_of_what_goes_in_one_trip_the_log_names_what_was_refused(server):
    client = server.organisation()
    sql(server, "REVOKE SELECT ON referral_links FROM medsynq_serve")
    assert client.get("/patients").status == 500
    assert "referral_links_calling: the second wall, or a right, refuses it (PostgreSQL 42501)" in server.log()
    sql(server, "GRANT SELECT ON referral_links TO medsynq_serve")
    assert client.get("/patients").status == 200, "the connection is not lent again as it was left"


def test_sixteen_writers_of_one_organisation(server):
    """All that was acknowledged is there once, the chain is whole, record numbers are distinct."""
    organisation = server.organisation().organisation
    clients = [sign_in(server, organisation) for _ in range(16)]

    def work(i):
        return [name for name in unlike(6) if add(clients[i], name).status == 303]

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        written = sum(pool.map(work, range(16)), [])
    assert len(written) == 96 and names(server) == sorted(written)
    assert sql(server, "SELECT count(DISTINCT mrn) FROM patients") == ["96"]
    assert sql(server, HEADS) == ["t"] * 2
    assert sql(server, "SELECT c.value = (SELECT count(*) FROM patients) FROM counters c "
                       "WHERE c.name = 'room.patients' AND c.tenant_id <> 0") == ["t"]


def test_nothing_acknowledged_is_lost_and_nothing_is_done_twice(server):
    """Connections are ended all the time, also while a COMMIT is under way."""
    organisation = server.organisation().organisation
    clients = [sign_in(server, organisation) for _ in range(8)]
    over = threading.Event()

    def end_connections():
        while not over.wait(0.05):
            sql(server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'medsynq_serve' "
                        "AND (state = 'idle in transaction' OR query ~* 'commit|audit') AND pid % 2 = "
                        f"{int(time.time() * 10) % 2}")

    def work(i):
        return [(name, add(clients[i], name).status) for name in unlike(12)]

    killer = threading.Thread(target=end_connections)
    killer.start()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = sum(pool.map(work, range(8)), [])
    over.set()
    killer.join()
    there = names(server)
    assert len(there) == len(set(there))
    assert {name for name, status in answers if status == 303} <= set(there)
    refused = {name for name, status in answers if status == 503}
    assert not refused & set(there), "503 says that nothing was done"
    assert sum(status == 303 for _, status in answers) > 40
    assert sql(server, HEADS) == ["t"] * 2


def test_a_server_that_goes_away_comes_back_by_itself():
    with own_cluster() as server:
        client = server.organisation()
        assert add(client, "Ann Archer").status == 303
        one = server.postgresql
        one.run(f"{one.binaries}/pg_ctl", "-D", f"{one.folder}/data", "-m", "immediate", "-w", "stop")
        begun = time.monotonic()
        answer = add(client, "Ben Baker")
        assert answer.status == 503 and answer.headers["Retry-After"] and time.monotonic() - begun < 6
        begun = time.monotonic()
        assert client.get("/patients").status == 503 and time.monotonic() - begun < 3
        one.again()
        until(lambda: client.get("/patients").status == 200, "pages again, without a restart of httpd", 8)
        assert add(client, "Ben Baker").status == 303
        assert names(server) == ["Ann Archer", "Ben Baker"]


def test_a_server_that_is_silent_hangs_nobody():
    """Its processes are stopped: they neither answer nor go away."""
    with own_cluster() as server:
        client = server.organisation()
        pids = [int(pid) for pid in sql(server, "SELECT pid FROM pg_stat_activity WHERE usename = 'medsynq_serve'")]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        begun = time.monotonic()
        answer = client.get("/patients")
        took = time.monotonic() - begun
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
        assert answer.status in (200, 503) and took < 14
        until(lambda: client.get("/patients").status == 200, "pages again", 10)


def test_two_migrate_at_once():
    one = cluster()
    name = f"empty{next(NUMBERS)}"
    one.done(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'")
    refused = one.ctl(name, "migrate")
    assert refused.returncode == 1 and "medsynqctl" in refused.stderr  # the roles' part comes first
    one.done(subprocess.check_output([CTL, "roles"], text=True), name)
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: one.ctl(name, "migrate"), range(3)))
    assert all(answer.returncode == 0 for answer in answers), [answer.stderr for answer in answers]
    assert sum("was 0" in answer.stdout for answer in answers) == 1
    assert one.done("SELECT count(*) FROM medsynq_schema", name) == ["1"]


def test_the_server_does_not_migrate():
    one = cluster()
    name = f"empty{next(NUMBERS)}"
    one.done(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'")
    one.done(subprocess.check_output([CTL, "roles"], text=True), name)
    answer = one.ctl(name, "migrate", role="medsynq_serve")
    assert answer.returncode == 1 and "user=medsynq_admin" in answer.stderr
    assert one.done("SELECT count(*) FROM pg_class WHERE relname = 'patients'", name) == ["0"]


@pytest.mark.parametrize("parameters,sentence", [
    ("host=/tmp dbname=medsynq user=medsynq_serve password=x", "passfile="),
    ("host=one,two dbname=medsynq user=medsynq_serve sslmode=verify-full", "say target_session_attrs=read-write"),
    ("host=one,two port=1,2,3 dbname=medsynq user=medsynq_serve sslmode=verify-full target_session_attrs=read-write",
     "different numbers of entries"),
    ("host=a,b,c,d,e,f,g,h,i dbname=m user=medsynq_serve sslmode=verify-full target_session_attrs=read-write",
     "name eight at most"),
    ("host=db.example dbname=medsynq user=medsynq_serve", "say sslmode=verify-full"),
    ("hostaddr=192.0.2.1 dbname=medsynq user=medsynq_serve sslmode=prefer", "say sslmode=verify-full"),
    ("host=127.db.example dbname=medsynq user=medsynq_serve", "say sslmode=verify-full"),
    ("service=medsynq dbname=medsynq user=medsynq_serve", "service=: write here what that file says"),
    ("host=one,,two dbname=m user=medsynq_serve sslmode=verify-full target_session_attrs=read-write",
     "one of several hosts has no name"),
    ("dbname=medsynq", "name the role and the database"),
    ("no parameters", "is not as libpq wants it")])
def test_parameters_that_can_never_be_right(make_server, parameters, sentence):
    server = make_server()
    server.stop()
    server.directives += f'\nMedSynQDatabase pgsql "{parameters}"\nMedSynQFolder "{server.state}/data"\n'
    server.start()
    assert server.process.poll() and sentence in server.said(), server.said()


@pytest.mark.parametrize("parameters,around", [
    ("host=192.0.2.1 dbname=m user=medsynq_admin", {}),
    ("dbname=m user=medsynq_admin", {"PGHOST": "192.0.2.1"}),
    ("host=/tmp dbname=m user=medsynq_admin", {"PGHOSTADDR": "192.0.2.1"}),
    ("dbname=m user=medsynq_admin", {"PGSERVICE": "far"}),
    ("service=far dbname=m user=medsynq_admin", {})])
def test_the_command_sends_nothing_in_the_clear_either(tmp_path, parameters, around):
    """Whichever way libpq comes to know of another machine."""
    (tmp_path / "services").write_text("[far]\nhost=192.0.2.1\n")
    environment = {**os.environ, **sanitizer_environment(), "PGSERVICEFILE": str(tmp_path / "services"), **around}
    answer = subprocess.run([CTL, "--database", f"pgsql:{parameters}", "migrate"], capture_output=True, text=True,
                            env=environment, timeout=20)
    assert answer.returncode and re.search("sslmode=verify-full|service=: write here", answer.stderr), answer.stderr


def test_two_hosts_are_named_by_an_address_without_ports():
    """libpq reads it as an empty port for each."""
    answer = subprocess.run([CTL, "--database", "pgsql:postgresql://medsynq_admin@127.0.0.2,127.0.0.3/medsynq"
                             "?target_session_attrs=read-write", "migrate"], capture_output=True, text=True,
                            env={**os.environ, **sanitizer_environment()}, timeout=20)
    assert answer.returncode and answer.stderr.count("Connection refused") == 2, answer.stderr


@pytest.mark.parametrize("more,sentence", [
    ("", "needs MedSynQFolder"),
    ("MedSynQFolder /tmp\nMedSynQAuditRetention 400", "MedSynQAuditRetention is not there for MedSynQDatabase pgsql"),
    ("MedSynQFolder /tmp\nMedSynQAuditHeads /tmp/heads", "MedSynQAuditHeads is not there for MedSynQDatabase pgsql")])
def test_what_is_not_there_is_refused(make_server, more, sentence):
    server = make_server()
    server.stop()
    server.directives += f'\nMedSynQDatabase pgsql "dbname=m user=medsynq_serve"\n{more}\n'
    server.start()
    assert server.process.poll() and sentence in server.said(), server.said()


def test_commands(server):
    """Those that are there work as on a file; the others say that they are not, and do nothing."""
    client = server.organisation()
    ctl = server.postgresql.ctl

    def done(*arguments):
        answer = ctl(server.name, "--secret", server.state / "secret", *arguments)
        assert answer.returncode == 0, (arguments, answer.stderr)
        return answer.stdout

    assert "admin@example.org" in done("user", "list", client.organisation)
    assert re.search("/invitations/", done("user", "invite", client.organisation, "b@example.org", "--name", "Ben",
                                           "--roles", "clinician"))
    done("org", "suspend", client.organisation)
    assert client.get("/patients").status != 200
    done("org", "resume", client.organisation)
    done("org", "rename", client.organisation, "Another name")
    assert "invitations" in done("org", "create", "New clinic", "--admin", "Cy", "--email", "c@example.org")
    assert "Another name" in done("org", "list") and "New clinic" in done("org", "list")
    done("jobs")
    for line in (["backup", "/tmp/x"], ["restore", "x"],
                 ["audit", "archive", "--before", "2020-01-01", "/tmp/x"], ["demo"],
                 ["import-seed", "x"], ["secret", "rotate"], ["maintenance", "on"]):
        answer = ctl(server.name, *line)
        assert answer.returncode == 1 and "not there for PostgreSQL yet" in answer.stderr, line
    assert sql(server, HEADS) == ["t"] * 3


def test_an_organisation_is_exported(server, tmp_path):
    client, other = server.organisation(), server.organisation()
    assert add(client, "Ann Archer").status == 303 and add(other, "Bo Elsewhere").status == 303
    answer = server.postgresql.ctl(server.name, "--secret", server.state / "secret", "org", "export", client.organisation,
                                   tmp_path / "out")
    assert answer.returncode == 0, answer.stderr
    patients = [json.loads(line) for line in (tmp_path / "out/patients.ndjson").read_text().splitlines()]
    assert [row["name"] for row in patients] == ["Ann Archer"]
    assert not [file for file in (tmp_path / "out").iterdir() if "Elsewhere" in file.read_text()]
    files = json.loads((tmp_path / "out/organisation.json").read_text())["files"]
    assert {"name": "patients.ndjson", "lines": 1} in files
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700


TABLES = "SELECT relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid " \
         "WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attname = 'tenant_id' ORDER BY 1"


def rows_by_table(server, tenant):
    counted = sql(server, " UNION ALL ".join(
        f"SELECT '{table} ' || count(*) FROM {table} WHERE tenant_id = {tenant}" for table in sql(server, TABLES)))
    return {name: int(count) for name, count in (line.split() for line in counted)}


def test_an_organisation_is_erased(server):
    """Every row of it, in one transaction; the other's stay, but for what tells of the link that has ended."""
    ending, staying = server.organisation(), server.organisation()
    for client in ending, staying:
        assert add(client, "Ann Archer").status == 303
    code = re.search(r"<code>([^<]+)</code>", staying.get("/partners").text)[1]
    path = ending.submit("/partners", code=code).location
    assert staying.submit(path + "/accept", path).status == 303
    gone, stays = (sql(server, f"SELECT tenant_id FROM tenants WHERE name = '{client.organisation}'")[0]
                   for client in (ending, staying))
    before = rows_by_table(server, stays)

    def org(*line):
        return server.postgresql.ctl(server.name, "--secret", server.state / "secret", "org", *line)

    assert "is not closed" in org("erase", ending.organisation, "--now").stderr
    assert org("close", ending.organisation).returncode == 0
    held = rows_by_table(server, gone)
    sql(server, "CREATE TABLE strange (tenant bigint, patient bytea, FOREIGN KEY (tenant, patient) REFERENCES patients "
                f"(tenant_id, id)); INSERT INTO strange SELECT tenant_id, id FROM patients WHERE tenant_id = {gone}")
    refused = org("erase", ending.organisation, "--now")
    assert refused.returncode == 1 and "no row is erased, and the same command goes on" in refused.stderr
    assert "Ann" not in refused.stderr and rows_by_table(server, gone)["patients"] == held["patients"] == 1
    sql(server, "DROP TABLE strange")

    done = org("erase", ending.organisation, "--now", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["erased"] == ending.organisation
    assert json.loads(done.stdout)["rows"] >= sum(held.values())
    assert not any(rows_by_table(server, gone).values())
    assert sql(server, "SELECT count(*) FROM partnerships") == ["0"]
    after = rows_by_table(server, stays)
    for table in before.keys() - {"audit_events", "partner_steps", "jobs", "patients_due"}:  # the end, and chores
        assert after[table] == before[table], table
    assert "Ann Archer" in staying.get("/patients").text
    assert "there is no organisation" in org("erase", ending.organisation, "--now").stderr
    assert server.postgresql.ctl(server.name, "audit", "verify").returncode == 0
    assert findings(server)[0] == 0


def test_status(server):
    server.organisation()
    said = json.loads(server.postgresql.ctl(server.name, "status", "--json").stdout)
    assert said["organisations"] == 1 and said["schema"] == said["schema_known"]
    size = int(sql(server, "SELECT pg_database_size(current_database())")[0])
    assert abs(said["bytes"] - size) < size / 10
    assert not {"log_bytes", "free_bytes", "maintenance"} & set(said)
    assert "organisations    1\n" in server.postgresql.ctl(server.name, "status").stdout


def findings(server):
    answer = server.postgresql.ctl(server.name, "--secret", server.state / "secret", "check", "--json")
    return answer.returncode, json.loads(answer.stdout)


def test_a_check_finds_what_is_wrong(server):
    client = server.organisation()
    assert add(client, "Ann Archer").status == 303
    code, found = findings(server)
    assert code == 0, found
    assert list(found) == ["version", "database", "foreign keys", "trail", "erasures", "permissions", "secret", "emergencies", "jobs"]
    assert {said for what, said in found.items() if what != "database"} == {"ok"}
    assert found["database"].startswith("ok: without checksums")
    refused = server.postgresql.ctl(server.name, "check", "/backup/today")
    assert refused.returncode == 64 and "check takes no arguments" in refused.stderr

    sql(server, "ALTER TABLE patient_words DISABLE TRIGGER ALL")
    code, found = findings(server)
    assert code == 1 and "is not kept: ALTER TABLE patient_words ENABLE TRIGGER ALL" in found["foreign keys"]
    sql(server, "ALTER TABLE patient_words ENABLE TRIGGER ALL; SET session_replication_role = replica; "
                "DELETE FROM patients WHERE tenant_id <> 0")
    code, found = findings(server)
    assert code == 1 and re.fullmatch("a row of [a-z_]+ points to nothing", found["foreign keys"])

    sql(server, "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'patients_pkey'::regclass")
    code, found = findings(server)
    assert code == 1 and found["database"] == "index patients_pkey cannot be used: REINDEX INDEX patients_pkey"
    sql(server, "UPDATE pg_index SET indisvalid = true WHERE indexrelid = 'patients_pkey'::regclass; "
                "ALTER TABLE audit_events DISABLE ROW LEVEL SECURITY; UPDATE audit_events SET reason = 'no' WHERE "
                "number = 2 AND tenant_id <> 0; ALTER TABLE audit_events ENABLE ROW LEVEL SECURITY")
    (server.state / "secret").chmod(0o644)
    code, found = findings(server)
    assert code == 1 and "event 2" in found["trail"] and found["permissions"] == "others may read the secret file: chmod 600 it"


def test_the_trail_is_proved(server):
    """As on a file: sound, and not once an event is changed; more events than one batch has."""
    client = server.organisation()
    assert add(client, "Ann Archer").status == 303
    for _ in range(3):
        assert client.get("/patients").status == 200
    ctl = server.postgresql.ctl
    sound = ctl(server.name, "audit", "verify")
    assert sound.returncode == 0, (sound.stdout, sound.stderr)
    events = int(sql(server, "SELECT count(*) FROM audit_events")[0])
    assert len(ctl(server.name, "audit", "export").stdout.splitlines()) == events + 1
    assert len(ctl(server.name, "audit", "head").stdout.splitlines()) >= 2
    refused = ctl(server.name, "audit", "verify", role="medsynq_serve")
    assert refused.returncode == 2 and "user=medsynq_admin sees all" in refused.stdout + refused.stderr
    sql(server, "ALTER TABLE audit_events DISABLE ROW LEVEL SECURITY; UPDATE audit_events SET reason = 'no' WHERE "
                "number = 2 AND tenant_id <> 0; ALTER TABLE audit_events ENABLE ROW LEVEL SECURITY")
    broken = ctl(server.name, "audit", "verify")
    assert broken.returncode == 1, (broken.stdout, broken.stderr)


def test_a_trail_of_many_batches(server):
    client = server.organisation()
    sql(server, "INSERT INTO audit_events SELECT tenant_id, n, 0, NULL, NULL, NULL, NULL, 1, 1, NULL, NULL, NULL, "
                "sha256(n::text::bytea) FROM tenants, generate_series(1000, 6500) n WHERE tenant_id <> 0")
    events = int(sql(server, "SELECT count(*) FROM audit_events")[0])
    exported = server.postgresql.ctl(server.name, "audit", "export").stdout.splitlines()
    assert events > 5000 and len(exported) == events + 1
    assert client.get("/patients").status == 200
