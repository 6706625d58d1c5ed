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

GENERATED = TOP / "build/gen/statements_gen.c"
MIGRATIONS = sorted((TOP / "mod_medsynq/store/migrations").glob("*.sql"))
TYPES = {"s": "text", "i": "bigint", "b": "bytea"}


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
    """(label, SQL for PostgreSQL, kinds, whether the tenant is its first parameter), as the store has it"""
    row = r'^    \{"(\w+)", ".*",\n     "(.*)",\n     "(\w*)", "\w*", ([01]), [01]\},$'
    return re.findall(row, GENERATED.read_text(), re.M)


def prepared(label, sql, kinds, is_tenant):
    types = ["bigint"] * int(is_tenant) + [TYPES[kind] for kind in kinds]
    sql = sql.replace('\\"', '"').replace("\\\\", "\\")
    return f"PREPARE {label} ({', '.join(types)}) AS {sql};" if types else f"PREPARE {label} AS {sql};"


def test_postgresql_takes_the_schema_and_every_statement(psql, capsys):
    # the two differences: SQLite's clustered tables, and how a generated column can be added
    schema = "\n".join(path.read_text() for path in MIGRATIONS)
    schema = schema.replace("WITHOUT ROWID", "").replace(") VIRTUAL", ") STORED")
    made = psql(schema)
    assert made.returncode == 0, made.stderr
    faults, count = [], 0
    for label, *row in statements():
        answer = psql(prepared(label, *row))
        count += 1
        if answer.returncode:
            faults.append(f"{label}: {answer.stderr}")
    with capsys.disabled():
        print(f"\nprepared on PostgreSQL: {count - len(faults)} of {count} statements")
    names = GENERATED.with_suffix(".h").read_text().count("MQ_SQL_ROW(")
    assert count == names and not faults, "\n".join(faults)
