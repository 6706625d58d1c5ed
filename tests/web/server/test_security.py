"""Every row of the route table against whoever should not get through. A new row is covered by being
there: what differs between rows is read from medsynqctl routes."""
import json
import socket
import sqlite3
import subprocess
import time
import urllib.parse
import uuid
from contextlib import closing

import pytest

from harness import Server, raw, until
from test_ctl import built, ctl
from test_people import join
from test_two_factor import code_at, now_step, set_up

ROUTES = json.loads(subprocess.run([built(), "routes", "--json"], capture_output=True, text=True,
                                   check=True).stdout)
ROLES = {"admin": "administrator", "clinician": "clinician", "front-desk": "front_desk",
         "auditor": "auditor"}
PATIENT = "Zyx Unmistakable"


def named(routes):
    return [pytest.param(r, id=f"{r['method']} {r['pattern']}") for r in routes]


SIGNED_IN = [r for r in ROUTES if r["signed_in"]]
PAGES = [r for r in ROUTES if r["method"] == "GET"]
POSTS = [r for r in ROUTES if r["method"] == "POST"]
PATTERNS = sorted({r["pattern"] for r in ROUTES})


class House:
    """One organisation with a person for each role, a neighbour, and a record to keep safe."""

    def __init__(self, server):
        self.server = server
        self.owner = server.organisation()
        self.patient = self.owner.add_patient(PATIENT)
        self.people = {role: join(server, self.owner, roles=(field,), name=f"Person {role}",
                                  email=f"{role}.only@example.org") for role, field in ROLES.items()}
        self.stranger = server.organisation()
        self.user = self.owner.get("/users").text.split('href="/users/0')[1].split('"')[0]

    def path(self, route):
        """A path that the row fits, of what there is where something is."""
        filled = route["pattern"]
        filled = filled.replace("/patients/{id}", self.patient)
        filled = filled.replace("/users/{id}", f"/users/0{self.user}")
        for name in ("{id}", "{note}", "{item}", "{consent}"):
            filled = filled.replace(name, str(uuid.uuid4()))
        return filled.replace("{version}", "1").replace("{token}", "A" * 60).replace(
            "{organisation}", "Some-Clinic")

    def allowed(self, route):
        """@return a client whom the row lets in, and its own token"""
        if not route["signed_in"]:
            client = self.server.client()
            return client, client.token("/login")
        client = self.people[next(iter(route["roles"]))]
        return client, client.token("/logout")


@pytest.fixture(scope="module")
def house():
    with Server() as running:
        yield House(running)


@pytest.fixture(autouse=True)
def nothing_changes(house):
    before = house.server.contents()
    yield
    assert house.server.contents() == before
    assert house.people["clinician"].get(house.patient).status == 200


def tells_nothing(answer):
    assert PATIENT not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return answer


def send(client, route, path, fields=None, **headers):
    if route["method"] == "GET":
        return client.get(path, **headers)
    return client.post(path, fields or {}, **headers)


def test_the_table_is_whole():
    assert len(ROUTES) > 60 and {r["pattern"] for r in ROUTES} >= {"/login", "/patients/{id}"}
    assert all(r["roles"] for r in SIGNED_IN)


@pytest.mark.parametrize("route", named(SIGNED_IN))
def test_without_a_session(house, route):
    path = house.path(route)
    for cookie in (None, "medsynq=", "medsynq=x", "medsynq=" + "A" * 43, "medsynq=" + "A" * 4000):
        stranger = house.server.client(**({"Cookie": cookie} if cookie else {}))
        answer = tells_nothing(send(stranger, route, path))
        assert answer.status == 303
        expected = path if route["method"] == "GET" else ""
        assert answer.location.startswith(f"/login?next={expected}")


@pytest.mark.parametrize("route", named(SIGNED_IN))
def test_with_each_wrong_role(house, route):
    path = house.path(route)
    for role, client in house.people.items():
        if role not in route["roles"]:
            fields = {"csrf_token": client.token("/logout")}
            assert tells_nothing(send(client, route, path, fields)).status == 403, role


@pytest.mark.parametrize("route", named(POSTS))
def test_without_the_right_token(house, route):
    path = house.path(route)
    client, own = house.allowed(route)
    other = house.stranger.token("/logout")
    nobody = house.server.client().token("/login")
    colleague = house.owner.token("/logout")
    flipped = own[:-1] + ("A" if own[-1] != "A" else "E")
    for token in ("", "x", "A" * 86, own[:40], own + "A", flipped, other, nobody, colleague):
        assert tells_nothing(client.post(path, {"csrf_token": token})).status == 403, token
    assert tells_nothing(client.post(path, {})).status == 403
    assert tells_nothing(client.post(f"{path}?csrf_token={own}", {})).status == 403


def refusals(server, organisation=None):
    """What the trail says of refused requests; of the installation's own before log-in."""
    with closing(sqlite3.connect(f"file:{server.database}?mode=ro", uri=True)) as db:
        return [reason for reason, in db.execute(
            "SELECT reason FROM audit_events WHERE action = 9 AND outcome = 2 AND tenant_id = "
            "coalesce((SELECT tenant_id FROM tenants WHERE name = ?), 0) ORDER BY number",
            (organisation,))]


def test_a_refusal_before_log_in_is_an_event_of_the_installation(make_server):
    server = make_server()
    assert server.client().post("/password-reset/" + "A" * 60, {}).status == 403
    assert refusals(server) == ["/password-reset/{token}, csrf"]
    until(lambda: "POST /password-reset/{token} was refused before log-in: csrf" in server.log(), "the line")
    assert "A" * 60 not in server.log()
    ctl(server.database, "audit", "verify")


def test_no_address_fills_the_trail_with_refusals(make_server):
    server = make_server("LoadModule remoteip_module /usr/lib/apache2/modules/mod_remoteip.so\n"
                         "RemoteIPHeader X-Client\nRemoteIPInternalProxy 127.0.0.1 ::1")
    clinic = server.organisation()

    def knock(client, address, times=1):
        assert {client.post("/logout" if client is clinic else "/login", {"csrf_token": "x"},
                            X_Client=address).status for _ in range(times)} == {403}

    knock(server.client(), "192.0.2.1", 30)
    kept = refusals(server)
    assert kept == ["/login, csrf"] * 19 + ["/login, csrf (more of this minute are not recorded)"]
    assert server.log().count("was refused before log-in") == 20
    knock(clinic, "192.0.2.2", 30)
    assert len(refusals(server, clinic.organisation)) == 20
    knock(server.client(), "192.0.2.2")  # counted with what this address did with a session
    assert refusals(server) == kept
    knock(server.client(), "192.0.2.3")  # and apart from other addresses
    assert len(refusals(server)) == 21


NEARLY_OURS = ["https://localhost:{}", "ftp://localhost:{}", "HTTP://localhost:{}", "x http://localhost:{}",
               "http:// localhost:{}", "http://local host:{}", "http://localhost :{}", "http://localhost: {}",
               "http://localhost:0{}", "http://localhost:{}0", "http://localhost:{}/", "http://localhost:{}?",
               "http://localhost:{0}, http://localhost:{0}", "localhost:{}", "//localhost:{}", "http://", "http://:{}",
               "http://a@localhost:{}", "http://localhost", "http://localhost.:{}"]


@pytest.mark.parametrize("route", named(POSTS))
def test_from_another_site(house, route):
    path = house.path(route)
    client, token = house.allowed(route)
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": ""},
                    {"Origin": f"http://localhost.evil.example:{house.server.port}"},
                    {"Origin": f"http://localhost:{house.server.port}.evil.example"},
                    *({"Origin": origin.format(house.server.port)} for origin in NEARLY_OURS),
                    {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}):
        answer = tells_nothing(client.post(path, {"csrf_token": token}, **headers))
        assert answer.status == 403, headers


def test_from_our_own_site(clinic):
    ours = f"http://localhost:{clinic.port}"
    for headers in ({"Origin": ours}, {"Origin": ours.replace("local", "LOCAL")},
                    {"Origin": "http://clinic.example", "Host": "clinic.example"},
                    {"Origin": "http://clinic.example", "Host": "clinic.example:80"}):
        answer = clinic.post("/patients/new", {"csrf_token": clinic.token("/patients/new"), "name": ""}, **headers)
        assert answer.status == 422, headers


@pytest.mark.parametrize("route", named(POSTS))
def test_in_other_clothes(house, route):
    """A body of another type carries no token past the check."""
    path = house.path(route)
    client, token = house.allowed(route)
    parts = ('--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
             "Name\nX\n\r\n--b--\r\n")
    for kind, body in (("multipart/form-data; boundary=b", parts), ("text/plain", "a=b"),
                       ("application/json", "{}"), ("", f"csrf_token={token}")):
        answer = client.request("POST", path, body, {"Content-Type": kind})
        assert tells_nothing(answer).status in (400, 403, 415), kind


@pytest.mark.parametrize("route", named(ROUTES))
def test_with_a_parameter_twice(house, route):
    path = house.path(route)
    client, token = house.allowed(route)
    answer = send(client, route, f"{path}?q=a&q=a", {"csrf_token": token})
    assert tells_nothing(answer).status == 400
    if route["method"] == "POST":
        for name in ("csrf_token", "name", "unheard_of"):
            fields = [("csrf_token", token), (name, "a"), (name, "a")]
            assert tells_nothing(client.post(path, fields)).status == 400, name


@pytest.mark.parametrize("path,name", [
    ("/audit", "after"), ("/audit/export.csv", "after"), ("{patient}/accesses", "after"),
    ("{patient}/history", "before"), ("/patients?q=a", "show"), ("/patients", "after"), ("/patients", "before"),
    ("/users", "after"), ("/users", "invited_before"), ("/patients/import", "before"), ("{patient}", "notes_before"),
    ("/referrals", "before"), ("/referrals?box=out", "before"), ("/referrals/written", "before"), ("/shared", "after"),
    ("/partners", "before"), ("{patient}/consents", "before"), ("/patients/duplicates", "after"),
    ("/patients/archived", "after")])
def test_a_place_in_a_list_is_one_or_is_refused(clinic, path, name):
    path = path.format(patient=clinic.add_patient("Ann Lee"))
    for bad in ("", "0", "-1", "+1", "1.5", "1e3", "0x10", "1%20", "%201", "1+", "1%00", "%D9%A1", "abc", "1abc", "9" * 19,
                "99999999999999999999999999", "%27", "NaN", "1,2", "null"):
        answer = clinic.get(f"{path}{'&' if '?' in path else '?'}{name}={bad}")
        assert answer.status == 400, (bad, answer.status)


@pytest.mark.parametrize("route", named(SIGNED_IN))
def test_with_two_session_cookies(house, route):
    path = house.path(route)
    client, token = house.allowed(route)
    cookie = f"medsynq={client.cookies['medsynq']}"
    for twice in (f"{cookie}; medsynq=x", f"medsynq=x; {cookie}", f"{cookie}; {cookie}"):
        answer = tells_nothing(send(client, route, path, {"csrf_token": token}, Cookie=twice))
        assert answer.status == 303 and answer.location.startswith("/login?next="), twice


@pytest.mark.parametrize("route", named(PAGES))
def test_head_is_the_page_without_its_body(house, route):
    client, _ = house.allowed(route)
    path = house.path(route)
    head, page = client.request("HEAD", path), client.get(path)
    assert (head.status, head.body) == (page.status, b"")
    assert head.headers["Content-Type"] == page.headers["Content-Type"]
    assert not route["signed_in"] or "Content-Length" not in head.headers


@pytest.mark.parametrize("pattern", PATTERNS)
def test_other_methods_are_answered_with_allow(house, pattern):
    rows = [r for r in ROUTES if r["pattern"] == pattern]
    methods = {r["method"] for r in rows}
    client, token = house.allowed(rows[0])
    path = house.path(rows[0])
    allow = set(methods) | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
    for who in (client, house.server.client()):
        answer = who.request("OPTIONS", path)
        assert answer.status == 204 and answer.body == b""
        assert set(answer.headers["Allow"].split(", ")) == allow
        for method in {"GET", "POST", "HEAD"} - allow | {"PUT", "DELETE", "PATCH", "PROPFIND", "XYZ"}:
            answer = who.request(method, path, f"csrf_token={token}" if method == "POST" else None)
            assert answer.status == 405 and PATIENT not in answer.text, method
            assert set(answer.headers["Allow"].split(", ")) == allow
        assert who.request("TRACE", path).status == 405


@pytest.mark.parametrize("route", named(PAGES))
def test_no_page_is_framed_sniffed_or_kept(house, route):
    client, _ = house.allowed(route)
    answer = client.get(house.path(route))
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy and "form-action 'self'" in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers and "Last-Modified" not in answer.headers


@pytest.mark.parametrize("target", [
    "//evil.example/", "/\\evil.example", "https://evil.example/", "\\\\evil.example", "/%2f/evil",
    "javascript:alert(1)", " /dashboard", "/\t/evil.example", "/dashboard\r\nX: y", "", "/..//evil",
    "//", "/\u2028/evil"])
def test_a_log_in_leads_to_no_other_site(house, target):
    client = house.server.client()
    answer = client.submit("/login", tenantName=house.owner.organisation, next=target,
                           email="auditor.only@example.org", password="another long enough phrase 8")
    assert answer.status in (303, 400, 422)
    assert "X" not in answer.headers
    if answer.status == 303:
        location = answer.location
        assert location.startswith("/") and location[1:2] not in ("/", "\\"), location
        assert location.isprintable()


@pytest.mark.parametrize("target", ["//evil.example/", "/\\evil.example", "https://evil.example/"])
def test_no_page_takes_the_next_one_from_elsewhere(house, target):
    """Not with a query, not with a field: neither where somebody goes to nor on the page."""
    for route in PAGES:
        client, _ = house.allowed(route)
        path = f"{house.path(route)}?{urllib.parse.urlencode({'next': target})}"
        answer = client.get(path)
        assert "evil.example" not in answer.text, path
        assert "evil.example" not in (answer.location or ""), path


def test_nor_do_the_forms_before_log_in(make_server):
    newcomer, name, target = make_server().client(), "Next", "//evil.example/"
    answer = newcomer.submit("/register-tenant", tenantName=name, adminName="A", next=target,
                             adminEmail="a@example.org", adminPassword="a long enough phrase 9")
    assert (answer.status, answer.location) == (303, "/dashboard")
    newcomer.password = "a long enough phrase 9"
    secret, _ = set_up(newcomer)
    newcomer.log_in(name, "a@example.org", "a long enough phrase 9")
    answer = newcomer.submit("/login/code", next=target, code=code_at(secret, now_step()))
    assert (answer.status, answer.location) == (303, "/dashboard")


def test_back_after_log_out_shows_nothing(house):
    client = house.server.client()
    client.log_in(house.owner.organisation, "clinician.only@example.org", "another long enough phrase 8")
    assert PATIENT in client.get(house.patient).text
    cookies = dict(client.cookies)
    answer = client.log_out()
    assert answer.status == 303
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    client.cookies = cookies
    assert tells_nothing(client.get(house.patient)).status == 303


def test_the_same_token_never_looks_the_same(house):
    """What a compressed length could be compared with changes with each page (BREACH)."""
    tokens = {house.owner.token("/logout") for _ in range(20)}
    assert len(tokens) == 20
    for length in (8, 43):
        assert len({t[:length] for t in tokens}) == len({t[-length:] for t in tokens}) == 20


@pytest.mark.parametrize("request_text", [
    "POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    "POST /login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, x\r\n\r\n0\r\n\r\n",
    "POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    "GET /login HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "GET /login HTTP/1.1\r\n\r\n",
    "GET /login\r\n",
    "GET /login HTTP/0.9\r\n\r\n",
    "POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\na=b",
    "POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\na=b",
    "POST /login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "POST /login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "GET /login HTTP/1.1\nHost: a\n\n",
    "GET /login HTTP/1.1\r\nHost: a b\r\n\r\n",
    "GET /login HTTP/1.1\r\nHost: a\r\nX: " + "a" * 8300 + "\r\n\r\n",
    "GET /login HTTP/1.1\r\nHost: a\r\nX: a\nY\0: b\r\n\r\n"])
def test_a_smuggled_request_is_refused(house, request_text):
    answer = raw(house.server.port, request_text.encode())
    assert b" 400 " in answer.split(b"\r\n")[0] or b" 501 " in answer.split(b"\r\n")[0], answer[:300]
    assert answer.count(b"HTTP/1.1 ") == 1


def test_of_two_lengths_no_second_request_comes(house):
    """What follows the body that chunks end is dropped with the connection."""
    answer = raw(house.server.port, b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n"
                 b"Content-Type: application/x-www-form-urlencoded\r\n"
                 b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
    assert answer.count(b"HTTP/1.1 ") == 1 and b" 403 " in answer.split(b"\r\n")[0]


def test_a_session_is_never_taken_over_from_before_the_log_in(house):
    planted = "B" * 43
    client = house.server.client()
    client.cookies = {"medsynq": planted}
    client.log_in(house.owner.organisation, "auditor.only@example.org", "another long enough phrase 8")
    assert client.cookies["medsynq"] != planted
    other = house.server.client()
    other.cookies = {"medsynq": planted}
    assert other.get("/dashboard").status == 303


def test_nobody_is_signed_out_by_all_this(house):
    assert [c.get("/dashboard").status for c in house.people.values()] == [200] * len(ROLES)


@pytest.mark.parametrize("path", [
    "/%2e%2e/etc/passwd", "/public/%2e%2e/%2e%2e/httpd.conf", "/public/..%2f..%2fsecret",
    "/dashboard//", "/dashboard/.", "/dashboard%00", "/dashboard;x=1", "/dashboard%3b",
    "/DASHBOARD", "/dashboard/..%5c", "/public/", "/public/images/", "/public/styles.css/",
    "/public/styles.css%00.html", "/.git/config", "/templates/head.html", "/medsynq.db", "/secret",
    "/public/%2e%2e/templates/head.html", "/%u002e", "/patients/export.csv/x"])
def test_no_path_trick_opens_anything(house, path):
    for client in (house.server.client(), house.people["auditor"]):
        answer = client.get(path)
        assert answer.status in (400, 404), (path, answer.status)
        assert PATIENT not in answer.text and "root:" not in answer.text


@pytest.mark.parametrize("path", ["/dashboard", "//dashboard", "/./dashboard", "/login", "/nowhere",
                                  "/public/images", "/users"])
def test_no_answer_takes_a_host_from_the_request(house, path):
    """Not from Host, not from a request line with a scheme, not from what proxies would add."""
    for line, host in ((path, "evil.example"), (f"http://evil.example{path}", "localhost")):
        answer = raw(house.server.port, (
            f"GET {line} HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-Host: evil.example\r\n"
            "Forwarded: host=evil.example\r\nX-Original-URL: /healthz\r\n"
            "X-Rewrite-URL: /healthz\r\nConnection: close\r\n\r\n").encode())
        assert b"evil.example" not in answer and b"\r\nok" not in answer


def test_a_forwarded_address_is_believed_only_from_a_proxy(make_server):
    """Without mod_remoteip the throttle counts the connection's own address."""
    server = make_server("MedSynQLoginThrottle 1000 3")
    statuses = []
    for n in range(4):
        client = server.client(**{"X-Forwarded-For": f"192.0.2.{n}", "X-Real-IP": f"192.0.2.{n}"})
        statuses.append(client.log_in(f"nobody {n}").status)
    assert statuses == [422, 422, 422, 429]
    assert "192.0.2." not in server.access_log()


@pytest.mark.parametrize("begun,seconds", [
    (b"GET /login HTTP/1.1\r\nHost: a\r\nX: ", 5),
    (b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
     b"Content-Length: 50\r\n\r\na=", 10)], ids=["header", "body"])
def test_who_sends_no_more_is_cut_off(house, begun, seconds):
    start = time.monotonic()
    with socket.create_connection(("127.0.0.1", house.server.port), seconds + 30) as s:
        s.sendall(begun)
        answer = s.recv(4096)
    assert seconds - 1 < time.monotonic() - start < seconds + 10
    assert answer.startswith((b"HTTP/1.1 408", b"HTTP/1.1 400"))


def test_the_status_page_shows_no_request(make_server):
    server = make_server()
    clinic = server.organisation()
    clinic.get("/patients?q=Xyzzywick")
    server.client().get("/password-reset/SecretToken")
    status = server.client().get("/server-status").text
    assert "Server uptime" in status and "Xyzzywick" not in status and "SecretToken" not in status


def test_a_body_cut_in_half_is_no_form(house):
    with socket.create_connection(("127.0.0.1", house.server.port), 10) as s:
        s.sendall(b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n"
                  b"Content-Type: application/x-www-form-urlencoded\r\n\r\na=")
        s.shutdown(socket.SHUT_WR)
        assert s.recv(4096).startswith(b"HTTP/1.1 400")
