"""How many bytes an event of the trail takes in the database, over a clinic's day made up here.

/usr/bin/python3 tests/bench/event_size.py [days]"""
import pathlib
import random
import sqlite3
import sys

sys.path[:0] = [str(pathlib.Path(__file__).parents[1])]
from harness import Server  # noqa: E402

NAMES = "Ada Ben Cleo Dan Eve Finn Gwen Hal Ida Jon Kim Leo Mia Ned Ora Pam".split()
# what is done in a day, and how often
MIX = {"open": 45, "search": 25, "list": 8, "dashboard": 6, "edit": 6, "note": 5, "add": 3, "log in": 2}


def day(server, client, patients, chance, requests=1000):
    for what in chance.choices(list(MIX), MIX.values(), k=requests):
        path = chance.choice(patients)
        if what == "open":
            client.get(path)
        elif what == "search":
            client.get("/patients?q=" + chance.choice(NAMES)[:chance.choice((2, 3, 4))])
        elif what == "list":
            client.get("/patients")
        elif what == "dashboard":
            client.get("/dashboard")
        elif what == "edit":
            name = f"{chance.choice(NAMES)} {chance.choice(NAMES)}-{chance.randrange(10**6)}"
            answer = client.submit(f"{path}/edit", name=name)
            assert answer.status == 303, answer.page.text
        elif what == "note":
            fields = {"csrf_token": client.token("/account/password"), "content": "Seen."}
            assert client.post(f"{path}/notes", fields).status == 303
        elif what == "add":
            patients.append(client.add_patient(f"{chance.choice(NAMES)} {chance.choice(NAMES)}"))
        else:
            client.log_in(client.organisation)


def main():
    chance = random.Random(6)
    with Server() as server:
        client = server.organisation()
        patients = [client.add_patient(f"{chance.choice(NAMES)} {chance.choice(NAMES)}son") for _ in range(300)]
        for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 2):
            day(server, client, patients, chance)
        with sqlite3.connect(f"file:{server.database}?mode=ro", uri=True) as db:
            count, = db.execute("SELECT COUNT(*) FROM audit_events").fetchone()
            sizes = dict(db.execute("SELECT name, SUM(pgsize) FROM dbstat WHERE name LIKE 'audit%' GROUP BY name"))
            groups, members = db.execute("SELECT COUNT(*), SUM(length(members)) / 16 FROM audit_groups").fetchone()
            naming, = db.execute("SELECT COUNT(*) FROM audit_events e WHERE EXISTS (SELECT 1 FROM audit_groups g "
                                 "WHERE g.tenant_id = e.tenant_id AND g.id = e.patient_id)").fetchone()
            kinds = db.execute("SELECT action, COUNT(*) FROM audit_events GROUP BY action ORDER BY 2 DESC").fetchall()
    print(f"{groups} groups of {members / max(groups, 1):.0f} patients, named by {naming} events")
    print(count, "events; action, times:", kinds)
    for name, size in sorted(sizes.items()):
        print(f"{size / count:8.1f} bytes an event  {name}")
    own = sum(size for name, size in sizes.items() if name.startswith("audit_events"))
    print(f"{own / count:8.1f} events with their index; {sum(sizes.values()) / count:.1f} with the groups")


if __name__ == "__main__":
    main()
