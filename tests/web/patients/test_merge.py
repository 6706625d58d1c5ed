"""Two records of one person become one, and two again, as people do it: pages, old addresses, forms that were
open meanwhile; two at once; a server that is killed in between."""
import concurrent.futures
import json
import os
import re
import signal
import sqlite3
import threading

import pytest
from harness import until
from test_org_export import ctl, read
from test_people import join


def of(path):
    return path.rsplit("/", 1)[-1]


def number(clinic, path):
    return re.search(r"Record number</dt><dd>(\S+)</dd>", clinic.get(path).text)[1]


@pytest.fixture
def two(clinic):
    """The one that stays, the one that is merged into it"""
    ana = clinic.add_patient("Ana Lima", date_of_birth="1980-04-03", phone1="0161 496 0000", notes="Ana's first")
    anna = clinic.add_patient("Anna Lyma", date_of_birth="1980-04-03", phone1="0131 496 0001",
                              email="anna@example.org", notes="Anna's first")
    return ana, anna


def said_of(answer):
    """All but the token and the number of the request"""
    return re.sub(r'value="[^"]*"|<code>.*?</code>', "", answer.text)


def form_of(clinic, target, source):
    page = clinic.get(f"{target}/merge?other={of(source)}")
    assert page.status == 200, page.text
    return page.page.fields


def merge(clinic, target, source, **answers):
    form = form_of(clinic, target, source)
    answer = clinic.post(f"{target}/merge", {**form, **answers})
    assert (answer.status, answer.location) == (303, target), answer.text
    return form


def followed(clinic, path):
    """@return where an old address leads, and the page there"""
    answer = clinic.get(path)
    assert answer.status == 303, (path, answer.status)
    return answer.location, clinic.get(answer.location).page.text


def test_the_page_shows_both_and_suggests_what_drops_nothing(clinic, two):
    page = clinic.get(f"{two[0]}/merge?other={of(two[1])}")
    text = page.page.text
    for said in ("Ana Lima", "Anna Lyma", number(clinic, two[1]), "0161 496 0000", "0131 496 0001", "anna@example.org"):
        assert said in text, said
    assert page.page.fields["name"] == "this" and page.page.fields["email"] == "other"
    assert page.page.fields["phone1"] == "both"
    merge(clinic, *two)
    record = clinic.get(two[0]).page.text
    for said in ("The two records are one now.", "Ana Lima", "0161 496 0000", "0131 496 0001", "anna@example.org",
                 "Ana's first", "Anna's first"):
        assert said in record, said
    assert "The two records are one now." not in clinic.get(two[0]).page.text


def test_what_is_chosen_is_kept(clinic, two):
    merge(clinic, *two, name="other", email="this", phone1="this")
    record = clinic.get(two[0]).page.text
    assert "Anna Lyma" in record and "anna@example.org" not in record and "0131 496 0001" not in record


def test_the_other_record_is_found_as_a_likely_double_or_by_its_number(clinic, two):
    third = clinic.add_patient("Zoe Ash")
    page = clinic.get(f"{two[0]}/merge")
    assert f"{two[0]}/merge?other={of(two[1])}" in page.text and of(third) not in page.text
    found = clinic.get(f"{two[0]}/merge?q={number(clinic, third)}")
    assert f"{two[0]}/merge?other={of(third)}" in found.text
    assert f'href="{two[0]}/merge"' in clinic.get(two[0]).text


def test_old_addresses_lead_on_with_a_word(clinic, two):
    old = number(clinic, two[1])
    merge(clinic, *two)
    clinic.get(two[0])
    for rest in ("", "/edit", "/print", "/label", "/merge", "/unmerge"):
        where, text = followed(clinic, two[1] + rest)
        assert where == two[0] and f"Record {old} was merged into this one." in text, rest
    assert followed(clinic, f"{two[1]}/accesses")[0] == f"{two[0]}/accesses"
    history = clinic.get(f"{two[1]}/history")
    assert history.status == 200 and "Anna Lyma" in history.page.text
    assert "Merged into another record" in history.page.text and "Restore this version" not in history.text
    assert "Another record was merged into this one" in clinic.get(f"{two[0]}/history").page.text


def test_no_list_search_or_export_has_it_and_its_number_finds_the_other(clinic, two):
    old = number(clinic, two[1])
    merge(clinic, *two)
    assert of(two[1]) not in clinic.get("/patients").text and 'class="count">1<' in clinic.get("/patients").text
    found = clinic.get(f"/patients?q={old}")
    assert f'href="{two[0]}"' in found.text and f"replaces {old}" in found.page.text
    assert f'href="{two[0]}"' in clinic.get("/patients?q=Lyma").text and of(two[1]) not in found.text
    assert "Lyma" not in clinic.get("/patients/export.csv?all=1").text


def test_the_export_of_an_organisation_says_which_replaces_which(server, clinic, two, tmp_path):
    merge(clinic, *two)
    folder = tmp_path / "out"
    ctl(server.database, "org", "export", clinic.organisation, folder)
    said = {p["id"]: p for p in read(folder, "patients")}
    assert said[of(two[1])]["status"] == "replaced" and said[of(two[1])]["replaced_by"] == of(two[0])
    assert said[of(two[0])].get("replaced_by") is None and said[of(two[0])]["change"] == "merged"
    assert {n["patient_id"] for n in read(folder, "patient_notes")} == {of(two[0])}
    assert json.loads((folder / "organisation.json").read_text())


def test_a_note_written_meanwhile_leads_to_the_other_with_its_text(clinic, two):
    form = clinic.get(two[1]).page.fields
    merge(clinic, *two)
    answer = clinic.post(f"{two[1]}/notes", {"csrf_token": form["csrf_token"], "form_token": form["form_token"],
                                            "content": "Typed <for> her", "sign": "1"})
    assert answer.status == 409 and "Typed <for> her" in answer.page.text and "Ana Lima" in answer.page.text
    assert "Nothing of it has been saved" in answer.page.text
    assert "Typed <for> her" not in clinic.get(two[0]).page.text
    sent = clinic.post(f"{two[0]}/notes", answer.page.fields)
    assert sent.status == 303 and sent.location.partition("#")[0] == two[0]
    assert clinic.get(two[0]).page.text.count("Typed <for> her") == 1
    assert clinic.post(f"{two[0]}/notes", answer.page.fields).status == 303  # the same form again
    assert clinic.get(two[0]).page.text.count("Typed <for> her") == 1


def test_an_edit_made_meanwhile_asks_about_what_the_person_changed_alone(clinic, two):
    form = clinic.get(f"{two[1]}/edit").page.fields
    merge(clinic, *two)
    kept = clinic.get(f"{two[0]}/edit").page.fields
    wrong = clinic.post(f"{two[1]}/edit", {**form, "phone1": "call me"})
    assert wrong.status == 422 and wrong.page.fields["version"] == form["version"]
    assert f'action="{two[1]}/edit"' in wrong.text
    answer = clinic.post(f"{two[1]}/edit", {**form, "address": "2 Quay", "name": "Anne Lyma"})
    assert answer.status == 409 and "2 Quay" in answer.page.text
    assert set(re.findall(r'name="(take_\w+)"', answer.text)) == {"take_name"}
    assert "2 Quay" not in clinic.get(two[0]).page.text
    action = re.search(r'<form[^>]* action="([^"]*/edit)"', answer.text)[1]
    sent = clinic.post(action, {**answer.page.fields, "take_name": "theirs"})
    assert sent.status == 303 and sent.location == two[0] and "2 Quay" in clinic.get(two[0]).page.text
    now = clinic.get(f"{two[0]}/edit").page.fields
    assert {name for name in kept if kept[name] != now[name]} == {"address", "version", "csrf_token"}


def test_an_edit_of_nothing_leaves_the_other_record_as_it_is(clinic, two):
    form = clinic.get(f"{two[1]}/edit").page.fields
    merge(clinic, *two)
    kept = clinic.get(two[0] + "/edit").page.fields
    assert clinic.post(f"{two[1]}/edit", form).status == 303
    now = clinic.get(two[0] + "/edit").page.fields
    assert {name for name in kept if kept[name] != now[name]} == {"csrf_token"}


def test_nothing_else_is_done_to_it_in_silence(clinic, two):
    token = clinic.token(two[1])
    merge(clinic, *two)
    for rest, fields in (("archive", {"version": "1", "reason": "moved away"}), ("restore", {"version": "1"}),
                         ("history/1/restore", {"version": "1"})):
        answer = clinic.post(f"{two[1]}/{rest}", {"csrf_token": token, **fields})
        assert answer.status == 409 and f'href="{two[0]}"' in answer.text, rest
        assert "Save it in this record" not in answer.page.text
        assert fields.get("reason", "") in answer.page.text
    assert "archived" not in clinic.get(two[0]).page.text


def test_one_form_merges_once(clinic, two):
    form = merge(clinic, *two)
    again = clinic.post(f"{two[0]}/merge", form)
    assert (again.status, again.location) == (303, two[0])
    late = clinic.post(f"{two[0]}/merge", {k: v for k, v in form.items() if k != "form_token"})
    assert (late.status, late.location) == (303, two[0])  # it was merged already
    assert clinic.get(f"{two[0]}/history").page.text.count("Another record was merged into this one") == 1


def test_a_record_that_has_changed_is_shown_again_with_the_choices(clinic, two):
    form = form_of(clinic, *two)
    assert clinic.submit(f"{two[1]}/edit", **{**clinic.get(f"{two[1]}/edit").page.fields, "sex": "female"}).status == 303
    answer = clinic.post(f"{two[0]}/merge", {**form, "name": "other", "phone1": "this"})
    assert answer.status == 409 and "your choices are kept" in answer.page.text
    assert answer.page.fields["name"] == "other" and answer.page.fields["phone1"] == "this"
    assert clinic.post(f"{two[0]}/merge", answer.page.fields).status == 303
    assert "Anna Lyma" in clinic.get(two[0]).page.text and "Female" in clinic.get(two[0]).page.text


def test_choices_that_contradict_each_other_are_asked_again(clinic):
    old = clinic.add_patient("Ana Lima", date_of_birth="1920-01-01", deceased="1", deceased_date="2001-01-01")
    young = clinic.add_patient("Ana Lima", date_of_birth="2020-01-01")
    form = form_of(clinic, young, old)
    answer = clinic.post(f"{young}/merge", {**form, "date_of_birth": "this"})
    assert answer.status == 422 and "does not go together" in answer.page.text
    assert clinic.post(f"{young}/merge", {**answer.page.fields, "date_of_birth": "other"}).status == 303
    assert "deceased" in clinic.get(young).page.text


def test_an_archived_record_takes_nobody(clinic, two):
    form = clinic.get(two[0]).page.fields
    assert clinic.post(f"{two[0]}/archive", {**form, "reason": "moved"}).status == 303
    page = clinic.get(f"{two[0]}/merge?other={of(two[1])}")
    assert "is archived" in page.page.text and "Merge the two records" not in page.text
    assert clinic.post(f"{two[0]}/merge", page.page.fields).status == 409
    merge(clinic, two[1], two[0])


def test_others_may_not_and_strangers_find_nothing(server, clinic, two):
    form = form_of(clinic, *two)
    for role in ("front-desk", "auditor", "admin"):
        person = join(server, clinic, email=f"only-{role}@example.org", roles=(role,), name=f"Only {role}")
        assert person.get(f"{two[0]}/merge?other={of(two[1])}").status == 403
        assert person.post(f"{two[0]}/merge", {**form, "csrf_token": person.token("/logout")}).status == 403
    stranger = server.organisation()
    mine = stranger.add_patient("Mine")
    token = {"csrf_token": stranger.token("/logout")}
    never = stranger.get("/patients/01980000-0000-7000-8000-000000000000")
    for path in (f"{two[0]}/merge?other={of(two[1])}", f"{mine}/merge?other={of(two[1])}", f"{two[0]}/unmerge"):
        assert stranger.get(path).status == 404
    assert stranger.post(f"{mine}/merge", {**form, **token, "other": of(two[1])}).status == 404
    merge(clinic, *two)
    assert stranger.get(two[1]).status == 404
    assert said_of(stranger.get(two[1])) == said_of(never)


def test_separated_both_are_back_and_each_thing_added_since_is_asked_about(clinic, two):
    merge(clinic, *two)
    for text in ("Since, for Ana", "Since, for Anna"):
        form = clinic.get(two[0]).page.fields
        assert clinic.post(f"{two[0]}/notes", {"csrf_token": form["csrf_token"], "content": text, "sign": "1"}).status == 303
    assert f'href="{two[0]}/unmerge?other={of(two[1])}"' in clinic.get(f"{two[0]}/unmerge").text
    page = clinic.get(f"{two[0]}/unmerge?other={of(two[1])}")
    assert "Since, for Ana" in page.page.text and "Ana's first" not in page.page.text
    asked = {n: text for n, text in re.findall(r'name="(patient_notes\.[^"]+)" value="other"', page.text) and [
        (block[0], block[1]) for block in ((re.search(r'name="(patient_notes[^"]+)"', b)[1], b)
                                           for b in page.text.split("<fieldset")[1:])]}
    assert len(asked) == 2
    hers = next(n for n, block in asked.items() if "Since, for Anna" in block)
    answer = clinic.post(f"{two[0]}/unmerge", {**page.page.fields, hers: "other"})
    assert (answer.status, answer.location) == (303, two[0]), answer.text
    ana, anna = clinic.get(two[0]).page.text, clinic.get(two[1]).page.text
    assert "separate again" in ana and "Since, for Ana" in ana and "Ana's first" in ana
    assert "Anna" not in ana.replace("Anna was", "") and "anna@example.org" not in ana
    assert all(said in anna for said in ("Anna Lyma", "anna@example.org", "Anna's first", "Since, for Anna"))
    again = clinic.post(f"{two[0]}/unmerge", page.page.fields)
    assert (again.status, again.location) == (303, two[0])  # the same form


def test_what_was_added_while_the_page_was_open_is_asked_about(clinic, two):
    merge(clinic, *two)
    page = clinic.get(f"{two[0]}/unmerge?other={of(two[1])}").page.fields
    form = clinic.get(two[0]).page.fields
    assert clinic.post(f"{two[0]}/notes", {"csrf_token": form["csrf_token"], "content": "Meanwhile", "sign": "1"}).status == 303
    answer = clinic.post(f"{two[0]}/unmerge", page)
    assert answer.status == 409 and "Meanwhile" in answer.page.text
    assert clinic.post(f"{two[0]}/unmerge", answer.page.fields).status == 303
    assert "Meanwhile" in clinic.get(two[0]).page.text and "Meanwhile" not in clinic.get(two[1]).page.text


def test_two_merges_at_once_leave_one_record(server, clinic, two):
    people = [server.client(), server.client()]
    for person in people:
        person.log_in(clinic.organisation)
    forms = [form_of(people[0], *two), form_of(people[1], *reversed(two))]
    start = threading.Barrier(2)

    def send(n):
        start.wait()
        return people[n].post(f"{two[n]}/merge", forms[n]).status
    with concurrent.futures.ThreadPoolExecutor() as pool:
        answers = list(pool.map(send, (0, 1)))
    assert sorted(answers) == [303, 409], answers
    stays = answers.index(303)
    assert clinic.get(two[stays]).status == 200
    assert followed(clinic, two[1 - stays])[0] == two[stays]
    assert "Ana's first" in clinic.get(two[stays]).page.text and "Anna's first" in clinic.get(two[stays]).page.text


def is_locked(database):
    connection = sqlite3.connect(database, timeout=0, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
        return False
    except sqlite3.OperationalError as error:
        return "locked" in str(error)
    finally:
        connection.close()


def test_a_server_that_is_killed_in_between_has_merged_all_or_nothing(make_server, tmp_path):
    os.chmod(tmp_path, 0o755)
    server = make_server(state=tmp_path / "state")
    clinic = server.organisation()
    ana = clinic.add_patient("Ana Lima", notes="Ana's first")
    anna = clinic.add_patient("Anna Lyma", notes="Anna's first")
    notes = 20_000
    with sqlite3.connect(server.database) as owner:
        owner.execute("""
            WITH RECURSIVE s(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM s WHERE value < ?)
            INSERT INTO patient_notes (tenant_id, patient_id, id, author_id, content, created_at, status, signed_at)
            SELECT n.tenant_id, n.patient_id, CAST(substr(n.id, 1, 8) || printf('%08d', s.value) AS BLOB),
                n.author_id, 'one of many', n.created_at, n.status, n.signed_at
            FROM patient_notes n, s WHERE n.content LIKE 'Anna%'""", (notes,))
    owner.close()
    form = form_of(clinic, ana, anna)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        sent = pool.submit(lambda: clinic.post(f"{ana}/merge", form))
        until(lambda: sent.done() or is_locked(server.database), "the merge is under way", 60)
        os.killpg(os.getpgid(server.pid), signal.SIGKILL)
        server.process.wait(30)
        sent.exception(60)
    again = make_server(state=tmp_path / "state")
    client = again.client()
    client.log_in(clinic.organisation)
    with sqlite3.connect(again.database) as owner:
        moved, = owner.execute("SELECT count(*) FROM patient_notes n JOIN patients p ON p.id = n.patient_id "
                               "WHERE p.name = 'Ana Lima' AND n.content <> 'Ana''s first'").fetchone()
        links, = owner.execute("SELECT count(*) FROM patient_merges").fetchone()
        noted, = owner.execute("SELECT count(*) FROM patient_merge_parts").fetchone()
        events, = owner.execute("SELECT count(*) FROM audit_events WHERE action = 95").fetchone()
    owner.close()
    assert (moved, links, noted, events) in ((0, 0, 0, 0), (notes + 1, 1, notes + 1, 2))
    if not links:
        merge(client, ana, anna)
    page = client.get(f"{ana}/unmerge?other={of(anna)}")
    assert client.post(f"{ana}/unmerge", page.page.fields).status == 303
    assert "Ana's first" in client.get(ana).page.text and "one of many" not in client.get(ana).page.text
    assert "one of many" in client.get(anna).page.text
