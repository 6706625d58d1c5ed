"""The secret file: the newest secret seals, the older ones still open."""
import json
import os
import re
import sqlite3
import subprocess
import uuid
from contextlib import closing

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from harness import PASSWORD, until
from test_ctl import built, ctl
from test_people import OTHER, invite
from test_two_factor import code_at, now_step, set_up


def fails(server, *arguments):
    run = subprocess.run([built(), "--database", str(server.database), *arguments],
                         capture_output=True, text=True, timeout=60)
    assert run.returncode == 1 and not run.stdout
    return run.stderr


WRONG = "the secret file is not the one that this database was used with"


def refuses(server):
    """503, one line with the remedy, and never an error at the second factor."""
    until(lambda: server.client().get("/login").status == 503, "the new children answer", 60)
    lines = [line for line in server.log().splitlines() if WRONG in line]
    assert lines and all("MSQ0013" in line and "medsynqctl secret adopt" in line for line in lines)
    assert server.client().get("/healthz").status == 200


def serves_again(server):
    until(lambda: server.client().get("/readyz").status == 200, "it serves again", 60)


@pytest.mark.parametrize("how", ["lost", "another", "cut"])
def test_a_secret_that_is_not_the_databases_is_refused_with_the_remedy(make_server, how):
    server = make_server()
    clinic = server.organisation()
    secret, _ = set_up(clinic)
    file = server.state / "secret"
    if how == "cut":
        ctl(server.database, "secret", "rotate")
        server.reload()
        serves_again(server)
    kept = file.read_bytes()
    if how == "lost":
        file.unlink()
    else:
        file.write_bytes(os.urandom(32) if how == "another" else kept[:32])
    server.reload()
    refuses(server)
    assert WRONG in fails(server, "secret", "retire")
    file.write_bytes(kept)
    os.chmod(file, 0o600)
    server.reload()
    serves_again(server)
    assert code_accepted(server, clinic, secret) == 303


def check(server, code):
    return json.loads(ctl(server.database, "check", "--json", code=code))["secret"]


def test_check_compares_the_secret_with_the_databases(make_server):
    server = make_server()
    file = server.state / "secret"
    assert check(server, 0) == "ok"
    kept = file.read_bytes()
    file.write_bytes(os.urandom(32))
    assert WRONG in check(server, 1)
    file.chmod(0o644)
    assert "chmod 600 it" in check(server, 1)
    file.unlink()
    assert "put it back from its backup" in check(server, 1)
    file.write_bytes(kept)
    file.chmod(0o600)
    ctl(server.database, "secret", "rotate")
    assert check(server, 0) == "ok"
    file.write_bytes(file.read_bytes()[:32])  # the old one, with which second factors are sealed, is gone
    assert WRONG in check(server, 1)


def test_another_secret_is_taken_when_somebody_says_so_and_what_is_lost_is_said(make_server):
    server = make_server()
    clinic, other = server.organisation(), server.organisation(email="two@example.org")
    for one in (clinic, other):
        set_up(one)
    file = server.state / "secret"
    file.write_bytes(os.urandom(32))
    server.reload()
    refuses(server)
    said = ctl(server.database, "secret", "adopt")
    assert "2 second factors" in said and "Links" in said
    serves_again(server)  # without a reload: the server has it already
    assert factors(server) == {}
    assert server.client().log_in(clinic.organisation, clinic.email).location == "/dashboard"
    assert "0 second factors" in ctl(server.database, "secret", "adopt")
    with closing(sqlite3.connect(server.database)) as db:
        events = db.execute("SELECT COUNT(*) FROM audit_events WHERE reason = 'secret adopt'").fetchone()[0]
        assert events == 2 and db.execute("SELECT COUNT(*) FROM audit_events WHERE reason LIKE "
                                          "'secret adopt, 2 %' AND tenant_id = 0").fetchone()[0] == 1


def test_a_rotation_is_known_before_the_file_has_it(make_server):
    """Killed in between, or with the file of before: the server starts with either."""
    server = make_server()
    file = server.state / "secret"
    before = file.read_bytes()
    (server.state / "secret.new").write_bytes(b"")  # the file cannot be replaced
    fails(server, "secret", "rotate")
    (server.state / "secret.new").unlink()
    with closing(sqlite3.connect(server.database)) as db:
        assert sorted(used for used, in db.execute("SELECT is_used FROM fingerprints")) == [0, 1]
    server.reload()
    serves_again(server)
    ctl(server.database, "secret", "rotate")
    after = file.read_bytes()
    file.write_bytes(before)
    server.reload()
    serves_again(server)
    file.write_bytes(after)
    server.reload()
    serves_again(server)
    assert WRONG not in server.log()


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
    refuses(server)
    assert "0 second factors" in ctl(server.database, "secret", "adopt")  # sealed anew when it was used
    serves_again(server)
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


def keys(server):
    """What seals, of each secret of the file."""
    text = (server.state / "secret").read_bytes()
    return [HKDF(SHA256(), 32, None, b"medsynq data 1").derive(text[n:n + 32])
            for n in range(0, len(text), 32)]


def factors(server):
    """{(organisation, person): sealed}"""
    with closing(sqlite3.connect(server.database)) as db:
        return {(t, u): s for t, u, s in db.execute("SELECT tenant_id, user_id, secret FROM two_factors")}


def factor_set(server, of, sealed):
    with closing(sqlite3.connect(server.database)) as db, db:
        db.execute("UPDATE two_factors SET secret = ?, last_step = 0 WHERE tenant_id = ? AND user_id = ?",
                   (sealed, *of))


def bound(of, tenant=True):
    return f"two_factors secret {str(of[0]) + ' ' if tenant else ''}{uuid.UUID(bytes=of[1])}".encode()


def code_accepted(server, clinic, secret):
    with closing(sqlite3.connect(server.database)) as db, db:
        db.execute("UPDATE two_factors SET last_step = 0")
    person = server.client()
    assert person.log_in(clinic.organisation, clinic.email).location == "/login/code"
    return person.submit("/login/code", code=code_at(secret, now_step())).status


def test_a_second_factor_is_sealed_for_its_organisation(make_server):
    server = make_server()
    clinic = server.organisation()
    secret, _ = set_up(clinic)
    (of, sealed), = factors(server).items()
    aead = AESGCM(keys(server)[0])
    plain = aead.decrypt(sealed[:12], sealed[12:], bound(of))
    for foreign in (of[0] + 1, 0):
        factor_set(server, of, b"n" * 12 + aead.encrypt(b"n" * 12, plain, bound((foreign, of[1]))))
        assert code_accepted(server, clinic, secret) == 422
    # one that was bound to the person alone opens, and is sealed anew with that
    factor_set(server, of, b"n" * 12 + aead.encrypt(b"n" * 12, plain, bound(of, tenant=False)))
    assert code_accepted(server, clinic, secret) == 303
    sealed = factors(server)[of]
    assert aead.decrypt(sealed[:12], sealed[12:], bound(of)) == plain


def test_retired_secrets_are_gone_and_second_factors_work(make_server):
    server = make_server()
    clinic, other = server.organisation(), server.organisation(email="two@example.org")
    people = [(one, set_up(one)[0]) for one in (clinic, other)]
    link = invite(clinic)
    ctl(server.database, "secret", "rotate")
    server.reload()
    assert "1 old secrets are gone" in ctl(server.database, "secret", "retire")
    assert len((server.state / "secret").read_bytes()) == 32
    for when in ("before the reload", "after it"):
        for one, secret in people:
            assert code_accepted(server, one, secret) == 303, when
        server.reload()
    aead = AESGCM(keys(server)[0])
    for of, sealed in factors(server).items():
        assert len(aead.decrypt(sealed[:12], sealed[12:], bound(of))) == 20
    assert server.client().get(link).status == 404
    assert "0 old secrets" in ctl(server.database, "secret", "retire")
    with closing(sqlite3.connect(server.database)) as db:
        reasons = [r for r, in db.execute("SELECT reason FROM audit_events WHERE action = 118")]
    assert "secret retire, 1 secrets dropped" in reasons
