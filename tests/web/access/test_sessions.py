"""Sessions as a person manages them: seen, ended, and gone on the next request."""
import concurrent.futures
import contextlib
import re
import sqlite3
import threading

from harness import PASSWORD, until
from test_people import OTHER, invite, join


def test_ones_sessions_are_listed_and_each_can_be_ended(server, clinic):
    other = server.client(User_Agent="Mozilla/5.0 (Windows NT 10.0) Firefox/140.0")
    other.log_in(clinic.organisation)
    page = clinic.get("/account/sessions")
    assert "Firefox, Windows" in page.page.text and "127.0.0.1" in page.page.text
    name = re.search(r'name="end" value="([0-9a-f]{16})"', page.text)[1]
    answer = clinic.post("/account/sessions", {"csrf_token": page.page.fields["csrf_token"], "end": name})
    assert answer.status == 303
    assert other.get("/dashboard").status == 303
    assert "The other sessions have ended." in clinic.get("/account/sessions").page.text
    assert clinic.get("/dashboard").status == 200


def test_all_others_end_at_once(server, clinic):
    others = [server.client() for _ in range(3)]
    for other in others:
        other.log_in(clinic.organisation)
    stranger = server.organisation()
    clinic.submit("/account/sessions", end="others")
    assert [other.get("/dashboard").status for other in others] == [303] * 3
    assert clinic.get("/dashboard").status == stranger.get("/dashboard").status == 200


def test_nobody_ends_a_session_of_somebody_else(server, clinic):
    stranger = server.organisation()
    second = server.client()
    second.log_in(stranger.organisation)
    name = re.search(r'name="end" value="([0-9a-f]{16})"', stranger.get("/account/sessions").text)[1]
    assert clinic.submit("/account/sessions", end=name).status == 404
    assert second.get("/dashboard").status == 200


def test_a_session_ends_when_nothing_happens(make_server):
    server = make_server("MedSynQSessionTimeout 1s 1h")
    clinic = server.organisation()
    assert clinic.get("/dashboard").status == 200
    import time
    end = time.monotonic() + 1.2
    until(lambda: time.monotonic() > end, "the idle limit passes")
    assert clinic.get("/dashboard").location == "/login?next=/dashboard"


def test_a_session_ends_after_its_absolute_limit_however_busy(make_server):
    server = make_server("MedSynQSessionTimeout 2s 2s")
    clinic = server.organisation()
    until(lambda: clinic.get("/dashboard").status == 303, "the absolute limit passes", 10)


def test_a_full_cache_refuses_new_log_ins_and_throws_nobody_out(make_server):
    server = make_server("MedSynQSessionCache medsynq:16")
    clinic = server.organisation()
    clients = [server.client() for _ in range(16)]
    statuses = [client.log_in(clinic.organisation).status for client in clients]
    assert statuses == [303] * 15 + [503]
    assert clinic.get("/dashboard").status == 200
    assert [c.get("/dashboard").status for c in clients[:15]] == [200] * 15


def fill(server, clinic, email="admin@example.org", password=PASSWORD):
    """@return those who got in until nobody did"""
    clients = []
    while True:
        client = server.client()
        status = client.log_in(clinic.organisation, email, password).status
        if status != 303:
            assert status == 503
            return clients
        clients.append(client)
        assert len(clients) < 300


def count(server, sql, *values):
    with contextlib.closing(sqlite3.connect(server.database)) as db:
        return db.execute(sql, values).fetchone()[0]


def test_a_full_table_refuses_before_anything_is_made(make_server):
    server = make_server("MedSynQSessionCache medsynq:16")
    clinic = server.organisation()
    link = invite(clinic)
    inside = fill(server, clinic)
    refused = server.client().submit("/register-tenant", tenantName="Late Clinic", adminName="Ada Admin",
                                     adminEmail="a@example.org", adminPassword=PASSWORD)
    assert refused.status == 503 and refused.page.fields["tenantName"] == "Late Clinic"
    assert count(server, "SELECT count(*) FROM tenants WHERE name = 'Late Clinic'") == 0
    guest = server.client()
    assert guest.submit(link, name="Bo", password=OTHER).status == 503
    assert count(server, "SELECT count(*) FROM users WHERE email = 'bo@example.org'") == 0
    changed = inside[0].submit("/account/password", old_password=PASSWORD, password=OTHER)
    assert changed.status == 503 and clinic.get("/dashboard").status == 200
    inside.pop().log_out()
    assert guest.submit(link, name="Bo", password=OTHER).status == 303
    inside.pop().log_out()
    server.organisation("Late Clinic")


def test_a_place_that_is_kept_for_nothing_is_given_back(make_server):
    server = make_server("MedSynQSessionCache medsynq:16")
    clinic = server.organisation()
    for _ in range(30):
        answer = server.client().submit("/register-tenant", tenantName=clinic.organisation, adminName="Ada",
                                        adminEmail="a@example.org", adminPassword=PASSWORD)
        assert answer.status == 422
    assert len(fill(server, clinic)) == 15


def test_an_organisation_leaves_places_for_the_others(make_server):
    server = make_server("MedSynQSessionCache medsynq:64")
    greedy, other = server.organisation(), server.organisation()
    join(server, greedy)
    for _ in range(49):
        assert server.client().log_in(greedy.organisation).status == 303
    assert len(fill(server, greedy, "bo@example.org", OTHER)) == 9  # 61 are there, a twentieth is left
    for _ in range(3):
        assert server.client().log_in(other.organisation).status == 303
    assert greedy.get("/dashboard").status == 200


def test_registering_ends_the_session_that_was_there(server, clinic):
    former = server.client()
    former.cookies = dict(clinic.cookies)
    server.organisation(client=clinic)
    assert former.get("/dashboard").status == 303
    assert clinic.get("/dashboard").status == 200


def test_the_newest_fifty_sessions_of_a_person_stay(make_server):
    server = make_server("MedSynQSessionCache medsynq:256")
    clinic, other = server.organisation(), server.organisation()
    first = dict(clinic.cookies)
    for _ in range(60):
        clinic.cookies = {}
        assert clinic.log_in(clinic.organisation).status == 303
    page = clinic.get("/account/sessions").page
    assert page.text.count("last seen") == 50 and "at 50 places at a time" in page.text
    stale = server.client()
    stale.cookies = first
    assert stale.get("/dashboard").status == 303
    assert other.get("/dashboard").status == 200  # they were nobody else's
    assert clinic.submit("/account/sessions", end="others").status == 303
    assert clinic.get("/account/sessions").page.text.count("last seen") == 1


def test_a_thousand_sessions_outlive_ten_reloads_under_load(make_server):
    server = make_server()
    clinics = [server.organisation() for _ in range(20)]
    paths = [clinic.add_patient("Ann Survivor") for clinic in clinics]
    over, wrong, answered = threading.Event(), [], []

    def log_in(client, clinic, path):
        client.cookies = {}
        assert client.log_in(clinic.organisation).status == 303
        return client.cookies["medsynq"], path

    def log_in_many(part):
        client = server.client()
        return [log_in(client, clinics[n], paths[n]) for n in range(part, 20, 4) for _ in range(50)]

    def ask(client, session):
        client.cookies = {"medsynq": session[0]}
        return client.get(session[1]).status

    def load(cookies):
        client = server.client()
        while not over.is_set():
            for cookie in cookies:
                status = ask(client, cookie)
                answered.append(status)
                if status != 200:
                    wrong.append(status)

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        cookies = [cookie for part in pool.map(log_in_many, range(4)) for cookie in part]
        assert len(set(cookies)) == 1000
        jobs = [pool.submit(load, cookies[i::2][:50]) for i in range(2)]
        try:
            for _ in range(10):
                before = len(answered)
                server.reload()
                until(lambda: wrong or len(answered) > before + 100, "pages after the reload")
        finally:
            over.set()
        for job in jobs:
            job.result()
    assert not wrong and len(answered) > 1000
    client = server.client()
    assert [ask(client, cookie) for cookie in cookies] == [200] * 1000


def test_a_page_without_a_form_gives_no_cookie_to_who_only_looks(server):
    visitor = server.client()
    assert visitor.get("/").status == 200
    assert visitor.cookies == {}
    visitor.get("/login")
    assert visitor.cookies
