"""A primary that dies, and a synchronous standby that takes its place: MedSynQDatabase names both."""
import concurrent.futures
import os
import signal
import threading
import time

import pytest
from harness import Server, until
from machines import Replicas
from test_on_postgresql import HEADS, sign_in, unlike


@pytest.fixture
def served():
    pair = Replicas()
    try:
        with Server(postgresql=(pair, "medsynq")) as server:
            yield server, pair
    finally:
        pair.stop()


def send(client, fields, over):
    """A form, as somebody sends it who sends it again after each 503; the status at the end."""
    while True:
        answer = client.post("/patients/new", fields)
        if answer.status not in (500, 503) or over.is_set():
            return answer.status
        time.sleep(0.1)


def write(client, over, acknowledged):
    while not over.is_set():
        page = client.get("/patients/new")
        if page.status != 200:
            time.sleep(0.1)
            continue
        name, = unlike(1)
        if send(client, {**page.page.fields, "name": name}, over) == 303:
            acknowledged.append(name)


def test_a_primary_is_killed_under_load_and_nothing_acknowledged_is_lost(served, capsys):
    """Pages say 503 within three seconds, and are there again within five of the promotion: on a machine that has
    nothing else to do, so what is asserted leaves room for one that has."""
    server, pair = served
    watcher = server.organisation()
    clients = [sign_in(server, watcher.organisation) for _ in range(8)]
    acknowledged, over, waits = [], threading.Event(), []
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        writers = [pool.submit(write, client, over, acknowledged) for client in clients]
        try:
            until(lambda: len(acknowledged) > 20, "they write", 60)
            pair.kill(pair.primary)
            before = len(acknowledged)
            end = time.monotonic() + 3
            while time.monotonic() < end:  # while nobody is primary
                begun = time.monotonic()
                answer = watcher.get("/patients")
                waits.append(time.monotonic() - begun)
                assert answer.status == 503 and answer.headers["Retry-After"]
                time.sleep(0.1)
            pair.promote()
            promoted = time.monotonic()
            until(lambda: watcher.get("/patients").status == 200, "pages again, without a restart of httpd", 30)
            back = time.monotonic() - promoted
            until(lambda: len(acknowledged) > before + 20, "they write again", 60)
        finally:
            over.set()
        for writer in writers:
            writer.result()
    with capsys.disabled():
        print(f"\nfailover: 503 after {max(waits):.1f} s at most, {len(waits)} of them; pages again {back:.1f} s after the "
              f"promotion; {len(acknowledged)} writes acknowledged")
    assert max(waits) < 6 and sorted(waits)[len(waits) // 2] < 3 and back < 8, (waits, back)
    there = pair.done("SELECT name FROM patients", "medsynq")
    assert set(acknowledged) <= set(there), "lost"
    assert len(there) == len(set(there)), "twice"
    assert pair.done(HEADS, "medsynq") == ["t"] * 2
    assert watcher.get("/readyz").status == 200


def test_a_host_that_is_silent_keeps_nobody_waiting(served):
    """Its processes are stopped: it accepts connections and says nothing. The other one has taken its place."""
    server, pair = served
    client = server.organisation()
    postmaster = pair.postmaster(pair.primary)
    os.kill(postmaster, signal.SIGSTOP)
    try:
        pair.promote()
        server.reload(signal.SIGHUP)
        begun = time.monotonic()
        until(lambda: client.get("/login").status == 200, "pages", 20)
        assert time.monotonic() - begun < 5
        assert server.organisation().get("/patients").status == 200
    finally:
        os.kill(postmaster, signal.SIGCONT)
