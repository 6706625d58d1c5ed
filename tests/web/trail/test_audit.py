"""Reading the trail: who may, what is shown, and that reading is recorded."""
import html
import json
import re
import sqlite3
from contextlib import closing

from test_patient_import import run
from test_people import join, user_path


def test_administrator_reads_what_was_done(clinic):
    path = clinic.add_patient("Ada Lovelace")
    clinic.get(path)
    page = clinic.get("/audit")
    assert page.status == 200
    for words in ("Added the patient", "Opened the record", "Created the organisation"):
        assert words in page.page.text
    assert "Ada Lovelace" not in page.text
    assert "Looked at the audit trail" in clinic.get("/audit?action=audit.view").text


def test_filters_narrow_and_tell_what_is_wrong(clinic):
    path = clinic.add_patient("Ada Lovelace")
    rows = clinic.get("/audit?action=patient.add").text
    assert rows.count("<th scope=\"row\">") == 1
    assert clinic.get(f"/audit?patient={path.rsplit('/', 1)[1]}").text.count("<th scope=\"row\">") == 1
    assert clinic.get("/audit?actor=admin@example.org").text.count("<th scope=\"row\">") >= 2
    assert clinic.get("/audit?to=2001-01-01").text.count("<th scope=\"row\">") == 0
    for wrong in ("from=nonsense", "actor=nobody@example.org", "patient=P00", "action=none"):
        assert clinic.get(f"/audit?{wrong}").status == 422


def test_a_person_is_picked_by_name(server, clinic):
    join(server, clinic, email="zoe@example.org", name="Aaron <Z>")
    text = clinic.get("/audit").text
    offered = re.findall(r'<option value="([^"]*@[^"]*)" (selected )?>([^<]*)<', text)
    assert offered == [("zoe@example.org", "", "Aaron &lt;Z&gt;, zoe@example.org"),
                       ("admin@example.org", "", "Ada Admin, admin@example.org")]
    page = clinic.get("/audit?actor=ZOE@example.org").text
    assert '<option value="zoe@example.org" selected >' in page and "Created the organisation" not in re.sub(
        r"<option.*?</option>", "", page)
    other = server.organisation()
    assert "zoe@example.org" not in other.get("/audit").text


def test_what_was_done_to_an_account_says_whose(server, clinic):
    join(server, clinic, email="zoe@example.org", name="Zoe <Z>")
    person = user_path(clinic, "zoe@example.org")
    token = {"csrf_token": clinic.token(person)}
    assert clinic.post(person + "/disable", token).status == 303
    text = clinic.get("/audit?action=user.disable").text
    assert re.findall(r'Disabled an account <span[^>]*>·</span> <a href="([^"]*)" dir="auto">([^<]*)</a>', text) == [
        ("/audit?actor=zoe%40example.org", "Zoe &lt;Z&gt;")]
    # one piece beside its label on a telephone, and the label's place is not the name's to say
    assert re.search(r'data-label="Action"><span>Disabled an account .*</span></td>', text)
    assert re.search(r'data-label="Person"><span dir="auto">', text)
    assert 'selected >Zoe' in clinic.get("/audit?actor=zoe%40example.org").text
    assert "zoe@example.org" in clinic.get("/audit/export.csv?action=user.disable").text
    again = server.client()
    again.log_in(clinic.organisation, clinic.email, clinic.password)
    own = clinic.get("/audit?action=sign-in").text
    assert "Logged in" in own and '<a href="/audit?actor=' not in own


def test_actions_are_offered_by_what_they_are_about(clinic):
    groups = re.findall(r'<optgroup label="([^"]*)">(.*?)</optgroup>', clinic.get("/audit?action=user.roles").text, re.S)
    titles = [title for title, _ in groups]
    assert titles[0] == "Patients" and "Staff" in titles and len(titles) == len(set(titles)) and "Server" not in titles
    assert 'value="user.roles" selected' in dict(groups)["Staff"]


def test_where_there_are_too_many_to_pick_from_the_address_is_typed(server, clinic):
    with closing(sqlite3.connect(server.database)) as db, db:
        columns = [row[1] for row in db.execute("PRAGMA table_info(users)")]
        own = {"id": "randomblob(16)", "email": "'p' || value || '@example.org'",
               "email_key": "'p' || value || '@example.org'"}
        db.execute(f"INSERT INTO users ({', '.join(columns)}) SELECT {', '.join(own.get(c, f'users.{c}') for c in columns)} "
                   "FROM users JOIN tenants ON tenants.tenant_id = users.tenant_id AND tenants.name = ?, json_each(?)",
                   (clinic.organisation, json.dumps(list(range(100)))))
    page = clinic.get("/audit?actor=p7@example.org")
    assert page.status == 200 and page.page.fields["actor"] == "p7@example.org" and "p8@example.org" not in page.text


def test_long_names_do_not_make_the_page_heavy(server, clinic):
    for i in range(18):
        join(server, clinic, email=f"p{i}@example.org", name=f"{i} " + "n" * 90 + " " + "o" * 90)
    page = clinic.get("/audit")
    assert page.page.fields["actor"] == "" and "nnnn, p" not in page.text


def test_a_record_number_leads_to_all_that_was_done_with_the_record(clinic):
    number = "01890000-0000-7000-8000-000000000001"  # as other registers have them; and what else a file brings
    run(clinic, f"name,mrn\nAda Lovelace,7\nBo Lind,7#3\nCy Ott,7&patient=7\nDi Ek,{number}\n".encode())
    for path in set(re.findall(r'href="(/patients/[0-9a-f-]{36})"', clinic.get("/patients").text)):
        clinic.get(path)
    links = set(re.findall(r'data-label="Record number"><a href="([^"]*)">([^<]*)</a>', clinic.get("/audit").text))
    assert {html.unescape(mrn) for _, mrn in links} == {"7", "7#3", "7&patient=7", number}
    for path, mrn in links:
        page = clinic.get(html.unescape(path)).text
        assert set(re.findall(r'data-label="Record number"><a href="[^"]*">([^<]*)</a>', page)) == {mrn}


def test_older_events_follow_by_key(clinic):
    path = clinic.add_patient("Ada Lovelace")
    for _ in range(55):
        clinic.get(path)
    first = clinic.get("/audit")
    assert first.text.count("<th scope=\"row\">") == 50 and "after=" in first.text
    assert clinic.get("/audit?after=6").text.count("<th scope=\"row\">") == 5


def test_trail_is_a_file_for_spreadsheets(clinic):
    clinic.add_patient("Ada Lovelace")
    answer = clinic.get("/audit/export.csv")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "patient.add" in answer.text and "Ada Lovelace" not in answer.text


DAY = 24 * 3600 * 10 ** 6


def lengthen(server, name, count, at, step):
    """The organisation's trail, longer: copies of its last event, later and later."""
    with sqlite3.connect(server.database) as db:
        tenant, last = db.execute("SELECT tenant_id, number FROM audit_heads JOIN tenants USING "
                                  "(tenant_id) WHERE name = ?", (name,)).fetchone()
        db.execute("WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
                   "INSERT INTO audit_events SELECT tenant_id, number + i, ? + i * ?, actor_id, "
                   "actor_name, session, address, 6, outcome, object_id, patient_id, reason, "
                   "digest FROM audit_events, n WHERE tenant_id = ? AND number = ?",
                   (count, at, step, tenant, last))
        db.execute("UPDATE audit_heads SET number = number + ? WHERE tenant_id = ?", (count, tenant))
    db.close()


def test_what_is_rare_is_found_without_reading_the_whole_trail_at_once(make_server):
    server = make_server()  # its trail is broken below
    clinic = server.organisation()
    clinic.add_patient("Ada Lovelace")
    # minute by minute from 2040 on
    lengthen(server, clinic.organisation, 45000, 70 * 365 * DAY, 60 * 10 ** 6)
    page, turns = clinic.get("/audit?action=patient.add"), 1
    while "<th scope=\"row\">" not in page.text:
        assert page.status == 200 and "so far" in page.text
        page = clinic.get(re.search(r'rel="next" href="([^"]*)"', page.text)[1].replace("&amp;", "&"))
        turns += 1
    assert page.text.count("<th scope=\"row\">") == 1 and turns == 3
    assert "rel=\"next\"" not in page.text
    assert clinic.get("/audit/export.csv?action=patient.add").text.count("patient.add") == 1
    assert clinic.get("/audit/export.csv?action=patient.view").text.count("patient.view") >= 45000
    # a day in the middle is reached without leafing through what is newer
    day = clinic.get("/audit?from=2039-12-20&to=2039-12-20")
    assert day.text.count("<th scope=\"row\">") == 50 and day.text.count("2039-12-20") >= 50
