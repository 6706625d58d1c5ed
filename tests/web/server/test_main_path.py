"""From a new organisation to a patient in the table, as a client without JavaScript."""
import re

import pytest

from harness import PASSWORD, raw

HOSTILE = ["<script>alert(1)</script>", "O'Neil \"& Sons\"", "عيادة النور", "Clinic 🏥 中文", "ä" * 200]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_shown_as_typed(server, name):
    import os
    unique = (name + os.urandom(4).hex())[-200:]
    clinic = server.organisation(unique)
    patient = clinic.add_patient(name, date_of_birth="1975-04-03", notes=f"note {name}")
    for path in ("/dashboard", "/patients"):
        answer = clinic.get(path)
        assert answer.status == 200
        assert name in answer.page.text
        assert unique in answer.page.text
        assert "<script>alert" not in answer.text
    page = clinic.get(patient).page.text
    assert name in page and f"note {name}" in page and "1975-04-03" in page


def test_every_page_carries_the_tagline_and_logo(server, clinic):
    stranger = server.client()
    for who, path in [(stranger, "/"), (stranger, "/login"), (stranger, "/register-tenant"),
                      (stranger, "/patients/none"), (clinic, "/dashboard"), (clinic, "/patients"),
                      (clinic, "/patients/new"), (clinic, "/logout"), (clinic, "/patients/none")]:
        text = who.get(path).text
        if who is stranger and path == "/patients/none":
            continue
        assert "Synchronise care across organisations" in text, path
        assert "/public/images/logo.png" in text, path


def test_log_in_ignores_case_and_white_space_of_the_names(server):
    clinic = server.organisation()
    other = server.client()
    answer = other.log_in(f"  {clinic.organisation.upper()} ", "ADMIN@example.org")
    assert (answer.status, answer.location) == (303, "/dashboard")


def test_a_taken_name_keeps_what_was_typed(server, clinic):
    answer = server.client().submit("/register-tenant", tenantName=clinic.organisation.lower(),
                                    adminName="Bo", adminEmail="bo@example.org",
                                    adminPassword=PASSWORD)
    assert answer.status == 422
    fields = answer.page.fields
    assert fields["tenantName"] == clinic.organisation.lower()
    assert fields["adminName"] == "Bo" and fields["adminEmail"] == "bo@example.org"
    assert fields["adminPassword"] == "" and PASSWORD not in answer.text


@pytest.mark.parametrize("fields", [
    {"tenantName": "nobody has this name"}, {"email": "nobody@example.org"},
    {"password": "this is the wrong one"}])
def test_failed_log_ins_say_the_same(server, clinic, fields):
    typed = {"tenantName": clinic.organisation, "email": clinic.email, "password": PASSWORD}
    answer = server.client().submit("/login", **{**typed, **fields})
    assert answer.status == 422
    assert "is wrong. Check all three" in answer.page.text


def test_log_out_ends_this_session_and_no_other(server, clinic):
    other = server.client()
    other.log_in(clinic.organisation)
    old = dict(clinic.cookies)
    assert clinic.log_out().location == "/?notice=logged-out"
    clinic.cookies = old
    assert clinic.get("/dashboard").location == "/login?next=/dashboard"
    assert other.get("/dashboard").status == 200


@pytest.mark.parametrize("typed,message", [
    ({"name": ""}, "Enter the patient's name."),
    ({"name": "   "}, "Enter the patient's name."),
    ({"date_of_birth": "1975-02-30"}, "does not exist"),
    ({"date_of_birth": "2999-01-01"}, "in the future"),
    ({"date_of_birth": "1850-01-01"}, "more than 140 years ago"),
    ({"date_of_birth": "soon"}, "like this: 1975-04-23"),
    ({"name": "x" * 201}, "at most 200 characters"),
    ({"notes": "ä" * 40000}, "at most 64 KB")])
def test_bad_input_is_422_and_nothing_typed_is_lost(clinic, typed, message):
    fields = {"name": "Ann", "date_of_birth": "1975-04-03", "notes": "first\nsecond", **typed}
    answer = clinic.submit("/patients/new", **fields)
    assert answer.status == 422
    assert message in answer.page.text
    for name, value in fields.items():
        assert answer.page.fields[name].replace("\r\n", "\n") == value


def test_notes_of_64_kb_are_kept(clinic):
    notes = "é" * 32768
    assert notes in clinic.get(clinic.add_patient("Long", notes=notes)).page.text


def test_two_organisations_never_meet(server):
    one, two = server.organisation(), server.organisation()
    path = one.add_patient("Only Ones Patient")
    foreign = two.get(path)
    missing = two.get(path[:-4] + "0000")
    assert (foreign.status, missing.status) == (404, 404)
    same = foreign.page.fields.pop("csrf_token", None) is not None
    assert same and foreign.page.text.split("reference")[0] == missing.page.text.split("reference")[0]
    assert "Only Ones Patient" not in two.get("/patients").text


def test_a_post_without_token_is_403(server, clinic):
    assert clinic.post("/patients/new", {"name": "Eve Unasked"}).status == 403
    other = server.organisation()
    token = other.token("/patients/new")
    answer = clinic.post("/patients/new", {"name": "Eve Unasked", "csrf_token": token})
    assert answer.status == 403
    assert "Eve Unasked" not in answer.text  # its page was somebody else's: so is what was typed
    assert "Another log-in opened this page" in answer.text
    assert "Eve Unasked" not in clinic.get("/patients").text


def test_statuses_of_the_contract(server, clinic):
    token = clinic.token("/patients/new")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert clinic.get("/patients/none").status == 404
    wrong = clinic.request("DELETE", "/patients")
    assert wrong.status == 405 and "GET" in wrong.headers["Allow"]
    assert clinic.request("POST", "/dashboard", "", form).status == 405
    assert server.client().request("PUT", "/patients/new", "").status == 405
    assert clinic.request("OPTIONS", "/patients/new").status == 204
    assert clinic.request("POST", "/patients/new", "name=x", {"Content-Type": "text/plain"}).status == 415
    big = clinic.request("POST", "/patients/new", "notes=" + "x" * 600000, form)
    assert big.status == 413
    for body in ("name=%zz", "name=%ff", "name=%00", f"csrf_token={token}&name=a&name=b"):
        assert clinic.request("POST", "/patients/new", body, form).status == 400, body
    assert clinic.get("/patients?after=1&after=2").status == 400
    assert clinic.get("/patients?x=%zz").status == 400
    head = clinic.request("HEAD", "/dashboard")
    assert head.status == 200 and head.body == b""


def test_a_foreign_next_is_not_followed(server, clinic):
    for evil in ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:x"):
        answer = server.client().submit("/login", tenantName=clinic.organisation, email=clinic.email,
                                        password=PASSWORD, next=evil)
        assert answer.location == "/dashboard", evil


def test_headers_of_a_patients_page(clinic):
    headers = clinic.get(clinic.add_patient("Ann")).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]


def test_static_files_are_cached_hard(server):
    client = server.client()
    address = re.search(r"/public/styles[^\"]+", client.get("/").text)[0]
    answer = client.get(address)
    assert answer.status == 200 and "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["ETag"].startswith('"')


def test_half_a_body_is_refused_and_nothing_is_stored(server, clinic):
    cookie = "; ".join(f"{k}={v}" for k, v in clinic.cookies.items())
    token = clinic.token("/patients/new")
    body = f"csrf_token={token}&name=Half".encode()
    head = (f"POST /patients/new HTTP/1.1\r\nHost: localhost:{server.port}\r\nCookie: {cookie}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body) + 10}\r\n\r\n").encode()
    assert b" 303 " not in raw(server.port, head + body)
    assert "Half" not in clinic.get("/patients").text


def test_the_front_door_shows_the_product_in_both_looks_and_stays_light(server):
    page = server.client().get("/")
    pictures = re.findall(r'(?:src|srcset)="(/public/images/record-[^"]+)"', page.text)
    assert len(pictures) == 2
    version = re.search(r"styles\.css(\?v=\w+)", page.text)[1]
    for href in pictures:
        assert href.endswith(version)  # or a browser keeps an old one for a year
        answer = server.client().get(href)
        assert answer.status == 200 and answer.headers["Content-Type"] == "image/webp"
        assert len(answer.body) < 40 * 1024
