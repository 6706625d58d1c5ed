"""One form, one effect: whoever sends it again is led to what it has made, and nothing is lost."""
import json
import os
import re
import sqlite3
import subprocess
import threading
from contextlib import closing

import pytest

from harness import FLAVOUR, PASSWORD, TOP
from test_emergency import allow
from test_parking import expire
from test_partners import linked
from test_referrals import REFER


def count(server, table, where="1 = 1"):
    with closing(sqlite3.connect(server.database)) as db:
        return db.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()[0]


def six_at_once(server, client, send):
    """The answers to six clicks from connections of their own that begin together."""
    start = threading.Barrier(6)
    answers = []

    def click():
        one = server.client()
        one.cookies = dict(client.cookies)
        one.get("/dashboard")
        start.wait()
        answers.append(send(one))
    threads = [threading.Thread(target=click) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def form(client, page, **typed):
    return {**client.get(page).page.fields, **typed}


def multipart(fields, content, name="people.csv"):
    edge = "edge7f3a"
    parts = "".join(f'--{edge}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'
                    for k, v in fields.items())
    return (f'{parts}--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            f"Content-Type: text/csv\r\n\r\n{content}\r\n--{edge}--\r\n",
            {"Content-Type": f"multipart/form-data; boundary={edge}"})


def upload(client, fields, content="name\nAnna Muster\n", **more):
    body, headers = multipart({k: v for k, v in fields.items() if k.endswith("_token")}, content, **more)
    return client.request("POST", "/patients/import", body, headers)


@pytest.fixture
def clinic(server):
    return server.organisation()


def test_six_clicks_at_once_add_one_patient_and_all_lead_there(server, clinic):
    name = f"Six {os.urandom(4).hex()}"
    typed = form(clinic, "/patients/new", name=name, date_of_birth="1984-03-04", notes="first visit")
    answers = six_at_once(server, clinic, lambda one: one.post("/patients/new", typed))
    assert {answer.status for answer in answers} == {303}
    assert len({answer.location for answer in answers}) == 1
    assert count(server, "patients", f"name = '{name}'") == 1
    assert clinic.get(answers[0].location).text.count("first visit") == 1


def test_one_after_the_other_is_not_asked_whether_it_is_a_double_of_itself(clinic):
    typed = form(clinic, "/patients/new", name="Again Anna", date_of_birth="1984-03-04")
    first = clinic.post("/patients/new", typed)
    second = clinic.post("/patients/new", typed)
    assert (first.status, second.status) == (303, 303) and second.location == first.location


def test_a_form_that_came_back_and_its_earlier_page_are_one_form(clinic):
    typed = form(clinic, "/patients/new", name="", date_of_birth="1984-03-04")
    back = clinic.post("/patients/new", typed)
    assert back.status == 422
    assert back.page.fields["form_token"] == typed["form_token"]
    made = clinic.post("/patients/new", {**back.page.fields, "name": "Mended Form"})
    assert made.status == 303
    assert clinic.post("/patients/new", {**typed, "name": "Mended Form"}).location == made.location


def test_two_namesakes_on_one_day_are_added_on_purpose(server, clinic):
    name = f"Name Sake {os.urandom(4).hex()}"
    first = clinic.add_patient(name, date_of_birth="1984-03-04")
    typed = form(clinic, "/patients/new", name=name, date_of_birth="1984-03-04")
    warning = clinic.post("/patients/new", typed)
    assert warning.status == 200 and "duplicates_seen" in warning.page.fields
    second = clinic.post("/patients/new", warning.page.fields)
    assert second.status == 303 and second.location != first
    assert clinic.post("/patients/new", warning.page.fields).location == second.location
    assert count(server, "patients", f"name = '{name}'") == 2


def test_another_name_typed_after_back_comes_back_as_a_new_form(server, clinic):
    names = [f"{word} {os.urandom(4).hex()}" for word in ("Before", "After")]
    typed = form(clinic, "/patients/new", name=names[0])
    first = clinic.post("/patients/new", typed)
    back = clinic.post("/patients/new", {**typed, "name": names[1]})
    assert back.status == 409 and "sent before" in back.page.text
    assert first.location in back.page.links
    assert back.page.fields["name"] == names[1]
    assert back.page.fields["form_token"] != typed["form_token"]
    assert count(server, "patients", f"name = '{names[1]}'") == 0
    second = clinic.post("/patients/new", back.page.fields)
    while second.status == 200:
        second = clinic.post("/patients/new", second.page.fields)
    assert second.status == 303 and second.location != first.location
    assert count(server, "patients", f"name = '{names[1]}'") == 1


def test_a_form_without_a_token_has_its_effect_each_time(server, clinic):
    name = f"Plain {os.urandom(4).hex()}"
    for path in (clinic.add_patient(name), clinic.add_patient(name)):
        for fields in ({"content": "plain note", "sign": "1"},) * 2:
            token = clinic.get(path).page.fields["csrf_token"]
            assert clinic.post(f"{path}/notes", {"csrf_token": token, **fields}).status == 303
        assert clinic.get(path).text.count("plain note") == 2
    assert count(server, "patients", f"name = '{name}'") == 2


def test_a_note_a_draft_and_an_addendum_are_written_once(server, clinic):
    path = clinic.add_patient(f"Noted {os.urandom(4).hex()}")
    page = clinic.get(path).page.fields
    tokens = {k: page[k] for k in ("csrf_token", "form_token")}
    six_at_once(server, clinic,
                lambda one: one.post(f"{path}/notes", {**tokens, "content": "signed text", "sign": "1"}))
    text = clinic.get(path).text
    assert text.count("signed text") == 1
    written = re.search(r'href="([^"]+write=[^"]+)#', text)[1].replace("&amp;", "&")
    addendum = next(f["action"] for f in clinic.get(written).page.forms if f["action"].endswith("/addendum"))
    # the same page's token, but another form of it
    answers = six_at_once(server, clinic, lambda one: one.post(addendum, {**tokens, "content": "added text"}))
    assert {answer.status for answer in answers} == {303}
    led, = {answer.location for answer in answers}  # all of them to what was made
    assert led.startswith(f"{path}#note-")
    tokens["form_token"] = clinic.get(path).page.fields["form_token"]
    draft = {**tokens, "content": "draft text", "draft": "1"}
    led, = {clinic.post(f"{path}/notes", draft).location for _ in range(2)}
    assert led.startswith(f"{path}#note-")
    text = clinic.get(path).text
    assert text.count("added text") == 1 and text.count("draft text") == 1
    other = clinic.post(f"{path}/notes", {**draft, "content": "draft text, longer"})
    assert other.status == 409 and other.page.fields["content"] == "draft text, longer"


def test_an_invitation_is_made_once_and_its_link_goes_on_working(server, clinic):
    typed = form(clinic, "/users/invite", name="Irma", email="irma@example.org", role="clinician",
                 password=PASSWORD)
    answers = six_at_once(server, clinic, lambda one: (one.post("/users/invite", typed), one))
    assert {answer.status for answer, _ in answers} == {303}
    links = [link for answer, one in answers
             for link in re.findall('value="http://[^"/]*(/invitations/[^"]+)"', one.get(answer.location).text)]
    assert len(links) == 1
    assert server.client().get(links[0]).status == 200
    assert count(server, "invitations", "email = 'irma@example.org' AND tenant_id = "
                 f"(SELECT tenant_id FROM tenants WHERE name = '{clinic.organisation}')") == 1
    assert "invited already" in clinic.get("/users?invited=before").page.text


def test_a_file_is_taken_once_and_another_file_is_another_import(server, clinic):
    fields = form(clinic, "/patients/import")
    answers = six_at_once(server, clinic, lambda one: upload(one, fields))
    assert {answer.status for answer in answers} == {303}
    assert len({answer.location for answer in answers}) == 1
    assert clinic.get(answers[0].location).status == 200
    other = upload(clinic, fields, "name\nBerta Muster\n")
    assert other.status == 303 and other.location != answers[0].location
    broken = upload(clinic, fields, "name\n")
    assert broken.status == 422 and broken.page.fields["form_token"] != fields["form_token"]


def test_a_form_that_was_saved_and_then_parked_is_not_saved_again(make_server):
    server = make_server("MedSynQSessionTimeout 1s 1h")
    clinic = server.organisation()
    typed = form(clinic, "/patients/new", name="Parked Paula")
    first = clinic.post("/patients/new", typed)
    expire(server, clinic)
    assert clinic.post("/patients/new", typed).location == "/login?next=/parked"
    clinic.log_in(clinic.organisation)
    shown = clinic.get("/parked")
    assert shown.page.fields["form_token"] == typed["form_token"]
    again = clinic.post("/patients/new", shown.page.fields)
    assert (again.status, again.location) == (303, first.location)
    assert clinic.get("/parked").location == "/dashboard"
    assert count(server, "patients") == 1


def test_the_same_token_of_another_organisation_or_person_is_no_obstacle(server, clinic):
    other = server.organisation()
    name = f"Shared {os.urandom(4).hex()}"
    typed = form(clinic, "/patients/new", name=name)
    first = clinic.post("/patients/new", typed)
    second = other.post("/patients/new", {**typed, "csrf_token": other.token("/patients/new")})
    assert second.status == 303 and second.location != first.location
    assert clinic.get(second.location).status == 404
    assert count(server, "patients", f"name = '{name}'") == 2


def test_what_is_kept_of_a_form_names_nobody_and_goes_after_a_day(server, clinic):
    clinic.post("/patients/new", form(clinic, "/patients/new", name="Wanda Unforgettable"))
    with closing(sqlite3.connect(server.database)) as db:
        rows = db.execute("SELECT token, content, result FROM form_uses").fetchall()
        assert rows and not any(b"Wanda" in bytes(value or b"") for row in rows for value in row)
        with db:
            db.execute("UPDATE form_uses SET used_at = used_at - 86400 * 1000000 WHERE tenant_id = (SELECT tenant_id "
                       "FROM tenants WHERE name = ?)", (clinic.organisation,))
    clinic.post("/patients/new", form(clinic, "/patients/new", name="Another One"))
    assert count(server, "form_uses", "tenant_id = (SELECT tenant_id FROM tenants "
                 f"WHERE name = '{clinic.organisation}')") == 1


def test_each_form_that_creates_carries_a_token(server, clinic):
    routes = json.loads(subprocess.check_output(
        [TOP / "build" / FLAVOUR / "medsynqctl", "--json", "routes"]))
    creating = {row["pattern"] for row in routes if row.get("once")}
    chart = ("allergies", "medicines", "problems")
    assert creating == {"/patients/new", "/patients/{id}/notes", "/patients/{id}/notes/{note}/addendum",
                        "/users/invite", "/patients/import", *(f"/patients/{{id}}/{kind}" for kind in chart),
                        "/patients/{id}/merge", "/patients/{id}/unmerge", "/partners",
                        "/patients/{id}/consents", "/referrals/new", "/emergency", "/referrals/{id}/register",
                        *(f"/referrals/{{id}}/{verb}" for verb in ("accept", "decline", "start", "complete", "cancel", "message"))}
    other = server.organisation()
    link = linked(clinic, other)
    assert allow(clinic, link).status == 303
    referral = other.post("/referrals/new", {
        "csrf_token": other.token("/account"), "partner": link.rsplit("/", 1)[1], **REFER,
        "patient": other.add_patient("Walked Over").split("?")[0].rsplit("/", 1)[1]}).location
    steps = {}
    for verb in "accept", "start", "complete":
        page = clinic.get(referral)
        for part in page.text.split("<form ")[1:]:
            steps[part.split('action="')[1].split('"')[0].rsplit("/", 1)[1]] = 'name="form_token" value="' in part
        assert clinic.post(f"{referral}/{verb}", {**page.page.fields, "reply": "All is well."}).status == 303
    assert 'name="form_token" value="' in clinic.get(referral + "/register").text
    assert all(steps.pop(verb) for verb in ("accept", "decline", "start", "complete", "cancel", "message"))
    path = clinic.add_patient("Walked Through")
    tokens = clinic.get(path).page.fields
    clinic.post(f"{path}/notes", {**tokens, "content": "to be added to", "sign": "1"})
    other = clinic.add_patient("Walked Along").split("?")[0]
    merging = f"merge?other={other.rsplit('/', 1)[1]}"
    form = clinic.get(f"{path}/{merging}")
    assert 'name="form_token" value="' in form.text
    assert clinic.post(f"{path}/merge", form.page.fields).status == 303
    assert 'name="form_token" value="' in clinic.get(f"{path}/un{merging}").text
    seen = {"/patients/{id}/merge", "/patients/{id}/unmerge"} | {row for row in creating if row.startswith("/referrals/{id}/")}
    written = re.search(r'href="([^"]+write=[^"]+)#', clinic.get(path).text)[1].replace("&amp;", "&")
    for page in ("/patients/new", path, written, "/users/invite", "/patients/import", "/partners", "/emergency",
                 f"{path}/consents", f"/referrals/new?patient={path.split('?')[0].rsplit('/', 1)[1]}",
                 *(f"{path}/{kind}" for kind in chart)):
        text = clinic.get(page).text
        for part in text.split("<form ")[1:]:
            action = part.split('action="')[1].split('"')[0]
            parts = action.replace(path, "/patients/{id}").split("/")
            if len(parts) == 6:
                parts[4] = "{note}"
            if "/".join(parts) in creating:
                assert 'name="form_token" value="' in part.split("</form>")[0], action
                seen.add("/".join(parts))
    assert seen == creating


def test_a_second_click_on_create_organisation_leads_where_the_first_did(server):
    one, name = server.client(), f"Twice {os.urandom(4).hex()}"
    typed = form(one, "/register-tenant", tenantName=name, adminName="Ada", adminEmail="ada@example.org",
                 adminPassword=PASSWORD)
    start, answers = threading.Barrier(2), []

    def click():
        client = server.client()
        client.cookies = dict(one.cookies)
        client.get("/login")
        start.wait()
        answers.append((client.post("/register-tenant", typed), client))
    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for answer, _ in answers:
        assert (answer.status, answer.location) == (303, "/dashboard"), answer.text
    # of one form the later session stays: its cookie is the one that a browser has
    assert any(name in client.get("/dashboard").text for _, client in answers)
    late = server.client()
    late.cookies = dict(one.cookies)
    assert late.post("/register-tenant", typed).location == "/dashboard"
    assert count(server, "tenants", f"name = '{name}'") == 1
    # nobody gets in by the name alone: neither by another form, nor with something else typed, nor another password
    fresh = form(server.client(), "/register-tenant")["form_token"]
    for other in ({"form_token": fresh}, {"form_token": ""}, {"adminName": "Eve"}, {"adminEmail": "eve@example.org"},
                  {"adminPassword": "quite another long phrase"}):
        stranger = server.client()
        stranger.cookies = dict(one.cookies)
        answer = stranger.post("/register-tenant", {**typed, **other})
        assert answer.status == 422 and "already" in answer.page.text, other
        assert stranger.get("/dashboard").status == 303


def test_a_second_factor_is_asked_for_however_the_form_was_sent(server):
    from test_two_factor import set_up
    one, name = server.client(), f"Factor {os.urandom(4).hex()}"
    typed = form(one, "/register-tenant", tenantName=name, adminName="Ada", adminEmail="ada@example.org",
                 adminPassword=PASSWORD)
    before = dict(one.cookies)
    assert one.post("/register-tenant", typed).location == "/dashboard"
    set_up(one)
    late = server.client()
    late.cookies = before
    assert late.post("/register-tenant", typed).status == 422
    assert late.get("/dashboard").status == 303
