"""Each counter that makes somebody wait, by its key: what one organisation, or one address, has used up is nobody
else's. The rows are those of the table in docs/threat-model.md."""
import re
import sqlite3

import pytest

from harness import PASSWORD, TOP
from test_partners import code_of, linked, propose
from test_referrals import REFER, Referrals
from test_shared import FIELDS
from test_two_factor import first_step, set_up

DIRECTIVES = ("MedSynQLoginThrottle 3 {address}\nMedSynQRegistrationThrottle {register}\n"
              "MedSynQSendmail \"/bin/true\" https://c.example")
WRONG = "this is not the password"


@pytest.fixture
def serve(make_server):
    return lambda address=1000, register="off": make_server(DIRECTIVES.format(address=address, register=register))


TRIED = (200, 422, 303, 409)


def until_it_waits(once):
    """Three are free, and the fourth waits."""
    for _ in range(3):
        assert once().status in TRIED
    assert once().status == 429


def elsewhere(server, source="127.0.0.2"):
    client = server.client()
    client.source = source
    return client


# Of an organisation, an account or a person: the other one's has the same address, and the same person's e-mail.

def account(server, clinic):
    return lambda: server.client().log_in(clinic.organisation, password=WRONG)


def password(server, clinic):
    return lambda: clinic.submit("/account/password", old_password=WRONG, password="quite another long phrase")


def code(server, clinic):
    person = clinic.at_code = first_step(server, clinic)
    return lambda: person.submit("/login/code", code="000000")


def reset(server, clinic):
    return lambda: server.client().submit("/password-reset", tenantName=clinic.organisation, email=clinic.email)


def partner(server, clinic):
    return lambda: propose(clinic, "GUESS")


def link(server, clinic):
    theirs = code_of(server.organisation())
    return lambda: propose(clinic, theirs)


@pytest.mark.parametrize("counter", [account, password, code, reset, partner, link])
def test_one_organisation_keeps_no_other_waiting(serve, counter):
    server = serve()
    clinic, other = server.organisation(), server.organisation()
    assert clinic.email == other.email
    secrets = {one: set_up(one) for one in (clinic, other)} if counter is code else {}
    until_it_waits(counter(server, clinic))
    once = counter(server, other)
    assert once().status in TRIED
    if counter is account:
        assert server.client().log_in(other.organisation).status == 303
    if counter is password:
        assert other.submit("/account/password", old_password=PASSWORD,
                            password="quite another long phrase").status == 303
    if counter is code:
        assert other.at_code.submit("/login/code", code=secrets[other][1][0]).location == "/dashboard"
    # and nobody's counter is another kind's
    kinds = {account, password, code, reset, partner, link} - {counter, code, link if counter is partner else None}
    if counter is not code:
        for kind in kinds:
            assert kind(server, clinic)().status in TRIED, kind.__name__


# Of an address: whoever comes from another one does not wait, even in the same organisation.

def many_accounts(server, clinic, client):
    number = iter(range(1000))
    return lambda: client().log_in(clinic.organisation, f"{next(number)}@example.org", WRONG)


def many_resets(server, clinic, client):
    number = iter(range(1000))
    return lambda: client().submit("/password-reset", tenantName=clinic.organisation,
                                   email=f"{next(number)}@example.org")


def registrations(server, clinic, client):
    # what is refused counts, too: this name is taken
    return lambda: client().submit("/register-tenant", tenantName=clinic.organisation, adminName="Ada",
                                   adminEmail="ada@example.org", adminPassword=PASSWORD)


@pytest.mark.parametrize("counter", [many_accounts, many_resets, registrations])
def test_one_address_keeps_no_other_waiting(serve, counter):
    server = serve(address=3, register=3)
    clinic = server.organisation(client=elsewhere(server, "127.0.0.9"))
    until_it_waits(counter(server, clinic, server.client))
    assert counter(server, clinic, lambda: elsewhere(server))().status in (200, 422)
    assert elsewhere(server).log_in(clinic.organisation).status == 303


def test_refusals_of_one_address_leave_room_for_the_events_of_another(serve):
    server = serve(address=3)
    clinic = server.organisation()

    def refused(client):
        client.log_in(clinic.organisation)
        for _ in range(40):
            assert client.post("/patients/new", {"name": "No Token"}).status == 403

    def events(source):
        with sqlite3.connect(server.database) as db:
            return db.execute("SELECT count(*) FROM audit_events WHERE outcome = 2 AND address = ?",
                              (source,)).fetchone()[0]
    refused(elsewhere(server, "127.0.0.3"))
    assert 0 < events("127.0.0.3") <= 20
    refused(elsewhere(server, "127.0.0.4"))
    assert 0 < events("127.0.0.4") <= 20


def test_consents_and_referrals_to_one_organisation_wait_for_the_next_hour(make_server):
    server = make_server("MedSynQLoginThrottle 1 1000")
    pair = Referrals(server)
    third = server.organisation()
    elsewhere_to = linked(pair.owner, third).rsplit("/", 1)[1]
    consent = {"csrf_token": pair.doctor.token(pair.patient), "partner": pair.partner, **FIELDS}
    referral = {**consent, "patient": pair.patient.rsplit("/", 1)[1], **REFER}
    for number in range(100):
        answer = pair.doctor.post(*(("/referrals/new", referral) if number % 2 else (pair.patient + "/consents", consent)))
        assert answer.status == 303, number
    for path, fields in ("/referrals/new", referral), (pair.patient + "/consents", consent):
        answer = pair.doctor.post(path, fields)
        assert answer.status == 429 and 3000 < int(answer.headers["Retry-After"]) <= 3601
        assert "Too many attempts" in answer.page.text
    assert REFER["reason"] in pair.doctor.post("/referrals/new", referral).text  # what was typed comes back
    assert pair.rows("SELECT count(*) FROM shared_links") == [(100,)]
    assert pair.withdraw().status == 303
    assert pair.doctor.post(pair.patient + "/consents", {**consent, "partner": elsewhere_to}).status == 303
    assert Referrals(server).refer().status == 303


def test_every_kind_of_counter_is_in_the_table_of_the_docs():
    kinds = re.findall(r"^ +MQ_THROTTLE_(\w+)[,/ ]",
                       (TOP / "mod_medsynq/domain/access/throttle.h").read_text().split("} mq_throttle_t")[0], re.M)
    text = (TOP / "mod_medsynq/docs/threat-model.md").read_text()
    listed = re.findall(r"^\| `(\w+)` \|", text.split("## What makes somebody wait")[1].split("\n## ")[0], re.M)
    assert len(kinds) == 13 and [kind.lower() for kind in kinds] == listed
