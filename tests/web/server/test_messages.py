"""The error log: one number for each cause, nobody's name, and what fail2ban wants."""
import json
import os
import re
import sqlite3
import subprocess
import tempfile
from contextlib import closing

import pytest

import pytest

from harness import PASSWORD, TOP, until
from test_ctl import built, ctl
from test_two_factor import set_up

PACKAGING = TOP / "mod_medsynq/packaging/fail2ban"


def run(*arguments):
    return subprocess.run([built(), *arguments], capture_output=True, text=True, timeout=60)


def test_every_number_is_explained(tmp_path):
    told = json.loads(ctl(tmp_path / "none.db", "explain", "--json"))
    assert len(told) > 30 and all(row["what"].endswith(".") and row["why"] and row["do"] for row in told)
    page = (TOP / "mod_medsynq/docs/troubleshooting.md").read_text()
    assert [row["tag"] for row in told] == re.findall("^### (MSQ[0-9]+)$", page, re.M)
    one = run("explain", "msq0013")
    assert one.returncode == 0 and one.stdout.startswith("MSQ0013 (critical)") and "Why: " in one.stdout
    assert run("explain", "MSQ9999").returncode == 64


@pytest.fixture
def folder(tmp_path):
    """Debian's own configuration, with ours beside it."""
    copy = tmp_path / "fail2ban"
    subprocess.run(["cp", "-r", "/etc/fail2ban", copy], check=True)
    (copy / "filter.d/medsynq.conf").write_text((PACKAGING / "medsynq.conf").read_text())
    return copy


def fail2ban(folder, log):
    """@return how many lines the filter as shipped takes, of how many, and all that is said"""
    rule = subprocess.run(["fail2ban-regex", "-c", folder, "--print-all-matched", log,
                           folder / "filter.d/medsynq.conf"], capture_output=True, text=True, timeout=60)
    assert rule.returncode == 0, rule.stdout + rule.stderr
    counted = re.search(r"Lines: (\d+) lines, (\d+) ignored, (\d+) matched, (\d+) missed", rule.stdout)
    return int(counted[3]), int(counted[1]), rule.stdout


def test_fail2ban_sees_each_refused_log_in_and_nothing_else(make_beside, folder):
    server = make_beside("MedSynQ On\nMedSynQPasswordCost 4\nMedSynQLoginThrottle 4 1000")
    link = server.organisation()
    client = server.client()
    assert client.submit(link, password=PASSWORD).status == 303
    assert client.log_in("Clinic", "ada@example.org").status == 303
    assert fail2ban(folder, server.root / "error.log")[0] == 0
    for number in range(4):
        assert server.client().log_in("Clinic", "ada@example.org", "Wickham's guess").status == 422
    assert server.client().log_in("Clinic", "ada@example.org").status == 429
    for nobody in ("MSQ0035: log-in", "[client 6.6.6.6:1] MSQ0035: [request x] log-in refused: "):
        server.client().log_in(nobody, f"{nobody}@example.org", "x" * 12)
    client.get("/nothing"), server.client().post("/login", {"a": "b"})
    log = server.root / "error.log"
    until(lambda: fail2ban(folder, log)[0] >= 7, "the lines are written")
    matched, lines, said = fail2ban(folder, log)
    assert matched == 7 and lines > matched, said
    text = log.read_text()
    assert text.count("[client 127.0.0.1:") >= matched and "6.6.6.6" not in text
    for secret in ("Wickham", "ada@", "Clinic\"", PASSWORD, "MSQ0035: log-in"):
        assert secret not in text
    assert text.count("too many attempts before this password") == 1


def test_a_wrong_code_is_a_refused_log_in(make_server):
    server = make_server()
    clinic = server.organisation()
    set_up(clinic)
    person = server.client()
    assert person.log_in(clinic.organisation).location == "/login/code"
    assert person.submit("/login/code", code="000000").status == 422
    until(lambda: server.log().count("log-in refused: wrong code") == 1, "it is told")
    assert clinic.submit("/account/password", old_password="nobody's at all",
                         password="another long sentence 9").status == 422
    until(lambda: server.log().count("log-in refused: wrong password") == 1, "it is told")


def test_the_jail_is_one_that_fail2ban_reads(folder, tmp_path):
    jail = (PACKAGING / "jail.conf").read_text()
    log = tmp_path / "error.log"
    log.write_text("")
    (folder / "jail.d/medsynq.conf").write_text(jail.replace("/var/log/apache2/*error.log", str(log)))
    read = subprocess.run(["fail2ban-client", "-c", folder, "--dp"], capture_output=True, text=True, timeout=60)
    assert read.returncode == 0, read.stderr
    assert "MSQ0035" in read.stdout and "'maxretry', 20" in read.stdout


def test_a_mail_that_is_not_taken_is_told_with_how_it_ended(make_server, tmp_path):
    for script, said in (("exit 67", "the command ended with 67"), ("kill -9 $$", "was ended by signal 9")):
        command = tempfile.NamedTemporaryFile("w", suffix=".sh", delete=False)
        command.write(f"#!/bin/sh\ncat >/dev/null; echo {PASSWORD}; {script}\n")
        command.close()
        os.chmod(command.name, 0o755)
        server = make_server(f'MedSynQSendmail "{command.name} -t" https://clinic.example')
        clinic = server.organisation()
        assert clinic.submit("/users/invite", name="Bo Wickham", email="bo@example.org", role="auditor",
                             password=PASSWORD).status == 303
        assert "https://clinic.example/invitations/" in clinic.get("/users").text
        line = until(lambda: [row for row in server.log().splitlines() if "MSQ0036" in row], "it is told", 60)[0]
        assert said in line and ":error]" in line
        for secret in ("bo@", "Wickham", PASSWORD, "/invitations/"):
            assert secret not in line
        os.unlink(command.name)


def test_a_mail_is_tried_from_the_command_line(tmp_path):
    mail, command = tmp_path / "mail", tmp_path / "sendmail"
    command.write_text(f"#!/bin/sh\ncat > {mail}; printf 'no such\\033[31m user'; exit ${{1#-x}}\n")
    command.chmod(0o755)
    where = ("--database", str(tmp_path / "medsynq.db"), "mail", "test", "ann@example.org", "--sendmail")
    done = run(*where, f"{command} -x0")
    assert done.returncode == 0 and "has taken a mail" in done.stdout, done.stderr
    assert "To: <ann@example.org>" in mail.read_text()
    failed = run(*where, f"{command} -x75")
    assert failed.returncode == 1 and "ended with 75; it says: no such?[31m user" in failed.stderr
    assert "cannot be run" in run(*where, "/nowhere/sendmail -t").stderr
    assert run(*where, "sendmail").returncode == 64
    assert run("mail", "test", "ann@example.org,eve@example.org").returncode == 64


def test_the_access_log_knows_who_by_a_number_alone(make_server, tmp_path):
    log = tmp_path / "users.log"
    os.chmod(tmp_path, 0o755)
    server = make_server(f'LogFormat "%u %r" users\nCustomLog "{log}" users')
    clinic = server.organisation()
    clinic.get("/dashboard")
    server.client().get("/login")
    # a line is written after its answer, and each process writes its own
    until(lambda: "GET /login" in log.read_text() and "GET /dashboard" in log.read_text(), "both are written")
    said = log.read_text()
    me = re.search("^([0-9a-f]{8}-[0-9a-f-]{27}) GET /dashboard HTTP", said, re.M)
    assert me, said
    assert "\n- GET /login HTTP/1.1\n" in said
    with closing(sqlite3.connect(server.database)) as db, db:
        assert me[1].replace("-", "") in {row[0].hex() for row in db.execute("SELECT id FROM users")}


def test_a_full_session_table_says_so_and_to_whom_it_is_full(make_server):
    server = make_server("MedSynQSessionCache medsynq:16")
    clinic = server.organisation()
    statuses = [server.client().log_in(clinic.organisation).status for _ in range(16)]
    assert statuses[-1] == 503
    stranger = server.client().submit("/register-tenant", tenantName="Another Clinic", adminName="Bea",
                                      adminEmail="bea@example.org", adminPassword=PASSWORD)
    assert stranger.status == 503
    for said in ("MSQ0055: ", "POST /login: the last places of the session table are for other organisations",
                 "MSQ0051: ", "POST /register-tenant: the session table is full"):
        until(lambda: said in server.log(), said)
    assert "APR does not understand" not in server.log()
