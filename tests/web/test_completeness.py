"""Every refusal and every change leaves exactly its event, of its person and about its patient: walked
from the table of routes."""
import http.client
import itertools
import json
import re
import sqlite3
import subprocess
import uuid

from harness import PASSWORD
from test_ctl import built
from test_people import join, user_path

ROUTES = [r for r in json.loads(subprocess.run([built(), "routes", "--json"], capture_output=True, text=True,
                                               check=True).stdout) if r["signed_in"]]
DONE, REFUSED, FAILED = 1, 2, 3
# what these leave needs a story of its own, told there
ELSEWHERE = {
    "/patients/import", "/patients/import/{id}/columns", "/patients/import/{id}/commit",
    "/patients/import/{id}/undo",                                    # test_patient_import.py
    "/account/two-factor", "/account/two-factor/codes", "/account/two-factor/off",
    "/users/{id}/two-factor-off",                                    # test_two_factor.py
    "/parked/{id}/discard",                                          # test_parking.py
    "/users/{id}/unlock",                                            # test_throttle.py
}


def rows(server, sql, *values):
    with sqlite3.connect(f"file:{server.database}?mode=ro", uri=True) as db:
        return db.execute(sql, values).fetchall()


def events(server, organisation, after=0):
    return rows(server, "SELECT number, action, outcome, actor_name, patient_id, reason FROM audit_events "
                "JOIN tenants USING (tenant_id) WHERE name = ? AND number > ? ORDER BY number",
                organisation, after)


def last(server, organisation):
    return events(server, organisation)[-1][0]


def some(pattern):
    return re.sub(r"\{version\}", "1", re.sub(r"\{(id|note|token)\}", str(uuid.uuid4()), pattern))


addresses = itertools.count(0x7f100001 + (uuid.uuid4().int & 0xfffff))


def moved(client):
    """The client at an address of its own: of one address some refusals a minute are recorded."""
    if client.connection:
        client.connection.close()
    source = ".".join(str(byte) for byte in next(addresses).to_bytes(4, "big"))
    client.connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=60,
                                                   source_address=(source, 0))
    return client


def test_each_post_without_its_token_is_one_refusal(server, clinic):
    for route in ROUTES:
        if route["method"] == "POST":
            before = last(server, clinic.organisation)
            assert moved(clinic).post(some(route["pattern"]), {"name": "x"}).status == 403, route["pattern"]
            (_, _, outcome, who, _, reason), = events(server, clinic.organisation, before)
            assert (outcome, who, reason) == (REFUSED, "Ada Admin", "csrf"), route["pattern"]


def test_each_route_of_another_role_is_one_refusal(server, clinic):
    roles = ("auditor", "front-desk", "clinician")
    people = {role: join(server, clinic, email=f"{role}@example.org", roles=(role,), name=f"The {role}")
              for role in roles}
    tokens = {role: person.token("/account/password") for role, person in people.items()}
    tried = 0
    for route in ROUTES:
        for role in set(roles) - set(route["roles"]):
            before = last(server, clinic.organisation)
            path = some(route["pattern"])
            if route["method"] == "GET":
                answer = moved(people[role]).get(path)
            else:
                answer = moved(people[role]).post(path, {"csrf_token": tokens[role]})
            assert answer.status == 403, (route, role)
            (_, _, outcome, who, _, reason), = events(server, clinic.organisation, before)
            assert (outcome, who, reason) == (REFUSED, f"The {role}", route["action"]), (route, role)
            tried += 1
    assert tried > 40


def test_a_log_in_that_fails_is_an_event(server, clinic):
    before = last(server, clinic.organisation)
    stranger = server.client()
    assert stranger.log_in(clinic.organisation, password="not the right words").status == 422
    (_, action, outcome, who, _, _), = events(server, clinic.organisation, before)
    assert (action, outcome, who) == (2, FAILED, None)
    installation = last(server, "MedSynQ")
    assert stranger.log_in(f"No such place {uuid.uuid4().hex}").status == 422
    (_, action, outcome, _, _, _), = events(server, "MedSynQ", installation)
    assert (action, outcome) == (2, FAILED)


def note_of(server, patient):
    return str(uuid.UUID(bytes=rows(server, "SELECT MAX(id) FROM patient_notes WHERE patient_id = ?",
                                    uuid.UUID(patient).bytes)[0][0]))


def version_of(server, patient):
    return str(rows(server, "SELECT version FROM patients WHERE id = ?", uuid.UUID(patient).bytes)[0][0])


def test_each_change_is_one_event_of_its_person_about_its_patient(server, clinic):
    done = set()
    patient = None

    def step(pattern, fields, page=None, client=clinic, more=(), who="Ada Admin", path=None):
        """Send a form; the event is the route's own, and more are those that come with it."""
        route, = (r for r in ROUTES if r["method"] == "POST" and r["pattern"] == pattern)
        path = path or pattern
        token = client.token(page or "/account/password")
        before = last(server, clinic.organisation)
        answer = client.post(path, {"csrf_token": token, **fields})
        assert answer.status == 303, (path, answer.status, answer.text)
        found = events(server, clinic.organisation, before)
        assert [e[1] for e in found] == [route["action_number"], *more], (path, found)
        assert all(e[2:4] == (DONE, who) for e in found), (path, found)
        if patient and pattern.startswith("/patients/{id}"):
            assert all(e[4] == uuid.UUID(patient).bytes for e in found), (path, found)
        done.add(pattern)
        return answer

    patient = step("/patients/new", {"name": "Ann Able"}).location.rsplit("/", 1)[1]
    assert events(server, clinic.organisation)[-1][4] == uuid.UUID(patient).bytes

    def change(pattern, **fields):
        path = pattern.replace("{id}", patient)
        if "{note}" in path:
            path = path.replace("{note}", note_of(server, patient))
        step(pattern, {"version": version_of(server, patient), **fields}, path=path.replace("{version}", "1"))

    change("/patients/{id}/edit", name="Ann Baker")
    change("/patients/{id}/history/{version}/restore")
    change("/patients/{id}/notes", content="A draft.")
    change("/patients/{id}/notes/{note}", content="A better draft.")
    change("/patients/{id}/notes/{note}/sign", content="A better draft.")
    change("/patients/{id}/notes/{note}/addendum", content="And this.")
    change("/patients/{id}/notes/{note}/error", reason="of somebody else")
    change("/patients/{id}/archive", reason="moved away")
    change("/patients/{id}/restore")

    step("/users/invite", {"name": "Cy Cole", "email": "cy@example.org", "role": "clinician"})
    invitation = rows(server, "SELECT id FROM users JOIN tenants USING (tenant_id) WHERE tenants.name = ? "
                      "AND email = 'cy@example.org'", clinic.organisation)
    revoke = re.search(r'action="(/users/invitations/[^"]+/revoke)"', clinic.get("/users").text)
    step("/users/invitations/{id}/revoke", {}, path=revoke[1])
    assert len(invitation) <= 1
    join(server, clinic, email="bo@example.org", name="Bo Brown")
    path = user_path(clinic, "bo@example.org")
    for verb, fields in (("disable", {}), ("enable", {}), ("roles", {"role": "auditor"}), ("sessions-end", {}),
                         ("reset", {})):
        step(f"/users/{{id}}/{verb}", fields, page=path, path=f"{path}/{verb}")
    step("/account/language", {"language": "fr"}, page="/account")
    step("/account/language", {"language": "en"}, page="/account")
    settings = clinic.get("/organisation").page.fields
    settings.pop("csrf_token")
    step("/organisation", {**settings, "time_zone": "Europe/Paris"}, page="/organisation")
    step("/account/sessions", {"end": "others"}, page="/account/sessions")
    step("/account/password", {"old_password": PASSWORD, "password": "another long sentence 8"})
    step("/logout", {}, page="/logout")
    assert {r["pattern"] for r in ROUTES if r["method"] == "POST"} == done | ELSEWHERE
