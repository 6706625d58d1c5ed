"""Working in several organisations from one browser: each has its own session, begun with its own log-in; one
goes on only by a form of the other, and nothing of one is seen, done or recorded in the other."""
import base64
import re
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from harness import PASSWORD, until
from test_people import OTHER, act, join, user_path
from test_two_factor import code_at, now_step, set_up


def beside(client, organisation, email="admin@example.org", password=PASSWORD):
    """Log in to another one and stay logged in to this."""
    page = client.get("/login?beside=1").page
    assert page.fields["beside"] == "1" and page.fields["tenantName"] == ""
    return client.post("/login", {**page.fields, "tenantName": organisation, "email": email, "password": password})


def places(client, page="/account"):
    """What a form calls the ones beside."""
    return re.findall(r'name="to" value="([0-9a-f]{16})"', client.get(page).text)


def switch(client, to=None):
    to = to or places(client)[0]
    return client.post("/account/switch", {"csrf_token": client.token("/account"), "to": to})


def lives(server, token):
    client = server.client()
    client.cookies = {"medsynq": token}
    return client.get("/dashboard").status == 200


def suspend(server, organisation):
    with closing(sqlite3.connect(server.database)) as db, db:
        db.execute("UPDATE tenants SET status = 2 WHERE name = ?", (organisation,))


def is_in(client):
    page = client.get("/account").page.text
    return re.search(r"Your account Ada Admin · (.*?) (?:Administrator|Clinician)", page)[1].strip()


def events(server, organisation):
    with closing(sqlite3.connect(server.database)) as db:
        return db.execute("SELECT number, action, outcome, actor_name, reason FROM audit_events JOIN tenants "
                          "USING (tenant_id) WHERE name = ? ORDER BY number", (organisation,)).fetchall()


def both(server):
    """@return a browser that is in the second and holds the first, and their names"""
    first, second = server.organisation(), server.organisation()
    assert beside(first, second.organisation).status == 303
    return first, first.organisation, second.organisation


def test_one_goes_on_without_a_second_log_in_and_each_page_is_of_one(server):
    client, first, second = both(server)
    assert is_in(client) == second
    assert client.post("/patients/new", {**client.get("/patients/new").page.fields, "name": "Only Second"}).status == 303
    answer = switch(client)
    assert (answer.status, answer.location) == (303, "/dashboard")
    assert f"You are in {first} now." in client.get("/dashboard").page.text
    assert "Only Second" not in client.get("/patients").text
    assert is_in(client) == first
    assert switch(client).status == 303 and is_in(client) == second
    assert "Only Second" in client.get("/patients").text
    assert f"Go to {first}" in client.get("/account").page.text and "Switch organisation" in client.get("/patients").text


def test_no_organisation_learns_of_the_other(server):
    first, second = server.organisation(), server.organisation()
    before = {name: len(events(server, name)) for name in (first.organisation, second.organisation)}
    assert beside(first, second.organisation).status == 303
    switch(first)
    switch(first)
    assert [len(events(server, n)) - before[n] for n in before] == [0, 1]  # the log-in, in its own trail
    found = [e[3:] for n in before for e in events(server, n)]
    assert not any(first.organisation in str(e) or second.organisation in str(e) for e in found)
    person = join(server, second)  # in no other one, and the same address does not lead anywhere
    assert "Go to" not in person.get("/account").page.text
    stranger = server.client()
    stranger.log_in(first.organisation)
    assert "Go to" not in stranger.get("/account").page.text


def test_a_form_of_the_one_that_was_left_never_acts_in_the_other(server):
    client, first, second = both(server)
    form = {**client.get("/patients/new").page.fields, "name": "Typed In Second"}
    token = form["csrf_token"]
    assert switch(client).status == 303
    answer = client.post("/patients/new", form)
    assert answer.status == 403 and "or you were, in another organisation" in answer.page.text
    assert "Typed In Second" not in client.get("/patients").text + answer.text
    assert client.post("/account/switch", {"csrf_token": token, "to": "0" * 16}).status == 403
    assert client.post("/logout", {"csrf_token": token}).status == 403
    assert is_in(client) == first
    assert switch(client).location == "/parked"  # where it was typed it waits
    assert client.get("/parked").page.fields["name"] == "Typed In Second"
    assert "Typed In Second" not in client.get("/patients").text


def test_no_record_of_the_one_opens_in_the_other(server):
    client, first, second = both(server)
    patient = client.add_patient("Ann Able").split("?")[0]
    switch(client)
    strange = client.get(patient)
    none = client.get(patient[:-4] + "0000")
    assert strange.status == none.status == 404
    for path in ("", "/edit", "/print", "/history"):
        assert client.get(patient + path).status == 404


def test_logging_out_ends_all_of_them_each_in_its_own_trail(server):
    client, first, second = both(server)
    held = dict(client.cookies)
    assert f"You are also logged out of {first}." in client.get("/logout").page.text
    counts = [len(events(server, name)) for name in (first, second)]
    assert client.log_out().status == 303
    for name, count in zip((first, second), counts):
        (_, action, outcome, who, _), = events(server, name)[count:]
        assert (action, outcome, who) == (3, 1, "Ada Admin")
    client.cookies = held
    assert client.get("/dashboard").status == 303
    for text in held["medsynq_beside"].split("~"):
        client.cookies = {"medsynq": text.split(".")[0]}
        assert client.get("/dashboard").status == 303


def test_a_browser_that_changes_hands_keeps_nothing(server):
    client, first, second = both(server)
    third = server.organisation()
    held = dict(client.cookies)
    assert client.log_in(third.organisation).status == 303  # the usual log-in, which says nothing of staying
    assert "Go to" not in client.get("/account").page.text and "medsynq_beside" not in client.cookies
    for value in (held["medsynq"], held["medsynq_beside"].split(".")[0]):
        client.cookies = {"medsynq": value}
        assert client.get("/dashboard").status == 303


def test_who_logs_in_beside_is_told_as_whom_they_stay(server, clinic):
    page = clinic.get("/login?beside=1").page.text
    assert f"You stay logged in to {clinic.organisation} as Ada Admin." in page and "Are you somebody else?" in page
    refused = clinic.post("/login", {**clinic.get("/login?beside=1").page.fields, "tenantName": "x", "email": "x",
                                     "password": "x"})
    assert refused.status == 422 and "You stay logged in to" in refused.page.text
    assert "You stay" not in server.client().get("/login?beside=1").page.text
    assert "You stay" not in clinic.get("/login").page.text
    stranger = server.client()  # it says so, but nobody is logged in
    fields = stranger.get("/login").page.fields
    answer = stranger.post("/login", {**fields, "beside": "1", "tenantName": clinic.organisation,
                                      "email": "admin@example.org", "password": PASSWORD})
    assert answer.status == 303 and "medsynq_beside" not in stranger.cookies


def test_an_organisation_has_one_session_in_a_browser(server):
    client, first, second = both(server)
    held = dict(client.cookies)
    assert beside(client, first).status == 303  # the one that was beside is over
    assert client.get("/account").page.text.count("Go to") == 1 and is_in(client) == first
    former = server.client()
    former.cookies = {"medsynq": held["medsynq_beside"].split(".")[0]}
    assert former.get("/dashboard").status == 303
    assert beside(client, first).status == 303  # the present one is
    assert client.get("/account").page.text.count("Go to") == 1 and switch(client).status == 303
    assert is_in(client) == second


def test_the_one_left_longest_ago_makes_room_for_a_fifth(server):
    client = server.organisation()
    sessions = [client.cookies["medsynq"]]
    for _ in range(4):
        assert beside(client, server.organisation().organisation).status == 303
        sessions.append(client.cookies["medsynq"])
    assert client.get("/account").page.text.count("Go to") == 3
    living = []
    for value in sessions:
        other = server.client()
        other.cookies = {"medsynq": value}
        living.append(other.get("/dashboard").status)
    assert living == [303, 200, 200, 200, 200]


def test_a_second_factor_is_asked_for_each(server):
    first, second = server.organisation(), server.organisation()
    secret, _ = set_up(second)
    answer = beside(first, second.organisation)
    assert answer.location == "/login/code?beside=1"
    assert is_in(first) == first.organisation
    page = first.get(answer.location).page
    assert page.fields["beside"] == "1"
    answer = first.post("/login/code", {**page.fields, "code": code_at(secret, now_step() + 1)})
    assert answer.status == 303, answer.page.text
    assert is_in(first) == second.organisation
    assert switch(first).status == 303 and switch(first).status == 303  # once is enough


def test_one_that_is_over_asks_for_a_log_in_there_and_the_present_one_goes_on(server):
    first, second = server.organisation(), server.organisation()
    assert beside(first, second.organisation).status == 303
    first.submit("/account/sessions", end="others")
    to, = places(first)
    elsewhere = server.client()
    elsewhere.log_in(first.organisation)
    elsewhere.submit("/account/sessions", end="others")
    assert "Go to" not in first.get("/account").page.text  # nor is it offered
    answer = switch(first, to)
    assert answer.location == "/login?beside=1"
    page = first.get(answer.location)
    assert "That session has ended. Log in there again." in page.page.text
    assert is_in(first) == second.organisation


def test_a_session_beside_comes_to_its_idle_limit_however_busy_the_present_one_is(make_server):
    server = make_server("MedSynQSessionTimeout 2s 1h")
    client, first, second = both(server)
    to, = places(client)
    end = time.monotonic() + 2.4

    def worked():
        assert client.get("/account").status == 200
        return time.monotonic() > end
    until(worked, "somebody works in the second one", 10)
    assert "Go to" not in client.get("/account").page.text
    assert switch(client, to).location == "/login?beside=1"
    assert is_in(client) == second


def test_who_is_disabled_there_does_not_go_on_there(server):
    first, second = server.organisation(), server.organisation()
    join(server, second, name="Ada Admin")
    assert beside(first, second.organisation, "bo@example.org", OTHER).status == 303
    assert switch(first).status == 303
    to, = places(first)
    users = second.get("/users").text
    path = re.findall(r'href="(/users/[0-9a-f-]{36})"', users)
    for user in path:
        if "bo@example.org" in second.get(user).text:
            assert second.post(f"{user}/disable", {"csrf_token": second.token(user), "password": PASSWORD}).status == 303
    assert not places(first)
    answer = switch(first, to)
    assert answer.location == "/login?beside=1" and is_in(first) == first.organisation


def test_whatever_the_cookie_says_is_none_of_ours_or_is_tried_as_a_session(server, clinic):
    token = "A" * 43
    for value in ("x", "~", "~~~", f"{token}.", f"{token}.QQ", f"{token}._w", f"{token}.PGI-", f"{token}.QQ~" * 30,
                  "B" * 3000, "~".join(f"{i:043d}" for i in range(60)), "~".join([clinic.cookies["medsynq"]] * 5)):
        clinic.cookies["medsynq_beside"] = value
        page = clinic.get("/account")
        assert page.status == 200 and "Go to" not in page.page.text
        assert "also logged out" not in clinic.get("/logout").page.text
        for named in ("", "x", "0" * 16, token, value):
            assert clinic.post("/account/switch", {"csrf_token": clinic.token("/account"), "to": named}).status in (
                303, 413)
        assert is_in(clinic) == clinic.organisation
    stranger = server.client()
    stranger.cookies["medsynq_beside"] = f"{token}~{token}"
    assert "still logged in" not in stranger.get("/login").page.text


def test_without_its_token_nothing_is_switched(server):
    client, first, second = both(server)
    to = re.search(r'name="to" value="([0-9a-f]{16})"', client.get("/account").text)[1]
    assert client.post("/account/switch", {"to": to}).status == 403
    assert client.get("/account/switch").status == 405
    assert is_in(client) == second
    token = client.token("/account")
    assert client.post("/account/switch", {"csrf_token": token, "to": to},
                       Origin="https://elsewhere.example").status == 403
    assert is_in(client) == second


def test_what_no_session_is_called_is_no_entry(server):
    client, first, _ = both(server)
    live = dict(client.cookies)["medsynq_beside"]
    for sign in '"', ",", "\\", "=":
        client.cookies["medsynq_beside"] = f"{live}~{'A' * 42}{sign}.cQ"
        third = server.organisation().organisation
        answer = beside(client, third)
        assert answer.status == 303 and is_in(client) == third, sign
    assert f"Go to {first}" in client.get("/account").page.text or server.log().count("MSQ0030") == 0


def test_who_tries_a_suspended_one_stays_where_they_are(server):
    client, other = server.organisation(), server.organisation()
    suspend(server, other.organisation)
    assert beside(client, other.organisation).status == 403
    assert is_in(client) == client.organisation


def over(server, client, first, second, way):
    """The second one, in which the browser is, comes to an end; the first one stays."""
    if way == "suspended":
        suspend(server, second)
        assert client.get("/dashboard").status == 403
    elif way == "ended elsewhere":
        elsewhere = server.client()
        elsewhere.log_in(second)
        elsewhere.submit("/account/sessions", end="others")
    else:
        client.cookies["medsynq"] = "A" * 43


@pytest.mark.parametrize("way", ["suspended", "ended elsewhere", "unknown"])
def test_when_the_present_one_is_over_one_goes_on_in_those_beside(server, way):
    client, first, second = both(server)
    over(server, client, first, second, way)
    page = client.get("/login")
    assert "You are still logged in here" in page.page.text and f"Go on in {first} as Ada Admin" in page.page.text
    assert second not in page.page.text
    to, = places(client, "/login")
    token = client.token("/login")
    counts = [len(events(server, name)) for name in (first, second)]
    assert client.post("/account/beside", {"to": to}).status == 403  # without its token
    answer = client.post("/account/beside", {"csrf_token": token, "to": to})
    assert (answer.status, answer.location) == (303, "/dashboard")
    assert [len(events(server, name)) for name in (first, second)] == counts  # nothing was begun
    assert f"You are in {first} now." in client.get("/dashboard").page.text and is_in(client) == first
    assert not places(client) and "medsynq_beside" not in client.cookies


def test_when_the_present_one_is_over_those_beside_can_be_ended(server):
    client, first, second = both(server)
    held = client.cookies["medsynq_beside"]
    over(server, client, first, second, "suspended")
    assert lives(server, held)
    count = len(events(server, first))
    answer = client.post("/account/beside/end", {"csrf_token": client.token("/login")})
    assert answer.location == "/?notice=logged-out" and "medsynq_beside" not in client.cookies
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert not lives(server, held)
    (_, action, outcome, who, _), = events(server, first)[count:]
    assert (action, outcome, who) == (3, 1, "Ada Admin")
    assert "still logged in" not in client.get("/login").page.text


def test_what_the_log_in_page_offered_may_be_over(server):
    client, first, second = both(server)
    over(server, client, first, second, "unknown")
    to, = places(client, "/login")
    token = client.token("/login")
    suspend(server, first)
    assert "still logged in" not in client.get("/login").page.text
    answer = client.post("/account/beside", {"csrf_token": token, "to": to})
    assert answer.location == "/login?notice=ended" and client.get("/account").status == 303
    assert "That session has ended." in client.get(answer.location).page.text
    assert client.post("/account/beside", {"csrf_token": client.token("/login")}).location == "/login?notice=ended"


def test_the_log_in_page_offers_nothing_while_somebody_is_logged_in(server):
    client, first, second = both(server)
    assert "still logged in here" not in client.get("/login").page.text
    for path in ("/account/beside", "/account/beside/end"):
        answer = client.post(path, {"csrf_token": client.token("/account"), "to": places(client)[0]})
        assert answer.location == "/account#organisations"
    assert is_in(client) == second and len(places(client)) == 1


def test_a_log_out_ends_every_token_whatever_stands_beside_it(server):
    """More than are ever kept, under names that are none, and one of them twice."""
    client = server.organisation()
    tokens = []
    for _ in range(17):
        other = server.client()
        other.log_in(client.organisation)
        tokens.append(other.cookies["medsynq"])
    names = [".QQ", ".", "", "._w", ".%%", ".."]
    marked = [token + names[i % len(names)] for i, token in enumerate(tokens)]
    client.cookies["medsynq_beside"] = "~".join([marked[0], "x", "A" * 43, tokens[0], *marked[1:]])
    assert client.log_out().status == 303
    assert [lives(server, token) for token in tokens] == [False] * 15 + [True] * 2  # sixteen are looked at


@pytest.mark.parametrize("planted", ["x", "A" * 43, ""])
def test_a_second_cookie_of_the_name_saves_none_from_the_log_out(server, planted):
    """As a neighbouring host, or another site of this one, may set it for /logout alone."""
    client, first, second = both(server)
    held = dict(client.cookies)
    sent = "; ".join(["medsynq_beside=" + planted, "medsynq_step=x", *(f"{k}={v}" for k, v in held.items()),
                      "medsynq_step=y"])
    assert f"You are also logged out of {first}." in client.get("/logout", Cookie=sent).page.text
    answer = client.post("/logout", {"csrf_token": client.token("/account")}, Cookie=sent)
    assert answer.status == 303
    assert [lives(server, held[name]) for name in ("medsynq", "medsynq_beside")] == [False, False]
    gone = [line for line in answer.headers.get_all("Set-Cookie") if "Max-Age=0" in line]
    assert {line.split("=")[0] for line in gone} == {"medsynq", "medsynq_beside", "medsynq_step"}


def test_a_name_in_the_cookie_is_not_believed(server):
    client, first, second = both(server)
    lie = base64.urlsafe_b64encode(b"Elsewhere Clinic").rstrip(b"=").decode()
    client.cookies["medsynq_beside"] += f".{lie}"
    for page in ("/account", "/logout"):
        text = client.get(page).page.text
        assert "Elsewhere" not in text and first in text
    client.cookies["medsynq"] = "A" * 43
    text = client.get("/login").page.text
    assert "Elsewhere" not in text and f"Go on in {first}" in text
    assert "Elsewhere" not in client.cookies["medsynq_beside"]


def test_one_that_is_over_takes_no_place(server):
    client = server.organisation()
    kept = client.cookies["medsynq"]
    for _ in range(3):
        other = server.organisation().organisation
        assert beside(client, other).status == 303
        suspend(server, other)
        client.cookies["medsynq"] = "A" * 43
        to, = places(client, "/login")
        assert client.post("/account/beside", {"csrf_token": client.token("/login"), "to": to}).status == 303
    client.cookies["medsynq_beside"] = "~".join(f"{i:042d}A" for i in range(15))
    assert beside(client, server.organisation().organisation).status == 303
    assert lives(server, kept) and client.cookies["medsynq_beside"] == kept


@pytest.mark.parametrize("way", ["log-out", "another person"])
def test_a_log_in_that_waits_for_its_code_ends_with_the_log_out(server, way):
    client, second = server.organisation(), server.organisation()
    set_up(second)
    assert beside(client, second.organisation).location == "/login/code?beside=1"
    assert "medsynq_step" in client.cookies
    if way == "log-out":
        assert client.log_out().status == 303
    else:
        assert client.log_in(server.organisation().organisation).status == 303
    assert "medsynq_step" not in client.cookies
    assert client.get("/login/code").location == "/login"


def test_nothing_of_it_is_kept_by_a_browser_and_another_site_ends_none(server):
    client, first, second = both(server)
    held = dict(client.cookies)
    for path in ("/account", "/logout", "/login", "/dashboard"):
        assert client.get(path).headers["Cache-Control"] == "no-store"
    over(server, client, first, second, "unknown")
    answer = client.get("/login")
    assert answer.headers["Cache-Control"] == "no-store"
    token, (to,) = client.token("/login"), places(client, "/login")
    for path in ("/account/beside", "/account/beside/end", "/logout"):
        for sent in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}):
            assert client.post(path, {"csrf_token": token, "to": to}, **sent).status in (303, 403)
            assert "medsynq_beside" in client.cookies and lives(server, held["medsynq_beside"])
    stranger = server.client()  # its own form, and the other's cookie: nobody else has that
    stranger.get("/login")
    assert client.post("/account/beside", {"csrf_token": stranger.token("/login"), "to": to}).status == 403


def test_the_page_says_where_one_is_though_ones_roles_have_changed_there(server):
    client, second = server.organisation(), server.organisation()
    join(server, second, roles=("clinician",))
    assert beside(client, second.organisation, "bo@example.org", OTHER).status == 303
    assert switch(client).status == 303
    assert act(second, user_path(second, "bo@example.org"), "roles", role=["front_desk", "clinician"]).status == 303
    held = places(client)
    answer = switch(client)
    token = client.cookies["medsynq"]
    assert f"You are in {second.organisation} now." in client.get(answer.location).page.text
    assert client.cookies["medsynq"] != token and held  # a new one, as with any change of roles
    assert "You are in" not in client.get(answer.location).page.text  # once


def test_of_tabs_that_are_loaded_at_once_after_a_change_of_roles_none_is_told_a_page_is_missing(server):
    client = server.organisation()
    person = join(server, client, roles=("clinician",))
    for roles in (["front_desk", "clinician"], ["clinician"]) * 3:
        assert act(client, user_path(client, "bo@example.org"), "roles", role=roles).status == 303
        held = dict(person.cookies)

        def look(_):
            tab = server.client()
            tab.cookies = dict(held)
            return tab, tab.get("/dashboard").status
        with ThreadPoolExecutor(8) as pool:
            tabs = list(pool.map(look, range(8)))
        assert {status for _, status in tabs} <= {200, 303}
        person = next(tab for tab, status in tabs if status == 200 and lives(server, tab.cookies["medsynq"]))


def living(server, organisation):
    """Of its administrator's, beside the one that looks."""
    client = server.client()
    client.log_in(organisation)
    count = len(re.findall(r'name="end" value="[0-9a-f]', client.get("/account/sessions").text))
    client.log_out()
    return count


@pytest.mark.parametrize("present", [False, True])
def test_a_log_in_that_is_sent_twice_begins_one_session(server, present):
    clinic = server.organisation()
    clinic.submit("/account/sessions", end="others")
    name = clinic.organisation
    if present:  # beside another one
        clinic = server.organisation()
    else:
        clinic.log_out()
    before = living(server, name)
    page = clinic.get("/login?beside=1" if present else "/login").page
    held = dict(clinic.cookies)

    def send(_=None):
        client = server.client()
        client.cookies = dict(held)
        answer = client.post("/login", {**page.fields, "tenantName": name, "email": "admin@example.org",
                                        "password": PASSWORD})
        assert (answer.status, answer.location) == (303, "/dashboard")
        return client
    first, second = send(), send()
    assert first.get("/dashboard").status == 303 and is_in(second) == name
    with ThreadPoolExecutor(8) as pool:
        clients = list(pool.map(send, range(8)))
    begun = {client.cookies.get("medsynq") for client in clients} - {held.get("medsynq")}
    assert [lives(server, token) for token in begun].count(True) == 1
    assert living(server, name) == before + 1 and second.get("/dashboard").status == 303
    another = server.client()  # who logs in twice has two
    another.log_in(name)
    assert living(server, name) == before + 2
