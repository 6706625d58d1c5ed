"""People, roles and invitations, as the administrator and the invited see them."""
import re
import threading

import pytest

from harness import PASSWORD

OTHER = "another long enough phrase 8"


def invite(admin, email="bo@example.org", roles=("clinician",), name="Bo Brown"):
    """@return the path of the one-time link"""
    token = admin.token("/users/invite")
    answer = admin.post("/users/invite", [("csrf_token", token), ("name", name), ("email", email),
                                          ("password", admin.password)] + [("role", role) for role in roles])
    assert (answer.status, answer.location) == (303, "/users"), answer.text
    link = re.search(r'value="http://[^/"]+(/invitations/[^"]+)"', admin.get("/users").text)
    return link[1]


def join(server, admin, **options):
    """@return a client signed in as the person who accepted"""
    link = invite(admin, **options)
    person = server.client()
    answer = person.submit(link, password=OTHER)
    assert (answer.status, answer.location) == (303, "/dashboard"), answer.text
    person.password = OTHER
    return person


def user_path(admin, email):
    row = re.search(r'href="(/users/[0-9a-f-]{36})" dir="auto">[^<]*</a></th>\s*<td[^>]*>'
                    + re.escape(email), admin.get("/users").text)
    return row[1]


def act(admin, path, action, **fields):
    return admin.post(f"{path}/{action}", {"csrf_token": admin.token(path), "password": admin.password,
                                           **fields})


def test_what_takes_access_away_says_what_it_does_and_the_password_why_it_is_asked(server, clinic):
    join(server, clinic, email="zoe@example.org")
    text = clinic.get(user_path(clinic, "zoe@example.org")).page.text
    assert "logged out everywhere and cannot log in any more" in text and "at a screen that you have left open" in text


def test_an_invited_person_joins_once(server, clinic):
    link = invite(clinic)
    assert link not in clinic.get("/users").text  # shown once
    first = server.client()
    assert clinic.organisation in first.get(link).page.text
    assert first.submit(link, password=OTHER).location == "/dashboard"
    assert first.get("/patients").status == 200
    assert first.get("/users").status == 403
    again = server.client().submit(link, "/login", password=OTHER)
    assert again.status == 409
    page = clinic.get("/users")  # among the staff, and no longer among the invitations
    assert "No invitation is open." in page.page.text and page.text.count("bo@example.org") == 1
    assert server.client().log_in(clinic.organisation, "bo@example.org", OTHER).location == "/dashboard"


def test_many_invitations_come_in_pages_that_leave_none_out(clinic):
    for number in range(45):
        invite(clinic, email=f"{number}@example.org")
    seen, path, pages = [], "/users", 0
    while path:
        text = clinic.get(path).text
        seen += re.findall(r"</strong> (\d+)@example.org", text)
        older = re.search(r'href="([^"]+)">Older invitations<', text)
        path = older and older[1].partition("#")[0]
        pages += 1
    assert seen == [str(n) for n in range(44, -1, -1)] and pages == 5
    assert clinic.get("/users?invited_before=x").status == 400


@pytest.mark.parametrize("password,message", [
    ("short", "at least 12"), ("password1234", "attackers try first"),
    ("qwertyqwerty", "attackers try first"), ("123456789012", "attackers try first"),
    ("bo@example.org", "own name"), ("aaaaaaaaaaaaaa", "attackers try first")])
def test_weak_passwords_are_refused(server, clinic, password, message):
    answer = server.client().submit(invite(clinic), password=password)
    assert answer.status == 422
    assert message in answer.page.text


def test_a_withdrawn_or_replaced_invitation_is_dead(server, clinic):
    old = invite(clinic)
    new = invite(clinic)
    assert server.client().get(old).status == 409
    revoke = re.search(r'action="(/users/invitations/[^"]+/revoke)"', clinic.get("/users").text)[1]
    assert clinic.post(revoke, {"csrf_token": clinic.token("/users/invite")}).status == 303
    assert server.client().get(new).status == 409
    assert "revoked" in clinic.get("/users").page.text


def test_foreign_and_forged_links_are_404(server, clinic):
    link = invite(clinic)
    for wrong in ("x", link.split("/")[-1][:-2], "A" * 120, "A" * 800):
        assert server.client().get(f"/invitations/{wrong}").status == 404
    assert server.client().get(link[:-1] + ("A" if link[-1] != "A" else "B")).status == 404


def test_an_invitation_for_a_taken_address_is_refused(clinic):
    answer = clinic.submit("/users/invite", name="X", email="ADMIN@example.org", role="auditor",
                           password=PASSWORD)
    assert answer.status == 422 and "already" in answer.page.text
    answer = clinic.submit("/users/invite", name="X", email="x@example.org")
    assert answer.status == 422 and "at least one role" in answer.page.text
    assert answer.page.fields["email"] == "x@example.org"
    assert clinic.submit("/users/invite", name="X", email="x@example.org", role="king",
                         password=PASSWORD).status == 400


def test_disabling_acts_on_the_next_request(server, clinic):
    bo = join(server, clinic)
    path = user_path(clinic, "bo@example.org")
    assert act(clinic, path, "disable").status == 303
    assert bo.get("/dashboard").location == "/login?next=/dashboard"
    assert server.client().log_in(clinic.organisation, "bo@example.org", OTHER).status == 422
    assert act(clinic, path, "enable").status == 303
    assert bo.get("/dashboard").status == 303
    assert server.client().log_in(clinic.organisation, "bo@example.org", OTHER).status == 303


def test_roles_act_on_the_next_request(server, clinic):
    bo = join(server, clinic, roles=("clinician", "front_desk"))
    path = user_path(clinic, "bo@example.org")
    assert bo.get("/patients/new").status == 200
    before = dict(bo.cookies)
    token = bo.token("/patients/new")
    assert act(clinic, path, "roles", role="auditor").status == 303
    assert bo.post("/patients/new", {"csrf_token": token, "name": "X"}).status == 403
    assert bo.cookies == before  # a form that is on its way keeps its token
    assert bo.get("/patients/new").status == 403
    assert bo.cookies != before  # a change of privilege, a new session id
    old = server.client()
    old.cookies = before
    assert old.get("/dashboard").status == 303
    assert act(clinic, path, "roles").status == 422
    assert act(clinic, path, "roles", role=["administrator", "clinician"]).status == 303
    assert bo.get("/users").status == 200


def test_an_administrator_ends_a_persons_sessions(server, clinic):
    bo = join(server, clinic)
    assert act(clinic, user_path(clinic, "bo@example.org"), "sessions-end").status == 303
    assert bo.get("/dashboard").status == 303


def test_the_last_administrator_stays(server, clinic):
    path = user_path(clinic, "admin@example.org")
    answer = act(clinic, path, "disable")
    assert answer.status == 409 and "last active administrator" in answer.page.text
    assert act(clinic, path, "roles", role="clinician").status == 409
    assert clinic.get("/users").status == 200


def test_two_administrators_cannot_remove_each_other_at_once(server):
    for _ in range(5):
        one = server.organisation()
        two = join(server, one, roles=("administrator",))
        paths = user_path(one, "admin@example.org"), user_path(one, "bo@example.org")
        jobs = []
        for client, path in ((one, paths[1]), (two, paths[0])):
            token = client.token(path)
            jobs.append(threading.Thread(target=client.post, args=(
                f"{path}/disable", {"csrf_token": token})))
        for job in jobs:
            job.start()
        for job in jobs:
            job.join()
        assert [c.get("/users").status for c in (one, two)].count(200) == 1


def test_of_two_who_change_the_same_roles_the_later_is_told_and_may_insist(server, clinic):
    bo = join(server, clinic)
    second = join(server, clinic, email="cy@example.org", name="Cy Clark", roles=("administrator",))
    path = user_path(clinic, "bo@example.org")
    seen = second.get(path).page.fields
    assert act(clinic, path, "roles", role="front_desk", roles_seen="2").status == 303
    mine = {**seen, "role": "auditor", "password": second.password}
    wrong = second.post(f"{path}/roles", {**mine, "password": "not it at all"})
    assert wrong.status == 422 and wrong.page.fields["roles_seen"] == seen["roles_seen"]
    told = second.post(f"{path}/roles", mine)
    assert told.status == 409 and "They are now: Front desk." in told.page.text
    assert bo.get("/patients/new").status == 200 and bo.get("/audit").status == 403
    again = told.page.fields
    assert second.post(f"{path}/roles", {**again, "role": "auditor", "password": second.password}).status == 303
    assert bo.get("/audit").status == 200


def test_a_name_is_corrected_and_signed_notes_keep_theirs(server, clinic):
    bo = join(server, clinic, name="Bo Browm")
    patient = bo.add_patient("Ann Lee")
    assert bo.submit(patient + "/notes", page=patient, content="Coughs.", sign="1").status == 303
    path = user_path(clinic, "bo@example.org")
    form = clinic.get(f"{path}/name").page.fields
    assert form["name"] == "Bo Browm"
    form["name"] = "Bo Brown"
    assert clinic.post(f"{path}/name", {**form, "password": "not it at all"}).status == 422
    empty = clinic.post(f"{path}/name", {**form, "name": " ", "password": clinic.password})
    assert empty.status == 422 and "Enter the person's name." in empty.page.text
    assert clinic.post(f"{path}/name", {**form, "password": clinic.password}).location == path
    assert "The name is corrected." in clinic.get(path).page.text
    page = bo.get(patient)
    assert "Bo Brown" in page.text and "· Bo Browm Coughs." in page.page.text
    told = clinic.post(f"{path}/name", {**form, "name": "Bo Bruun", "password": clinic.password})
    assert told.status == 409 and "It is now: Bo Brown" in told.page.text and told.page.fields["name"] == "Bo Bruun"
    again = {**told.page.fields, "password": clinic.password}
    assert clinic.post(f"{path}/name", again).status == 303 and "Bo Bruun" in clinic.get(path).page.text


def test_people_of_other_organisations_are_404(server, clinic):
    other = server.organisation()
    path = user_path(other, "admin@example.org")
    assert clinic.get(path).status == 404
    token = clinic.token("/users/invite")
    for action in ("disable", "enable", "sessions-end"):
        assert clinic.post(f"{path}/{action}", {"csrf_token": token}).status == 404
    assert clinic.post(f"{path}/roles", {"csrf_token": token, "role": "auditor"}).status == 404


def test_only_administrators_manage_people(server, clinic):
    bo = join(server, clinic, roles=("clinician", "front_desk", "auditor"))
    path = user_path(clinic, "admin@example.org")
    for get in ("/users", "/users/invite", path):
        assert bo.get(get).status == 403
    token = bo.token("/logout")
    for action in ("disable", "enable", "roles", "sessions-end"):
        assert bo.post(f"{path}/{action}", {"csrf_token": token}).status == 403


def test_each_page_of_the_list_says_which_part_it_is(server, clinic):
    for i in range(25):
        join(server, clinic, email=f"p{i:02}@example.org", name=f"Person {i}")
    first = clinic.get("/users")
    second = clinic.get(re.search(r'rel="next" href="([^"]*)"', first.text)[1].replace("&amp;", "&"))
    assert "<span>1–25 of 26</span>" in first.text and "<span>26 of 26</span>" in second.text
    assert "p24@example.org" in second.text and "p23@example.org" not in second.text


def test_the_list_has_pages_and_the_matrix(server, clinic):
    for i in range(3):
        join(server, clinic, email=f"p{i}@example.org", name=f"Person {i}")
    page = clinic.get("/users")
    assert "Who may do what" in page.page.text and "Open a patient's record" in page.page.text
    assert "What everybody may do is not listed." in page.page.text and "See one's own account" not in page.text
    assert page.text.count('href="/users/0') >= 3
