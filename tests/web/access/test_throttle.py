"""Guessing is slow, for an account and for an address; nobody else is locked out by it."""
import concurrent.futures
import os
import re
import subprocess
import time

import pytest

from harness import FLAVOUR, PASSWORD, until
from test_ctl import ctl
from test_people import OTHER, act, join, user_path


def wrong(server, organisation, email="admin@example.org"):
    return server.client().log_in(organisation, email, "this is not the password")


def test_an_account_waits_and_the_right_password_does_not_get_in(make_server):
    server = make_server("MedSynQLoginThrottle 3 1000")
    clinic, other = server.organisation(), server.organisation()
    assert [wrong(server, clinic.organisation).status for _ in range(3)] == [422, 422, 422]
    locked = server.client().log_in(clinic.organisation)
    assert locked.status == 429
    assert 1 <= int(locked.headers["Retry-After"]) <= 3
    assert locked.page.fields["tenantName"] == clinic.organisation
    assert PASSWORD not in locked.text
    assert server.client().log_in(other.organisation).status == 303
    answer = until(lambda: (a := server.client().log_in(clinic.organisation)).status == 303 and a,
                   "the delay passes", 20)
    assert answer.location == "/dashboard"
    assert wrong(server, clinic.organisation).status == 422  # the count begins anew


def test_an_unlocked_account_gets_in_at_once(make_server):
    server = make_server("MedSynQLoginThrottle 1 1000")
    clinic, other = server.organisation(), server.organisation()
    for organisation in (clinic.organisation, other.organisation):
        assert wrong(server, organisation).status == 422
        assert server.client().log_in(organisation).status == 429
    ctl(server.database, "user", "unlock", clinic.organisation, clinic.email)
    assert server.client().log_in(clinic.organisation).status == 303
    assert server.client().log_in(other.organisation).status == 429
    # it forgives what was, not what comes
    assert wrong(server, clinic.organisation).status == 422
    assert server.client().log_in(clinic.organisation).status == 429
    assert "Unlocked a person's account" in clinic.get("/audit?action=user.unlock").page.text


def test_an_administrator_unlocks_on_the_persons_page(make_server):
    server = make_server("MedSynQLoginThrottle 1 1000")
    clinic = server.organisation()
    join(server, clinic)
    assert wrong(server, clinic.organisation, "bo@example.org").status == 422
    assert server.client().log_in(clinic.organisation, "bo@example.org", OTHER).status == 429
    path = user_path(clinic, "bo@example.org")
    assert f'action="{path}/unlock"' in clinic.get(path).text
    answer = act(clinic, path, "unlock")
    assert (answer.status, answer.location) == (303, path)
    assert "can try to log in again" in clinic.get(path).page.text
    assert server.client().log_in(clinic.organisation, "bo@example.org", OTHER).status == 303
    assert "Unlocked a person's account" in clinic.get("/audit?action=user.unlock").page.text
    stranger = server.organisation()
    join(server, stranger)
    assert act(stranger, user_path(stranger, "bo@example.org"), "unlock").status == 303
    token = stranger.token("/logout")
    assert stranger.post(f"{path}/unlock", {"csrf_token": token}).status == 404


def test_the_delay_doubles(make_server):
    server = make_server("MedSynQLoginThrottle 1 1000")
    clinic = server.organisation()
    waits = []
    for _ in range(3):
        answer = until(lambda: (a := wrong(server, clinic.organisation)).status == 422 and a,
                       "another attempt", 30)
        waits.append(int(server.client().log_in(clinic.organisation).headers["Retry-After"]))
        assert answer.status == 422
    assert waits[0] <= 3 and waits[1] >= 3 and waits[2] >= 7, waits


def test_an_account_that_does_not_exist_waits_as_well(make_server):
    server = make_server("MedSynQLoginThrottle 3 1000")
    statuses = [wrong(server, "no such organisation").status for _ in range(4)]
    assert statuses == [422, 422, 422, 429]


def test_an_address_waits_over_all_accounts(make_server):
    server = make_server("MedSynQLoginThrottle 1000 5")
    statuses = [wrong(server, f"nobody {n}").status for n in range(6)]
    assert statuses == [422] * 5 + [429]


def test_registration_is_limited_for_each_address(make_server):
    server = make_server("MedSynQRegistrationThrottle 2")
    first, second = server.organisation(), server.organisation()
    answer = server.client().submit("/register-tenant", tenantName="Third", adminName="A",
                                    adminEmail="a@example.org", adminPassword=PASSWORD)
    assert answer.status == 429 and int(answer.headers["Retry-After"]) > 3000
    assert answer.page.fields["tenantName"] == "Third"
    assert first.get("/dashboard").status == second.get("/dashboard").status == 200


def test_a_flood_of_log_ins_leaves_other_pages_alone(make_server):
    server = make_server(cost=10)
    clinic = server.organisation()
    path = clinic.add_patient("Ann")

    def knock(_):
        return wrong(server, clinic.organisation).status

    with concurrent.futures.ThreadPoolExecutor(64) as pool:
        flood = [pool.submit(knock, n) for n in range(64)]
        pages = []
        while not all(f.done() for f in flood):
            begun = time.monotonic()
            assert clinic.get(path).status == 200
            pages.append(time.monotonic() - begun)
    statuses = {f.result() for f in flood}
    assert statuses <= {422, 503} and 422 in statuses
    assert pages
    pages.sort()
    print(f"p99 of a patient's page during the flood: {pages[int(len(pages) * .99)] * 1000:.1f} ms")


def processor_time(server):
    """Seconds that the server's processes have worked."""
    ticks = 0
    for child in subprocess.check_output(["pgrep", "-P", str(server.pid)], text=True).split():
        with open(f"/proc/{child}/stat") as stat:
            ticks += sum(int(n) for n in stat.read().rsplit(")", 1)[1].split()[11:13])
    return ticks / os.sysconf("SC_CLK_TCK")


@pytest.mark.skipif(FLAVOUR == "sanitize", reason="what the sanitizers do takes time of its own")
def test_a_refused_log_in_is_the_same_work_whatever_was_wrong(make_server):
    server = make_server(cost=11)
    clinic = server.organisation()
    join(server, clinic)
    assert act(clinic, user_path(clinic, "bo@example.org"), "disable").status == 303
    cases = {"unknown organisation": ("no such organisation", "admin@example.org", PASSWORD),
             "unknown person": (clinic.organisation, "nobody@example.org", PASSWORD),
             "wrong password": (clinic.organisation, "admin@example.org", "not the password at all"),
             "disabled": (clinic.organisation, "bo@example.org", OTHER)}
    work, answers = {}, set()
    for name, (organisation, email, password) in cases.items():
        client = server.client()
        fields = {"csrf_token": client.token(), "tenantName": organisation, "email": email,
                  "password": password}
        before = processor_time(server)
        for _ in range(4):
            answer = client.post("/login", fields)
            answers.add((answer.status, re.search(r'role="alert".*?</div>', answer.text, re.S)[0]))
        work[name] = processor_time(server) - before
    print(work)
    assert len(answers) == 1
    assert min(work.values()) > 0.1 and max(work.values()) < 1.3 * min(work.values()), work


def at_once(calls):
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        return [f.result() for f in [pool.submit(call) for call in calls]]


def log_ins(server, accounts, password):
    """The form of each log-in is fetched first: then all are sent at once."""
    calls = []
    for organisation, email in accounts:
        client = server.client()
        fields = {"csrf_token": client.token(), "tenantName": organisation, "email": email,
                  "password": password}
        calls.append(lambda client=client, fields=fields: client.post("/login", fields).status)
    return at_once(calls)


def test_of_forty_wrong_passwords_at_once_the_free_ones_are_looked_at(make_server):
    server = make_server("MedSynQLoginThrottle 5 1000", cost=8)
    clinic = server.organisation()
    account = (clinic.organisation, clinic.email)
    statuses = log_ins(server, [account] * 40, "this is not the password")
    assert statuses.count(422) == 5 and set(statuses) <= {422, 429, 503}, statuses
    # and of an address, whatever the accounts
    server = make_server("MedSynQLoginThrottle 1000 7", cost=8)
    statuses = log_ins(server, [(f"nobody {n}", "a@example.org") for n in range(40)], "wrong")
    assert statuses.count(422) == 7 and set(statuses) <= {422, 429, 503}, statuses


def test_sixty_people_of_twenty_organisations_all_get_in_at_once(make_server):
    """As behind one address in the morning: each has a place to wait, in whichever process. The hashing is cheap, for it
    yields to whatever else the machine does, and nobody waits longer than 20 seconds."""
    server = make_server("MedSynQPasswordWorkers 1\nMedSynQLoginThrottle 5 10", cost=6)
    clinics = [server.organisation() for _ in range(20)]
    for _ in range(9):  # one more failure, and the address would wait
        assert wrong(server, clinics[0].organisation, "nobody@example.org").status in (422, 429)
    statuses = log_ins(server, [(c.organisation, c.email) for c in clinics for _ in range(3)],
                       PASSWORD)
    assert statuses == [303] * 60


def test_who_finds_the_line_full_comes_again_with_what_was_typed(make_server):
    server = make_server("MedSynQPasswordWorkers 1\nStartServers 1\nThreadsPerChild 8\n"
                         "MaxRequestWorkers 8\n", cost=12)
    clinic = server.organisation()
    clients = [server.client() for _ in range(16)]
    forms = [{"csrf_token": client.token(), "tenantName": clinic.organisation,
              "email": f"a{n}@example.org", "password": PASSWORD} for n, client in enumerate(clients)]
    answers = at_once([lambda client=client, form=form: client.post("/login", form)
                       for client, form in zip(clients, forms)])
    refused = [(form, answer) for form, answer in zip(forms, answers) if answer.status == 503]
    assert refused and {answer.status for answer in answers} == {422, 503}
    for form, answer in refused:
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.page.fields["tenantName"] == form["tenantName"]
        assert answer.page.fields["email"] == form["email"]
        assert PASSWORD not in answer.text


def test_names_that_exist_are_not_found_out_without_limit_and_cost_no_hashing(make_server):
    server = make_server("MedSynQRegistrationThrottle 6", cost=13)
    clinic = server.organisation()
    client = server.client()
    fields = {"csrf_token": client.token("/register-tenant"), "tenantName": clinic.organisation,
              "adminName": "A", "adminEmail": "a@example.org", "adminPassword": PASSWORD}
    before = processor_time(server)
    statuses = [client.post("/register-tenant", fields).status for _ in range(8)]
    assert statuses == [422] * 5 + [429] * 3
    if FLAVOUR == "plain":
        assert processor_time(server) - before < 0.3  # one hash alone is more


@pytest.mark.skipif(FLAVOUR == "sanitize", reason="what the sanitizers do takes time of its own")
def test_a_bad_new_password_costs_no_hashing(make_server):
    server = make_server(cost=13)
    clinic = server.organisation()
    fields = {"csrf_token": clinic.token("/account/password"), "old_password": PASSWORD,
              "password": "password1234"}
    before = processor_time(server)
    for _ in range(4):
        assert clinic.post("/account/password", fields).status == 422
    assert processor_time(server) - before < 0.3


def test_the_right_password_in_a_loop_takes_no_turn_from_others(make_server):
    server = make_server("MedSynQPasswordWorkers 1", cost=10)
    greedy, other = server.organisation(), server.organisation()
    ended = []

    def loop():
        while not ended:
            assert server.client().log_in(greedy.organisation).status in (303, 503)

    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        loops = [pool.submit(loop) for _ in range(24)]
        try:
            statuses = [server.client().log_in(other.organisation).status for _ in range(6)]
        finally:
            ended.append(1)
        for one in loops:
            one.result()
    assert statuses == [303] * 6, statuses


def test_a_reset_asked_for_elsewhere_keeps_nobody_waiting(make_server):
    server = make_server("MedSynQLoginThrottle 2 1000\nMedSynQSendmail \"/bin/true\" https://c.example")
    clinic, other = server.organisation(), server.organisation()

    def ask(organisation):
        return server.client().submit("/password-reset", tenantName=organisation,
                                      email=clinic.email).status
    assert [ask(other.organisation) for _ in range(3)] == [200, 200, 429]
    assert ask(clinic.organisation) == 200


def test_no_name_typed_at_the_log_in_is_another_counter(make_server):
    server = make_server("MedSynQLoginThrottle 1 1000")
    clinic = server.organisation()
    person = user_path(clinic, clinic.email).rsplit("/", 1)[1]
    for name in ("old password", "second factor", "reset"):
        for _ in range(3):
            wrong(server, name, person)
    assert clinic.submit("/account/password", old_password="not this one at all",
                         password="quite another long phrase").status == 422
