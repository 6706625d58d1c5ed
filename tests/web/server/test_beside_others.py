"""An httpd that has other sites: turning MedSynQ on changes the virtual host that asked, and nothing
else."""
import gzip
import re
import shutil
import subprocess

import neighbours
import pytest
from harness import PASSWORD, TOP, raw

PATHS = ("/", "/login", "/register-tenant", "/patients?q=a", "/public/styles.css", "/public/nothing",
         "/healthz", "/nothing", "/medsynq-error", "/%zz")
REQUESTS = [f"{method} {path} HTTP/1.1\r\nHost: {{host}}\r\nAccept-Encoding: gzip\r\nConnection: close"
            "\r\n\r\n" for path in PATHS for method in ("GET", "POST", "OPTIONS", "TRACE")]
REQUESTS += ["GET / HTTP/1.0\r\n\r\n", "GET /\r\n", "GET / HTTP/1.1\r\nHost: {host}\r\nbad\r\n\r\n"]


def answers(server):
    """What the other sites say, but for what is another each time."""
    said = {}
    for host in ("static.example", "cgi.example"):
        for request in REQUESTS:
            answer = raw(server.port, request.format(host=host).encode())
            head, _, body = answer.partition(b"\r\n\r\n")
            head = re.sub(rb"(Date|Last-Modified|ETag): [^\r]*", b"", head)
            head = re.sub(rb"Allow: ([^\r]*)", lambda m: b",".join(sorted(m[1].split(b","))), head)
            body = gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
            body = body.replace(str(server.port).encode(), b"PORT")
            said[host, request] = head, re.sub(rb"medsynq-beside-\w+", b"", body)
    return said


def test_the_other_sites_are_as_they_were(make_beside):
    without = answers(make_beside(installed=False))
    loaded = make_beside(clinic="")
    assert answers(loaded) == without
    assert list(loaded.state.iterdir()) == [] and "MSQ" not in loaded.log()
    assert loaded.client().get("/login").status == 404
    turned_on = make_beside()
    assert answers(turned_on) == without
    assert turned_on.client().get("/login").status == 200


def test_the_first_organisation_is_the_administrators(beside):
    client = beside.client()
    refused = client.get("/register-tenant")
    assert refused.status == 403 or "adminPassword" not in refused.page.fields
    path = beside.organisation()
    assert client.submit(path, password=PASSWORD).status == 303
    assert client.log_in("Clinic", "ada@example.org").status == 303
    assert client.get("/dashboard").status == 200


def addresses(client):
    return re.findall(r'(?:href|src)="(/public/[^"]+)"', client.get("/").text)


def test_what_a_page_asks_for_is_kept_for_a_year(beside):
    client = beside.client()
    found = addresses(client)
    assert {a.partition("?")[0] for a in found} >= {"/public/styles.css", "/public/medsynq.js"}
    for address in found:
        answer = client.get(address)
        assert answer.status == 200 and answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.body == (TOP / "htdocs" / address.partition("?")[0][1:]).read_bytes()
        again = client.get(address, If_None_Match=answer.headers["ETag"])
        assert again.status == 304 and again.body == b""
        # another version, or none, is asked after each time
        for other in (address.partition("?")[0], address + "0"):
            assert client.get(other).headers["Cache-Control"] == "no-cache"


def unpacked(answer):
    coding = answer.headers["Content-Encoding"]
    if coding == "br":
        return subprocess.run(["brotli", "-dc"], input=answer.body, capture_output=True, check=True).stdout
    return gzip.decompress(answer.body) if coding == "gzip" else answer.body


@pytest.mark.parametrize("accepted,coding", [
    ("gzip, deflate, br", "br"), ("gzip", "gzip"), ("GZIP;q=0.5", "gzip"), ("br;q=0, gzip", "gzip"),
    ("br;q=0.000, gzip;q=0", None), ("brick, gzipped", None), ("identity", None), ("", None)])
def test_texts_are_packed_for_who_unpacks_them(beside, accepted, coding):
    client = beside.client()
    plain = (TOP / "htdocs/public/styles.css").read_bytes()
    answer = client.get("/public/styles.css", Accept_Encoding=accepted)
    assert answer.headers["Content-Encoding"] == coding and unpacked(answer) == plain
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert len(answer.body) < len(plain) / 3 or not coding
    head = client.request("HEAD", "/public/styles.css", headers={"Accept-Encoding": accepted})
    assert head.body == b"" and int(head.headers["Content-Length"]) == len(answer.body)
    assert head.headers["ETag"] == answer.headers["ETag"]


def test_each_coding_has_an_etag_of_its_own(beside):
    client = beside.client()
    tags = {client.get("/public/styles.css", Accept_Encoding=a).headers["ETag"]
            for a in ("br", "gzip", "identity")}
    assert len(tags) == 3
    assert client.get("/public/images/logo.png", Accept_Encoding="gzip").headers["Content-Encoding"] is None


def test_a_part_of_a_file_and_other_methods(beside):
    client = beside.client()
    whole = client.get("/public/images/logo.png").body
    part = client.get("/public/images/logo.png", Range="bytes=10-19")
    assert part.status == 206 and part.body == whole[10:20]
    refused = client.post("/public/images/logo.png", {"a": "b"})
    assert refused.status == 405 and "GET" in refused.headers["Allow"]
    assert client.request("OPTIONS", "/public/images/logo.png").status == 204
    for path in ("/public", "/public/", "/public/images", "/public/.hidden", "/public/none.css"):
        assert client.get(path).status == 404


def test_a_changed_file_has_another_address_after_a_reload(make_beside, destination, tmp_path):
    shutil.copytree(destination / "usr/local/share/medsynq/htdocs/public", tmp_path / "public")
    server = make_beside(clinic=f'MedSynQ On\nMedSynQPublic "{tmp_path}/public"')
    client = server.client()
    before = addresses(client)
    (tmp_path / "public/styles.css").write_text("body { color: blue }")
    server.reload()
    assert client.get("/public/styles.css").body == b"body { color: blue }"
    assert not set(addresses(client)) & set(before)
    server.reload()
    after = addresses(client)
    server.reload()
    assert addresses(client) == after and not set(after) & set(before)
