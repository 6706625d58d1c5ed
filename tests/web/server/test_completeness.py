"""Every refusal and every change leaves exactly its event, of its person and about its patient: walked
from the table of routes."""
import http.client
import itertools
import json
import re
import sqlite3
import subprocess
import uuid

import test_patient_import as patient_import
from harness import PASSWORD
from test_ctl import built
from test_emergency import BORN, REASON, allow, asked
from test_parking import expire, form_of
from test_logo import png, send
from test_partners import code_of, linked
from test_referrals import REFER
from test_shared import FIELDS
from test_passwords import link_by_admin
from test_people import OTHER, invite, join, user_path
from test_two_factor import code_at, first_step, now_step, set_up

ALL_ROUTES = json.loads(subprocess.run([built(), "routes", "--json"], capture_output=True, text=True,
                                       check=True).stdout)
ROUTES = [r for r in ALL_ROUTES if r["signed_in"]]
DONE, REFUSED, FAILED = 1, 2, 3
# these need a story of their own: the last tests here
# beside a record of its own: test_merging_separating_and_telling_apart_are_an_event_of_each_record
MERGE = {"/patients/{id}/merge", "/patients/{id}/unmerge", "/patients/{id}/apart", "/patients/{id}/apart/undo"}
LOGO = {"/organisation/logo", "/organisation/logo/remove"}  # a file, and a step that has an effect once: test_logo
UNRECORDED = {"/account/switch"}  # no organisation is told of another: test_switch
IMPORT, SECOND_FACTOR, LATER = (
    {"/patients/import", "/patients/import/{id}/columns", "/patients/import/{id}/commit",
     "/patients/import/{id}/doubles", "/patients/import/{id}/cancel", "/patients/import/{id}/discard",
     "/patients/import/{id}/undo"},
    {"/account/two-factor", "/account/two-factor/codes", "/account/two-factor/off",
     "/users/{id}/two-factor-off"},
    {"/users/{id}/unlock", "/parked/{id}/discard", "/parked/{id}/undo"})


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
    return re.sub(r"\{version\}", "1", re.sub(r"\{(id|note|item|consent|token)\}", str(uuid.uuid4()), pattern))


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


def item_of(server, patient, kind):
    """The newest item of a list of the chart."""
    number = ("allergies", "medicines", "problems").index(kind) + 1
    return str(uuid.UUID(bytes=rows(server, "SELECT MAX(id) FROM chart_items WHERE patient_id = ? AND kind = ?",
                                    uuid.UUID(patient).bytes, number)[0][0]))


def mrn_of(server, patient):
    return rows(server, "SELECT mrn FROM patients WHERE id = ?", uuid.UUID(patient).bytes)[0][0]


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

    patient = step("/patients/new", {"name": "Ann Able", "date_of_birth": BORN}).location.rsplit("/", 1)[1]
    assert events(server, clinic.organisation)[-1][4] == uuid.UUID(patient).bytes

    def change(pattern, **fields):
        path = pattern.replace("{id}", patient)
        if "{note}" in path:
            path = path.replace("{note}", note_of(server, patient))
        if "{item}" in path:
            path = path.replace("{item}", item_of(server, patient, path.split("/")[3]))
        step(pattern, {"version": version_of(server, patient), **fields}, path=path.replace("{version}", "1"))

    change("/patients/{id}/edit", name="Ann Baker")
    change("/patients/{id}/history/{version}/restore")
    change("/patients/{id}/notes", content="A draft.")
    change("/patients/{id}/notes/{note}", content="A better draft.", version="1")
    change("/patients/{id}/notes/{note}/discard", version="2", content="A better draft.")
    change("/patients/{id}/notes/{note}/undo")
    change("/patients/{id}/notes/{note}/sign", version="4")
    change("/patients/{id}/notes/{note}/addendum", content="And this.")
    change("/patients/{id}/notes/{note}/error", reason="of somebody else")
    for kind, name in (("allergies", "substance"), ("medicines", "name"), ("problems", "description")):
        change(f"/patients/{{id}}/{kind}", **{name: "Something", "status": "active"})
        change(f"/patients/{{id}}/{kind}/{{item}}", **{name: "Another", "status": "active", "version": "1"})
        change(f"/patients/{{id}}/{kind}/{{item}}/error", reason="of somebody else", version="2")
    other = server.organisation()
    partner = linked(clinic, other).rsplit("/", 1)[1]
    change("/patients/{id}/consents", partner=partner, **FIELDS)
    consent = re.search(r'action="(/[^"]+/withdraw)"', clinic.get(f"/patients/{patient}/consents").text)[1]
    step("/patients/{id}/consents/{consent}/withdraw", {"reason": "changed their mind"}, path=consent)
    theirs = other.add_patient("Theirs", date_of_birth=BORN).split("?")[0]
    assert other.submit(f"{theirs}/consents", partner=partner, **FIELDS).status == 303
    shared = re.search(r'href="(/shared/[^"]+)"', clinic.get("/shared").text)[1]
    step("/shared/{id}/let-go", {}, path=f"{shared}/let-go")

    step("/partners/{id}/emergency", {"allow": "1"}, path=f"/partners/{partner}/emergency")
    assert allow(other, f"/partners/{partner}").status == 303
    step("/emergency", {"partner": partner, "identifier": mrn_of(server, theirs.rsplit("/", 1)[1]),
                        "date_of_birth": BORN, "reason": REASON, "password": PASSWORD})
    opened = asked(other, partner, mrn_of(server, patient)).location.rsplit("/", 1)[1].split("?")[0]
    step("/emergencies/{id}/review", {"verdict": "justified"}, path=f"/emergencies/{opened}/review")

    def refer(whose, patient, partner):
        answer = whose.post("/referrals/new", {"csrf_token": whose.token("/account"), "patient": patient.split("/")[-1],
                                               "partner": partner, **REFER})
        assert answer.status == 303, answer.page.text
        return answer.location

    before = last(server, clinic.organisation)
    path = refer(clinic, patient, partner)
    assert [e[1] for e in events(server, clinic.organisation, before)] == [161, 192]  # the consent, the referral
    step("/referrals/{id}/message", {"message": "Which ward?"}, path=f"{path}/message")
    step("/referrals/{id}/cancel", {"reason": "got better"}, path=f"{path}/cancel")
    for verbs in ("decline",), ("accept", "start", "complete"):
        path = refer(other, theirs, partner)
        for verb in verbs:
            step(f"/referrals/{{id}}/{verb}", {"reason": "full", "next_step": "ask again", "reply": "All is well."},
                 path=f"{path}/{verb}")
    for verb in "link", "unlink":
        step(f"/referrals/{{id}}/{verb}", {"patient": patient}, path=f"{path}/{verb}")
    before = last(server, clinic.organisation)
    assert clinic.post(path + "/register", {**clinic.get("/patients/new").page.fields, "name": "Referred"}).status == 303
    assert [e[1] for e in events(server, clinic.organisation, before)] == [7, 208]  # the record, the link
    done.add("/referrals/{id}/register")
    done.add("/referrals/new")
    change("/patients/{id}/archive", reason="moved away")
    change("/patients/{id}/restore")

    step("/users/invite", {"name": "Cy Cole", "email": "cy@example.org", "role": "clinician",
                           "password": PASSWORD})
    invitation = rows(server, "SELECT id FROM users JOIN tenants USING (tenant_id) WHERE tenants.name = ? "
                      "AND email = 'cy@example.org'", clinic.organisation)
    revoke = re.search(r'action="(/users/invitations/[^"]+/revoke)"', clinic.get("/users").text)
    step("/users/invitations/{id}/revoke", {}, path=revoke[1])
    assert len(invitation) <= 1
    join(server, clinic, email="bo@example.org", name="Bo Brown")
    path = user_path(clinic, "bo@example.org")
    for verb, fields in (("disable", {}), ("enable", {}), ("roles", {"role": "auditor"}),
                         ("name", {"name": "Bo B. Brown"}), ("sessions-end", {}), ("reset", {})):
        step(f"/users/{{id}}/{verb}", {"password": PASSWORD, **fields}, page=path, path=f"{path}/{verb}")
    step("/account/language", {"language": "fr"}, page="/account")
    step("/account/language", {"language": "en"}, page="/account")
    settings = clinic.get("/organisation").page.fields
    settings.pop("csrf_token")
    step("/organisation", {**settings, "time_zone": "Europe/Paris"}, page="/organisation")
    step("/partners/code", {}, page="/partners")
    other = server.organisation()  # another one: they are linked once

    def propose():
        return step("/partners", {"code": code_of(other)}, page="/partners").location

    def link(verb, path):
        step(f"/partners/{{id}}/{verb}", {"reason": "because"}, page=path, path=f"{path}/{verb}")

    def theirs(verb, path):
        assert other.submit(f"{path}/{verb}", path).status == 303

    path = propose()
    theirs("accept", path)
    for verb in "suspend", "resume", "end":
        link(verb, path)
    for verb in "decline", "accept":
        path = other.submit("/partners", code=code_of(clinic)).location
        link(verb, path)
    step("/account/sessions", {"end": "others"}, page="/account/sessions")
    step("/account/password", {"old_password": PASSWORD, "password": "another long sentence 8"})
    step("/logout", {}, page="/logout")
    assert {r["pattern"] for r in ROUTES if r["method"] == "POST"} == done | IMPORT | SECOND_FACTOR | LATER | MERGE | LOGO | UNRECORDED


def test_merging_separating_and_telling_apart_are_an_event_of_each_record(server, clinic):
    target, source = (clinic.add_patient(name).split("?")[0] for name in ("Ann Able", "Anne Able"))
    both = {uuid.UUID(path.rsplit("/", 1)[1]).bytes for path in (target, source)}
    other = {"other": source.rsplit("/", 1)[1]}
    for verb in ("apart", "apart/undo", "merge", "unmerge"):
        route, = (r for r in ROUTES if r["method"] == "POST" and r["pattern"] == f"/patients/{{id}}/{verb}")
        form = clinic.get(f"{target}/{verb}?other={other['other']}").page.fields if "merge" in verb else {
            "csrf_token": clinic.token("/account/password"), **other}
        before = last(server, clinic.organisation)
        assert clinic.post(f"{target}/{verb}", form).status == 303
        found = [e for e in events(server, clinic.organisation, before) if e[1] not in (72, 180)]  # both are looked at first
        assert [e[1:4] for e in found] == [(route["action_number"], DONE, "Ada Admin")] * 2
        assert {e[4] for e in found} == both


SIGN_IN, ACCEPT, RESET, CODE_USED, PARK = 2, 24, 32, 38, 52


class Story:
    """Forms sent one after the other; each leaves its events and no others."""

    def __init__(self, server, clinic):
        self.server, self.clinic, self.done = server, clinic, set()

    def step(self, send, *expected, pattern=None, who="Ada Admin"):
        """@param expected  actions, or (action, outcome); none: the route's own"""
        before = last(self.server, self.clinic.organisation)
        answer = send()
        found = events(self.server, self.clinic.organisation, before)
        own = [r["action_number"] for r in ROUTES if (r["method"], r["pattern"]) == ("POST", pattern)]
        wanted = [e if isinstance(e, tuple) else (e, DONE) for e in expected or own]
        assert [e[1:3] for e in found] == wanted and all(e[3] == who for e in found), (pattern, found)
        if pattern:
            assert answer.status == 303, (pattern, answer.text)
            self.done.add(pattern)
        return answer

    def post(self, pattern, fields, *expected, path=None, page=None, client=None):
        client = client or self.clinic
        token = client.token(page or path or pattern)
        return self.step(lambda: client.post(path or pattern, {"csrf_token": token, **fields}), *expected,
                         pattern=pattern)


def test_each_step_of_an_import_is_an_event(server, clinic):
    story = Story(server, clinic)
    token = clinic.token("/patients/import")
    href = story.step(lambda: patient_import.upload(clinic, b"name,born\nAnn Able,1980-01-02\nBo Baker,\n",
                                                    token=token), pattern="/patients/import").location
    columns = {name: re.search(r'value="(\d+)" selected', options)[1] for name, options in re.findall(
        r'<select id="(column_\d+)"[^>]*>(.*?)</select>', clinic.get(href).text, re.S)}

    def decide(verb, fields=None):
        story.post(f"/patients/import/{{id}}/{verb}", fields or {}, path=f"{href}/{verb}", page=href)
    for verb, fields in (("columns", columns), ("doubles", {}), ("commit", {}), ("undo", {})):
        decide(verb, fields)
        patient_import.at_rest(clinic, href)
    assert [e[5] for e in events(server, clinic.organisation) if e[1] in (92, 93)] == [
        "upload of 2 rows", "columns", "2 rows", "2 rows"]
    href = patient_import.upload(clinic, patient_import.many(8000)).location
    decide("columns", columns)
    decide("cancel")
    patient_import.at_rest(clinic, href)
    decide("discard")
    assert [e[5] for e in events(server, clinic.organisation) if e[1] == 92][-3:] == [
        "columns", "cancelled", "discarded"]
    assert story.done == IMPORT


def test_each_step_of_a_second_factor_is_an_event(server, clinic):
    story = Story(server, clinic)
    factor, bo = "/account/two-factor", join(server, clinic)
    other = user_path(clinic, "bo@example.org")
    own_action = {r["pattern"]: r["action_number"] for r in ROUTES if r["method"] == "POST"}
    _, codes = story.step(lambda: set_up(clinic), own_action[factor])
    person = first_step(server, clinic)
    story.step(lambda: person.submit("/login/code", code="000000"), (SIGN_IN, FAILED))
    story.step(lambda: person.submit("/login/code", code=codes[0]), CODE_USED, SIGN_IN)
    story.post(f"{factor}/codes", {"password": PASSWORD, "code": codes[1]}, CODE_USED,
               own_action[f"{factor}/codes"], page=factor)
    codes = re.findall(r"<code>([A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4})</code>", clinic.get(factor).text)
    story.post(f"{factor}/off", {"password": PASSWORD, "code": codes[2]}, CODE_USED,
               own_action[f"{factor}/off"], page=factor)
    set_up(bo)
    story.post("/users/{id}/two-factor-off", {"password": PASSWORD}, path=f"{other}/two-factor-off", page=other)
    assert story.done | {factor} == SECOND_FACTOR


def test_what_is_done_without_a_session_is_an_event(make_server):
    server = make_server("MedSynQLoginThrottle 1 1000")
    clinic = server.organisation()
    assert [e[1:4] for e in events(server, clinic.organisation)] == [(1, DONE, None)]
    story = Story(server, clinic)
    story.step(lambda: server.client().log_in(clinic.organisation), SIGN_IN)
    link, stranger = invite(clinic, email="bo@example.org"), server.client()
    story.step(lambda: stranger.submit(link, password="another long sentence 9"), ACCEPT, who=None)
    story.step(lambda: stranger.log_in(clinic.organisation, "bo@example.org", "wrong wrong"), (SIGN_IN, FAILED),
               who=None)
    clinic.log_in(clinic.organisation)
    path = user_path(clinic, "bo@example.org")
    story.post("/users/{id}/unlock", {"password": PASSWORD}, path=f"{path}/unlock", page=path)
    link = link_by_admin(server, clinic)
    story.step(lambda: stranger.submit(link, password="another long sentence 10"), RESET, who=None)
    assert story.done | {"/parked/{id}/discard", "/parked/{id}/undo"} == LATER


def test_what_was_parked_and_what_became_of_it_are_events(make_server):
    server = make_server("MedSynQSessionTimeout 1s 1h")
    clinic = server.organisation()
    story = Story(server, clinic)
    form = form_of(clinic, name="Ann Able")
    expire(server, clinic)
    story.step(lambda: clinic.post("/patients/new", form), PARK)
    clinic.submit("/login", page="/login?next=/parked", tenantName=clinic.organisation, email=clinic.email,
                  password=PASSWORD)
    discard = re.search(r'action="(/parked/[^"]+/discard)"', clinic.get("/parked").text)[1]
    story.post("/parked/{id}/discard", {}, path=discard, page="/parked")
    story.post("/parked/{id}/undo", {}, path=discard.replace("discard", "undo"), page="/parked")
    assert story.done | {"/users/{id}/unlock"} == LATER


def since(server, organisation, before):
    """What was recorded, as (action, outcome, who)."""
    return [e[1:4] for e in events(server, organisation, before)]


def test_each_post_of_somebody_not_signed_in_is_its_event(make_server):
    server = make_server('MedSynQSendmail "/bin/true" http://clinic.example')
    clinic = server.organisation()
    done = set()

    def step(pattern, client, status, expected, path=None, about=None, page=None, **fields):
        token = client.token(page or path or pattern)
        before = last(server, clinic.organisation)
        answer = client.post(path or pattern, {"csrf_token": token, **fields})
        assert answer.status == status, (pattern, answer.text)
        assert since(server, clinic.organisation, before) == expected, pattern
        if about:
            objects = rows(server, "SELECT object_id FROM audit_events JOIN tenants USING (tenant_id) "
                           "WHERE name = ? AND number > ?", clinic.organisation, before)
            assert objects == [(about,)], pattern
        done.add(pattern)

    who = {"tenantName": clinic.organisation, "email": clinic.email}
    link = invite(clinic)
    step("/invitations/{token}", server.client(), 422, [], path=link, password="short")
    step("/invitations/{token}", server.client(), 303, [(24, DONE, None)], path=link, password=OTHER)
    step("/login", server.client(), 422, [(2, FAILED, None)], password="not the right words", **who)
    step("/login", server.client(), 303, [(2, DONE, "Ada Admin")], password=PASSWORD, **who)
    for path, expected in (("/account/beside", []), ("/account/beside/end", [(3, DONE, "Ada Admin")])):
        person = server.client()
        person.log_in(clinic.organisation)
        person.cookies = {"medsynq_beside": person.cookies["medsynq"]}
        to = re.search(r'name="to" value="([0-9a-f]{16})"', person.get("/login").text)[1]
        step(path, person, 303, expected, page="/login", to=to)
    secret, _ = set_up(clinic)
    person = server.client()
    step("/login", person, 303, [], password=PASSWORD, **who)  # nobody is in before the code
    step("/login/code", person, 422, [(2, FAILED, "Ada Admin")], code="000000")
    step("/login/code", person, 303, [(2, DONE, "Ada Admin")], code=code_at(secret, now_step()))
    step("/password-reset", server.client(), 200, [(31, DONE, None)], **who)
    step("/password-reset", server.client(), 200, [(31, FAILED, None)],
         **{**who, "email": "nobody@example.org"})
    link = link_by_admin(server, clinic)
    admin, = rows(server, "SELECT users.id FROM users JOIN tenants USING (tenant_id) WHERE tenants.name = ? "
                  "AND email = ?", clinic.organisation, clinic.email)
    step("/password-reset/{token}", server.client(), 303, [(32, DONE, None)], path=link, password=OTHER,
         about=admin[0])
    name = f"New {uuid.uuid4().hex}"
    assert server.client().submit("/register-tenant", tenantName=name, adminName="Ada Admin",
                                  adminEmail="ada@example.org", adminPassword=PASSWORD).status == 303
    assert since(server, name, 0) == [(1, DONE, None)]
    done.add("/register-tenant")
    assert done == {r["pattern"] for r in ALL_ROUTES if r["method"] == "POST" and not r["signed_in"]}


# the pages that show patients, and the action of their event; the form is a view of the record
DISCLOSE = {
    "/dashboard": 5, "/patients": 5, "/patients/export.csv": 91, "/patients/{id}": 6,
    "/patients/{id}/accesses": 112, "/patients/{id}/edit": 6, "/patients/{id}/history": 71,
    "/patients/{id}/print": 76, "/patients/{id}/label": 76, "/patients/{id}/export.json": 97,
    "/patients/{id}/merge": 6, "/patients/{id}/unmerge": 6,
    "/referrals/new": 6, "/referrals/{id}": 191, "/referrals/{id}/letter": 191,
    "/emergencies/{id}": 221,
    "/patients/{id}/consents": 160, "/patients/{id}/consents/form": 160, "/patients/{id}/consents/{consent}/form": 160,
    "/patients/{id}/allergies": 6, "/patients/{id}/allergies/{item}": 6,
    "/patients/{id}/medicines": 130, "/patients/{id}/medicines/{item}": 130,
    "/patients/{id}/problems": 130, "/patients/{id}/problems/{item}": 130,
}
TRAIL = {"/audit": 110, "/audit/export.csv": 111, "/shared": 163, "/shared/{id}": 164,
         "/referrals": 190, "/referrals/written": 190, "/referrals/{id}/record": 191, "/referrals/{id}/register": 191}


def test_each_page_that_shows_a_patient_is_an_event_and_no_other_page_shows_one(server, clinic):
    patient = clinic.add_patient("Ann Able", date_of_birth=BORN).rsplit("/", 1)[1].split("?")[0]
    for kind, name in (("allergies", "substance"), ("medicines", "name"), ("problems", "description")):
        clinic.post(f"/patients/{patient}/{kind}", {"csrf_token": clinic.token("/account/password"),
                                                    name: "Something", "status": "active"})
    href = patient_import.upload(clinic, b"name\nCy Cole\n").location
    other = server.organisation()
    partner = linked(clinic, other).rsplit("/", 1)[1]
    for whose, at in (clinic, f"/patients/{patient}"), (other, other.add_patient("Theirs").split("?")[0]):
        assert whose.submit(f"{at}/consents", partner=partner, **FIELDS).status == 303
    form = re.search(r'href="([^"]+/form)"', clinic.get(f"/patients/{patient}/consents").text)[1]
    shared = re.search(r'href="(/shared/[^"]+)"', clinic.get("/shared").text)[1]
    referral = clinic.post("/referrals/new", {"csrf_token": clinic.token("/account"), "patient": patient,
                                              "partner": partner, **REFER}).location
    for whose in clinic, other:
        assert allow(whose, f"/partners/{partner}").status == 303
    emergency = asked(other, partner, mrn_of(server, patient)).location.replace("/shared/", "/emergencies/").split("?")[0]
    assert send(clinic, png()).status == 303
    theirs = other.add_patient("Referred By Them").split("?")[0].rsplit("/", 1)[1]
    came = other.post("/referrals/new", {"csrf_token": other.token("/account"), "patient": theirs, "partner": partner,
                                         **REFER}).location
    assert clinic.post(came + "/accept", {"csrf_token": clinic.token("/account")}).status == 303
    for route in (r for r in ROUTES if r["method"] == "GET"):
        pattern = route["pattern"]
        path = pattern.replace("/patients/import/{id}", href)
        if pattern.startswith("/users/{id}"):
            path = path.replace("/users/{id}", user_path(clinic, clinic.email))
        if "{item}" in path:
            path = path.replace("{item}", item_of(server, patient, path.split("/")[3]))
        path = {"/patients/{id}/consents/{consent}/form": form, "/shared/{id}": shared, "/referrals/{id}": referral,
                "/referrals/{id}/letter": referral + "/letter",
                "/emergencies/{id}": emergency,
                "/referrals/{id}/record": came + "/record", "/referrals/{id}/register": came + "/register",
                "/referrals/new": "/referrals/new?patient={id}"}.get(pattern, path)
        if pattern == "/partners/{id}":
            path = clinic.submit("/partners", code=code_of(server.organisation())).location
        before = last(server, clinic.organisation)
        answer = clinic.get(path.replace("{id}", patient))
        assert answer.status == (303 if pattern == "/parked" else 200), pattern
        found = [(e[1], e[2], e[3], e[4] == uuid.UUID(patient).bytes)
                 for e in events(server, clinic.organisation, before)]
        if pattern in TRAIL:
            assert found == [(TRAIL[pattern], DONE, "Ada Admin", False)], pattern
        elif pattern in DISCLOSE:
            assert "Ann Able" in answer.text, pattern
            assert found == [(DISCLOSE[pattern], DONE, "Ada Admin", True)], pattern
        else:
            assert "Ann Able" not in answer.text and found == [], pattern
    assert DISCLOSE.keys() | TRAIL.keys() <= {r["pattern"] for r in ROUTES}


def test_each_search_is_an_event_whoever_was_found(server, clinic):
    clinic.add_patient("Ann Able")
    for words in ("ann", "nobody+at+all"):
        before = last(server, clinic.organisation)
        assert clinic.get(f"/patients?q={words}").status == 200
        assert since(server, clinic.organisation, before) == [(90, DONE, "Ada Admin")]
