"""Changing a password, and the links that set one."""
import re
import sqlite3
import stat
import uuid

from harness import PASSWORD, until
from test_people import act, join, user_path

NEW = "another long enough phrase 8"


def link_by_admin(server, admin):
    """@return a link for the administrator, made by another one"""
    email = f"{uuid.uuid4().hex}@example.org"
    other = join(server, admin, email=email, roles=("admin",))
    path = user_path(other, admin.email)
    answer = act(other, path, "reset")
    assert (answer.status, answer.location) == (303, path), answer.text
    return re.search(r'value="http://[^/"]+(/password-reset/[^"]+)"', other.get(path).text)[1]


def test_a_change_asks_for_the_old_one_and_ends_other_sessions(server, clinic):
    other = server.client()
    other.log_in(clinic.organisation)
    before = dict(clinic.cookies)
    wrong = clinic.submit("/account/password", old_password="not this one at all", password=NEW)
    assert wrong.status == 422 and "current password" in wrong.page.text
    weak = clinic.submit("/account/password", old_password=PASSWORD, password="password1234")
    assert weak.status == 422 and "attackers try first" in weak.page.text
    assert other.get("/dashboard").status == 200
    answer = clinic.submit("/account/password", old_password=PASSWORD, password=NEW)
    assert (answer.status, answer.location) == (303, "/account")
    assert clinic.get("/account").status == 200
    assert clinic.cookies != before
    assert other.get("/dashboard").status == 303
    stolen = server.client()
    stolen.cookies = before
    assert stolen.get("/dashboard").status == 303
    assert server.client().log_in(clinic.organisation).status == 422
    assert server.client().log_in(clinic.organisation, password=NEW).status == 303


def test_an_administrators_link_sets_a_password_once(server, clinic):
    old = link_by_admin(server, clinic)
    link = link_by_admin(server, clinic)
    assert server.client().get(old).status == 404  # replaced by the newer one
    person = server.client()
    assert clinic.organisation in person.get(link).page.text
    assert person.submit(link, password="short").status == 422
    answer = person.submit(link, password=NEW)
    assert (answer.status, answer.location) == (303, "/login?notice=password-set")
    assert "Your password is set." in server.client().get(answer.location).page.text
    assert "is set" not in server.client().get("/login?notice=other").page.text
    assert person.get(link).status == 404
    assert clinic.get("/dashboard").status == 303  # all sessions have ended
    assert server.client().log_in(clinic.organisation, password=NEW).status == 303


def test_weak_passwords_are_refused_at_sign_up(server):
    for password, name in (("123456789012", "Any Clinic"), ("northern clinic", "Northern Clinic")):
        answer = server.client().submit("/register-tenant", tenantName=name, adminName="Ada Admin",
                                        adminEmail="ada@example.org", adminPassword=password)
        assert answer.status == 422
        assert answer.page.fields["tenantName"] == name


def test_links_expire(make_server):
    server = make_server()
    clinic = server.organisation()
    link = link_by_admin(server, clinic)
    with sqlite3.connect(server.database) as db:
        db.execute("UPDATE password_resets SET expires_at = 1")
    assert server.client().get(link).status == 404


def mail_command(folder):
    """@return a command that the server's user may run, and the folder in which it leaves the last mail as `mail`"""
    mails = folder / "mails"
    mails.mkdir()
    mails.chmod(0o777)
    folder.chmod(folder.stat().st_mode | stat.S_IXOTH | stat.S_IROTH)
    for parent in folder.parents:
        if str(parent).startswith("/tmp/"):
            parent.chmod(parent.stat().st_mode | stat.S_IXOTH)
    command = folder / "sendmail"
    command.write_text(f"#!/bin/sh\ncat > {mails}/$$.tmp && mv {mails}/$$.tmp {mails}/mail\n")
    command.chmod(0o755)
    return command, mails


def test_a_mailed_link_and_the_same_answer_for_everybody(make_server, tmp_path):
    command, mails = mail_command(tmp_path)
    server = make_server(f'MedSynQSendmail "{command} -t -i" https://clinic.example')
    clinic = server.organisation()
    texts = set()
    for name, email in (("Nobody's Clinic", "x@example.org"), (clinic.organisation, "x@example.org"),
                        (clinic.organisation, clinic.email)):
        answer = server.client().submit("/password-reset", tenantName=name, email=email)
        assert answer.status == 200
        texts.add(answer.page.text)
    assert len(texts) == 1
    mail = until(lambda: (mails / "mail").exists() and (mails / "mail").read_text(), "the mail")
    assert f"To: <{clinic.email}>" in mail
    link = re.search(r"https://clinic.example(/password-reset/\S+)", mail)[1]
    assert server.client().submit(link, password=NEW).status == 303
    assert clinic.log_in(clinic.organisation, password=NEW).status == 303
    (mails / "mail").unlink()
    clinic.post("/users/invite", {
        "csrf_token": clinic.token("/users/invite"), "name": "Di", "email": "di@example.org",
        "role": "auditor", "password": NEW})
    page = clinic.get("/users", Host="evil.example").text
    assert "https://clinic.example/invitations/" in page and "evil.example" not in page
    until(lambda: (mails / "mail").exists(), "the mail")
    (mails / "mail").unlink()
    assert clinic.submit("/users/invite", name="Bo", email="bo@example.org", password=NEW,
                         role="auditor").status == 303
    mail = until(lambda: (mails / "mail").exists() and (mails / "mail").read_text(), "the mail")
    assert "To: <bo@example.org>" in mail
    link = re.search(r"https://clinic.example(/invitations/\S+)", mail)[1]
    assert server.client().submit(link, password="yet another long phrase").status == 303


def test_without_a_mail_command_nothing_is_made(server, clinic):
    answer = server.client().submit("/password-reset", tenantName=clinic.organisation,
                                    email=clinic.email)
    assert answer.status == 200 and "If there is such an account" in answer.page.text


def test_a_risen_cost_rehashes_at_log_in(make_server, tmp_path):
    server = make_server(cost=4)
    clinic = server.organisation()
    server.stop()
    again = make_server(cost=5, state=server.state)
    assert again.client().log_in(clinic.organisation).status == 303
    with sqlite3.connect(server.database) as db:
        stored = db.execute("SELECT password FROM users").fetchone()[0]
    assert "$05$" in stored
    assert again.client().log_in(clinic.organisation).status == 303
