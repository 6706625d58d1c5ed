"""Backup, restore and check: whole or not at all, whatever runs meanwhile."""
import json
import os
import shutil
import sqlite3
import subprocess
import threading
from contextlib import closing

import pytest

from harness import until
from test_ctl import built, ctl, people
from test_installation import COMMAND, own

as_root = pytest.mark.skipif(os.getuid() != 0, reason="needs root to give files away")


def fails(database, *arguments, code=1):
    run = subprocess.run([built(), "--database", str(database), *map(str, arguments)],
                         capture_output=True, text=True, timeout=120)
    assert run.returncode == code, run.stderr + run.stdout
    return run.stderr


@pytest.fixture
def demo(tmp_path):
    path = tmp_path / "state" / "medsynq.db"
    path.parent.mkdir(mode=0o700)
    ctl(path, "demo", "--tenants", 2, "--patients", 40)
    return path


def test_backup_under_load_loses_nothing_acknowledged(make_server, tmp_path):
    """Four writers; the backup is restored elsewhere, and a second server serves it."""
    server = make_server()
    told, end = [], threading.Event()
    clinics = [server.organisation() for _ in range(4)]

    def write(client):
        number = 0
        while not end.is_set():
            told.append((client, client.add_patient(f"Ada Number{number}")))
            number += 1

    writers = [threading.Thread(target=write, args=(c,)) for c in clinics]
    for writer in writers:
        writer.start()
    copies = []
    for round_ in range(3):
        until(lambda: len(told) >= 40 * (round_ + 1), "patients are written")
        sure = list(told)
        copies.append((server.state / f"copy{round_}.db", sure))
        ctl(server.database, "backup", copies[-1][0])
    end.set()
    for writer in writers:
        writer.join()
    os.chmod(tmp_path, 0o755)
    for number, (copy, sure) in enumerate(copies):
        elsewhere = tmp_path / f"elsewhere{number}" / "medsynq.db"
        elsewhere.parent.mkdir()
        ctl(elsewhere, "restore", copy)
        shutil.copy(server.state / "secret", elsewhere.parent)
        assert set(json.loads(ctl(elsewhere, "check", "--json")).values()) == {"ok"}
        with closing(sqlite3.connect(elsewhere)) as db, db:
            there = {row[0].hex() for row in db.execute("SELECT id FROM patients")}
        missing = [path for _, path in sure if path.rsplit("/")[-1].replace("-", "") not in there]
        assert not missing
        assert not list(server.state.glob("*.part"))
    shutil.copy(server.state / "secret", elsewhere.parent)  # the database knows its own
    again = make_server(state=elsewhere.parent)
    client, path = sure[-1]
    reader = again.client()
    assert reader.log_in(client.organisation).status == 303
    assert reader.get(path).status == 200


def test_restore_refuses_beside_a_server_that_nobody_has_asked_yet(make_server):
    server = make_server()
    copy = server.state / "copy.db"
    ctl(server.database, "backup", copy)
    assert "stop it first" in fails(server.database, "restore", copy)
    server.stop()
    ctl(server.database, "restore", copy)
    assert own(server.database)[-1][0] == COMMAND and "restore " in own(server.database)[-1][2]
    assert not list(server.state.glob("*.part*")) + list(server.state.glob("*.replaced*"))


def test_restore_keeps_what_an_old_wal_says_out_of_the_new_file(demo, tmp_path):
    copy = tmp_path / "copy.db"
    ctl(demo, "backup", copy)
    reader = sqlite3.connect(demo)
    reader.execute("PRAGMA journal_mode = WAL")
    reader.execute("UPDATE patients SET name = 'Written Later'")
    reader.commit()
    assert demo.with_name("medsynq.db-wal").stat().st_size > 0
    assert "in use" in fails(demo, "restore", copy)
    reader.close()
    ctl(demo, "restore", copy)
    assert "Written Later" not in {row[0] for row in people(demo)}


def test_what_a_killed_command_left_is_not_taken_for_the_next_ones(demo, tmp_path):
    copy, other = tmp_path / "copy.db", tmp_path / "other.db"
    ctl(demo, "backup", copy)
    ctl(other, "demo", "--patients", 5, "--seed", 3)
    writer = sqlite3.connect(other)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("UPDATE patients SET name = 'Somebody Else'")
    writer.commit()
    for left in (demo.with_name("medsynq.db.part-wal"), tmp_path / "again.db.part-wal"):
        shutil.copy(other.with_name("other.db-wal"), left)
    writer.close()
    before = people(demo)
    ctl(demo, "restore", copy)
    ctl(demo, "backup", tmp_path / "again.db")
    assert people(demo) == people(tmp_path / "again.db") == before
    assert not list(tmp_path.glob("*.part*")) + list(demo.parent.glob("*.part*"))


@pytest.mark.parametrize("damage,said", [
    ("UPDATE audit_events SET reason='x' WHERE number=2 AND tenant_id=0", "trail"),
    ("UPDATE patients SET created_by=x'00'", "foreign keys"),
    ("PRAGMA user_version = 99", "newer"),
    ("PRAGMA application_id = 7", "another program")])
def test_a_backup_that_is_not_sound_changes_nothing(demo, tmp_path, damage, said):
    before = demo.read_bytes()
    copy = tmp_path / "copy.db"
    shutil.copy(demo, copy)
    with closing(sqlite3.connect(copy)) as db, db:
        db.execute(damage)
    assert said in fails(demo, "restore", copy)
    assert demo.read_bytes() == before
    assert os.listdir(demo.parent) == ["medsynq.db"]


def test_a_torn_backup_changes_nothing(demo, tmp_path):
    before = demo.read_bytes()
    copy = tmp_path / "copy.db"
    copy.write_bytes(before[:len(before) // 2])
    fails(demo, "restore", copy, code=2)
    copy.write_bytes(b"no database at all" * 100)
    fails(demo, "restore", copy, code=2)
    fails(demo, "restore", tmp_path / "none.db", code=2)
    assert demo.read_bytes() == before


def test_a_database_that_is_damaged_is_replaced(demo, tmp_path):
    copy = tmp_path / "copy.db"
    ctl(demo, "backup", copy)
    demo.write_bytes(b"nonsense" * 1000)
    ctl(demo, "restore", copy)
    ctl(demo, "check")
    demo.unlink()
    ctl(demo, "restore", copy)
    assert len(people(demo)) == 40


def test_a_backup_is_recorded_and_leaves_no_part_behind(demo, tmp_path):
    ctl(demo, "backup", tmp_path / "copy.db")
    assert own(demo)[-1][0] == COMMAND and own(demo)[-1][2] == f"backup {tmp_path}/copy.db"
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600
    assert "itself" in fails(demo, "backup", demo)
    assert "cannot be made" in fails(demo, "backup", tmp_path / "none" / "copy.db")
    fails(tmp_path / "none.db", "backup", tmp_path / "x.db", code=2)
    assert sorted(os.listdir(tmp_path)) == ["copy.db", "state"]


def killed_after(seconds, database, *arguments):
    """@return whether it was killed before it ended"""
    process = subprocess.Popen([built(), "--database", str(database), *map(str, arguments)],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True
    return False


def test_a_killed_restore_or_backup_leaves_the_old_file_or_the_new(demo, tmp_path):
    old = people(demo)
    other, copy = tmp_path / "other.db", tmp_path / "copy.db"
    ctl(other, "demo", "--tenants", 2, "--patients", 4000, "--seed", 9)
    ctl(other, "backup", copy)
    new = people(other)
    killed, saved = 0, demo.read_bytes()
    for step in range(16):
        demo.write_bytes(saved)
        killed += killed_after(0.012 * step, demo, "restore", copy)
        assert people(demo) in (old, new)
        ctl(demo, "check")
        killed += killed_after(0.004 * step, other, "backup", tmp_path / "target.db")
        if (tmp_path / "target.db").exists():
            ctl(tmp_path / "target.db", "check")
            (tmp_path / "target.db").unlink()
    assert killed, "some were killed in the middle"
    ctl(demo, "restore", copy)
    assert people(demo) == new and os.listdir(demo.parent) == ["medsynq.db"]


@as_root
def test_root_backs_up_to_where_the_servers_user_may_not_write(make_server, tmp_path):
    server = make_server()
    server.organisation()
    mine = tmp_path / "of-root"
    mine.mkdir(mode=0o700)
    ctl(server.database, "backup", mine / "copy.db")
    owner = server.database.stat().st_uid
    assert owner != 0 and (mine / "copy.db").stat().st_uid == owner
    assert {path.stat().st_uid for path in server.database.parent.glob("medsynq.db*")} == {owner}
    server.stop()
    ctl(server.database, "restore", mine / "copy.db")
    assert {path.stat().st_uid for path in server.database.parent.glob("medsynq.db*")} == {owner}


@as_root
def test_check_names_files_that_the_server_could_not_write(demo):
    os.chown(demo, 33, 33)
    assert "another owner" in fails_out(demo)
    os.chown(demo, 0, 0)
    os.chmod(demo, 0o666)
    os.chmod(demo.parent, 0o755)
    assert "others may" in fails_out(demo)
    os.chmod(demo, 0o600)
    secret = demo.with_name("secret")
    secret.write_bytes(b"x" * 32)
    secret.chmod(0o644)
    assert "secret" in fails_out(demo)
    secret.chmod(0o600)
    ctl(demo, "check")


def fails_out(database):
    run = subprocess.run([built(), "--database", str(database), "check"], capture_output=True,
                         text=True, timeout=60)
    assert run.returncode == 1, run.stdout
    return run.stdout
