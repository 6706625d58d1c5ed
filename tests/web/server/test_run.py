"""What `make run` promises: one sentence for each obstacle, a clean end, any place for the data."""
import os
import pathlib
import re
import shutil
import signal
import subprocess

import pytest

from harness import MODULE, TOP, Server, raw, until

SERVE = TOP / "mod_medsynq/tools/serve"
as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root may change to another user")


def serve(state, **environment):
    return subprocess.run([SERVE], capture_output=True, text=True, timeout=60, env={
        **os.environ, "MODULE": str(MODULE), "PORT": "1", "STATE": str(state), **environment})


@pytest.mark.parametrize("port", ["abc", "0", "65536", "80x"])
def test_a_port_that_is_none_is_refused(tmp_path, port):
    answer = serve(tmp_path, PORT=port)
    assert answer.returncode == 1
    assert answer.stderr.startswith("MedSynQ cannot start: PORT must be")


def test_a_missing_conf_is_named(tmp_path):
    answer = serve(tmp_path, CONF="no-such-file")
    assert answer.returncode == 1 and "CONF=no-such-file cannot be read" in answer.stderr


def test_a_state_that_cannot_be_made_is_named_with_the_remedy(tmp_path):
    (tmp_path / "file").write_text("")
    answer = serve(tmp_path / "file/state")
    assert answer.returncode == 1
    assert "cannot be made. Give another: make run STATE=" in answer.stderr


@as_root
def test_a_state_of_somebody_else_is_named_with_the_remedy(tmp_path):
    state = tmp_path / "state"
    state.mkdir(mode=0o755)
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == 0 and folder.stat().st_mode & 0o001 == 0:
            os.chmod(folder, 0o711)
    answer = subprocess.run(
        ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "env", f"STATE={state}",
         "PORT=1", "bash", "-s"], input=SERVE.read_text(), capture_output=True, text=True, timeout=60)
    assert answer.returncode == 1
    assert "is not writable by nobody. Give another: make run STATE=" in answer.stderr


def test_the_same_state_is_served_once(make_server):
    first = make_server()
    second = Server(state=first.state).start()
    assert second.process.wait(30) == 1
    assert f"it runs already with this STATE, as process {first.pid}" in second.said()
    second.reserved.close()
    assert first.client().get("/healthz").status == 200


def test_a_stale_pid_file_is_no_hindrance(tmp_path, make_server):
    os.chmod(tmp_path, 0o755)
    state = tmp_path / "state"
    state.mkdir()
    ended = subprocess.Popen(["true"])
    ended.wait()
    (state / "httpd.pid").write_text(f"{ended.pid}\n")
    assert make_server(state=state).client().get("/healthz").status == 200


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c_and_its_relatives_end_it_cleanly(make_server, how):
    server = make_server()
    server.process.send_signal(how)
    assert server.process.wait(60) == 0
    assert "MedSynQ has stopped." in server.said()
    assert not (server.state / "httpd.pid").exists()


@as_root
def test_data_below_a_folder_closed_to_the_servers_user(make_server, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    server = make_server(state=closed / "state")
    clinic = server.organisation()
    path = clinic.add_patient("Ann Enclosed")
    server.reload()
    assert "Ann Enclosed" in clinic.get(path).text
    assert server.client().get("/public/styles.css").status == 200
    server.stop()
    again = make_server(state=closed / "state").client()
    again.log_in(clinic.organisation)
    assert "Ann Enclosed" in again.get(path).text


@as_root
def test_the_state_is_closed_to_others_and_the_secret_to_all_but_its_owner(server):
    server.client().get("/")
    assert server.state.stat().st_mode & 0o007 == 0
    for name in ("medsynq.db", "error.log", "access.log"):
        assert (server.state / name).stat().st_mode & 0o007 == 0, name
    assert (server.state / "secret").stat().st_mode & 0o077 == 0


def test_search_words_and_one_time_links_are_not_in_the_access_log(make_server):
    server = make_server()
    clinic = server.organisation()
    clinic.get("/patients?q=Xyzzywick")
    server.client().get("/invitations/SecretToken")
    raw(server.port, b"GET /patients?q=Xyzzywick HTTP/1.0\r\n\r\n")
    # httpd writes the line after the answer: the end must not come between them
    until(lambda: "/invitations/-" in server.access_log() and
          server.access_log().count('"GET /patients HTTP') == 2, "the lines are written")
    server.stop()
    log = server.access_log() + server.log() + server.said()
    assert '"GET /patients HTTP' in log and "/invitations/-" in log
    assert "Xyzzywick" not in log and "SecretToken" not in log


def test_a_state_with_blanks_in_its_name(make_server, tmp_path):
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.getuid() and folder.stat().st_mode & 0o001 == 0:
            os.chmod(folder, 0o711)
    server = make_server(state=tmp_path / "the data, all of it")
    assert server.client().get("/login").status == 200
    until(lambda: '"GET /login HTTP' in server.access_log(), "the line is written")
    assert "resuming normal operations" in server.log()


def make_flags(*arguments, **environment):
    clean = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    said = subprocess.run(["make", "-C", TOP, "-npR", *arguments], capture_output=True, text=True,
                          timeout=60, env={**clean, **environment}).stdout
    return re.search("^MAKEFLAGS = (.*)", said, re.M)[1].split()


def test_make_uses_all_cores_unless_told_otherwise():
    assert "-j7" in make_flags("help", "JOBS=7")
    assert "-j3" in make_flags("help", "JOBS=7", "-j3") and "-j7" not in make_flags("help", "JOBS=7", "-j3")
    # a make below another, or one that cleans first, goes by what it was given
    assert "-j7" not in make_flags("help", "JOBS=7", MAKELEVEL="1")
    assert "-j7" not in make_flags("clean", "help", "JOBS=7")


def test_it_installs_below_destdir(tmp_path):
    """What `make install` lays down is a module, its pages and a configuration that names them."""
    subprocess.run(["make", "-s", "-C", TOP, "install", f"DESTDIR={tmp_path}"], check=True,
                   capture_output=True, timeout=300)
    found = {p.name for p in tmp_path.rglob("*")}
    assert {"mod_medsynq.so", "medsynq.load", "medsynq.conf", "home.html", "styles.css"} <= found
    config = next(tmp_path.rglob("medsynq.conf")).read_text()
    assert str(pathlib.Path("/usr/local/share/medsynq")) in config
    assert str(tmp_path) not in config
    shutil.rmtree(tmp_path / "usr")
