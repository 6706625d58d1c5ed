"""A backup is proved before it takes its name, and the good ones before it stay."""
import contextlib
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import time
from contextlib import closing

import pytest

from test_backup import fails
from test_ctl import built, ctl, people
from test_installation import own

as_root = pytest.mark.skipif(os.getuid() != 0, reason="needs root to mount")


@pytest.fixture
def demo(tmp_path):
    path = tmp_path / "state" / "medsynq.db"
    path.parent.mkdir(mode=0o700)
    (tmp_path / "backup").mkdir()
    ctl(path, "demo", "--tenants", 2, "--patients", 40)
    return path


def damage_rows(demo):
    """A page in the middle is nonsense."""
    with open(demo, "r+b") as file:
        file.seek(demo.stat().st_size // 2 // 4096 * 4096)
        file.write(b"\xff" * 4096)


def damage_keys(demo):
    with closing(sqlite3.connect(demo)) as db, db:
        db.execute("UPDATE patients SET created_by = x'00'")


def damage_trail(demo):
    with closing(sqlite3.connect(demo)) as db, db:
        db.execute("UPDATE audit_events SET reason = 'x' WHERE number = 2 AND tenant_id = 0")


def begin_anew(demo):
    """Sound, and empty: somebody has moved the file away, and the server has made another."""
    demo.unlink()
    ctl(demo, "migrate")


@pytest.mark.parametrize("happens", [damage_rows, damage_keys, damage_trail, begin_anew])
@pytest.mark.parametrize("keep", [(), ("--keep", 1)])
def test_the_last_good_backup_stays_when_the_database_is_none(demo, tmp_path, happens, keep):
    target = tmp_path / "backup" / "medsynq.db"
    ctl(demo, "backup", *keep, target)
    copy, = (tmp_path / "backup").iterdir()
    good = copy.read_bytes()
    happens(demo)
    run = subprocess.run([built(), "--database", demo, "backup", *map(str, keep), target],
                         capture_output=True, text=True, timeout=60)
    assert run.returncode == 1 and not run.stdout, run.stderr
    assert copy.read_bytes() == good
    assert {path.name for path in copy.parent.iterdir()} <= {copy.name, "medsynq.db.unsound"}
    ctl(demo, "check", copy)


def test_what_is_not_sound_is_set_aside_and_the_next_one_is_whole_again(demo, tmp_path):
    target = tmp_path / "backup" / "medsynq.db"
    saved = demo.read_bytes()
    damage_trail(demo)
    said = fails(demo, "backup", target)
    assert "trail: " in said and "medsynq.db.unsound" in said
    assert os.listdir(target.parent) == ["medsynq.db.unsound"]
    assert len(people(target.with_name("medsynq.db.unsound"))) == 40
    assert (target.parent / "medsynq.db.unsound").stat().st_mode & 0o777 == 0o600
    demo.write_bytes(saved)
    ctl(demo, "backup", target)
    assert len(people(target)) == 40


def test_fewer_organisations_are_said_once(demo, tmp_path):
    target = tmp_path / "backup" / "medsynq.db"
    ctl(demo, "backup", target)
    begin_anew(demo)
    assert "0 organisations, and the backup before it 2" in fails(demo, "backup", target)
    ctl(demo, "backup", "--fewer", target)
    ctl(demo, "backup", target)
    assert people(target) == []


def test_the_newest_stay_and_nothing_else_of_the_folder_is_touched(demo, tmp_path):
    folder = tmp_path / "backup"
    old = [f"medsynq-2026{month:02}01T030000Z.db" for month in range(1, 6)]
    others = ["medsynq.db", "medsynq-20260101T030000Z.db.gz", "medsynq-notes.db", "medsynq-2026010AT030000Z.db",
              "other-20260101T030000Z.db", "xmedsynq-20260101T030000Z.db"]
    for name in [*old, *others]:
        (folder / name).write_text("x")
    told = json.loads(ctl(demo, "--json", "backup", "--keep=3", folder / "medsynq.db"))
    assert told["done"] is True and told["removed"] == 3
    new = os.path.basename(told["file"])
    assert sorted(os.listdir(folder)) == sorted([*old[-2:], *others, new])
    assert own(demo)[-1][2] == f"backup {folder}/{new}"
    plain = ctl(demo, "backup", "--keep", 1, folder / "no-ending")
    assert plain.split(" ")[0].startswith(f"{folder}/no-ending-20") and "sound" in plain


@pytest.mark.parametrize("count", ["0", "-1", "many", "10001"])
def test_a_number_to_keep_is_a_number(demo, tmp_path, count):
    assert "--keep" in fails(demo, "backup", "--keep", count, tmp_path / "x.db", code=64)


def test_a_disk_that_is_full_leaves_the_good_one(demo, tmp_path):
    target = tmp_path / "backup" / "medsynq.db"
    ctl(demo, "backup", target)
    good = target.read_bytes()
    run = subprocess.run(["bash", "-c", "ulimit -f 100; trap '' XFSZ; exec \"$@\"", "bash", built(), "--database",
                          demo, "backup", target], capture_output=True, text=True, timeout=60)
    assert run.returncode == 1 and "cannot be written" in run.stderr
    assert target.read_bytes() == good and os.listdir(target.parent) == ["medsynq.db"]


@contextlib.contextmanager
def small_disk(folder, size):
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def run_on(database, *arguments):
    return subprocess.run([built(), "--database", database, *arguments], capture_output=True, text=True, timeout=60)


@as_root
def test_a_database_on_a_full_disk_is_looked_at_and_backed_up_elsewhere(demo, tmp_path):
    """Its server has ended: not even the index of its log has room."""
    with small_disk(tmp_path / "small", "4m") as disk:
        database = disk / "medsynq.db"
        shutil.copy(demo, database)
        (disk / "secret").write_bytes(os.urandom(32))
        (disk / "secret").chmod(0o600)
        with closing(sqlite3.connect(database)) as db:
            db.execute("PRAGMA journal_mode = WAL")
        with contextlib.suppress(OSError), open(disk / "else", "wb", buffering=0) as file:
            while True:
                file.write(b"x" * 4096)
        before = database.read_bytes()
        looked = run_on(database, "check")
        assert looked.returncode == 1 and looked.stderr == "", looked
        assert "trail          ok" in looked.stdout and "MB are free" in looked.stdout
        run = run_on(database, "backup", tmp_path / "backup" / "medsynq.db")
        assert run.returncode == 1 and "the disk is full: make room" in run.stderr, run
        assert "medsynq.db is whole all the same, and proved; the trail has no word of it" in run.stderr
        ctl(database, "check", tmp_path / "backup" / "medsynq.db")
        assert people(tmp_path / "backup" / "medsynq.db") == people(demo)
        for command in (("org", "list"), ("migrate",), ("user", "list", "Clinic"), ("secret", "rotate")):
            said = run_on(database, *command)
            assert said.returncode == 0 or "the disk is full: make room" in said.stderr, said
        on = run_on(database, "maintenance", "on", "--message", "full")
        assert on.returncode == 1 and "No space left on device" in on.stderr
        assert database.read_bytes() == before and not list(disk.glob("*.part"))


@as_root
def test_a_demo_that_fills_the_disk_says_what_is_there(tmp_path):
    with small_disk(tmp_path / "small", "1800k") as disk:
        run = run_on(disk / "medsynq.db", "demo", "--patients", "5000")
        assert run.returncode == 1 and "log in as" not in run.stdout, run
        assert "stopped, with 0 patients of 5000: the disk is full; make room" in run.stderr


@contextlib.contextmanager
def read_only(folder):
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", folder], check=True)
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


@as_root
def test_a_disk_mounted_read_only_is_backed_up_with_what_its_wal_holds(demo, tmp_path):
    """A server was cut off: what it acknowledged last is in the -wal alone, and nobody may write there."""
    writer = sqlite3.connect(demo)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("PRAGMA wal_autocheckpoint = 0")
    writer.execute("UPDATE patients SET name = 'Written Last' WHERE mrn = (SELECT min(mrn) FROM patients)")
    writer.commit()
    cut = tmp_path / "cut"
    cut.mkdir()
    for end in ("", "-wal"):
        shutil.copy(f"{demo}{end}", cut / f"medsynq.db{end}")
    writer.close()
    assert "Written Last" not in str(sqlite3.connect(f"file:{cut}/medsynq.db?immutable=1", uri=True)
                                     .execute("SELECT name FROM patients").fetchall())
    before = {path.name: path.read_bytes() for path in cut.iterdir()}
    with read_only(cut):
        for target in ("medsynq.db", "again.db"):
            run = subprocess.run([built(), "--database", cut / "medsynq.db", "backup", tmp_path / "backup" / target],
                                 capture_output=True, text=True, timeout=60)
            assert run.returncode == 0 and "read-only" in run.stderr, run.stderr
            assert "Written Last" in {row[0] for row in people(tmp_path / "backup" / target)}
        # and one whose server had ended by itself
        ctl(cut / "medsynq.db", "check", tmp_path / "backup" / "medsynq.db")
    assert {path.name: path.read_bytes() for path in cut.iterdir()} == before
    assert sorted(os.listdir(tmp_path / "backup")) == ["again.db", "medsynq.db"]


@as_root
@pytest.mark.parametrize("empty_wal", [False, True])
def test_a_quiet_database_on_a_read_only_disk_is_backed_up(demo, tmp_path, empty_wal):
    whole = people(demo)
    if empty_wal:
        demo.with_name("medsynq.db-wal").write_bytes(b"")
    with closing(sqlite3.connect(demo)) as db:
        db.execute("PRAGMA journal_mode = WAL")
    if empty_wal:
        demo.with_name("medsynq.db-wal").write_bytes(b"")
    with read_only(demo.parent):
        run = subprocess.run([built(), "--database", demo, "backup", tmp_path / "backup" / "a?b#c%20.db"],
                             capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert people(tmp_path / "backup" / "a?b#c%20.db") == whole


def test_names_that_mean_something_in_a_uri_are_names(demo, tmp_path):
    odd = tmp_path / "50%41?mode=rwc#x"
    odd.mkdir()
    ctl(demo, "backup", odd / "medsynq.db")
    assert len(people(odd / "medsynq.db")) == 40
    ctl(demo, "check", odd / "medsynq.db")


def test_the_check_of_a_copy_asks_not_whose_the_folder_is(demo, tmp_path):
    target = tmp_path / "backup" / "medsynq.db"
    ctl(demo, "backup", target)
    if os.getuid() == 0:
        os.chown(target, 33, 33)
        os.chmod(target.parent, 0o700)
    said = {"version", "database", "foreign keys", "trail", "erasures"}
    assert set(json.loads(ctl(demo, "check", "--json", target))) == said
    damage_keys(target)
    subprocess.run([built(), "--database", demo, "check", target], check=False, capture_output=True)
    fails(demo, "check", tmp_path / "none.db", code=2)


def check(demo, *arguments, code=0):
    return json.loads(ctl(demo, "check", "--json", *arguments, code=code))


def test_check_misses_a_backup_that_is_old_or_none(demo, tmp_path):
    target = tmp_path / "backup" / "medsynq.db"
    assert "there is none" in check(demo, "--backups", target, code=1)["backups"]
    dated = pathlib.Path(json.loads(ctl(demo, "backup", "--keep", 3, target, "--json"))["file"])
    assert check(demo, "--backups", target)["backups"] == "ok"
    os.utime(dated, (time.time() - 27.5 * 3600,) * 2)
    assert f"{dated}, is 27 hours old" in check(demo, "--backups", target, code=1)["backups"]
    assert check(demo, "--backups", target, "--hours", 48)["backups"] == "ok"
    dated.write_bytes(b"no database")
    assert "cannot be read" in check(demo, "--backups", target, code=1)["backups"]
    dated.unlink()
    ctl(demo, "backup", target)  # one without a date
    assert check(demo, "--backups", target)["backups"] == "ok"
    for wrong in (("--hours", 5), ("--backups", target, "--hours", "x"), (target, "--backups", target)):
        fails(demo, "check", *wrong, code=64)


@as_root
def test_check_sees_a_disk_without_room_for_a_copy(demo, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir(mode=0o700)
    size = demo.stat().st_size
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={4 * size},mode=700", "tmpfs", disk], check=True)
    try:
        there = disk / "medsynq.db"
        shutil.copy(demo, there)
        assert check(there)["disk"] == "ok"
        (disk / "filler").write_bytes(b"x" * (3 * size // 2))
        assert "make room" in check(there, code=1)["disk"]
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        assert "read-only" in check(there, code=1)["disk"]
    finally:
        subprocess.run(["umount", disk], check=True)
