"""What a person typed while the session ended is kept for that person, and for nobody else."""
import re
import sqlite3
import time
from contextlib import closing

import pytest

from harness import PASSWORD, until
from test_ctl import ctl
from test_two_factor import code_at, now_step, set_up

TYPED = "Zoë Typed & <kept>"


@pytest.fixture
def short(make_server):
    return make_server("MedSynQSessionTimeout 1s 1h")


def form_of(client, path="/patients/new", **typed):
    """The fields of a form that is open in the browser, filled in."""
    return {**client.get(path).page.fields, **typed}


def expire(server, client):
    """Wait until the session has expired, without touching it: a request would prolong it."""
    end = time.monotonic() + 1.2
    until(lambda: time.monotonic() > end, "the idle limit passes")


def park(server, client, **typed):
    form = form_of(client, **{"name": TYPED, "notes": "line one\nline two", **typed})
    expire(server, client)
    return client.post("/patients/new", form), form


def rows(server):
    with closing(sqlite3.connect(server.database)) as db:
        return db.execute("SELECT sealed FROM parked_forms WHERE discarded = 0").fetchall()


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
    assert page.status == 200 and "Check it, then send it again" in page.page.text
    assert "Add patient" in page.page.text and "Date of birth" in page.page.text
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
    links = [link for link in page.page.links if link.startswith("/parked?form=")]
    assert [clinic.get(link).page.fields["name"] for link in links] == [TYPED, "Second Form"]
    gone = links[0].split("=")[1]
    token = page.page.fields["csrf_token"]
    assert clinic.post(f"/parked/{gone}/discard", {"csrf_token": token}).status == 303
    assert clinic.post(f"/parked/{gone}/discard", {"csrf_token": token}).status == 404
    assert len(rows(short)) == 1
    shown = clinic.get("/parked?discarded=1")
    assert "Discarded." in shown.page.text and "Second Form" in shown.text and "Zoë" in shown.text
    assert clinic.get("/parked").page.fields["name"] == "Second Form"  # what is discarded is in nobody's way
    back = clinic.post(f"/parked/{gone}/undo", {"csrf_token": token})
    assert (back.status, clinic.get(back.location).page.fields["name"]) == (303, TYPED)
    assert len(rows(short)) == 2 and "Discarded" not in clinic.get("/parked").page.text


def test_what_was_discarded_last_can_be_brought_back_and_found_again(short):
    clinic = short.organisation()
    park(short, clinic)
    clinic.log_in(clinic.organisation)
    discard = re.search(r'action="(/parked/[^"]+/discard)"', clinic.get("/parked").text)[1]
    elsewhere = short.client()
    elsewhere.log_in(clinic.organisation)
    answer = clinic.submit(discard, page="/account")
    assert clinic.get(answer.location).status == 200
    clinic.log_in(clinic.organisation)
    assert "/parked" in clinic.get("/account").page.links and "/parked" not in elsewhere.get("/account").page.links
    assert elsewhere.get("/parked").location == "/dashboard"
    assert clinic.submit(discard.replace("discard", "undo"), page="/parked").status == 303
    page = clinic.get("/parked").page.fields
    assert page["name"] == TYPED
    assert clinic.post("/patients/new", page).status == 303
    assert "/parked" not in clinic.get("/account").page.links


def test_nothing_is_parked_without_a_token_of_that_person(short):
    clinic = short.organisation()
    form = form_of(clinic, name=TYPED)
    expire(short, clinic)
    assert clinic.post("/patients/new", {**form, "csrf_token": "A" * 107}).location == \
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


def forms_of_ours(client, path):
    """{where a form of a table goes: what is typed into it}"""
    return {
        f"{path}/edit": {**client.get(f"{path}/edit").page.fields, "name": TYPED},
        f"{path}/archive": {"reason": TYPED, "version": "1"},
        f"{path}/notes": {"content": TYPED, "draft": "1"},
        "/users/invite": {**client.get("/users/invite").page.fields, "name": TYPED,
                          "email": "new@example.org", "role": "clinician"},
        "/organisation": {**client.get("/organisation").page.fields,
                          "two_factor_from": "2031-05-06"},
        "/patients/new": {**client.get("/patients/new").page.fields, "name": TYPED}}


def changes(server):
    """What the trail has, but for the records that were shown."""
    with closing(sqlite3.connect(server.database)) as db:
        return db.execute("SELECT action, count(*) FROM audit_events WHERE action <> 6 "
                          "GROUP BY action").fetchall()


def test_each_form_comes_back_as_itself_and_nothing_is_done(short):
    clinic = short.organisation()
    path = clinic.add_patient("Ann")
    for where, typed in forms_of_ours(clinic, path).items():
        typed["csrf_token"] = clinic.token("/logout")
        expire(short, clinic)
        assert clinic.post(where, typed).location == "/login?next=/parked", where
        assert clinic.log_in(clinic.organisation).location == "/parked", where
        before = changes(short)
        page = clinic.get("/parked")
        assert page.status == 200 and "Check it, then send it again" in page.page.text, where
        assert changes(short) == before, where
        assert f'action="{where}"' in page.text, where
        assert "Send it now" not in page.text, where  # the page of bare fields
        for name, value in typed.items():
            if name not in ("csrf_token", "draft", "role") and value:
                assert page.page.fields[name] == value, (where, name)
        gone = page.page.fields["parked"]
        assert clinic.post(f"/parked/{gone}/discard",
                           {"csrf_token": page.page.fields["csrf_token"]}).status == 303
        assert rows(short) == [], where


def test_a_form_that_is_none_of_a_table_comes_back_field_by_field(short):
    clinic = short.organisation()
    token = clinic.token("/logout")
    expire(short, clinic)
    where = "/users/01980000-0000-7000-8000-000000000000/roles"
    assert clinic.post(where, {"csrf_token": token, "role": "auditor"}).location == \
        "/login?next=/parked"
    clinic.log_in(clinic.organisation)
    page = clinic.get("/parked")
    assert f'action="{where}"' in page.text and "Send it now" in page.page.text


def test_a_record_that_is_gone_meanwhile_does_not_swallow_the_form(short):
    clinic = short.organisation()
    token = clinic.token("/logout")
    expire(short, clinic)
    where = "/patients/01980000-0000-7000-8000-000000000000/notes"
    clinic.post(where, {"csrf_token": token, "content": TYPED})
    clinic.log_in(clinic.organisation)
    page = clinic.get("/parked")
    assert page.status == 200 and "Zoë" in page.text and f'action="{where}"' in page.text


def test_a_fault_found_after_the_confirmation_keeps_what_was_typed(short):
    clinic = short.organisation()
    park(short, clinic, date_of_birth="31 February 1980")
    clinic.log_in(clinic.organisation)
    page = clinic.get("/parked")
    assert "does not exist" in page.page.text and page.page.fields["name"] == TYPED
    answer = clinic.post("/patients/new", page.page.fields)
    assert answer.status == 422 and answer.page.fields["name"] == TYPED
    assert rows(short) == []  # it is on the page now
    answer = clinic.post("/patients/new", {**answer.page.fields, "date_of_birth": "1980"})
    assert answer.status == 303


def test_a_change_meanwhile_is_told_after_the_confirmation(short):
    clinic = short.organisation()
    path = clinic.add_patient("Ann")
    form = form_of(clinic, f"{path}/edit", name=TYPED)
    colleague = short.client()
    colleague.log_in(clinic.organisation)
    assert colleague.submit(f"{path}/edit", name="Anna").status == 303
    expire(short, clinic)
    assert clinic.post(f"{path}/edit", form).location == "/login?next=/parked"
    clinic.log_in(clinic.organisation)
    page = clinic.get("/parked")
    assert page.page.fields["name"] == TYPED and page.page.fields["version"] == form["version"]
    answer = clinic.post(f"{path}/edit", page.page.fields)
    assert answer.status == 409 and "Zoë" in answer.text and "Anna" in answer.text
    assert rows(short) == []


def test_a_second_factor_comes_in_between_and_the_form_after_it(short):
    clinic = short.organisation()
    secret, _ = set_up(clinic)
    clinic.log_in(clinic.organisation)
    assert clinic.submit("/login/code", code=code_at(secret, now_step())).status == 303
    park(short, clinic)
    assert clinic.log_in(clinic.organisation).location == "/login/code"
    assert clinic.get("/parked").location.startswith("/login")  # not signed in yet
    answer = clinic.submit("/login/code", code=code_at(secret, now_step() + 1))
    assert (answer.status, answer.location) == (303, "/parked")
    assert clinic.get("/parked").page.fields["name"] == TYPED


def age(server, hours=2):
    with closing(sqlite3.connect(server.database)) as db, db:
        db.execute("UPDATE parked_forms SET expires_at = expires_at - ?", (hours * 3600 * 10**6,))


def test_after_an_hour_it_is_gone(short):
    clinic = short.organisation()
    park(short, clinic)
    with closing(sqlite3.connect(short.database)) as db:
        expires, = db.execute("SELECT expires_at FROM parked_forms").fetchone()
    assert 3500 < expires / 10**6 - time.time() <= 3600
    age(short)
    assert clinic.log_in(clinic.organisation).location == "/dashboard"
    assert clinic.get("/parked").location == "/dashboard"


def test_a_reload_removes_what_is_expired_of_every_organisation(short):
    park(short, short.organisation())
    age(short)
    other = short.organisation()
    park(short, other)
    assert len(rows(short)) == 2
    short.reload()
    assert len(rows(short)) == 1
    other.log_in(other.organisation)
    assert other.get("/parked").page.fields["name"] == TYPED


def test_no_more_than_200_wait_in_an_organisation(short):
    clinic = short.organisation()
    _, form = park(short, clinic)
    with closing(sqlite3.connect(short.database)) as db, db:
        for n in range(199):  # of somebody else
            db.execute("INSERT INTO parked_forms SELECT tenant_id, id, randomblob(16), ?, x'00', 0 "
                       "FROM users WHERE tenant_id <> 0 LIMIT 1", (int(time.time() + 3000) * 10**6,))
    answer = clinic.post("/patients/new", {**form, "name": "One Too Many"})
    assert answer.status == 503 and "One Too Many" in answer.text
    assert len(rows(short)) == 200


def test_no_more_than_128_kb_wait_of_one_form(make_server):
    server = make_server("MedSynQSessionTimeout 1s 1h\nMedSynQMaxBody 400000")
    clinic = server.organisation()
    _, form = park(server, clinic, notes="x" * 130000)
    assert len(rows(server)) == 1
    answer = clinic.post("/patients/new", {**form, "notes": "y" * 131072})
    assert answer.status == 503 and "y" * 131072 in answer.text
    assert len(rows(server)) == 1
