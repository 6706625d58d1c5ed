"""Administrators find whoever is archived, and bring them back, without being allowed to open a record."""
import re
import sqlite3

import pytest

from test_people import join


@pytest.fixture
def admin(server, clinic):
    return join(server, clinic, name="Pia Pure", email="pia@example.org", roles=("admin",))


def archive(client, patient, reason="moved away"):
    form = {k: v for k, v in client.get(patient).page.fields.items() if k == "csrf_token"}
    return client.post(patient + "/archive", {**form, "version": "1", "reason": reason})


def test_an_administrator_finds_and_restores_who_is_archived(clinic, admin):
    patient, other = clinic.add_patient("Ann Lee", date_of_birth="1975-04-03"), clinic.add_patient("Bo Ek")
    assert archive(clinic, patient).status == 303
    assert "/patients/archived" in admin.get("/dashboard").page.links
    page = admin.get("/patients/archived")
    for words in ("Ann Lee", "1975-04-03", "Ada Admin", "moved away"):
        assert words in page.page.text, page.page.text
    assert "Bo Ek" not in page.page.text and patient not in page.page.links  # whom they may not open
    assert admin.get(patient).status == 403
    form = next(f["action"] for f in page.page.forms if f["action"].endswith("/restore"))
    assert form == patient + "/restore"
    answer = admin.post(form, {"csrf_token": page.page.fields["csrf_token"], "version": page.page.fields["version"]})
    assert (answer.status, answer.location) == (303, "/patients/archived")
    page = admin.get("/patients/archived").page.text
    assert "The patient is restored from the archive." in page and "No patient is archived." in page
    assert patient in clinic.get("/patients").page.links


def test_who_is_archived_is_for_administrators_and_in_the_trail(server, clinic, admin):
    patient = clinic.add_patient("Ann Lee")
    archive(clinic, patient)
    for roles in (("clinician",), ("front_desk",), ("auditor",)):
        person = join(server, clinic, email=f"{roles[0]}@example.org", roles=roles)
        assert person.get("/patients/archived").status == 403
        assert "/patients/archived" not in person.get("/dashboard").page.links
    with sqlite3.connect(server.database) as db:
        listed = "SELECT count(*) FROM audit_events WHERE action = 175 AND outcome = 1"
        before = db.execute(listed).fetchone()[0]
        admin.get("/patients/archived")
        assert db.execute(listed).fetchone()[0] == before + 1


def test_the_list_goes_on_newest_first_and_shows_nobody_else(server, clinic, admin):
    names = [f"Ann No{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(52)]
    for name in names:
        assert archive(clinic, clinic.add_patient(name)).status == 303
    other = server.organisation()
    archive(other, other.add_patient("Of Another"))
    page = admin.get("/patients/archived")
    assert page.text.count("/restore") == 50 and names[-1] in page.page.text and names[1] not in page.page.text
    onward = next(link for link in page.page.links if "after=" in link)
    rest = admin.get(onward)
    assert rest.text.count("/restore") == 2 and names[0] in rest.page.text and names[1] in rest.page.text
    assert "<span>1–50</span>" in page.text and "<span>51–52</span>" in rest.text
    assert "Of Another" not in page.text + rest.text
    foreign = re.search(r'action="/patients/([0-9a-f-]+)/restore"', other.get("/patients/archived").text)[1]
    assert admin.get(f"/patients/archived?after={foreign}").status == 404
    assert admin.get("/patients/archived?after=x").status == 400


def test_a_second_click_says_what_the_first_has_done_and_does_nothing(server, clinic, admin):
    patient = clinic.add_patient("Ann Lee").split("?")[0]
    colleague = join(server, clinic, name="Cy Cole", email="cy@example.org", roles=("clinician",))
    first, second = archive(clinic, patient), archive(clinic, patient)
    assert (first.status, first.location) == (second.status, second.location) == (303, patient)
    assert "The patient is archived." in clinic.get(patient).page.text
    assert archive(clinic, patient, "another reason").status == archive(colleague, patient).status == 409
    for client in (clinic, admin):  # one who opens records, and one who may not
        fields = {"csrf_token": client.token("/account"), "version": "2" if client is clinic else "4"}
        answers = [client.post(patient + "/restore", fields) for _ in range(2)]
        assert [a.status for a in answers] == [303, 303] and answers[0].location == answers[1].location, client.email
        assert colleague.post(patient + "/restore", {**fields, "csrf_token": colleague.token("/account")}).status == 409
        form = {"csrf_token": clinic.token("/account"), "version": "3", "reason": "moved away"}
        assert clinic.post(patient + "/archive", form).status == (303 if client is clinic else 409)
    with sqlite3.connect(server.database) as db:
        done = db.execute("SELECT action, count(*) FROM audit_events JOIN tenants USING (tenant_id) WHERE tenants.name = ? "
                          "AND outcome = 1 AND action IN (74, 75) GROUP BY action", (clinic.organisation,)).fetchall()
    assert done == [(74, 2), (75, 2)]
