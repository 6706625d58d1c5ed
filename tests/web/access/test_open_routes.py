"""Whatever anybody may send without being known leaves a bounded number of rows and events behind."""
import concurrent.futures
import os
import sqlite3
import subprocess

from harness import PASSWORD, TOP

REQUESTS = 2000  # to each route, each with values of its own, all from one address
ROWS_MOST = 150  # of all of them together: the throttles' free ones, and the refusals of a minute
FIELDS = ("tenantName", "adminName", "adminEmail", "adminPassword", "email", "password", "name",
          "code", "next")


def open_routes():
    listed = subprocess.check_output([TOP / "build/plain/medsynqctl", "routes"], text=True)
    rows = [line.split()[:4] for line in listed.splitlines()]
    return [(method, path) for method, path, action, roles in rows if action == "-"]


def count_rows(server):
    with sqlite3.connect(server.database) as db:
        tables = [row[0] for row in db.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%\\_fts\\_%' "
            "ESCAPE '\\'")]
        counts = {}
        for table in tables:
            try:
                counts[table] = db.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
            except sqlite3.Error:  # a virtual table of the server's own
                pass
        return counts


def flood(server, method, path, share):
    client = server.client()
    token = client.token()
    statuses = set()
    for n in range(REQUESTS // share):
        value = os.urandom(8).hex()
        target = path.replace("{token}", value * 6).replace("{organisation}", f"Clinic-{value}")
        if method == "GET":
            answer = client.get(f"{target}?next=/{value}")
        else:
            fields = {name: f"{value} {n}" for name in FIELDS}
            fields["email"] = fields["adminEmail"] = f"{value}@example.org"
            fields["adminPassword"] = PASSWORD
            answer = client.post(target, {**fields, "csrf_token": token})
        statuses.add(answer.status)
    return statuses


def test_two_thousand_requests_to_each_open_route_leave_little_behind(make_server):
    server = make_server("MedSynQLoginThrottle 5 50\nMedSynQRegistrationThrottle 20\n"
                         "MedSynQRegistration open\n"
                         "MedSynQSendmail \"/bin/true\" https://clinic.example")
    routes = open_routes()
    assert ("POST", "/password-reset") in routes and len(routes) > 10
    before = count_rows(server)
    for method, path in routes:
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            statuses = set().union(*pool.map(lambda _: flood(server, method, path, 4), range(4)))
        assert max(statuses) < 504 and 500 not in statuses, (method, path, statuses)
        grown = {table: n - before.get(table, 0) for table, n in count_rows(server).items()
                 if n > before.get(table, 0)}
        # each new organisation has a handful of rows of its own
        grown.pop("counters", None)
        assert all(n <= ROWS_MOST for n in grown.values()), (method, path, grown)
