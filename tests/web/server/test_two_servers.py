"""Two httpd servers on one PostgreSQL database, with MedSynQSessionCache database: whatever one has been told, the
other knows with its next request."""
import base64
import concurrent.futures
import contextlib
import hashlib
import os
import re

import pytest
from harness import until
from machines import SHARED, Two, kill
from postgresql import fresh_database
from test_on_postgresql import HEADS, sign_in, unlike
from test_people import OTHER, act, invite, join, user_path
from test_two_factor import code_at, now_step, set_up


@pytest.fixture(scope="module")
def two():
    with contextlib.closing(Two(fresh_database())) as both:
        yield both


def test_who_logs_in_at_one_works_at_the_other_and_is_logged_out_of_both(two):
    at_a = two.a.organisation()
    at_b = two.over(at_a)
    assert at_b.get("/dashboard").status == 200
    path = at_b.add_patient("Ann Archer")
    assert "Ann Archer" in at_a.get(path).text
    token = at_a.cookies["medsynq"]
    assert at_b.log_out().status == 303
    at_a.cookies["medsynq"] = token
    assert at_a.get("/dashboard").location.startswith("/login")
    assert at_a.get(path).status == 303


def test_sessions_are_listed_and_ended_wherever_they_began(two):
    at_a = two.a.organisation()
    other = two.b.client(User_Agent="Mozilla/5.0 (Windows NT 10.0) Firefox/140.0")
    assert other.log_in(at_a.organisation).status == 303
    assert "Firefox, Windows" in at_a.get("/account/sessions").page.text
    assert at_a.submit("/account/sessions", end="others").status == 303
    assert other.get("/dashboard").status == 303 and at_a.get("/dashboard").status == 200
    stranger = two.b.organisation()
    name = re.search(r'name="end" value="([0-9a-f]{16})"', at_a.get("/account/sessions").text)
    assert name is None, "of the one that is left"
    assert two.b.client().log_in(at_a.organisation).status == 303
    name = re.search(r'name="end" value="([0-9a-f]{16})"', at_a.get("/account/sessions").text)[1]
    assert stranger.submit("/account/sessions", end=name).status == 404


def test_a_role_that_is_taken_and_an_account_that_is_disabled_act_at_once(two):
    admin = two.a.organisation()
    person = join(two.a, admin)
    elsewhere = two.over(person)
    assert elsewhere.get("/patients").status == 200
    path = user_path(admin, "bo@example.org")
    assert act(admin, path, "roles", role="auditor").status == 303
    assert elsewhere.get("/patients/new").status == 403
    assert elsewhere.get("/audit").status == 200
    assert act(admin, path, "disable").status == 303
    assert elsewhere.get("/audit").status == 303 and person.get("/audit").status == 303


def test_wrong_passwords_count_together(two):
    organisation = two.a.organisation().organisation
    seen = [server.client().log_in(organisation, password="wrong wrong wrong").status
            for server in (two.a, two.b, two.a, two.b)]
    assert seen == [422] * 4
    for server in (two.a, two.b):
        answer = server.client().log_in(organisation)
        assert answer.status == 429 and int(answer.headers["Retry-After"]) > 0
    assert two.sql("SELECT count(*) > 0 FROM throttles") == ["t"]


def test_of_wrong_passwords_at_once_no_more_are_looked_at_than_may_fail(two):
    organisation = two.a.organisation().organisation
    forms = [(server.client(), server) for server in (two.a, two.b) * 8]
    tokens = [client.token() for client, _ in forms]

    def knock(i):
        return forms[i][0].post("/login", {"csrf_token": tokens[i], "tenantName": organisation,
                                           "email": "admin@example.org", "password": "wrong wrong wrong"}).status

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        seen = list(pool.map(knock, range(16)))
    assert seen.count(422) == 4 and set(seen) == {422, 429}, seen


def test_right_passwords_at_once_are_all_taken(two):
    """The row that counts them goes with one, while others wait for it."""
    organisation = two.a.organisation().organisation

    def log_in(i):
        return (two.a, two.b)[i % 2].client().log_in(organisation).status
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert set(pool.map(log_in, range(80))) == {303}


def test_a_code_is_used_once_at_either(two):
    admin = two.a.organisation()
    secret, recovery = set_up(admin)
    persons = [two.a.client(), two.b.client(), two.b.client(), two.a.client()]
    for person in persons:
        assert person.log_in(admin.organisation).location == "/login/code"
    code = code_at(secret, now_step())
    assert persons[0].submit("/login/code", code=code).location == "/dashboard"
    assert persons[1].submit("/login/code", code=code).status == 422
    assert persons[2].submit("/login/code", code=recovery[0]).location == "/dashboard"
    assert persons[3].submit("/login/code", code=recovery[0]).status == 422


def test_the_second_step_may_come_at_the_other(two):
    admin = two.a.organisation()
    secret, _ = set_up(admin)
    person = two.a.client()
    assert person.log_in(admin.organisation).location == "/login/code"
    there = two.over(person)
    assert there.submit("/login/code", code=code_at(secret, now_step())).location == "/dashboard"
    assert person.get("/dashboard").status == 200


def test_an_invitation_is_accepted_once(two):
    admin = two.a.organisation()
    link = invite(admin)
    persons = [two.a.client(), two.b.client()]
    tokens = [person.token(link) for person in persons]

    def accept(i):
        return persons[i].post(link, {"csrf_token": tokens[i], "password": OTHER}).status

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        seen = sorted(pool.map(accept, range(2)))
    assert seen[0] == 303 and seen[1] != 303, seen
    assert two.sql("SELECT count(*) FROM users WHERE email = 'bo@example.org' AND tenant_id = (SELECT tenant_id FROM "
                   f"tenants WHERE name = '{admin.organisation}')") == ["1"]


def test_one_form_at_both_servers_makes_one_record(two):
    clients = [two.a.organisation()]
    clients.append(two.over(clients[0]))
    for turn in range(4):
        name = f"Form {os.urandom(5).hex().translate(str.maketrans('0123456789', 'ghijklmnop'))}"
        fields = {**clients[0].get("/patients/new").page.fields, "name": name}
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda client: client.post("/patients/new", fields), clients))
        assert [answer.status for answer in answers] == [303, 303], [answer.text for answer in answers]
        assert answers[0].location == answers[1].location
        assert two.sql(f"SELECT count(*) FROM patients WHERE name = '{name}'") == ["1"]


def test_a_log_in_sent_to_both_servers_begins_one_session(two):
    organisation = two.a.organisation().organisation
    anew = "SELECT count(*) FROM sessions JOIN tenants USING (tenant_id) WHERE name = '" + organisation + "'"
    before = int(two.sql(anew)[0])
    first = two.a.client()
    fields = {**first.get("/login").page.fields, "tenantName": organisation, "email": "admin@example.org",
              "password": first.password}
    held = dict(first.cookies)

    def send(i):
        client = (two.a, two.b)[i % 2].client()
        client.cookies = dict(held)
        assert client.post("/login", fields).status == 303
        return client
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        clients = list(pool.map(send, range(4)))
    assert int(two.sql(anew)[0]) == before + 1
    assert [client.get("/dashboard").status for client in clients].count(200) == 1


def test_sixteen_clients_at_two_servers_keep_one_chain(two):
    """All that was acknowledged is there once, record numbers are distinct, each chain is whole."""
    organisation = two.a.organisation().organisation
    clients = [sign_in(server, organisation) for server in (two.a, two.b) * 8]

    def work(client):
        return [name for name in unlike(3)
                if client.submit("/patients/new", name=name).status == 303]

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        written = sum(pool.map(work, clients), [])
    own = f"tenant_id = (SELECT tenant_id FROM tenants WHERE name = '{organisation}')"
    assert len(written) == 48 and sorted(two.sql(f"SELECT name FROM patients WHERE {own}")) == sorted(written)
    assert two.sql(f"SELECT count(DISTINCT mrn) FROM patients WHERE {own}") == ["48"]
    assert two.sql(f"SELECT value FROM counters WHERE name = 'room.patients' AND {own}") == ["48"]
    assert set(two.sql(HEADS)) == {"t"}


def test_of_two_administrators_at_two_servers_one_stays(two):
    for _ in range(5):
        one = two.a.organisation()
        other = two.over(join(two.a, one, roles=("administrator",)))
        paths = user_path(one, "bo@example.org"), user_path(one, "admin@example.org")
        forms = [(client, f"{path}/disable", {"csrf_token": client.token(path)})
                 for client, path in zip((one, other), paths)]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda form: form[0].post(*form[1:]), forms))
        assert [client.get("/users").status for client in (one, other)].count(200) == 1


def test_a_form_parked_at_one_is_found_at_the_other(two):
    client = two.a.organisation()
    fields = {**client.get("/patients/new").page.fields, "name": "Paula Parker"}
    two.sql("UPDATE sessions SET seen_at = seen_at - 1200000000 WHERE tenant_id = "
            f"(SELECT tenant_id FROM tenants WHERE name = '{client.organisation}')")  # idle for too long
    there = two.over(client)
    answer = there.post("/patients/new", fields)
    assert answer.status == 303 and answer.location.startswith("/login"), answer.text
    back = there.submit("/login", page=answer.location, tenantName=client.organisation,
                        email="admin@example.org", password=client.password)
    assert back.status == 303
    assert "Paula Parker" in client.get(back.location).text


def test_a_row_never_has_the_token(two):
    client = two.a.organisation()
    token = client.cookies["medsynq"]
    secret = base64.urlsafe_b64decode(token + "=")
    rows = "\n".join(two.sql("SELECT s::text, encode(key, 'base64') FROM sessions s"))
    assert hashlib.sha256(secret).hexdigest() in rows
    assert not any(text in rows for text in (secret.hex(), token, base64.b64encode(secret).decode()))
    assert two.sql("SELECT count(*) FROM sessions WHERE octet_length(key) <> 32") == ["0"]


def test_last_seen_is_written_once_a_while(two):
    client = two.a.organisation()
    own = f"tenant_id = (SELECT tenant_id FROM tenants WHERE name = '{client.organisation}')"
    before = two.sql(f"SELECT xmin, seen_at FROM sessions WHERE {own}")
    for _ in range(5):
        assert two.over(client).get("/dashboard").status == 200
    assert two.sql(f"SELECT xmin, seen_at FROM sessions WHERE {own}") == before
    two.sql(f"UPDATE sessions SET seen_at = seen_at - 240000000 WHERE {own}")
    assert two.over(client).get("/dashboard").status == 200
    after = two.sql(f"SELECT seen_at FROM sessions WHERE {own}")[0]
    assert int(after) > int(before[0].split("|")[1])
    two.sql(f"UPDATE sessions SET seen_at = seen_at - 1200000000 WHERE {own}")
    assert client.get("/dashboard").status == 303  # the idle limit, at either


def test_one_server_is_killed_and_everybody_goes_on_at_the_other():
    with contextlib.closing(Two(fresh_database())) as both:
        people = [both.a.organisation() for _ in range(3)]
        kill(both.a.pid)
        both.a.process.wait(60)
        for person in people:
            there = both.over(person)
            assert there.get("/dashboard").status == 200
            assert there.add_patient("Ann Archer")
            assert there.log_out().status == 303


def test_servers_that_have_their_sessions_together_hear_of_each_other_in_peace(two):
    until(lambda: two.sql("SELECT count(*) FROM throttles WHERE octet_length(counted) = 64") == ["1"],
          "both have said that they are there", 60)
    assert "MSQ0081" not in two.a.log() + two.b.log()


def test_a_second_server_without_the_line_is_warned_of(make_server, tmp_path):
    postgresql = fresh_database()
    first = make_server(postgresql=postgresql)
    until(lambda: postgresql[0].done("SELECT count(*) FROM throttles", postgresql[1]) == ["1"],
          "the first has said that it is there", 60)
    assert "MSQ0081" not in first.log()
    for above in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        above.chmod(0o755)
    state = tmp_path / "state"
    state.mkdir()
    (state / "secret").write_bytes((first.state / "secret").read_bytes())
    (state / "secret").chmod(0o600)
    second = make_server("MedSynQSessionCache database", postgresql=postgresql, state=state)
    for server in (second, first):
        until(lambda: "MSQ0081: another httpd serves the database" in server.log(), "it is warned of", 60)


def test_a_file_has_one_server(make_server):
    server = make_server(engine="sqlite3")
    server.stop()
    server.directives += f"\n{SHARED}\n"
    server.start()
    assert server.process.poll() and "is for several servers on one database" in server.said(), server.said()
