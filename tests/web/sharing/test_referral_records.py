"""A referral that was accepted is linked with an own record that somebody has compared, or with one that is
registered as they confirm it; nothing of the other organisation's patient is kept but that."""
import re
import uuid

import pytest
from test_merge import merge
from test_referrals import NEVER, Referrals
from test_shared import CANARY, bare


class Records(Referrals):
    def accepted(self):
        path = self.sent()
        assert self.take(self.guest, path, "accept").status == 303
        return path

    def tie(self, path, patient, verb="link"):
        return self.guest.post(f"{path}/{verb}", {"csrf_token": self.guest.token("/account"),
                                                  "patient": patient.split("?")[0].rsplit("/", 1)[-1]})

    def of_links(self, organisation):
        """The events of linking: action, and whose record."""
        found = self.rows("SELECT action, patient_id FROM audit_events e JOIN tenants t USING (tenant_id) WHERE t.name = ? "
                          "AND action IN (205, 207, 208) ORDER BY number", organisation)
        return [(action, str(uuid.UUID(bytes=patient))) for action, patient in found]

    def matches(self):
        return self.rows("SELECT m.* FROM referral_matches m JOIN tenants t USING (tenant_id) WHERE t.name = ?",
                         self.reader.organisation)


@pytest.fixture
def pair(server):
    return Records(server)


def id_of(path):
    return path.split("?")[0].rsplit("/", 1)[1]


def test_an_own_record_is_compared_linked_and_the_link_undone(pair):
    own = pair.reader.add_patient(f"{CANARY} Lima", date_of_birth="1980-02-03")
    path = pair.accepted()
    assert "not linked with a record of your organisation" in pair.guest.get(path).page.text
    page = pair.guest.get(path + "/record")
    assert id_of(own) in page.text and "the same date of birth" in page.page.text and "of the referral" in page.page.text
    assert pair.matches() == []  # nobody is chosen for anybody
    assert pair.tie(path, own).status == 303
    text = pair.guest.get(path).page.text
    assert "undo the link" in text and "Gus Guest" in text
    assert len(pair.matches()) == 1 and "not accepted, or has a record" in pair.guest.get(path + "/record").page.text
    assert pair.tie(path, own).status == 303 and len(pair.matches()) == 1  # a second click
    other = pair.reader.add_patient("Somebody Else")
    assert pair.tie(path, other).status == pair.tie(path, other, "unlink").status == 409 and len(pair.matches()) == 1
    assert pair.tie(path, own, "unlink").status == 303 and pair.matches() == []
    assert pair.tie(path, other).status == 303  # whoever compares decides
    assert "Somebody Else" in pair.guest.get(path).page.text
    assert pair.of_links(pair.reader.organisation) == [(205, id_of(own)), (207, id_of(own)), (205, id_of(other))]
    assert pair.of_links(pair.owner.organisation) == []
    assert "Linked a referral with the record" in pair.reader.get("/audit").page.text


def test_a_record_is_found_by_its_number_too(pair):
    own = pair.reader.add_patient("Nobody Alike", date_of_birth="1955-05-05")
    path = pair.accepted()
    assert "Nobody Alike" not in pair.guest.get(path + "/record").page.text
    number = pair.rows("SELECT mrn FROM patients WHERE id = ?", uuid.UUID(id_of(own)).bytes)[0][0]
    page = pair.guest.get(f"{path}/record?number={number}")
    assert "Nobody Alike" in page.page.text
    assert "No patient here has this record number" not in page.page.text
    assert "No patient here has this record number" in pair.guest.get(path + "/record?number=P77777777").page.text
    theirs = pair.rows("SELECT mrn FROM patients WHERE id = ?", pair.patient_id)[0][0]
    pair.change("UPDATE patients SET mrn = 'ONLY-THEIRS' WHERE id = ?", pair.patient_id)
    assert theirs and "/link" not in pair.guest.get(f"{path}/record?number=ONLY-THEIRS").text


def test_a_patient_is_registered_as_somebody_confirms_it(pair):
    path = pair.accepted()
    form = pair.guest.get(path + "/register").page.fields
    assert form["name"] == f"{CANARY} Lima" and form["phone1"] == f"0300 {CANARY}"
    before = pair.rows("SELECT COUNT(*) FROM patients")
    first = pair.guest.post(path + "/register", {**form, "name": "Confirmed Lima", "phone1": ""})
    assert first.status == 303 and first.location == path
    assert pair.guest.post(path + "/register", {**form, "name": "Confirmed Lima", "phone1": ""}).location == path
    assert pair.rows("SELECT COUNT(*) FROM patients") == [(before[0][0] + 1,)]
    text = pair.guest.get(path).page.text
    assert "Confirmed Lima" in text and "undo the link" in text
    (_, _, own, _, _), = pair.matches()
    assert pair.rows("SELECT name, phone1 FROM patients WHERE id = ?", own) == [("Confirmed Lima", None)]
    assert pair.guest.get(path + "/register").status == 409
    assert pair.of_links(pair.reader.organisation) == [(208, str(uuid.UUID(bytes=own)))]
    mine = pair.rows("SELECT tenant_id FROM tenants WHERE name = ?", pair.reader.organisation)[0][0]
    for table in "patients", "patient_words", "referral_matches", "audit_events":
        kept = repr(pair.rows(f"SELECT * FROM {table} WHERE tenant_id = ?", mine))
        assert CANARY not in kept and repr(pair.patient_id) not in kept, table


def test_whoever_registers_is_warned_of_a_double(pair):
    own = pair.reader.add_patient(f"{CANARY} Lima", date_of_birth="1980-02-03")
    path = pair.accepted()
    warning = pair.guest.post(path + "/register", pair.guest.get(path + "/register").page.fields)
    assert warning.status == 200 and "registered already" in warning.page.text and id_of(own) in warning.text
    assert pair.matches() == []
    assert pair.guest.post(path + "/register", warning.page.fields).status == 303
    assert len(pair.matches()) == 1


def test_what_is_not_accepted_or_not_ones_own_is_not_linked(pair):
    own = pair.reader.add_patient("Own Record")
    path = pair.sent()
    assert pair.tie(path, own).status == 409 and pair.matches() == []
    page = pair.guest.get(path + "/register")  # a form that could only be refused
    assert page.status == 409 and 'name="date_of_birth"' not in page.text and "is not accepted, or has" in page.page.text
    form = {**pair.guest.get("/patients/new").page.fields, "name": "Too Early"}
    assert pair.guest.post(path + "/register", form).status == 409
    assert pair.rows("SELECT 1 FROM patients WHERE name = 'Too Early'") == []
    assert pair.take(pair.guest, path, "accept").status == 303
    assert bare(pair.tie(path, pair.patient)) == bare(pair.tie(path, NEVER))  # the owner's own patient
    assert pair.doctor.get(path + "/record").status == pair.doctor.get(path + "/register").status == 404
    token = {"csrf_token": pair.guest.token(own), "version": "1", "reason": "moved away"}
    assert pair.guest.post(own.split("?")[0] + "/archive", token).status == 303
    assert pair.tie(path, own).status == 409 and pair.matches() == []


def test_a_referral_that_is_not_shared_any_more_is_not_linked(pair):
    own = pair.reader.add_patient("Own Record")
    path = pair.accepted()
    assert pair.tie(path, own).status == 303 and pair.withdraw().status == 303
    form = {**pair.guest.get("/patients/new").page.fields, "name": "Too Late"}
    for verb in "link", "unlink":
        assert bare(pair.tie(path, own, verb)) == bare(pair.tie(NEVER, own, verb))
    assert bare(pair.guest.post(path + "/register", form)) == bare(pair.guest.post(NEVER + "/register", form))
    for page in "record", "register":
        assert bare(pair.guest.get(f"{path}/{page}")) == bare(pair.guest.get(f"{NEVER}/{page}"))
    assert pair.rows("SELECT 1 FROM patients WHERE name = 'Too Late'") == []
    assert len(pair.matches()) == 1  # which names nobody of the other organisation


def test_the_link_follows_a_record_that_is_merged_separated_and_archived(pair):
    one, other = (pair.reader.add_patient(name).split("?")[0] for name in ("Merged Away", "Stays Here"))
    path = pair.accepted()
    assert pair.tie(path, one).status == 303
    merge(pair.guest, other, one)
    text = pair.guest.get(path).page.text
    assert "Stays Here" in text and "Merged Away" not in text
    form = pair.guest.get(f"{other}/unmerge?other={id_of(one)}").page.fields
    assert pair.guest.post(other + "/unmerge", form).status == 303
    assert "Merged Away" in pair.guest.get(path).page.text
    version = pair.rows("SELECT version FROM patients WHERE id = ?", uuid.UUID(id_of(one)).bytes)[0][0]
    assert pair.guest.post(one + "/archive", {"csrf_token": pair.guest.token(one), "version": version,
                                               "reason": "moved away"}).status == 303
    text = pair.guest.get(path).page.text
    assert "Merged Away archived" in re.sub(r"\s+", " ", text)
    assert pair.tie(path, one, "unlink").status == 303


def test_a_record_that_was_merged_meanwhile_is_not_linked_and_its_number_leads_to_the_other(pair):
    one, other = (pair.reader.add_patient(name).split("?")[0] for name in ("Merged Away", "Stays Here"))
    path = pair.accepted()
    number = pair.rows("SELECT mrn FROM patients WHERE id = ?", uuid.UUID(id_of(one)).bytes)[0][0]
    merge(pair.guest, other, one)
    late = pair.tie(path, one)  # from a page that was open
    assert late.status == 409 and "Nothing is linked" in late.page.text and pair.matches() == []
    page = pair.guest.get(f"{path}/record?number={number}")
    assert "Stays Here" in page.page.text and id_of(other) in page.text and id_of(one) not in page.text
