"""What gives somebody access or takes the place of their proof asks for one's own password again, and
is never done to oneself: a session that was stolen does not become the account."""
import re
import sqlite3
import subprocess

import pytest

from harness import MODULE, PASSWORD, until
from test_people import OTHER, act, join, user_path
from test_two_factor import set_up

REFUSED, ROLES, RESET, TWO_FACTOR_OFF, UNLOCK, INVITE = 9, 27, 28, 29, 119, 22
WRONG = "not this one at all"
PROVED = {"roles": ({"role": "auditor"}, ROLES), "reset": ({}, RESET),
          "two-factor-off": ({}, TWO_FACTOR_OFF), "unlock": ({}, UNLOCK)}


def recorded(server, clinic, action):
    """[(outcome, reason)] of each event"""
    with sqlite3.connect(f"file:{server.database}?mode=ro", uri=True) as database:
        return database.execute(
            "SELECT outcome, reason FROM audit_events JOIN tenants USING (tenant_id) WHERE name = ? "
            "AND action = ? ORDER BY number", (clinic.organisation, action)).fetchall()


def events(server, clinic, action):
    return [outcome for outcome, _ in recorded(server, clinic, action)]


def assert_asks_again(answer, field, message, status=422):
    """The page comes back with the error at its field, in the summary, and without the password."""
    assert answer.status == status, answer.text
    assert f'<a href="#{field}">{message}' in answer.text
    form = re.search(rf'id="{field}-error">.*?id="{field}"[^>]*>', answer.text, re.S)[0]
    assert message in form and 'autocomplete="current-password"' in form and 'aria-invalid="true"' in form
    assert WRONG not in answer.text and answer.page.fields["password"] == ""


@pytest.mark.parametrize("verb", PROVED)
def test_for_others_it_asks_for_ones_own_password(server, clinic, verb):
    fields, action = PROVED[verb]
    join(server, clinic)
    path = user_path(clinic, "bo@example.org")
    field = f"{verb.removesuffix('-off')}-password"
    assert_asks_again(act(clinic, path, verb, password="", **fields), field, "Enter your own password.")
    assert events(server, clinic, action) == []
    for wrong in (WRONG, OTHER):  # nor is it the other person's
        assert_asks_again(act(clinic, path, verb, password=wrong, **fields), field, "This is not your password.")
    assert events(server, clinic, action) == [3, 3]
    assert "Clinician" in clinic.get("/users").page.text
    assert act(clinic, path, verb, **fields).status == 303
    assert events(server, clinic, action) == [3, 3, 1]


def test_enabling_asks_and_disabling_does_not(server, clinic):
    join(server, clinic)
    path = user_path(clinic, "bo@example.org")
    assert act(clinic, path, "disable", password="").status == 303
    assert_asks_again(act(clinic, path, "enable", password=WRONG), "enable-password",
                      "This is not your password.")
    assert server.client().log_in(clinic.organisation, "bo@example.org", OTHER).status == 422
    assert act(clinic, path, "enable").status == 303
    assert act(clinic, path, "sessions-end", password="").status == 303


def test_an_invitation_asks_and_keeps_what_was_typed(server, clinic):
    fields = {"name": "Bo Brown", "email": "bo@example.org", "role": "auditor"}
    for wrong, message in (("", "Enter your own password."), (WRONG, "This is not your password.")):
        answer = clinic.submit("/users/invite", password=wrong, **fields)
        assert_asks_again(answer, "password", message)
        assert answer.page.fields["email"] == "bo@example.org"
        assert re.search(r'value="auditor" checked', answer.text)
    assert "bo@example.org" not in clinic.get("/users").text
    assert events(server, clinic, INVITE) == [3]


@pytest.mark.parametrize("verb", ["enable", "reset", "two-factor-off", "unlock"])
@pytest.mark.parametrize("password", ["", PASSWORD])
def test_nobody_does_it_to_themselves(server, clinic, verb, password):
    own = user_path(clinic, clinic.email)
    page = clinic.get(own)
    assert "your own account" in page.page.text and "/account" in page.page.links
    assert f"{own}/{verb}" not in page.text
    answer = act(clinic, own, verb, password=password)
    assert answer.status == 403 and "another administrator" in answer.page.text
    assert "/password-reset/" not in clinic.get(own).text


def test_that_it_was_tried_is_in_the_trail(make_server):
    server = make_server()
    clinic = server.organisation()
    own = user_path(clinic, clinic.email)
    for verb in ("enable", "reset", "two-factor-off", "unlock"):
        assert act(clinic, own, verb).status == 403
    assert act(clinic, own, "roles", role=["administrator", "clinician", "auditor"]).status == 403
    assert [reason for _, reason in recorded(server, clinic, REFUSED)] == [
        f"{action}, oneself"
        for action in ("user.enable", "user.reset", "user.two-factor-off", "user.unlock", "user.roles")]


def test_a_stolen_session_keeps_neither_factor_away(server, clinic):
    set_up(clinic)
    assert act(clinic, user_path(clinic, clinic.email), "two-factor-off").status == 403
    assert server.client().log_in(clinic.organisation).location.startswith("/login/code")


def test_one_gives_up_ones_own_roles_and_takes_none(server, clinic):
    bo = join(server, clinic, roles=("administrator", "front_desk"))
    own = user_path(bo, "bo@example.org")
    assert act(bo, own, "roles", role=["administrator", "front_desk", "auditor"]).status == 403
    assert act(bo, own, "roles", role=["administrator", "clinician"]).status == 403
    assert bo.get("/patients/new").status == 200 and bo.get("/audit").status == 200
    assert act(bo, own, "roles", role="administrator", password=WRONG).status == 422
    assert act(bo, own, "roles", role="administrator").status == 303
    assert bo.get("/patients/new").status == 403


def test_guessing_it_waits_and_unlocking_oneself_is_no_way_round(make_server):
    server = make_server("MedSynQLoginThrottle 2 1000")
    clinic = server.organisation()
    join(server, clinic, roles=("administrator",))
    path = user_path(clinic, "bo@example.org")
    assert act(clinic, path, "reset", password=WRONG).status == 422
    assert act(clinic, path, "roles", role="auditor", password=WRONG).status == 422
    answer = act(clinic, path, "unlock")  # the right one
    assert_asks_again(answer, "unlock-password", "Too many attempts.", 429)
    assert 0 < int(answer.headers["Retry-After"]) <= 3
    invited = {"name": "Cy", "email": "cy@example.org", "role": "auditor", "password": PASSWORD}
    assert clinic.submit("/users/invite", **invited).status == 429
    change = clinic.submit("/account/password", old_password=PASSWORD, password=OTHER)
    assert change.status == 429
    assert act(clinic, user_path(clinic, clinic.email), "unlock").status == 403
    assert clinic.submit("/users/invite", **invited).status == 429
    until(lambda: clinic.submit("/users/invite", **invited).status == 303, "the wait ends")


def test_a_foreign_account_is_404_before_a_password_is_looked_at(server, clinic):
    path = user_path(server.organisation(), "admin@example.org")
    token = clinic.token("/users/invite")
    for verb, (fields, action) in PROVED.items():
        for password in ("", WRONG, PASSWORD):
            answer = clinic.post(f"{path}/{verb}", {"csrf_token": token, "password": password, **fields})
            assert answer.status == 404, (verb, password)
        assert events(server, clinic, action) == []


def test_a_disabled_person_gets_no_link(server, clinic):
    join(server, clinic)
    path = user_path(clinic, "bo@example.org")
    token = clinic.token(path)
    assert act(clinic, path, "disable").status == 303
    assert f"{path}/reset" not in clinic.get(path).text
    answer = clinic.post(f"{path}/reset", {"csrf_token": token, "password": PASSWORD})
    assert answer.status == 409 and "Enable it first" in answer.page.text


def test_the_command_needs_no_account(server, clinic):
    """Who has no other administrator has the server's."""
    for verb in ("reset", "unlock"):
        subprocess.run([MODULE.parent / "medsynqctl", "--database", server.database, "--secret",
                        server.state / "secret", "user", verb,
                        clinic.organisation, clinic.email], check=True, capture_output=True)
