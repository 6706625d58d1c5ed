"""Organisations whose names look the same are one to everybody who types or reads them."""
import os
import re
import sqlite3
from contextlib import closing

import pytest

from harness import PASSWORD
from test_people import invite


def register(server, name):
    return server.client().submit("/register-tenant", tenantName=name, adminName="Ada Admin",
                                  adminEmail="ada@example.org", adminPassword=PASSWORD)


@pytest.mark.parametrize("made,other", [
    ("{} Lake Clinic", "{} L\u0430ke Clinic"), ("{} Lake Clinic", "{}\u00a0LAKE  clinic."),
    ("{} Lake Clinic", "{}-Lake\u2013Clinic"), ("{} O'Brien", "{} O\u2019Brien"),
    ("{} AI Clinic", "{} Al Clinic"), ("{} Lake Clinic", "{} Lake Clinic\ue000"),
    ("{} Lake Clinic", "{} Lake Clinic\u0378"), ("{} Lake Clinic", "{} \uff2c\uff41\uff4b\uff45 Clinic"),
    ("{} Lake Clinic", "{} Lake\u3164Clinic"), ("{} Lake Clinic", "{} Lake\u2800Clinic"),
    ("{} Ward 10", "{} Ward lO")])
def test_a_name_that_looks_the_same_is_taken_and_opens_the_door(server, made, other):
    mark = os.urandom(5).hex() + "x"
    clinic = server.organisation(made.format(mark))
    answer = register(server, other.format(mark))
    assert answer.status == 422 and "of this name already" in answer.page.text
    assert server.client().log_in(other.format(mark)).status == 303
    assert clinic.get("/dashboard").status == 200


@pytest.mark.parametrize("made,other", [
    ("{} Hill Clinic", "{} \u041dill Clinic"), ("{} Birch Clinic", "{} \u0392irch Clinic"),
    ("{} \u041dill Clinic", "{} Hill Clinic"), ("{} Hill Clinic", "{} \u041dILL CLINIC")])
def test_a_capital_of_another_script_makes_no_other_name(server, made, other):
    mark = os.urandom(5).hex() + "x"
    server.organisation(made.format(mark))
    answer = register(server, other.format(mark))
    assert answer.status == 422 and "of this name already" in answer.page.text


@pytest.mark.parametrize("name", ["...", "- - -", "\u3164", "\u2800", "''", "\ue000"])
def test_a_name_of_which_nothing_is_seen_is_none(server, name):
    answer = register(server, name)
    assert answer.status == 422 and "organisation" in answer.page.text


def test_another_way_to_write_the_name_gives_no_further_tries(make_server):
    server = make_server("MedSynQLoginThrottle 4 1000")
    clinic = server.organisation("Lake Side Clinic")
    for name in ("Lake Side Clinic", "lake-side clinic", "LakeSide\u00a0Clinic", "Lake Side C1inic"):
        assert server.client().log_in(name, password="not the right one").status == 422
    assert server.client().log_in("Lake-Side-Clinic", password="not the right one").status == 429
    assert clinic.get("/dashboard").status == 200


def test_of_two_that_are_there_already_each_keeps_its_people(make_server):
    server = make_server()
    first, second = server.organisation("Lake Clinic"), server.organisation("Hill Clinic", email="b@example.org")
    server.stop()
    with closing(sqlite3.connect(server.database)) as db, db:
        db.execute("UPDATE tenants SET look_key = NULL, sight_key = NULL")  # as the program before this one left them
        db.execute("UPDATE tenants SET name = 'L\u0430ke Clinic', name_key = 'l\u0430ke clinic' WHERE name = 'Hill Clinic'")
    server.start()
    with closing(sqlite3.connect(server.database)) as db:
        assert db.execute("SELECT name, look_key IS NULL AND sight_key IS NULL FROM tenants WHERE tenant_id <> 0 ORDER BY created_at"
                          ).fetchall() == [("Lake Clinic", 0), ("L\u0430ke Clinic", 1)]
    assert first.log_in("Lake Clinic").status == 303
    assert first.log_in("LAKE-CLINIC").status == 303
    assert second.log_in("L\u0430ke Clinic", email="b@example.org").status == 303
    assert register(server, "Lake clinic").status == 422


@pytest.mark.parametrize("name", ["{} Lake Clinic", "{} Dr O'Brien's Practice", "{}-Lake–Side Clinic", "{} 診療所 العيادة",
                                  "{} 100 % & more?", "{}", "{} A.B. Clinic."])
def test_an_organisation_has_a_log_in_address_of_its_own(server, name):
    clinic = server.organisation(name.format(os.urandom(5).hex() + "x"))
    href = re.search(r'<a href="http://[^"/]*(/login/[^"]+)"', clinic.get("/organisation").text)[1]
    assert " " not in href and f"{href}<" in clinic.get("/users").text
    stranger = server.client()
    page = stranger.get(href)
    fields = page.page.fields
    assert page.status == 200 and re.search(r'name="email"[^>]*autofocus', page.text)
    assert stranger.post("/login", {**fields, "email": "admin@example.org", "password": PASSWORD}).status == 303


@pytest.mark.parametrize("name", ["{} Lake Clinic", "{}-Jan", "Sint-Jan {}-Clinic", "{} - Lake", "{}--Lake", "-{} -Lake- x"])
def test_a_log_in_address_fills_in_the_name_as_it_is_written(server, name):
    clinic = server.organisation(name.format(os.urandom(5).hex() + "x"))
    href = re.search(r'<a href="http://[^"/]*(/login/[^"]+)"', clinic.get("/organisation").text)[1]
    assert server.client().get(href).page.fields["tenantName"] == clinic.organisation
    typed = "/login/" + clinic.organisation.replace(" ", "-")  # or as it is read out
    fields = server.client().get(typed).page.fields
    stranger = server.client()
    assert stranger.log_in(fields["tenantName"]).status == 303
    stranger.log_out()
    assert stranger.get(typed).page.fields["tenantName"] == clinic.organisation  # remembered by now
    assert stranger.get("/login/Another").page.fields["tenantName"] == "Another"


def test_a_log_in_address_tells_nobody_which_organisations_there_are(server, clinic):
    there, none = (server.client().get("/login/" + name.replace(" ", "-")).page.text
                   for name in (clinic.organisation, f"No {clinic.organisation}"))
    assert there == none
    with closing(sqlite3.connect(server.database)) as db:
        before = db.execute("SELECT count(*) FROM audit_events").fetchone()
        for path in ("/login/" + "x" * 300, "/login/%01", "/login/%E2%80%AE", "/login/--", "/login/...", "/login/%3Cb%3E"):
            answer = server.client().get(path)
            assert answer.status in (200, 400) and "<b>" not in answer.text, path
        assert db.execute("SELECT count(*) FROM audit_events").fetchone() == before


@pytest.mark.parametrize("name", ["code", "{} Hill / Lake", "{} Hill \\ Lake"])
def test_a_name_that_no_path_carries_has_the_address_of_all(make_server, name):
    clinic = make_server().organisation(name.format("The"))
    assert re.search(r'<a href="http://[^"/]*(/login)"', clinic.get("/organisation").text)


def test_the_invitation_says_where_to_log_in_later(server, clinic):
    link = invite(clinic)
    href = "/login/" + clinic.organisation.replace(" ", "-")
    assert f'href="{href}"' in server.client().get(link).text
    assert server.client().submit(link, password=PASSWORD).status == 303
    assert f'href="{href}"' in server.client().get(link).text  # accepted already: there it goes on
