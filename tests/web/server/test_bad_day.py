"""A bad day of one database: its own host says so and comes back by itself; nobody else notices."""
import os
import pwd
import shutil
import sqlite3
import time
from contextlib import closing

import pytest
from harness import PASSWORD, until

HEADING = "The records cannot be opened for now"


def own(server, path):
    if os.getuid() == 0:
        os.chown(path, *pwd.getpwnam("www-data")[2:4])


@pytest.fixture
def clinic(make_beside):
    """A server with an organisation, stopped; its database is whole."""
    server = make_beside()
    client = server.client()
    client.submit(server.organisation(), password=PASSWORD)
    client.log_in("Clinic", "ada@example.org")
    client.add_patient("Ann Archer")
    server.stop()
    return server


def is_in_order(server):
    client = server.client()
    return (client.get("/readyz").status == 200
            and client.log_in("Clinic", "ada@example.org").status == 303
            and "Ann Archer" in client.get("/patients").text)


def says_so(server):
    """Its own host, in words, with its style; the others as ever."""
    client = server.client()
    answer = client.get("/login")
    assert answer.status == 503 and HEADING in answer.page.text and answer.headers["Retry-After"]
    assert client.get("/login", Accept_Language="fr").page.text.count("Les dossiers ne peuvent pas") >= 1
    assert client.get("/readyz").status == 503 and client.get("/healthz").status == 200
    assert client.get("/public/styles.css").status == 200
    assert server.client("static.example").get("/").status == 200
    return True


def damage(server):
    shutil.copy(server.database, server.root / "whole.db")
    with open(server.database, "r+b") as file:
        file.write(os.urandom(8192))


def test_a_damaged_database_ends_no_start_and_is_taken_again_when_it_is_whole(clinic):
    damage(clinic)
    clinic.start()
    assert clinic.process.poll() is None and says_so(clinic)
    for _ in range(20):
        clinic.client().get("/login")
    lines = [line for line in clinic.log().splitlines() if "MSQ00" in line and "MSQ0040" not in line]
    assert sum("MSQ0013" in line and "crit" in line for line in lines) == 1
    assert len([line for line in lines if ":crit]" in line or ":error]" in line]) == 1, lines
    shutil.copy(clinic.root / "whole.db", clinic.root / "medsynq/mended.db")
    own(clinic, clinic.state / "mended.db")
    (clinic.state / "mended.db").rename(clinic.database)
    until(lambda: clinic.client().get("/readyz").status == 200, "it is tried again", 20)
    assert is_in_order(clinic)
    assert "MSQ0012" in clinic.log()


def test_a_damaged_database_at_a_reload_is_the_same(clinic):
    clinic.start()
    assert is_in_order(clinic)
    damage(clinic)
    clinic.reload()
    until(lambda: clinic.client().get("/login").status == 503 and HEADING in
          clinic.client().get("/login").page.text, "the new children answer")
    assert says_so(clinic)


def test_a_lock_makes_no_start_and_no_reload_wait(clinic):
    with closing(sqlite3.connect(clinic.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        begun = time.monotonic()
        clinic.start()
        assert time.monotonic() - begun < 5
        begun = time.monotonic()
        clinic.reload()
        assert clinic.client("static.example").get("/").status == 200
        assert time.monotonic() - begun < 5
        other.execute("ROLLBACK")
    until(lambda: is_in_order(clinic), "it is in order without anybody's help", 20)

    def recorded():
        with closing(sqlite3.connect(clinic.database)) as db:
            return db.execute("SELECT COUNT(*) FROM audit_events WHERE tenant_id = 0").fetchone()[0]
    before = recorded()
    clinic.reload()
    until(lambda: recorded() == before + 1, "each start is recorded once")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can take a folder from the server's user")
def test_a_folder_that_was_taken_away_is_found_again(clinic):
    os.chown(clinic.database, 0, 0)
    os.chmod(clinic.database, 0o600)
    clinic.start()
    assert says_so(clinic)
    own(clinic, clinic.database)
    until(lambda: is_in_order(clinic), "it is tried again", 20)


def test_a_folder_that_is_not_there_ends_no_start(make_beside, clinic):
    clinic.state.rename(clinic.root / "unmounted")
    clinic.start()
    assert clinic.process.poll() is None
    assert clinic.client().get("/login").status == 503
    assert clinic.client("static.example").get("/").status == 200
    (clinic.root / "unmounted").rename(clinic.state)
    clinic.reload()
    until(lambda: is_in_order(clinic), "a reload finds it", 20)


def test_the_database_is_not_for_others_from_its_first_second(make_beside):
    server = make_beside()
    os.chmod(server.state, 0o755)
    for path in server.state.glob("medsynq.db*"):
        assert path.stat().st_mode & 0o007 == 0, path
    assert server.database.stat().st_mode & 0o777 == 0o640
