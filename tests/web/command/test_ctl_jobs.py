"""medsynqctl jobs, and what check says of them: work that nobody waits for must not stand still unseen."""
import fcntl
import json
import os
import sqlite3
from contextlib import closing

from test_ctl import ctl, demo

assert demo  # a fixture
NOW = "CAST(strftime('%s', 'now') AS INTEGER) * 1000000"


def write(path, *statements):
    with closing(sqlite3.connect(path)) as db, db:
        for statement in statements:
            db.execute(statement.replace("NOW", NOW))


def jobs(path):
    return {row["organisation"][-1]: row for row in json.loads(ctl(path, "jobs", "--json"))}


def test_each_job_says_where_it_is_and_what_holds_it_up(demo):
    with closing(sqlite3.connect(demo)) as db:
        first, second, third = (row[0] for row in db.execute(
            "SELECT tenant_id FROM jobs JOIN tenants USING (tenant_id) ORDER BY substr(name, -1)"))
    write(demo, f"UPDATE jobs SET due_at = NOW + 60000000 WHERE tenant_id = {first}",
          f"UPDATE jobs SET due_at = NOW + 60000000, failures = 5 WHERE tenant_id = {second}",
          f"UPDATE tenants SET status = 2 WHERE tenant_id = {third}")
    said = jobs(demo)
    assert [said[n]["state"] for n in "123"] == ["waits", "put off", "held"]
    assert "why" not in said["1"] and "MSQ0034" in said["2"]["why"] and "suspended" in said["3"]["why"]
    assert said["2"]["failures"] == 5 and said["2"]["job"] == "duplicates" and said["2"]["due"].endswith("Z")
    write(demo, f"UPDATE jobs SET failures = 0, worker = x'00', due_at = NOW + 2000000 WHERE tenant_id = {second}",
          f"UPDATE jobs SET due_at = 1 WHERE tenant_id = {first}", f"UPDATE jobs SET kind = 99 WHERE tenant_id = {third}")
    said = jobs(demo)
    assert [said[n]["state"] for n in "123"] == ["due", "runs", "unknown"]
    assert "newer MedSynQ" in ctl(demo, "jobs") and ctl(demo, "jobs").count("\n") == 3


def test_check_says_which_stand_still(demo):
    def said(code):
        return json.loads(ctl(demo, "check", "--json", code=code))["jobs"]

    write(demo, "UPDATE jobs SET due_at = NOW - 60000000")
    assert said(0) == "ok"  # a busy server is late by a minute
    write(demo, "UPDATE jobs SET due_at = NOW - 7200000000")
    assert said(0) == "ok: 3 wait for the server, which does not run"
    folder = os.open(demo.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_SH)  # as a server does
        assert "3 have been due since 20" in said(1)
    finally:
        os.close(folder)
    write(demo, "UPDATE jobs SET due_at = NOW + 60000000, failures = 3")
    assert "3 failed 3 times" in said(1) and "MSQ0034" in said(1)
    write(demo, "UPDATE tenants SET status = 2 WHERE tenant_id > 0")
    assert said(0) == "ok"  # nobody is let in, and nothing is done


def test_check_reminds_of_what_may_be_erased(demo):
    def said(code):
        return json.loads(ctl(demo, "check", "--json", code=code))["erasures"]

    write(demo, "UPDATE tenants SET status = 2, closed_at = NOW - 86400000000 * 29 WHERE tenant_id > 0")
    assert said(0) == "ok"
    write(demo, "UPDATE tenants SET closed_at = NOW - 86400000000 * 31 WHERE tenant_id > 0")
    assert said(0).startswith("ok: 3 organisations were closed 30 days ago or earlier")
