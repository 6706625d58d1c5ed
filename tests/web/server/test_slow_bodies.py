"""Bodies that do not come keep some threads waiting, and leave the others to everybody else."""
import contextlib
import socket
import time

import pytest

from harness import PASSWORD
from test_standing import Withheld

FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
MANY = 450  # more than the server has threads


@contextlib.contextmanager
def slow_bodies(server, line, headers=""):
    """MANY connections, each with the head of a request and the first byte of its body."""
    head = f"{line} HTTP/1.1\r\nHost: localhost\r\n{FORM}{headers}Content-Length: 900\r\n\r\nt"
    with contextlib.ExitStack() as stack:
        sockets = []
        for _ in range(MANY):
            sockets.append(stack.enter_context(socket.create_connection(
                ("127.0.0.1", server.port), 20)))
            sockets[-1].sendall(head.encode())
        yield sockets


@pytest.mark.parametrize("line", ["POST /login", "POST /register-tenant", "GET /login",
                                  "POST /no/such/path/of/ours", "POST /dashboard",
                                  "GET /public/styles.css"])
def test_who_sends_no_body_leaves_the_threads_to_others(make_server, line):
    server = make_server()
    clinic = server.organisation()
    fields = {"csrf_token": server.client().token(), "tenantName": clinic.organisation,
              "email": clinic.email, "password": PASSWORD}
    with slow_bodies(server, line):
        begun = time.monotonic()
        for _ in range(4):
            assert clinic.get("/dashboard").status == 200
            client = server.client()  # and a body that is there is read
            fields["csrf_token"] = client.token()
            assert client.post("/login", fields).status == 303
        assert time.monotonic() - begun < 5


@pytest.mark.parametrize("path,kind", [("/patients/new", "application/x-www-form-urlencoded"),
                                       ("/patients/import", "multipart/form-data; boundary=x")])
def test_who_is_logged_in_and_sends_no_body_keeps_no_connection(make_server, path, kind):
    server = make_server("MedSynQConnections 2")
    clinic = server.organisation()
    with contextlib.ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(Withheld(clinic, path, b"name=Ann", kind).socket)
        for _ in range(4):
            assert clinic.get("/dashboard").status == 200
            assert clinic.add_patient("Ben Baker")


def test_who_finds_no_place_to_wait_is_told_to_come_again(make_server):
    server = make_server()
    with slow_bodies(server, "POST /login") as sockets:
        answers = []
        for s in sockets:
            with contextlib.suppress(ConnectionError):
                answers.append(s.recv(65536))
    told = [a for a in answers if a.startswith(b"HTTP/1.1 503")]
    assert told and all(b"\r\nRetry-After: " in a and b"\r\nConnection: close" in a for a in told)


def test_a_body_that_trickles_in_before_log_in_has_seconds(make_server):
    server = make_server()
    body = b"tenantName=a&email=b%40example.org&password=" + b"c" * 900
    with socket.create_connection(("127.0.0.1", server.port), 30) as s:
        s.sendall(f"POST /login HTTP/1.1\r\nHost: localhost\r\n{FORM}"
                  f"Content-Length: {len(body)}\r\n\r\n".encode())
        begun = time.monotonic()
        s.settimeout(0.1)
        answer = b""
        for at in range(0, len(body), 8):  # faster than mod_reqtimeout asks for at first
            try:
                s.sendall(body[at:at + 8])
                answer = s.recv(65536)
                break
            except TimeoutError:
                continue
        took = time.monotonic() - begun
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 408")) and 8 < took < 14
