"""What would end a start, or fail at the first request that needs it, is seen by configtest: the
sentence says what to do, and names the server's user where it is about them."""
import os
import pathlib
import pwd
import re
import shutil
import sqlite3
import subprocess

import neighbours
import pytest
from harness import sanitizer_environment
from test_ctl import built

USER = "www-data" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root has files that the server's user may not touch")


@pytest.fixture
def refused(destination):
    """refused(clinic, prepare, more): what configtest says; prepare(server) lays out the fault."""
    made = []

    def check(clinic="", prepare=lambda server: None, more=""):
        server = neighbours.Neighbours("", destination=destination, more=more)
        made.append(server)
        server.clinic = "MedSynQ On\n" + clinic.format(root=server.root)
        server.write()
        prepare(server)
        answer = server.configtest()
        said = answer.stdout + answer.stderr
        assert answer.returncode != 0 and "Syntax OK" not in said, said
        assert list(server.state.glob("medsynq.db-*")) == []
        return said.replace(str(server.root), "ROOT").replace(str(destination), "DEST")

    yield check
    for server in made:
        server.close()


def test_a_sound_configuration_passes_and_nothing_is_made(destination):
    server = neighbours.Neighbours(destination=destination)
    answer = server.configtest()
    assert answer.returncode == 0 and "Syntax OK" in answer.stdout + answer.stderr
    assert list(server.state.iterdir()) == []
    server.start()
    assert server.client().get("/readyz").status == 200
    assert server.configtest().returncode == 0  # beside the running server
    server.close()


def test_a_missing_folder_of_the_database(refused):
    said = refused(prepare=lambda server: server.state.rmdir())
    assert f"there is no folder ROOT/medsynq: install -d -o {USER} -g " in said


@as_root
def test_a_folder_of_somebody_else(refused):
    said = refused(prepare=lambda server: os.chown(server.state, 0, 0))
    assert f"{USER} cannot write the folder ROOT/medsynq, which is root's: chown {USER}:" in said


@as_root
@pytest.mark.parametrize("name", ["medsynq.db", "medsynq.db-wal"])
def test_a_file_of_somebody_else(refused, name):
    def prepare(server):
        (server.state / name).write_bytes(b"")
        (server.state / name).chmod(0o600)
        server.state = pathlib.Path("/nowhere")
    said = refused(prepare=prepare)
    assert f"{USER} cannot write the file ROOT/medsynq/{name}, which is root's: chown {USER}:" in said


def write(server, data):
    server.database.write_bytes(data)
    server.database.chmod(0o666)


def test_a_text_file_as_database(refused):
    said = refused(prepare=lambda server: write(server, b"hello " * 1000))
    assert "is not an SQLite database: move it away" in said


def make_database(server, *statements):
    with sqlite3.connect(server.database) as db:
        for statement in statements:
            db.execute(statement)
    server.database.chmod(0o666)


def test_another_programs_database(refused):
    said = refused(prepare=lambda server: make_database(server, "CREATE TABLE theirs (x)"))
    assert "is another program's database: name another file" in said


def test_a_newer_schema(refused):
    said = refused(prepare=lambda server: make_database(
        server, "PRAGMA application_id = 0x4d535951", "PRAGMA user_version = 9999",
        "CREATE TABLE ours (x)"))
    assert "schema version 9999" in said and "install the newer MedSynQ" in said


def test_a_folder_as_database(refused):
    assert "is no file: name one" in refused(prepare=lambda server: server.database.mkdir())


def test_a_form_that_creates_without_its_token(refused):
    def spoil(server):
        shutil.copytree(neighbours.TOP / "templates", server.root / "spoilt")
        page = server.root / "spoilt" / "people" / "user_invite.html"
        page.write_text(re.sub(".*form_token.*\n", "", page.read_text()))
    said = refused('MedSynQTemplates "{root}/spoilt"', spoil)
    assert "user_invite.html: its form that creates needs {{form_token}}" in said


def test_missing_templates(refused):
    said = refused('MedSynQTemplates "{root}/none"')
    assert "MedSynQTemplates: " in said and "ROOT/none" in said


def test_missing_static_files(refused):
    assert "MedSynQPublic: the folder of static files ROOT/none cannot be read" in refused(
        'MedSynQPublic "{root}/none"')


def secret(server, mode=0o600, length=32):
    (server.state / "secret").write_bytes(b"s" * length)
    (server.state / "secret").chmod(mode)


def test_a_secret_that_others_may_read(refused):
    assert "may be read by others: chmod 600" in refused(prepare=lambda server: secret(server, 0o644))


def test_a_secret_that_was_cut_off(refused):
    assert "is not of its length: restore it" in refused(prepare=lambda server: secret(server, length=20))


def test_a_secret_behind_a_link_and_a_secret_without_a_folder(refused):
    def link(server):
        secret(server)
        (server.state / "secret").rename(server.state / "real")
        (server.state / "secret").symlink_to("real")
    assert "is a symbolic link: name the file itself" in refused(prepare=link)
    assert "MedSynQSecretFile: there is no folder ROOT/none: make it" in refused('MedSynQSecretFile "{root}/none/secret"')


def test_two_secrets_of_one_database(refused):
    said = refused('MedSynQSecretFile "{root}/medsynq/other"', more="""
        <VirtualHost *:{port}>
            ServerName second.example
            MedSynQ On
        </VirtualHost>""")
    assert "one database, ROOT/medsynq/medsynq.db, and two secrets" in said
    assert "clinic.example" in said and "second.example" in said


def test_heads_that_cannot_be_written(refused):
    assert "MedSynQAuditHeads: there is no folder ROOT/none" in refused(
        'MedSynQAuditHeads "{root}/none/heads"')
    assert "cannot be written: name a file" in refused('MedSynQAuditHeads "{root}/medsynq"')
    assert "there is no program /nowhere/tool" in refused('MedSynQAuditHeads "|/nowhere/tool -x"')


@pytest.mark.parametrize("program", ["/nowhere/sendmail -t", "/etc/passwd", "/etc"])
def test_a_mail_program_that_is_none(refused, program):
    said = refused(f'MedSynQSendmail "{program}" https://clinic.example')
    assert f"there is no program {program.split()[0]} that {USER} may run: install it" in said


def test_an_archive_that_cannot_be_written(refused):
    assert "with its absolute path" in refused("MedSynQAuditRetention 3000 archive")
    if os.getuid() == 0:
        assert f"{USER} cannot write to the folder ROOT: chown it" in refused(
            'MedSynQAuditRetention 3000 "{root}/archive"')


def test_a_body_limit_of_httpd_below_ours(refused):
    assert "LimitRequestBody 1000000 would refuse" in refused("LimitRequestBody 1000000")


def test_what_is_wrong_in_the_configuration_ends_a_start_too(destination):
    broken = neighbours.Neighbours('MedSynQ On\nMedSynQTemplates "/nowhere"', destination=destination)
    broken.start()
    assert broken.process.wait(30) != 0
    broken.close()


@as_root
def test_an_ordinary_user_who_asks_is_told_of_words_alone(destination):
    """They cannot see what the server's user can, and would be told nonsense."""
    server = neighbours.Neighbours(destination=destination)
    os.chmod(server.state, 0o700)
    said = subprocess.run(["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups",
                           *server.httpd("-t")], capture_output=True, text=True, timeout=60)
    assert "MSQ" not in said.stdout + said.stderr
    server.close()


STUBS = {
    "SQLite": ("int sqlite3_libversion_number(void) { return 3033000; }\n"
               'const char *sqlite3_libversion(void) { return "3.33.0"; }\n', "SQLite 3.33.0 is too old: 3.34 or newer"),
    "OpenSSL": ("unsigned OPENSSL_version_major(void) { return 1; }\n", "is too old: OpenSSL 3.0 or newer")}


@pytest.mark.parametrize("library", STUBS)
def test_a_library_that_is_too_old_is_said(destination, tmp_path, library):
    """It says so itself, as one that was exchanged after the build would."""
    code, words = STUBS[library]
    stub = tmp_path / "old.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", stub], input=code, text=True, check=True)
    server = neighbours.Neighbours("", destination=destination)
    server.clinic = "MedSynQ On"
    server.write()
    old = {**os.environ, **sanitizer_environment()}
    old["LD_PRELOAD"] = f"{old.get('LD_PRELOAD', '')} {stub}".strip()
    answer = subprocess.run(server.httpd("-t"), capture_output=True, text=True, timeout=60, env=old)
    server.close()
    assert answer.returncode != 0 and words in answer.stdout + answer.stderr
    if library == "SQLite":
        done = subprocess.run([built(), "--database", tmp_path / "medsynq.db", "migrate"], capture_output=True,
                              text=True, env=old)
        assert done.returncode != 0 and words in done.stderr, done
