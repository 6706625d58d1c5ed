"""The commands of docs/operating.md, run as they stand there, in other folders."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import sqlite3
import stat
import subprocess
import tempfile

import pytest

from harness import PASSWORD, TOP
from test_ctl import built, ctl
from test_two_factor import code_at, now_step, set_up

@pytest.fixture
def tmp_path():
    """Open above, as /var/lib and /backup are: pytest's own is root's alone."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="medsynq-operating-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


PAGE = TOP / "mod_medsynq/docs/operating.md"

# What changes a whole system. FRESH: tests/fresh does it, on a Debian made for it.
FRESH, REDHAT, SYSTEMD = "tests/fresh", "needs a Red Hat", "needs a running systemd"
BY_HAND = {
    "make deb": FRESH,
    "sudo apt install ./build/deb/medsynq_*.deb": FRESH,
    "sudo mod_medsynq/tools/packages run": FRESH,
    "sudo a2enmod medsynq ssl": FRESH,
    "sudo a2dismod medsynq": FRESH,
    "sudo apt remove medsynq": FRESH,
    "make rpm": FRESH,
    "sudo systemctl daemon-reload": SYSTEMD,
    "sudo systemctl enable --now medsynq-backup.timer medsynq-check.timer": SYSTEMD,
    "sudo systemctl stop apache2": SYSTEMD,
    "sudo systemctl start apache2": SYSTEMD,
    "systemctl list-timers 'medsynq-*'": SYSTEMD,
    "sudo apt install --allow-downgrades ./medsynq_OLDER.deb": FRESH,
    "sudo dnf install gcc make git rpm-build httpd-devel apr-util-sqlite sqlite-devel openssl-devel libicu-devel "
    "qrencode-devel zlib-devel brotli-devel": REDHAT,
    "sudo dnf install ./build/rpm/medsynq-*.rpm": REDHAT,
    "sudo semanage fcontext -a -t httpd_sys_rw_content_t '/var/lib/medsynq(/.*)?'": REDHAT,
    "sudo restorecon -R /var/lib/medsynq": REDHAT,
}


def commands(chapter):
    """The blocks of a chapter."""
    text = re.search(rf"^## {re.escape(chapter)}$(.*?)(?=^## |\Z)", PAGE.read_text(), re.M | re.S)[1]
    return [re.sub("^    ", "", block, flags=re.M)
            for block in re.findall(r"(?:^    .*\n)+", text, re.M)]


def run(script, tmp_path, state):
    """@return what it prints; the folders are others, and an ordinary user gives nothing away"""
    if os.getuid() != 0:
        script = script.replace("-o www-data -g www-data ", "")
    script = "".join(line for line in script.splitlines(keepends=True) if line.strip() not in BY_HAND)
    script = script.replace("/etc/prometheus", str(tmp_path / "prometheus"))
    script = script.replace("/var/lib/medsynq", str(state)).replace("/backup", str(tmp_path / "backup"))
    commands_ = tmp_path / "bin"
    commands_.mkdir(exist_ok=True)
    named = commands_ / "medsynqctl"
    named.write_text(f'#!/bin/sh\nexec "{built()}" --state "{state}" "$@"\n')
    named.chmod(0o755)
    done = subprocess.run(["sh", "-eu", "-c", script], capture_output=True, text=True, timeout=300, cwd=TOP,
                          env=dict(os.environ, PATH=f"{commands_}:{os.environ['PATH']}"))
    assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
    assert not done.stderr, done.stderr
    return done.stdout


def test_the_nights_example_ends_well_again_and_again(make_server, tmp_path):
    server = make_server()
    server.organisation()
    (tmp_path / "backup").mkdir(mode=0o700)
    night, timers, daily, proof = commands("Backup each night")
    assert timers.strip() in BY_HAND
    for _ in range(2):
        run(night, tmp_path, server.state)
        assert "backups        ok\n" in run(daily, tmp_path, server.state)
        assert run(proof, tmp_path, server.state).count(" ok\n") == 5
    assert (tmp_path / "backup/heads").read_text() == ctl(server.database, "audit", "head")
    copies = list((tmp_path / "backup").glob("medsynq-*Z.db"))
    assert copies and all(stat.S_IMODE(copy.stat().st_mode) == 0o600 for copy in copies)


def test_the_rules_are_installed_and_explained(make_server, tmp_path):
    server = make_server()
    still, install, explain = commands("Watching it")
    assert '"organisations":0' in run(still, tmp_path, server.state)
    assert "7 rules found" in run(install, tmp_path, tmp_path)
    assert "Why: " in run(explain, tmp_path, tmp_path)


def test_maintenance_is_as_the_page_says(make_server, tmp_path):
    server = make_server()
    begin, end = commands("Maintenance")
    run(begin, tmp_path, server.state)
    answer = server.client().get("/login")
    assert answer.status == 503 and "Back at 13:00" in answer.text
    assert "maintenance      1" in run(end, tmp_path, server.state)
    assert server.client().get("/login").status == 200


def test_an_organisation_ends_as_the_page_says(make_server, tmp_path):
    server = make_server()
    ended, other = server.organisation("Lake Clinic"), server.organisation()
    (tmp_path / "backup").mkdir(mode=0o777)
    (tmp_path / "backup").chmod(0o777)
    close, erase = commands("The end of an organisation")
    assert "is closed since" in run(close, tmp_path, server.state)
    assert "would: erase" in run(erase, tmp_path, server.state)
    assert ended.get("/dashboard").status == 303 and other.get("/dashboard").status == 200
    assert any((tmp_path / "backup/lake-clinic").iterdir())
    assert "SHA-256" in (tmp_path / "backup/lake-clinic.certificate").read_text()


def test_the_drill_restores_on_another_host_with_the_secret(make_server, tmp_path):
    """Somebody with a second factor logs in there: the copy and the secret belong together."""
    server = make_server()
    clinic = server.organisation()
    patient = clinic.add_patient("Ann Drill")
    secret, _ = set_up(clinic)
    (tmp_path / "backup").mkdir(mode=0o700)
    here, there, after = commands("A restore drill")
    run(here, tmp_path, server.state)
    elsewhere = tmp_path / "elsewhere"
    said = run(there, tmp_path, elsewhere)
    assert clinic.organisation in said and said.count(" ok\n") == 10
    other = make_server(state=elsewhere)
    person = other.client()
    assert person.log_in(clinic.organisation, password=PASSWORD).location == "/login/code"
    assert person.submit("/login/code", code=code_at(secret, now_step() + 1)).location == "/dashboard"
    assert "Ann Drill" in person.get(patient).text
    run(after, tmp_path, elsewhere)
    assert not (tmp_path / "backup/secret-of-the-drill").exists()
    assert set(json.loads(ctl(elsewhere / "medsynq.db", "check", "--json")).values()) == {"ok"}


def test_an_upgrade_and_the_way_back_are_as_the_page_says(make_server, tmp_path):
    server = make_server()
    clinic = server.organisation()
    patient = clinic.add_patient("Ann Before")
    (tmp_path / "backup").mkdir(mode=0o777)
    (tmp_path / "backup").chmod(0o777)
    before, after = commands("Upgrading")
    run(before, tmp_path, server.state)
    assert "schema_known" in run(after, tmp_path, server.state)
    server.stop()
    with contextlib.closing(sqlite3.connect(server.database)) as db:  # as a newer program leaves it
        version, = db.execute("PRAGMA user_version").fetchone()
        db.execute(f"PRAGMA user_version = {version + 1}")
    assert "install the newer MedSynQ" in ctl(server.database, "check", code=1)
    back, = commands("The way back")
    assert "restored" in run(back, tmp_path, server.state)
    assert (tmp_path / "backup/newer.db").exists()
    again = make_server(state=server.state).client()
    again.log_in(clinic.organisation)
    assert "Ann Before" in again.get(patient).text


def test_what_grows_is_shown(make_server, tmp_path):
    server = make_server()
    clinic = server.organisation()
    look, = commands("Sizing")
    assert clinic.organisation in run(look, tmp_path, server.state)
