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
from harness import MODULE, sanitizer_environment
from test_ctl import built

USER = "www-data" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root has files that the server's user may not touch")


with_libpq = pytest.mark.skipif(
    "libpq" not in subprocess.run(["ldd", str(MODULE)], capture_output=True, text=True).stdout,
    reason="built without libpq")


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


def test_a_database_that_was_cut_off(refused):
    def cut(server):
        make_database(server, "PRAGMA application_id = 0x4d535951", "CREATE TABLE ours (x)",
                      "CREATE INDEX theirs ON ours (x)")
        os.truncate(server.database, 4096)
    assert "was cut off, at 4096 of 12288 bytes: move it away, and restore a backup" in refused(prepare=cut)
    assert "is not an SQLite database" in refused(
        prepare=lambda server: write(server, b"SQLite format 3\0" + bytes(84)))


def test_a_link_that_leads_nowhere_and_a_name_that_is_too_long(refused):
    assert "is a link that leads nowhere: mend or remove it" in refused(
        prepare=lambda server: server.database.symlink_to("/nowhere/medsynq.db"))
    assert "is too long: shorten it" in refused(f'MedSynQDatabase sqlite3 "{{root}}/medsynq/{"x" * 252}"')


def test_a_folder_that_everybody_may_write(refused):
    assert "everybody may write the folder ROOT/medsynq, and replace what lies there: chmod o-w" in refused(
        prepare=lambda server: server.state.chmod(0o777))


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


@pytest.mark.parametrize("name, words", [
    ("locale/fr.po", "fr.po cannot be read, or is not UTF-8"), ("error.html", "error.html cannot be read"),
])
def test_a_pipe_among_the_templates_keeps_nobody_waiting(refused, name, words):
    def spoil(server):
        shutil.copytree(neighbours.TOP / "templates", server.root / "spoilt")
        (server.root / "spoilt" / name).unlink()
        os.mkfifo(server.root / "spoilt" / name)
    assert words in refused('MedSynQTemplates "{root}/spoilt"', spoil)


def test_missing_static_files(refused):
    assert "MedSynQPublic: the folder of static files ROOT/none cannot be read" in refused(
        'MedSynQPublic "{root}/none"')
    assert "ROOT/sites has no styles.css: name the one that belongs to the templates" in refused(
        'MedSynQPublic "{root}/sites"')


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


def test_a_secret_that_is_a_pipe_keeps_nobody_waiting(refused):
    said = refused(prepare=lambda server: os.mkfifo(server.state / "secret", 0o600))
    assert "ROOT/medsynq/secret is no file: name one for the secret" in said


def test_a_secret_of_zeros(refused):
    def zero(server):
        secret(server)
        (server.state / "secret").write_bytes(bytes(32))
    assert "holds zeros, as a disk leaves them after a power cut: restore it" in refused(prepare=zero)


@as_root
def test_a_secret_of_somebody_else(refused):
    def give(server):
        secret(server)
        shutil.chown(server.state / "secret", "nobody")
    assert "is nobody's, who can read it: chown root it" in refused(prepare=give)


@pytest.mark.parametrize("database", ["{root}/medsynq/medsynq.db", "{root}/medsynq/../medsynq/medsynq.db",
                                      "{root}/linked/medsynq.db"])
def test_two_secrets_of_one_database(refused, database):
    """However it is spelt, and before it is there."""
    said = refused('MedSynQSecretFile "{root}/medsynq/other"', lambda server:
                   (server.root / "linked").symlink_to("medsynq"), more="""
        <VirtualHost *:{port}>
            ServerName second.example
            MedSynQ On
            MedSynQDatabase sqlite3 \"""" + database + """\"
        </VirtualHost>""")
    said = said.replace(database.replace("{root}", "ROOT"), "ROOT/medsynq/medsynq.db")
    assert "one database, ROOT/medsynq/medsynq.db, and two secrets" in said
    assert "clinic.example" in said and "second.example" in said


def test_heads_that_cannot_be_written(refused):
    assert "MedSynQAuditHeads: there is no folder ROOT/none" in refused(
        'MedSynQAuditHeads "{root}/none/heads"')
    assert "cannot be written: name a file" in refused('MedSynQAuditHeads "{root}/medsynq"')
    for program in ("/nowhere/tool -x", "/etc -x", "cat", ""):
        assert f"there is no program {program.split(' ')[0]} to run: name one with its absolute path" in refused(
            f'MedSynQAuditHeads "|{program}"')


def test_heads_into_a_pipe_that_would_keep_a_start_waiting(refused):
    assert "cannot be written: name a file" in refused(
        'MedSynQAuditHeads "{root}/heads"', lambda server: os.mkfifo(server.root / "heads"))


@pytest.mark.parametrize("first, second, directives", [
    ("MedSynQDatabase", "MedSynQSecretFile", 'MedSynQSecretFile "{root}/medsynq/medsynq.db"'),
    ("MedSynQDatabase", "MedSynQAuditHeads", 'MedSynQAuditHeads "{root}/medsynq/./medsynq.db"'),
    ("MedSynQSecretFile", "MedSynQAuditHeads", 'MedSynQAuditHeads "{root}/medsynq/secret"'),
    ("MedSynQDatabase", "MedSynQAuditRetention", 'MedSynQAuditRetention 3000 "{root}/medsynq/medsynq.db"')])
def test_one_file_for_two_purposes(refused, first, second, directives):
    assert f"{first} and {second} name one file, ROOT/medsynq/" in refused(directives)


@pytest.mark.parametrize("theirs, words", [
    ('MedSynQAuditHeads "{root}/medsynq/medsynq.db"', "MedSynQDatabase and MedSynQAuditHeads name one file"),
    ('MedSynQDatabase sqlite3 "{root}/medsynq/secret"\nMedSynQSecretFile "{root}/medsynq/second"',
     "MedSynQDatabase and MedSynQSecretFile name one file"),
    ('MedSynQDatabase sqlite3 "{root}/medsynq/medsynq.db-wal"', "what is kept beside a database has its name"),
    ('MedSynQAuditHeads "{root}/medsynq/medsynq.db-shm"', "what is kept beside a database has its name")])
def test_two_hosts_with_one_file_for_two_purposes(refused, theirs, words):
    said = refused(more=f"""
        <VirtualHost *:{{port}}>
            ServerName second.example
            MedSynQ On
            {theirs}
        </VirtualHost>""")
    assert words in said


def test_two_hosts_may_share_a_database_and_where_its_heads_go(destination):
    server = neighbours.Neighbours("", destination=destination, more="""
        <VirtualHost *:{port}>
            ServerName second.example
            MedSynQ On
            MedSynQAuditHeads "{root}/heads"
        </VirtualHost>""")
    server.clinic = f'MedSynQ On\nMedSynQAuditHeads "{server.root}/heads"\nMedSynQAuditRetention 3000'
    server.write()
    answer = server.configtest()
    server.close()
    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize("directive, directives", [
    ("MedSynQDatabase", 'MedSynQDatabase sqlite3 "{root}/sites/clinic/data/m.db"\n'
                        'MedSynQSecretFile "{root}/medsynq/secret"'),
    ("MedSynQSecretFile", 'MedSynQSecretFile "{root}/sites/static/secret.txt"'),
    ("MedSynQAuditHeads", 'MedSynQAuditHeads "{root}/sites/static/heads"'),
    ("MedSynQAuditRetention", 'MedSynQAuditRetention 3000 "{root}/linked/archive"')])
def test_records_where_a_host_serves_files_from(refused, directive, directives):
    """Its own or a neighbour's: whoever guesses the name would have fetched it."""
    def prepare(server):
        (server.root / "sites/clinic/data").mkdir()
        shutil.copymode(server.state, server.root / "sites/clinic/data")
        shutil.chown(server.root / "sites/clinic/data", USER)
        (server.root / "linked").symlink_to("sites/static")
    said = refused(directives, prepare)
    assert f"MSQ0002: {directive}: ROOT/" in said and "the DocumentRoot of " in said
    assert "anybody could fetch it: name a place that no host serves" in said


def test_a_secret_among_the_static_files(refused, destination):
    said = refused(f'MedSynQSecretFile "{destination}/usr/local/share/medsynq/htdocs/public/secret.txt"')
    assert "MedSynQSecretFile: DEST/" in said and "the MedSynQPublic of clinic.example" in said


@pytest.mark.parametrize("program", ["/nowhere/sendmail -t", "/etc/passwd", "/etc"])
def test_a_mail_program_that_is_none(refused, program):
    said = refused(f'MedSynQSendmail "{program}" https://clinic.example')
    assert f"there is no program {program.split()[0]} that {USER} may run: install it" in said


@pytest.mark.parametrize("text", ["", "#!/nowhere/sh\n", "#! /nowhere/perl -w\n"])
def test_a_mail_program_that_cannot_be_run(refused, text):
    def prepare(server):
        (server.root / "mail").write_text(text)
        (server.root / "mail").chmod(0o755)
    assert f"there is no program ROOT/mail that {USER} may run" in refused(
        'MedSynQSendmail "{root}/mail" https://clinic.example', prepare)


@pytest.mark.parametrize("site", ["https://clinic.example/below", "https://a b", "https://x@clinic.example",
                                  'https://clinic.example\\"', "https://", "clinic.example", "https://c.example/"])
def test_a_site_that_links_cannot_begin_with(refused, site):
    assert "give the site's address, a host and perhaps its port" in refused(f'MedSynQSendmail /bin/true "{site}"')


@pytest.mark.parametrize("limits", ["1h 999999d", "31622401", "367d 367d"])
def test_limits_of_a_session_that_no_clock_reaches(refused, limits):
    assert "366d at most" in refused(f"MedSynQSessionTimeout {limits}")


def test_an_archive_that_cannot_be_written(refused):
    assert "with its absolute path" in refused("MedSynQAuditRetention 3000 archive")
    if os.getuid() == 0:
        assert f"{USER} cannot write to the folder ROOT: chown it" in refused(
            'MedSynQAuditRetention 3000 "{root}/archive"')


ELSEWHERE = 'MedSynQDatabase pgsql "host=/nowhere dbname=m user=medsynq_serve{files}"\nMedSynQFolder "{{root}}/{folder}"'


@with_libpq
def test_a_server_of_postgresql_that_is_away_is_no_fault(destination):
    server = neighbours.Neighbours("", destination=destination)
    server.clinic = "MedSynQ On\n" + ELSEWHERE.format(files="", folder="medsynq").format(root=server.root)
    server.write()
    answer = server.configtest()
    server.close()
    assert answer.returncode == 0, answer.stderr


@with_libpq
@pytest.mark.parametrize("folder, words", [
    ("none", "there is no folder ROOT/none: install -d -o"), ("httpd.conf", "there is no folder ROOT/httpd.conf"),
    ("open", "everybody may write the folder ROOT/open"),
    pytest.param("sites", f"{USER} cannot write the folder ROOT/sites: chown it", marks=as_root)])
def test_a_folder_of_uploads_that_is_none(refused, folder, words):
    def prepare(server):
        (server.root / "open").mkdir()
        (server.root / "open").chmod(0o777)
        (server.root / "secret").write_bytes(os.urandom(32))
        (server.root / "secret").chmod(0o600)
    said = refused(ELSEWHERE.format(files="", folder=folder) + '\nMedSynQSecretFile "{root}/secret"', prepare)
    assert f"MSQ0002: MedSynQFolder: {words}" in said


@with_libpq
@pytest.mark.parametrize("option, file, words", [
    ("passfile", "none", "there is no file ROOT/none"), ("sslrootcert", "none", "there is no file ROOT/none"),
    ("passfile", "read", "others may read ROOT/read, and libpq does not use it then: chmod 600 it"),
    ("sslkey", "read", "others may read ROOT/read"),
    pytest.param("passfile", "roots", "the server's user cannot read ROOT/roots", marks=as_root),
    pytest.param("sslcert", "roots", "the server's user cannot read ROOT/roots", marks=as_root)])
def test_a_file_that_libpq_would_pass_over(refused, option, file, words):
    def prepare(server):
        for name, mode in (("read", 0o644), ("roots", 0o600)):
            (server.root / name).write_text("x")
            (server.root / name).chmod(mode)
    said = refused(ELSEWHERE.format(files=f" {option}={{{{root}}}}/{file}", folder="medsynq").replace(
        "{{root}}", "{root}"), prepare)
    assert f"MSQ0002: MedSynQDatabase: {option}=: {words}" in said


def test_a_body_limit_of_httpd_below_ours(refused):
    assert "LimitRequestBody 1000000 would refuse" in refused("LimitRequestBody 1000000")
    for place in ("/", "/patients/", "/patients/import"):
        assert "LimitRequestBody 1000 would refuse" in refused(
            f'<Location "{place}">\nLimitRequestBody 1000\n</Location>')
    assert "LimitRequestBody 999 would refuse" in refused(
        '<LocationMatch "^/patients">\nLimitRequestBody 999\n</LocationMatch>')


def test_a_body_limit_of_another_path_is_theirs(destination):
    server = neighbours.Neighbours("", destination=destination)
    server.clinic = ('MedSynQ On\n<Location "/uploads">\nLimitRequestBody 1000\n</Location>\n<Location "/">\n'
                     'LimitRequestBody 1000\n</Location>\n<Location "/patients">\nLimitRequestBody 0\n</Location>')
    server.write()
    answer = server.configtest()
    server.close()
    assert answer.returncode == 0, answer.stderr


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
