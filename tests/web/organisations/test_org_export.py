"""medsynqctl org export: everything of one organisation, nothing of another, whole or not at all."""
import json
import os
import sqlite3
import threading
from contextlib import closing

from harness import until
from test_ctl import ctl
from test_people import join


def read(folder, part):
    return [json.loads(line) for line in (folder / f"{part}.ndjson").read_text().splitlines()]


def test_everything_of_one_organisation_is_there(server, clinic, tmp_path):
    other = server.organisation()
    foreign = other.add_patient("Foreign Person", notes="a foreign note")
    other.post(f"{foreign}/allergies", {"csrf_token": other.token(foreign), "substance": "Foreign dust",
                                        "status": "active"})
    path = clinic.add_patient("Ann Able", date_of_birth="1975-04-03", notes="Came <again>.\nTwice.")
    edit = clinic.submit(f"{path}/edit", name="Ann Able-Baker", phone1="+49 30 1234567")
    assert edit.status == 303, edit.text
    token = {"csrf_token": clinic.token(path)}
    for fields in ({"none_known": "1"}, {"substance": "Latex", "severity": "mild", "status": "active"}):
        assert clinic.post(f"{path}/allergies", {**token, **fields}).status == 303
    join(server, clinic)
    second = clinic.add_patient("Bea Baker").rsplit("/")[-1]
    clinic.get("/patients")
    folder = tmp_path / "out"
    ctl(server.database, "org", "export", clinic.organisation, folder)
    summary = json.loads((folder / "organisation.json").read_text())
    assert summary["organisation"] == clinic.organisation
    assert summary["settings"]["time_zone"] is None and "two_factor_from" in summary["settings"]
    for row in summary["files"]:
        assert len(read(folder, row["name"].removesuffix(".ndjson"))) == row["lines"]
    patient, _ = read(folder, "patients")
    assert patient["id"] == path.rsplit("/")[-1] and patient["name"] == "Ann Able-Baker"
    assert patient["version"] == 2 and patient["change"] == "edited" and patient["status"] == "active"
    version, = read(folder, "patient_versions")
    assert version["patient_id"] == patient["id"] and version["name"] == "Ann Able"
    assert version["date_of_birth"] == "1975-04-03" and version["version"] == 1
    note, = read(folder, "patient_notes")
    assert note["content"] == "Came <again>.\nTwice." and note["patient_id"] == patient["id"]
    none, latex = read(folder, "chart_items")
    assert (none["kind"], none["none_known"], none["state"]) == ("allergies", True, "overtaken")
    assert (latex["resource"], latex["substance"], latex["severity"]) == ("AllergyIntolerance", "Latex", "mild")
    assert none["patient_id"] == latex["patient_id"] == patient["id"]
    was, = read(folder, "chart_item_versions")
    assert (was["item_id"], was["version"], was["state"], was["kind"]) == (none["id"], 1, "stands", "allergies")
    assert (was["patient_id"], was["item"]) == (patient["id"], "No known allergies")
    people = read(folder, "people")
    assert [p["email"] for p in people] == ["admin@example.org", "bo@example.org"]
    assert note["author_id"] == people[0]["id"] == patient["created_by"]
    events = read(folder, "audit_events")
    assert [e["number"] for e in events] == list(range(1, len(events) + 1))
    assert events[-1]["action"] == "organisation.export" and "medsynqctl" in events[-1]["actor_name"]
    assert len({e["digest"] for e in events}) == len(events) and all(len(e["digest"]) == 64 for e in events)
    patients = {tuple(g["patients"]) for g in read(folder, "audit_groups")}
    assert patients == {(path.rsplit("/")[-1], second)}
    everything = "".join(f.read_text() for f in folder.iterdir())
    assert "Foreign" not in everything and "$2y$" not in everything and "foreign" not in everything
    owner = server.database.stat().st_uid
    assert {f.stat().st_uid for f in folder.iterdir()} == {owner}
    assert {f.stat().st_mode & 0o777 for f in folder.iterdir()} == {0o600}


def test_an_export_that_cannot_be_made_leaves_nothing(server, clinic, tmp_path):
    ctl(server.database, "org", "export", "no such name", tmp_path / "out", code=1)
    assert not (tmp_path / "out").exists()
    (tmp_path / "there").mkdir()
    ctl(server.database, "org", "export", clinic.organisation, tmp_path / "there", code=1)
    assert os.listdir(tmp_path / "there") == []
    ctl(server.database, "org", "export", clinic.organisation, code=64)


def test_parts_of_an_export_are_of_one_moment(make_server, tmp_path):
    """Each patient has its first note in the same transaction: none without the other."""
    server = make_server()
    clinic = server.organisation()
    told, end = [], threading.Event()

    def write():
        while not end.is_set():
            told.append(clinic.add_patient(f"Ada Number{len(told)}", notes="with a note"))

    writer = threading.Thread(target=write)
    writer.start()
    until(lambda: len(told) > 20, "patients are written")
    sure = list(told)
    for number in range(3):
        folder = tmp_path / f"out{number}"
        ctl(server.database, "org", "export", clinic.organisation, folder)
        patients = {p["id"] for p in read(folder, "patients")}
        noted = {n["patient_id"] for n in read(folder, "patient_notes")}
        added = {e["patient_id"] for e in read(folder, "audit_events") if e["action"] == "patient.add"}
        assert patients == noted == added
        assert {path.rsplit("/")[-1] for path in sure} <= patients
    end.set()
    writer.join()


def test_more_than_a_piece_is_exported_once(tmp_path):
    database = tmp_path / "medsynq.db"
    ctl(database, "demo", "--tenants", 2, "--patients", 2400)
    with closing(sqlite3.connect(database)) as db, db:
        name, tenant = db.execute("SELECT name, tenant_id FROM tenants WHERE tenant_id <> 0").fetchone()
        ids = {row[0].hex() for row in db.execute("SELECT id FROM patients WHERE tenant_id = ?",
                                                  (tenant,))}
    ctl(database, "org", "export", name, tmp_path / "out", "--json")
    patients = [p["id"].replace("-", "") for p in read(tmp_path / "out", "patients")]
    assert len(patients) == 1200 == len(set(patients)) and set(patients) == ids
