"""The secret file: the newest secret seals, the older ones still open."""
import os
import re
import sqlite3
import subprocess
from contextlib import closing

from harness import PASSWORD
from test_ctl import built, ctl
from test_people import OTHER, invite
from test_two_factor import code_at, now_step, set_up


def fails(server, *arguments):
    run = subprocess.run([built(), "--database", str(server.database), *arguments],
                         capture_output=True, text=True, timeout=60)
    assert run.returncode == 1 and not run.stdout
    return run.stderr


def test_what_an_old_secret_sealed_still_opens(make_server):
    server = make_server()
    clinic = server.organisation()
    link = invite(clinic)
    token, early = clinic.token("/patients/new"), server.client()
    before_log_in = early.token("/login")
    guarded = server.organisation(email="two@example.org")
    secret, _ = set_up(guarded)
    file = server.state / "secret"
    old = file.read_bytes()
    for count in (2, 3):
        said = ctl(server.database, "secret", "rotate")
        assert f"{count} secrets" in said and "reload" in said
        server.reload()
    assert file.read_bytes()[64:] == old and len(file.read_bytes()) == 96
    # sessions, forms of before, with and without a session
    assert clinic.post("/patients/new", {"csrf_token": token, "name": "Ann"}).status == 303
    assert clinic.submit("/patients/new", name="Bea").status == 303
    assert early.post("/login", {"csrf_token": before_log_in, "email": clinic.email, "password":
                                 PASSWORD, "tenantName": clinic.organisation}).status == 303
    # links and second factors
    assert server.client().submit(link, password=OTHER).location == "/dashboard"
    person = server.client()
    assert person.log_in(guarded.organisation, guarded.email).location == "/login/code"
    assert person.submit("/login/code", code=code_at(secret, now_step())).location == "/dashboard"
    # without the old ones: what they sealed is gone
    file.write_bytes(file.read_bytes()[:32])
    server.reload()
    assert clinic.post("/patients/new", {"csrf_token": token, "name": "Cleo"}).status == 403
    assert clinic.get("/dashboard").status == 200


def test_owner_and_mode_stay_and_nothing_is_left_beside(make_server):
    server = make_server()
    file = server.state / "secret"
    file.chmod(0o400)
    if os.getuid() == 0:
        os.chown(file, 1, 1)
    before, names = file.stat(), set(os.listdir(server.state))
    ctl(server.database, "secret", "rotate")
    after = file.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert set(os.listdir(server.state)) == names
    with closing(sqlite3.connect(server.database)) as db:
        reasons = [r for r, in db.execute("SELECT reason FROM audit_events WHERE action = 118")]
    assert any(re.match("secret rotate, 2 secrets", r) for r in reasons)


def test_a_secret_that_others_can_read_is_not_rotated(make_server):
    server = make_server()
    file = server.state / "secret"
    before = file.read_bytes()
    file.chmod(0o640)
    assert "may be read by others" in fails(server, "secret", "rotate")
    file.chmod(0o600)
    assert file.read_bytes() == before
    file.write_bytes(before[:31])
    assert "not of its length" in fails(server, "secret", "rotate")
    file.write_bytes(before * 16)
    assert "more do not fit" in fails(server, "secret", "rotate")
    file.unlink()
    assert "cannot be read" in fails(server, "secret", "rotate")
    assert not file.exists()


def test_of_a_killed_rotation_the_old_file_is_left(make_server):
    server = make_server()
    file, left = server.state / "secret", server.state / "secret.new"
    before = file.read_bytes()
    left.write_bytes(b"half")
    assert "remove it" in fails(server, "secret", "rotate")
    assert file.read_bytes() == before and left.read_bytes() == b"half"
