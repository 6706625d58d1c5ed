"""Many at once: no answer of the 500s, and nothing lost."""
import concurrent.futures

from harness import Client

CLIENTS, ROUNDS = 32, 16


def test_500_mixed_requests_at_32_connections(server):
    clinic = server.organisation()
    paths = [clinic.add_patient(f"Patient {n:02}") for n in range(10)]

    def work(number):
        client = Client(server.port)
        client.cookies = dict(clinic.cookies)
        statuses = []
        for turn in range(ROUNDS):
            kind = (number + turn) % 4
            if kind == 0:
                statuses.append(client.get("/patients").status)
            elif kind == 1:
                statuses.append(client.get(paths[turn % len(paths)]).status)
            elif kind == 2:
                statuses.append(client.get("/").status)
            else:
                statuses.append(client.submit("/patients/new", name=f"New {number}-{turn}").status)
        return statuses

    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        statuses = [s for answers in pool.map(work, range(CLIENTS)) for s in answers]
    assert len(statuses) == CLIENTS * ROUNDS
    assert set(statuses) <= {200, 303}, [s for s in statuses if s not in (200, 303)]
    added = statuses.count(303)
    assert f"{10 + added}" in clinic.get("/patients").page.text
