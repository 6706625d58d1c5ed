"""Reading the trail: who may, what is shown, and that reading is recorded."""


def test_administrator_reads_what_was_done(clinic):
    path = clinic.add_patient("Ada Lovelace")
    clinic.get(path)
    page = clinic.get("/audit")
    assert page.status == 200
    for words in ("Add a patient", "Open a patient&#39;s record", "Create the organisation"):
        assert words in page.text or words.replace("&#39;", "'") in page.text
    assert "Ada Lovelace" not in page.text
    assert "Read the audit trail" in clinic.get("/audit?action=audit.view").text


def test_filters_narrow_and_tell_what_is_wrong(clinic):
    path = clinic.add_patient("Ada Lovelace")
    rows = clinic.get("/audit?action=patient.add").text
    assert rows.count("<th scope=\"row\">") == 1
    assert clinic.get(f"/audit?patient={path.rsplit('/', 1)[1]}").text.count("<th scope=\"row\">") == 1
    assert clinic.get("/audit?actor=admin@example.org").text.count("<th scope=\"row\">") >= 2
    assert clinic.get("/audit?to=2001-01-01").text.count("<th scope=\"row\">") == 0
    for wrong in ("from=nonsense", "actor=nobody@example.org", "patient=P00", "action=none"):
        assert clinic.get(f"/audit?{wrong}").status == 422


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


def test_who_has_seen_a_record_is_told(clinic, server):
    path = clinic.add_patient("Ada Lovelace")
    clinic.get(path)
    page = clinic.get(path + "/accesses")
    assert page.status == 200 and page.text.count("<li>\n<p><time") == 2
    other = server.organisation()
    assert other.get(path + "/accesses").status == 404
