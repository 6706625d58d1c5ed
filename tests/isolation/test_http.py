"""Two organisations on one running server, over every route there is: what one sees, changes, counts
or infers of the other is nothing. Routes come from `medsynqctl routes`, ids from the database: a new
route or table is covered the moment its row exists."""
import concurrent.futures
import json
import os
import re
import signal
import sqlite3
import statistics
import subprocess
import time
import urllib.parse
import uuid

import pytest

from harness import FLAVOUR, PASSWORD, TOP, Client, until

ROUTES = json.loads(subprocess.run([TOP / "build" / FLAVOUR / "medsynqctl", "routes", "--json"],
                                   capture_output=True, text=True, check=True).stdout)
SECONDS = int(os.environ.get("ISOLATION_SECONDS", "60"))


def normal(answer):
    """An answer without what is new in each: tokens, times, the request's number."""
    text = re.sub(r'name="(csrf|form)_token" value="[^"]*"', "TOKEN", answer.text)
    text = re.sub(r'data-seconds="\d+"', "SECONDS", text)
    text = re.sub(r"<code>[0-9a-f-]+</code>", "REFERENCE", text)
    headers = {k: v for k, v in answer.headers.items()
               if k not in ("Date", "Server-Timing", "Set-Cookie", "Connection", "Keep-Alive")}
    return answer.status, headers, text


def rows_of_others(server, organisation):
    """Everything stored that is not this organisation's, and not the installation's own trail."""
    with sqlite3.connect(server.database) as db:
        own, = db.execute("SELECT tenant_id FROM tenants WHERE name = ?", (organisation,)).fetchone()
        tables = [t for (t,) in db.execute(
            "SELECT m.name FROM sqlite_schema m, pragma_table_info(m.name) c "
            "WHERE m.type = 'table' AND c.name = 'tenant_id'")]
        rows = {t: sorted(map(repr, db.execute(f"SELECT * FROM {t} WHERE tenant_id NOT IN (0, {own})")))
                for t in tables}
        rows["nobody's"] = sorted(map(repr, db.execute("SELECT * FROM partnerships")))
        return rows


def ids_of(server, organisation):
    """The id of every record of an organisation, whatever its kind."""
    found = set()
    with sqlite3.connect(server.database) as db:
        own, = db.execute("SELECT tenant_id FROM tenants WHERE name = ?", (organisation,)).fetchone()
        for table, column in db.execute(
                "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c "
                "WHERE m.type = 'table' AND lower(c.type) = 'bytea' AND (c.name = 'id' OR c.name LIKE '%_id')"
                "AND c.name <> 'tenant_id' AND m.name <> 'partnerships'").fetchall():
            for (value,) in db.execute(f"SELECT DISTINCT {column} FROM {table} WHERE tenant_id = {own}"):
                if isinstance(value, bytes) and len(value) == 16:
                    found.add(str(uuid.UUID(bytes=value)))
    return sorted(found)


def furnish(server, clinic, canary):
    """Something of each kind, once nothing of it is at work any more."""
    clinic.path = clinic.add_patient(f"{canary} Patient", date_of_birth="1975-04-03",
                                     notes=f"{canary} note")
    clinic.submit("/users/invite", name=f"{canary} Colleague", email="colleague@example.org", role="2",
                  roles="2", password=clinic.password)
    with sqlite3.connect(server.database) as db:
        until(lambda: not db.execute("SELECT 1 FROM jobs").fetchone(), "all are compared")
    return clinic


@pytest.fixture(scope="module")
def pair(server):
    a = furnish(server, server.organisation(f"A {uuid.uuid4().hex}"), "canary-a")
    b = furnish(server, server.organisation(f"B {uuid.uuid4().hex}"), "canary-b")
    for one in a, b:  # each is linked, and not with the other
        code = re.search(r"<code>([^<]+)</code>", server.organisation().get("/partners").text)[1]
        assert one.submit("/partners", code=code, message=f"{one.path} canary").status == 303
    return a, b


def routes_with_id():
    return [r for r in ROUTES if "{" in r["pattern"] and r["signed_in"]]


def call(client, route, path, token):
    if route["method"] == "GET":
        return client.get(path)
    return client.post(path, {"csrf_token": token, "version": "1", "reason": "x", "name": "x", "role": "2",
                              "roles": "2", "code": "1", "content": "x"})


@pytest.mark.parametrize("route", routes_with_id(), ids=lambda r: f"{r['method']} {r['pattern']}")
def test_a_foreign_id_answers_like_one_that_never_existed(server, pair, route):
    a, b = pair
    token = a.token("/patients/new")
    before = rows_of_others(server, a.organisation)
    foreign = ids_of(server, b.organisation)
    assert foreign

    def path(record):
        """All {…} stand for the same record; a second one is tried with every number as well."""
        return re.sub(r"\{[^}]*\}", record, route["pattern"])

    never = normal(call(a, route, path(str(uuid.uuid4())), token))
    for record in foreign:
        answer = call(a, route, path(record), token)
        assert normal(answer) == never, path(record)
        assert "canary-b" not in answer.text
    assert never[0] in (404, 403, 400, 409, 422), never[0]
    assert rows_of_others(server, a.organisation) == before


def own_answers(a):
    """What A sees on every route that only reads, twice: the second time with the traces of the first."""
    seen = []
    for route in ROUTES * 2:
        if route["method"] == "GET" and route["signed_in"]:
            path = re.sub(r"\{[^}]*\}", a.path.split("/")[-1], route["pattern"])
            seen.append((route["pattern"], lasting(a.get(path))))
    seen.append(("search", lasting(a.get("/patients?q=ca"))))
    seen.append(("nothing found", lasting(a.get("/patients?q=zz"))))
    return seen


def lasting(answer):
    """An answer as it would be on another day and another server: ids, keys and times by their kind."""
    status, headers, text = normal(answer)
    headers = {k: re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", v) for k, v in headers.items()}
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", text)
    text = re.sub(r"<time [^>]*>[^<]*</time>|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?Z?", "TIME", text)
    text = re.sub(r"\b[0-9a-f]{16,}\b", "DIGEST", text)
    text = re.sub(r"http://localhost:\d{5}/", "ADDRESS/", text)
    text = re.sub(r"<code>(\w{5}-){3}\w{5}</code>", "CONNECTION CODE", text)
    text, secrets = re.subn(r"<svg class=.qr.*?</svg>|<code>[A-Z2-7 ]{32,}</code>|secret=[A-Z2-7]+",
                            "SECRET", text, flags=re.S)
    if secrets:  # the drawing of a QR code is as long as its dots want
        del headers["Content-Length"]
    return status, headers, text


def test_nothing_that_others_do_shows(make_server):
    """The same day of A on three servers: without B, with B, with B at work at the same time. All is
    equal to the byte, also what is counted and numbered, but for the clock and what chance has made."""

    def day(beside):
        server = make_server()
        b = furnish(server, server.organisation("B beside"), "canary-b") if beside else None
        a = furnish(server, server.organisation("A alone"), "canary-a")
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            def busy(number):
                client = Client(server.port)
                client.cookies = dict(b.cookies)
                for turn in range(20):
                    client.add_patient(f"canary-b {number}-{turn}")
                    client.get("/patients?q=ca")
            work = [pool.submit(busy, n) for n in range(4 if beside == "busy" else 0)]
            seen = own_answers(a)
            for one in work:
                one.result()
        return seen

    alone, present, busy = day(None), day("present"), day("busy")
    for without, beside, while_busy in zip(alone, present, busy):
        assert without == beside == while_busy
    assert "canary-a" in str(alone)
    assert "canary-b" not in str(alone)
    assert len(alone) > 20


def test_two_organisations_may_have_the_same_of_everything(pair):
    """What is unique is unique within an organisation: no clash tells of the other."""
    a, b = pair
    a_page, b_page = a.get(a.path).page.text, b.get(b.path).page.text
    number = re.search(r"P\d{8}", a_page)[0]
    assert number in b_page


def rank_sum_z(xs, ys):
    """Mann-Whitney U as a normal deviate: near 0 when both come from one distribution."""
    ranked = sorted((v, g) for g, vs in enumerate((xs, ys)) for v in vs)
    ranks = sum(i + 1 for i, (v, g) in enumerate(ranked) if g == 0)
    n, m = len(xs), len(ys)
    u = ranks - n * (n + 1) / 2
    return (u - n * m / 2) / ((n * m * (n + m + 1) / 12) ** .5)


def test_a_foreign_id_takes_as_long_as_a_missing_one(pair, capsys):
    a, b = pair
    times = {"foreign": [], "missing": []}
    for turn in range(400):
        for kind in (("foreign", "missing") if turn % 2 else ("missing", "foreign")):
            path = b.path if kind == "foreign" else f"/patients/{uuid.uuid4()}"
            begun = time.perf_counter()
            assert a.get(path).status == 404
            times[kind].append(time.perf_counter() - begun)
    z = rank_sum_z(times["foreign"], times["missing"])
    with capsys.disabled():
        print(f"\nforeign against missing id: medians {statistics.median(times['foreign']) * 1e6:.0f} and "
              f"{statistics.median(times['missing']) * 1e6:.0f} µs, rank-sum z = {z:+.2f}")
    assert abs(z) < 5


def test_no_byte_of_the_other_under_load_and_reload(make_server, capsys):
    server = make_server("MedSynQConnections 4")
    clinics = [furnish(server, server.organisation(f"{c} {uuid.uuid4().hex}"), c) for c in ("canary-a", "canary-b")]
    end = time.monotonic() + SECONDS
    counts = [0, 0]

    def hammer(number):
        own, other = ("canary-a", "canary-b") if number % 2 == 0 else ("canary-b", "canary-a")
        clinic = clinics[number % 2]
        client = Client(server.port)
        client.cookies = dict(clinic.cookies)
        turn = 0
        while time.monotonic() < end:
            turn += 1
            path = ("/patients", clinic.path, "/dashboard", "/patients?q=canary",
                    clinics[1 - number % 2].path)[turn % 5]
            if turn % 11 == 0:
                answer = client.submit("/patients/new", name=f"{own} {number}-{turn}")
            else:
                answer = client.get(path)
            assert other not in answer.text, path
            assert other not in str(answer.headers)
            assert answer.status in (200, 303, 404, 503), answer.status
            if turn % 5 == 0 and answer.status == 200:
                assert own in answer.text
            counts[number % 2] += 1

    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        work = [pool.submit(hammer, n) for n in range(32)]
        time.sleep(SECONDS / 3)
        server.reload(signal.SIGUSR1)
        for one in work:
            one.result()
    with capsys.disabled():
        print(f"\ncanary hunt: {sum(counts)} answers to 32 threads of two organisations, none with a "
              "byte of the other")
    assert min(counts) > 100


def test_the_logs_tell_nobody_apart(server, pair):
    a, b = pair
    log = server.log() + server.access_log()
    for canary in ("canary-a", "canary-b"):
        assert canary not in log
    assert urllib.parse.quote(PASSWORD) not in log and PASSWORD not in log
