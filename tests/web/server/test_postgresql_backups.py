"""The commands of docs/postgresql-backups.md, run as they stand there, with other folders and ports."""
import itertools
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

import pytest
from harness import FLAVOUR, TOP, Port, Server, sanitizer_environment, until
from postgresql import CTL, Postgresql
from test_on_postgresql import sign_in

PAGE = TOP / "mod_medsynq/docs/postgresql-backups.md"
BY_HAND = {"sudo systemctl restart postgresql"}  # pg_ctl restart does it here


def commands(chapter):
    text = re.search(rf"^## {re.escape(chapter)}$(.*?)(?=^## |\Z)", PAGE.read_text(), re.M | re.S)[1]
    return [re.sub("^    ", "", block, flags=re.M) for block in re.findall(r"(?:^    .*\n)+", text, re.M)]


class Machine:
    """The primary with a server on it, and the folders of the page below one of our own."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="medsynq-backups-"))
        self.folder.chmod(0o755)
        self.restored = Port()
        self.primary = Postgresql().start()
        self.primary.made("medsynq")
        self.server = Server(postgresql=(self.primary, "medsynq")).start()
        for name in ("exported", "bin"):
            (self.folder / name).mkdir()
        self.wrap("sudo", 'exec "$@"')
        self.wrap("medsynqctl", f'exec "{CTL}" --secret "{self.server.state}/secret" "$@"')

    def wrap(self, name, text):
        path = self.folder / "bin" / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def run(self, script, **other):
        """As postgres where medsynqctl is not asked, for that one reads the secret; lines with sudo before, or after,
        as who runs the tests. @return what it prints"""
        for old, new in {**{f"/{name}": f"{self.folder}/{name}" for name in ("archive", "backup", "restore", "exported")},
                         "5433": str(self.restored.number), "host=db.example.org": f"host=127.0.0.1 port={self.primary.port.number}",
                         " sslmode=verify-full": "", " passfile=/root/.pgpass": "", "scram-sha-256": "trust", **other}.items():
            script = script.replace(old, new)
        if os.getuid():  # there is one user, who may
            script = script.replace(" -o postgres -g postgres", "")
        lines = [line for line in script.splitlines(keepends=True) if line.strip() not in BY_HAND]
        said = ""
        for is_sudo, group in itertools.groupby(lines, lambda line: line.startswith("sudo ")):
            said += self.run_as([] if is_sudo or "medsynqctl" in script else self.primary.prefix, "".join(group))
        return said

    def run_as(self, prefix, script):
        done = subprocess.run(
            [*prefix, "bash", "-eu", "-o", "pipefail", "-c", script], capture_output=True, text=True, timeout=300, cwd="/",
            stdin=subprocess.DEVNULL, env={
                **os.environ, **sanitizer_environment(), "PGHOST": self.primary.folder,
                **({"PGUSER": "postgres"} if os.getuid() else {}),
                "PGPORT": str(self.primary.port.number),
                "PATH": f"{self.folder}/bin:{self.primary.binaries}:{os.environ['PATH']}"})
        assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
        return done.stdout

    def restart(self):
        one = self.primary
        one.run(f"{one.binaries}/pg_ctl", "-D", f"{one.folder}/data", "-m", "fast", "-w", "stop", check=True)
        one.again()

    def close(self):
        self.server.close()
        self.primary.run(f"{self.primary.binaries}/pg_ctl", "-D", f"{self.folder}/restore/data", "-m", "immediate", "stop")
        self.primary.stop()
        self.restored.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Restored:
    """What Server asks of a database, at the restored one."""

    def __init__(self, port):
        self.port = port

    def parameters(self, database, role="medsynq_serve"):
        return f"host=127.0.0.1 port={self.port} dbname={database} user={role}"


@pytest.fixture
def machine():
    one = Machine()
    try:
        yield one
    finally:
        one.close()


@pytest.mark.skipif(FLAVOUR == "sanitize", reason="PostgreSQL's tools are not ours")
def test_the_whole_and_one_organisation_go_back_as_the_page_says(machine):
    server = machine.server
    lake, other = server.organisation("Lake Clinic"), server.organisation("Hill Clinic")
    for client in lake, other:
        client.add_patient("Ann Before")
    once, = commands("Once")
    machine.run(once)
    machine.restart()
    until(lambda: lake.get("/patients").status == 200, "the server is there again", 20)

    night, heads, one = commands("Each night")
    assert machine.run(night).startswith("0|")
    machine.run(heads)
    machine.run(one)
    kept, = (machine.folder / "backup").glob("lake-clinic-*")
    assert "Ann Before" in (kept / "patients.ndjson").read_text()

    lake.add_patient("Bea Later")  # after the backup, before the hour that is wanted
    time.sleep(0.1)
    hour, = machine.primary.done("SELECT clock_timestamp()")
    time.sleep(0.1)
    mistake = lake.add_patient("Cy Mistake")
    last, = machine.primary.done("SELECT pg_walfile_name(pg_current_wal_insert_lsn())")
    machine.primary.done("SELECT pg_switch_wal()")
    until((machine.folder / "archive" / last).exists, "the log is in the archive", 30)

    whole, check, verify = commands("The whole, as it was")[0], *commands("The whole, as it was")[1].split("\n", 1)
    machine.run(whole, **{"2026-11-29 17:00:00+00": hour})
    assert re.search(r"trail +ok", machine.run(check))
    machine.run(verify)

    suspend, export, directive, after = commands("One organisation, as it was yesterday, beside the others")
    machine.run(suspend)
    machine.run(export)
    names = [json.loads(line)["name"] for line in (machine.folder / "exported/lake-clinic/patients.ndjson").read_text().splitlines()]
    assert sorted(names) == ["Ann Before", "Bea Later"]
    assert directive.startswith("MedSynQDatabase pgsql ")
    with tempfile.TemporaryDirectory() as state:
        os.chmod(state, 0o755)
        state = pathlib.Path(state) / "state"
        state.mkdir()
        shutil.copy(server.state / "secret", state / "secret")
        (state / "secret").chmod(0o600)
        with Server(postgresql=(Restored(machine.restored.number), "medsynq"), state=state) as yesterday:
            person = sign_in(yesterday, "Lake Clinic")
            page = person.get("/patients").text
            assert "Bea Later" in page and "Cy Mistake" not in page
            assert "Bea Later" in person.get("/patients/export.csv").text
            assert yesterday.client().log_in("Hill Clinic").status != 303
    machine.run(after)
    assert not (machine.folder / "restore").exists()
    assert "Cy Mistake" in lake.get(mistake).text and other.get("/patients").status == 200
