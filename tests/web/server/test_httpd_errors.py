"""What httpd refuses itself wears our page and our headers too."""
import re

import pytest
from harness import raw, until

HEADERS = ("Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy",
           "Permissions-Policy")


def ours(answer, status, heading):
    assert answer.status == status
    assert heading in answer.page.text and f"Error {status}" in answer.page.text
    assert "Synchronise care across organisations" in answer.page.text
    assert all(answer.headers[name] for name in HEADERS)
    assert answer.headers["Cache-Control"] == "no-store"
    return answer


@pytest.mark.parametrize("path,status,heading", [
    ("/nothing", 404, "Page not found"),
    ("/public/nothing.css", 404, "Page not found"),
    ("/login%2F", 404, "Page not found"),
    ("/public/", 404, "Page not found"),
    ("/login%zz", 400, "This request could not be read"),
    ("/" + "x" * 9000, 414, "This address is too long"),
    ("/medsynq-error", 404, "Page not found")])
def test_a_refusal_of_httpd_is_a_page_of_ours(server, path, status, heading):
    ours(server.client().get(path), status, heading)


def test_a_lost_person_keeps_the_way_back(clinic):
    page = ours(clinic.get("/nothing"), 404, "Page not found")
    assert "/dashboard" in page.page.links and clinic.organisation in page.page.text
    assert clinic.get("/dashboard").status == 200


def test_it_speaks_the_browsers_language(server):
    answer = server.client().get("/nothing", Accept_Language="fr")
    assert answer.status == 404 and 'lang="fr"' in answer.text


def test_a_head_has_no_body_and_a_post_is_not_taken(server, clinic):
    client = server.client()
    head = client.request("HEAD", "/nothing")
    assert head.status == 404 and head.body == b"" and int(head.headers["Content-Length"]) > 1000
    assert ours(clinic.post("/nothing", {"name": "Ann"}), 404, "Page not found")
    assert "Ann" not in clinic.get("/patients").text


@pytest.mark.parametrize("request_text,status", [
    ("GET /login HTTP/1.1\r\n\r\n", 400), ("GET /login HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: localhost\r\n no fold\x00\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "x" * 9000 + "\r\n\r\n", 400),
    ("TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n", 405)])
def test_a_broken_request_gets_it_too(server, request_text, status):
    answer = raw(server.port, request_text.encode()).decode()
    assert answer.startswith(f"HTTP/1.1 {status} "), answer[:300]
    assert "Synchronise care across organisations" in answer and f"Error {status}" in answer
    assert all(name in answer for name in HEADERS)


def test_a_one_time_link_that_httpd_refuses_is_not_logged(server):
    ours(server.client().get("/invitations/SECRET-TOKEN%2F"), 404, "Page not found")
    until(lambda: '"GET /invitations/- HTTP/1.1" 404' in server.access_log(), "the line is written")
    assert "SECRET-TOKEN" not in server.access_log()


def test_nothing_of_httpd_shows(server):
    for path in ("/nothing", "/public/", "/login%zz"):
        assert not re.search(r"Apache|Not Found|Forbidden|Bad Request", server.client().get(path).text)
