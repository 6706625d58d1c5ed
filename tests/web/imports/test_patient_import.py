"""Many patients from a file: all or none, and back again."""
import contextlib
import os
import re
import signal
import sqlite3
import subprocess
import time
import uuid

import pytest

from harness import until
from test_people import join


def upload(clinic, data, name="patients.csv", token=None):
    token = clinic.token("/patients/import") if token is None else token
    boundary = "----medsynqtest7"
    body = (f'--{boundary}\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: text/csv\r\n\r\n").encode() + data + f"\r\n--{boundary}--\r\n".encode()
    return clinic.request("POST", "/patients/import", body,
                          {"Content-Type": f"multipart/form-data; boundary={boundary}"})


def at_rest(clinic, href):
    """The import's page when there is nothing more to do without a person."""
    def look():
        answer = clinic.get(href)
        assert answer.status == 200
        return answer if "Refresh" not in answer.headers else None
    return until(look, "the import has ended", seconds=240)


def selected(page):
    """What the page's selects say."""
    return {name: re.search(r'value="(\w+)" selected', options).group(1) for name, options in
            re.findall(r'<select id="(\w+)"[^>]*>(.*?)</select>', page.text, re.S)}


def check(clinic, data, **columns):
    """Upload, take the guessed columns unless told otherwise, run dry. @return (href, page)"""
    answer = upload(clinic, data)
    assert answer.status == 303, answer.text
    href = answer.location
    page = clinic.get(href)
    fields = {"csrf_token": page.page.fields["csrf_token"]}
    fields.update(selected(page))
    fields.update(columns)
    answer = clinic.post(href + "/columns", fields)
    if answer.status != 303:
        return href, answer
    return href, at_rest(clinic, href)


def post(clinic, href, step, **fields):
    token = clinic.get(href).page.fields["csrf_token"]
    return clinic.post(f"{href}/{step}", {"csrf_token": token} | fields)


def run(clinic, data, **choices):
    href, _ = check(clinic, data)
    assert post(clinic, href, "commit", errors="leave_out", **choices).status == 303
    return href, at_rest(clinic, href)


def total(clinic):
    return int(re.search(r'class="count">(\d+)<', clinic.get("/patients").text).group(1))


SOUND = "name;date of birth;MRN;notes\nZoë Ångström;3.4.1975;A-1;known\nJan Kowalski;1980;;\n"


@pytest.mark.parametrize("data", [
    SOUND.encode(), b"\xef\xbb\xbf" + SOUND.encode(), SOUND.encode("windows-1252"),
    SOUND.replace(";", ",").encode(), SOUND.replace(";", "\t").replace("\n", "\r\n").encode()])
def test_files_of_every_encoding_and_delimiter_are_taken(clinic, data):
    href, page = run(clinic, data)
    assert "2 patients were imported." in page.page.text
    assert total(clinic) == 2
    found = clinic.get("/patients?q=angstrom").page.text
    assert "Zoë Ångström" in found and "1975-04-03" in found and "A-1" in found


def test_nothing_is_imported_before_the_commit(clinic):
    href, page = check(clinic, SOUND.encode())
    assert "Checked; nothing imported yet" in page.text and total(clinic) == 0


FAULTY = ("name,dob,mrn\nGood Person,1975-04-03,M1\n,1980-01-01,M2\nBad Date,30.02.1980,M3\n"
          "Twice,1990,M1\nFuture,2999-01-01,M4\nTaken,1990,T1\n" + "x" * 201 + ",1990,M5\n")


def test_the_dry_run_lists_each_fault_with_row_column_value_and_rule(clinic):
    run(clinic, b"name,mrn\nFirst,T1\n")
    href, page = check(clinic, FAULTY.encode())
    assert "What is to become of the rows with errors?" in page.page.text
    assert "With errors 6 " in page.page.text and "Leave these 6 rows out" in page.page.text
    refused = post(clinic, href, "commit")
    assert refused.status == 422 and "Say what is to become of the rows with errors." in refused.page.text
    assert total(clinic) == 1, "nobody has chosen"
    lines = clinic.get(href + "/errors.csv").text.lstrip("\ufeff").splitlines()
    assert lines[0] == "Row,Column,Value,Rule"
    assert lines[1:6] == ["3,name,,The name is missing.",
                          "4,dob,30.02.1980,Not a valid date.",
                          "5,mrn,M1,An earlier row of the file has this record number.",
                          "6,dob,2999-01-01,The date is in the future.",
                          "7,mrn,T1,Another patient has this record number."]
    assert lines[6].startswith("8,name,x") and lines[6].endswith("It is too long.")
    post(clinic, href, "commit", errors="leave_out")
    done = at_rest(clinic, href)
    assert "1 patient was imported. 6 rows with errors were left out." in done.page.text
    assert f'href="{href}/errors.csv"' in done.text
    assert total(clinic) == 2


def test_the_same_error_in_many_rows_is_said_once_with_how_many(clinic):
    rows = "".join(f"Person {i},30.02.1980,{'12' if i % 2 else '0161 496 0123'}\n" for i in range(60))
    href, page = check(clinic, f"name,dob,phone\n{rows}".encode())
    table = page.text.split("<tbody>")[1].split("</tbody>")[0]
    assert table.count("<tr>") == 2 and "More errors" not in page.page.text
    assert "2, 3, 4 …" in table and "60 rows" in table and "3, 5, 7 …" in table and "30 rows" in table
    assert len(clinic.get(href + "/errors.csv").text.splitlines()) == 91, "the file has each"
    rows = "".join(f"Person {i},30.02.{1900 + i},\n" for i in range(60))
    _, page = check(clinic, f"name,dob,phone\n{rows}31 Dec\nLast,1980,1\n".encode())
    table = page.text.split("<tbody>")[1].split("</tbody>")[0]
    assert table.count("<tr>") == 2 and "30.02.1900, 30.02.1901, 30.02.1902 …" in table
    assert "There are more errors" not in page.page.text


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_errors_name_the_row_that_a_spreadsheet_shows(clinic, end):
    """Addresses of several lines are one row there, and blank rows count."""
    rows = ['name,dob,"add', 'ress"', 'Ann,1980,"1 High St', "Leeds", 'UK"', "Bad,30.2.1980,x", "",
            'Bob,1981,"y', 'z"', "Worse,31.2.1980,", ""]
    href, _ = check(clinic, end.join(rows).encode())
    assert [line.split(",")[0] for line in errors(clinic, href)] == ["3", "6"]


WHOLE = """\
MRN,First name,Last name,Maiden name,Nickname,DOB,Gender,Pronouns,Phone,Mobile,Work phone,E-mail,Address,SSN,\
Language,Emergency contact,Contact relation,Contact phone,Deceased,Date of death,Notes
Q-1,Zoë,Ångström,Berg,Zo,1975-04-03,F,she/her,+49 30 1234567,0170 7654321,(030) 99-88,zoe@example.org,\
"Hauptstr. 1
10115 Berlin",A-12 34,German,Bo Ångström,brother,+46 8 123456,no,,Known since 2001.
Q-2,Old,Man,,,1900,homme,,,,,,,,,,,,oui,2001-02-03,
"""


def test_every_field_of_a_record_can_be_imported(server, clinic):
    href, page = run(clinic, WHOLE.encode())
    assert "2 patients were imported." in page.page.text
    with contextlib.closing(sqlite3.connect(server.database)) as database:
        database.row_factory = sqlite3.Row
        row = dict(database.execute("SELECT p.* FROM patients p JOIN tenants t USING (tenant_id) WHERE "
                                    "t.name = ? AND mrn = 'Q-1'", (clinic.organisation,)).fetchone())
    assert {name: row[name] for name in (
        "name", "given_name", "family_name", "former_name", "preferred_name", "birth_date", "sex", "pronouns",
        "phone1", "phone2", "phone3", "email", "address", "national_id", "national_id_key", "language",
        "contact_name", "contact_relation", "contact_phone", "is_deceased", "deceased_date", "listing")} == {
        "name": "Zoë Ångström", "given_name": "Zoë", "family_name": "Ångström", "former_name": "Berg",
        "preferred_name": "Zo", "birth_date": "1975-04-03", "sex": "female", "pronouns": "she/her",
        "phone1": "+49 30 1234567", "phone2": "0170 7654321", "phone3": "(030) 99-88",
        "email": "zoe@example.org", "address": "Hauptstr. 1\n10115 Berlin", "national_id": "A-12 34",
        "national_id_key": "a1234", "language": "German", "contact_name": "Bo Ångström",
        "contact_relation": "brother", "contact_phone": "+46 8 123456", "is_deceased": 0,
        "deceased_date": None, "listing": 1}
    for words in ("berg", "1234567", "7654321", "zo angs"):
        assert "Zoë Ångström" in clinic.get("/patients?q=" + words.replace(" ", "+")).page.text, words
    assert "Old Man" not in clinic.get("/patients").page.text
    assert "Old Man" in clinic.get("/patients?status=deceased").page.text
    assert total(clinic) == 1, "who has died is not counted among the active"
    assert post(clinic, href, "undo").status == 303
    at_rest(clinic, href)
    assert total(clinic) == 0 and "Old Man" not in clinic.get("/patients?status=deceased").page.text


def births(server, clinic):
    with contextlib.closing(sqlite3.connect(server.database)) as database:
        return [row[0] for row in database.execute(
            "SELECT birth_date FROM patients p JOIN tenants t USING (tenant_id) WHERE t.name = ?"
            " ORDER BY p.name", (clinic.organisation,))]


def errors(clinic, href):
    return clinic.get(href + "/errors.csv").text.lstrip("\ufeff").splitlines()[1:]


ORDER = "Its day and month are the other way round than dates are read here."


def test_a_file_that_proves_its_order_is_read_in_it_whatever_the_organisation_writes(server, clinic):
    from test_language import AMERICAN, settings  # which imports from here
    for chosen, rows, said, born in (
            (AMERICAN, "Ann,03/04/1980\nBob,23/04/1980\n", "the day comes before the month: 23/04/1980",
             ["1980-04-03", "1980-04-23"]),
            ("2", "Ann,03/04/1980\nBob,04/23/1980\n", "the month comes before the day: 04/23/1980",
             ["1980-03-04", "1980-04-23"])):
        organisation = server.organisation()
        assert settings(organisation, date_format=chosen).status == 303
        data = f"name,dob\n{rows}".encode()
        mapping = organisation.get(upload(organisation, data).location)
        assert said in mapping.page.text and "date_order" not in selected(mapping)
        href, page = check(organisation, data, date_order="month_first" if chosen == AMERICAN else "day_first")
        assert "03/04/1980 is " + ("3 Apr" if chosen == AMERICAN else "4 Mar") + " 1980." in page.page.text
        post(organisation, href, "commit")
        at_rest(organisation, href)
        assert births(server, organisation) == born, "what is proven counts before what is sent"


def test_where_nothing_proves_the_order_a_person_chooses_and_the_choice_stays(server, clinic):
    from test_language import AMERICAN, settings
    data = b"name,dob\nAnn,03/04/1980\nBob,05.05.1980\nCat,1980-12-31\nDan,1981\n"
    page = clinic.get(upload(clinic, data).location)
    assert selected(page)["date_order"] == "day_first", "as the organisation writes dates"
    assert "Day first: 03/04/1980 is 3 Apr 1980" in page.page.text
    assert "Month first: 03/04/1980 is 4 Mar 1980" in page.page.text
    assert settings(clinic, date_format=AMERICAN).status == 303
    page = clinic.get(upload(clinic, data).location)
    assert selected(page)["date_order"] == "month_first"
    _, refused = check(clinic, data, date_order="")
    assert refused.status == 422
    assert "Say in which order the dates of the file are written." in refused.page.text
    href, page = check(clinic, data, date_order="day_first")
    assert "Dates are read with the day first: 03/04/1980 is 3 Apr 1980." in page.page.text
    again = selected(page)
    assert again == {"column_0": "1", "column_1": "4", "date_order": "day_first"}
    again["csrf_token"] = page.page.fields["csrf_token"]
    assert clinic.post(href + "/columns", again).status == 303
    assert selected(at_rest(clinic, href))["date_order"] == "day_first"
    again["date_order"] = "month_first"
    assert clinic.post(href + "/columns", again).status == 303
    assert "03/04/1980 is 4 Mar 1980." in at_rest(clinic, href).page.text
    assert settings(clinic, date_format="2").status == 303  # the choice stands, not the setting
    post(clinic, href, "commit")
    at_rest(clinic, href)
    assert births(server, clinic) == ["1980-03-04", "1980-05-05", "1980-12-31", "1981"]


@pytest.mark.parametrize("order, rows", [("day_first", [3]), ("month_first", [2, 5])])
def test_in_a_file_of_both_orders_each_row_of_the_other_is_an_error(clinic, order, rows):
    data = b"name,dob\nAnn,23/04/1980\nBob,04/24/1980\nCat,03/04/1980\nDan,25.4.1980\n"
    page = clinic.get(upload(clinic, data).location)
    assert "23/04/1980 can only have the day first, 04/24/1980 only the month." in page.page.text
    assert selected(page)["date_order"] == "day_first", "as most of its dates"
    href, _ = check(clinic, data, date_order=order)
    assert [(int(line.split(",")[0]), line.split(",")[3]) for line in errors(clinic, href)] == [
        (row, ORDER) for row in rows]


def test_a_column_that_only_a_person_knows_to_be_dates_is_asked_about_too(server, clinic):
    data = b"name,when,dob,died\nAnn,03/04/1980,,\nBob,04/03/1980,,\n"
    page = clinic.get(upload(clinic, data).location)
    assert "date_order" not in selected(page)
    href, refused = check(clinic, data, column_1="4", column_2="0")
    assert refused.status == 422 and selected(refused)["column_1"] == "4"
    assert "Month first: 03/04/1980 is 4 Mar 1980" in refused.page.text
    fields = selected(refused) | {"date_order": "month_first",
                                  "csrf_token": refused.page.fields["csrf_token"]}
    assert clinic.post(href + "/columns", fields).status == 303
    at_rest(clinic, href)
    post(clinic, href, "commit")
    at_rest(clinic, href)
    assert births(server, clinic) == ["1980-03-04", "1980-04-03"]


def test_files_of_plain_dates_are_asked_nothing(server, clinic):
    data = ("name;dob\nA;1980-04-03\nB;12 janv. 1980\nC;12 janvier 1980\nD;3 Mar 1980\nE;1er AOÛT 1980\n"
            "F;05/05/1980\nG;1980\nH;04/1980\nI;1980-04-03 00:00:00\nJ;1980-04-03T00:00:00.000Z\n"
            "K;fevr. 1980\n")
    page = clinic.get(upload(clinic, data.encode()).location)
    assert "date_order" not in selected(page) and "comes before" not in page.page.text
    run(clinic, data.encode())
    assert births(server, clinic) == ["1980-04-03", "1980-01-12", "1980-01-12", "1980-03-03", "1980-08-01",
                                      "1980-05-05", "1980", "1980-04", "1980-04-03", "1980-04-03", "1980-02"]


def test_spaces_hours_and_apostrophes_hide_no_order(clinic):
    """What is read as a date is weighed as one."""
    for date in ("\u00a0 23/04/1980 ", "'=23/04/1980", "23/04/1980 0:00", "23 / 04 / 1980", " " * 60 + "23/04/1980"):
        page = clinic.get(upload(clinic, f'name;dob\nA;"{date}"\nB;3/4/1980\n'.encode()).location)
        told = "the day comes before the month" in page.page.text
        assert told == ("=" not in date), date
    href, _ = check(clinic, b"name;dob\nA;1980-04-03 23:00:00\nB;3/4/1980 00:30\n")
    assert [line.split(",")[3] for line in errors(clinic, href)] == ["Not a valid date."] * 2


def test_each_field_has_its_rule(clinic):
    href, _ = check(clinic, b"name,phone,email,gender,deceased,date of death,address\n"
                            b"Bad Everything,12,nobody,perhaps,perhaps,2999-01-01," + b"x" * 1025 + b"\n")
    lines = clinic.get(href + "/errors.csv").text.lstrip("\ufeff").splitlines()[1:]
    assert [line.split(",")[1] for line in lines] == ["gender", "phone", "email", "address", "deceased", "date of death"]
    assert lines[0] == "2,gender,perhaps,\"Sex must be female, male, other or unknown.\""
    assert lines[1] == "2,phone,12,A phone number has 3 to 15 digits."


def test_a_row_with_more_cells_than_the_first_is_left_out_rather_than_shifted(clinic):
    """An unquoted separator: "Smith, Ann" in two cells would give her the next column's birth date."""
    data = b"name,dob,mrn\nSmith, Ann,1980-01-01,M1\nTrailing Empty,1980-01-01,M2,,\nShort Row\n"
    href, page = check(clinic, data)
    lines = clinic.get(href + "/errors.csv").text.lstrip("\ufeff").splitlines()
    assert "2,The whole row,M1,The row has more cells than the first row: is a separator not quoted?" in lines
    assert [line for line in lines[1:] if not line.startswith("2,")] == []
    assert "Import 2 patients " in page.page.text
    post(clinic, href, "commit", errors="leave_out")
    at_rest(clinic, href)
    found = clinic.get("/patients").page.text
    assert "Trailing Empty" in found and "Short Row" in found and "Smith" not in found


def test_an_import_is_undone_as_long_as_nobody_changed_its_patients(server, clinic):
    clinic.add_patient("Stays Here")
    href, _ = run(clinic, SOUND.encode())
    assert total(clinic) == 3
    assert post(clinic, href, "undo").status == 303
    assert "Undone" in at_rest(clinic, href).text
    assert total(clinic) == 1
    assert "No patients found." in clinic.get("/patients?q=angstrom").text
    href, _ = run(clinic, SOUND.encode())  # its own numbers are free again
    patient = re.search(r'href="(/patients/[0-9a-f-]{36})"', clinic.get("/patients?q=zoe").text)[1]
    clinic.get(patient)  # opening a record does not change it
    with sqlite3.connect(server.database) as database:
        database.execute("UPDATE patients SET version = 2 WHERE mrn = 'A-1' AND created_at ="
                         " (SELECT max(created_at) FROM patients)")
    answer = post(clinic, href, "undo")
    assert answer.status == 409 and "some of its patients have been changed" in answer.page.text
    assert total(clinic) == 3


def test_an_allergy_that_was_recorded_since_is_not_lost_by_an_undo(clinic):
    href, _ = run(clinic, SOUND.encode())
    patient = re.search(r'href="(/patients/[0-9a-f-]{36})"', clinic.get("/patients?q=zoe").text)[1]
    assert clinic.post(f"{patient}/allergies", {"csrf_token": clinic.token(patient), "status": "active",
                                                "substance": "Latex"}).status == 303
    assert post(clinic, href, "undo").status == 409
    assert "Latex" in clinic.get(patient).text


def test_an_undo_takes_no_longer_for_each_patient_of_a_large_organisation(server, clinic):
    with sqlite3.connect(server.database) as database:
        plan = database.execute("EXPLAIN QUERY PLAN SELECT 1 FROM patient_words"
                                " WHERE tenant_id = 1 AND patient_id = x'00'").fetchall()
    assert "(tenant_id=? AND patient_id=?)" in plan[0][3], plan


def test_an_export_can_be_imported_elsewhere(server, clinic):
    for name in ("=cmd", "Zoë", 'Quote "Q", Jr.'):
        clinic.add_patient(name, date_of_birth="1980-05")
    other = server.organisation()
    _, page = run(other, clinic.get("/patients/export.csv").body)
    assert "3 patients were imported." in page.page.text
    texts = other.get("/patients").page.text
    assert "=cmd" in texts and 'Quote "Q", Jr.' in texts and "'=cmd" not in texts


RECORD = {"name": "Zoë Ångström", "given_name": "Zoë", "family_name": "Ångström",
         "former_name": "'=Née", "preferred_name": "-Zo", "date_of_birth": "1975-04-03",
         "sex": "female", "pronouns": "she/her", "phone1": "+33 6 12 34 56 78", "phone2": "030 1234",
         "phone3": "555-1234", "email": "zoe@example.org", "address": "1, rue \"X\"\n75001 Paris",
         "national_id": "@2 75 04", "language": "fr", "general_practitioner": "Dr Ek", "contact_name": "Jan; K",
         "contact_relation": "brother", "contact_phone": "+48 1234"}


def records(server, organisation):
    """Every record of an organisation, as the store has it, without what differs by its nature."""
    with sqlite3.connect(server.database) as database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(patients)")
                   if row[1] not in ("tenant_id", "id", "version", "created_at", "created_by",
                                     "updated_at", "updated_by", "change_kind", "change_reason")]
        return database.execute(
            f"SELECT {', '.join(columns)} FROM patients WHERE tenant_id = (SELECT tenant_id FROM"
            " tenants WHERE name = ?) ORDER BY mrn", (organisation.organisation,)).fetchall()


def test_an_export_of_all_comes_back_as_the_same_records(server, clinic):
    clinic.add_patient(**RECORD)
    clinic.add_patient("Only Name")
    clinic.add_patient("About Fifty", age="50")
    clinic.add_patient("Died", date_of_birth="1950-05", deceased="1", deceased_date="2020-01-02")
    archived = clinic.add_patient("Put Away", date_of_birth="1960")
    page = clinic.get(archived).page
    assert clinic.post(f"{archived}/archive", {"csrf_token": page.fields["csrf_token"],
                                               "version": "1", "reason": "moved"}).status == 303
    other = server.organisation()
    href, page = run(other, clinic.get("/patients/export.csv?all=1").body)
    assert "5 patients were imported." in page.page.text
    assert len(records(server, clinic)) == 5
    assert records(server, other) == records(server, clinic)
    assert total(other) == total(clinic) == 3
    assert (other.get("/patients/export.csv?all=1").body
            == clinic.get("/patients/export.csv?all=1").body)
    assert post(other, href, "undo").status == 303
    assert "Undone" in at_rest(other, href).text
    assert total(other) == 0 and records(server, other) == []


def test_the_columns_of_other_registers_are_known(server, clinic):
    run(clinic, b"pubpid,fname,lname,DOB,sex,ss,street,city,postal_code,phone_home,phone_cell,email,"
                b"deceased_date\n7,Ann,Lee,1980-02-01,Female,12-34,1 High St,Leeds,LS1,030 111,"
                b"0170 222,a@b.example,\n")
    run(clinic, "Numéro de dossier;Prénom;Nom de famille;Date de naissance;Sexe;Téléphone portable;"
                "Décédé\n8;Léa;Ngô;1990-02-01;F;06 12 34;oui\n".encode())
    run(clinic, b"Identifier,Given Name,Family Name,Gender,Birthdate,Birthdate Estimated,Dead,"
                b"address1,city_village,country\n9,Jo,Ba,M,1970-01-01,true,false,Hut 3,Kisumu,KE\n")
    found = [dict(zip(("mrn", "name", "birth", "sex", "phones", "address", "dead", "estimated"), row))
             for row in sqlite3.connect(server.database).execute(
                 "SELECT mrn, name, birth_date, sex, coalesce(phone1, '') || '/' ||"
                 " coalesce(phone2, ''), address, is_deceased, age_estimated FROM patients WHERE"
                 " tenant_id = (SELECT tenant_id FROM tenants WHERE name = ?) ORDER BY mrn",
                 (clinic.organisation,))]
    assert [tuple(row.values()) for row in found] == [
        ("7", "Ann Lee", "1980-02-01", "female", "030 111/0170 222", "1 High St\nLeeds\nLS1", 0, 0),
        ("8", "Léa Ngô", "1990-02-01", "female", "/06 12 34", None, 1, 0),
        ("9", "Jo Ba", "1970", "male", "/", "Hut 3\nKisumu\nKE", 0, 1)]


def test_each_column_of_the_record_has_its_rule(clinic):
    href, _ = check(clinic, b"name,sex,phone1,email,deceased_date,dob,status\nA,dragon,,,,,\n"
                            b"B,,12,,,,\nC,,,nobody,,,\nD,,,,1970,1980,\nE,,,,,,gone\n", column_6="24")
    lines = clinic.get(href + "/errors.csv").text.lstrip("\ufeff").splitlines()
    assert lines[1:] == ["2,sex,dragon,\"Sex must be female, male, other or unknown.\"",
                         "3,phone1,12,A phone number has 3 to 15 digits.",
                         "4,email,nobody,Not a valid e-mail address.",
                         "5,deceased_date,1970,The date of death is before the date of birth.",
                         "6,status,gone,\"The status must be active, archived or deceased.\""]


@pytest.mark.parametrize("data, sentence", [
    (b"", "The file has no rows"), (b"name\n", "The file has no rows"),
    (b"name\n\x00\x01", "The file is not CSV"), (b'name\n"never closed', "Line 2:")])
def test_a_file_that_is_no_table_is_refused_with_the_reason(clinic, data, sentence):
    answer = upload(clinic, data)
    assert answer.status == 422 and sentence in answer.page.text


def test_a_quoted_cell_may_have_lines_and_delimiters(clinic):
    patient = 'name;notes\r\n"Lee; Ann";"one\r\ntwo; ""three"""\r\n'.encode("windows-1252")
    run(clinic, patient)
    answer = clinic.get("/patients?q=lee").text
    assert "Lee; Ann" in answer
    record = re.search(r'href="(/patients/[0-9a-f-]{36})"', answer)[1]
    assert 'one two; "three"' in clinic.get(record).page.text


def test_a_line_of_a_megabyte_is_refused_with_its_line(clinic):
    answer = upload(clinic, b"name\nAnn\n" + b"x" * 1048577 + b"\n")
    assert answer.status == 422 and "Line 3:" in answer.page.text
    assert total(clinic) == 0


def test_two_columns_of_one_name_are_not_guessed_between(clinic):
    _, answer = check(clinic, b"name,name\nAnn,Bob\n")
    assert answer.status == 422 and "Two columns cannot both be: Name" in answer.page.text


def test_a_name_column_is_needed(clinic):
    _, answer = check(clinic, b"a,b\n1,2\n")
    assert answer.status == 422 and "Say which column has the names." in answer.page.text


def test_an_upload_without_a_token_is_refused_and_stores_nothing(server, clinic):
    assert upload(clinic, SOUND.encode(), token="").status == 403
    assert clinic.post("/patients/import", {}).status == 403
    token = clinic.token("/patients/import")
    assert clinic.post("/patients/import", {"csrf_token": token}).status == 415
    assert "Previous imports" not in clinic.get("/patients/import").text


def test_another_organisations_import_is_404(server, clinic):
    href, _ = check(clinic, SOUND.encode())
    other = server.organisation()
    token = other.token("/patients/import")
    assert other.get(href).status == 404
    for step in ("columns", "commit", "cancel", "discard", "undo"):
        assert other.post(f"{href}/{step}", {"csrf_token": token}).status == 404


def test_a_file_over_the_limit_is_413(make_server):
    server = make_server("MedSynQMaxUpload 20000")
    clinic = server.organisation()
    assert upload(clinic, b"name\n" + b"x\n" * 10000).status == 413


def many(count):
    return b"name,date of birth\n" + b"".join(
        b"Person%d Family%d,19%02d-01-01\n" % (i, i % 997, i % 100) for i in range(count))


def test_a_kill_of_the_whole_server_in_the_middle_is_gone_on_from_at_the_next_start(make_server):
    count = 3000
    server = make_server()
    clinic = server.organisation()
    href, _ = check(clinic, many(count))
    post(clinic, href, "commit")
    database = sqlite3.connect(server.database, isolation_level=None)
    for wanted in (5, 6):  # adding, showing
        until(lambda: database.execute(
            "SELECT 1 FROM imports WHERE state > ? OR (state = ? AND position > 200)",
            (wanted, wanted)).fetchone(), "the import is in the middle")
        kill_all(server)
        shown, listed = database.execute("SELECT count(*) FILTER (WHERE status = 1),"
                                         " count(*) FILTER (WHERE listing = 1) FROM patients").fetchone()
        assert listed == shown, "who is active stands in the list"
        server.start()
    clinic.connection = None
    clinic.log_in(clinic.organisation)
    assert "3000 patients were imported." in at_rest(clinic, href).page.text
    assert total(clinic) == count
    assert database.execute("SELECT count(*), count(DISTINCT name) FROM patients").fetchone() == (count, count)


def test_what_a_file_said_is_forgotten_a_week_after_its_import(make_server):
    server = make_server()
    clinic = server.organisation()
    ended, _ = run(clinic, FAULTY.encode())
    undecided, _ = check(clinic, b"name\nNobody Decided\n")
    kept, _ = check(clinic, b"name\nStill Deciding\n")
    week = 8 * 86400 * 1000000
    old, new = (uuid.UUID(href.rsplit("/", 1)[1]).bytes for href in (undecided, kept))
    with contextlib.closing(sqlite3.connect(server.database, timeout=10, isolation_level=None)) as database:
        database.execute("UPDATE imports SET finished_at = finished_at - ? WHERE state = 7", (week,))
        database.execute("UPDATE imports SET created_at = created_at - ? WHERE id = ?", (week, old))
        database.execute("UPDATE jobs SET due_at = 0")
        database.execute("UPDATE tenants SET jobs_due_at = 0")
        until(lambda: database.execute("SELECT import_id, cells FROM import_rows").fetchall() == [
            (new, "name\x1f"), (new, "Still Deciding\x1f")], "the rows have gone")
        until(lambda: database.execute("SELECT count(*) FROM import_faults").fetchone() == (0,), "the faults")
        until(lambda: database.execute("SELECT object FROM jobs").fetchall() == [(new,)], "and the jobs")
    page = clinic.get(ended)
    assert "Good Person" in clinic.get("/patients").text and page.status == 200
    assert "undo" not in page.text and "errors.csv" not in page.text
    page = clinic.get(undecided)
    assert "Not imported: nobody decided within seven days" in page.page.text and "/commit" not in page.text
    post(clinic, kept, "commit")
    assert "1 patient was imported." in at_rest(clinic, kept).page.text


def kill_all(server):
    parent = server.pid
    children = subprocess.run(["pgrep", "-P", str(parent)], capture_output=True,
                              text=True).stdout.split()
    for pid in [parent, *map(int, children)]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    server.process.wait(20)
    (server.state / "httpd.pid").unlink(missing_ok=True)
    time.sleep(0.2)


TWICE = ("name,date_of_birth,phone1\r\nRepeat One,1980-01-02,0123456789\r\nRepeat Two,1981-01-02,\r\n"
         "Repeat Three,,\r\n").encode()


def test_the_same_file_twice_adds_nobody_unasked(clinic):
    run(clinic, TWICE)
    assert total(clinic) == 3
    href, page = check(clinic, TWICE)
    assert figures(page) == {"Rows": "3", "Can be imported": "0", "Likely duplicates": "3", "With errors": "0"}
    assert page.text.count("Somebody like this is registered already.") == 3
    assert post(clinic, href, "commit").status == 409 and total(clinic) == 3
    assert "Import all 3, the likely duplicates as well" in page.text
    fields = clinic.get(href).page.fields
    assert clinic.post(href + "/commit", {"csrf_token": fields["csrf_token"], "doubles": "import"}).status == 303
    assert "3 patients were imported." in at_rest(clinic, href).text and total(clinic) == 6


def test_somebody_who_is_twice_in_a_file_is_added_once_unless_asked(clinic):
    clinic.add_patient("Anna Hoffmann", date_of_birth="2011-11-03", national_id="943 476 5919")
    data = ("name,date_of_birth,national_id\nHOFFMANN Anna,2011-11-03,\nAnna Hoffmann,2011-11-03,\n"
            "Zoe Reed,1990-01-01,\nzoe reed,1990-01-01,\nZoe Reed,1991,\nSomebody Else,,943-476-5919\n").encode()
    href, page = check(clinic, data)
    assert figures(page) == {"Rows": "6", "Can be imported": "2", "Likely duplicates": "4", "With errors": "0"}
    assert post(clinic, href, "commit").status == 303
    done = at_rest(clinic, href)
    assert "2 patients were imported." in done.text
    assert "4 rows with errors or of somebody registered were left out." in done.text
    assert total(clinic) == 3


def test_no_page_of_an_import_leads_where_its_reader_may_not_go(server, clinic):
    registrar = join(server, clinic, email="registrar@example.org", roles=("admin",))
    href, done = run(registrar, b"name\nGrace Hopper\n")
    assert "1 patient was imported." in done.page.text
    assert post(registrar, href, "undo").status == 303
    undone = at_rest(registrar, href)
    assert "Undone" in undone.page.text
    for page in (done, undone):
        assert "/patients/import" in page.page.links
        assert [link for link in page.page.links if link[0] == "/" and registrar.get(link).status != 200] == []
    href, done = run(clinic, b"name\nGrace Hopper\n")
    assert "/patients" in done.page.links


def test_a_common_name_hides_nobody_from_the_check(clinic):
    rows = [f"Maria Silva,{1900 + i}-01-01,,\n" for i in range(70)] + ["Eva Lang,1961-02-03,Eva Brandt,Evi\n"]
    data = ("name,date_of_birth,former_name,preferred_name\n" + "".join(rows)).encode()
    run(clinic, data)
    _, page = check(clinic, data)
    assert figures(page) == {"Rows": "71", "Can be imported": "0", "Likely duplicates": "71", "With errors": "0"}


def test_nobody_of_another_organisation_makes_a_row_a_double(server, clinic):
    run(server.organisation(), TWICE)
    _, page = check(clinic, TWICE)
    assert figures(page) == {"Rows": "3", "Can be imported": "3", "With errors": "0"}


def figures(page):
    """The counts of a dry run."""
    return dict(re.findall(r"<dt>([^<]*)</dt><dd>(\d+)</dd>", page.text))
