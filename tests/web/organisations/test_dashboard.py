"""The figures of an organisation."""
import contextlib
import datetime
import re
import sqlite3
import zoneinfo

from test_language import settings


def figures(clinic):
    text = clinic.get("/dashboard").text
    return {name: int(value) for name, value in
            re.findall(r"<div><dt>([^<]*)</dt><dd>(\d+)</dd></div>", text)}


def table(clinic, heading):
    text = clinic.get("/dashboard").text
    part = re.search(rf'<table aria-labelledby="{heading}">(.*?)</table>', text, re.S)[1]
    return {label: int(value) for label, value in
            re.findall(r'<th scope="row">([^<]*)</th><td>(\d+)</td>', part)}


def test_the_figures_follow_what_is_registered(clinic):
    assert figures(clinic) == {"Active patients": 0, "New this week": 0}
    year = datetime.datetime.now(datetime.timezone.utc).year
    for i, born in enumerate([f"{year - 5}-01-01", f"{year - 45}", f"{year - 95}-02", ""]):
        clinic.add_patient(f"Patient {i}", date_of_birth=born)
    assert figures(clinic) == {"Active patients": 4, "New this week": 4}
    ages = table(clinic, "ages")
    assert {k: v for k, v in ages.items() if v} == {"0–9": 1, "40–49": 1, "90+": 1, "?": 1}
    months = table(clinic, "months")
    assert len(months) == 12 and list(months.values())[-1] == 4


def test_days_are_those_of_the_organisation(server, clinic):
    """In the easternmost zone the day is another one than in the westernmost, at every hour."""
    days = set()
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        assert settings(clinic, time_zone=zone).status == 303
        clinic.add_patient(f"Somebody of {zone}")
        with contextlib.closing(sqlite3.connect(server.database)) as db:
            days |= {name for (name,) in db.execute(
                "SELECT c.name FROM counters c JOIN tenants t USING (tenant_id) WHERE t.name = ? AND "
                "c.name LIKE 'registered.d.%'", (clinic.organisation,))}
        today = datetime.datetime.now(zoneinfo.ZoneInfo(zone)).date()
        assert f"registered.d.{today}" in days
        assert figures(clinic)["New this week"] >= 1
    assert len(days) == 2


def test_the_charts_say_what_they_are(clinic):
    text = clinic.get("/dashboard").text
    assert text.count('<svg class="chart" role="img"') == 2
    assert 'aria-label="Active patients by age"' in text


def test_records_opened_last_are_at_hand(clinic):
    patient = clinic.add_patient("At Hand")
    clinic.add_patient("Not Opened")
    clinic.get(patient)
    recent = re.search(r'<nav class="recent card".*?</nav>', clinic.get("/dashboard").text, re.S)[0]
    assert "At Hand" in recent and "Not Opened" not in recent


def test_who_has_died_and_what_is_archived_is_marked_there_too(clinic):
    gone = clinic.add_patient("Al Gone", date_of_birth="1930-01-01", deceased="1").split("?")[0]
    closed = clinic.add_patient("Cleo Closed").split("?")[0]
    clinic.submit(f"{closed}/archive", closed, reason="moved away")
    for patient in (gone, closed, clinic.add_patient("Amy Alive")):
        clinic.get(patient)
    recent = re.search(r'<nav class="recent card".*?</nav>', clinic.get("/dashboard").text, re.S)[0]
    marks = {name: re.findall(r'class="mark[^"]*">([^<]*)<', row)
             for name, row in re.findall(r'dir="auto">([^<]*)</a>(.*?)</li>', recent, re.S)}
    assert marks == {"Al Gone": ["deceased"], "Cleo Closed": ["archived"], "Amy Alive": []}


def test_a_full_page_has_at_most_40_kilobytes(clinic):
    for i in range(51):
        clinic.add_patient(f"Maximiliane Wilhelmine Oberhuber-Schmidt {i}",
                           date_of_birth="1975-04-03")
    for path in ("/dashboard", "/patients", "/patients?sort=updated", "/patients?q=max&show=60"):
        assert len(clinic.get(path).body) <= 40 * 1024, path
