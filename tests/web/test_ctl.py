"""medsynqctl: the administrator's command, without a server and beside one."""
import json
import os
import pathlib
import sqlite3
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]


def built():
    if "MEDSYNQCTL" in os.environ:
        return os.environ["MEDSYNQCTL"]
    found = sorted((TOP / "build").glob("*/medsynqctl"))
    assert found, "make builds medsynqctl"
    return str(found[0])


def ctl(database, *arguments, code=0):
    run = subprocess.run([built(), "--database", str(database), *map(str, arguments)],
                         capture_output=True, text=True, timeout=300)
    assert run.returncode == code, run.stderr + run.stdout
    return run.stdout


@pytest.fixture
def demo(tmp_path):
    path = tmp_path / "medsynq.db"
    ctl(path, "demo", "--tenants", 3, "--patients", 60, "--seed", 7)
    return path


def people(path):
    with sqlite3.connect(path) as db:
        return sorted(db.execute("SELECT name, birth_date, mrn FROM patients"), key=str)


def test_routes_are_printed_for_scripts(tmp_path):
    routes = json.loads(ctl(tmp_path / "none.db", "routes", "--json"))
    assert {"GET /login", "POST /login", "GET /patients/{id}"} <= {
        f"{row['method']} {row['pattern']}" for row in routes}
    assert all(row["roles"] for row in routes if row["signed_in"])


def test_demo_gives_the_same_people_for_the_same_seed(demo, tmp_path):
    again = tmp_path / "again.db"
    ctl(again, "demo", "--tenants", 3, "--patients", 60, "--seed", 7)
    assert len(people(demo)) == 60 and people(demo) == people(again)


def test_demo_refuses_a_database_that_is_in_use(demo):
    ctl(demo, "demo", code=1)


def test_wrong_commands_are_told_apart_from_failures(tmp_path):
    ctl(tmp_path / "none.db", "nonsense", code=64)
    ctl(tmp_path / "none.db", "demo", "--tenants", "no", code=64)
    ctl(tmp_path / "none" / "x.db", "migrate", code=1)


def test_check_finds_what_is_broken(demo):
    ctl(demo, "check")
    with sqlite3.connect(demo) as db:
        db.execute("UPDATE audit_events SET reason='x' WHERE number=2")
    ctl(demo, "check", code=1)
