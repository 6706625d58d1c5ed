"""The trail proves itself: whatever is done to the file, verify finds it and says where it begins.
MANIPULATIONS=10000 tries that many."""
import os
import random
import shutil
import sqlite3

from test_ctl import built, ctl, demo  # noqa: F401
import json
import subprocess

COUNT = int(os.environ.get("MANIPULATIONS", "300"))
COLUMNS = ["at", "actor_id", "actor_name", "session", "address", "action", "outcome", "object_id",
           "patient_id", "reason", "digest"]


def verify(path, *more):
    run = subprocess.run([built(), "--json", "audit", "verify", str(path), *map(str, more)],
                         capture_output=True, text=True, timeout=120)
    return run.returncode, json.loads(run.stdout)


def change(db, rng, tenant, last):
    number = rng.randint(1, last)
    column = rng.choice(COLUMNS)
    old = db.execute(f"SELECT {column} FROM audit_events WHERE tenant_id=? AND number=?",
                     (tenant, number)).fetchone()[0]
    new = rng.choice([rng.randbytes(rng.randint(0, 40)), rng.randint(-9, 2 ** 60), "x", str(old),
                      None if column not in ("at", "action", "outcome", "digest") else "",
                      (old + 1) if isinstance(old, int) else rng.randbytes(16)])
    db.execute(f"UPDATE audit_events SET {column}=? WHERE tenant_id=? AND number=?",
               (new, tenant, number))
    now = db.execute(f"SELECT {column} FROM audit_events WHERE tenant_id=? AND number=?",
                     (tenant, number)).fetchone()[0]
    return None if type(now) is type(old) and now == old else number


def drop(db, rng, tenant, last):
    first = rng.randint(1, last)
    db.execute("DELETE FROM audit_events WHERE tenant_id=? AND number BETWEEN ? AND ?",
               (tenant, first, first + rng.randint(0, 3)))
    return first


def swap(db, rng, tenant, last):
    one, two = sorted(rng.sample(range(1, last + 1), 2))
    for old, new in ((one, -1), (two, one), (-1, two)):
        db.execute("UPDATE audit_events SET number=? WHERE tenant_id=? AND number=?",
                   (new, tenant, old))
    return one


def renumber(db, rng, tenant, last):
    first = rng.randint(1, last)
    for number in range(last, first - 1, -1):
        db.execute("UPDATE audit_events SET number=number+1 WHERE tenant_id=? AND number=?",
                   (tenant, number))
    return first


def insert(db, rng, tenant, last):
    first = renumber(db, rng, tenant, last)
    db.execute(f"INSERT INTO audit_events (tenant_id, number, {','.join(COLUMNS)}) SELECT tenant_id, ?, "
               f"{','.join(COLUMNS)} FROM audit_events WHERE tenant_id=? AND number=?",
               (first, tenant, first + 1))
    db.execute("UPDATE audit_heads SET number=number+1 WHERE tenant_id=?", (tenant,))
    # the copy is the very event; what follows it is then the first that is out of place
    return first + 1


def truncate(db, rng, tenant, last):
    keep = rng.randint(1, last - 1)
    db.execute("DELETE FROM audit_events WHERE tenant_id=? AND number>?", (tenant, keep))
    db.execute("UPDATE audit_heads SET number=?, digest=(SELECT digest FROM audit_events WHERE "
               "tenant_id=? AND number=?) WHERE tenant_id=?", (keep, tenant, keep, tenant))
    return keep + 1


def adopt(db, rng, tenant, last):
    """A whole chain passed off as the one of another organisation."""
    db.execute("INSERT INTO tenants (tenant_id, name, name_key, status, version, created_at) "
               "SELECT tenant_id + 1, name || 'x', name_key || 'x', status, version, created_at "
               "FROM tenants WHERE tenant_id=?", (tenant,))
    for table in ("audit_events", "audit_heads"):
        db.execute(f"UPDATE {table} SET tenant_id=tenant_id+1 WHERE tenant_id=?", (tenant,))
    return 1


def test_a_chain_belongs_to_its_organisation(demo, tmp_path):  # noqa: F811
    copy = tmp_path / "copy.db"
    with sqlite3.connect(demo) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(demo, copy)
    with sqlite3.connect(copy) as db:
        tenant = db.execute("SELECT max(tenant_id) FROM audit_heads").fetchone()[0]
        adopt(db, None, tenant, 0)
    db.close()
    code, told = verify(copy)
    assert (code, told["tenant"], told["number"]) == (1, tenant + 1, 1) and "changed" in told["reason"]


def vanish(db, rng, tenant, last):
    db.execute("DELETE FROM audit_events WHERE tenant_id=?", (tenant,))
    db.execute("DELETE FROM audit_heads WHERE tenant_id=?", (tenant,))
    return 1


def test_each_manipulation_is_found_where_it_begins(demo, tmp_path):  # noqa: F811
    heads = tmp_path / "heads"
    heads.write_text(ctl(demo, "audit", "head"))
    assert verify(demo, "--head", heads)[0] == 0
    with sqlite3.connect(demo) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        lasts = dict(db.execute("SELECT tenant_id, number FROM audit_heads"))
    rng = random.Random(20)
    copy = tmp_path / "copy.db"
    for turn in range(COUNT):
        shutil.copy(demo, copy)
        tenant = rng.choice(sorted(lasts))
        kind = rng.choice([change, change, drop, swap, renumber, insert, truncate, vanish])
        db = sqlite3.connect(copy)
        db.execute("PRAGMA ignore_check_constraints=ON")
        with db:
            try:
                number = kind(db, rng, tenant, lasts[tenant])
            except sqlite3.IntegrityError:
                continue
        db.close()
        if number is None:
            continue
        code, told = verify(copy, "--head", heads)
        assert code == 1, (turn, kind.__name__, told)
        assert (told["tenant"], told["number"]) == (tenant, number), (turn, kind.__name__, told)


def test_verify_tells_unreadable_from_broken(tmp_path):
    path = tmp_path / "no.db"
    assert verify(path)[0] == 2
    path.write_bytes(b"not a database at all" * 100)
    assert verify(path)[0] == 2


def test_trail_of_a_serving_server_is_sound(server, clinic):
    clinic.add_patient("Ada Lovelace")
    code, told = verify(server.database)
    assert code == 0 and told["events"] >= 2, told
