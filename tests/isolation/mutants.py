"""Weakens every tenant predicate, tenant value and foreign key in turn and looks whether the suite
notices: each wall is tried alone.

Statements are weakened behind the build's lint, which alone would refuse each of them
(test_lint.py)."""
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import threading

import attacks
from harness import TOP
from source_mutants import GUARDS, OPENINGS

GENERATED = TOP / "build/gen"
ARCHIVE = TOP / "build/plain/libmedsynq.a"


def statements():
    """label -> SQL, for every tenant statement"""
    text = (GENERATED / "statements_gen.c").read_text()
    return dict(re.findall(r'^    \{"(\w+)", "(.*)",\n     ".*",\n     "\w*", "\w*", 1, 0, [01]\},$', text, re.M))


def weakened(sql):
    """Every way to forget the tenant in one statement: (how, [SQL, other SQL that forgets the same])"""
    for match in re.finditer(r"(\w+\.)?tenant_id = \?1", sql):
        before, after = sql[:match.start()], sql[match.end():]
        yield "predicate dropped", [f"{before}?1 = ?1{after}"]
        yield "predicate turned", [f"{before}{match.group().replace('=', '<>')}{after}"]
        yield "predicate widened", [f"{before}({match.group()} OR 1 = 1){after}"]
    for match in re.finditer(r"(\w+\.)?(patient_)?id = \?2", sql if "FROM guest_" in sql else ""):
        before, after = sql[:match.start()], sql[match.end():]
        yield "patient dropped", [f"{before}?2 = ?2{after}"]
        yield "patient turned", [f"{before}{match.group().replace('=', '<>')}{after}"]
        yield "patient widened", [f"{before}({match.group()} OR 1 = 1){after}"]
    for match in re.finditer(r"s\.share_id = \?3", sql if "FROM guest_share_notes s" in sql else ""):
        before, after = sql[:match.start()], sql[match.end():]
        yield "share dropped", [f"{before}?3 = ?3{after}"]
        yield "share turned", [f"{before}s.share_id <> ?3{after}"]
        yield "share widened", [f"{before}({match.group()} OR 1 = 1){after}"]
    for match in re.finditer(r"(n\.id|n\.parent_id) IN \(SELECT s\.note.*?\?3\)", sql):
        before, after = sql[:match.start()], sql[match.end():]
        yield "choice dropped", [f"{before}?3 = ?3{after}"]
        yield "choice turned", [f"{before}{match.group().replace(' IN ', ' NOT IN ')}{after}"]
    for match in re.finditer(r"(VALUES \(|SELECT )\?1\b", sql):
        if sql.startswith("INSERT"):
            # A and B change places; C, who has no such row yet; somebody new
            others = ("3003 - ?1", "4004", "?1 + 1")
            yield "another's value", [f"{sql[:match.end() - 2]}{other}{sql[match.end():]}"
                                      for other in others]


def statement_mutants():
    for label, sql in statements().items():
        for how, mutants in weakened(sql):
            yield label, how, mutants


def key_mutants():
    """Migrations with one foreign key forgotten: (key, C text)"""
    text = (GENERATED / "migrations_gen.c").read_text()
    key = r"FOREIGN KEY \(tenant_id, (\w+)(?:, \w+)*\)[\s\\n\"]*REFERENCES (\w+) \([^)]*\)"
    for match in re.finditer(key, text):
        migration = text[text.rindex("\n    {", 0, match.start()):match.start()]
        if '\n    "",\n' in migration:
            continue  # the same once more, in the other engine's words
        if match[1] == "id":
            continue  # a referral's share has its own key: with tenant_id it is nobody else's
        table = re.findall(r"CREATE TABLE (\w+)", migration)[-1]
        if re.search(rf"DROP TABLE {table}\b", text[match.end():]):
            continue  # made anew by a later migration, with this key
        yield f"{match[2]}.{match[1]}", f"{text[:match.start()]}CHECK (1 = 1){text[match.end():]}"


class Workshop:
    """Links the test programs: with a table of statements that can be changed, with other migrations."""

    def __init__(self):
        shm = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.seeding = threading.Lock()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="medsynq-mutants-", dir=shm))
        config = ["apr-1-config", "--cppflags", "--includes"], ["apu-1-config", "--includes"]
        flags = [w for c in config for w in subprocess.check_output(c, text=True).split()]
        self.flags = ["-std=c11", "-O0", "-D_GNU_SOURCE", "-w", f"-I{TOP}/mod_medsynq", f"-I{GENERATED}",
                      *flags]
        table = (GENERATED / "statements_gen.c").read_text()
        table = table.replace('#include "statements_gen.h"', """
            typedef struct { const char *label, *sqlite, *pgsql, *kinds, *writes; int tenant, owner, guest; } row_t;
            typedef struct { const char *name; int tenant; } table_t;""")
        table = table.replace("const mq_sql_row_t", "row_t").replace("const mq_sql_table_t", "table_t")
        (self.folder / "table.c").write_text(table)
        self.table = self.compile(self.folder / "table.c", "table")
        self.walls = self.compile(TOP / "tests/isolation/walls.c", "walls")
        self.no_wall = self.compile(TOP / "tests/isolation/no_wall.c", "no_wall")
        self.scopes = self.compile(TOP / "tests/isolation/scopes.c", "scopes")
        self.console = self.compile(TOP / "tests/isolation/console.c", "console")
        self.flags.append(f"-I{TOP}/tests/unit")
        self.openings = [self.compile(TOP / "tests/unit" / source, source.split("/")[-1])
                         for source in ("fixture.c", "sharing/test_emergencies.c")]
        self.programs = {"both": self.link("both", self.walls, self.table),
                         "first": self.link("first", self.walls, self.table, self.no_wall)}

    def compile(self, source, name):
        target = self.folder / f"{name}.o"
        subprocess.run(["gcc", *self.flags, "-c", source, "-o", target], check=True)
        return target

    def link(self, name, *objects):
        program = self.folder / f"program-{name}"
        subprocess.run(["gcc", *objects, ARCHIVE, "-lsqlite3", "-lcrypto", "-licui18n", "-licuuc",
                        "-lqrencode", "-lpq", "-laprutil-1", "-lapr-1", "-lpthread", "-o", program], check=True)
        return program

    def close(self):
        shutil.rmtree(self.folder)

    def run(self, program, name, *arguments):
        """@return 0 no leak, 1 leaks, 2 the statement could not even be prepared"""
        folder = self.folder / f"run-{name}"
        folder.mkdir()
        answer = subprocess.run([program, folder, *arguments], capture_output=True, text=True,
                                timeout=600, check=False,
                                env=os.environ if "--keys" in arguments else {**os.environ, "WALLS_ROWS": self.rows()})
        shutil.rmtree(folder)
        return answer.returncode, answer.stdout

    def statement(self, wall, name, label, mutants):
        """@return whether any of the mutants leaks"""
        return any(self.run(self.programs[wall], f"{wall}-{name}-{n}", label, sql)[0] == 1
                   for n, sql in enumerate(mutants))

    def rows(self):
        """The folder of the rows of walls.c, which are made once"""
        folder = self.folder / "rows"
        with self.seeding:
            if not folder.exists():
                folder.mkdir()
                subprocess.run([self.programs["both"], folder, "--rows"], capture_output=True, check=True)
        return str(folder)

    def database(self, name):
        """A copy of them for somebody who changes them"""
        return shutil.copy(f"{self.rows()}/walls.db", self.folder / f"{name}.db")

    def source(self, name, file, text):
        """Weakened C. @return how scopes.c, attacks.py or test_emergencies.c noticed: None, "leak" or "fault";
        without and with the second wall"""
        source = self.folder / f"{name}.c"
        source.write_text(text)
        weak = self.compile(source, name)
        if file in OPENINGS:
            program = self.link(name, *self.openings, weak, "-lcmocka", "-lbrotlidec")
            answer = subprocess.run([program], capture_output=True, timeout=120, check=False)
            return (None if answer.returncode == 0 else "fault"), None
        if file in GUARDS:
            found = attacks.faults(self.link(name, self.console, weak), self.database(name))
            return ("fault" if found else self.scoped(f"{name}-scopes", self.scopes, weak)), None
        first = self.scoped(f"{name}-first", self.scopes, weak, self.no_wall)
        return first, self.scoped(f"{name}-both", self.scopes, weak)

    def scoped(self, name, *objects):
        try:
            answer = subprocess.run([self.link(name, *objects), self.database(name)], capture_output=True,
                                    text=True, timeout=30, check=False)
        except subprocess.TimeoutExpired:
            return "fault"
        return None if answer.returncode == 0 else "leak" if "LEAK" in answer.stdout else "fault"

    def key(self, name, text):
        (self.folder / f"{name}.c").write_text(text)
        program = self.link(name, self.walls, self.table, self.no_wall,
                            self.compile(self.folder / f"{name}.c", name))
        return self.run(program, name, "--keys")[0] == 1


def side_by_side(work, items):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda item: work(*item), items))
