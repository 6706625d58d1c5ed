"""An older and a newer MedSynQ side by side on one PostgreSQL schema, as docs/postgresql.md promises. The newer one
is this one with another migration, compiled and linked as any."""
import concurrent.futures
import contextlib
import os
import re
import subprocess
import threading

import pytest
from harness import FLAVOUR, TOP, sanitizer_environment, until
from machines import Two
from postgresql import fresh_database
from test_on_postgresql import HEADS, sign_in, unlike

KNOWN = len(list((TOP / "mod_medsynq/store/migrations").glob("*.sql")))
TABLE = """
CREATE TABLE notices (
    tenant_id bigint NOT NULL REFERENCES tenants (tenant_id),
    id bytea NOT NULL,
    PRIMARY KEY (tenant_id, id)
) WITHOUT ROWID;
ALTER TABLE patients ADD COLUMN colour text NOT NULL DEFAULT 'green';
"""


def newer(folder, says):
    """The build folder of a MedSynQ that knows one migration more."""
    built = (f"build/{FLAVOUR}/{name}" for name in ("mod_medsynq", "build", "libmedsynq.a", "mod_medsynq.so", "medsynqctl"))
    for name in ("Makefile", "mod_medsynq", "build/gen", "build/sqlgen", *built):
        source, target = TOP / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        # each file keeps its time: what is as it was is not compiled anew
        subprocess.run(["cp", "-a", source, target], check=True)
    number = f"{KNOWN + 1:03}"
    (folder / f"mod_medsynq/store/migrations/{number}_notices.sql").write_text(
        f"-- {number}: what an administrator tells everybody.\n{says}\n{TABLE}")
    version = re.search('"(.*)"', (TOP / "build/gen/version_gen.h").read_text())[1]
    subprocess.run(["make", "-s", f"BUILD_VERSION={version}", *(["SANITIZE=1"] if FLAVOUR == "sanitize" else []), "all"],
                   cwd=folder, check=True, capture_output=True,
                   env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")})
    return folder / "build" / FLAVOUR


@pytest.fixture(scope="module")
def beside(tmp_path_factory):
    """One on whose schema the program before it goes on."""
    return newer(tmp_path_factory.mktemp("beside"), f"-- oldest: {KNOWN:03}")


@pytest.fixture(scope="module")
def instead(tmp_path_factory):
    """One that says nothing of those before it."""
    return newer(tmp_path_factory.mktemp("instead"), "")


@pytest.fixture
def two():
    with contextlib.closing(Two(fresh_database())) as both:
        yield both


def ctl(build, two, *arguments):
    postgresql, name = two.a.postgresql, two.a.name
    return subprocess.run([build / "medsynqctl", "--database", f"pgsql:{postgresql.parameters(name, 'medsynq_admin')}",
                           *arguments], capture_output=True, text=True, env={**os.environ, **sanitizer_environment()})


def schema(two):
    return two.sql("SELECT version, oldest FROM medsynq_schema")


def write(client, over):
    """What was acknowledged; nobody is refused."""
    written = []
    while not over.is_set():
        name, = unlike(1)
        answer = client.submit("/patients/new", name=name)
        assert answer.status == 303, answer.page.text
        written.append(name)
    return written


def test_an_older_server_goes_on_while_and_after_a_newer_one_comes(two, beside):
    """Under load: the schema is brought up, one server is replaced, then the other; nobody is logged out, nothing is
    lost, and at no time is nobody there."""
    assert schema(two) == [f"{KNOWN}|{KNOWN}"]
    people = [sign_in(two.a, two.a.organisation().organisation) for _ in range(3)]
    over = threading.Event()
    with concurrent.futures.ThreadPoolExecutor(len(people)) as pool:
        writers = [pool.submit(write, person, over) for person in people]
        try:
            with concurrent.futures.ThreadPoolExecutor(2) as migrating:
                answers = list(migrating.map(lambda _: ctl(beside, two, "migrate"), range(2)))
            assert [answer.returncode for answer in answers] == [0, 0], [answer.stderr for answer in answers]
            assert sum(f"was {KNOWN}\n" in answer.stdout for answer in answers) == 1, "two at once migrate once"
            assert schema(two) == [f"{KNOWN + 1}|{KNOWN}"]
            for server in (two.a, two.b):
                assert server.client().get("/readyz").status == 200
            two.b.stop()
            two.b.start()
            assert "MSQ0013" not in two.b.log(), "an older one begins, too"
            assert two.over(people[0]).get("/patients").status == 200
            two.b.stop()
            two.b.module = beside / "mod_medsynq.so"
            two.b.start()
            assert f"schema {KNOWN + 1}" in two.b.log()
            for person in people:
                assert two.over(person).get("/patients").status == 200
                assert two.over(person).add_patient(unlike(1)[0])
        finally:
            over.set()
        written = sum((writer.result() for writer in writers), [])
    assert set(written) <= set(two.sql("SELECT name FROM patients"))
    assert set(two.sql("SELECT colour FROM patients")) == {"green"}
    assert set(two.sql(HEADS)) == {"t"}
    for build in (TOP / "build" / FLAVOUR, beside):
        verified = ctl(build, two, "audit", "verify")
        assert verified.returncode == 0, verified.stderr


def test_an_older_server_proves_the_wall_of_the_newer_schema(two, beside):
    """Of the table that it does not know, too, with the proof that the newer program has left there."""
    client = two.a.organisation()
    assert ctl(beside, two, "migrate").returncode == 0
    two.sql("ALTER TABLE notices NO FORCE ROW LEVEL SECURITY")
    until(lambda: two.a.client().get("/readyz").status == 503, "the broken wall is noticed", 20)
    until(lambda: "table notices has no forced wall" in two.a.log(), "and told", 10)
    assert client.get("/patients").status == 503
    assert ctl(beside, two, "migrate").returncode == 0
    until(lambda: two.a.client().get("/readyz").status == 200, "it stands again", 20)
    assert client.get("/patients").status == 200
    two.sql("UPDATE medsynq_schema SET proof = NULL")
    until(lambda: two.a.client().get("/readyz").status == 503, "what cannot be proved is not served", 20)


def test_nobody_but_the_owner_writes_what_is_taken_for_the_proof(two):
    for sql in ("UPDATE medsynq_schema SET proof = 'SELECT NULL'", "INSERT INTO medsynq_schema (version) VALUES (1000)",
                "DELETE FROM medsynq_schema"):
        refused = two.a.postgresql.psql(sql, two.a.name, "medsynq_serve")
        assert refused.returncode and "permission denied" in refused.stderr


def test_an_older_server_ends_where_the_migration_has_no_word_for_it(two, instead):
    client = two.a.organisation()
    assert ctl(instead, two, "migrate").returncode == 0
    assert schema(two) == [f"{KNOWN + 1}|{KNOWN + 1}"]
    until(lambda: two.a.client().get("/readyz").status == 503, "it is noticed", 20)
    assert client.get("/patients").status == 503
    two.b.stop()
    two.b.start()
    assert two.b.client().get("/login").status == 503
    for server in (two.a, two.b):
        until(lambda: "install the newer MedSynQ" in server.log(), "it is told", 20)
    two.b.stop()
    two.b.module = instead / "mod_medsynq.so"
    two.b.start()
    assert two.over(client).get("/patients").status == 200


def test_an_older_program_leaves_a_newer_schema_as_it_is(two, beside):
    assert ctl(beside, two, "migrate").returncode == 0
    refused = ctl(TOP / "build" / FLAVOUR, two, "migrate")
    assert refused.returncode == 1 and "install the newer MedSynQ" in refused.stderr
    assert schema(two) == [f"{KNOWN + 1}|{KNOWN}"]
    assert two.a.client().get("/readyz").status == 200
