"""Patients as CSV."""
import csv
import io
import re
import sqlite3
import uuid


def rows(answer):
    assert answer.status == 200
    assert answer.text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(answer.text[1:], newline="")))


def test_the_file_has_what_the_table_shows_and_no_formulas(clinic):
    for name in ("=1+1", "Plain, \"Quoted\"", "Zoë"):
        clinic.add_patient(name, date_of_birth="1975")
    table = rows(clinic.get("/patients/export.csv"))
    assert table[0] == [
        "mrn", "name", "given_name", "family_name", "former_name", "preferred_name",
        "date_of_birth", "age_estimated", "sex", "pronouns", "phone1", "phone2", "phone3", "email",
        "address", "national_id", "language", "general_practitioner", "contact_name", "contact_relation",
        "contact_phone", "deceased", "deceased_date", "status"]
    assert sorted(row[1] for row in table[1:]) == ["'=1+1", 'Plain, "Quoted"', "Zoë"]
    assert all(re.fullmatch(r"P\d{8}", row[0]) and row[6] == "1975" and row[-1] == "active"
               for row in table[1:])


def test_an_export_of_many_pages_is_complete(server, clinic):
    fill(server, clinic, 1234)
    for query in ("", "?sort=updated", "?sort=birth_date", "?all=1"):
        table = rows(clinic.get(f"/patients/export.csv{query}"))
        assert len({row[0] for row in table[1:]}) == len(table) - 1 == 1234


def fill(server, clinic, count):
    """Many patients, faster than by form."""
    clinic.add_patient("First")
    with sqlite3.connect(server.database) as database:
        tenant, user = database.execute(
            "SELECT tenant_id, created_by FROM patients ORDER BY created_at DESC LIMIT 1").fetchone()
        database.executemany(
            "INSERT INTO patients (tenant_id, id, version, mrn, name, name_key, birth_date, status,"
            " created_at, created_by, updated_at, updated_by)"
            " VALUES (?, ?, 1, ?, ?, ?, NULL, 1, 5, ?, 5, ?)",
            [(tenant, uuid.uuid4().bytes, f"X{i}", f"Name {i % 10}", f"name {i % 10}", user, user)
             for i in range(count - 1)])


def test_a_role_without_export_is_refused(server, clinic):
    clinic.add_patient("Sole Somebody")
    with sqlite3.connect(server.database) as database:
        database.execute("UPDATE users SET roles = 4 WHERE id ="
                         " (SELECT created_by FROM patients WHERE name = 'Sole Somebody')")
    assert clinic.get("/patients/export.csv").status == 403
    assert "export.csv" not in clinic.get("/patients").text


def test_an_export_is_one_event_of_the_trail(server, clinic):
    clinic.add_patient("Single Somebody")
    clinic.request("HEAD", "/patients/export.csv")
    clinic.get("/patients/export.csv")
    with sqlite3.connect(server.database) as database:
        count = database.execute(
            "SELECT count(*) FROM audit_events WHERE action = 91 AND tenant_id ="
            " (SELECT tenant_id FROM patients WHERE name = 'Single Somebody')").fetchone()[0]
    assert count == 1
