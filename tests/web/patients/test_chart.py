"""Allergies, medicines and problems of a patient: recorded, changed, in error; in the banner, on paper."""
import re

import pytest

from test_people import OTHER, join

PENICILLIN = {"substance": "Penicillin", "reaction": "Anaphylaxis", "severity": "severe", "status": "active"}
KINDS = {"allergies": PENICILLIN,
         "medicines": {"name": "Amoxicillin", "dose": "500 mg", "route": "by mouth",
                       "frequency": "three times a day", "started": "2024-05-02"},
         "problems": {"description": "Asthma", "onset": "1998", "status": "active"}}
FIRST = {"allergies": "substance", "medicines": "name", "problems": "description"}


def add(clinic, patient, kind, **values):
    form = clinic.get(f"{patient}/{kind}").page.fields
    return clinic.post(f"{patient}/{kind}", {"csrf_token": form["csrf_token"],
                                             "form_token": form["form_token"], **values})


def item_of(clinic, patient, kind, index=0):
    return re.findall(rf'href="({patient}/{kind}/[0-9a-f-]{{36}})"', clinic.get(f"{patient}/{kind}").text)[index]


def banner(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", re.search(
        r'<section class="banner".*?</section>', answer.text, re.S)[0]))


@pytest.mark.parametrize("kind", KINDS)
def test_an_item_is_recorded_shown_and_printed(clinic, kind):
    patient = clinic.add_patient("Ann Lee")
    answer = add(clinic, patient, kind, **KINDS[kind])
    assert (answer.status, answer.location) == (303, f"{patient}/{kind}")
    said = KINDS[kind][FIRST[kind]]
    for page in (f"{patient}/{kind}", patient, f"{patient}/print", item_of(clinic, patient, kind)):
        assert said in clinic.get(page).page.text, page


def test_allergies_stand_in_the_banner_of_every_page_about_the_patient(clinic):
    patient = clinic.add_patient("Ann Lee")
    pages = [patient + below for below in ("", "/edit", "/history", "/print", "/accesses", "/allergies",
                                           "/medicines", "/problems")]
    for page in pages:
        assert "Allergies Not asked yet" in banner(clinic.get(page)), page
    add(clinic, patient, "allergies", none_known="1")
    for page in pages:
        assert "Allergies No known allergies" in banner(clinic.get(page)), page
    add(clinic, patient, "allergies", substance="Latex", status="active")
    add(clinic, patient, "allergies", **PENICILLIN)
    for page in pages + [item_of(clinic, patient, "allergies")]:
        assert "Allergies Penicillin (Severe) Latex" in banner(clinic.get(page)), page
        assert 'class="severe"><span dir="auto">Penicillin' in clinic.get(page).text
    label = clinic.get(f"{patient}/label").page.text
    assert "Penicillin (Severe)" in label and "Latex" in label
    refused = clinic.post(patient + "/edit", {**clinic.get(patient + "/edit").page.fields, "name": ""})
    assert refused.status == 422 and "Penicillin (Severe)" in banner(refused)
    add(clinic, patient, "allergies", substance="Egg", status="resolved")
    assert "Egg" not in banner(clinic.get(patient)) and "Egg" in clinic.get(f"{patient}/allergies").text


def test_the_worse_an_allergy_the_earlier_it_stands_and_none_that_is_worse_is_left_out_for_it(clinic):
    patient = clinic.add_patient("Ann Lee")
    for substance, severity in (("Pollen", ""), ("Latex", "mild"), ("Dust", "mild"), ("Nuts", "mild"), ("Soy", "mild"),
                                ("Egg", "moderate"), ("Penicillin", "severe"), ("Milk", "moderate"), ("Kiwi", "")):
        add(clinic, patient, "allergies", substance=substance, severity=severity, status="active")
    for page in (patient, f"{patient}/print", f"{patient}/allergies"):
        assert ("Allergies Penicillin (Severe) Egg (Moderate) Milk (Moderate) Latex (Mild) Dust (Mild) and 4 more"
                in banner(clinic.get(page))), page
    label = re.sub(" +", " ", clinic.get(f"{patient}/label").page.text)
    assert "Penicillin (Severe) Egg (Moderate) Milk (Moderate) Latex (Mild)" in label
    for page in (patient, f"{patient}/print", f"{patient}/allergies"):
        order = re.findall(r'<p class="item [^>]*>(?:<strong|<a href="[^"]*")[^>]*>(\w+)<', clinic.get(page).text)
        assert order == ["Penicillin", "Egg", "Milk", "Latex", "Dust", "Nuts", "Soy", "Pollen", "Kiwi"], page


@pytest.mark.parametrize("kind,none", [("allergies", "No known allergies"), ("medicines", "Takes no medicines")])
def test_none_is_said_and_ends_with_the_first_item(clinic, kind, none):
    patient = clinic.add_patient("Ann Lee")
    assert add(clinic, patient, kind, none_known="1").status == 303
    assert none in clinic.get(patient).page.text and none in clinic.get(f"{patient}/print").page.text
    add(clinic, patient, kind, **KINDS[kind])
    for page in (patient, f"{patient}/{kind}"):
        assert none not in clinic.get(page).page.text
    assert add(clinic, patient, kind, none_known="1").status == 409


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_has_a_version_and_the_second_loses_nothing(clinic, kind):
    patient = clinic.add_patient("Ann Lee")
    add(clinic, patient, kind, **KINDS[kind])
    item = item_of(clinic, patient, kind)
    form = {**clinic.get(item).page.fields, **KINDS[kind]}
    theirs = {**form, FIRST[kind]: "What they typed"}
    mine = {**form, FIRST[kind]: "What I typed"}
    assert clinic.post(item, theirs).status == 303
    clash = clinic.post(item, mine)
    assert clash.status == 409
    assert "theirs What they typed" in clash.page.text and "yours What I typed" in clash.page.text
    assert clash.page.fields[FIRST[kind]] == "What I typed" and clash.page.fields["version"] == "2"
    assert clinic.post(item, {**KINDS[kind], **clash.page.fields}).status == 303
    text = clinic.get(item).page.text
    for words in ("Version 3", "Version 2", "Version 1", "What they typed", "What I typed"):
        assert words in text
    assert clinic.post(item, {**KINDS[kind], **clinic.get(item).page.fields}).status == 303  # the same is no version
    assert "Version 4" not in clinic.get(item).page.text


def of_form(answer, path):
    """What the form that posts there would send."""
    form = re.search(rf'<form class="column" method="post" action="{path}".*?</form>', answer.text, re.S)[0]
    chosen = dict(re.findall(r'<select id="\w+" name="(\w+)".*?<option value="(\w*)" selected', form, re.S))
    return {**dict(re.findall(r'<input [^>]*name="(\w+)" value="([^"]*)"', form)), **chosen}


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_twice_is_asked_about_and_never_refused(clinic, kind):
    patient, page = clinic.add_patient("Ann Lee"), None
    path = f"{patient}/{kind}"
    add(clinic, patient, kind, **KINDS[kind])
    again = {**KINDS[kind], FIRST[kind]: KINDS[kind][FIRST[kind]].upper()}
    answer = add(clinic, patient, kind, **again)
    assert answer.status == 200
    warning = re.search(r'<section class="warning" id="problem" role="alert" tabindex="-1".*?</section>',
                        answer.text, re.S)[0]
    assert f'href="{item_of(clinic, patient, kind)}"' in warning and "In this record since" in warning
    assert {"allergies": "Anaphylaxis · Severe", "medicines": "500 mg", "problems": "1998"}[kind] in warning
    assert answer.text.index("warning") < answer.text.index('id="add"') + 200 < answer.text.index("<ol")
    typed = of_form(answer, path)
    assert {**typed, **again} == typed and "Save all the same" in answer.page.text
    assert clinic.get(path).text.count(f'href="{path}/') == 1
    assert clinic.post(path, typed).status == 303
    page = clinic.get(path)
    assert page.text.count(f'href="{path}/') == 2 and "recorded already" not in page.text


def test_an_item_that_becomes_what_another_is_asks_too(clinic):
    patient = clinic.add_patient("Ann Lee")
    path = f"{patient}/allergies"
    add(clinic, patient, "allergies", **PENICILLIN)
    add(clinic, patient, "allergies", substance="Penicilin", status="active")
    slip = item_of(clinic, patient, "allergies", 1)
    form = of_form(clinic.get(slip), slip)
    assert clinic.post(slip, {**form, "version": "7", "substance": "penicillin"}).status == 409  # that is told first
    answer = clinic.post(slip, {**form, "substance": "penicillin", "severity": "mild"})
    assert answer.status == 200 and "This is recorded already" in answer.page.text
    assert "Anaphylaxis" in answer.page.text
    typed = of_form(answer, slip)
    assert (typed["substance"], typed["severity"]) == ("penicillin", "mild")
    assert "Penicilin" in clinic.get(path).page.text
    assert clinic.post(slip, typed).status == 303
    form = of_form(clinic.get(slip), slip)
    assert clinic.post(slip, {**form, "severity": "moderate"}).status == 303  # its name stays: nothing to ask


@pytest.mark.parametrize("kind", KINDS)
def test_entered_in_error_it_stays_readable_and_counts_no_more(clinic, kind):
    patient = clinic.add_patient("Ann Lee")
    add(clinic, patient, kind, **KINDS[kind])
    item = item_of(clinic, patient, kind)
    token = {"csrf_token": clinic.token(patient), "version": "1"}
    empty = clinic.post(item + "/error", {**token, "reason": ""})
    assert empty.status == 422 and "Say why this was entered in error." in empty.page.text
    stale = clinic.post(item + "/error", {**token, "version": "7", "reason": "mixed up"})
    assert stale.status == 409 and stale.page.fields["reason"] == "mixed up"
    assert clinic.post(item + "/error", {**token, "reason": "mixed up"}).status == 303
    said = KINDS[kind][FIRST[kind]]
    assert f"Marked as entered in error: {said}" in clinic.get(f"{patient}/{kind}").page.text
    assert said not in clinic.get(patient).page.text
    page = clinic.get(f"{patient}/{kind}").page.text
    assert said in page and "Entered in error: mixed up" in page
    assert "mixed up" in clinic.get(item).page.text
    assert clinic.post(item, {**token, **KINDS[kind], "version": "2"}).status == 409
    late = clinic.post(item, {**token, **KINDS[kind], "version": "1", FIRST[kind]: "What I typed"})
    assert late.status == 409 and "yours What I typed" in late.page.text
    assert "marked it as entered in error while you were editing" in late.page.text
    assert "send it again" not in late.page.text


@pytest.mark.parametrize("kind,wrong,sentence", [
    ("allergies", {"status": "active"}, "Say what causes it."),
    ("allergies", {"substance": "Nuts", "severity": "awful", "status": "active"}, "choose one of the list"),
    ("medicines", {"name": "Aspirin", "started": "2024-05-02", "stopped": "2024-05-01"},
     "The end is before the beginning."),
    ("medicines", {"name": "Aspirin", "stop_reason": "bleeding"}, "Say until when it was taken."),
    ("problems", {"description": "Asthma", "onset": "2999-01-01", "status": "active"}, "is in the future"),
    ("problems", {"onset": "1998", "status": "active"}, "Say what the problem is.")])
def test_what_is_wrong_is_said_and_what_was_typed_stays(clinic, kind, wrong, sentence):
    patient = clinic.add_patient("Ann Lee")
    answer = add(clinic, patient, kind, **wrong)
    assert answer.status == 422 and sentence in answer.page.text
    for name, value in wrong.items():
        assert name in ("status", "severity") or answer.page.fields[name] == value


def test_the_same_form_twice_makes_one_item(clinic):
    patient = clinic.add_patient("Ann Lee")
    form = clinic.get(f"{patient}/allergies").page.fields
    sent = {"csrf_token": form["csrf_token"], "form_token": form["form_token"], **PENICILLIN}
    for _ in range(2):
        assert clinic.post(f"{patient}/allergies", sent).location == f"{patient}/allergies"
    assert len(set(re.findall(rf"{patient}/allergies/[0-9a-f-]{{36}}",
                              clinic.get(f"{patient}/allergies").text))) == 1


def test_the_front_desk_sees_allergies_and_nothing_else_of_the_chart(server, clinic):
    patient = clinic.add_patient("Ann Lee")
    for kind, values in KINDS.items():
        add(clinic, patient, kind, **values)
    join(server, clinic, email="desk@example.org", roles=("front_desk",))
    desk = server.client()
    desk.log_in(clinic.organisation, "desk@example.org", OTHER)
    for page in (patient, f"{patient}/print", f"{patient}/allergies"):
        text = desk.get(page).page.text
        assert "Penicillin" in text and "Amoxicillin" not in text and "Asthma" not in text
        assert "Add an allergy" not in text
    for kind in ("medicines", "problems"):
        assert desk.get(f"{patient}/{kind}").status == 403
        assert desk.get(item_of(clinic, patient, kind)).status == 403
    assert desk.post(f"{patient}/allergies", {"csrf_token": desk.token(patient), **PENICILLIN}).status == 403


def test_an_item_of_another_patient_kind_or_organisation_is_not_there(server, clinic):
    patient = clinic.add_patient("Ann Lee")
    other = clinic.add_patient("Bo Berg")
    add(clinic, patient, "allergies", **PENICILLIN)
    item = item_of(clinic, patient, "allergies")
    stranger = server.organisation()
    nowhere = stranger.get("/patients/00000000-0000-7000-8000-000000000000/allergies")
    assert stranger.get(f"{patient}/allergies").body == nowhere.body or nowhere.status == 404
    for someone, path in ((stranger, f"{patient}/allergies"), (stranger, item),
                          (clinic, item.replace("allergies", "problems")),
                          (clinic, item.replace(patient, other)), (clinic, f"{patient}/allergies/x")):
        assert someone.get(path).status == 404, path
    for someone, path in ((stranger, item), (clinic, item.replace(patient, other))):
        token = someone.token("/patients/new")
        assert someone.post(path, {"csrf_token": token, "version": "1", **PENICILLIN}).status == 404
        assert someone.post(path + "/error", {"csrf_token": token, "version": "1", "reason": "x"}).status == 404
    token = stranger.token("/patients/new")
    assert stranger.post(f"{patient}/allergies", {"csrf_token": token, **PENICILLIN}).status == 404
    assert stranger.post(f"{patient}/allergies", {"csrf_token": token, "none_known": "1"}).status == 404


def test_the_trail_says_who_recorded_what(clinic):
    patient = clinic.add_patient("Ann Lee")
    add(clinic, patient, "medicines", **KINDS["medicines"])
    clinic.get(f"{patient}/medicines")
    text = clinic.get(f"{patient}/accesses").page.text
    assert "Recorded a medicine, or that there is none" in text
    assert "Read the medicines and problems" in text


def test_an_archived_record_is_not_written_into(clinic):
    patient = clinic.add_patient("Ann Lee")
    form = clinic.get(f"{patient}/allergies").page.fields
    clinic.post(patient + "/archive", {"csrf_token": form["csrf_token"], "version": "1", "reason": "moved"})
    assert "Add an allergy" not in clinic.get(f"{patient}/allergies").page.text
    sent = {"csrf_token": form["csrf_token"], "form_token": form["form_token"], **PENICILLIN}
    assert clinic.post(f"{patient}/allergies", sent).status == 409


def test_pages_stay_light(clinic):
    patient = clinic.add_patient("Ann Lee")
    for number in range(25):
        add(clinic, patient, "medicines", **{**KINDS["medicines"], "name": f"Medicine {number}"})
    for page in (patient, f"{patient}/medicines"):
        assert len(clinic.get(page).body) < 40 * 1024


@pytest.mark.parametrize("kind", KINDS)
def test_an_item_of_a_record_that_was_archived_meanwhile_says_so(clinic, kind):
    patient = clinic.add_patient("Ann Able")
    assert add(clinic, patient, kind, **KINDS[kind]).status == 303
    item = item_of(clinic, patient, kind)
    form = clinic.get(item).page.fields
    assert clinic.post(f"{patient}/archive", {"csrf_token": form["csrf_token"], "version": "1", "reason": "moved"}
                       ).status == 303
    for path, more in ((item, {**KINDS[kind]}), (item + "/error", {"reason": "mixed up"}),
                       (f"{patient}/{kind}", {**KINDS[kind], "version": ""}),
                       (f"{patient}/history/1/restore", {"version": "1"})):
        sent = {k: v for k, v in form.items() if k != "form_token"}
        answer = clinic.post(path, {**sent, **more})
        assert answer.status == 409 and "This record is archived" in answer.page.text, path
