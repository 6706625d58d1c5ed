"""The second factor: codes, recovery codes, and the day from which it is required."""
import base64
import concurrent.futures
import hashlib
import hmac
import html
import os
import re
import sqlite3
import struct
import time
import urllib.parse

import pytest
from harness import PASSWORD, until
from test_people import OTHER, act, join, user_path


def code_at(secret, step):
    mac = hmac.new(base64.b32decode(secret + "=" * (-len(secret) % 8)), struct.pack(">Q", step),
                   hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7fffffff) % 1000000:06d}"

def now_step():
    return int(time.time()) // 30

def set_up(client):
    """@return secret, recovery codes"""
    text = client.get("/account/two-factor").text
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", text)[1]
    assert "<svg" in text and f"secret={secret}" in text
    for _ in range(2):  # a new step may begin on the way
        answer = client.submit("/account/two-factor", password=client.password,
                               code=code_at(secret, now_step() - 1))
        if answer.status != 422:
            break
    assert (answer.status, answer.location) == (303, "/account/two-factor"), answer.text
    page = client.get("/account/two-factor").text
    codes = re.findall(r"<code>([A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4})</code>", page)
    assert len(codes) == 10
    assert codes[0] not in client.get("/account/two-factor").text  # shown once
    return secret, codes

def first_step(server, clinic):
    person = server.client()
    answer = person.log_in(clinic.organisation)
    assert (answer.status, answer.location) == (303, "/login/code")
    return person

def test_log_in_needs_the_code(server, clinic):
    other = server.client()
    other.log_in(clinic.organisation)
    before = dict(clinic.cookies)
    secret, _ = set_up(clinic)
    assert clinic.cookies["medsynq"] != before["medsynq"]
    assert other.get("/dashboard").status == 303  # sessions without the factor have ended
    person = first_step(server, clinic)
    assert person.get("/dashboard").status == 303  # not signed in yet
    wrong = person.submit("/login/code", code="000000")
    assert wrong.status == 422 and "does not fit" in wrong.page.text
    answer = person.submit("/login/code", code=code_at(secret, now_step()))
    assert (answer.status, answer.location) == (303, "/dashboard")
    assert person.get("/dashboard").status == 200

def test_a_code_never_works_twice(server, clinic):
    secret, _ = set_up(clinic)
    code = code_at(secret, now_step())
    assert first_step(server, clinic).submit("/login/code", code=code).status == 303
    assert first_step(server, clinic).submit("/login/code", code=code).status == 422
    used_at_set_up = code_at(secret, now_step() - 1)
    assert first_step(server, clinic).submit("/login/code", code=used_at_set_up).status == 422

def test_a_recovery_code_works_once(server, clinic):
    _, codes = set_up(clinic)
    typed = codes[3].lower().replace("-", " ")
    assert first_step(server, clinic).submit("/login/code", code=typed).status == 303
    assert first_step(server, clinic).submit("/login/code", code=codes[3]).status == 422
    assert "9 recovery codes" in clinic.get("/account/two-factor").page.text
    token = clinic.token("/account/two-factor")
    answer = clinic.post("/account/two-factor/codes", {"csrf_token": token, "password": PASSWORD, "code": codes[0]})
    assert answer.status == 303
    assert "10 recovery codes" in clinic.get("/account/two-factor").page.text
    assert first_step(server, clinic).submit("/login/code", code=codes[1]).status == 422

def test_without_the_first_step_there_is_no_second(server, clinic):
    stranger = server.client()
    assert stranger.get("/login/code").location == "/login"
    answer = stranger.submit("/login/code", "/login", code="123456")
    assert (answer.status, answer.location) == (303, "/login")
    stranger.cookies["medsynq_step"] = "A" * 130
    assert stranger.get("/login/code").location == "/login"

def test_removing_it_needs_a_code(server, clinic):
    secret, codes = set_up(clinic)
    token = clinic.token("/account/two-factor")
    fields = {"csrf_token": token, "password": PASSWORD}
    assert clinic.post("/account/two-factor/off", {**fields, "code": "1"}).status == 422
    answer = clinic.post("/account/two-factor/off", {**fields, "code": codes[0]})
    assert answer.status == 303
    page = clinic.get("/account/two-factor").text
    assert re.search(r"<code>([A-Z2-7]{32})</code>", page)[1] != secret
    assert server.client().log_in(clinic.organisation).location == "/dashboard"

def test_an_administrator_resets_it(server, clinic):
    set_up(join(server, clinic))
    path = user_path(clinic, "bo@example.org")
    assert server.client().log_in(clinic.organisation, "bo@example.org", OTHER).location != "/dashboard"
    answer = act(clinic, path, "two-factor-off")
    assert (answer.status, answer.location) == (303, path)
    assert "is off" in clinic.get(path).page.text
    assert server.client().log_in(clinic.organisation, "bo@example.org", OTHER).location == "/dashboard"

def test_from_the_day_on_nothing_comes_before_setting_it_up(server, clinic):
    assert clinic.submit("/organisation", two_factor_from="soon").status == 422
    assert clinic.submit("/organisation", two_factor_from="2026-02-30").status == 422
    assert clinic.submit("/organisation", two_factor_from="2999-01-01").status == 303
    assert clinic.get("/organisation").page.fields["two_factor_from"] == "2999-01-01"
    assert clinic.get("/dashboard").status == 200
    assert clinic.submit("/organisation", two_factor_from="2026-01-01").status == 303  # an earlier day asks nothing
    assert clinic.get("/dashboard").location == "/account/two-factor"
    assert clinic.get("/patients").location == "/account/two-factor"
    set_up(clinic)
    assert clinic.get("/dashboard").status == 200
    for relaxed in ("", "2999-01-01"):
        for wrong, words in (("", "Enter your own password: two-step verification"), ("not it at all", "not your password")):
            answer = clinic.submit("/organisation", two_factor_from=relaxed, password=wrong)
            assert answer.status == 422 and words in answer.page.text and "not it at all" not in answer.text
    assert clinic.get("/organisation").page.fields["two_factor_from"] == "2026-01-01"
    assert clinic.submit("/organisation", two_factor_from="2026-01-01", language="").status == 303
    assert clinic.submit("/organisation", two_factor_from="", password=PASSWORD).status == 303
    assert clinic.get("/organisation").page.fields["two_factor_from"] == ""


def test_ones_own_second_factor_asks_for_the_password_too(make_server):
    """A session that was stolen neither sets one up, nor renews its codes, nor takes it off: and a code that came
    with a wrong password is not used up."""
    server = make_server("MedSynQLoginThrottle 50 1000")
    clinic = server.organisation()
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", clinic.get("/account/two-factor").text)[1]
    code = code_at(secret, now_step())
    for wrong, words in (("", "Enter your own password."), ("not it at all", "This is not your password.")):
        answer = clinic.submit("/account/two-factor", password=wrong, code=code)
        assert answer.status == 422 and words in answer.page.text and "not it at all" not in answer.text
    assert server.client().log_in(clinic.organisation).location == "/dashboard"
    _, codes = set_up(clinic)
    for verb in ("codes", "off"):
        for wrong in ("", "not it at all"):
            token = clinic.token("/account/two-factor")
            answer = clinic.post(f"/account/two-factor/{verb}",
                                 {"csrf_token": token, "password": wrong, "code": codes[0]})
            assert answer.status == 422
    assert "10 recovery codes" in clinic.get("/account/two-factor").page.text
    with sqlite3.connect(server.database) as database:
        failed = dict(database.execute("SELECT action, count(*) FROM audit_events WHERE outcome = 3 GROUP BY action"))
    assert sorted(failed.values()) == [1, 1, 1], "each wrong one is an event of what was tried"

def test_guessing_codes_is_slow(make_server):
    server = make_server("MedSynQLoginThrottle 3 1000")
    clinic = server.organisation()
    secret, codes = set_up(clinic)
    person = first_step(server, clinic)
    statuses = [person.submit("/login/code", code=f"00000{i}").status for i in range(6)]
    assert 429 in statuses
    locked = person.submit("/login/code", code=codes[0])
    assert locked.status == 429 and int(locked.headers["Retry-After"]) > 0


def test_a_changed_password_ends_the_step_between(make_server):
    server = make_server()
    clinic = server.organisation()
    secret, codes = set_up(clinic)
    person = first_step(server, clinic)
    fields = {"csrf_token": person.token("/login/code"), "code": codes[0]}
    assert clinic.submit("/account/password", old_password=PASSWORD,
                         password="quite another long phrase").status == 303
    answer = person.post("/login/code", fields)
    assert (answer.status, answer.location) == (303, "/login")
    assert person.get("/login/code").location == "/login"
    assert person.get("/dashboard").status == 303
    # nor is its number another one's
    for name in list(person.cookies):
        person.cookies[name] = person.cookies[name].split(".")[0] + ".3"
    assert person.get("/login/code").location == "/login"


def test_what_others_change_does_not_end_the_step_between(make_server):
    server = make_server()
    clinic = server.organisation()
    _, codes = set_up(clinic)
    person = first_step(server, clinic)
    other = join(server, clinic)
    assert other.submit("/account/password", old_password=OTHER, password="quite another long phrase").status == 303
    assert server.organisation().submit("/account/password", old_password=PASSWORD,
                                        password="quite another long phrase").status == 303
    assert person.submit("/login/code", code=codes[0]).location == "/dashboard"
    # a new log-in has a step of its own, which the old password's end does not reach
    assert clinic.submit("/account/password", old_password=PASSWORD,
                         password="quite another long phrase").status == 303
    person = server.client()
    assert person.log_in(clinic.organisation, password="quite another long phrase").location == "/login/code"
    assert person.submit("/login/code", code=codes[1]).location == "/dashboard"


def failures(server):
    with sqlite3.connect(server.database) as db:
        return db.execute("SELECT count(*) FROM audit_events WHERE reason = 'second factor'"
                          ).fetchone()[0]


def test_codes_that_have_to_wait_are_not_looked_at_and_write_no_events(make_server):
    server = make_server("MedSynQLoginThrottle 3 1000")
    clinic = server.organisation()
    set_up(clinic)
    people = [first_step(server, clinic) for _ in range(12)]
    fields = [{"csrf_token": person.token("/login/code"), "code": f"00000{n % 10}"}
              for n, person in enumerate(people)]
    with concurrent.futures.ThreadPoolExecutor(len(people)) as pool:
        statuses = [answer.status for answer in
                    pool.map(lambda pair: pair[0].post("/login/code", pair[1]),
                             zip(people, fields))]
    assert statuses.count(422) <= 3 and set(statuses) <= {422, 429, 503}, statuses
    until(lambda: int(people[0].post("/login/code", fields[0]).headers["Retry-After"] or 0) > 6,
          "the account waits for a while")
    before = failures(server)
    for _ in range(20):
        assert people[0].post("/login/code", fields[0]).status == 429
    assert failures(server) == before

def test_the_secret_is_sealed_in_the_database(make_server):
    server = make_server()
    clinic = server.organisation()
    secret, codes = set_up(clinic)
    raw = base64.b32decode(secret)
    for path in server.database.parent.glob("medsynq.db*"):
        data = path.read_bytes()
        assert raw not in data and secret.encode() not in data
        assert codes[0].replace("-", "").encode() not in data

def test_of_many_requests_with_one_code_one_gets_in(make_server):
    """In several processes at once: the code is used up in the database, not in memory."""
    server = make_server("<IfModule mpm_prefork_module>\nStartServers 8\n</IfModule>", mpm="prefork")
    clinic = server.organisation()
    secret, _ = set_up(clinic)
    people = [first_step(server, clinic) for _ in range(8)]
    forms = [person.token("/login/code") for person in people]
    code = code_at(secret, now_step())
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda one: one[0].post("/login/code", {
            "csrf_token": one[1], "code": code}).status, zip(people, forms)))
    assert sorted(statuses) == [303] + [422] * 7


def test_the_list_says_who_logs_in_in_two_steps(server, clinic):
    join(server, clinic)
    cells = [re.sub(r"<[^>]*>", "", cell) for cell in re.findall(
        r'<td data-label="Two-step verification">(.*?)</td>', clinic.get("/users").text)]
    assert cells == ["–", "–"]
    set_up(clinic)
    row = re.search(r"admin@example\.org.*?</tr>", clinic.get("/users").text, re.S)[0]
    assert '<td data-label="Two-step verification">yes</td>' in row


@pytest.mark.parametrize("name", ["Lake & Hill {}", "{} " + "x" * 60])
def test_the_app_is_told_of_which_organisation_the_code_is(server, name):
    clinic = server.organisation(name.format(os.urandom(5).hex()))
    text = clinic.get("/account/two-factor").text
    label = urllib.parse.unquote(html.unescape(re.search(r"otpauth://totp/([^?]*)[?]", text)[1]))
    assert "<svg" in text and label == f"MedSynQ:Ada Admin ({clinic.organisation})"


def test_a_name_that_no_square_holds_leaves_the_person(server):
    clinic = server.organisation(f"{os.urandom(5).hex()} " + "診" * 180)
    text = clinic.get("/account/two-factor").text
    assert "<svg" in text and "otpauth://totp/MedSynQ:Ada%20Admin?" in text


def test_recovery_codes_are_printed_with_whose_they_are(clinic):
    secret = re.search(r"<code>([A-Z2-7]{32})</code>", clinic.get("/account/two-factor").text)[1]
    clinic.submit("/account/two-factor", password=clinic.password, code=code_at(secret, now_step() - 1))
    page = clinic.get("/account/two-factor")
    assert "data-print" in page.text and f"Ada Admin · {clinic.organisation}" in page.page.text
    assert "data-print" not in clinic.get("/account/two-factor").text
