"""Heads kept elsewhere, signed: what was cut off, or written anew with its heads, does not fit them."""
import contextlib
import pathlib
import shutil
import sqlite3
import subprocess

import pytest

from harness import until
from test_archive import verify
from test_ctl import built, demo  # noqa: F401


def sign(database, secret):
    run = subprocess.run([built(), "--database", str(database), "--secret", str(secret), "audit", "sign"],
                         capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    return run.stdout


def key_of(block):
    return block.splitlines()[-1].split()[2]


@pytest.fixture
def signed(demo, tmp_path):  # noqa: F811
    secret = tmp_path / "secret"
    secret.write_bytes(bytes(range(32)))
    secret.chmod(0o600)
    block = sign(demo, secret)
    heads = tmp_path / "heads"
    heads.write_text(block)
    return demo, secret, heads


def cut_off(database):
    """The last event of every chain, and the heads put right."""
    with contextlib.closing(sqlite3.connect(database)) as db:
        db.execute("DELETE FROM audit_events WHERE (tenant_id, number) IN (SELECT tenant_id, number FROM audit_heads)")
        db.execute("UPDATE audit_heads SET number = number - 1, digest = (SELECT digest FROM audit_events e WHERE "
                   "e.tenant_id = audit_heads.tenant_id AND e.number = audit_heads.number - 1)")
        db.commit()


def test_signed_heads_find_what_was_cut_off(signed, tmp_path):
    database, secret, heads = signed
    key = key_of(heads.read_text())
    assert heads.read_text().startswith("# heads 20") and heads.read_text().count("signature") == 1
    assert verify(database, "--head", heads, "--key", key)[0] == 0
    run = subprocess.run([built(), "--secret", str(secret), "audit", "verify", str(database), "--head", str(heads)],
                         capture_output=True, text=True)
    assert run.returncode == 0 and run.stdout.startswith("sound")
    cut_off(database)
    assert verify(database)[0] == 0, "alone it is whole"
    code, told = verify(database, "--head", heads, "--key", key)
    assert code == 1 and told["reason"] == "events are missing at the end"


def test_heads_of_many_times_in_one_file(signed):
    database, secret, heads = signed
    subprocess.run([built(), "--database", str(database), "--secret", str(secret), "org", "suspend",
                    organisation(database)], check=True, capture_output=True)
    heads.write_text(heads.read_text() + sign(database, secret))
    assert verify(database, "--head", heads, "--key", key_of(heads.read_text()))[0] == 0


def organisation(database):
    with contextlib.closing(sqlite3.connect(database)) as db:
        return db.execute("SELECT name FROM tenants WHERE tenant_id > 0 ORDER BY name").fetchone()[0]


@pytest.mark.parametrize("spoil, said", [
    (lambda text: text.replace("\n0 ", "\n1 ", 1), "not those that were signed"),
    (lambda text: text.replace("# heads 20", "# heads 19"), "not those that were signed"),
    (lambda text: "\n".join(text.splitlines()[:-1]) + "\n", "has no signature"),
    (lambda text: "1 1 " + "0" * 64 + "\n" + text, "are not signed"),
    (lambda text: text + "1 1 " + "0" * 64 + "\n", "are not signed"),
    (lambda text: "\n".join(text.splitlines()[1:]), "are not signed"),
    (lambda text: text.replace(" signature ", " signature A"), "no signature"),
    (lambda text: text.splitlines()[-1] + "\n", "has no heads")])
def test_heads_that_were_tampered_with_are_refused(signed, spoil, said):
    database, _, heads = signed
    key = key_of(heads.read_text())
    heads.write_text(spoil(heads.read_text()))
    code, told = verify(database, "--head", heads, "--key", key)
    assert code == 2 and said in told["reason"], told


def test_whose_signature_it_is_counts(signed, tmp_path):
    database, secret, heads = signed
    other = tmp_path / "other"
    other.write_bytes(bytes(range(1, 33)))
    other.chmod(0o600)
    forged = tmp_path / "forged"
    forged.write_text(sign(database, other))
    code, told = verify(database, "--head", forged, "--key", key_of(heads.read_text()))
    assert code == 2 and "another key" in told["reason"]
    code, told = verify(database, "--head", heads, "--secret", tmp_path / "none")
    assert code == 2 and "no key" in told["reason"]
    rotated = pathlib.Path(shutil.copy(secret, tmp_path / "rotated"))
    rotated.write_bytes(bytes(range(2, 34)) + secret.read_bytes())
    run = subprocess.run([built(), "--secret", str(rotated), "audit", "verify", str(database), "--head", str(heads)],
                         capture_output=True, text=True)
    assert run.returncode == 0, "what an old secret signed still counts"


def blocks(path):
    return path.read_text().count(" signature ") if path.exists() else 0


@pytest.mark.parametrize("target", ["{}", '"|/usr/bin/tee -a {}"'])
def test_the_server_writes_signed_heads_of_the_chains_that_have_grown(make_server, tmp_path, target):
    path = tmp_path / "heads"
    server = make_server("MedSynQAuditHeads " + target.format(path) + " 1")
    until(lambda: blocks(path) == 1, "the installation's head")
    clinic = server.organisation()
    clinic.add_patient("Ada Lovelace")
    with contextlib.closing(sqlite3.connect(server.database)) as db:
        tenant, number = db.execute("SELECT tenant_id, number FROM audit_heads WHERE tenant_id > 0").fetchone()
    until(lambda: f"\n{tenant} {number} " in path.read_text() and path.read_text().endswith("\n"), "the clinic's head")
    assert path.read_text().count("\n0 ") <= blocks(path)
    key = key_of(path.read_text())
    assert {line.split()[2] for line in path.read_text().splitlines() if "signature" in line} == {key}
    assert "MSQ0033" not in server.log()
    server.stop()
    assert verify(server.database, "--head", path, "--key", key)[0] == 0
    with contextlib.closing(sqlite3.connect(server.database)) as db:
        db.execute("DELETE FROM audit_events WHERE tenant_id = ? AND number = ?", (tenant, number))
        db.execute("UPDATE audit_heads SET number = number - 1, digest = (SELECT digest FROM audit_events WHERE "
                   "tenant_id = ? AND number = ?) WHERE tenant_id = ?", (tenant, number - 1, tenant))
        db.commit()
    assert verify(server.database)[0] == 0
    code, told = verify(server.database, "--head", path, "--key", key)
    assert (code, told["tenant"], told["number"]) == (1, tenant, number)
