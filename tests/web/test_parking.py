"""What a person typed while the session expired is kept for that person, and for nobody else."""
import sqlite3
from contextlib import closing

import pytest

from harness import PASSWORD, until
from test_ctl import ctl

TYPED = "Zoë Typed & <kept>"


@pytest.fixture
def short(make_server):
    return make_server("MedSynQSessionTimeout 1s 1h")


def form_of(client, path="/patients/new", **typed):
    """The fields of a form that is open in the browser, filled in."""
    return {**client.get(path).page.fields, **typed}


def expire(server, client):
    """Wait until the session has expired, without touching it: a request would prolong it."""
    import time
    end = time.monotonic() + 1.2
    until(lambda: time.monotonic() > end, "the idle limit passes")


def park(server, client, **typed):
    form = form_of(client, **{"name": TYPED, "notes": "line one\nline two", **typed})
    expire(server, client)
    return client.post("/patients/new", form), form


def rows(server):
    with closing(sqlite3.connect(server.database)) as db:
        return db.execute("SELECT sealed FROM parked_forms").fetchall()


def test_what_was_typed_is_shown_after_log_in_and_saved_only_when_confirmed(short):
    clinic = short.organisation()
    answer, form = park(short, clinic)
    assert (answer.status, answer.location) == (303, "/login?next=/parked")
    assert "kept for you" in clinic.get(answer.location).page.text
    short_sealed = rows(short)
    assert len(short_sealed) == 1 and b"Typed" not in short_sealed[0][0]
    answer = clinic.submit("/login", page="/login?next=/parked", tenantName=clinic.organisation,
                           email=clinic.email, password=PASSWORD)
    assert answer.location == "/parked"
    page = clinic.get("/parked")
    assert page.page.fields["name"] == TYPED
    assert page.page.fields["notes"].replace("\r\n", "\n") == "line one\nline two"
    assert page.page.fields["csrf_token"] != form["csrf_token"]
    assert "Zoë" not in clinic.get("/patients").text
    answer = clinic.post("/patients/new", page.page.fields)
    assert answer.status == 303 and TYPED.split()[0] in clinic.get(answer.location).text
    assert rows(short) == []
    assert clinic.get("/parked").location == "/dashboard"


def test_another_person_in_the_same_browser_never_sees_it_and_the_first_one_still_does(short):
    other = short.organisation()
    clinic = short.organisation()
    park(short, clinic)
    answer = clinic.submit("/login", page="/login?next=/parked", tenantName=other.organisation,
                           email=other.email, password=PASSWORD)
    assert answer.location == "/dashboard"
    assert clinic.get("/parked").location == "/dashboard"
    assert "Typed" not in clinic.get("/dashboard").text
    clinic.log_out()
    assert clinic.log_in(clinic.organisation).location == "/parked"
    assert clinic.get("/parked").page.fields["name"] == TYPED


def test_the_same_person_in_another_browser_does_not_see_it(short):
    clinic = short.organisation()
    park(short, clinic)
    elsewhere = short.client()
    assert elsewhere.log_in(clinic.organisation).location == "/dashboard"
    assert elsewhere.get("/parked").location == "/dashboard"


def test_a_second_click_parks_once_and_two_forms_both_wait(short):
    clinic = short.organisation()
    answer, form = park(short, clinic)
    assert clinic.post("/patients/new", form).location == answer.location
    assert len(rows(short)) == 1
    clinic.post("/patients/new", {**form, "name": "Second Form"})
    assert len(rows(short)) == 2
    clinic.log_in(clinic.organisation)
    page = clinic.get("/parked")
    assert "Several forms" in page.page.text and "Second Form" in page.text and "Zoë" in page.text
    gone = page.page.fields["parked"]
    token = page.page.fields["csrf_token"]
    assert clinic.post(f"/parked/{gone}/discard", {"csrf_token": token}).status == 303
    assert clinic.post(f"/parked/{gone}/discard", {"csrf_token": token}).status == 404
    assert len(rows(short)) == 1


def test_nothing_is_parked_after_log_out_nor_without_the_sessions_token(short):
    clinic = short.organisation()
    form = form_of(clinic, name=TYPED)
    cookies = dict(clinic.cookies)
    clinic.log_out()
    clinic.cookies = cookies
    assert clinic.post("/patients/new", form).location == "/login?next=/dashboard"
    clinic.log_in(clinic.organisation)
    form = form_of(clinic, name=TYPED)
    expire(short, clinic)
    assert clinic.post("/patients/new", {**form, "csrf_token": "A" * 86}).location == \
        "/login?next=/dashboard"
    assert rows(short) == []


def test_an_expired_session_opens_nothing(short):
    clinic = short.organisation()
    park(short, clinic)
    assert clinic.get("/parked").location.startswith("/login")
    assert clinic.get("/dashboard").location.startswith("/login")


def test_more_than_may_wait_is_given_back_at_once(short):
    clinic = short.organisation()
    _, form = park(short, clinic)
    for i in range(4):
        assert clinic.post("/patients/new", {**form, "name": f"Form {i}"}).status == 303
    answer = clinic.post("/patients/new", {**form, "name": "One Too Many"})
    assert answer.status == 503 and "One Too Many" in answer.text
    assert len(rows(short)) == 5


def test_expired_sessions_make_room_for_the_living(make_server):
    server = make_server("MedSynQSessionTimeout 1s 1h\nMedSynQSessionCache medsynq:16")
    clinic = server.organisation()
    for _ in range(15):
        assert server.client().log_in(clinic.organisation).status == 303
    expire(server, clinic)
    assert server.client().log_in(clinic.organisation).status == 303


def test_a_file_must_be_chosen_again(short):
    clinic = short.organisation()
    clinic.get("/patients/import")
    expire(short, clinic)
    answer = clinic.request("POST", "/patients/import", b"--x--\r\n",
                            {"Content-Type": "multipart/form-data; boundary=x"})
    assert answer.location == "/login?file=again&next=/patients/import"
    assert "choose it again" in clinic.get(answer.location).page.text


def test_a_rotated_secret_still_opens_what_waits(short):
    clinic = short.organisation()
    park(short, clinic)
    ctl(short.database, "secret", "rotate")
    short.reload()
    assert clinic.log_in(clinic.organisation).location == "/parked"
    assert clinic.get("/parked").page.fields["name"] == TYPED
