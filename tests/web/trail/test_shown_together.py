"""Whoever stands on a page is in the trail: lists, searches, the dashboard, exports, candidates."""
import contextlib
import http.client
import os
import random
import signal
import sqlite3
import subprocess
import threading

import pytest

from harness import until
from test_disclosures import patient_of
from test_trail import verify

CANARY = "Zoe Quartzfinch"


def lines_about(server, patient):
    """The actions of the events that are about a patient, alone or with others."""
    with sqlite3.connect(f"file:{server.database}?mode=ro", uri=True) as db:
        key = bytes.fromhex(patient.replace("-", ""))
        return [a for a, in db.execute(
            "SELECT action FROM audit_events WHERE outcome = 1 AND (patient_id = ?1 OR patient_id IN "
            "(SELECT group_id FROM audit_group_patients g WHERE g.tenant_id = audit_events.tenant_id "
            "AND patient_id = ?1)) ORDER BY number", (key,))]


def clinic_of(server, people=3):
    client = server.organisation()
    patient = client.add_patient(CANARY, date_of_birth="1980-02-03").rsplit("/", 1)[1]
    for i in range(people):
        client.add_patient(f"Other Person {i}")
    return client, patient


READS = ["/dashboard", "/patients", "/patients?sort=updated", "/patients?q=", "/patients?q=quartz",
         "/patients/export.csv", "/patients/export.csv?all=1", "/patients/{}", "/patients/{}/history",
         "/patients/{}/print", "/patients/{}/label", "/patients/{}/edit"]
OTHERS = ["/patients?q=other", "/patients?status=archived", "/patients/new", "/account", "/users", "/audit",
          "/organisation", "/patients/import", "/"]


@pytest.mark.parametrize("people", [0, 3])
def test_each_page_that_shows_a_patient_is_one_line_about_them(make_server, people):
    server = make_server()
    client, patient = clinic_of(server, people)
    client.get(f"/patients/{patient}")  # now among those opened last
    for path in READS:
        before = len(lines_about(server, patient))
        answer = client.get(path.format(patient))
        assert answer.status == 200 and CANARY in answer.text, path
        assert len(lines_about(server, patient)) == before + 1, path
    for path in OTHERS:
        before = len(lines_about(server, patient))
        answer = client.get(path)
        assert answer.status == 200 and CANARY not in answer.text, path
        assert len(lines_about(server, patient)) == before, path
    assert verify(server.database)[0] == 0


def test_candidates_are_disclosed_when_they_are_shown_and_only_then(make_server):
    server = make_server()
    client, patient = clinic_of(server)
    before = len(lines_about(server, patient))
    shown = client.submit("/patients/new", name=CANARY, date_of_birth="1980-02-03")
    assert shown.status == 200 and "duplicates_seen" in shown.text
    assert len(lines_about(server, patient)) == before + 1
    fields = shown.page.fields
    assert client.post("/patients/new", fields).status == 303
    assert len(lines_about(server, patient)) == before + 1


def test_forms_that_come_back_disclose_their_patient(make_server):
    server = make_server()
    client, patient = clinic_of(server)
    href = f"/patients/{patient}"
    for path, fields, status in ((f"{href}/edit", {"name": ""}, 422),
                                 (f"{href}/archive", {"reason": "", "version": "1"}, 422),
                                 (f"{href}/notes", {"content": "", "sign": "1"}, 422),
                                 (f"{href}/edit", {"name": "Another Name", "version": "0"}, 409)):
        token = client.token(f"{href}/edit")
        before = len(lines_about(server, patient))
        answer = client.post(path, {"csrf_token": token, **fields})
        assert answer.status == status and CANARY in answer.text, (path, answer.status)
        assert len(lines_about(server, patient)) == before + 1, path


def test_a_head_is_no_disclosure(make_server):
    server = make_server()
    client, patient = clinic_of(server)
    for path in READS:
        before = len(lines_about(server, patient))
        head = client.request("HEAD", path.format(patient))
        assert head.status == 200 and not {"Content-Length", "Server-Timing"} & set(head.headers), path
        assert len(lines_about(server, patient)) == before, path


def test_a_head_does_not_tell_what_a_search_finds(make_server):
    client, _ = clinic_of(make_server("MedSynQServerTiming all"))
    client.get("/dashboard")  # says what was changed last, once
    found, nobody = (client.request("HEAD", f"/patients?q={word}") for word in ("quartz", "nobody"))
    told = [[line for line in head.headers.items() if line[0] != "Date"] for head in (found, nobody)]
    assert found.status == nobody.status == 200 and told[0] == told[1]


def test_the_same_page_again_keeps_no_second_group(make_server):
    server = make_server()
    client, _ = clinic_of(server)
    for _ in range(5):
        client.get("/patients")
    with sqlite3.connect(f"file:{server.database}?mode=ro", uri=True) as db:
        assert db.execute("SELECT COUNT(*) FROM audit_groups").fetchone()[0] == 1


@pytest.mark.parametrize("sql", [
    "DELETE FROM audit_group_patients WHERE patient_id = ?",
    "UPDATE audit_groups SET members = substr(members, 17) || ?",
    "DELETE FROM audit_groups WHERE ? IS NOT NULL",
    "INSERT INTO audit_group_patients SELECT tenant_id, substr(?, 1, 15) || x'00', id FROM audit_groups"])
def test_a_changed_group_is_found_at_the_first_event_that_names_it(make_server, sql):
    server = make_server()
    client, patient = clinic_of(server)
    client.get("/patients")
    client.get("/patients")
    server.stop()
    with sqlite3.connect(server.database) as db:
        tenant, number = db.execute("SELECT tenant_id, MIN(number) FROM audit_events WHERE patient_id IN "
                                    "(SELECT id FROM audit_groups)").fetchone()
        db.execute(sql, (bytes.fromhex(patient.replace("-", "")),))
    db.close()
    code, told = verify(server.database)
    assert (code, told["tenant"], told["number"]) == (1, tenant, number)


class Crowd:
    """People who ask for pages at random, and what came of it."""

    def __init__(self, server, client, patient, threads):
        self.server, self.client, self.patient = server, client, patient
        self.seen = self.lost = 0
        self.ending = threading.Event()
        self.counting = threading.Lock()
        self.threads = [threading.Thread(target=self.run, args=(random.Random(i),)) for i in range(threads)]

    def ask(self, path):
        """@return the body of a page, None when a server that took the request gave no whole answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        try:
            connection.connect()
        except OSError:
            self.ending.wait(0.05)  # there is no server just now
            return ""
        try:
            connection.request("GET", path, headers={
                "Cookie": "; ".join(f"{k}={v}" for k, v in dict(self.client.cookies).items())})
            answer = connection.getresponse()
            body = answer.read().decode()
            return body if answer.status == 200 else ""
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def run(self, rng):
        while not self.ending.is_set():
            body = self.ask(rng.choice(READS + OTHERS).format(self.patient))
            with self.counting:
                self.seen += body is not None and CANARY in body
                self.lost += body is None

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        for thread in self.threads:
            thread.join()


def asked(crowd, count):
    end = crowd.seen + count
    until(lambda: crowd.seen >= end, f"{count} more answers", 120)


def test_answers_and_lines_about_a_patient_are_as_many(make_server):
    server = make_server()
    client, patient = clinic_of(server)
    before = len(lines_about(server, patient))
    with Crowd(server, client, patient, 8) as crowd:
        asked(crowd, 300)
    assert crowd.lost == 0 and len(lines_about(server, patient)) - before == crowd.seen
    assert verify(server.database)[0] == 0


def test_no_answer_is_without_its_line_across_kill_9_of_children_and_of_the_server(make_server):
    server = make_server()
    client, patient = clinic_of(server)
    before = len(lines_about(server, patient))
    with Crowd(server, client, patient, 8) as crowd:
        for turn in range(4):
            asked(crowd, 60)
            for child in subprocess.run(["pgrep", "-P", str(server.pid)], capture_output=True, text=True,
                                        check=True).stdout.split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(child), signal.SIGKILL)
            asked(crowd, 30)
            if turn % 2:
                os.killpg(os.getpgid(server.pid), signal.SIGKILL)
                server.process.wait(60)
                server.start()
                client.log_in(client.organisation)
    told = len(lines_about(server, patient)) - before
    # an answer may be lost after its event was written
    assert crowd.seen <= told <= crowd.seen + crowd.lost
    assert verify(server.database)[0] == 0
