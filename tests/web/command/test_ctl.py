"""medsynqctl: the administrator's command, without a server and beside one."""
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import time
from contextlib import closing

import pytest

TOP = pathlib.Path(__file__).resolve().parents[3]


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
    with closing(sqlite3.connect(path)) as db, db:
        return sorted(db.execute("SELECT name, birth_date, mrn FROM patients"), key=str)


def test_routes_are_printed_for_scripts(tmp_path):
    routes = json.loads(ctl(tmp_path / "none.db", "routes", "--json"))
    assert {"GET /login", "POST /login", "GET /patients/{id}"} <= {
        f"{row['method']} {row['pattern']}" for row in routes}
    assert all(row["roles"] for row in routes if row["signed_in"])


def test_the_documented_paths_are_the_routes(tmp_path):
    routes = json.loads(ctl(tmp_path / "none.db", "routes", "--json"))
    page = (TOP / "mod_medsynq/docs/directives.md").read_text()
    said = re.search(r"the module answers (.*?), and what lies below", page, re.S)[1]
    words = {re.match("/[^/]*", row["pattern"])[0] for row in routes}
    assert sorted(re.findall("`([^`]+)`", said)) == sorted(words | {"/public"})


EVERYTHING = (
    "SELECT t.name, u.email, u.name, u.roles FROM users u JOIN tenants t USING (tenant_id)",
    "SELECT t.name, p.mrn, p.name, p.birth_date, p.phone1, p.phone2, p.address, p.contact_name, p.status, "
    "p.version, p.change_reason, u.email FROM patients p JOIN tenants t USING (tenant_id) "
    "JOIN users u ON u.tenant_id = p.tenant_id AND u.id = p.updated_by",
    "SELECT p.mrn, v.version, v.fields FROM patient_versions v JOIN patients p "
    "ON p.tenant_id = v.tenant_id AND p.id = v.patient_id",
    "SELECT p.mrn, n.content, u.email FROM patient_notes n JOIN patients p ON p.tenant_id = n.tenant_id "
    "AND p.id = n.patient_id JOIN users u ON u.tenant_id = n.tenant_id AND u.id = n.author_id",
    "SELECT p.mrn, c.kind, c.is_none, c.fields FROM chart_items c JOIN patients p "
    "ON p.tenant_id = c.tenant_id AND p.id = c.patient_id")


def contents(path):
    with closing(sqlite3.connect(path)) as db, db:
        return [sorted(db.execute(sql), key=repr) for sql in EVERYTHING]


def test_demo_gives_the_same_data_for_the_same_seed(tmp_path):
    once, again, other = (tmp_path / name for name in ("once.db", "again.db", "other.db"))
    for path, seed in ((once, 7), (again, 7), (other, 8)):
        ctl(path, "demo", "--tenants", 3, "--patients", 200, "--seed", seed)
    assert contents(once) == contents(again)
    assert all(mine != theirs for mine, theirs in zip(contents(once), contents(other)))
    assert all(contents(once)), "people, patients, earlier versions and notes"
    with closing(sqlite3.connect(once)) as db, db:
        assert db.execute("SELECT count(DISTINCT tenant_id) FROM shared_links").fetchone() == (3,)
    ctl(once, "check")


def test_a_demo_has_referrals_in_each_state(demo):
    with closing(sqlite3.connect(demo)) as db:
        found = db.execute("SELECT DISTINCT state, state = 1 AND expires_at < changed_at + 1 FROM referrals").fetchall()
        late, = db.execute("SELECT COUNT(*) FROM referrals WHERE state = 1 AND expires_at < ?",
                           (int(time.time() * 1000000),)).fetchone()
        waiting = db.execute("SELECT COUNT(DISTINCT tenant_id) FROM referral_links").fetchone()
    assert {state for state, _ in found} == {1, 2, 3, 4, 6, 7, 8, 9} and late == 3 and waiting == (3,)
    assert "sound" in ctl(demo, "audit", "verify")


def test_demo_fills_the_first_organisation_as_told(tmp_path):
    path = tmp_path / "medsynq.db"
    ctl(path, "demo", "--tenants", 4, "--patients", 100, "--first", 80)
    sizes = [row["patients"] for row in json.loads(ctl(path, "org", "list", "--json"))]
    assert len(sizes) == 4 and max(sizes) > 70 and all(size <= 7 for size in sorted(sizes)[:3])
    ctl(tmp_path / "x.db", "demo", "--patients", 10, "--first", 11, code=64)


def test_everybody_of_a_demo_can_log_in(make_server, tmp_path):
    os.chmod(tmp_path, 0o755)
    path = tmp_path / "state" / "medsynq.db"
    path.parent.mkdir()
    said = json.loads(ctl(path, "demo", "--patients", 30, "--json"))
    server = make_server(state=path.parent)
    for email in (said["email"], *said["staff"]):
        client = server.client()
        assert client.log_in(said["first_tenant"], email, said["password"]).status == 303, email
    assert client.get("/audit").status == 200


def test_demo_refuses_a_database_that_is_in_use(demo):
    ctl(demo, "demo", code=1)


def test_wrong_commands_are_told_apart_from_failures(tmp_path):
    ctl(tmp_path / "none.db", "nonsense", code=64)
    ctl(tmp_path / "none.db", "demo", "--tenants", "no", code=64)
    ctl(tmp_path / "none" / "x.db", "migrate", code=1)


def test_check_finds_what_is_broken(demo):
    ctl(demo, "check")
    with closing(sqlite3.connect(demo)) as db, db:
        db.execute("UPDATE audit_events SET reason='x' WHERE number=2")
    ctl(demo, "check", code=1)
