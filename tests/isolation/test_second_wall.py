"""Attacks on a connection as requests have it: SQL that no statement of ours contains, run by hand."""
import os
import re
import shutil
import sqlite3
import subprocess

import pytest

import attacks
from attacks import A, B, ERROR, FALSE_TARGETS, NOBODY, READS, REFUSALS, REFUSED, TRAIL, WRITES, rows_of
from harness import FLAVOUR, TOP

CONSOLE = TOP / "build" / FLAVOUR / "isolation/console"
WALLS = TOP / "build" / FLAVOUR / "isolation/walls"
SCOPES = TOP / "build" / FLAVOUR / "isolation/scopes"


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """Two organisations with equal ids: A's texts are canary-a, B's canary-b."""
    folder = tmp_path_factory.mktemp("walls")
    subprocess.run([WALLS, folder, "no statement"], capture_output=True, check=False)
    return folder / "walls.db"


def console(database, *lines):
    text = "".join(f"{tenant}\t{target}\t{sql}\n" for tenant, target, sql in lines)
    answer = subprocess.run([CONSOLE, database], input=text, capture_output=True, text=True, check=True)
    return answer.stdout.splitlines()


@pytest.mark.parametrize("sql", READS)
def test_a_read_past_the_view_is_refused(database, sql):
    for tenant in (A, NOBODY):
        said, = console(database, (tenant, "", sql))
        assert said.split("\t")[0] in (REFUSED, ERROR), said
        assert "canary-b" not in said


@pytest.mark.parametrize("sql", REFUSALS)
def test_what_no_request_needs_is_refused(database, sql):
    said, = console(database, (A, "patients", sql))
    assert said.split("\t")[0] in (REFUSED, ERROR), said


@pytest.mark.parametrize("sql", FALSE_TARGETS)
def test_a_statement_that_only_reads_has_no_table_to_write(database, sql):
    said, = console(database, (A, "patients", sql))
    assert said == REFUSED


def test_what_is_looked_at_before_preparing_is_not_all_that_holds(database):
    """The authorizer and the triggers alone, then with the look at the SQL before them."""
    assert attacks.faults(CONSOLE, database) == []


def test_the_view_shows_the_own_rows_and_without_an_organisation_nothing(database):
    own, other, nothing = console(database, *[(t, "", "SELECT name FROM patients")
                                              for t in (A, B, NOBODY)])
    assert "canary-a" in own and "canary-b" not in own
    assert "canary-b" in other and "canary-a" not in other
    assert nothing == "0\t=0"


@pytest.mark.parametrize("sql", WRITES)
@pytest.mark.parametrize("tenant", [A, NOBODY])
def test_a_write_never_touches_a_foreign_row(database, sql, tenant):
    before = rows_of(database, B)
    said, = console(database, (tenant, "patients", sql))
    assert rows_of(database, B) == before
    assert "canary-b" not in said
    if not (tenant == NOBODY and "FROM patients" in sql):  # then there is nothing to insert
        assert not said.endswith("=0"), said


@pytest.mark.parametrize("sql", TRAIL)
def test_the_own_trail_only_grows(database, sql):
    with sqlite3.connect(database) as db:
        before = db.execute("SELECT * FROM audit_events").fetchall()
    assert any(row[0] == A for row in before)
    said, = console(database, (A, "audit_events", sql))
    assert not said.endswith("=0"), said
    with sqlite3.connect(database) as db:
        assert db.execute("SELECT * FROM audit_events").fetchall() == before


def test_the_veil_changes_from_connection_to_connection(database):
    """Its names cannot be learnt or guessed."""
    probe = (A, "", "SELECT * FROM mq_veil_0000000000000000_patients")
    assert console(database, probe)[0].split("\t")[0] == ERROR


def test_a_schema_change_by_somebody_else_keeps_the_wall(database):
    """SQLite prepares again and asks the authorizer again."""
    process = subprocess.Popen([CONSOLE, database], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               text=True, bufsize=1)
    process.stdin.write(f"{A}\t\tSELECT name FROM patients\n")
    process.stdin.flush()
    name = f"later_{os.getpid()}"
    with sqlite3.connect(database) as db:
        db.execute(f"CREATE INDEX {name} ON patients (tenant_id, created_at)")
    out, _ = process.communicate(f"{A}\t\tSELECT name FROM patients\n{A}\t\tSELECT name FROM main.patients\n")
    lines = out.splitlines()
    assert "canary-a" in lines[1] and "canary-b" not in out and lines[2].startswith(REFUSED)


def test_each_statement_reaches_its_tables_through_the_tenant(database, capsys):
    """No statement scans or sorts a table that grows."""
    out = subprocess.run([CONSOLE, database, "plans"], capture_output=True, text=True, check=True).stdout
    faults, count = [], set()
    for line in out.splitlines():
        label, step = line.split("\t", 1)
        count.add(label)
        if step.startswith("SEARCH") and "tenant_id=?" not in step and \
                not re.search("tenants_by_(name|look|jobs|code)|partnerships|sessions_by_key|throttles", step):
            faults.append(line)
        if step.startswith(("SCAN", "USE TEMP B-TREE", "FAILED", "AUTOMATIC", "MATERIALIZE")) and \
                step != "SCAN CONSTANT ROW" and \
                line != "audit_people_of_patient\tUSE TEMP B-TREE FOR GROUP BY":  # of one patient's events
            faults.append(line)
    with capsys.disabled():
        print(f"\nquery plans: {len(count)} statements read")
    assert faults == []


def test_what_each_page_or_each_share_asks_for_is_not_looked_for_among_all(database):
    """An organisation that has shared much reads no more for one share, nor for a number in the navigation."""
    out = subprocess.run([CONSOLE, database, "plans"], capture_output=True, text=True, check=True).stdout
    often = {label: [step for name, step in (line.split("\t", 1) for line in out.splitlines()) if name == label]
             for label in ("share_standing", "referral_by_id", "referrals_waiting", "referral_links_waiting",
                           "referrals_calling", "referral_links_calling", "referral_messages_count",
                           "emergency_by_national_id", "patient_pairs_of_other")}
    assert all(often.values())
    assert [(label, step) for label, steps in often.items() for step in steps
            if re.search(r"^SEARCH (?!t |tenants )\w+ .*\(tenant_id=\?\)$", step)] == []


def test_scopes_sessions_links_and_loans_keep_to_their_organisation(database, tmp_path):
    copy = shutil.copy(database, tmp_path / "scopes.db")
    answer = subprocess.run([SCOPES, copy], capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout) == (0, "scopes: 0 faults\n"), answer.stderr
