"""medsynqctl maintenance: pages say so in words, a load balancer is told, and nothing typed is lost."""
import json
import os

from test_ctl import ctl
from test_installation import own

TEXT = "We move to the new disk <b>until noon</b> & thank you"


def test_pages_say_what_is_going_on_until_it_is_over(make_server):
    server = make_server()
    clinic = server.organisation()
    patient = clinic.add_patient("Ann Waiting")
    assert "would" in ctl(server.database, "maintenance", "on", "--dry-run") and clinic.get(patient).status == 200
    ctl(server.database, "maintenance", "on", "--message", TEXT)
    assert own(server.database)[-1][2] == "maintenance on"
    for who, path in (clinic, patient), (clinic, "/dashboard"), (server.client(), "/login"), (server.client(), "/register-tenant"):
        answer = who.get(path)
        assert answer.status == 503 and answer.headers["Retry-After"] == "120"
        assert "<b>" not in answer.text and TEXT in answer.page.text and "Ann Waiting" not in answer.text
        assert answer.headers["Cache-Control"] == "no-store"
    assert server.client().get("/healthz").status == 200 and server.client().get("/public/styles.css").status == 200
    ready = server.client().get("/readyz")
    assert (ready.status, ready.text, ready.headers["Retry-After"]) == (503, "maintenance\n", "120")
    assert json.loads(ctl(server.database, "status", "--json"))["maintenance"] == 1
    ctl(server.database, "maintenance", "on")  # in other words: ours
    again = clinic.get("/dashboard").page.text
    assert TEXT not in again and "being worked on" in again
    french = server.client(**{"Accept-Language": "fr"}).get("/login").text
    assert "Maintenance" in french and "being worked on" not in french
    ctl(server.database, "maintenance", "off")
    assert own(server.database)[-1][2] == "maintenance off"
    assert clinic.get(patient).status == 200 and server.client().get("/readyz").status == 200
    events = len(own(server.database))
    assert "already" in ctl(server.database, "maintenance", "off") and len(own(server.database)) == events
    assert not [name for name in os.listdir(server.database.parent) if "maintenance" in name]


def test_a_form_comes_back_and_is_saved_when_it_is_sent_again(make_server):
    server = make_server()
    clinic, other = server.organisation(), server.organisation()
    fields = dict(clinic.get("/patients/new").page.fields, name="Bo Typed", notes="two long lines")
    ctl(server.database, "maintenance", "on")
    answer = clinic.post("/patients/new", fields)
    assert answer.status == 503 and "Bo Typed" in answer.text and "not saved yet" in answer.page.text
    assert "Bo Typed" not in other.post("/patients/new", fields).text  # another's form
    assert "Bo Typed" not in server.client().post("/patients/new", fields).text
    ctl(server.database, "maintenance", "off")
    saved = clinic.post("/patients/new", fields)  # as a browser that loads the page anew
    assert saved.status == 303 and "Bo Typed" in clinic.get(saved.location).text


def test_what_stands_in_the_file_is_text_of_one_line_or_nothing(make_server):
    server = make_server()
    file = server.database.with_name(server.database.name + ".maintenance")
    for content in b"", b"\xff\xfe", b"a\x00b", b"x" * 100000:
        file.write_bytes(content)
        answer = server.client().get("/login")
        assert answer.status == 503 and len(answer.text) < 20000
    file.unlink()
    os.mkfifo(file)  # nobody ever writes into it
    assert server.client().get("/login").status == 503
    file.unlink()
    ctl(server.database, "maintenance", "on", "--message", "x" * 501, code=64)
