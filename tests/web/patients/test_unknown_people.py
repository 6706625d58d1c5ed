"""Who cannot say their name: a box of its own, and a name that tells two of them apart."""
import re

import pytest


def unknown(clinic, **fields):
    return clinic.submit("/patients/new", name_unknown="1", **fields)


def name(clinic, answer):
    assert answer.status == 303, answer.page.text
    return re.search(r"<title>([^–<]*) –", clinic.get(answer.location).text)[1]


@pytest.mark.parametrize("sex, called", [("male", "Unknown male"), ("female", "Unknown female"),
                                         ("", "Unknown person"), ("other", "Unknown person")])
def test_the_record_is_called_by_sex_day_and_time(clinic, sex, called):
    made = name(clinic, unknown(clinic, sex=sex, age="40"))
    assert re.fullmatch(called + r", \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d, A", made)


def test_two_of_one_minute_are_told_apart_without_a_question(clinic):
    names = [name(clinic, unknown(clinic, sex="male")) for _ in range(4)]
    assert len(set(names)) == 4 and {n[-1] for n in names} <= set("ABCD")
    found = clinic.get("/patients?q=unknown+male").page.text
    assert all(n in found for n in names)


def test_a_name_and_the_box_are_one_too_many(clinic):
    answer = unknown(clinic, name="Ana Lima")
    assert answer.status == 422 and "A name is entered as well" in answer.page.text
    assert answer.page.fields["name_unknown"] == "1" and answer.page.fields["name"] == "Ana Lima"


def test_the_name_is_entered_when_it_is_known(clinic):
    path = unknown(clinic, sex="male").location
    form = clinic.get(path + "/edit").page.fields
    assert "name_unknown" not in form
    assert clinic.post(path + "/edit", {**form, "name": "Ben Reed"}).status == 303
    assert "Ben Reed" in clinic.get(path).page.text


def test_a_second_sending_makes_no_second_one(clinic):
    form = clinic.get("/patients/new").page.fields
    sent = {**form, "name_unknown": "1", "sex": "male"}
    assert clinic.post("/patients/new", sent).location == clinic.post("/patients/new", sent).location
