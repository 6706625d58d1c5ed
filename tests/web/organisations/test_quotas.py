"""What an organisation may keep has limits, so that one cannot fill the disk of all; whoever reaches one is
told which, and who can help; nobody learns anything of another organisation."""
import json
import re
import sqlite3
import subprocess

from test_import_jobs import DONE, await_state
from test_merge import merge, of
from test_patient_import import at_rest, check, post, run, total, upload
from test_people import OTHER, invite, join

from harness import MODULE

HELP = "An administrator of your organisation can ask whoever runs this server for more."


def ctl(server, *arguments):
    return subprocess.run([MODULE.parent / "medsynqctl", "--database", server.database, *arguments],
                          check=True, capture_output=True, text=True).stdout


def size(server, clinic):
    """What the command says of an organisation."""
    row, = [row for row in json.loads(ctl(server, "org", "list", "--json")) if row["name"] == clinic.organisation]
    return row


def assert_full(answer, which):
    assert answer.status == 409, answer.text
    assert which in answer.page.text and HELP in answer.page.text


def csv(count):
    return b"name\n" + b"".join(b"Person Number %d\n" % i for i in range(count))


def test_patients_up_to_the_limit_and_what_was_typed_comes_back(make_server):
    server = make_server("MedSynQQuota patients 2")
    clinic, other = server.organisation(), server.organisation()
    first = clinic.add_patient("First Patient")
    clinic.add_patient("Second Patient")
    answer = clinic.submit("/patients/new", name="Third Patient")
    assert_full(answer, "Your organisation has 2 patients, as many as this server lets it have.")
    assert answer.page.fields["name"] == "Third Patient"
    assert total(clinic) == 2 and "MSQ0057" in server.log()
    assert "Third" not in server.log() and clinic.organisation not in server.log()
    # an archived one is kept, too; what is there can be worked on; nobody else is concerned
    token = clinic.get(first).page.fields
    assert clinic.post(first + "/archive", {"csrf_token": token["csrf_token"], "version": "1",
                                            "reason": "moved"}).status == 303
    assert clinic.submit("/patients/new", name="Third Patient").status == 409
    other.add_patient("Theirs")


def test_a_merge_frees_no_place_and_its_undo_is_never_refused(make_server):
    server = make_server("MedSynQQuota patients 2")
    clinic = server.organisation()
    ana, anna = (clinic.add_patient(name).split("?")[0] for name in ("Ana Lima", "Zoe Ash"))
    assert clinic.submit("/patients/new", name="Third Patient").status == 409
    merge(clinic, ana, anna)
    assert size(server, clinic)["patients_kept"] == 2
    assert clinic.submit("/patients/new", name="Third Patient").status == 409  # or the undo would pass the limit
    form = clinic.get(f"{ana}/unmerge?other={of(anna)}").page.fields
    assert clinic.post(f"{ana}/unmerge", form).status == 303
    assert size(server, clinic)["patients_kept"] == 2 and clinic.get(anna).status == 200


def test_from_four_fifths_on_its_people_are_told(make_server):
    server = make_server("MedSynQQuota patients 5\nMedSynQQuota people off")
    clinic, other = server.organisation(), server.organisation()
    for number in range(3):
        clinic.add_patient(f"Patient {number}")
    assert "lets it have" not in clinic.get("/dashboard").text
    clinic.add_patient("Patient 3")
    page = clinic.get("/dashboard").page.text
    assert "4 patients of the 5 that this server lets it have" in page and "runs this server for more" in page
    assert "lets it have" not in other.get("/dashboard").text
    page = re.sub(r"\s+", " ", clinic.get("/organisation").page.text)
    assert "Patients 4 5" in page and "Staff 1 –" in page and "Patients 0 5" in re.sub(
        r"\s+", " ", other.get("/organisation").page.text)


def test_people_up_to_the_limit_also_by_links_that_are_out(make_server):
    server = make_server("MedSynQQuota people 2")
    clinic = server.organisation()
    late = invite(clinic, email="late@example.org")
    join(server, clinic)
    full = "Your organisation has 2 people, as many as this server lets it have."
    assert_full(clinic.submit("/users/invite", name="Cy", email="cy@example.org", role="auditor",
                              password=clinic.password), full)
    assert_full(server.client().submit(late, password=OTHER), full)
    assert size(server, clinic)["people"] == 2
    ctl(server, "user", "invite", clinic.organisation, "cy@example.org", "--name", "Cy", "--roles", "auditor")


def test_files_that_wait_up_to_the_limit(make_server):
    server = make_server("MedSynQQuota files 2")
    clinic, other = server.organisation(), server.organisation()
    first = upload(clinic, csv(3)).location
    assert upload(clinic, csv(4)).status == 303
    assert_full(upload(clinic, csv(5)), "2 files that wait to be imported")
    assert size(server, clinic)["files"] == 2 and size(server, clinic)["file_bytes"] > 7 * len("Person Number 1")
    assert upload(other, csv(1)).status == 303
    assert post(clinic, first, "discard").status == 303
    answer = upload(clinic, csv(6))
    for _ in range(600):  # its rows go in the next turn of the worker
        if answer.status == 303:
            break
        answer = upload(clinic, csv(6))
    assert answer.status == 303


def test_an_import_is_refused_before_it_adds_anybody(make_server):
    server = make_server("MedSynQQuota patients 5")
    clinic = server.organisation()
    href, _ = check(clinic, csv(6))
    assert_full(post(clinic, href, "commit"), "5 patients")
    assert total(clinic) == 0
    clinic.add_patient("One before")
    href, _ = run(clinic, csv(4))
    assert total(clinic) == 5 and size(server, clinic)["patients_kept"] == 5
    assert_full(clinic.submit("/patients/new", name="One more"), "5 patients")
    full = size(server, clinic)["bytes"]
    assert post(clinic, href, "undo").status == 303
    at_rest(clinic, href)
    undone = size(server, clinic)
    assert undone["patients_kept"] == 1 and 0 < undone["bytes"] < full
    clinic.add_patient("One more")


def test_undoing_an_import_gives_back_what_it_took_and_no_more(make_server):
    server = make_server()
    clinic = server.organisation()
    clinic.add_patient("Stays")
    before = size(server, clinic)["bytes"]
    cells = b"name,notes,of no use\nAnn Able,seen,%s\nBo Brown,,%s\n" % (b"x" * 3000, b"y" * 3000)
    for _ in range(2):
        href, _ = check(clinic, cells)
        begun = size(server, clinic)["bytes"]
        assert post(clinic, href, "commit").status == 303
        await_state(server, href, DONE)
        assert size(server, clinic)["bytes"] > begun + 2 * 400
        assert post(clinic, href, "undo").status == 303
        at_rest(clinic, href)
        assert size(server, clinic)["bytes"] == begun
    assert before < begun < before + 3000, "two files have been here"


def test_bytes_stop_what_is_new_first_and_notes_a_tenth_later(make_server):
    server = make_server("MedSynQQuota bytes 40k")
    clinic, other = server.organisation(), server.organisation()
    path = clinic.add_patient("Long Story")
    written = 0
    while clinic.submit(path + "/notes", path, content="a word " * 150, sign="1").status == 303:
        written += 1
        assert written < 60
    assert_full(clinic.submit(path + "/notes", path, content="a word " * 150, sign="1"),
                "all of the 40.0 kB that this server lets it store")
    kept = size(server, clinic)["bytes"]
    assert 40 * 1024 < kept <= 44 * 1024, kept
    with sqlite3.connect(f"file:{server.database}?mode=ro", uri=True) as database:
        stored, = database.execute("SELECT sum(length(content)) FROM patient_notes").fetchone()
    assert 0.7 * kept < stored <= kept
    full = "all of the 40.0 kB"
    assert_full(clinic.submit("/patients/new", name="Another"), full)
    assert_full(upload(clinic, csv(1)), full)
    assert_full(clinic.submit("/users/invite", name="Cy", email="cy@example.org", role="auditor",
                              password=clinic.password), full)
    assert clinic.get(path).status == 200 and clinic.get("/patients?q=long").status == 200
    other.add_patient("Theirs")


def test_off_is_no_limit_and_a_host_has_its_own(make_server):
    server = make_server("MedSynQQuota patients off\nMedSynQQuota bytes off\n")
    clinic = server.organisation()
    clinic.add_patient("One")
    assert re.search(r"Patients\s+1\s+–", clinic.get("/organisation").page.text)


def test_the_list_of_the_command_reads_well(make_server):
    server = make_server()
    clinic = server.organisation()
    clinic.add_patient("One")
    assert re.search(r"^active +1 people +1 patients +1 kept +\d+ ?, 0 files +0 ?, \d+ events  Clinic",
                     ctl(server, "org", "list"), re.M)


def migrate(server, name, before):
    """Run a migration on a database in which SQL was run before it."""
    with sqlite3.connect(server.database) as database:
        database.execute(before)
        script, = (MODULE.parents[2] / "mod_medsynq/store/migrations").glob(f"*_{name}.sql")
        database.executescript(script.read_text())


def test_what_was_there_before_is_reckoned_by_the_migration(make_server):
    server = make_server()
    clinic, other = server.organisation(), server.organisation()
    for name in ("One", "Two"):
        clinic.add_patient(name, notes="n" * 5000)
    counted = size(server, clinic)
    server.stop()
    migrate(server, "room", "DELETE FROM counters WHERE name LIKE 'room.%'")
    row, theirs = size(server, clinic), size(server, other)
    assert (row["patients_kept"], row["people"]) == (2, 1) and theirs["patients_kept"] == 0
    assert 0.8 * counted["bytes"] < row["bytes"] < 1.3 * counted["bytes"] and theirs["bytes"] == 0


def test_who_was_merged_before_gets_their_place_again_by_the_migration(make_server):
    server = make_server()
    clinic, other = server.organisation(), server.organisation()
    ana, anna = (clinic.add_patient(name).split("?")[0] for name in ("Ana Lima", "Zoe Ash"))
    other.add_patient("Theirs")
    merge(clinic, ana, anna)
    counted = size(server, clinic)
    server.stop()
    migrate(server, "places_of_separable",
            "UPDATE counters SET value = 1 WHERE name = 'room.patients'")
    assert size(server, clinic) == counted and counted["patients_kept"] == 2
    assert size(server, other)["patients_kept"] == 1
