"""Every page in every state, fetched once and shown again as it was.

The GET routes come from `medsynqctl routes`: a new one is looked at without a line here, or, when its
path holds an id of a new kind, named as the one that nobody can reach. States that a path alone does
not bring about (errors, conflicts, full and empty lists, the steps of an import) follow below."""
import contextlib
import http.client
import http.server
import json
import re
import socket
import sqlite3
import subprocess
import threading
import types
import urllib.parse

from harness import FLAVOUR, PASSWORD, TOP, Server
from test_emergency import allow, asked
from test_logo import png, send
from test_parking import form_of, expire
from test_partners import code_of, step
from test_partners import linked as linked_with
from test_passwords import link_by_admin
from test_patient_history import version_of
from test_patient_import import FAULTY, at_rest, check, post, run, upload
from test_patient_record import note_paths
from test_people import OTHER, act, invite, join, user_path
from test_two_factor import set_up

LONG = "Zoë-Wilhelmina Ångström-Lindqvist von und zu Hohenlohe-Schillingsfürst " * 2 + "the Younger"
WIDE = "W" * 60
WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
TALK = {"name": LONG, "given_name": LONG[:90], "family_name": WORD, "former_name": WIDE,
        "preferred_name": WORD, "pronouns": "they/them", "sex": "other", "phone1": "+44 20 7946 0958",
        "phone2": "+49 30 901820", "phone3": "112 112", "email": f"{WIDE}@{'x' * 60}.example.org",
        "address": f"{WORD}\n12 Long Street\nA town", "national_id": WIDE, "language": "sv",
        "contact_name": LONG[:90], "contact_relation": "sister", "contact_phone": "+46 8 123 456",
        "date_of_birth": "1975-04-03", "notes": f"{WORD}\n" + "A line of the note. " * 40}


class Shown:
    """A page as the server sent it."""

    def __init__(self, name, answer):
        self.name, self.status, self.body = name, answer.status, answer.body
        self.headers = [(k, v) for k, v in answer.headers.items()
                        if k.lower() in ("content-type", "content-security-policy", "content-language")]

    def __repr__(self):
        return self.name


class Collection:
    def __init__(self):
        self.pages, self.lost = [], []

    def keep(self, name, answer, status=200):
        assert name not in [page.name for page in self.pages], f"two are named {name}"
        if answer.status == status and is_page(answer):
            self.pages.append(Shown(name, answer))
        else:
            self.lost.append(f"{name}: status {answer.status}, not {status}")
        return answer


def routes():
    """The paths of the GET routes, each with who may open it."""
    program = TOP / "build" / FLAVOUR / "medsynqctl"
    rows = json.loads(subprocess.run([program, "routes", "--json"], capture_output=True, text=True,
                                     check=True).stdout)
    return [row for row in rows if row["method"] == "GET"]


def is_page(answer):
    return (answer.headers["Content-Type"] or "").startswith("text/html")


def strangers_pages(keep, server, admin):
    someone = server.client()
    for path in ("/", "/login", "/login?next=/patients", "/login?notice=password-set", "/register-tenant",
                 "/password-reset"):
        keep(f"stranger {path}", someone.get(path))
    keep("log-in refused", someone.submit("/login", tenantName=WIDE, email="a@example.org", password="x"),
         422)
    keep("log-in empty", someone.submit("/login"), 422)
    keep("sign-up empty", someone.submit("/register-tenant"), 422)
    keep("reset asked", someone.submit("/password-reset", tenantName=LONG[:90], email="a@example.org"))
    keep("reset empty", someone.submit("/password-reset"), 422)
    keep("invitation dead", someone.get("/invitations/nothing"), 404)
    keep("reset dead", someone.get("/password-reset/nothing"), 404)
    keep("form without token", someone.post("/login", {"tenantName": "x"}), 403)
    link = invite(admin, email="guest@example.org")
    keep("invitation", someone.get(link))
    keep("invitation weak", someone.submit(link, password="x"), 422)


def new_organisations_pages(keep, server):
    """Nothing there yet: every list is empty."""
    admin = server.organisation(LONG[:120])
    for path in ("/dashboard", "/patients", "/patients/import", "/users", "/audit?action=user.disable",
                 "/patients?q=nobody", "/patients?status=archived"):
        keep(f"empty {path}", admin.get(path))
    patient = admin.add_patient("Ann")
    for below in ("", "/history", "/accesses", "/print", "/label"):
        keep(f"empty patient{below}", admin.get(patient + below))


def fill(admin, server):
    """A busy organisation. @return what stands for the ids in paths"""
    for i in range(60):
        admin.add_patient(f"{i} {LONG}", date_of_birth="1960-01-02", phone1=f"0300 {i}00")
    patient = admin.add_patient(**TALK)
    token = {"csrf_token": admin.token(patient)}
    for i in range(60):
        note = {"content": f"Note {i}: {WORD} " + "it goes on and on. " * (150 if i % 9 else 3000)}
        admin.post(patient + "/notes", {**token, **note, **({"sign": "1"} if i != 59 else {})})
    _, first, second = note_paths(admin.get(patient), patient)[:3]  # behind the draft
    assert admin.post(f"{first}/addendum", {**token, "content": "An addendum"}).status == 303
    assert admin.post(f"{second}/error", {**token, "reason": f"wrong {WORD}"}).status == 303
    form = admin.get(patient + "/edit").page.fields
    for i in range(60):
        changed = {**form, "version": str(i + 1), "phone2": f"0300 40{i}", "address": f"{i} {WORD}",
                   "contact_name": f"{LONG[:90]} {i}"}
        assert admin.post(patient + "/edit", changed).status == 303
    for i in range(60):
        options = {"email": f"p{i}.{WIDE[:40]}@example.org", "name": f"{LONG[:90]} {i}",
                   "roles": ("admin", "clinician", "front_desk", "auditor") if i % 2 else ("clinician",)}
        invite(admin, **{**options, "email": f"i{options['email']}"})
        join(server, admin, **options)
    for _ in range(20):
        server.client().log_in(admin.organisation)
    return patient


def record_pages(keep, admin, patient):
    form = admin.get("/patients/new").page.fields
    wrong = {"name": "", "date_of_birth": "1975-02-30", "phone1": "call me", "email": WIDE, "age": "old",
             "deceased_date": "2999-01-01", "sex": "x"}
    keep("patient with errors", admin.post("/patients/new", {**form, **wrong}), 422)
    keep("patient with a duplicate", admin.post("/patients/new", {**form, **TALK}))
    keep("register from search", admin.get("/patients/new?name=Zoe+Someone"))
    edit = admin.get(patient + "/edit").page.fields
    keep("edit that makes a duplicate", admin.post(patient + "/edit", {
        **edit, "name": f"1 {LONG}", "date_of_birth": "1960-01-02", "phone1": "0300 100"}))
    keep("edit with errors", admin.post(patient + "/edit", {**edit, **wrong}), 422)
    admin.post(patient + "/edit", {**edit, "former_name": WORD, "phone1": "0123 0000"})
    mine = {**edit, "phone1": "0123 9999", "email": "b@example.org", "preferred_name": WIDE}
    keep("conflict", admin.post(patient + "/edit", mine), 409)
    token = {"csrf_token": admin.token(patient)}
    draft, signed = note_paths(admin.get(patient), patient)[:2]
    keep("note marked without reason", admin.post(f"{draft}/error", {**token, "reason": ""}), 422)
    writing = keep("draft being written", admin.get(f"{patient}?write={draft.rsplit('/', 1)[1]}")).page.fields
    keep("addendum being written", admin.get(f"{patient}?write={signed.rsplit('/', 1)[1]}"))
    assert admin.post(draft, {**writing, "version": "1", "content": f"Saved there {WORD}"}).status == 303
    keep("draft saved elsewhere", admin.post(draft, {**writing, "version": "1", "content": f"Typed here {WORD}"}), 409)
    keep("draft saved", admin.get(patient))
    keep("empty note", admin.post(patient + "/notes", {**token, "content": "", "sign": "1"}), 422)
    keep("archive without reason", admin.post(patient + "/archive", {
        **token, "version": version_of(admin, patient), "reason": ""}), 422)
    gone = admin.add_patient("Gone Before", date_of_birth="1930", deceased="1", deceased_date="2020-01-01")
    keep("deceased", admin.get(gone))
    admin.post(gone + "/archive", {**token, "version": version_of(admin, gone), "reason": WORD})
    keep("archived", admin.get(gone))
    for query in ("?q=zo", "?q=zo&more=1", "?q=nobody+here", f"?q={WIDE}", "?status=archived", "?status=deceased",
                  "?sort=updated", "?sort=birth_date", "?since=2020-01-01"):
        keep(f"patients{query}", admin.get(f"/patients{query}"))
    keep("patients since nonsense", admin.get("/patients?since=foo"), 422)
    keep("patients in no order", admin.get("/patients?sort=nothing"), 400)
    following = re.search(r'href="(/patients\?[^"]*after=[^"]*)"', admin.get("/patients").text)
    keep("patients, second page", admin.get(following[1].replace("&amp;", "&")))


CHART = {"allergies": {"substance": WORD, "reaction": LONG, "severity": "severe", "status": "active"},
         "medicines": {"name": WORD, "dose": WIDE[:40], "route": "by mouth", "started": "2019",
                       "stopped": "2020-01-02", "stop_reason": LONG[:90]},
         "problems": {"description": LONG[:190], "onset": "1998", "status": "active"}}


def chart_pages(keep, admin, patient):
    """Each list full, with something past and in error. @return what stands for items in paths"""
    items = {}
    token = {"csrf_token": admin.token(patient)}
    for kind, values in CHART.items():
        path = f"{patient}/{kind}"
        first = next(iter(values))
        for i in range(12):
            assert admin.post(path, {**token, "status": "active", first: f"{i} {values[first][:150]}"}).status == 303
        assert admin.post(path, {**token, **values, first: "To be an error"}).status == 303
        wrong = re.findall(rf'href="({path}/[0-9a-f-]+)" dir="auto">To be an error', admin.get(path).text)[0]
        keep(f"{kind} in error, no reason", admin.post(wrong + "/error", {**token, "version": "1"}), 422)
        keep(f"{kind} in error, stale", admin.post(wrong + "/error", {**token, "version": "9", "reason": "x"}), 409)
        assert admin.post(wrong + "/error", {**token, "version": "1", "reason": LONG[:400]}).status == 303
        assert admin.post(path, {**token, **values}).status == 303
        items[kind] = item = re.findall(rf'href="({path}/[0-9a-f-]+)"', admin.get(path).text)[0]
        keep(f"{kind} with errors", admin.post(path, {**token, "status": "x"}), 422)
        keep(f"{kind} item with errors", admin.post(item, {**token, "version": "1"}), 422)
        admin.post(item, {**token, "version": "1", **values, first: "Theirs"})
        keep(f"{kind} conflict", admin.post(item, {**token, "version": "1", **values}), 409)
        keep(f"{kind} item in error", admin.get(wrong))
    said = admin.add_patient("None Known")
    for kind in ("allergies", "medicines"):
        admin.post(f"{said}/{kind}", {**token, "none_known": "1"})
        keep(f"{kind}, none", admin.get(f"{said}/{kind}"))
    keep("none known", admin.get(said))
    return {f"/patients/{{id}}/{kind}/{{item}}": item for kind, item in items.items()}


CONSENT = {"scope": "notes", "purpose": "TREAT", "given_by": "guardian", "giver_name": LONG, "relation": WORD,
           "method": "oral", "remark": f"{WORD}\n" * 4}


def shared_pages(keep, server, admin, patient):
    """What is shared, on both sides, in each of its states. @return what stands for ids in paths"""
    keep("shared with nobody, linked with nobody", admin.get(patient + "/consents"))
    keep("nothing shared", admin.get("/shared"))
    other = server.organisation(f"{LONG[:100]} shares")
    partner = linked_with(admin, other).rsplit("/", 1)[1]
    theirs = other.add_patient(**TALK).split("?")[0]
    token = {"csrf_token": other.token(theirs)}
    for kind, values in CHART.items():
        assert other.post(f"{theirs}/{kind}", {**token, **values}).status == 303
    for i in range(25):
        assert other.post(theirs + "/notes", {**token, "content": f"{i} {WORD}", "sign": "1"}).status == 303
    for whose, at in (admin, patient), (admin, patient), (other, theirs):
        assert whose.submit(at + "/consents", partner=partner, **CONSENT).status == 303
    for scope in ("demographics", "chosen"):
        at = other.add_patient(f"{scope} {LONG}", date_of_birth="1970").split("?")[0]
        box = {}
        if scope == "chosen":
            assert other.post(at + "/notes", {**token, "content": f"{WORD} {LONG}", "sign": "1"}).status == 303
            box = {re.search(r'name="(note_[^"]+)"', other.get(at + "/consents").text)[1]: "1"}
        assert other.submit(at + "/consents", partner=partner, **{**CONSENT, "scope": scope, **box}).status == 303
    page = keep("shared, two of them", admin.get(patient + "/consents")).text
    withdraw = re.search(r'action="([^"]+/withdraw)"', page)[1]
    keep("withdrawn for too long a reason", admin.submit(withdraw, patient + "/consents", reason="x" * 501), 422)
    assert admin.submit(withdraw, patient + "/consents", reason=LONG).status == 303
    keep("withdrawn twice", admin.submit(withdraw, patient + "/consents"), 409)
    keep("consent with errors", admin.submit(patient + "/consents", scope="x", until="2020-01-01", remark=WORD), 422)
    one, two, three = re.findall(r'<th scope="row"><a href="(/shared/[^"]+)"', admin.get("/shared").text)
    keep("shared chosen notes", admin.get(one))
    keep("shared person", admin.get(two))
    keep("shared, older notes", admin.get(re.search(r'rel="next" href="([^"#]+)', admin.get(three).text)[1]))
    keep("shared, found", admin.get("/shared?q=zo"))
    return {**referral_pages(keep, admin, other, partner, patient, theirs),
            **emergency_pages(keep, admin, other, partner), "/shared/{id}": three,
            "/patients/{id}/consents/{consent}/form": re.search(
        r'href="([^"]+/form)"', page)[1]}


def emergency_pages(keep, admin, other, partner):
    """Emergency access, as both sides see it. @return what stands for ids in paths"""
    keep("emergency access that nobody allows", admin.get("/emergency"))
    keep("no emergency access yet", admin.get("/emergencies"))
    for whose in admin, other:
        assert allow(whose, f"/partners/{partner}").status == 303
    keep("a link that allows emergency access", admin.get(f"/partners/{partner}"))
    keep("an emergency that opens nothing", asked(admin, partner, "P0"), 422)
    keep("an emergency with errors", asked(admin, partner, "", reason=WORD[:5], date_of_birth="1980"), 422)
    opened = []
    for whose, of in (admin, other), (other, admin), (other, admin):
        path = of.add_patient(LONG, date_of_birth="1980-02-03", national_id=f"E{len(opened)}").split("?")[0]
        answer = asked(whose, partner, f"E{len(opened)}", reason=f"{LONG} {WORD}"[:500])
        assert answer.status == 303 and path, answer.page.text
        opened.append(answer.location.split("?")[0])
    keep("opened in an emergency", admin.get(opened[0]))
    keep("a dashboard with emergencies to review", admin.get("/dashboard"))
    done, waits = (path.replace("/shared/", "/emergencies/") for path in opened[1:])
    keep("a review without what was done", admin.submit(done + "/review", done, verdict="not-justified"), 422)
    assert admin.submit(done + "/review", done, verdict="not-justified", action=LONG).status == 303
    keep("a reviewed emergency", admin.get(done))
    keep("emergencies, one of them reviewed", admin.get("/emergencies"))
    keep("reviewed twice", admin.post(done + "/review", {"csrf_token": admin.token("/account"),
                                                         "verdict": "justified"}), 409)
    return {"/emergencies/{id}": waits}


def referral_pages(keep, admin, other, partner, patient, theirs):
    """Referrals of both sides, in each of their states. @return what stands for ids in paths"""
    def refer(whose, at):
        return whose.post("/referrals/new", {
            "csrf_token": whose.token("/account"), "patient": at.split("?")[0].rsplit("/", 1)[1], "partner": partner,
            "urgency": "emergency", "reason": f"{WORD}\n" * 4, "question": LONG, **CONSENT})

    def take(whose, path, verb, **said):
        return whose.post(f"{path}/{verb}", {"csrf_token": whose.token("/account"), **said})

    said = {"reason": f"{WORD}\n" * 3, "next_step": LONG, "reply": f"{WORD}\n" * 3}
    new = f"/referrals/new?patient={patient.split('?')[0].rsplit('/', 1)[1]}"
    keep("a referral with errors", admin.submit("/referrals/new", new, patient=new.split("=")[1], scope="x",
                                                until="2020-01-01", reason=WORD), 422)
    ours = refer(admin, patient).location
    for whose, text in (admin, f"{WORD}\n" * 3), (other, LONG):
        assert whose.post(f"{ours}/message", {"csrf_token": whose.token("/account"), "message": text}).status == 303
    keep("sent, one with a new message", admin.get("/referrals?box=out"))
    keep("a message that is too long", admin.post(f"{ours}/message", {
        "csrf_token": admin.token("/account"), "message": "x " * 2001}), 422)
    for verbs in (), ("accept",), ("decline",), ("accept", "start"), ("accept", "start", "complete"):
        path = refer(other, theirs).location
        for verb in verbs:
            assert take(admin, path, verb, **said).status == 303
        keep(f"received, {verbs}", admin.get(path))
    keep("a step of a referral that is not open", take(admin, path, "accept"), 409)
    keep("a message on a referral that is closed", admin.post(f"{path}/message", {
        "csrf_token": admin.token("/account"), "message": LONG}), 409)
    own = patient.split("?")[0].rsplit("/", 1)[1]
    keep("some are like the patient of a referral", admin.get(path + "/record"))
    details = admin.get(path + "/register").page.fields
    keep("registered from a referral, a double", admin.post(path + "/register", details))
    assert take(admin, path, "link", patient=own).status == 303
    keep("a referral with an own record", admin.get(path))
    another = admin.add_patient("Somebody Else").split("?")[0].rsplit("/", 1)[1]
    keep("a referral that has a record already", take(admin, path, "link", patient=another), 409)
    keep("declined without a reason", take(admin, refer(other, theirs).location, "decline"), 422)
    came = refer(other, theirs).location
    assert take(admin, came, "accept").status == 303
    return {"/referrals/new": new, "/referrals/{id}/record": came + "/record",
            "/referrals/{id}/register": came + "/register", "/referrals/{id}": ours}


def import_pages(keep, admin):
    def heading(href):
        return {"csrf_token": admin.get(href).page.fields["csrf_token"]}
    keep("no file", upload(admin, b""), 422)
    href = upload(admin, FAULTY.encode(), f"{WORD}.csv").location
    keep("import columns", admin.get(href))
    keep("import without a name", admin.post(href + "/columns", heading(href)), 422)
    asked = b"name,dob\nOne,03/04/1980\n"
    keep("import, order of dates unknown", admin.get(upload(admin, asked).location))
    keep("import, order of dates not said", check(admin, asked, date_order="")[1], 422)
    keep("import, two orders of dates", admin.get(upload(admin, asked + b"Two,23/04/1980\n"
                                                         b"Three,04/23/1980\n").location))
    href, page = check(admin, FAULTY.encode())
    keep("import checked, with errors", page)
    href, page = check(admin, f"name,dob\nAnna {WORD},1980-01-02\nAnna {WORD},1980-02-01\n".encode())
    keep("import checked, with likely duplicates", page)
    keep("import, likely duplicates", admin.get(href + "/doubles"))
    many = "name,dob\n" + "".join(f"Many {i} {WORD},1980-01-{i % 28 + 1:02}\n" for i in range(4000))
    href = upload(admin, many.encode()).location
    fields = heading(href)
    for name, options in re.findall(r'<select id="(column_\d+)"[^>]*>(.*?)</select>',
                                    admin.get(href).text, re.S):
        fields[name] = re.search(r'value="(\d+)" selected', options)[1]
    admin.post(href + "/columns", fields)
    keep("import under way", admin.get(href))
    href, page = run(admin, b"name,dob\nImported One,1980\n")
    keep("import done", page)
    assert post(admin, href, "undo").status == 303
    keep("import undone", at_rest(admin, href))
    discarded = upload(admin, asked).location
    post(admin, discarded, "discard")
    keep("import discarded", at_rest(admin, discarded))
    for _ in range(20):
        upload(admin, b"name,dob\nx,1980\n", f"{WORD}.csv")
    keep("imports, full", admin.get("/patients/import"))
    return href


def people_pages(keep, server, admin):
    keep("invite with errors", admin.submit("/users/invite", name="", email="x"), 422)
    keep("one-time link of an invitation", link_shown(admin, lambda: admin.submit(
        "/users/invite", name="Bo", email="link@example.org", role="clinician", password=PASSWORD), "/users"))
    join(server, admin, email="desk@example.org", roles=("front_desk",), name=LONG[:90])
    desk = server.client()
    assert desk.log_in(admin.organisation, "desk@example.org", OTHER).status == 303
    person = user_path(admin, "desk@example.org")
    keep("person", admin.get(person))
    keep("person, wrong password", act(admin, person, "reset", password="x"), 422)
    keep("person, no role", act(admin, person, "roles", password=""), 422)
    keep("oneself", admin.get(user_path(admin, admin.email)))
    keep("one-time link of a reset", link_shown(admin, lambda: act(admin, person, "reset"), person))
    keep("role refused", desk.get("/users"), 403)
    keep("front desk", desk.get("/dashboard"))
    keep("settings with errors", admin.submit("/organisation", name="", two_factor_from="soon"), 422)
    keep("password with errors", admin.submit("/account/password", old_password="x", password="x"), 422)
    link = link_by_admin(server, admin)
    keep("new password", server.client().get(link))
    keep("new password weak", server.client().submit(link, password="x"), 422)
    return person, link


def partner_pages(keep, server, admin):
    """Links in each state, as both sides see them. @return the page of one"""
    keep("no link", admin.get("/partners"))
    keep("a wrong connection code", admin.submit("/partners", code="WRONG", message=WORD), 422)
    states = {"proposed": (), "linked": ("accept",), "declined": ("decline",), "ended": ("accept", "end"),
              "suspended": ("accept", "suspend")}
    for state, steps in states.items():
        other = server.organisation(f"{LONG[:120]} {state}")
        path = admin.submit("/partners", code=code_of(other), message=f"{WORD}\n" * 3).location
        for verb in steps:
            assert step(other, path, verb, WORD).status == 303
        keep(f"link {state}, seen here", admin.get(path))
        keep(f"link {state}, seen there", other.get(path))
    keep("a step that is not open", step(admin, path, "accept"), 409)
    return path


def link_shown(admin, change, path):
    assert change().status == 303
    return admin.get(path)


def second_factor_pages(keep, server):
    admin = server.organisation()
    assert admin.submit("/organisation", two_factor_from="2026-01-01").status == 303
    keep("two-factor required", admin.get("/account/two-factor"))
    keep("two-factor wrong code", admin.submit("/account/two-factor", password=admin.password, code="1"), 422)
    keep("recovery codes", with_codes(admin))
    keep("two-factor on", admin.get("/account/two-factor"))
    person = server.client()
    person.log_in(admin.organisation)
    keep("code asked", person.get("/login/code"))
    beside = server.organisation()
    page = beside.get("/login?beside=1")
    keep("log-in beside", page)
    beside.post("/login", {**page.page.fields, "tenantName": server.organisation(LONG[:60]).organisation,
                           "email": "admin@example.org", "password": admin.password})
    keep("account with another organisation", beside.get("/account"))
    keep("log-out of both", beside.get("/logout"))
    beside.cookies["medsynq"] = "A" * 43
    keep("log-in where one goes on", beside.get("/login"))
    keep("code wrong", person.submit("/login/code", code="000000"), 422)
    return person


def with_codes(admin):
    """set_up() fetches the page with the codes, shown once: it is caught on its way."""
    seen = []
    get = admin.get

    def watching(path, **headers):
        answer = get(path, **headers)
        seen.append(answer)
        return answer
    admin.get = watching
    set_up(admin)
    del admin.get
    return next(a for a in seen if re.search(r"<code>[A-Z2-7]{4}-", a.text))


def error_pages(keep, server, admin, patient):
    token = admin.token("/patients/new")
    keep("no such record", admin.get("/patients/00000000-0000-7000-8000-000000000000"), 404)
    for name, someone in (("stranger", server.client()), ("signed in", admin)):
        keep(f"nowhere, {name}", someone.get("/nothing"), 404)
    keep("address too long", admin.get("/" + "x" * 9000), 414)
    keep("form too old", admin.post("/patients/new", {"name": LONG, "notes": TALK["notes"]}), 403)
    keep("wrong method", admin.post("/dashboard", {"csrf_token": token}), 405)
    keep("form too large", admin.post("/patients/new", {"csrf_token": token, "notes": "x" * 600000}), 413)
    keep("not a form", admin.request("POST", "/patients/new", "{}", {"Content-Type": "text/json"}), 415)
    keep("cannot be read", admin.request("POST", "/patients/new", "name=%zz", {
        "Content-Type": "application/x-www-form-urlencoded"}), 400)
    keep("stale archive", admin.post(patient + "/archive", {"csrf_token": token, "version": "1",
                                                            "reason": "moved"}), 409)


def too_slow(server):
    """Who begins a request and does not go on."""
    with socket.create_connection(("127.0.0.1", server.port), 60) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        return types.SimpleNamespace(status=answer.status, headers=answer.headers, body=answer.read())


def broken_servers_pages(keep):
    """What nobody can bring about, for which a table is taken away: from one process, whose connections are open.
    One that is opened without that table calls the whole database barred, which is a 503."""
    one_process = "ServerLimit 1\nStartServers 1\nMaxRequestWorkers 1"
    with Server(one_process, mpm="prefork", engine="sqlite3") as server:
        keep("too slow", too_slow(server), 408)
        admin = server.organisation()
        patient = admin.add_patient("Ann").split("?")[0]
        form = admin.get(patient).page.fields
        with contextlib.closing(sqlite3.connect(server.database)) as db, db:
            db.execute("ALTER TABLE patient_notes RENAME TO notes_taken_away")
        keep("broken", admin.get(patient), 500)
        keep("a form that could not be saved", admin.post(patient + "/notes", {
            "csrf_token": form["csrf_token"], "content": TALK["notes"], "sign": "1"}), 500)


def narrow_servers_pages(keep):
    """States that need limits of their own: throttled, expired, closed."""
    limits = "MedSynQLoginThrottle 1 1000\nMedSynQRegistrationThrottle 1\nMedSynQSessionTimeout 1s 1h"
    with Server(limits) as server:
        admin = server.organisation()
        keep("sign-up throttled", server.client().submit(
            "/register-tenant", tenantName="Third", adminName="A", adminEmail="a@example.org",
            adminPassword=PASSWORD), 429)
        someone = server.client()
        someone.log_in(admin.organisation, password="wrong " + PASSWORD)
        keep("log-in throttled", someone.log_in(admin.organisation, password="wrong " + PASSWORD), 429)
    with Server("MedSynQSessionTimeout 1s 1h") as server:
        admin = server.organisation()
        form = form_of(admin, **TALK)
        expire(server, admin)
        admin.post("/patients/new", form)
        keep("log in to go on", admin.get("/login?next=/parked"))
        admin.submit("/login", page="/login?next=/parked", tenantName=admin.organisation,
                     email=admin.email, password=PASSWORD)
        parked = keep("parked form", admin.get("/parked"))
        expire(server, admin)
        admin.post("/patients/new", parked.page.fields)
        admin.log_in(admin.organisation)
        keep("parked again", admin.get("/parked"))
    with Server("MedSynQSessionCache medsynq:16") as server:
        admin = server.organisation()
        for _ in range(15):
            server.client().log_in(admin.organisation)
        keep("no room for a session", server.client().log_in(admin.organisation), 503)
    with Server("MedSynQRegistration closed") as server:
        for path in ("/", "/register-tenant"):
            answer = server.client().get(path)
            keep(f"registration closed {path}", answer, answer.status)


def route_pages(keep, admin, stand_ins):
    """Every GET route as an administrator with all roles. @return those with an id of a new kind"""
    lost = []
    keep("logo refused", send(admin, b"no picture"), 422)
    assert send(admin, png()).status == 303  # or its address is a 404, and paper has none
    for row in routes():
        path = row["pattern"]
        for pattern, real in stand_ins.items():
            path = path.replace(pattern, real)
        if "{" in path:
            lost.append(row["pattern"])
            continue
        answer = admin.get(path)
        if answer.status == 303 and path in ("/login/code", "/parked"):
            continue  # second_factor_pages and narrow_servers_pages have them
        if answer.status != 200 or is_page(answer):
            keep(row["pattern"], answer)
    return lost


# Each page of a language costs the walks a second; these have every kind of part.
LANGUAGES = ("fr", "ar")
SPOKEN = ("/dashboard", "/patients", "/patients/{id}", "/patients/{id}/edit", "/patients/{id}/history",
          "/patients/{id}/accesses", "/patients/{id}/label", "/users", "/audit", "/organisation", "/account",
          "/patients/import", "/patients/import/{id}")


def every_pattern(stand_ins):
    """GET routes that are pages and can be asked for."""
    def is_asked(pattern):
        for name in stand_ins:
            pattern = pattern.replace(name, "")
        return "{" not in pattern and not pattern.endswith((".csv", ".json"))
    return [row["pattern"] for row in routes()
            if row["template"] and row["pattern"] not in ("/", "/login") and is_asked(row["pattern"])]


def spoken_pages(keep, server, admin, stand_ins):
    """Every page in French, and some in each other language, in its own digits where it has them."""
    assert admin.submit("/account/language", page="/account", language="", digits="native").status == 303
    admin.get("/account")  # takes the notice away
    for language in LANGUAGES:
        stranger = server.client(Accept_Language=language)
        for path in ("/", "/login"):
            keep(f"{language} {path}", stranger.get(path))
        keep(f"{language} sign-up empty", stranger.submit("/register-tenant"), 422)
        for pattern in every_pattern(stand_ins) if language == "fr" else SPOKEN:
            path = pattern
            for name, real in stand_ins.items():
                path = path.replace(name, real)
            answer = admin.get(path, Accept_Language=language)
            if answer.status == 200 or pattern in SPOKEN:
                keep(f"{language} {pattern}", answer)
        keep(f"{language} nowhere", admin.get("/nothing", Accept_Language=language), 404)


def collect():
    """@return the pages, and the routes and states that nothing here reaches"""
    found = Collection()
    with Server() as server:
        admin = server.organisation("A busy clinic")
        new_organisations_pages(found.keep, server)
        strangers_pages(found.keep, server, admin)
        patient = fill(admin, server)
        record_pages(found.keep, admin, patient)
        items = chart_pages(found.keep, admin, patient)
        job = import_pages(found.keep, admin)
        person, link = people_pages(found.keep, server, admin)
        partner = partner_pages(found.keep, server, admin)
        shared = shared_pages(found.keep, server, admin, patient)
        second_factor_pages(found.keep, server)
        error_pages(found.keep, server, admin, patient)
        stand_ins = {**items, **shared, "/patients/import/{id}": job, "/patients/{id}": patient, "/users/{id}": person,
                     "/partners/{id}": partner,
                     "/password-reset/{token}": link, "/invitations/{token}": invite(admin),
                     "/login/{organisation}": "/login/" + urllib.parse.quote(LONG[:90].replace(" ", "-"))}
        found.lost += route_pages(found.keep, admin, stand_ins)
        spoken_pages(found.keep, server, admin, stand_ins)
    narrow_servers_pages(found.keep)
    broken_servers_pages(found.keep)
    return found.pages, found.lost


class Museum(http.server.ThreadingHTTPServer):
    """Serves the pages again, each at /page/NUMBER, with the headers and files they came with."""
    daemon_threads = True

    def __init__(self, pages):
        self.pages = pages
        super().__init__(("127.0.0.1", 0), Guide)

    def url(self, page):
        return f"http://localhost:{self.server_port}/page/{self.pages.index(page)}"

    @contextlib.contextmanager
    def open(self):
        thread = threading.Thread(target=self.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.shutdown()
            self.server_close()
            thread.join()


class Guide(http.server.BaseHTTPRequestHandler):
    KINDS = {".css": "text/css", ".js": "text/javascript", ".png": "image/png", ".svg": "image/svg+xml"}

    def do_GET(self):
        path = urllib.parse.urlsplit(self.path).path
        page = re.fullmatch(r"/page/(\d+)", path)
        if page:
            shown = self.server.pages[int(page[1])]
            self.answer(200, shown.headers, shown.body)
            return
        file = TOP / "htdocs" / path.lstrip("/")
        if ".." not in path and path.startswith("/public/") and file.is_file():
            self.answer(200, [("Content-Type", self.KINDS[file.suffix])], file.read_bytes())
        else:
            self.answer(404, [("Content-Type", "text/plain")], b"")

    def answer(self, status, headers, body):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass
