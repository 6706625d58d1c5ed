"""Start, stop, reload; wrong configurations; what happens when the database is not there."""
import contextlib
import os
import signal
import socket
import sqlite3
import subprocess

import pytest

from harness import FLAVOUR, MODULE, PASSWORD, TOP, Server, sanitizer_environment, until


@pytest.mark.parametrize("mpm", ["event", "worker", "prefork"])
def test_sessions_survive_graceful_and_restart(make_server, mpm):
    server = make_server(mpm=mpm)
    clinic = server.organisation()
    clinic.add_patient("Ann Survivor")
    for how in (signal.SIGUSR1, signal.SIGHUP, signal.SIGUSR1):
        server.reload(how)
        answer = clinic.get("/patients")
        assert answer.status == 200 and "Ann Survivor" in answer.text
    assert "MSQ0001" in server.log()


def test_data_is_there_at_the_next_start(tmp_path, make_server):
    os.chmod(tmp_path, 0o755)
    state = tmp_path / "state"
    server = make_server(state=state)
    clinic = server.organisation()
    path = clinic.add_patient("Ann Remains")
    assert server.stop(gently=False) == 0
    again = make_server(state=state)
    client = again.client()
    client.log_in(clinic.organisation)
    assert "Ann Remains" in client.get(path).text


def test_a_killed_server_has_lost_nothing_acknowledged(tmp_path, make_server):
    os.chmod(tmp_path, 0o755)
    server = make_server(state=tmp_path / "state")
    clinic = server.organisation()
    path = clinic.add_patient("Ann Acknowledged")
    os.killpg(os.getpgid(server.pid), signal.SIGKILL)
    server.process.wait(30)
    again = make_server(state=tmp_path / "state")
    client = again.client()
    client.log_in(clinic.organisation)
    assert "Ann Acknowledged" in client.get(path).text


def test_requests_are_never_answered_by_root(server):
    server.client().get("/")
    children = subprocess.run(["ps", "--ppid", str(server.pid), "-o", "user=,comm="],
                              capture_output=True, text=True, check=True).stdout
    workers = [line for line in children.splitlines() if "apache2" in line or "httpd" in line]
    assert workers and not any(line.startswith("root") for line in workers)


def test_a_port_in_use_is_said_in_one_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        server = Server(port=taken.getsockname()[1]).start()
        assert server.process.wait(30) == 1
        assert "is in use. Choose another" in server.said()
        server.close()


def check(server, directives):
    server.state.mkdir(exist_ok=True)
    extra = server.state / "extra.conf"
    extra.write_text(directives)
    return subprocess.run([TOP / "mod_medsynq/tools/serve"], capture_output=True, text=True,
                          env=dict(os.environ, **sanitizer_environment(), SERVE_CHECK="1", MODULE=str(MODULE),
                                   PORT=str(server.port), STATE=str(server.state), CONF=str(extra)))


@pytest.mark.parametrize("directive,sentence", [
    ("MedSynQDatabase oracle x", "is not supported; use sqlite3"),
    ("MedSynQDatabase sqlite3 relative.db", "absolute path"),
    ("MedSynQPasswordCost 3", "from 4 to 15"),
    ("MedSynQPasswordCost many", "from 4 to 15"),
    ("MedSynQSessionTimeout soon", "such as 15m 12h"),
    ("MedSynQSessionTimeout 2h 1h", "must not be shorter"),
    ("MedSynQSessionCache nosuch", "there is no provider 'nosuch'"),
    ("MedSynQSessionCache medsynq:few", "MedSynQSessionCache"),
    ("MedSynQRegistration maybe", "must be open, invite or closed"),
    ("MedSynQRegistrationThrottle lots", "must be off or the number"),
    ("MedSynQLoginThrottle few", "give off, or two numbers"),
    ("MedSynQPasswordWorkers 0", "from 1 to 64"),
    ("MedSynQMaxBody 10", "from 16384 to"),
    ("MedSynQMaxBody 64q", "such as 64k or 1M"),
    ("MedSynQMaxBody 64kb", "such as 64k or 1M"),
    ("MedSynQMaxUpload 99999999999999G", "must be a number of bytes from 16384 to"),
    ("MedSynQMaxUpload -1M", "must be a number of bytes"),
    ("MedSynQQuota doctors 5", "'doctors' must be patients, people, files or bytes"),
    ("MedSynQQuota patients 0", "'0' must be off or a number from 1 on"),
    ("MedSynQQuota people many", "must be off or a number from 1 on"),
    ("MedSynQQuota bytes 5x", "such as 500M or 20G"), ("MedSynQQuota files -1", "must be off or a number"),
    ("MedSynQConnections 1k", "must be a number from 1 to 1000"),
    ("MedSynQRegistration close", "did you mean closed?"),
    ("MedSynQSessionTimeout 1d", "720 minutes where nothing else is said, must not be shorter"),
    ("MedSynQConnections 0", "from 1 to 1000"),
    ("MedSynQ perhaps", "must be On or Off")])
def test_configtest_names_the_fix(directive, sentence):
    server = Server()
    answer = check(server, directive)
    said = answer.stdout + answer.stderr + server.log()
    server.close()
    assert answer.returncode != 0
    assert sentence in said


def test_bytes_have_httpds_units(make_server):
    """As LimitRequestBody's neighbours take them, in capitals or not."""
    server = make_server("MedSynQMaxBody 32k\nMedSynQMaxUpload 1M")
    clinic = server.organisation()
    token = clinic.token("/patients/new")
    for length, status in ((32 * 1024 - 200, 422), (32 * 1024 + 1, 413)):
        body = f"csrf_token={token}&name=&address=".ljust(length, "x")
        assert clinic.request("POST", "/patients/new", body, {
            "Content-Type": "application/x-www-form-urlencoded"}).status == status
    for line in ("MedSynQMaxBody 1m", "MedSynQMaxUpload 1G", "MedSynQMaxUpload 65536K"):
        other = Server()
        assert check(other, line).returncode == 0
        other.close()


def refused(state, prepare):
    server = Server(state=state)
    server.database.parent.mkdir(parents=True)
    prepare(server.database)
    server.start()
    code = server.process.wait(60)
    said = server.said() + server.log()
    return code, said


def test_a_file_that_is_no_database_is_refused(tmp_path):
    os.chmod(tmp_path, 0o755)
    code, said = refused(tmp_path / "s", lambda p: p.write_text("hello " * 1000))
    assert code != 0 and "is not an SQLite database" in said


def test_another_programs_database_is_refused(tmp_path):
    os.chmod(tmp_path, 0o755)

    def prepare(path):
        with sqlite3.connect(path) as db:
            db.execute("CREATE TABLE theirs (x)")
    code, said = refused(tmp_path / "s", prepare)
    assert code != 0 and "another program's database" in said


def test_a_newer_schema_is_refused(tmp_path, make_server):
    os.chmod(tmp_path, 0o755)
    first = make_server(state=tmp_path / "s")
    first.stop()
    with contextlib.closing(sqlite3.connect(first.database)) as db:
        db.execute("PRAGMA user_version = 9999")
    again = Server(state=tmp_path / "s").start()
    assert again.process.wait(60) != 0
    assert "install the newer MedSynQ" in again.said() + again.log()


def test_a_reload_with_a_broken_template_answers_503_and_does_not_end_the_server(make_server):
    server = make_server()
    template = server.state / "share/templates/home.html"
    good = template.read_text()
    template.write_text(good + "{{nonsense}}")
    server.reload()
    answer = server.client().get("/")
    assert answer.status == 503 and answer.headers["Retry-After"]
    assert "unknown name {{nonsense}}" in server.log()
    template.write_text(good)
    server.reload()
    assert server.client().get("/").status == 200


def test_a_vanished_database_answers_503(make_server):
    server = make_server()
    server.database.rename(server.database.with_suffix(".away"))
    answer = server.client().get("/readyz")
    assert answer.status == 503 and answer.headers["Retry-After"]
    until(lambda: "there is no such file" in server.log(), "the log names the cause")
    assert not server.database.exists()


def test_a_changed_terminal_size_does_not_stop_it(server):
    server.process.send_signal(signal.SIGWINCH)
    assert server.client().get("/healthz").text == "ok\n"


def resident(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


@pytest.mark.skipif(FLAVOUR == "sanitize", reason="the sanitizers keep freed memory")
def test_reloads_leak_neither_memory_nor_files(make_server):
    server = make_server()
    clinic = server.organisation()
    for _ in range(3):
        server.reload()
    memory, files = resident(server.pid), len(os.listdir(f"/proc/{server.pid}/fd"))
    for _ in range(10):
        server.reload()
    assert clinic.get("/dashboard").status == 200
    assert resident(server.pid) - memory < 512
    assert len(os.listdir(f"/proc/{server.pid}/fd")) == files


def test_one_connection_is_enough_for_every_page(make_server):
    """No request waits for a second connection while it has one."""
    server = make_server("MedSynQConnections 1")
    clinic = server.organisation()
    path = clinic.add_patient("Ann Alone", date_of_birth="1984-03-04")
    assert clinic.submit(f"{path}/edit", name="Ann Alone", date_of_birth="1984-03-05").status == 303
    for page in ("/dashboard", "/patients", "/patients?q=alone", path, f"{path}/history", f"{path}/print",
                 "/patients/import", "/patients/export.csv", "/users", "/audit", "/organisation", "/account",
                 "/account/sessions", "/readyz"):
        assert clinic.get(page).status in (200, 303), page
    assert clinic.submit("/account/password", page="/account", current=PASSWORD, password="another long sentence 8",
                         again="another long sentence 8").status != 503
    assert clinic.log_out().status == 303
    assert clinic.log_in(clinic.organisation).status in (303, 422)
    assert "MSQ0030" not in server.log()
