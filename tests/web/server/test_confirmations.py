"""Every change is confirmed: the page after it says once what was done, with the changed thing in view."""
import json
import re
import subprocess

import pytest

from harness import PASSWORD
from test_ctl import built
from test_people import OTHER, invite

# Where a POST is confirmed by more than a notice, or in the tests of its ward.
ELSEWHERE = ("/login", "/password-reset", "/account/two-factor", "/account/language", "/account/switch",
             "/account/beside", "/parked/", "/users/",
             "/organisation", "/patients/import", "/patients/{id}/notes", "/patients/{id}/merge",
             "/patients/{id}/unmerge", "/patients/{id}/apart", "/patients/{id}/consents", "/partners", "/shared",
             "/referrals", "/emergency", "/emergencies")
HERE = {
    "/login": "the dashboard", "/login/code": "the dashboard", "/password-reset": "its own page says it",
    "/password-reset/{token}": "test_passwords: log-in page", "/account/two-factor": "test_two_factor",
    "/account/two-factor/codes": "test_two_factor", "/account/two-factor/off": "test_two_factor",
    "/patients/import": "the import's state", "/patients/import/{id}/columns": "the import's state",
    "/patients/import/{id}/commit": "the import's state", "/patients/import/{id}/cancel": "the import's state",
    "/patients/import/{id}/discard": "the import's state", "/patients/import/{id}/undo": "the import's state",
    "/patients/{id}/merge": "test_merge", "/patients/{id}/unmerge": "test_merge",
    "/patients/{id}/apart": "test_duplicate_queue", "/patients/{id}/apart/undo": "test_duplicate_queue",
    "/partners": "test_partners", "/partners/code": "test_partners", "/partners/{id}/accept": "test_partners",
    "/partners/{id}/decline": "test_partners", "/partners/{id}/suspend": "test_partners",
    "/partners/{id}/resume": "test_partners", "/partners/{id}/end": "test_partners",
    "/parked/{id}/discard": "test_parking", "/parked/{id}/undo": "test_parking",
    "/users/{id}/disable": "test_people", "/users/{id}/enable": "test_people", "/users/{id}/roles": "test_people",
    "/users/{id}/name": "test_people",
    "/users/{id}/sessions-end": "test_people", "/users/{id}/reset": "test_people",
    "/users/{id}/two-factor-off": "test_people", "/users/{id}/unlock": "test_people",
    "/users/invite": "test_people", "/users/invitations/{id}/revoke": "test_people",
    "/patients/{id}/notes": "test_drafts", "/patients/{id}/notes/{note}": "test_drafts",
    "/patients/{id}/notes/{note}/sign": "test_drafts", "/patients/{id}/notes/{note}/discard": "test_drafts",
    "/patients/{id}/notes/{note}/undo": "test_drafts", "/patients/{id}/notes/{note}/addendum": "test_drafts",
    "/patients/{id}/notes/{note}/error": "test_drafts", "/organisation": "test_language",
    "/account/language": "test_language", "/account/switch": "test_switch"}
HERE = {"/register-tenant", "/logout", "/account/password", "/account/sessions", "/invitations/{token}", "/patients/new",
        "/patients/{id}/edit", "/patients/{id}/archive", "/patients/{id}/restore",
        "/patients/{id}/history/{version}/restore"} | {
            f"/patients/{{id}}/{kind}{rest}" for kind in ("allergies", "medicines", "problems")
            for rest in ("", "/{item}", "/{item}/error")}


def notices(answer):
    return [re.sub(r"<[^>]+>", "", found).strip()
            for found in re.findall(r'<p class="notice" role="status"[^>]*>(.*?)</p>', answer.text, re.S)]


def after(client, answer):
    """What the page says that a change leads to, once."""
    assert answer.status == 303, (answer.status, answer.text)
    place = answer.location.partition("#")[0]
    said = notices(client.get(place))
    assert said and (place.startswith("/?") or notices(client.get(place)) == []), place
    return said[0]


def test_no_change_is_forgotten_here():
    routes = json.loads(subprocess.run([built(), "--json", "routes"], capture_output=True, text=True,
                                       check=True).stdout)
    posts = {row["pattern"] for row in routes if row["method"] == "POST"}
    assert {path for path in posts if not path.startswith(ELSEWHERE)} == HERE


def test_the_life_of_a_record_is_confirmed_step_by_step(clinic):
    answer = clinic.submit("/patients/new", name="Ann Lee")
    patient = answer.location
    assert after(clinic, answer) == "The patient is registered."
    form = clinic.get(patient + "/edit").page.fields
    assert after(clinic, clinic.post(patient + "/edit", {**form, "name": "Ann Ly"})) == "The record is saved."
    form = clinic.get(patient + "/history").page.fields
    assert after(clinic, clinic.post(patient + "/history/1/restore", form)) == "Version 1 is restored."
    token = {"csrf_token": form["csrf_token"]}
    assert after(clinic, clinic.post(patient + "/archive", {**token, "version": "3", "reason": "moved"})
                 ) == "The patient is archived."
    assert after(clinic, clinic.post(patient + "/restore", {**token, "version": "4"})
                 ) == "The patient is restored from the archive."


@pytest.mark.parametrize("kind,fields", [("allergies", {"substance": "Latex", "status": "active"}),
                                         ("medicines", {"name": "Iron"}),
                                         ("problems", {"description": "Asthma", "status": "active"})])
def test_the_chart_confirms(clinic, kind, fields):
    patient = clinic.add_patient("Ann Lee")
    page = f"{patient}/{kind}"
    form = {k: v for k, v in clinic.get(page).page.fields.items() if k != "none_known"}
    said = next(iter(fields.values()))
    assert after(clinic, clinic.post(page, {**form, **fields})) == f"Recorded: {said}"
    if kind == "allergies":
        none = clinic.add_patient("Bo Ek") + "/allergies"
        assert after(clinic, clinic.post(none, {**clinic.get(none).page.fields, "none_known": "1"})
                     ) == "Recorded: No known allergies"
    item = next(link for link in clinic.get(page).page.links if link.startswith(page + "/"))
    assert after(clinic, clinic.post(item, {**clinic.get(item).page.fields, **fields})) == f"Changed: {said}"
    form = clinic.get(item).page.fields
    assert after(clinic, clinic.post(item + "/error", {**form, "reason": "mixed up"})
                 ) == f"Marked as entered in error: {said}"


def test_the_way_in_and_out_is_confirmed(server, clinic):
    founder = server.client()
    name = clinic.organisation + " Two"
    answer = founder.submit("/register-tenant", tenantName=name, adminName="Ada", adminEmail="ada@example.org",
                            adminPassword=PASSWORD)
    assert after(founder, answer) == f"{name} is created. You are its first administrator."
    link = invite(clinic)
    person = server.client()
    assert after(person, person.submit(link, password=OTHER)
                 ) == f"Your account with {clinic.organisation} is ready, and you are logged in."
    answer = person.submit("/account/password", old_password=OTHER, password=PASSWORD)
    assert after(person, answer) == "The password is changed. Your other sessions have ended."
    assert after(person, person.log_out()) == "You are logged out."
    assert notices(clinic.get("/?notice=logged-out")) == []  # who is logged in is not told otherwise


def test_the_browser_remembers_the_organisation_and_nobody(server, clinic):
    page = clinic.get("/login")
    assert page.page.fields["tenantName"] == clinic.organisation and page.page.fields["email"] == ""
    assert re.search(r'name="email"[^>]*autofocus', page.text)
    clinic.log_out()
    assert clinic.get("/login").page.fields["tenantName"] == clinic.organisation
    stranger = server.client()
    assert stranger.get("/login").page.fields["tenantName"] == ""
    for value in ("x", "_w", "AAAA", "PGI-", "A" * 2000):  # whatever a cookie says
        stranger.cookies["medsynq_organisation"] = value
        assert stranger.get("/login").status == 200
    answer = server.client().log_in(clinic.organisation)
    cookie = [c for c in answer.headers.get_all("Set-Cookie") if c.startswith("medsynq_organisation=")]
    assert len(cookie) == 1 and "Max-Age=31536000" in cookie[0] and "HttpOnly" in cookie[0]
