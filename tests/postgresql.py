"""Debian's PostgreSQL in a folder of its own: no service; started and stopped by who needs it."""
import atexit
import functools
import glob
import itertools
import json
import os
import pwd
import re
import shutil
import subprocess
import tempfile

from harness import FLAVOUR, TOP, Port, sanitizer_environment

ROLES = TOP / "mod_medsynq/store/pgsql/roles.sql"
GENERATED = TOP / "build/gen"
CTL = TOP / "build" / FLAVOUR / "medsynqctl"
NUMBERS = itertools.count(1)


def literal(value):
    if isinstance(value, bytes):
        return f"'\\x{value.hex()}'::bytea"
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def filled(sql, values):
    """With each value in the place of its question mark; none of ours has another one."""
    parts = sql.split("?")
    assert len(parts) == len(values) + 1, sql
    return "".join(part + following for part, following in zip(parts, [*map(literal, values), ""]))


def value_of(column):
    return bytes.fromhex(column[2:]) if isinstance(column, str) and re.fullmatch(r"\\x([0-9a-f]{2})*", column) else column


class Postgresql:
    """A cluster whose superuser is postgres; anybody on this machine is whoever they say."""

    def __init__(self):
        self.binaries = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        self.folder = tempfile.mkdtemp(prefix="medsynq-postgresql-")
        self.port = Port()  # a server in a ChrootDir finds no socket
        self.prefix = []
        if os.getuid() == 0:  # it refuses to run as root
            shutil.chown(self.folder, "postgres", "postgres")
            self.prefix = ["setpriv", "--reuid", "postgres", "--regid", str(pwd.getpwnam("postgres").pw_gid),
                           "--clear-groups"]
            os.chmod(self.folder, 0o755)

    def run(self, *command, **options):
        return subprocess.run([*self.prefix, *command], cwd="/", capture_output=True, text=True, **options)

    def start(self):
        self.run(f"{self.binaries}/initdb", "-D", f"{self.folder}/data", "-A", "trust", "-U", "postgres",
                 "--locale=C", "--encoding=UTF8", "--no-sync", check=True)
        return self.again()

    def again(self):
        """Start it, for the first time or once more."""
        self.run(f"{self.binaries}/pg_ctl", "-D", f"{self.folder}/data", "-w", "-l", f"{self.folder}/log", "-o",
                 f"-k {self.folder} -h 127.0.0.1 -p {self.port.number} -F -N 300", "start", check=True)
        return self

    def stop(self):
        self.run(f"{self.binaries}/pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)
        self.port.close()

    def psql(self, sql, database="postgres", role="postgres", stop=True):
        """Run SQL as a role; the process, with its rows in stdout, unaligned."""
        return self.run(f"{self.binaries}/psql", "-h", self.folder, "-p", str(self.port.number), "-U", role, "-d", database, "-qXAt",
                        "-v", f"ON_ERROR_STOP={int(stop)}", "-f", "-", input=sql)

    def done(self, sql, database="postgres", role="postgres"):
        """The same, and it must go well: its rows."""
        answer = self.psql(sql, database, role)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout.splitlines()

    def rows(self, database, sql, values=()):
        """What a SELECT with places for values finds, as sqlite3 would have it: bytes are bytes."""
        lines = self.done(f"SELECT row_to_json(found) FROM ({filled(sql, values)}) found", database)
        return [tuple(map(value_of, json.loads(line).values())) for line in lines]

    def change(self, database, sql, values=()):
        self.done(filled(sql, values), database)

    def medsynq(self, name, variant=""):
        """A database with the roles, the schema and the wall, as an administrator makes it."""
        self.done(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'")
        self.done(ROLES.read_text(), name)
        self.done(f"BEGIN; {(GENERATED / 'pgsql_schema.sql').read_text()}; "
                  f"{(GENERATED / f'pgsql_wall{variant}.sql').read_text()}; COMMIT;", name, "medsynq_admin")
        return name

    def parameters(self, database, role="medsynq_serve"):
        return f"host=127.0.0.1 port={self.port.number} dbname={database} user={role}"

    def ctl(self, database, *arguments, role="medsynq_admin"):
        """medsynqctl on a database of this cluster."""
        return subprocess.run([CTL, "--database", f"pgsql:{self.parameters(database, role)}", *arguments],
                              capture_output=True, text=True, env={**os.environ, **sanitizer_environment()})

    def made(self, name, template="template0"):
        """A database as docs/postgresql.md says: the roles by a superuser, the rest by medsynqctl."""
        self.done(f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8' LOCALE 'C'")
        self.done(subprocess.check_output([CTL, "roles"], text=True), name)
        answer = self.ctl(name, "migrate")
        assert answer.returncode == 0, answer.stderr
        return name


@functools.cache
def cluster():
    """One for each test process that asks for it."""
    one = Postgresql().start()
    atexit.register(one.stop)
    one.made("medsynq")
    return one


def fresh_database():
    """The cluster, and the name of an empty database in it."""
    return cluster(), cluster().made(f"medsynq{next(NUMBERS)}", "medsynq")


@functools.cache
def database_of(_state):
    """The same again for a server that is started again with its STATE."""
    return fresh_database()
