"""The picture at the head of an organisation's paper: who sets it, what is one, and who sees it."""
import json
import re
import sqlite3
import struct
import zlib
from contextlib import closing

import pytest

from test_ctl import ctl
from test_people import join
from test_referrals import REFER
from test_partners import linked

CHANGED = 247


def png(width=40, height=20, more=b""):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = (b"\0" + b"\x80" * min(width, 100)) * min(height, 100)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + more + chunk(b"IEND", b""))


def jpeg(width=40, height=20, kind=0xc0, more=b""):
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    parts = ((0xe0, b"JFIF\0\1\1\0\0\1\0\1\0\0"), (0xc4, b"\0" * 17), (kind, frame), (0xda, b"\1\1\0\0\x3f\0"))
    return b"\xff\xd8" + more + b"".join(
        struct.pack(">BBH", 255, mark, len(data) + 2) + data for mark, data in parts) + b"\x01" * 40 + b"\xff\xd9"


JPEG = jpeg()
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def send(client, content, name="logo.png", token=None):
    token = token or client.token("/organisation")
    body = (f'--bb\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n'
            f'--bb\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: image/png\r\n\r\n").encode() + content + b"\r\n--bb--\r\n"
    return client.request("POST", "/organisation/logo", body, {"Content-Type": "multipart/form-data; boundary=bb"})


def changes(server, organisation):
    with closing(sqlite3.connect(f"file:{server.database}?mode=ro", uri=True)) as db:
        return [reason for reason, in db.execute(
            "SELECT reason FROM audit_events JOIN tenants USING (tenant_id) WHERE tenants.name = ? AND action = ? "
            "AND outcome = 1 ORDER BY number", (organisation, CHANGED))]


def test_the_logo_stands_at_the_head_of_prints_and_letters(server, clinic):
    patient = clinic.add_patient("Ann Lee").split("?")[0]
    other = server.organisation()
    partner = linked(clinic, other).rsplit("/", 1)[1]
    letter = clinic.post("/referrals/new", {"csrf_token": clinic.token("/account"), "patient": patient.split("/")[-1],
                                            "partner": partner, **REFER}).location + "/letter"
    assert "/organisation/logo" not in clinic.get(patient + "/print").text + clinic.get(letter).text
    answer = send(clinic, png())
    assert answer.status == 303 and "The logo is saved." in clinic.get(answer.location.partition("#")[0]).text
    for page in (patient + "/print", letter):
        head = clinic.get(page).text.split('class="letterhead"')[1].split("</div>")[0]
        assert '<img src="/organisation/logo" alt="">' in head, page
    shown = clinic.get("/organisation/logo")
    assert shown.body == png() and shown.headers["Content-Type"] == "image/png"
    assert shown.headers["X-Content-Type-Options"] == "nosniff" and shown.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    assert send(clinic, JPEG, "paper.gif").status == 303
    shown = clinic.get("/organisation/logo")
    assert shown.body == JPEG and shown.headers["Content-Type"] == "image/jpeg"
    assert changes(server, clinic.organisation) == [f"image/png, {len(png())} bytes", f"image/jpeg, {len(JPEG)} bytes"]


def test_only_ones_own_people_see_it_and_only_administrators_change_it(server, clinic):
    assert send(clinic, png()).status == 303
    for role in ("clinician", "front_desk", "auditor"):
        reader = join(server, clinic, email=f"{role}@example.org", roles=(role,))
        assert reader.get("/organisation/logo").body == png()
        token = reader.token("/account")
        assert send(reader, JPEG, token=token).status == 403
        assert reader.post("/organisation/logo/remove", {"csrf_token": token}).status == 403
    assert send(clinic, JPEG, token="x").status == 403
    assert clinic.get("/organisation/logo").body == png()
    other = server.organisation()
    assert other.get("/organisation/logo").status == 404
    assert "/organisation/logo\" alt" not in other.get(other.add_patient("Bo") + "/print").text
    assert server.client().get("/organisation/logo").status == 303


@pytest.mark.parametrize("content,said", [
    (SVG, "PNG or JPEG"), (b"GIF89a" + b"\0" * 50, "PNG or JPEG"), (b"\x89PNG\r\n\x1a\n" + SVG, "PNG or JPEG"),
    (png(5000, 10), "PNG or JPEG"), (png(0, 10), "PNG or JPEG"), (b"\xff\xd8\xff", "PNG or JPEG"),
    (b"", "PNG or JPEG"), (JPEG + b"\0" * 65536, "at most 64 KB"), (jpeg(65000, 10), "PNG or JPEG"),
    (jpeg(10, 4001, 0xc2), "PNG or JPEG"), (jpeg(0, 10), "PNG or JPEG"), (JPEG[:-10], "PNG or JPEG"),
    (JPEG[:30], "PNG or JPEG"), (png()[:-12], "PNG or JPEG"), (png()[:40], "PNG or JPEG"),
    (b"\xff\xd8\xff\xe0\x00\x00" * 9 + b"\xff\xd9", "PNG or JPEG"), (b"\xff\xd8\xff\xe0" + SVG, "PNG or JPEG")])
def test_what_is_no_small_picture_is_refused_beside_its_field(server, clinic, content, said):
    assert send(clinic, png()).status == 303
    answer = send(clinic, content, "logo.png")
    assert answer.status == 422 and said in answer.page.text
    assert re.search(r'id="file-error".*?aria-invalid="true" aria-describedby="file-hint file-error"', answer.text, re.S)
    assert "<title>Error:" in answer.text and clinic.get("/organisation/logo").body == png()
    assert len(changes(server, clinic.organisation)) == 1


def test_the_largest_picture_is_taken_and_no_file_is_said(clinic):
    size = 65536 - len(png()) - 12
    whole = png(more=struct.pack(">I", size) + b"tEXt" + b"\0" * (size + 4))
    assert len(whole) == 65536 and send(clinic, whole).status == 303
    assert clinic.get("/organisation/logo").body == whole
    for picture in (png(4000, 4000), jpeg(4000, 4000, 0xc2, more=b"\xff\xff\xe1\0\4\0\0")):
        assert send(clinic, picture).status == 303
    answer = send(clinic, b"", name="")
    assert answer.status == 422 and "Choose a file." in answer.page.text


def test_it_is_removed_and_a_second_click_says_the_same(server, clinic):
    send(clinic, png())
    for _ in range(2):
        answer = clinic.submit("/organisation/logo/remove", "/organisation")
        assert answer.status == 303 and "The logo is removed." in clinic.get("/organisation").text
    assert clinic.get("/organisation/logo").status == 404 and "Remove the logo" not in clinic.get("/organisation").text
    assert changes(server, clinic.organisation)[1:] == ["removed"]


def test_an_export_takes_it_along(server, clinic, tmp_path):
    send(clinic, png())
    ctl(server.database, "org", "export", clinic.organisation, tmp_path / "out")
    settings = json.loads((tmp_path / "out/organisation.json").read_text())["settings"]
    assert bytes.fromhex(settings["logo"]) == png() and settings["logo_type"] == "image/png"
