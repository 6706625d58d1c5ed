"""What `make run` promises: one sentence for each obstacle, a clean end, any place for the data."""
import os
import pathlib
import pwd
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
    for name in ("data", "data/medsynq.db", "error.log", "access.log"):
        assert (server.state / name).stat().st_mode & 0o007 == 0, name
    assert (server.state / "secret").stat().st_mode & 0o077 == 0


def server_ids():
    entry = pwd.getpwnam("www-data")
    return entry.pw_uid, entry.pw_gid


def as_server(*command):
    return subprocess.run(["setpriv", "--reuid=www-data", "--regid=www-data", "--clear-groups", *command],
                          capture_output=True, text=True)


@as_root
def test_the_servers_user_can_replace_nothing_that_root_reads_or_writes(server):
    assert server.state.stat().st_uid == 0 and server.database.stat().st_uid != 0
    for name in ("secret", "httpd.pid", "httpd.conf", "error.log", "access.log", "share", "data", "medsynq.db"):
        assert as_server("mv", server.state / name, server.state / "gone").returncode != 0, name
        assert as_server("ln", "-sf", "/etc/hostname", server.state / name / "x" if name == "share" else
                         server.state / name).returncode != 0 or name == "data", name
    assert as_server("touch", server.state / "planted").returncode != 0
    assert as_server("cat", server.state / "secret").returncode != 0


def test_the_old_path_of_the_database_leads_to_it(server, clinic):
    old = server.state / "medsynq.db"
    assert old.is_symlink() and old.resolve() == server.database.resolve()
    for where in (("--state", server.state), ("--database", old), ("--database", server.database)):
        answer = subprocess.run([MODULE.parent / "medsynqctl", *where, "check"], capture_output=True, text=True)
        assert answer.returncode == 0, (where, answer.stderr)
        answer = subprocess.run([MODULE.parent / "medsynqctl", *where, "user", "reset", clinic.organisation,
                                 clinic.email], capture_output=True, text=True)
        assert answer.returncode == 0 and "/password-reset/" in answer.stdout, (where, answer.stderr)


def old_layout(server):
    """As the version before laid it out: all in one folder of the server's user."""
    for path in (server.state / "data").iterdir():
        path.replace(server.state / path.name)
    (server.state / "data").rmdir()
    if os.getuid() == 0:
        for path in (server.state, *server.state.glob("medsynq.db*")):
            shutil.chown(path, "www-data", "www-data")


def test_a_state_of_the_version_before_is_taken_over(make_server, tmp_path):
    os.chmod(tmp_path, 0o755)
    server = make_server(state=tmp_path / "state")
    clinic = server.organisation()
    path = clinic.add_patient("Ann Earlier")
    server.stop()
    old_layout(server)
    again = make_server(state=tmp_path / "state")
    client = again.client()
    client.log_in(clinic.organisation)
    assert "Ann Earlier" in client.get(path).text
    assert (again.state / "medsynq.db").is_symlink() and again.database.is_file()


@pytest.mark.parametrize("name", ["secret", "error.log", "access.log", "httpd.conf", "share", "data", "medsynq.db",
                                  "medsynq.db-wal"])
@pytest.mark.parametrize("how", ["symlink", "hard link"])
def test_a_planted_link_is_followed_nowhere(make_server, tmp_path, name, how):
    os.chmod(tmp_path, 0o755)
    if how == "hard link" and name in ("share", "data"):
        pytest.skip("folders have none")
    state, target = tmp_path / "state", tmp_path / "target"
    state.mkdir()
    (state / "secret").write_bytes(b"s" * 32) if name != "secret" else None
    target.write_text("of root's") if name not in ("share", "data") else target.mkdir()
    (state / name).symlink_to(target) if how == "symlink" else os.link(target, state / name)
    if os.getuid() == 0:
        shutil.chown(state, "www-data", "www-data")
    before = target.lstat()
    answer = serve(state)
    assert answer.returncode == 1 and answer.stderr.startswith(f"MedSynQ cannot start: {state / name} "), answer.stderr
    assert "Remove it" in answer.stderr
    now = target.lstat()
    assert (now.st_uid, now.st_mode, now.st_size, now.st_mtime) == (
        before.st_uid, before.st_mode, before.st_size, before.st_mtime)


@as_root
@pytest.mark.parametrize("how", ["a link of the server's user", "a folder of the server's user",
                                 "a folder that all may write"])
def test_a_way_to_the_state_that_the_servers_user_can_change_is_refused(tmp_path, how):
    os.chmod(tmp_path, 0o755)
    target, way = tmp_path / "target", tmp_path / "way"
    target.mkdir(mode=0o751)
    if how.startswith("a link"):
        way.symlink_to(target)
        os.chown(way, *server_ids(), follow_symlinks=False)
    else:
        way.mkdir()
        os.chmod(way, 0o777 if how.endswith("write") else 0o755)
        os.chown(way, *(server_ids() if how.endswith("user") else (0, 0)))
    before = target.stat()
    answer = serve(way / "state")
    assert answer.returncode == 1 and f"www-data could replace {way.name} on the way to" in answer.stderr, answer
    assert not (target / "state").exists() and not (way / "state").exists()
    assert (target.stat().st_uid, target.stat().st_mode) == (before.st_uid, before.st_mode)


@as_root
def test_a_folder_of_other_things_is_not_taken(tmp_path):
    os.chmod(tmp_path, 0o755)
    (tmp_path / "letters").mkdir()
    before = tmp_path.stat()
    answer = serve(tmp_path)
    assert answer.returncode == 1 and "holds other things" in answer.stderr and "STATE=" in answer.stderr
    assert (tmp_path.stat().st_gid, tmp_path.stat().st_mode) == (before.st_gid, before.st_mode)
    assert [path.name for path in tmp_path.iterdir()] == ["letters"]


@as_root
def test_what_somebody_ran_who_is_not_root_goes_on_as_root(make_server, tmp_path):
    os.chmod(tmp_path, 0o755)
    server = make_server(state=tmp_path / "state")
    clinic = server.organisation()
    path = clinic.add_patient("Ann Before")
    server.stop()
    for entry in (server.state, *server.state.rglob("*")):
        shutil.chown(entry, "nobody", "nogroup") if not entry.is_symlink() else None
    again = make_server(state=tmp_path / "state")
    client = again.client()
    client.log_in(clinic.organisation)
    assert "Ann Before" in client.get(path).text
    assert again.state.stat().st_uid == (again.state / "secret").stat().st_uid == 0
    again.stop()
    for entry in (again.database.parent, *again.database.parent.iterdir()):
        shutil.chown(entry, "nobody", "nogroup")
    os.link(tmp_path / "state/secret", again.database.parent / "planted")
    answer = serve(tmp_path / "state")
    assert answer.returncode == 1 and "has another name elsewhere" in answer.stderr


def test_two_databases_are_said(tmp_path):
    (tmp_path / "data").mkdir()
    for path in (tmp_path / "medsynq.db", tmp_path / "data/medsynq.db"):
        path.write_bytes(b"")
    answer = serve(tmp_path)
    assert answer.returncode == 1 and "there are two databases" in answer.stderr


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
