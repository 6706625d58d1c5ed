"""With Debian's own log formats and status page: no search word, no name, no one-time link."""
import re
import socket

import pytest
from harness import PASSWORD, raw, until

WORD = "Xyzzywickham"


@pytest.fixture
def written(make_beside):
    """written(server): all that httpd wrote, and what its status page shows."""
    def everything(server):
        status = server.client("static.example").get("/server-status").text
        assert "clinic.example" in status and "GET /" in status
        return status + "".join(path.read_text(errors="replace") for path in server.root.glob("*.log"))
    return everything


@pytest.mark.parametrize("level", ["warn", "info", "debug"])
def test_a_days_work_leaves_no_names_and_no_links(make_beside, written, level):
    server = make_beside(clinic=f"""MedSynQ On
        LogLevel {level}
        ErrorDocument 404 /medsynq-error
        ErrorDocument 400 /medsynq-error""", more=f"LogLevel {level}")
    link = server.organisation()
    token = link.rpartition("/")[2]
    here = f"http://clinic.example:{server.port}"
    client = server.client()
    # as a browser does it: what a page fetches says which page
    client.get("/public/styles.css", Referer=here + link)
    assert client.submit(link, password=PASSWORD).status == 303
    client.log_in("Clinic", "ada@example.org")
    client.add_patient(WORD)
    search = f"/patients?q={WORD}"
    assert WORD in client.get(search).text
    client.get("/dashboard", Referer=here + search)
    client.get(f"/nothing?q={WORD}", Referer=here + search)
    client.get(f"/audit?patient={WORD}")
    client.get(f"{search}&after=%zz")
    reset = server.client().get(f"/password-reset/{token}")
    assert reset.status in (404, 410, 422, 200)
    # of an encoded slash httpd itself says where it was, at info (AH00026), before anybody can take it out
    slash = link + "%2F" if level == "warn" else link + "/y"
    for path in (slash, link + "/x", link.replace("inv", "%69nv"), "/" + link, "/." + link,
                 f"/x/..{link}", f"{link}?a=b", here + link, f"{here}{search}"):
        client.get(path)
    until(lambda: written(server).count("/invitations/-") >= 9, "the lines are written")
    text = written(server)
    assert WORD not in text and token not in text
    # what is left is what an administrator needs
    assert re.search(r'"GET /patients HTTP/1.1" 200 \d+ "-"', text)
    assert f'"GET /dashboard HTTP/1.1" 200' in text and f'"{here}/patients"' in text
    assert f'"POST /invitations/- HTTP/1.1" 303' in text


@pytest.mark.parametrize("request_text", [
    "GET /patients?q={word} HTTP/1.1\r\nHost: {host}\r\nno colon\r\n\r\n",
    "GET /patients?q={word} HTTP/1.1\r\nCookie: a={long}\r\nHost: {host}\r\n\r\n",
    "GET /patients?q=Ann {word} HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "GET /patients?q={word} HTTP/9.9\r\nHost: {host}\r\n\r\n",
    "GET /patients?q={word}{long} HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "GET /invitations/{word} HTTP/1.1\r\nHost: {host}\r\nHost: {host}\r\n\r\n",
    "GET /password-reset/{word} x HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "GET http://{host}/invitations/{word} HTTP/1.1\r\nHost: {host}\r\nno colon\r\n\r\n"])
def test_a_request_that_breaks_is_no_exception(beside, request_text):
    """httpd writes it down before it knows for which host it was."""
    log = beside.root / "access.log"
    before = log.stat().st_size
    raw(beside.port, request_text.format(word=WORD, host="clinic.example", long="x" * 9000).encode())
    until(lambda: log.stat().st_size > before, "the line is written")
    status = beside.client("static.example").get("/server-status").text
    assert WORD not in log.read_text() + beside.log() + status


def test_the_status_page_shows_a_request_at_work_without_them(beside):
    with socket.create_connection(("127.0.0.1", beside.port), 10) as waiting:
        waiting.sendall((f"POST /login?next={WORD} HTTP/1.1\r\nHost: clinic.example\r\n"
                         f"Referer: http://clinic.example/patients?q={WORD}\r\n"
                         "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n"
                         "\r\n").encode())
        status = until(lambda: (text := beside.client("static.example").get("/server-status").text)
                       and "POST /login" in text and text, "it is at work")
        assert WORD not in status and "POST /login HTTP/1.1" in status


def test_a_host_that_takes_every_name_is_discreet_about_ours(make_beside):
    """Port 80 of Debian's default site, or a redirect for all names: people type the name alone."""
    server = make_beside(clinic="ServerAlias praxis.example\nMedSynQ On", more="""
        Listen 127.0.0.2:{port}
        <VirtualHost 127.0.0.2:{port}>
            ServerName everything.example
            Redirect "/" "https://everything.example/"
            CustomLog "{root}/plain.log" combined
        </VirtualHost>""")
    for name, path in (("clinic.example", f"/patients?q={WORD}"), ("PRAXIS.example", f"/invitations/{WORD}"),
                       ("everything.example", "/cakes?flavour=lemon")):
        with socket.create_connection(("127.0.0.2", server.port), 10) as s:
            s.sendall(f"GET {path} HTTP/1.0\r\nHost: {name}\r\n\r\n".encode())
            assert f"Location: https://everything.example{path}".encode() in s.recv(1000)
    plain = server.root / "plain.log"
    until(lambda: "flavour=lemon" in plain.read_text(), "the lines")
    text = plain.read_text() + server.client("static.example").get("/server-status").text
    assert WORD not in text, [text[max(0, m.start() - 300):m.end() + 200] for m in re.finditer(WORD, text)]
    assert '"GET /invitations/- HTTP/1.0" 302' in text


def test_the_host_that_leads_to_it_is_discreet_and_others_are_not_touched(make_beside):
    server = make_beside(more="""
        Listen 127.0.0.2:{port}
        <VirtualHost 127.0.0.2:{port}>
            ServerName clinic.example
            Redirect "/" "https://clinic.example/"
            CustomLog "{root}/plain.log" combined
        </VirtualHost>""")
    with socket.create_connection(("127.0.0.2", server.port), 10) as s:
        s.sendall(f"GET /patients?q={WORD} HTTP/1.0\r\nHost: clinic.example\r\n\r\n".encode())
        answer = s.recv(1000)
    assert f"Location: https://clinic.example/patients?q={WORD}".encode() in answer
    server.client("static.example").get("/cakes?flavour=lemon", Referer="http://a.example/?b=c")
    plain, access = server.root / "plain.log", server.root / "access.log"
    until(lambda: "GET /patients" in plain.read_text() and "lemon" in access.read_text(), "the lines")
    assert WORD not in plain.read_text()
    assert '"GET /cakes?flavour=lemon HTTP/1.1"' in access.read_text()
    assert '"http://a.example/?b=c"' in access.read_text()
