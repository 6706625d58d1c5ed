"""medsynqctl's manners: what it says, to whom, as whom, and what its manual says of it."""
import json
import os
import pty
import re
import sqlite3
import subprocess
from contextlib import closing

import pytest

from harness import TOP
from test_ctl import built, ctl

MANUAL = TOP / "mod_medsynq/docs/medsynqctl.8"
as_root = pytest.mark.skipif(os.getuid() != 0, reason="needs root to become others")


def run(*arguments, user=None):
    group = "nogroup" if user == "nobody" else user
    prefix = ["setpriv", "--reuid", user, "--regid", group, "--clear-groups"] if user else []
    return subprocess.run([*prefix, built(), *map(str, arguments)], capture_output=True, text=True,
                          timeout=120, cwd="/")


def commands():
    return re.findall(r"^  ([a-z][a-z-]*(?: [a-z-]+)?)(?= |$)", run("--help").stdout, re.M)


def manual():
    text = re.sub(r"\\f[A-Z]|\"", "", MANUAL.read_text()).replace("\\-", "-")
    return re.findall(r"^\.TP\n\.BI? ([a-z][a-z-]*(?: [a-z-]+)?)(?= |$)", text, re.M)


def test_the_manual_has_every_command_and_no_other():
    assert len(commands()) > 20 and sorted(commands()) == sorted(manual())


def test_the_manual_is_set_without_a_warning():
    said = subprocess.run(["groff", "-ww", "-man", "-Tutf8", MANUAL], capture_output=True, text=True)
    assert said.returncode == 0 and said.stderr == "" and "EXIT STATUS" in re.sub(".\b", "", said.stdout)
    lint = subprocess.run(["mandoc", "-Tlint", MANUAL], capture_output=True, text=True)
    assert lint.returncode == 0 and lint.stdout == ""


@pytest.mark.parametrize("arguments,said", [
    ((), "usage"), (("--nothing", "org", "list"), "no option --nothing"), (("audit", "export", "--dry-run"), "no --dry-run"),
    (("org",), "list, create, suspend"), (("nothing",), "no such command"),
    (("--database",), "needs a value"), (("check", "x", "y"), "one argument too many"),
    (("backup",), "name of the file"), (("demo", "--patients=many"), "--patients"),
    (("user", "invite", "A", "b@c", "--name", "B", "--roles"), "needs a value")])
def test_a_wrong_line_is_answered_by_what_is_wrong(arguments, said):
    answer = run(*arguments)
    assert answer.returncode == 64
    assert said in answer.stderr + answer.stdout


def test_options_take_their_value_either_way(tmp_path):
    path = tmp_path / "medsynq.db"
    assert run(f"--database={path}", "demo", "--patients=5", "--tenants", "1").returncode == 0
    assert json.loads(ctl(path, "org", "list", "--json"))[0]["patients"] <= 5


def test_every_answer_is_json_where_a_script_asks(tmp_path):
    path, name = tmp_path / "medsynq.db", None
    for line in (["migrate"], ["demo", "--patients", "8"], ["org", "list"], ["check"], ["routes"],
                 ["audit", "verify"], ["audit", "head"], ["backup", tmp_path / "copy.db"],
                 ["restore", tmp_path / "copy.db"], ["org", "suspend", "NAME"], ["org", "resume", "NAME"],
                 ["user", "list", "NAME"], ["org", "export", "NAME", tmp_path / "out"],
                 ["user", "unlock", "NAME", "doctor1@demo.example"],
                 ["user", "disable", "NAME", "doctor1@demo.example"]):
        said = json.loads(ctl(path, *[name if word == "NAME" else word for word in line], "--json"))
        if line[0] == "demo":
            name = said["first_tenant"]
        assert said, line
    events = [json.loads(row) for row in ctl(path, "audit", "export", "--json").splitlines()]
    assert "user.disable" in {event["action"] for event in events} and events[0]["tenant"] == 0


@as_root
def test_the_servers_user_may_what_root_may_but_for_the_secret(make_server):
    server = make_server()
    clinic = server.organisation()
    where = ("--database", server.database)
    assert run(*where, "user", "list", clinic.organisation, user="www-data").returncode == 0
    assert run(*where, "org", "suspend", clinic.organisation, user="www-data").returncode == 0
    assert run(*where, "check", user="www-data").returncode == 0
    assert run(*where, "backup", server.database.parent / "copy.db", user="www-data").returncode == 0
    reset = run(*where, "user", "reset", clinic.organisation, clinic.email, user="www-data")
    assert reset.returncode == 1 and "its owner or as root" in reset.stderr
    assert {path.stat().st_uid for path in server.database.parent.glob("*.db*")} == {server.database.stat().st_uid}


@as_root
def test_somebody_else_is_told_why_not(make_server):
    server = make_server()
    where = ("--database", server.database)
    for line in (("org", "list"), ("user", "list", "x"), ("check",), ("backup", "/tmp/x.db"),
                 ("org", "suspend", "x"), ("migrate",)):
        answer = run(*where, *line, user="nobody")
        assert answer.returncode in (1, 2) and str(server.database) in answer.stderr, answer.stderr
        assert "its owner" in answer.stderr, (line, answer.stderr)


@as_root
def test_a_folder_of_roots_own_is_remarked_upon(tmp_path):
    answer = run("--database", tmp_path / "medsynq.db", "migrate")
    assert answer.returncode == 0 and "chown" in answer.stderr
    assert "chown" not in run("--database", tmp_path / "medsynq.db", "migrate").stderr


def test_long_work_is_shown_to_whoever_looks_and_to_nobody_else(tmp_path):
    path = tmp_path / "medsynq.db"
    assert "patients:" not in run("--database", path, "demo", "--patients", 50).stderr
    shown = tmp_path / "shown"
    main, other = os.openpty()
    with open(shown, "wb") as out:
        subprocess.run([built(), "--database", path, "check"], stdout=out, stderr=other, timeout=60,
                       check=True)
    os.close(other)
    assert b"checked: 4 of 4" in os.read(main, 4096)
    os.close(main)
    assert b"checked" not in shown.read_bytes()


def test_hostile_names_do_nothing_to_a_terminal(tmp_path):
    """Escape sequences, a turned direction of writing, bytes that are no text: in what is listed and what is said."""
    path = tmp_path / "medsynq.db"
    ctl(path, "demo", "--tenants", 1, "--patients", 5)
    hostile = "Evil\x1b]0;owned\x07\x1b[31m\u202ecinilC\u2066 \u009b5n\nclosed 9 people  Ward"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE tenants SET name = ? WHERE tenant_id <> 0", (hostile,))
        db.execute("UPDATE users SET name = ?", (hostile,))
        key, = db.execute("SELECT name_key FROM tenants WHERE tenant_id <> 0").fetchone()
    listed = ctl(path, "org", "list")
    assert listed.count("\n") == 1 and "Evil?]0;owned??[31m?cinilC? ?5n closed" in listed
    people = ctl(path, "user", "list", key)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", people + listed)
    assert json.loads(ctl(path, "org", "list", "--json"))[0]["name"] == hostile  # whole, where a program reads it
    said = run("--database", path, "user", "list", "\x1b[2Jnobody").stderr
    assert "?[2Jnobody" in said and "\x1b" not in said


def test_each_command_tells_how_it_is_used():
    for command in commands():
        words = command.split()
        said = [run(*words, "--help"), run("--help", *words), run("help", *words), run(*words, "X", "--help")]
        assert {answer.returncode for answer in said} == {0} and len({answer.stdout for answer in said}) == 1
        assert said[0].stdout.startswith(f"usage: medsynqctl {command}") and "\n\n  " in said[0].stdout
    assert run("org", "--help").stdout == run("--help").stdout


@pytest.fixture
def practice(tmp_path):
    path = tmp_path / "medsynq.db"
    ctl(path, "demo", "--tenants", 1, "--patients", 5)
    return path, json.loads(ctl(path, "org", "list", "--json"))[0]["name"]


DRY = (("org", "suspend", "ORG"), ("org", "resume", "ORG"), ("user", "disable", "ORG", "doctor1@demo.example"),
       ("user", "enable", "ORG", "doctor1@demo.example"), ("user", "unlock", "ORG", "doctor1@demo.example"),
       ("user", "second-factor-off", "ORG", "doctor1@demo.example"), ("restore", "COPY"), ("secret", "rotate"),
       ("secret", "retire"))


@pytest.mark.parametrize("command", DRY)
def test_a_dry_run_looks_and_does_nothing(practice, tmp_path, command):
    path, name = practice
    copy, secret = tmp_path / "copy.db", tmp_path / "secret"
    secret.write_bytes(os.urandom(64))
    secret.chmod(0o600)
    ctl(path, "backup", copy)

    def state():
        with closing(sqlite3.connect(path)) as db:
            return list(db.iterdump()), secret.read_bytes(), sorted(os.listdir(tmp_path))
    before = state()
    words = [{"ORG": name, "COPY": copy}.get(word, word) for word in command]
    assert ctl(path, *words, "--dry-run").startswith("would: ")
    told = json.loads(ctl(path, *words, "--dry-run", "--json"))
    assert told["done"] is False and told["would"]
    assert state() == before
    wrong = ["Nobody's" if word == name else tmp_path / "none" if word == copy else word for word in words]
    if wrong != words:
        assert run("--database", path, *wrong, "--dry-run").returncode != 0


def test_a_dry_restore_looks_at_the_backup_beside_a_server(make_server):
    server = make_server()
    copy = server.database.parent / "copy.db"
    ctl(server.database, "backup", copy)
    assert "which is sound" in ctl(server.database, "restore", copy, "--dry-run")
    with closing(sqlite3.connect(copy)) as db, db:
        db.execute("UPDATE audit_events SET reason = 'x' WHERE number = 2")
    assert "not sound" in run("--database", server.database, "restore", copy, "--dry-run").stderr
    assert not list(server.database.parent.glob("*.part*"))


def test_the_same_twice_is_well(practice):
    path, name = practice
    for word, state in (("suspend", "suspended"), ("resume", "active")):
        for _ in range(2):
            assert state in ctl(path, "org", word, name)
            assert json.loads(ctl(path, "org", "list", "--json"))[0]["status"] == state
    for word in ("disable", "disable", "enable", "enable"):
        ctl(path, "user", word, name, "doctor1@demo.example")


@pytest.mark.parametrize("typed,options,status", [("y\n", (), "suspended"), ("n\n", (), "active"), ("\n", (), "active"),
                                                  ("", ("--yes",), "suspended")])
def test_a_person_at_a_terminal_is_asked(practice, typed, options, status):
    path, name = practice
    controller, terminal = pty.openpty()
    process = subprocess.Popen([built(), "--database", path, "org", "suspend", name, *options], stdin=terminal,
                               stdout=subprocess.PIPE, stderr=terminal, text=True)
    os.write(controller, typed.encode())
    process.communicate(timeout=60)
    os.close(terminal)
    assert json.loads(ctl(path, "org", "list", "--json"))[0]["status"] == status
    assert process.returncode == (0 if status == "suspended" else 1)
    os.close(controller)


def test_signed_heads_are_json_that_holds_what_is_signed(practice, tmp_path):
    path, _ = practice
    secret = tmp_path / "secret"
    secret.write_bytes(os.urandom(64))
    secret.chmod(0o600)
    heads = tmp_path / "heads"
    heads.write_text(json.loads(ctl(path, "audit", "sign", "--json"))["signed"])
    assert "sound" in ctl(path, "audit", "verify", "--head", heads)


def completed(*words):
    script = (f"source '{TOP}/mod_medsynq/packaging/bash-completion/medsynqctl'; COMP_WORDS=(\"$@\"); "
              "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _medsynqctl; printf '%s\\n' \"${COMPREPLY[@]}\"")
    done = subprocess.run(["bash", "-euc", script, "bash", built(), *words], capture_output=True, text=True,
                          timeout=60, cwd=TOP)
    assert not done.stderr, done.stderr
    return done.stdout.split()


def test_bash_completes_every_command_and_its_options():
    for command in commands():
        words = command.split()
        for length in range(len(words)):
            assert words[length] in completed(*words[:length], words[length][:2]), command
    assert completed("us") == ["user"] and "second-factor-off" in completed("--json", "user", "")
    assert {"--keep", "--fewer", "--json", "--dry-run"} <= set(completed("backup", "--"))
    assert "--keep" not in completed("restore", "--")
    assert completed("user", "invite", "A", "a@b.example", "--r") == ["--roles"]
    assert completed("user", "invite", "A", "a@b.example", "--roles", "cl") == ["clinician"]
    assert completed("--database", "READM") == ["README.md"] and completed("restore", "READM") == ["README.md"]
    assert completed("nothing", "--k") == []


def test_status_tells_at_a_glance(practice):
    path, _ = practice
    told = json.loads(ctl(path, "status", "--json"))
    assert told["organisations"] == 1 and told["bytes"] == path.stat().st_size and told["free_bytes"] > 0
    assert told["schema"] == told["schema_known"] > 20 and told["database"] == str(path)
    assert re.search("^organisations +1$", ctl(path, "status"), re.M)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 3")
    assert re.search(r"^schema +3\nschema_known +\d+: medsynqctl migrate", ctl(path, "status"), re.M)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA application_id = 7")
    assert "another program" in run("--database", path, "status").stderr
