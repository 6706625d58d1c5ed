"""The schema and every statement are taken by a real PostgreSQL: the way there stays open."""
import glob
import os
import pwd
import re
import shutil
import subprocess
import tempfile

import pytest

from harness import TOP

STATEMENTS = sorted((TOP / "mod_medsynq/store/statements").glob("*.sql"))
MIGRATIONS = sorted((TOP / "mod_medsynq/store/migrations").glob("*.sql"))
TYPES = {"%s": "text", "%d": "int", "%lld": "bigint", "%pDb": "bytea"}


@pytest.fixture(scope="module")
def psql():
    binaries = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
    folder = tempfile.mkdtemp(prefix="medsynq-postgresql-")
    prefix = []
    if os.getuid() == 0:  # it refuses to run as root
        shutil.chown(folder, "postgres", "postgres")
        prefix = ["setpriv", "--reuid", "postgres", "--regid", str(pwd.getpwnam("postgres").pw_gid),
                  "--clear-groups"]

    def run(*command, **options):
        return subprocess.run([*prefix, *command], cwd="/", capture_output=True, text=True, **options)

    run(f"{binaries}/initdb", "-D", f"{folder}/data", "-A", "trust", "-U", "medsynq", "--no-sync",
        check=True)
    run(f"{binaries}/pg_ctl", "-D", f"{folder}/data", "-w", "-l", f"{folder}/log", "-o",
        f"-k {folder} -h '' -F", "start", check=True)
    yield lambda sql: run(f"{binaries}/psql", "-h", folder, "-U", "medsynq", "-d", "postgres", "-qX", "-v",
                          "ON_ERROR_STOP=1", "-f", "-", input=sql)
    run(f"{binaries}/pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "stop")
    shutil.rmtree(folder, ignore_errors=True)


def statements():
    text = "\n".join(path.read_text() for path in STATEMENTS)
    blocks = re.split(r"^-- (\w+) (tenant|system)(?: \w+)?$", text, flags=re.M)[1:]
    for label, kind, sql in zip(*[iter(blocks)] * 3):
        yield label, kind, re.sub(r"^--.*$", "", sql, flags=re.M).strip()


def prepared(label, kind, sql):
    types = ["bigint"] if kind == "tenant" else []

    def number(match):
        if match.group() == "%%":
            return "%"
        types.append(TYPES[match.group()])
        return f"${len(types)}"

    sql = re.sub(r"%(lld|pDb|s|d|%)", number, sql.replace(":tenant", "$1"))
    return f"PREPARE {label} ({', '.join(types)}) AS {sql};" if types else f"PREPARE {label} AS {sql};"


def test_postgresql_takes_the_schema_and_every_statement(psql, capsys):
    # the two differences: SQLite's clustered tables, and how a generated column can be added
    schema = "\n".join(path.read_text() for path in MIGRATIONS)
    schema = schema.replace("WITHOUT ROWID", "").replace(") VIRTUAL", ") STORED")
    made = psql(schema)
    assert made.returncode == 0, made.stderr
    faults, count = [], 0
    for label, kind, sql in statements():
        answer = psql(prepared(label, kind, sql))
        count += 1
        if answer.returncode:
            faults.append(f"{label}: {answer.stderr}")
    with capsys.disabled():
        print(f"\nprepared on PostgreSQL: {count - len(faults)} of {count} statements")
    assert count and not faults, "\n".join(faults)
