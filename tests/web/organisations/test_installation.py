"""The installation's own trail: starts, migrations and commands, in the chain of organisation 0."""
import os
import sqlite3
from contextlib import closing

import pytest

from harness import until
from test_ctl import ctl

START, MIGRATE, COMMAND = 116, 117, 118


def own(database):
    """(action, who, what) of the installation's events"""
    with closing(sqlite3.connect(database)) as db, db:
        return db.execute("SELECT action, actor_name, reason FROM audit_events WHERE tenant_id = 0 "
                          "AND action >= 116 ORDER BY number").fetchall()


def test_starts_reloads_and_migrations_are_recorded(make_server, tmp_path):
    os.chmod(tmp_path, 0o755)
    server = make_server(state=tmp_path / "state")
    first = own(server.database)
    assert [row[:2] for row in first] == [(MIGRATE, "httpd"), (START, "httpd")]
    assert first[0][2].startswith("from 0 to ") and "MedSynQ" in first[1][2]
    server.reload()
    third = until(lambda: own(server.database)[2:], "the new generation's event")[0]
    assert third[0] == START and "reload" in third[2]
    server.stop()
    again = make_server(state=tmp_path / "state")
    assert [row[0] for row in own(again.database)] == [MIGRATE, START, START, START]
    assert not any(os.uname().nodename in row[2] for row in own(again.database))
    assert "sound" in ctl(again.database, "audit", "verify")


def test_nobody_reads_the_installations_trail_on_a_page(server, clinic):
    page = clinic.get("/audit")
    assert "Started the server" not in page.text and "httpd" not in page.text
    assert clinic.get("/audit?action=server.start").text.count("<th scope=\"row\">") == 0


@pytest.mark.skipif(os.getuid() != 0, reason="sudo makes root of its caller")
def test_behind_sudo_the_caller_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("SUDO_USER", "bob")
    ctl(tmp_path / "medsynq.db", "migrate")
    assert own(tmp_path / "medsynq.db")[0][1] == "medsynqctl (root, sudo by bob)"


def test_commands_are_recorded_with_the_systems_user(tmp_path):
    path = tmp_path / "medsynq.db"
    ctl(path, "demo", "--patients", 3)
    rows = own(path)
    assert [row[0] for row in rows] == [MIGRATE, COMMAND] and rows[1][2].startswith("demo")
    assert all(row[1].startswith("medsynqctl (") for row in rows)
    ctl(path, "migrate")
    assert len(own(path)) == 2  # nothing was done


def test_every_command_that_changes_something_leaves_its_event(make_server, tmp_path):
    server = make_server()
    name = server.organisation().organisation

    def count():
        with closing(sqlite3.connect(server.database)) as db:
            return db.execute("SELECT COUNT(*) FROM audit_events").fetchone()[0]

    join = ("--name", "Bo", "--roles", "admin")
    for line in (("org", "create", "Lake", "--admin", "A", "--email", "a@b"),
                 ("org", "suspend", name), ("org", "resume", name), ("org", "export", name, tmp_path / "out"),
                 ("user", "invite", name, "bo@example.org", *join), ("user", "reset", name, "admin@example.org"),
                 ("user", "unlock", name, "admin@example.org"),
                 ("user", "second-factor-off", name, "admin@example.org"),
                 ("secret", "rotate"), ("backup", server.database.parent / "copy.db")):
        before = count()
        ctl(server.database, *line)
        assert count() > before, line
    assert "sound" in ctl(server.database, "audit", "verify")
