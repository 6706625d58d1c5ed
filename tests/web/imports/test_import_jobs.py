"""An import is work of the server's: it goes on while nobody looks, whatever becomes of a process."""
import contextlib
import os
import re
import signal
import sqlite3
import subprocess
import time
import uuid

import pytest
from test_patient_import import at_rest, check, many, post, run, total, upload
from test_people import act, join, user_path

from harness import until

ADDING, SHOWING, DONE, HIDING, REMOVING, UNDONE, FAILED = 5, 6, 7, 8, 9, 10, 12


def ask(server, sql, *values):
    with contextlib.closing(sqlite3.connect(server.database, timeout=10)) as database:
        return database.execute(sql, values).fetchall()


def change(server, sql, *values):
    """Tried at once again and again: whoever waits as SQLite does never meets the moment between two turns of
    an import."""
    end = time.monotonic() + 60
    with contextlib.closing(sqlite3.connect(server.database, timeout=0, isolation_level=None)) as database:
        while True:
            try:
                return database.execute(sql, values).rowcount
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > end:
                    raise


def identity(href):
    return uuid.UUID(href.rsplit("/", 1)[1]).bytes


def state(server, href):
    return ask(server, "SELECT state, position, added FROM imports WHERE id = ?", identity(href))[0]


def rows(server, href):
    return ask(server, "SELECT count(*) FROM import_rows WHERE import_id = ?", identity(href))[0][0]


def await_state(server, href, *states):
    return until(lambda: state(server, href)[0] in states, f"the state {states}", 60)


def midst(server, href, wanted, position=200):
    """It is in the middle of this state, or further."""
    until(lambda: state(server, href)[0] > wanted or
          (state(server, href)[0] == wanted and state(server, href)[1] > position), "in the middle")


def children(server):
    return [int(pid) for pid in subprocess.run(["pgrep", "-P", str(server.pid)], capture_output=True,
                                               text=True, check=False).stdout.split()]


def kill_children(server):
    for pid in children(server):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def patients(server, clinic):
    """How many there are, seen or not."""
    return ask(server, "SELECT count(*) FROM patients JOIN tenants t USING (tenant_id) WHERE t.name = ?",
               clinic.organisation)[0][0]


def test_an_import_goes_on_while_nobody_looks_and_looking_changes_nothing(server, clinic):
    href, _ = check(clinic, many(2000))
    assert post(clinic, href, "commit").status == 303
    await_state(server, href, DONE)
    before = ask(server, "SELECT * FROM imports WHERE id = ?", identity(href))
    for method in ("GET", "HEAD"):
        assert clinic.request(method, href).status == 200
    assert ask(server, "SELECT * FROM imports WHERE id = ?", identity(href)) == before
    assert total(clinic) == 2000


@pytest.mark.parametrize("mpm", ["event", "prefork"])
def test_a_killed_child_is_followed_by_another_and_nobody_is_added_twice(make_server, mpm):
    count = 5000
    server = make_server(mpm=mpm)
    clinic = server.organisation()
    href, _ = check(clinic, many(count))
    post(clinic, href, "commit")
    for wanted in (ADDING, SHOWING):
        midst(server, href, wanted)
        kill_children(server)
    await_state(server, href, DONE)
    assert ask(server, "SELECT count(*), count(DISTINCT name), min(status), max(status) FROM patients") == [
        (count, count, 1, 1)]
    clinic.connection = None
    assert total(clinic) == count, "the figures are moved once"
    assert post(clinic, href, "undo").status == 303
    for wanted in (HIDING, REMOVING):
        midst(server, href, wanted)
        kill_children(server)
    await_state(server, href, UNDONE)
    assert patients(server, clinic) == 0
    clinic.connection = None
    assert total(clinic) == 0


def test_reloads_in_the_midst_neither_stop_an_import_nor_turn_its_undo_back(make_server):
    """An undo under reloads came back as imported: each start took the hidden for abandoned."""
    count = 4000
    server = make_server()
    clinic = server.organisation()
    href, _ = check(clinic, many(count))

    def reloads(end):
        for _ in range(50):
            server.reload()
            if state(server, href)[0] == end:
                return
        await_state(server, href, end)
    post(clinic, href, "commit")
    reloads(DONE)
    clinic.connection = None
    assert total(clinic) == count
    assert post(clinic, href, "undo").status == 303
    reloads(UNDONE)
    assert patients(server, clinic) == 0
    assert "cannot go on" not in server.log()


def test_adding_is_stopped_and_begun_again(server, clinic):
    href, _ = check(clinic, many(8000))
    assert post(clinic, href, "commit").status == 303
    page = clinic.get(href)
    assert page.headers["Refresh"] == "1" and f'action="{href}/cancel"' in page.text
    assert post(clinic, href, "cancel").status == 303
    page = at_rest(clinic, href)
    assert "It was cancelled; nothing has been imported." in page.page.text
    assert "Import 8000 patients" in page.page.text
    assert state(server, href)[2] == 0 and total(clinic) == patients(server, clinic) == 0
    assert clinic.post(f"{href}/cancel", {"csrf_token": clinic.token(href)}).status == 409
    assert post(clinic, href, "commit").status == 303
    assert "8000 patients were imported." in at_rest(clinic, href).page.text
    assert total(clinic) == 8000
    assert clinic.post(f"{href}/cancel", {"csrf_token": clinic.token(href)}).status == 409


def test_a_dry_run_is_stopped_and_its_columns_asked_again(server, clinic):
    href = upload(clinic, many(8000)).location
    page = clinic.get(href)
    fields = dict(re.findall(r'<select id="(\w+)"[^>]*>.*?value="(\w+)" selected', page.text, re.S))
    assert clinic.post(f"{href}/columns", fields | page.page.fields).status == 303
    assert post(clinic, href, "cancel").status == 303
    page = at_rest(clinic, href)
    assert "It was cancelled" in page.page.text and "Match the columns." in page.page.text
    fields["csrf_token"] = page.page.fields["csrf_token"]
    assert clinic.post(f"{href}/columns", fields).status == 303
    page = at_rest(clinic, href)
    assert "Import 8000 patients" in page.page.text and "cancelled" not in page.page.text


@pytest.mark.parametrize("how", ["disable", "roles"])
def test_the_import_of_somebody_who_may_no_longer_stops_for_somebody_else_to_go_on(server, clinic, how):
    other = join(server, clinic, roles=("admin",))
    href, _ = check(other, many(8000))
    assert post(other, href, "commit").status == 303
    fields = {"role": "auditor"} if how == "roles" else {}
    assert act(clinic, user_path(clinic, "bo@example.org"), how, **fields).status == 303
    page = at_rest(clinic, href)
    assert "may no longer import; nothing has been imported." in page.page.text
    assert total(clinic) == patients(server, clinic) == 0
    assert ask(server, "SELECT outcome FROM audit_events WHERE object_id = ? AND reason LIKE 'stopped:%'",
               identity(href)) == [(2,)]
    assert post(clinic, href, "commit").status == 303
    assert "8000 patients were imported." in at_rest(clinic, href).page.text


def test_what_was_decided_is_completed_without_its_person(make_server):
    """Half of what is to be shown or taken back stays in no list, whoever has left meanwhile."""
    server = make_server()
    clinic = server.organisation()
    other = join(server, clinic, roles=("admin",))
    for step, end in (("commit", DONE), ("undo", UNDONE)):
        if step == "commit":
            href, _ = check(other, many(6000))
        assert post(other, href, step).status == 303
        midst(server, href, SHOWING if step == "commit" else HIDING)
        change(server, "UPDATE users SET status = 2 WHERE email = 'bo@example.org'")
        await_state(server, href, end)
        assert total(clinic) == (6000 if step == "commit" else 0)
        change(server, "UPDATE users SET status = 1 WHERE email = 'bo@example.org'")


def test_what_is_discarded_or_unreadable_goes_at_once_and_its_page_says_so_for_ever(server, clinic):
    href, page = check(clinic, many(1000))
    assert f'action="{href}/discard"' in page.text
    assert post(clinic, href, "discard").status == 303
    until(lambda: rows(server, href) == 0, "the rows have gone")
    page = clinic.get(href)
    assert "Discarded; nothing was imported" in page.page.text and "<form" not in page.text.split("<h1>")[1]
    assert clinic.post(f"{href}/commit", {"csrf_token": clinic.token("/patients/import")}).status == 409
    before = {row[0] for row in ask(server, "SELECT id FROM imports")}
    assert upload(clinic, many(600) + b'"never closed').status == 422
    new, = {row[0] for row in ask(server, "SELECT id FROM imports")} - before
    until(lambda: ask(server, "SELECT count(*) FROM import_rows WHERE import_id = ?", new) == [(0,)], "gone")
    assert "the file could not be read" in clinic.get("/patients/import").page.text
    until(lambda: ask(server, "SELECT count(*) FROM jobs WHERE object IN (?, ?)", new, identity(href)) ==
          [(0,)], "nothing is left to do")


def test_a_failing_import_is_told_tried_again_and_goes_on_when_mended(make_server):
    server = make_server()
    clinic = server.organisation()
    href, _ = check(clinic, many(500))
    change(server, "CREATE TRIGGER broken BEFORE INSERT ON patients BEGIN SELECT RAISE(ABORT, 'no'); END")
    post(clinic, href, "commit")
    until(lambda: "MSQ0034: a job (import) cannot go on (import_patient_insert: " in server.log(), "it is told")
    assert clinic.get(href).status == 200 and state(server, href)[2] == 0
    change(server, "DROP TRIGGER broken")
    assert "500 patients were imported." in at_rest(clinic, href).page.text


@contextlib.contextmanager
def heavy_patients(server):
    """While it lasts, adding a patient takes some milliseconds: an import of thousands stays under way."""
    change(server, "CREATE TRIGGER heavy BEFORE INSERT ON patients BEGIN SELECT length(hex(zeroblob(2000000))); END")
    try:
        yield
    finally:
        change(server, "DROP TRIGGER heavy")


def test_a_large_import_holds_up_no_other_organisations(make_server):
    server = make_server()
    large, small = server.organisation(), server.organisation()
    first, _ = check(large, many(20000))
    with heavy_patients(server):
        post(large, first, "commit")
        midst(server, first, ADDING)
        _, page = run(small, b"name\nOne Only\n")
        assert "1 patient was imported." in page.page.text
        assert state(server, first)[0] == ADDING, "the large one is still under way"
    await_state(server, first, DONE)


def test_a_suspended_organisations_import_waits(make_server):
    server = make_server()
    clinic = server.organisation()
    href, _ = check(clinic, many(6000))
    post(clinic, href, "commit")
    midst(server, href, ADDING)
    change(server, "UPDATE tenants SET status = 2")
    before = state(server, href)
    run(server.organisation(), b"name\nOne Only\n")  # the worker has looked at all that is due
    assert state(server, href)[1] - before[1] in range(1000), "the turn that was under way, if any"
    before = state(server, href)
    run(server.organisation(), b"name\nOne More\n")
    assert state(server, href) == before
    change(server, "UPDATE tenants SET status = 1")
    await_state(server, href, DONE)


def test_no_import_is_out_of_reach(server, clinic):
    made = [check(clinic, f"Name\nAnn Number {n}\n".encode())[0] for n in range(22)]
    page = clinic.get("/patients/import").page
    assert [href for href in page.links if href in made] == made[:1:-1]
    older, = (href for href in page.links if "before=" in href)
    rest = clinic.get(older).page
    assert [href for href in rest.links if href in made] == made[1::-1]
    assert not any("before=" in href for href in rest.links)
