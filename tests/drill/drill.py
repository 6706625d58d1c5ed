"""make drill: two httpd servers on one database with a synchronous standby, people who write and read all the time,
and kill -9 in turn of the primary, a standby, and each httpd.

    drill.py [--turns N] [--clients N] [--standbys N] [--unnoticed S] [--json FILE]

Afterwards each answer that anybody got is looked for in the database, and each row of the database among the answers;
then the trail is verified. Ends with 1 when something was lost, is there twice, or somebody was logged out. How long
pages were away is told and judges nothing: that is the machine's."""
import argparse
import collections
import concurrent.futures
import contextlib
import http.client
import json
import pathlib
import re
import sys
import threading
import time
import uuid

TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), *(str(TESTS / "web" / ward) for ward in ("server", "access", "people"))]

from harness import PASSWORD, until  # noqa: E402
from machines import Replicas, Two, kill  # noqa: E402
from test_on_postgresql import HEADS, unlike  # noqa: E402

PATIENT_VIEW, PATIENT_ADD, NOTE_ADD = 6, 7, 8
GONE = (OSError, http.client.HTTPException)
AGAIN = (500, 502, 503, 504)


class Journal:
    """What everybody was answered, and when."""

    def __init__(self):
        self.answers = []  # (when it came, how long it took, status or None, whether it was a page)
        self.lock = threading.Lock()
        self.acknowledged = collections.Counter()  # of each person, so that all of them are waited for
        self.patients = {}  # by name: the record's path
        self.notes = {}  # by content: the record's path
        self.views = collections.Counter()  # by path
        self.strange = []

    def answered(self, begun, status, is_page):
        now = time.monotonic()
        with self.lock:
            self.answers.append((now, now - begun, status, is_page))

    def since(self, begun):
        with self.lock:
            return [answer for answer in self.answers if answer[0] >= begun]


class Person:
    """A browser behind what balances: where a server does not answer, the other is asked. What was sent and not
    acknowledged is sent again, as it was."""

    def __init__(self, two, organisation, number, journal, over):
        self.journal, self.over, self.number = journal, over, number
        first = (two.a, two.b)[number % 2].client()
        assert first.log_in(organisation, password=PASSWORD).status == 303
        self.clients = [first, two.over(first)]

    def once(self, method, path, *fields):
        """An answer, or None."""
        begun = time.monotonic()
        try:
            answer = getattr(self.clients[0], method)(path, *fields)
        except GONE:
            answer = None
            self.clients.reverse()
        self.journal.answered(begun, answer and answer.status, method == "get")
        return answer

    def ask(self, method, path, *fields):
        """The answer of whoever gave one at last. At the end of the drill everybody is still answered."""
        end = None
        while True:
            answer = self.once(method, path, *fields)
            if answer and answer.status not in AGAIN:
                return answer
            if self.over.is_set():
                end = end or time.monotonic() + 60
                assert time.monotonic() < end, f"{method} {path} was never answered"
            time.sleep(0.05)

    def send(self, page, path, **fields):
        """A form: its answer, or None and a word for the report where that is none that was expected."""
        form = self.ask("get", page)
        answer = form.status == 200 and self.ask("post", path, {**form.page.fields, **fields})
        if answer and answer.status == 303 and not answer.location.startswith("/login"):
            self.journal.acknowledged[self.number] += 1
            return answer
        told = answer or form
        self.journal.strange.append(f"{told.status} for {path} {told.location or told.page.text[-300:]}")
        return None

    def turn(self):
        name, content = unlike(2)
        added = self.send("/patients/new", "/patients/new", name=name)
        if not added:
            return
        path = added.location.partition("?")[0]
        self.journal.patients[name] = path
        if self.send(path, f"{path}/notes", content=content, sign="1"):
            self.journal.notes[content] = path
        shown = self.ask("get", path)
        if shown.status == 200 and name in shown.text:
            self.journal.views[path] += 1
        else:
            self.journal.strange.append(f"{shown.status} for {path}")

    def work(self):
        while not self.over.is_set():
            self.turn()


class Drill:
    def __init__(self, options, stack):
        self.options, self.journal, self.over = options, Journal(), threading.Event()
        self.replicas = Replicas(options.standbys)
        stack.callback(self.replicas.stop)
        self.replicas.primary.done("ALTER SYSTEM SET log_min_messages = 'panic'")
        self.two = stack.enter_context(contextlib.closing(Two((self.replicas, "medsynq"))))
        clinics = [self.two.a.organisation().organisation for _ in range(2)]
        self.people = [Person(self.two, clinics[i // 2 % 2], i, self.journal, self.over) for i in range(options.clients)]
        self.events = []

    def settle(self, seconds=90):
        """Until each has saved something twice."""
        before = dict(self.journal.acknowledged)
        until(lambda: all(self.journal.acknowledged[person.number] >= before.get(person.number, 0) + 2
                          for person in self.people), "everybody writes", seconds, self.standing)

    def standing(self):
        return "\n" + self.two.a.log()[-1500:] + self.two.b.log()[-1500:]

    def record(self, what, begun, promoted=None):
        """One line of the report, of what was answered since."""
        answers = self.journal.since(begun)
        bad = [(when, page) for when, _, status, page in answers if status is None or status in AGAIN]
        last = max((when for when, page in bad if page), default=None)
        self.events.append({
            "killed": what,
            "answers": len(answers),
            "503": sum(status == 503 for _, _, status, _ in answers),
            "500": sum(status == 500 for _, _, status, _ in answers),
            "none": sum(status is None for _, _, status, _ in answers),
            "slowest_503": max((took for _, took, status, _ in answers if status == 503), default=0),
            "slowest": max((took for _, took, _, _ in answers), default=0),
            "away": max(0, last - begun) if last else 0,
            "after_promotion": (max(0, last - promoted) if last else 0) if promoted else None})
        show(self.events[-1])

    def primary(self):
        begun = time.monotonic()
        self.replicas.kill(self.replicas.primary)
        time.sleep(self.options.unnoticed)
        former = self.replicas.promote()
        promoted = time.monotonic()
        self.settle()
        self.record("the primary", begun, promoted)
        self.replicas.rejoin(former)

    def standby(self, seconds):
        """While the only one is away every COMMIT waits: longer than a page does, every second time."""
        node = self.replicas.standbys[0]
        begun = time.monotonic()
        self.replicas.kill(node)
        time.sleep(seconds)
        node.again()
        self.replicas.wait_for_each()
        self.settle()
        self.record(f"a standby, for {seconds} s", begun)

    def httpd(self, server, name):
        begun = time.monotonic()
        kill(server.pid)
        server.process.wait(60)
        time.sleep(self.options.unnoticed)
        self.settle()
        server.start()
        self.settle()
        self.record(name, begun)

    def run(self):
        with concurrent.futures.ThreadPoolExecutor(len(self.people)) as pool:
            working = [pool.submit(person.work) for person in self.people]
            try:
                self.settle()
                for turn in range(self.options.turns):
                    self.primary()
                    self.standby(12 if turn % 2 else 3)
                    self.httpd(self.two.a, "httpd a")
                    self.httpd(self.two.b, "httpd b")
            finally:
                self.over.set()
            for one in working:
                one.result()

    # ---- what is looked for afterwards ----

    def stored(self, sql):
        return self.replicas.primary.rows("medsynq", sql)

    def judge(self):
        """What is wrong, in words; nothing: nothing was lost."""
        journal, faults = self.journal, list(self.journal.strange)

        def path(key):
            return f"/patients/{uuid.UUID(bytes=key)}"

        def compare(what, answered, found):
            stored = collections.Counter(found)
            faults.extend(f"lost: {what} {one}" for one in answered if one not in stored)
            faults.extend(f"twice: {what} {one}" for one, times in stored.items() if times > 1)
            faults.extend(f"never acknowledged: {what} {one}" for one in stored if one not in answered)

        patients = self.stored("SELECT tenant_id, id, name, mrn FROM patients")
        notes = self.stored("SELECT tenant_id, patient_id, id, content FROM patient_notes")
        compare("patient", set(journal.patients.items()), [(row[2], path(row[1])) for row in patients])
        compare("note", set(journal.notes.items()), [(row[3], path(row[1])) for row in notes])
        numbers = collections.Counter((row[0], row[3]) for row in patients)
        faults.extend(f"twice: record number {mrn}" for (_, mrn), times in numbers.items() if times > 1)
        compare("event of a patient", {(row[0], path(row[1])) for row in patients},
                [(tenant, path(key)) for tenant, key in self.stored(
                    f"SELECT tenant_id, patient_id FROM audit_events WHERE action = {PATIENT_ADD} AND outcome = 1")])
        compare("event of a note", {(row[0], path(row[1]), row[2]) for row in notes},
                [(tenant, path(key), note) for tenant, key, note in self.stored(
                    f"SELECT tenant_id, patient_id, object_id FROM audit_events WHERE action = {NOTE_ADD} AND outcome = 1")])
        views = dict((path(key), count) for key, count in self.stored(
            f"SELECT patient_id, count(*) FROM audit_events WHERE action = {PATIENT_VIEW} AND outcome = 1 GROUP BY 1"))
        faults.extend(f"lost: {count - views.get(one, 0)} views of {one}" for one, count in journal.views.items()
                      if views.get(one, 0) < count)
        if set(self.replicas.done(HEADS, "medsynq")) != {"t"}:
            faults.append("the head of a chain is not its last event")
        for command in (["audit", "verify"], ["--secret", str(self.two.a.state / "secret"), "check"]):
            answer = self.replicas.ctl("medsynq", *command)
            if answer.returncode:
                faults.append(f"medsynqctl {' '.join(command)}: {answer.stdout}{answer.stderr}")
        for person in self.people:
            faults.extend(f"logged out: {person.number}" for client in person.clients if client.get("/dashboard").status != 200)
        return faults


HEADINGS = ("killed", "answers", "503", "500", "no answer", "slowest 503", "pages away", "after the promotion")


def show(event):
    after = "" if event["after_promotion"] is None else f"{event['after_promotion']:.1f} s"
    print(f"{event['killed']:<22}{event['answers']:>8}{event['503']:>7}{event['500']:>5}{event['none']:>11}"
          f"{event['slowest_503']:>11.1f} s{event['away']:>10.1f} s{after:>21}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--standbys", type=int, default=1)
    parser.add_argument("--unnoticed", type=float, default=2, help="seconds until somebody acts upon a death")
    parser.add_argument("--json")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        drill = Drill(options, stack)
        print(f"two httpd servers, a primary with {options.standbys} synchronous standby(s), {options.clients} people; "
              f"{options.turns} turn(s) of kill -9\n")
        print(f"{HEADINGS[0]:<22}{HEADINGS[1]:>8}{HEADINGS[2]:>7}{HEADINGS[3]:>5}{HEADINGS[4]:>11}{HEADINGS[5]:>13}"
              f"{HEADINGS[6]:>12}{HEADINGS[7]:>21}", flush=True)
        drill.run()
        faults = drill.judge()
        if faults:
            print("\n" + "\n".join(faults[:50]))
        else:
            journal, (events,) = drill.journal, drill.stored("SELECT count(*) FROM audit_events")[0]
            print(f"\nacknowledged: {len(journal.patients)} patients, {len(journal.notes)} notes, "
                  f"{sum(journal.views.values())} views; {events} events in a trail that is sound\n"
                  "lost: nothing; there twice: nothing; logged out: nobody")
        said = collections.Counter(re.findall(r"MSQ\d{4}", drill.two.a.log() + drill.two.b.log()))
        print("the servers' logs: " + ", ".join(f"{number} {times} times" for number, times in sorted(said.items())))
        if options.json:
            pathlib.Path(options.json).write_text(json.dumps({"events": drill.events, "faults": faults}, indent=1))
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
