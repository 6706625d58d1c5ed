"""How old somebody is, said the same everywhere; and rows that tell two of one name apart."""
import datetime
import re
import zoneinfo

import pytest

from test_language import settings


def add(clinic, name, **fields):
    token = clinic.token("/patients/new")
    answer = clinic.post("/patients/new", {"csrf_token": token, "name": name, "duplicates_seen": ""} | fields)
    assert answer.status == 303, answer.page.text
    return answer.location


def edit(clinic, href, **fields):
    page = clinic.get(href + "/edit").page
    return clinic.post(href + "/edit", dict(page.fields) | fields)


def ago(days):
    return (datetime.datetime.now(datetime.timezone.utc).date() - datetime.timedelta(days)).isoformat()


@pytest.mark.parametrize("fields, text", [
    ({"date_of_birth": ago(20)}, "20 days"), ({"date_of_birth": ago(60)}, "8 weeks"),
    ({"date_of_birth": ago(400)}, "13 months"), ({"date_of_birth": "1930-06-01", "deceased_date": "2011-05-31"}, "80 at death"),
    ({"age_months": "8"}, "about 8 months"), ({"age": "41"}, "about 41")])
def test_an_age_is_the_same_in_list_banner_print_and_label(clinic, fields, text):
    href = add(clinic, "Aged Somebody", **fields)
    status = "?status=deceased" if "deceased_date" in fields else ""
    for place in ("/patients" + status, "/patients?q=aged", href, href + "/print", href + "/label"):
        assert re.search(rf"(?<![\w ]){text}(?! ?\w)|[(>] ?{text} ?[)<]", clinic.get(place).text), place


def test_an_age_in_months_is_kept_as_a_month_and_comes_back_into_the_form(clinic):
    href = add(clinic, "Small Somebody", age_months="8")
    page = clinic.get(href + "/edit").page
    assert page.fields["age_months"] == "8" and page.fields["age"] == "" and page.fields["date_of_birth"] == ""
    assert edit(clinic, href, phone1="0123456789").status == 303
    assert "about 8 months" in clinic.get(href).page.text


@pytest.mark.parametrize("fields, sentence", [
    ({"date_of_birth": "1950", "age": "20"}, "The date of birth says another age."),
    ({"date_of_birth": "1950", "age_months": "3"}, "The date of birth says another age."),
    ({"age": "7", "age_months": "3"}, "Enter the age in years or in months, not in both."),
    ({"age_months": "24"}, "Enter the age in whole months, 0 to 23.")])
def test_an_age_that_contradicts_is_said(clinic, fields, sentence):
    token = clinic.token("/patients/new")
    answer = clinic.post("/patients/new", {"csrf_token": token, "name": "Contrary"} | fields)
    assert answer.status == 422 and sentence in answer.page.text
    add(clinic, "In Harmony", date_of_birth="1950", age=str(datetime.date.today().year - 1951))


def test_rows_of_one_name_are_told_apart(clinic):
    add(clinic, "Anna Twin", date_of_birth="2011-11-03", sex="female", phone1="0123 456789", address="4 High St\nLeeds",
        preferred_name="Nan", former_name="Anna Berg")
    for place in ("/patients", "/patients?q=anna", "/patients?q=nan", "/patients?q=berg", "/dashboard"):
        text = clinic.get(place).page.text
        assert re.search("Anna Twin Nan · formerly Anna Berg Female 2011-11-03 [0-9]+ 0123 456789 4 High St", text), place
    assert "Leeds" not in clinic.get("/patients").page.text
    add(clinic, "<b>Bare", address="\n<i>x")
    assert 'class="about" dir="auto"></span>' not in clinic.get("/patients").text


def test_the_name_before_a_marriage_is_kept_when_a_person_says_so(clinic):
    href = add(clinic, "Vera Lang", given_name="Vera", family_name="Lang")
    assert edit(clinic, href, family_name="Kurz").status == 303
    assert "Lang" not in clinic.get(href).page.text, "it was not asked for"
    assert edit(clinic, href, family_name="Breit", keep_former="1").status == 303
    assert "Vera Breit" in clinic.get(href).page.text and "Former name Kurz" in clinic.get(href).page.text
    assert "Vera Breit" in clinic.get("/patients?q=vera+kurz").page.text
    assert edit(clinic, href, family_name="Lang", keep_former="1").status == 303
    assert "Former name Breit, Kurz" in clinic.get(href).page.text
    assert edit(clinic, href, phone1="0123456789", keep_former="1").status == 303
    assert "Former name Breit, Kurz" in clinic.get(href).page.text, "the family name has not changed"
    assert edit(clinic, href, family_name="Neu", former_name="Alt", keep_former="1").status == 303
    assert "Former name Alt" in clinic.get(href).page.text, "what is written stands"
    one = add(clinic, "Madonna")
    assert edit(clinic, one, name="Louise", keep_former="1").status == 303
    assert "Former name Madonna" in clinic.get(one).page.text


@pytest.mark.parametrize("zone", ["Pacific/Pago_Pago", "Pacific/Kiritimati"])
def test_tomorrow_is_judged_by_the_organisations_own_day(clinic, zone):
    assert settings(clinic, time_zone=zone).status == 303
    today = datetime.datetime.now(zoneinfo.ZoneInfo(zone)).date()
    tomorrow = today + datetime.timedelta(2)  # a test may pass midnight there
    token = clinic.token("/patients/new")
    answer = clinic.post("/patients/new", {"csrf_token": token, "name": "Not Yet", "date_of_birth": tomorrow.isoformat()})
    assert answer.status == 422 and "future" in answer.page.text
    add(clinic, "Just Now", date_of_birth=today.isoformat())
