"""A database to measure on, and the pages that are measured on it."""
import contextlib
import hashlib
import os
import pathlib
import pwd
import random
import re
import shutil
import sqlite3
import time
import uuid

from rig import PASSWORD, TOP, USER, Httpd

EMAIL = "admin@example.org"
KEPT = ("medsynq.db", "secret")
SIGNED_OUT = ("home", "login")
FIRST = ("Anna Ben Clara David Emma Felix Greta Hans Ines Jonas Klara Leo Mia Noah Olga Paul Rosa "
         "Simon Tina Uwe Vera Willi Xenia Yusuf Zoe Amelie Bruno Carla Dora Emil Frida Georg "
         "Helena Ida Jakob Karl Lena Max Nora").split()
SYLLABLES = "ba mei schu ler ko vi ra no tan gel hof mann ber stein wal der".split()
# Two-letter prefixes that are searched for.
PREFIXES = "an be cl da em fe gr ha in jo".split()


def insert(db, table, rows, otherwise="IGNORE"):
    """rows are dicts with the same keys."""
    if rows:
        names = list(rows[0])
        db.executemany(f"INSERT OR {otherwise} INTO {table} ({','.join(names)}) "
                       f"VALUES ({','.join('?' * len(names))})",
                       [tuple(row.values()) for row in rows])


def head():
    """Names of the first organisation that stand first in its list, and before all others that begin
    with each prefix: the pages that are measured are the same however many patients there are."""
    return ([f"Aaa{a}{b} First" for a in "bcdfghkl" for b in "abcdefgh"]
            + [f"{prefix.title()}aa{a} {last.title()}" for prefix in PREFIXES for a in "bcdf"
               for last in SYLLABLES[:13]])


class Filler:
    """Organisations and patients like the first one that was registered, the same at each run."""

    def __init__(self, path, seed=1):
        self.random = random.Random(seed)
        self.db = sqlite3.connect(path)
        self.db.row_factory = sqlite3.Row
        self.db.execute("PRAGMA synchronous = OFF")
        self.db.execute("PRAGMA cache_size = -400000")
        self.now = int(time.time() * 1e6)
        self.ids = self.now // 1000 << 80
        self.last = ["".join(self.random.choices(SYLLABLES, k=self.random.randint(2, 3))).title()
                     for _ in range(600)]
        self.tenant = dict(self.db.execute("SELECT * FROM tenants WHERE name = 'Bench 0'").fetchone())
        self.user = dict(self.db.execute("SELECT * FROM users WHERE tenant_id = ?",
                                         (self.tenant["tenant_id"],)).fetchone())

    def new_id(self):
        """UUIDv7 in the order of making."""
        self.ids += 1 << 70
        raw = bytearray((self.ids | self.random.getrandbits(62)).to_bytes(16, "big"))
        raw[6] = 0x70 | raw[6] & 15
        raw[8] = 0x80 | raw[8] & 63
        return bytes(raw)

    def organisation(self, number):
        """@return tenant_id and the id of its only person"""
        if number == 0:
            return self.tenant["tenant_id"], self.user["id"]
        tenant = dict(self.tenant, tenant_id=self.random.getrandbits(47) | 1,
                      name=f"Bench {number}", name_key=f"bench {number}")
        user = dict(self.user, tenant_id=tenant["tenant_id"], id=self.new_id())
        insert(self.db, "tenants", [tenant])
        insert(self.db, "users", [user])
        return tenant["tenant_id"], user["id"]

    def patients(self, tenant, user, names, count):
        patients, words, years = [], [], {}
        count = max(len(names), count)
        for i in range(count):
            name = (names[i] if i < len(names) else
                    f"{self.random.choice(FIRST)} {self.random.choice(self.last)}")
            born = (f"{self.random.randint(1930, 2020)}-{self.random.randint(1, 12):02}-"
                    f"{self.random.randint(1, 28):02}")
            key, id_ = name.lower(), self.new_id()
            patients.append({"tenant_id": tenant, "id": id_, "version": 1, "mrn": f"B{i:07}",
                             "name": name, "name_key": key, "birth_date": born, "status": 1,
                             "created_at": self.now, "created_by": user, "updated_at": self.now,
                             "updated_by": user})
            years[born[:4]] = years.get(born[:4], 0) + 1
            words += [{"tenant_id": tenant, "word": word, "key": f"{key} @{born}",
                       "patient_id": id_} for word in (*key.split(), "@" + born)]
        insert(self.db, "patients", patients)
        insert(self.db, "patient_words", sorted(words, key=lambda row: row["word"]))
        insert(self.db, "counters",
               [{"tenant_id": tenant, "name": "patients.active", "value": count},
                *({"tenant_id": tenant, "name": f"patients.birth.{year}", "value": n}
                  for year, n in years.items())], "REPLACE")

    def fill(self, tenants, patients):
        for number in range(tenants):
            tenant, user = self.organisation(number)
            self.patients(tenant, user, [] if number else head(), patients // tenants)
        self.db.commit()
        self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.db.close()


def own_by_server(state, *patterns):
    if USER:
        for path in (p for pattern in patterns or ("medsynq.db*", "secret") for p in state.glob(pattern)):
            os.chown(path, pwd.getpwnam(USER).pw_uid, pwd.getpwnam(USER).pw_gid)


def kept_at(tenants, patients):
    """Where a filled database is kept for the next run: a name for what it was made of."""
    made_of = hashlib.sha256(pathlib.Path(__file__).read_bytes())
    for path in sorted((TOP / "mod_medsynq/store/migrations").glob("*")):
        made_of.update(path.read_bytes())
    return TOP / f"build/bench/{tenants}-{patients}-{made_of.hexdigest()[:12]}"


def fill(server, tenants, patients):
    answer = server.client().submit("/register-tenant", tenantName="Bench 0",
                                    adminName="Ada Admin", adminEmail=EMAIL,
                                    adminPassword=PASSWORD)
    assert answer.status == 303, answer.text
    server.stop()
    Filler(server.state / "medsynq.db").fill(tenants, patients)


@contextlib.contextmanager
def filled(tenants, patients, **options):
    """A running server over so many tenants and patients: organisations "Bench 0" and so on."""
    server = Httpd(True, **options)
    kept = kept_at(tenants, patients)
    try:
        if kept.exists():
            for name in KEPT:
                shutil.copy(kept / name, server.state / name)
        else:
            fill(server.start(), tenants, patients)
            making = kept.with_name(f"{kept.name}.{os.getpid()}")
            making.mkdir(parents=True)
            for name in KEPT:
                shutil.copy(server.state / name, making / name)
            with contextlib.suppress(OSError):  # another run was faster
                making.rename(kept)
        own_by_server(server.state)
        yield server.start()
    finally:
        server.close()


PAGES = ("home", "login", "patients", "patient", "search")


def pages(client):
    """Name to path of every measured page that is a plain GET."""
    listed = client.get("/patients")
    one = re.findall(r'href="(/patients/[0-9a-f]{8}-[^"/]+)"', listed.text)[3]
    return {"home": "/", "login": "/login", "patients": "/patients", "patient": one,
            "search": "/patients?q=an"}


def deep(server):
    """The path of a page far down the first organisation's list, and which page that is."""
    with contextlib.closing(sqlite3.connect(server.state / "medsynq.db")) as db:
        tenant, = db.execute("SELECT tenant_id FROM tenants WHERE name = 'Bench 0'").fetchone()
        count, = db.execute("SELECT count(*) FROM patients WHERE tenant_id = ?", (tenant,)).fetchone()
        page = min(10000, max(1, count // 50 - 1))
        row = db.execute("SELECT hex(id) FROM patients WHERE tenant_id = ? AND listing = 1 "
                         "ORDER BY name_key, id LIMIT 1 OFFSET ?",
                         (tenant, (page - 1) * 50 - 1 if page > 1 else 0)).fetchone()
    return f"/patients?after={uuid.UUID(row[0])}", page
