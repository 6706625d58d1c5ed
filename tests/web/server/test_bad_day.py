"""A bad day of one database: its own host says so and comes back by itself; nobody else notices."""
import contextlib
import os
import pwd
import re
import shutil
import sqlite3
import subprocess
import threading
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
    """What waits in the write-ahead log would be written over the damage, and mend it."""
    with closing(sqlite3.connect(server.database)) as db:
        until(lambda: db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0, "the log is empty")
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


# --- after the start: the database was in order, and people are signed in ---

@pytest.fixture
def at_work(clinic):
    """The clinic's server, serving, and a person who is signed in."""
    clinic.start()
    client = clinic.client()
    assert client.log_in("Clinic", "ada@example.org").status == 303
    assert "Ann Archer" in client.get("/patients").text
    return clinic, client


def crit(server):
    return [line for line in server.log().splitlines() if "medsynq:crit" in line]


def neighbours_are_fine(server):
    assert server.client("static.example").get("/").status == 200
    assert server.client().get("/healthz").status == 200
    assert server.client().get("/public/styles.css").status == 200


def form(client):
    return dict(client.get("/patients/new").page.fields)


def add(client, fields, name):
    return client.post("/patients/new", {**fields, "name": name})


def gives_back(answer, typed):
    assert answer.status == 503 and int(answer.headers["Retry-After"]) > 0, answer.text
    assert typed in answer.text, answer.text
    return True


def comes_back(server):
    until(lambda: is_in_order(server), "it is in order without anybody's help", 60)
    assert server.client().get("/readyz").status == 200
    assert "MSQ0012" in server.log()


def test_a_lock_that_does_not_come_free_makes_few_wait_and_gives_back_what_was_typed(at_work):
    server, client = at_work
    fields = [form(client) for _ in range(12)]
    with closing(sqlite3.connect(server.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        until(lambda: server.client().get("/readyz").status == 503, "the last proof is believed for two seconds")
        answers = []
        people = [threading.Thread(target=lambda one=one: answers.append(add(_same(client), one, "Waiting Wilma")))
                  for one in fields[:10]]
        for person in people:
            person.start()
        for person in people:
            person.join(60)
        assert all(gives_back(answer, "Waiting Wilma") for answer in answers) and len(answers) == 10
        begun = time.monotonic()
        assert gives_back(add(client, fields[10], "Quick Quentin"), "Quick Quentin")
        assert time.monotonic() - begun < 4  # it is known: nobody waits for the lock again
        assert "Nothing can be saved for now" in add(client, fields[10], "Quick Quentin").text
        assert len(crit(server)) == 1 and "MSQ0016" in crit(server)[0] and "lock" in crit(server)[0]
        neighbours_are_fine(server)
        other.execute("ROLLBACK")
    comes_back(server)
    assert add(client, fields[10], "Quick Quentin").status == 303
    assert len(crit(server)) == 1


def _same(client):
    """The same browser, by another connection."""
    other = type(client)(client.port, **client.headers)
    other.cookies = client.cookies
    return other


def test_damage_that_is_met_while_serving_is_said_once_and_over_when_the_file_is_whole(at_work):
    server, client = at_work
    fields = form(client)
    with closing(sqlite3.connect(server.database)) as db:
        db.execute("VACUUM INTO ?", [str(server.root / "whole.db")])
        roots = [row[0] for row in db.execute("SELECT rootpage FROM sqlite_schema WHERE rootpage > 1")]
        size = db.execute("PRAGMA page_size").fetchone()[0]
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with open(server.database, "r+b") as file:
        for root in roots:
            file.seek((root - 1) * size)
            file.write(os.urandom(64))
    until(lambda: client.get("/patients").status == 503, "the damage is met")
    until(lambda: HEADING in server.client().get("/login").page.text, "everybody knows")
    assert says_so(server) and gives_back(add(client, fields, "Typed Tilda"), "Typed Tilda")
    until(lambda: len(crit(server)) == 1, "it is said")
    assert "MSQ0013" in crit(server)[0] and "damaged" in crit(server)[0]
    server.reload()
    neighbours_are_fine(server)
    shutil.copy(server.root / "whole.db", server.state / "mended.db")
    own(server, server.state / "mended.db")
    os.chmod(server.state / "mended.db", 0o640)
    (server.state / "mended.db").rename(server.database)
    comes_back(server)


def lose_log(server):
    os.unlink(f"{server.database}-wal")


def replace_log(server):
    shutil.copy(server.root / "older-wal", server.state / "other-wal")
    own(server, server.state / "other-wal")
    (server.state / "other-wal").rename(f"{server.database}-wal")


@pytest.mark.parametrize("how", [lose_log, replace_log])
def test_a_log_that_is_taken_away_is_noticed_at_once_and_nothing_is_lost(at_work, how):
    server, client = at_work
    client.add_patient("Bea Before")
    shutil.copy(f"{server.database}-wal", server.root / "older-wal")
    client.add_patient("Cleo Committed")
    fields = form(client)
    how(server)
    assert gives_back(add(client, fields, "Dora During"), "Dora During")
    assert HEADING in server.client().get("/login").page.text
    assert len(crit(server)) == 1 and "write-ahead log was deleted or replaced" in crit(server)[0]
    neighbours_are_fine(server)
    comes_back(server)
    client.log_in("Clinic", "ada@example.org")
    names = client.get("/patients").text
    assert "Bea Before" in names and "Cleo Committed" in names and "Dora During" not in names
    assert add(client, form(client), "Dora During").status == 303
    assert len(crit(server)) == 1
    sound(server)


def sound(server):
    with closing(sqlite3.connect(server.database)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []


def test_a_database_that_is_replaced_while_it_is_used_is_not_mixed_with_the_former(at_work):
    server, client = at_work
    with closing(sqlite3.connect(server.database)) as db:
        db.execute("VACUUM INTO ?", [str(server.root / "backup.db")])
    client.add_patient("Cleo Committed")
    fields = form(client)
    former = server.root / "former.db"
    server.database.rename(former)
    shutil.copy(server.root / "backup.db", server.state / "backup.db")
    own(server, server.state / "backup.db")
    (server.state / "backup.db").rename(server.database)
    assert add(client, fields, "Dora During").status == 503
    assert len(crit(server)) == 1 and "moved, deleted or replaced" in crit(server)[0]
    comes_back(server)
    client.log_in("Clinic", "ada@example.org")
    assert "Ann Archer" in client.get("/patients").text and "Cleo" not in client.get("/patients").text
    sound(server)
    with closing(sqlite3.connect(former)) as db:  # what was committed went with it
        assert db.execute("SELECT COUNT(*) FROM patients WHERE name = 'Cleo Committed'").fetchone()[0] == 1
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_a_database_that_is_gone_is_not_made_anew(at_work):
    server, client = at_work
    server.database.rename(server.root / "gone.db")
    assert client.get("/patients").status == 503
    server.reload()
    until(lambda: server.client().get("/login").status == 503, "the new children answer")
    assert not server.database.exists()
    (server.root / "gone.db").rename(server.database)
    comes_back(server)


@pytest.fixture
def small_disk(clinic):
    """The state's folder on a disk of its own, 8 MB."""
    kept = clinic.root / "kept"
    clinic.state.rename(kept)
    clinic.state.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", clinic.state], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("no file system can be mounted here")
    own(clinic, clinic.state)
    for path in kept.iterdir():
        shutil.copy2(path, clinic.state)
        info = path.stat()
        os.chown(clinic.state / path.name, info.st_uid, info.st_gid)
    yield clinic
    clinic.stop()
    subprocess.run(["umount", "-l", clinic.state], check=True)


@pytest.fixture
def at_work_on_a_small_disk(small_disk):
    small_disk.start()
    client = small_disk.client()
    assert client.log_in("Clinic", "ada@example.org").status == 303
    return small_disk, client


def fill(server):
    filler = os.open(server.state / "filler", os.O_CREAT | os.O_WRONLY)
    with contextlib.suppress(OSError):
        while True:
            os.write(filler, bytes(4096))
    os.close(filler)


def test_a_full_disk_is_said_and_gives_back_what_was_typed(at_work_on_a_small_disk):
    server, client = at_work_on_a_small_disk
    fields = form(client)
    fill(server)
    answer = until(lambda: (lambda a: a.status == 503 and a)(add(client, fields, "Full Frieda " * 8)), "it is full")
    assert gives_back(answer, "Full Frieda") and "Nothing can be saved for now" in answer.text
    assert server.client().get("/readyz").status == 503
    assert server.client().get("/login").status == 200  # what only reads is served
    assert len(crit(server)) == 1 and "MSQ0016" in crit(server)[0] and "full" in crit(server)[0]
    neighbours_are_fine(server)
    os.unlink(server.state / "filler")
    comes_back(server)
    sound(server)


def test_a_full_disk_is_seen_by_readyz_before_anybody_writes(at_work_on_a_small_disk):
    server, client = at_work_on_a_small_disk
    assert server.client().get("/readyz").status == 200
    fill(server)
    until(lambda: server.client().get("/readyz").status == 503, "a write is tried")
    os.unlink(server.state / "filler")
    comes_back(server)


def test_a_disk_that_becomes_read_only_is_said_and_over_when_it_is_not(at_work_on_a_small_disk):
    server, client = at_work_on_a_small_disk
    fields = form(client)
    options = lambda how: subprocess.run(["mount", "-o", f"remount,{how}", server.state], check=False).returncode  # noqa: E731
    if options("ro") != 0:  # files are open to be written
        server.stop()
        assert options("ro") == 0
        server.start()
    assert client.post("/patients/new", {**fields, "name": "Read Rita"}).status == 503
    assert server.client().get("/readyz").status == 503
    neighbours_are_fine(server)
    assert options("rw") == 0
    comes_back(server)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can mount a small disk")
def test_a_disk_that_is_full_at_the_start_is_said_and_room_is_enough(clinic):
    """Not even the index of the log has room; SQLite calls that an I/O error."""
    shutil.move(clinic.state, clinic.root / "kept")
    clinic.state.mkdir()
    user, group = (pwd.getpwnam("www-data")[at] for at in (2, 3))
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size=6m,mode=750,uid={user},gid={group}", "tmpfs", clinic.state],
                   check=True)
    try:
        for name in ("medsynq.db", "secret"):
            shutil.copy2(clinic.root / "kept" / name, clinic.state)
            own(clinic, clinic.state / name)
        with contextlib.suppress(OSError), open(clinic.state / "else", "wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)
        clinic.start()
        assert says_so(clinic)
        assert re.search("MSQ0013: .* cannot be used: the disk is full: make room", clinic.log())
        (clinic.state / "else").unlink()
        until(lambda: is_in_order(clinic), "it is tried again", 20)
        clinic.stop()
    finally:
        subprocess.run(["umount", "-l", clinic.state], check=True)
