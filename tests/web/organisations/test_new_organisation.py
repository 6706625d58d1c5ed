"""A new organisation says how it writes dates and where its clock is; until it has, nothing is guessed."""
import os
import sqlite3
from contextlib import closing

import pytest

from harness import PASSWORD
from test_ctl import ctl


def founded(server, **chosen):
    client = server.client()
    client.organisation = f"Clinic {os.urandom(6).hex()}"
    answer = client.submit("/register-tenant", tenantName=client.organisation, adminName="Ada Admin",
                           adminEmail="ada@example.org", adminPassword=PASSWORD, **chosen)
    assert answer.status == 303, answer.page.text
    return client


@pytest.mark.parametrize("order, born", [("1", "1961-03-04"), ("2", "1961-03-04"), ("3", "1961-04-03")])
def test_dates_are_read_as_it_was_said_when_it_was_made(server, order, born):
    client = founded(server, dateFormat=order, timeZone="America/New_York")
    path = client.add_patient("Ana Lima", date_of_birth="04/03/1961")
    assert f'datetime="{born}"' in client.get(path).text
    settings = client.get("/organisation").text
    assert '<option value="America/New_York" selected' in settings
    assert f'<option value="{order}" selected' in settings
    names = {"1": "d.m.y", "2": "d/m/y", "3": "m/d/y"}
    assert f"dates {names[order]}, time-zone America/New_York" in client.get("/audit/export.csv").text


@pytest.mark.parametrize("chosen", [{}, {"dateFormat": "", "timeZone": ""}, {"dateFormat": "0"}])
def test_until_it_has_said_so_a_date_with_two_readings_is_asked_back(server, chosen):
    client = founded(server, **chosen)
    answer = client.submit("/patients/new", name="Ana Lima", date_of_birth="04/03/1961")
    assert answer.status == 422
    assert "Is this 4 Mar 1961 or 3 Apr 1961?" in answer.page.text


@pytest.mark.parametrize("wrong", [{"timeZone": "Mars/Olympus"}, {"dateFormat": "7"}])
def test_what_is_none_of_the_list_is_said(server, wrong):
    answer = server.client().submit("/register-tenant", tenantName="Elsewhere", adminName="Ada Admin",
                                    adminEmail="ada@example.org", adminPassword=PASSWORD, **wrong)
    assert answer.status == 422 and "choose one of the list" in answer.page.text


def test_the_command_asks_for_them_too(server):
    name = f"Clinic {os.urandom(6).hex()}"
    new = ("org", "create", name, "--admin", "Ada", "--email", "ada@example.org")
    for wrong in (("--dates", "y/d/m"), ("--zone", "Mars/Olympus")):
        ctl(server.database, *new, *wrong, code=64)
    ctl(server.database, *new, "--zone", "Europe/Berlin", "--dates", "d.m.y")
    with closing(sqlite3.connect(server.database)) as db:
        assert db.execute("SELECT date_format, time_zone FROM tenants WHERE name = ?", (name,)).fetchone() == \
            (1, "Europe/Berlin")
