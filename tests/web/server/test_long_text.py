"""How much a stranger can make the server read: no text is worked on before it is known to be short, and
marks without end are refused before they are sorted."""
import json
import subprocess

import pytest

from test_ctl import built
from test_patient_import import check

ROUTES = json.loads(subprocess.run([built(), "routes", "--json"], capture_output=True, text=True, check=True).stdout)
OPEN = [r["pattern"] for r in ROUTES if r["method"] == "POST" and not r["signed_in"]]
BEFORE_LOG_IN = 16 * 1024
MARKS = "\u0301\u0323"  # above and below by turns: sorted, they cost the square of their number


@pytest.mark.parametrize("pattern", OPEN)
def test_nobody_sends_much_before_log_in(server, pattern):
    client = server.client()
    path = pattern.replace("{token}", "A" * 60)
    token = client.token("/login")
    room = BEFORE_LOG_IN - len(f"csrf_token={token}&email=")
    assert client.post(path, {"csrf_token": token, "email": "x" * room}).status not in (400, 413)
    assert client.post(path, {"csrf_token": token, "email": "x" * (room + 1)}).status == 413


def test_who_is_signed_in_sends_more(clinic):
    assert clinic.submit("/patients/new", name="Ann", notes="n" * 60000).status == 303


@pytest.mark.parametrize("field", ["name", "address", "notes", "phone1", "date_of_birth", "email"])
def test_marks_without_end_are_refused_at_their_field(clinic, field):
    fields = {"name": "Ann", "pronouns": "she", field: "a" + MARKS * 16}
    answer = clinic.submit("/patients/new", **fields)
    assert answer.status == 422
    assert "has more than 30 accents on one letter" in answer.text
    assert f'href="#{field}"' in answer.text
    assert answer.page.fields["pronouns"] == "she" and answer.page.fields[field] == fields[field]


@pytest.mark.parametrize("field,text", [("name", "a" + MARKS * 1500), ("name", " " * 2401), ("notes", "x" * 280000),
                                        ("date_of_birth", "1" * 1000)], ids=["marks", "blanks", "notes", "date"])
def test_what_is_long_before_it_is_cleaned_is_too_long(clinic, field, text):
    answer = clinic.submit("/patients/new", **{"name": "Ann", field: text})
    assert answer.status == 422 and "may have at most" in answer.text


def test_a_name_may_be_typed_in_more_characters_than_it_has(clinic):
    name = "\u1112\u1161\u11ab" * 190  # a Korean syllable as three letters each
    answer = clinic.submit("/patients/new", name=name)
    assert answer.status == 303, answer.text
    assert "\ud55c" * 190 in clinic.get(answer.location).text


@pytest.mark.parametrize("path", ["/patients?q=", "/audit?actor=", "/login?next=", "/patients/new?name="])
def test_marks_in_an_address_stop_nothing(clinic, path):
    assert clinic.get(path + "a" + "%CC%81%CC%A3" * 600).status in (200, 303, 400, 422)


def test_cells_with_long_or_endless_text_are_told_of(clinic):
    rows = [("A", "a" + MARKS * 16, ""), ("B", "a" + MARKS * 60000, ""), ("C", "", "x" * 20000)]
    lines = ["mrn,name,address,city"] + [f"{mrn},{name},{address},{address}" for mrn, name, address in rows]
    _, page = check(clinic, "\n".join(lines).encode())
    assert page.text.count("It is too long.") == 2
    assert "It has more than 30 accents on one letter." in page.text


def test_a_field_has_a_short_name(clinic):
    token = clinic.token("/patients/new")
    assert clinic.post("/patients/new", {"csrf_token": token, "name": "Ann", "n" * 101: "1"}).status == 400
