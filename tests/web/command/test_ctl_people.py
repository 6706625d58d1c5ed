"""medsynqctl org and user: the accounts and organisations of a running server, from outside."""
import json
import re
import sqlite3
import subprocess
from contextlib import closing

import pytest

from harness import PASSWORD
from test_ctl import built, ctl
from test_two_factor import set_up

OTHER = "another long enough phrase 8"


def link_of(said):
    return re.search(r"(/(?:invitations|password-reset)/\S+)", said)[1].rstrip('"')


def events(server, organisation):
    """(action, actor, the name then) of an organisation's trail"""
    with closing(sqlite3.connect(server.database)) as db, db:
        return db.execute("SELECT action, actor_id, actor_name FROM audit_events WHERE tenant_id = "
                          "(SELECT tenant_id FROM tenants WHERE name = ?) ORDER BY number",
                          (organisation,)).fetchall()


def test_an_organisation_is_founded_and_its_first_person_invited(server):
    said = ctl(server.database, "org", "create", "Lake  Clinic", "--admin", "Ada Admin",
               "--email", "ada@example.org", "--site", server.url)
    assert server.url in said
    first = server.client()
    assert "Lake Clinic" in first.get(link_of(said)).page.text
    assert first.submit(link_of(said), password=OTHER).location == "/dashboard"
    assert first.get("/users").status == 200
    assert first.add_patient("Ann Able")
    row, = [row for row in json.loads(ctl(server.database, "org", "list", "--json"))
            if row["name"] == "Lake Clinic"]
    assert row.pop("created") and row.pop("bytes") > 100 and row.pop("events") == 4
    assert row == {"name": "Lake Clinic", "status": "active", "people": 1, "patients": 1, "patients_kept": 1,
                   "files": 0, "file_bytes": 0}
    ctl(server.database, "org", "create", "lake clinic", "--admin", "B", "--email", "b@c", code=1)
    assert all("medsynqctl (" in row[2] for row in events(server, "Lake Clinic")[:2])


@pytest.mark.parametrize("arguments", [
    ("create", "X"), ("create", "X", "--admin", "A", "--email", "no address"), ("create",),
    ("create", " ", "--admin", "A", "--email", "a@b"), ("suspend",), ("suspend", "A", "B"),
    ("resume", "--what")])
def test_wrong_lines_are_usage_errors(tmp_path, arguments):
    ctl(tmp_path / "none.db", "org", *arguments, code=64)


def test_a_suspended_organisation_is_let_in_again(server, clinic):
    path = clinic.add_patient("Ann Able")
    other = server.organisation()
    ctl(server.database, "org", "suspend", clinic.organisation)
    assert "suspended already" in ctl(server.database, "org", "suspend", clinic.organisation)
    page = clinic.get(path)
    assert page.status == 403 and "is suspended" in page.page.text and "Ann Able" not in page.text
    assert clinic.get(path).location.startswith("/login")
    refused = server.client().log_in(clinic.organisation)
    assert refused.status == 403 and "is suspended" in refused.page.text
    # whoever does not know the password learns nothing
    assert server.client().log_in(clinic.organisation, password="wrong").status == 422
    assert other.get("/dashboard").status == 200
    ctl(server.database, "org", "resume", clinic.organisation)
    assert clinic.get(path).status == 303  # the session has ended for good
    again = server.client()
    assert again.log_in(clinic.organisation).location == "/dashboard"
    assert "Ann Able" in again.get(path).text
    assert "Suspended the organisation" in again.get("/audit").page.text
    assert "medsynqctl (" in again.get("/audit").page.text


def test_an_idle_session_does_not_come_back_with_its_organisation(server, clinic):
    ctl(server.database, "org", "suspend", clinic.organisation)
    ctl(server.database, "org", "resume", clinic.organisation)
    assert clinic.get("/dashboard").status == 303


def test_people_are_invited_listed_disabled_and_enabled(server, clinic):
    name = clinic.organisation
    said = ctl(server.database, "user", "invite", name, "bo@example.org", "--name", "Bo Brown",
               "--roles", "clinician,front-desk", "--json")
    person = server.client()
    assert person.submit(json.loads(said)["link"], password=OTHER).status == 303
    people = json.loads(ctl(server.database, "user", "list", name, "--json"))
    assert [(p["email"], p["status"], p["roles"]) for p in people] == [
        ("admin@example.org", "active", ["admin", "clinician"]),
        ("bo@example.org", "active", ["clinician", "front-desk"])]
    ctl(server.database, "user", "disable", name, "BO@example.org")
    assert person.get("/patients").status == 303
    assert "disabled" in ctl(server.database, "user", "list", name)
    ctl(server.database, "user", "enable", name, "bo@example.org")
    assert server.client().log_in(name, "bo@example.org", OTHER).status == 303
    assert "last active" in ctl_fails(server, "user", "disable", name, "admin@example.org")
    assert "last active" in ctl_fails(server, "user", "disable", name, "admin@example.org", "--dry-run")
    assert "nobody of" in ctl_fails(server, "user", "disable", name, "no@example.org")
    assert "no organisation" in ctl_fails(server, "user", "list", "no such name")
    assert "has the address" in ctl_fails(server, "user", "invite", name, "bo@example.org", "--name",
                                          "B", "--roles", "admin")
    ctl(server.database, "user", "invite", name, "x@y", "--name", "X", "--roles", "king", code=64)
    who = [event for event in events(server, name) if event[0] in (22, 25, 26)]
    assert len(who) == 3 and all(actor is None and "medsynqctl (" in said for _, actor, said in who)


def ctl_fails(server, *arguments):
    run = subprocess.run([built(), "--database", str(server.database), *arguments],
                         capture_output=True, text=True, timeout=60)
    assert run.returncode == 1
    return run.stderr


def test_a_forgotten_password_is_set_by_a_link(server, clinic):
    said = ctl(server.database, "user", "reset", clinic.organisation, clinic.email)
    person = server.client()
    assert person.submit(link_of(said), password=OTHER).status == 303
    assert server.client().log_in(clinic.organisation, password=PASSWORD).status == 422
    assert server.client().log_in(clinic.organisation, password=OTHER).status == 303


def test_a_lost_second_factor_is_removed(server, clinic):
    set_up(clinic)
    person, = json.loads(ctl(server.database, "user", "list", clinic.organisation, "--json"))
    assert person["second_factor"]
    ctl(server.database, "user", "second-factor-off", clinic.organisation, clinic.email)
    person, = json.loads(ctl(server.database, "user", "list", clinic.organisation, "--json"))
    assert not person["second_factor"]
    assert clinic.get("/dashboard").status == 303  # its sessions end
    assert server.client().log_in(clinic.organisation).location == "/dashboard"


def test_a_secret_that_cannot_be_read_is_named(server, clinic, tmp_path):
    assert "secret file" in ctl_fails(server, "--secret", str(tmp_path / "none"), "user", "reset",
                                      clinic.organisation, clinic.email)
