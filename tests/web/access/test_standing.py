"""Whoever may no longer act when the body arrives, or the next piece is due, may not act.

The headers of a request are sent and the body is kept back: httpd's "100 Continue" says that the session
has been looked at and the body is waited for. Then somebody else changes who that person is."""
import copy
import os
import random
import re
import socket
import sqlite3
import subprocess
import urllib.parse

import pytest

from harness import MODULE
import test_patient_import
from test_people import OTHER, act, join, user_path

FORM = "application/x-www-form-urlencoded"


class Withheld:
    """A POST whose body has yet to come."""

    def __init__(self, client, path, fields, kind=FORM):
        self.body = fields if isinstance(fields, bytes) else urllib.parse.urlencode(fields, True).encode()
        cookies = "; ".join(f"{k}={v}" for k, v in client.cookies.items())
        # from an address of its own: of one address not all refusals are recorded
        source = f"127.{random.randrange(1, 255)}.{random.randrange(255)}.{random.randrange(1, 255)}"
        self.socket = socket.create_connection(("127.0.0.1", client.port), 30, (source, 0))
        self.socket.sendall((f"POST {path} HTTP/1.1\r\nHost: localhost:{client.port}\r\nCookie: {cookies}\r\n"
                             f"Content-Type: {kind}\r\nContent-Length: {len(self.body)}\r\n"
                             "Expect: 100-continue\r\nConnection: close\r\n\r\n").encode())
        said = b""
        while b"100 Continue\r\n\r\n" not in said:
            more = self.socket.recv(4096)
            assert more, said
            said += more

    def send(self):
        """@return (status, where it leads)"""
        self.socket.sendall(self.body)
        answer = b""
        while more := self.socket.recv(65536):
            answer += more
        self.socket.close()
        head = answer.split(b"\r\n\r\n")[0].decode()
        place = re.search(r"(?im)^Location: (\S+)", head)
        return int(head.split()[1]), place and place[1]


def rows(server, clinic, columns, table, condition="1"):
    with sqlite3.connect(f"file:{server.database}?mode=ro", uri=True) as database:
        return database.execute(f"SELECT {columns} FROM {table} WHERE ({condition}) AND tenant_id = "
                                "(SELECT tenant_id FROM tenants WHERE name = ?)",
                                [clinic.organisation]).fetchall()


def org(server, how, name):
    subprocess.run([MODULE.parent / "medsynqctl", "--database", server.database, "org", how, name],
                   check=True, capture_output=True)


def same_browser(client):
    other = copy.copy(client)
    other.connection = None
    other.cookies = dict(client.cookies)
    return other


# What befalls the person, and how the request is answered.
def disabled(server, admin, person, path):
    assert act(admin, path, "disable").status == 303
    return (403, None)


def logged_out(server, admin, person, path):
    assert same_browser(person).log_out().status == 303
    return (303, "/login?next=/parked")


def demoted(server, admin, person, path):
    assert act(admin, path, "roles", role="auditor").status == 303
    return (403, None)


def ended_by_an_administrator(server, admin, person, path):
    assert act(admin, path, "sessions-end").status == 303
    return (303, "/login?next=/parked")


def ended_from_another_device(server, admin, person, path):
    other = server.client()
    other.log_in(admin.organisation, "bo@example.org", OTHER)
    token = other.token("/account/sessions")
    assert other.post("/account/sessions", {"csrf_token": token, "end": "others"}).status == 303
    return (303, "/login?next=/parked")


def suspended(server, admin, person, path):
    org(server, "suspend", admin.organisation)
    return (403, None)


def at_the_front_desk(server, admin, person, path):
    assert act(admin, path, "roles", role="front-desk").status == 303


FATES = [disabled, logged_out, demoted, ended_by_an_administrator, ended_from_another_device, suspended]


def a_patient(person, patient, mine):
    return "/patients/new", [("name", "Too Late"), ("notes", "")], ("patients", "name = 'Too Late'")


def an_edit(person, patient, mine):
    return (f"{patient}/edit", [("name", "Too Late"), ("version", "1")],
            ("patients", "name = 'Too Late'"))


def a_note(person, patient, mine):
    return (f"{patient}/notes", [("content", "too late")],
            ("patient_notes", "content = 'too late'"))


def an_archiving(person, patient, mine):
    return (f"{patient}/archive", [("reason", "too late"), ("version", "1")],
            ("patients", "status = 2"))


def an_invitation(person, patient, mine):
    return ("/users/invite", [("name", "Too Late"), ("email", "late@example.org"), ("role", "admin"),
                              ("password", OTHER)],
            ("invitations", "email = 'late@example.org'"))


def a_link_to_a_password(person, patient, mine):
    return (f"{user_path(person, 'admin@example.org')}/reset", [("password", OTHER)],
            ("audit_events", "action = 28"))


def settings(person, patient, mine):
    return ("/organisation", [("date_format", "1"), ("version", "1")],
            ("audit_events", "action = 41"))


KINDS = [a_patient, an_edit, a_note, an_archiving, an_invitation, a_link_to_a_password, settings]


@pytest.mark.parametrize("kind", KINDS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("fate", FATES, ids=lambda f: f.__name__)
def test_a_body_that_comes_too_late_changes_nothing(server, clinic, kind, fate):
    person = join(server, clinic, roles=("admin", "clinician"))
    patient = clinic.add_patient("In Time")
    mine = user_path(clinic, "bo@example.org")
    path, fields, trace = kind(person, patient, mine)
    late = Withheld(person, path, [("csrf_token", person.token("/account"))] + fields)
    expected = fate(server, clinic, person, mine)
    before = len(rows(server, clinic, "1", "audit_events"))
    if kind is a_link_to_a_password and fate not in (demoted, suspended):
        expected = (303, "/login?next=/dashboard")  # a password is not kept
    assert late.send() == expected
    assert rows(server, clinic, "1", *trace) == []
    events = rows(server, clinic, "action, outcome, reason", "audit_events")[before:]
    kept = [(52, 1)] if expected[1] == "/login?next=/parked" else []  # for the person, and not done
    assert [(action, outcome) for action, outcome, _ in events] == [(9, 2), *kept], events
    assert "no longer" in events[0][2]


@pytest.mark.parametrize("fate", FATES, ids=lambda f: f.__name__)
def test_a_dismissed_administrator_does_not_let_himself_in_again(server, clinic, fate):
    person = join(server, clinic, roles=("admin", "clinician"))
    mine = user_path(clinic, "bo@example.org")
    late = Withheld(person, f"{mine}/enable", {"csrf_token": person.token("/account"), "password": OTHER})
    fate(server, clinic, person, mine)
    assert late.send()[0] == 403
    assert rows(server, clinic, "1", "audit_events", "action = 26") == []


@pytest.mark.parametrize("fate", [disabled, logged_out, ended_by_an_administrator, suspended],
                         ids=lambda f: f.__name__)
@pytest.mark.parametrize("path,fields,action", [
    ("/account/language", {"language": "fr"}, 94), ("/account/sessions", {"end": "others"}, 51)],
    ids=["language", "sessions"])
def test_nor_does_it_change_ones_own_account(server, clinic, fate, path, fields, action):
    person = join(server, clinic, roles=("admin", "clinician"))
    other = server.client()
    other.log_in(clinic.organisation, "bo@example.org", OTHER)
    late = Withheld(person, path, {"csrf_token": person.token("/account"), **fields})
    expected = fate(server, clinic, person, user_path(clinic, "bo@example.org"))
    assert late.send() == (expected if fate is suspended else (303, "/login?next=/dashboard"))
    assert rows(server, clinic, "1", "audit_events", f"action = {action}") == []
    if fate is logged_out:
        assert other.get("/dashboard").status == 200


@pytest.mark.parametrize("fate", FATES, ids=lambda f: f.__name__)
def test_a_file_that_comes_too_late_is_not_taken(server, clinic, fate):
    person = join(server, clinic, roles=("admin",))
    body = (f'--x7\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{person.token("/account")}\r\n'
            '--x7\r\nContent-Disposition: form-data; name="file"; filename="late.csv"\r\n'
            "Content-Type: text/csv\r\n\r\nname\r\nToo Late\r\n--x7--\r\n").encode()
    late = Withheld(person, "/patients/import", body, "multipart/form-data; boundary=x7")
    expected = fate(server, clinic, person, user_path(clinic, "bo@example.org"))
    if fate not in (demoted, suspended):
        expected = (303, "/login?file=again&next=/patients/import")
    assert late.send() == expected
    assert rows(server, clinic, "1", "imports") == []


def test_a_body_that_comes_late_to_who_still_may_is_taken(server, clinic):
    """More roles, or fewer that are not needed, are no reason to lose what was typed."""
    person = join(server, clinic, roles=("admin", "clinician"))
    fields = {"csrf_token": person.token("/account"), "name": "In Time"}
    late = Withheld(person, "/patients/new", fields)
    assert act(clinic, user_path(clinic, "bo@example.org"), "roles", role="clinician").status == 303
    assert late.send()[0] == 303
    assert rows(server, clinic, "name", "patients") == [("In Time",)]


def test_a_note_comes_in_with_a_patient_only_from_who_may_write_one(server, clinic):
    person = join(server, clinic, roles=("clinician",))
    fields = {"csrf_token": person.token("/account"), "name": "Too Late", "notes": "Coughs."}
    late = Withheld(person, "/patients/new", fields)
    assert act(clinic, user_path(clinic, "bo@example.org"), "roles", role="front-desk").status == 303
    assert late.send()[0] == 403
    assert rows(server, clinic, "1", "patients") == []


class Slow:
    """An answer that is read so slowly that the server has to wait."""

    def __init__(self, client, path):
        cookies = "; ".join(f"{k}={v}" for k, v in client.cookies.items())
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.settimeout(30)
        self.socket.connect(("127.0.0.1", client.port))
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost:{client.port}\r\nCookie: {cookies}\r\n"
                            "Connection: close\r\n\r\n".encode())
        self.got = b""
        while b"\r\n\r\n" not in self.got:
            self.got += self.socket.recv(256)

    def rest(self):
        """@return all that came, and whether it was the whole answer"""
        try:
            while more := self.socket.recv(65536):
                self.got += more
        except ConnectionError:
            pass
        self.socket.close()
        return self.got, self.got.endswith(b"\r\n0\r\n\r\n")


MANY = 4000


@pytest.fixture(scope="module")
def full():
    """A server that sends little at once, and an organisation with much to export."""
    from harness import Server
    with Server("SendBufferSize 8192\nMedSynQConnections 2") as server:
        clinic = server.organisation()
        data = "name,mrn,date_of_birth,address\r\n" + "".join(
            f"Person {n},X-{n},{'1950-01-01' if n % 2 else 'never ' * 30},{'Long Street ' * 8}\r\n" for n in range(MANY))
        clinic.href, _ = test_patient_import.run(clinic, data.encode())
        for _ in range(2500):
            clinic.get("/patients?q=Person")
        yield server, clinic


@pytest.mark.parametrize("path", ["/patients/export.csv", "{import}/errors.csv", "/audit/export.csv"])
@pytest.mark.parametrize("fate", [disabled, logged_out, at_the_front_desk, ended_by_an_administrator],
                         ids=lambda f: f.__name__)
def test_an_export_ends_with_the_piece_that_is_under_way(full, path, fate):
    server, clinic = full
    email = f"bo{os.urandom(4).hex()}@example.org"
    person = join(server, clinic, roles=("admin",), email=email)
    path = path.replace("{import}", clinic.href)
    whole, is_whole = Slow(person, path).rest()
    assert is_whole
    slow = Slow(person, path)
    fate(server, clinic, person, user_path(clinic, email))
    got, is_whole = slow.rest()
    assert not is_whole and len(got) < len(whole)
    assert rows(server, clinic, "reason", "audit_events", "action = 9")[-1][0].endswith(", no longer")


@pytest.mark.parametrize("path", ["/patients/export.csv", "{import}/errors.csv", "/audit/export.csv"])
def test_nobody_waits_for_whom_an_export_is_sent_to(full, path):
    """Each child has two connections to the database: no answer keeps it while a browser dawdles."""
    server, clinic = full
    slow = [Slow(clinic, path.replace("{import}", clinic.href)) for _ in range(12)]
    assert [clinic.get("/patients").status for _ in range(12)] == [200] * 12
    assert all(is_whole for _, is_whole in map(Slow.rest, slow))
