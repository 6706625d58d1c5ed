"""A form that had no effect comes back with all that was typed, a fresh token and one sentence: for every
POST of the table of routes, whatever the reason. What another person typed never does. The fields are
those of the forms that the pages show; a route whose form no page shows here gets one of no page."""
import html.parser
import re
import sqlite3
import uuid
from contextlib import closing

import pytest

from harness import PASSWORD, Server, until
from test_ctl import ctl
from test_parking import expire
from test_patient_record import note_paths
from test_people import OTHER, join, user_path
from test_security import POSTS, ROLES, ROUTES, named
from test_two_factor import code_at, first_step, now_step, set_up

TYPED = "Zoë Typed & <kept>"
SECRET = "typed and never shown 9"
PATIENT = "Ann Opened"
SIGNED_IN = [r for r in POSTS if r["signed_in"]]
# an upload's file cannot come back: its page is shown anew
UPLOADS = {"/patients/import", "/organisation/logo"}


class Forms(html.parser.HTMLParser):
    """{action: {name: (type, value)}} of a page; of two with one action that with more to fill in"""

    def __init__(self, text):
        super().__init__()
        self.forms, self.open, self.area = {}, None, None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form" and attrs.get("method") == "post":
            self.action, self.open = attrs["action"], {}
        elif self.open is not None and tag in ("input", "textarea", "select") and attrs.get("name"):
            self.open[attrs["name"]] = (attrs.get("type", tag), attrs.get("value") or "")
            self.area = attrs["name"] if tag == "textarea" else None

    def handle_data(self, data):
        if self.open is not None and self.area:
            kind, value = self.open[self.area]
            self.open[self.area] = kind, value + data.removeprefix("\n")

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.area = None
        if tag == "form" and self.open is not None:
            if len(self.open) >= len(self.forms.get(self.action, {})):
                self.forms[self.action] = self.open
            self.open = None


def fits(pattern, path):
    return re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(pattern)), path)


def filled(fields):
    """What a person would type into the fields of a form"""
    typed = {}
    for name, (kind, value) in fields.items():
        if kind == "password":
            typed[name] = SECRET
        elif kind in ("text", "email", "tel", "textarea") and name != "code":
            typed[name] = TYPED if kind == "textarea" or "date" not in name and name != "age" else ""
        elif kind == "hidden" and name != "csrf_token":
            typed[name] = value
    return typed


class Desk:
    """One organisation with a person for each role, and every form that its pages show."""

    def __init__(self, server):
        self.server = server
        self.owner = server.organisation()
        self.patient = self.owner.add_patient(PATIENT)
        self.people = {}
        for role, field in ROLES.items():
            self.people[role] = join(server, self.owner, roles=(field,), name=f"Person {role}",
                                     email=f"{role}.desk@example.org")
        doctor = self.people["clinician"]
        for text in ("a signed one", "another"):
            doctor.submit(f"{self.patient}/notes", page=self.patient, content=text, sign="1")
        doctor.submit(f"{self.patient}/notes", page=self.patient, content="a draft", draft="1")
        self.user = user_path(self.owner, "auditor.desk@example.org")
        self.forms = {}
        for route in ROUTES:
            if route["method"] == "GET" and "token" not in route["pattern"]:
                client = self.client(route)
                self.forms_keep(client.get(self.path(route)))
        for note in note_paths(doctor.get(self.patient), self.patient):
            self.forms_keep(doctor.get(f"{self.patient}?write={note.rsplit('/', 1)[1]}"))

    def forms_keep(self, answer):
        for action, fields in Forms(answer.text).forms.items():
            self.forms.setdefault(action, fields)

    def client(self, route):
        if not route["signed_in"]:
            return self.server.client()
        return self.people[next(role for role in ROLES if role in route["roles"])]

    def path(self, route):
        path = route["pattern"].replace("/patients/{id}", self.patient).replace("/users/{id}", self.user)
        for name in ("{id}", "{note}", "{allergy}", "{item}", "{problem}", "{medicine}", "{consent}"):
            path = path.replace(name, str(uuid.UUID(int=7)))
        return re.sub(r"\{\w+\}", "1", path.replace("{token}", "A" * 60))

    def form(self, route):
        """@return where a form goes, and what is typed into it"""
        for action, fields in self.forms.items():
            if fits(route["pattern"], action):
                typed = filled(fields)
                if TYPED in typed.values():
                    return action, typed
        return self.path(route), {"typed_here": TYPED}

    def contents(self):
        return self.server.contents(without=["parked_forms"])


@pytest.fixture(scope="module")
def desk():
    with Server("MedSynQMaxBody 20000") as running:
        yield Desk(running)


def comes_back(answer, path, typed, status):
    """@return the fields as they would be sent again"""
    assert answer.status == status, (answer.status, answer.text)
    form = Forms(answer.text).forms[path]
    for name, value in typed.items():
        if value == SECRET:
            assert not form.get(name, ("", ""))[1] and SECRET not in answer.text, name
        elif value and name != "csrf_token":
            assert form[name] == ("select", "") or form[name][1] == value, (name, value, form)
    assert len(form["csrf_token"][1]) > 80 and form["csrf_token"][1] != typed.get("csrf_token")
    said = answer.page.text
    assert said.count("othing has been saved") + said.count("Nothing is lost") == 1, said
    return {name: value for name, (_, value) in form.items()}


def email(desk, client):
    return next(f"{role}.desk@example.org" for role, one in desk.people.items() if one is client)


def returning(routes):
    return named([r for r in routes if r["pattern"] not in UPLOADS])


@pytest.mark.parametrize("route", returning(SIGNED_IN))
def test_after_the_same_person_logged_in_again(desk, route):
    client = desk.client(route)
    path, typed = desk.form(route)
    typed["csrf_token"] = client.token("/logout")
    other_tab = client.log_in(desk.owner.organisation, email(desk, client), OTHER)
    assert other_tab.status == 303
    before = desk.contents()
    comes_back(client.post(path, typed), path, typed, 403)
    assert desk.contents() == before


@pytest.mark.parametrize("route", returning(POSTS))
def test_without_a_token_or_with_none_of_ours(desk, route):
    client = desk.client(route)
    path, typed = desk.form(route)
    before = desk.contents()
    for token in (None, "", "x", "A" * 107, "A" * 86):
        sent = {k: v for k, v in typed.items() if k != "csrf_token"}
        if token is not None:
            sent["csrf_token"] = token
        comes_back(client.post(path, sent), path, sent, 403)
    assert desk.contents() == before


@pytest.mark.parametrize("route", returning(SIGNED_IN))
def test_what_is_sent_again_is_not_refused_again(desk, route):
    """The fresh token is a good one: the second answer is the route's own."""
    client = desk.client(route)
    if route["pattern"] in ("/logout", "/account/sessions", "/users/{id}/disable"):
        return  # would end what the other tests need
    path, typed = desk.form(route)
    shown = comes_back(client.post(path, typed), path, typed, 403)
    again = client.post(path, {**shown, "name": "x" * 300})
    assert again.status != 403


@pytest.mark.parametrize("route", returning(SIGNED_IN))
def test_never_to_another_person_and_later_to_the_first(desk, route):
    client = desk.client(route)
    path, typed = desk.form(route)
    mine = email(desk, client)
    shared = desk.server.client()  # a computer at the desk
    shared.log_in(desk.owner.organisation, mine, OTHER)
    typed["csrf_token"] = shared.token("/logout")
    shared.log_out()
    shared.log_in(desk.owner.organisation)
    answer = shared.post(path, typed)
    assert answer.status == 403 and "Zoë" not in answer.text
    assert "Another log-in opened this page" in answer.page.text
    assert "Zoë" not in shared.get("/parked").text
    if path.startswith(("/account/", "/logout", "/parked/")):
        return  # full of secrets, or nothing to keep
    shared.log_out()
    assert shared.log_in(desk.owner.organisation, mine, OTHER).location == "/parked"
    shown = shared.get("/parked").text
    assert "Zoë" in shown and SECRET not in shown
    with closing(sqlite3.connect(desk.server.database)) as db, db:
        db.execute("DELETE FROM parked_forms")


@pytest.mark.parametrize("route", returning(POSTS))
def test_not_when_another_site_sent_it(desk, route):
    client = desk.client(route)
    path, typed = desk.form(route)
    for headers in ({"Origin": "https://evil.example"}, {"Sec_Fetch_Site": "cross-site"}):
        answer = client.post(path, typed, **headers)
        assert answer.status == 403 and "Zoë" not in answer.text
        assert "came from another site" in answer.page.text


@pytest.mark.parametrize("route", returning(SIGNED_IN))
def test_when_it_is_too_much(desk, route):
    client = desk.client(route)
    path, typed = desk.form(route)
    name = next(n for n, v in typed.items() if v == TYPED)
    sent = {**typed, "csrf_token": client.token("/logout"), name: TYPED + "x" * 20000}
    shown = comes_back(client.post(path, sent), path, {}, 413)
    assert shown[name] == sent[name]


@pytest.mark.parametrize("route", returning(SIGNED_IN))
def test_when_it_comes_in_a_way_that_is_not_read(desk, route):
    client = desk.client(route)
    path, typed = desk.form(route)
    sent = {**typed, "csrf_token": client.token("/logout")}
    before = desk.contents()
    parts = "".join(f'--b\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'
                    for k, v in sent.items()) + "--b--\r\n"
    for kind, body in (("multipart/form-data; boundary=b", parts.encode()),
                       ("text/plain", "&".join(f"{k}={v.replace('&', '%26')}"
                                               for k, v in sent.items()).encode())):
        answer = client.request("POST", path, body, {"Content-Type": kind})
        comes_back(answer, path, sent, 415)
    assert desk.contents() == before


def test_while_nothing_can_be_written(make_server):
    server = make_server()
    clinic = server.organisation()
    path = clinic.add_patient(PATIENT)
    form = {**clinic.get(path).page.fields, "content": TYPED, "sign": "1"}
    with closing(sqlite3.connect(server.database)) as db:
        db.execute("BEGIN IMMEDIATE")
        answer = clinic.post(f"{path}/notes", form)
        db.rollback()
    assert answer.status == 503 and answer.headers["Retry-After"]
    shown = comes_back(answer, f"{path}/notes", {"content": TYPED}, 503)
    assert shown["form_token"] == form["form_token"] and shown["sign"] == "1"
    until(lambda: clinic.post(f"{path}/notes", shown).status == 303, "it is tried again every few seconds")
    assert clinic.get(path).text.count("Zoë Typed") == 1


def ways(server, clinic, doctor):
    """Every way in which a session ends while somebody types: {way: what does it}"""
    person = user_path(clinic, "clara@example.org")

    def elsewhere(path, **fields):
        other = server.client()
        assert other.log_in(clinic.organisation, "clara@example.org", OTHER).status == 303
        assert other.submit(path, page="/account/sessions", **fields).status == 303

    def log_out():
        before = dict(doctor.cookies)
        doctor.log_out()
        assert "medsynq" in before and "medsynq" not in doctor.cookies

    def restarted():
        server.stop()
        server.start()
        for client in (clinic, doctor):
            if client.connection:
                client.connection.close()
                client.connection = None
        clinic.log_in(clinic.organisation)
    return {"logged out in another tab": log_out,
            "ended by the person elsewhere": lambda: elsewhere("/account/sessions", end="others"),
            "ended by an administrator": lambda: clinic.submit(f"{person}/sessions-end", page=person),
            "password changed elsewhere": lambda: elsewhere_password(server, clinic),
            "the server restarted": restarted}


def elsewhere_password(server, clinic):
    other = server.client()
    assert other.log_in(clinic.organisation, "clara@example.org", OTHER).status == 303
    assert other.submit("/account/password", old_password=OTHER, password=OTHER + "!").status == 303
    assert other.submit("/account/password", old_password=OTHER + "!", password=OTHER).status == 303


def test_a_note_is_there_again_however_the_session_ended(make_server):
    server = make_server()
    clinic = server.organisation()
    doctor = join(server, clinic, name="Clara", email="clara@example.org", roles=("clinician",))
    path = clinic.add_patient(PATIENT)
    for way, end in ways(server, clinic, doctor).items():
        form = {**doctor.get(path).page.fields, "content": f"{TYPED} {way}", "sign": "1"}
        end()
        answer = doctor.post(f"{path}/notes", form)
        assert (answer.status, answer.location) == (303, "/login?next=/parked"), way
        assert "kept for you" in doctor.get(answer.location).page.text
        assert doctor.log_in(clinic.organisation, "clara@example.org", OTHER).location == "/parked", way
        shown = doctor.get("/parked")
        assert PATIENT in shown.page.text and shown.page.fields["content"] == f"{TYPED} {way}"
        assert doctor.post(f"{path}/notes", {**shown.page.fields, "sign": "1"}).status == 303
        assert f"kept&gt; {way}" in doctor.get(path).text


def test_a_note_of_somebody_who_was_disabled_is_theirs_to_copy(server, clinic):
    doctor = join(server, clinic, name="Dora", email="dora@example.org", roles=("clinician",))
    path = clinic.add_patient(PATIENT)
    person = user_path(clinic, "dora@example.org")
    form = {**doctor.get(path).page.fields, "content": TYPED, "sign": "1"}
    clinic.submit(f"{person}/disable", page=person)
    answer = doctor.post(f"{path}/notes", form)
    assert answer.status == 403 and "Your account is disabled" in answer.page.text
    assert answer.page.fields == {} or TYPED in answer.text.replace("&amp;", "&").replace(
        "&lt;", "<").replace("&gt;", ">")
    assert "Zoë" in answer.text and "administrator" in answer.page.text
    assert "Zoë" not in clinic.get(path).text


def test_a_note_of_somebody_whose_role_was_taken_is_theirs_to_copy(server, clinic):
    doctor = join(server, clinic, name="Rita", email="rita@example.org", roles=("clinician",))
    path = clinic.add_patient(PATIENT)
    person = user_path(clinic, "rita@example.org")
    form = {**doctor.get(path).page.fields, "content": TYPED, "sign": "1"}
    assert clinic.submit(f"{person}/roles", page=person, role="front_desk",
                         password=PASSWORD).status == 303
    for page in (None, "/dashboard"):  # before and after the session has got its new token
        if page:
            doctor.get(page)
        answer = doctor.post(f"{path}/notes", form)
        assert answer.status == 403 and "Zoë" in answer.text, answer.text
        assert "What you typed: Note" in answer.page.text and "Clinician" in answer.page.text


def test_an_ended_session_parks_for_nobody_without_a_page_of_theirs(server, clinic):
    doctor = join(server, clinic, name="Nora", email="nora@example.org", roles=("clinician",))
    path = clinic.add_patient(PATIENT)
    form = {**doctor.get(path).page.fields, "content": TYPED}
    doctor.log_out()
    for token in ("", "A" * 107, form["csrf_token"][:-8], "B" + form["csrf_token"][1:],
                  server.client().token("/login")):
        assert doctor.post(f"{path}/notes", {**form, "csrf_token": token}).location == \
            "/login?next=/dashboard"
    for headers in ({"Origin": "https://evil.example"}, {"Sec_Fetch_Site": "same-site"}):
        assert doctor.post(f"{path}/notes", form, **headers).location == "/login?next=/dashboard"
    with closing(sqlite3.connect(server.database)) as db:
        assert db.execute("SELECT count(*) FROM parked_forms JOIN tenants USING (tenant_id) WHERE name = ?",
                          (clinic.organisation,)).fetchone() == (0,)


def test_a_stranger_sends_no_more_than_any_stranger_may(server, clinic):
    long = "x" * 20000
    stranger = server.client()
    assert stranger.post("/patients/new", {"csrf_token": "A" * 107, "notes": long}).location == \
        "/login?next=/dashboard"
    doctor = join(server, clinic, name="Lena", email="lena@example.org", roles=("clinician",))
    form = {**doctor.get("/patients/new").page.fields, "name": "Long", "notes": long}
    doctor.log_out()
    assert doctor.post("/patients/new", form).location == "/login?next=/parked"


def test_a_second_log_in_page_comes_back_with_what_was_typed(server, clinic):
    shared = server.client()
    form = {**shared.get("/login").page.fields, "tenantName": clinic.organisation,
            "email": clinic.email, "password": PASSWORD}
    assert shared.post("/login", form).status == 303
    answer = shared.post("/login", form)  # the other tab
    assert answer.status == 403 and PASSWORD not in answer.text
    assert answer.page.fields["tenantName"] == clinic.organisation
    assert answer.page.fields["email"] == clinic.email
    assert shared.post("/login", {**answer.page.fields, "password": PASSWORD}).status == 303


def test_a_second_step_comes_back_and_works(server):
    clinic = server.organisation()
    secret, _ = set_up(clinic)
    one = server.client()
    one.log_in(clinic.organisation)
    form = one.get("/login/code").page.fields
    answer = one.post("/login/code", {**form, "csrf_token": "", "code": "123456"})
    assert answer.status == 403 and "123456" not in answer.text
    assert one.post("/login/code", {**answer.page.fields,
                                    "code": code_at(secret, now_step() + 1)}).status == 303


def test_words_that_were_searched_survive_a_log_in(server, clinic):
    clinic.add_patient("Søren Åberg")
    stranger = server.client()
    asked = "/patients?q=S%C3%B8ren+%26+co&sort=name"
    answer = stranger.get(asked)
    assert answer.status == 303
    page = stranger.get(answer.location)
    assert page.page.fields["next"] == asked
    answer = stranger.post("/login", {**page.page.fields, "tenantName": clinic.organisation,
                                      "email": clinic.email, "password": PASSWORD})
    assert answer.location == asked
    long = "/patients?q=" + "x" * 3000
    page = stranger.get(server.client().get(long).location)
    assert page.status == 200 and not page.page.fields.get("next")


def test_the_tab_of_a_faulty_form_says_error_and_its_heading_does_not(clinic):
    for path, fields, heading in (("/patients/new", {"name": ""}, "<h1>Add patient</h1>"),
                                  ("/users/invite", {"name": ""}, "Invite a person</h1>")):
        answer = clinic.submit(path, **fields)
        assert answer.status == 422 and "<title>Error: " in answer.text and heading in answer.text
        assert "<title>Error" not in clinic.get(path).text
