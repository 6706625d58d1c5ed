"""medsynqctl's manners: what it says, to whom, as whom, and what its manual says of it."""
import json
import os
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
    prefix = ["setpriv", "--reuid", user, "--regid", "nogroup", "--clear-groups"] if user else []
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
    ((), "usage"), (("org",), "list, create, suspend"), (("nothing",), "no such command"),
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
    assert run(*where, "backup", server.state / "copy.db", user="www-data").returncode == 0
    reset = run(*where, "user", "reset", clinic.organisation, clinic.email, user="www-data")
    assert reset.returncode == 1 and "its owner or as root" in reset.stderr
    assert {path.stat().st_uid for path in server.state.glob("*.db*")} == {server.database.stat().st_uid}


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
