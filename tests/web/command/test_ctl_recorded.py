"""What each command of medsynqctl leaves in the trail: of the organisation that it acts on, or of the
installation."""
import contextlib
import datetime
import re
import sqlite3
import subprocess

from test_ctl import built, ctl

ADDRESS = "doctor1@demo.example"
INSTALLATION, OWN = "MedSynQ", "{org}"
CREATE, INVITE, COMMAND, ARCHIVE = 1, 22, 118, 120
# command: (arguments, {(whose chain, the action's number)})
COMMANDS = {
    "backup": (("{folder}/copy.db",), {(INSTALLATION, COMMAND)}),
    "org export": (("{org}", "{folder}/export"), {(OWN, 115)}),
    "org suspend": (("{org}",), {(OWN, 113)}),
    "org resume": (("{org}",), {(OWN, 114)}),
    "org create": (("New Clinic", "--admin", "Ann", "--email", "ann@example.org"),
                   {("New Clinic", CREATE), ("New Clinic", INVITE)}),
    "org rename": (("New Clinic", "Old Clinic"), {("Old Clinic", 121)}),
    "org close": (("Old Clinic",), {("Old Clinic", 122)}),
    "org erase": (("Old Clinic", "--now"), {(INSTALLATION, 123)}),
    "user invite": (("{org}", "new@example.org", "--name", "New", "--roles", "clinician"), {(OWN, INVITE)}),
    "user disable": (("{org}", ADDRESS), {(OWN, 25)}),
    "user enable": (("{org}", ADDRESS), {(OWN, 26)}),
    "user unlock": (("{org}", ADDRESS), {(OWN, 119)}),
    "user reset": (("{org}", ADDRESS), {(OWN, 28)}),
    "user second-factor-off": (("{org}", ADDRESS), {(OWN, 29)}),
    "maintenance on": ((), {(INSTALLATION, COMMAND)}),
    "maintenance off": ((), {(INSTALLATION, COMMAND)}),
    "secret rotate": ((), {(INSTALLATION, COMMAND)}),
    "secret retire": ((), {(INSTALLATION, COMMAND)}),
    "secret adopt": ((), {(INSTALLATION, COMMAND)}),
    "audit archive": (("--before", datetime.date.today().isoformat(), "{folder}/old.db"),
                      {(OWN, ARCHIVE)}),
    # these only read, and a file without a server, too: a copy that they changed would prove nothing
    "org list": ((), set()), "user list": (("{org}",), set()), "check": ((), set()), "routes": ((), set()),
    "audit verify": ((), set()), "audit head": ((), set()), "audit sign": ((), set()),
    "audit export": ((), set()), "jobs": ((), set()), "explain": ((), set()), "status": ((), set()),
    # tries a program, and touches no database
    "mail test": (("ann@example.org", "--sendmail", "/bin/true"), set()),
    "restore": (("{folder}/copy.db",), {(INSTALLATION, COMMAND)}),
}
# they need another database: test_installation.py, test_on_postgresql.py, test_copy.py
ELSEWHERE = {"migrate", "demo", "import-seed", "roles", "copy"}


def events(database):
    """By the chain's id and the number of each: whose chain, and the action."""
    with contextlib.closing(sqlite3.connect(database)) as db:
        return {row[:2]: row[2:] for row in db.execute(
            "SELECT tenant_id, e.number, t.name, e.action FROM audit_events e JOIN tenants t USING (tenant_id)")}


def test_each_command_leaves_its_event(make_server):
    server = make_server()
    server.stop()  # its secret is there, and nobody is in the way of a restore
    demo = server.database
    ctl(demo, "demo", "--tenants", 2, "--patients", 40, "--seed", 7)
    help_text = subprocess.run([built(), "help"], capture_output=True, text=True, check=True).stdout
    known = {re.match(r"  ([a-z-]+(?: [a-z][a-z-]*)?)(?: |$)", line)[1]
             for line in help_text.splitlines() if re.match(r"  [a-z]", line)}
    assert known - {"help", "version"} == set(COMMANDS) | ELSEWHERE
    with contextlib.closing(sqlite3.connect(demo)) as db:
        organisation, = db.execute("SELECT name FROM tenants WHERE name LIKE '% 1'").fetchone()
    for command, (arguments, expected) in COMMANDS.items():
        before = events(demo)
        ctl(demo, *command.split(), *(a.format(org=organisation, folder=server.database.parent) for a in arguments))
        found = {event for place, event in events(demo).items() if place not in before}
        if command == "restore":  # the copy's own events are from before
            found = {max((place, event) for place, event in events(demo).items() if place[0] == 0)[1]}
        if command == "audit archive":  # of every chain that had something old
            found = {event for event in found if event[0] == organisation}
        assert found == {(chain.format(org=organisation), action) for chain, action in expected}, command
