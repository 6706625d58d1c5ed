"""GET /patients/{id}/export.json: everything that is kept of one patient, for who may read all of it."""
import json

from test_people import join


def test_a_copy_is_one_document_with_all_that_the_record_has(server, clinic):
    path = clinic.add_patient("Ann <Able>", date_of_birth="1975-04-03", notes="Came <again>.\nTwice.")
    clinic.add_patient("Bea Baker", notes="somebody else's")
    token = {"csrf_token": clinic.token(path)}
    for kind, fields in (("allergies", {"none_known": "1"}),
                         ("allergies", {"substance": "Latex", "severity": "mild", "status": "active"}),
                         ("problems", {"description": "Cough", "status": "active"})):
        assert clinic.post(f"{path}/{kind}", {**token, **fields}).status == 303
    assert clinic.submit(f"{path}/edit", name="Ann Able-Baker").status == 303
    assert f'href="{path}/export.json"' in clinic.get(path).text
    answer = clinic.get(f"{path}/export.json")
    assert answer.status == 200 and answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="record-{path.rsplit("/")[-1]}.json"')
    assert answer.headers["Cache-Control"] == "no-store"
    copy = json.loads(answer.body)
    assert copy["organisation"] == clinic.organisation and copy["copied_by"] == "Ada Admin"
    record, = copy["patients"]
    assert record["name"] == "Ann Able-Baker" and record["id"] == path.rsplit("/")[-1]
    assert [v["name"] for v in copy["patient_versions"]] == ["Ann <Able>"]
    assert [n["content"] for n in copy["patient_notes"]] == ["Came <again>.\nTwice."]
    assert [i.get("substance", i.get("description")) for i in copy["chart_items"]] == [None, "Latex", "Cough"]
    assert [v["state"] for v in copy["chart_item_versions"]] == ["stands"]
    assert "Bea" not in answer.text and "somebody" not in answer.text


def test_what_a_patient_has_is_on_the_page_on_paper_and_in_the_copy(clinic):
    """Each kind of part, and each kind of the chart, with a word of its own."""
    path = clinic.add_patient("Ann Able", notes="Word of notes.")
    token = {"csrf_token": clinic.token(path), "status": "active"}
    for kind, field in (("allergies", "substance"), ("medicines", "name"), ("problems", "description")):
        assert clinic.post(f"{path}/{kind}", {**token, field: f"Word of {kind}"}).status == 303
    for page in (path, f"{path}/print", f"{path}/export.json"):
        text = clinic.get(page).text
        assert all(text.count(f"Word of {part}") >= 1
                   for part in ("notes", "allergies", "medicines", "problems")), page


def test_who_may_not_read_notes_finds_no_way_to_a_copy(server, clinic):
    path = clinic.add_patient("Ann Able")
    desk = join(server, clinic, roles=("front_desk",))
    assert "export.json" not in desk.get(path).text
    assert desk.get(f"{path}/export.json").status == 403
    other = server.organisation()
    assert other.get(f"{path}/export.json").status == 404
    assert clinic.get("/patients/x/export.json").status == 404
