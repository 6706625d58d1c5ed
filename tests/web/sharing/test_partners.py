"""Organisations that are linked: by code, by the will of both, told on both sides."""
import re

import pytest


WRONG = "No other organisation has this connection code"


def code_of(client):
    return re.search(r"<code>([^<]+)</code>", client.get("/partners").text)[1]


def propose(client, code, **fields):
    return client.submit("/partners", code=code, **fields)


def linked(ours, theirs):
    """@return the path of the link between two organisations, on both sides"""
    path = propose(ours, code_of(theirs)).location
    assert theirs.submit(path + "/accept", path).status == 303
    return path


def step(client, path, verb, reason="because"):
    return client.post(f"{path}/{verb}", {"csrf_token": client.token("/partners"), "reason": reason})


def bare(answer):
    """An answer without what is another one each time."""
    return answer.status, re.sub(r'value="[^"]*"|data-seconds="\d+"|[0-9a-f]{8}-[0-9a-f-]{27}|<code>.*?</code>', "",
                                 answer.text)


def events(server, organisation):
    return server.rows("SELECT e.action, e.outcome, e.actor_name, e.reason FROM audit_events e "
                       "JOIN tenants t USING (tenant_id) WHERE t.name = ? AND e.action > 150 ORDER BY e.number", organisation)


@pytest.fixture
def other(server):
    return server.organisation()


def test_a_link_is_proposed_accepted_and_told_on_both_sides(server, clinic, other):
    answer = propose(clinic, code_of(other), message="From Lyon, with patients in common")
    assert answer.status == 303 and re.fullmatch(r"/partners/[0-9a-f-]{36}", answer.location)
    theirs = other.get(answer.location).page.text
    assert clinic.organisation in theirs and "From Lyon, with patients in common" in theirs
    assert "has not answered yet" in clinic.get(answer.location).page.text
    assert step(other, answer.location, "accept", "we know them").status == 303
    for side in clinic, other:
        text = side.get(answer.location).page.text
        assert "we know them" in text and "linked" in text and "proposed" in text
    for side, name in (clinic, other.organisation), (other, clinic.organisation):
        assert name in side.get("/partners").page.text
    ours, theirs = events(server, clinic.organisation), events(server, other.organisation)
    assert [row[0] for row in ours] == [row[0] for row in theirs] == [152, 153]
    assert clinic.organisation in theirs[0][2] and other.organisation in ours[1][2]


@pytest.mark.parametrize("verb,who,state", [("decline", "other", "declined"), ("accept", "other", "linked"),
                                            ("end", "clinic", "ended")])
def test_a_proposal_ends_as_its_two_sides_may_end_it(clinic, other, verb, who, state):
    path = propose(clinic, code_of(other)).location
    sides = {"clinic": clinic, "other": other}
    stranger = sides[{"clinic": "other", "other": "clinic"}[who]]
    assert step(stranger, path, verb).status == 409
    assert step(sides[who], path, verb).status == 303
    for side in sides.values():
        assert state in side.get(path).page.text
    assert step(sides[who], path, verb).status == 409


def test_a_suspended_link_is_resumed_by_the_side_that_suspended_it(clinic, other):
    path = linked(clinic, other)
    assert step(other, path, "suspend", "an incident").status == 303
    assert "an incident" in clinic.get(path).page.text
    assert step(clinic, path, "resume").status == 409
    assert step(other, path, "resume").status == 303
    assert step(clinic, path, "suspend").status == 303 and step(other, path, "end").status == 303
    for verb in "accept", "decline", "suspend", "resume", "end":
        assert step(clinic, path, verb).status == 409
    assert propose(other, code_of(clinic)).status == 303  # a new one begins anew


def test_the_form_with_another_code_is_another_proposal(server, clinic, other):
    third = server.organisation()
    page = clinic.get("/partners").page.fields
    form = {**page, "code": code_of(other), "message": "Shall we?"}
    first = clinic.post("/partners", form)
    assert first.status == 303
    assert clinic.post("/partners", form).location == first.location  # sent twice
    again = clinic.post("/partners", {**form, "code": code_of(third)})
    assert again.status == 409 and first.location in again.text  # what was saved, and what was not
    assert third.organisation not in re.sub(r"\s+", " ", clinic.get("/partners").page.text)
    assert clinic.post("/partners", again.page.fields).status in (303, 422)


def test_a_link_is_ended_where_no_room_is_left(make_server):
    server = make_server("MedSynQQuota bytes 30k")
    clinic, other, third = server.organisation(), server.organisation(), server.organisation()
    link, proposal = linked(clinic, other), propose(clinic, code_of(third)).location
    path = clinic.add_patient("Long Story")
    for words in (150, 1):
        while clinic.submit(path + "/notes", path, content="a word " * words, sign="1").status == 303:
            pass
    assert clinic.submit(path + "/notes", path, content="Full?", sign="1").status == 409
    assert step(clinic, proposal, "end").status == 303
    assert step(clinic, link, "suspend").status == 303
    assert step(clinic, link, "end").status == 303
    assert "ended" in other.get(link).page.text


def test_two_organisations_are_linked_once(clinic, other):
    linked(clinic, other)
    assert propose(clinic, code_of(other)).status == 409
    assert propose(other, code_of(clinic)).status == 409


def test_a_wrong_code_a_renewed_one_and_ones_own_get_one_answer(server, clinic, other):
    renewed = code_of(other)
    other.submit("/partners/code", "/partners")
    assert code_of(other) != renewed

    def answer(code):
        got = propose(clinic, code)
        masked = re.sub(r'value="[^"]*"|#\w+|data-\w+="[^"]*"|[0-9a-f]{32,}', "", got.text)
        return got.status, masked

    answers = {answer(code) for code in (renewed, code_of(clinic), "ABCDE-FGHJK-LMNPQ-RSTUV", "x")}
    assert len(answers) == 1, [a[0] for a in answers]
    status, text = answers.pop()
    assert status == 422 and WRONG in text
    assert [row[:2] for row in events(server, clinic.organisation)] == [(152, 3)] * 4
    assert not events(server, other.organisation)[1:]  # their own renewal


def test_a_code_is_taken_as_people_type_it(clinic, other):
    assert propose(clinic, code_of(other).lower().replace("-", " ")).status == 303


def test_guessing_codes_is_throttled_and_a_right_one_forgives_nothing(make_server):
    server = make_server("MedSynQLoginThrottle 3 100")
    clinic, other = server.organisation(), server.organisation()
    for _ in range(3):
        assert propose(clinic, "GUESS").status == 422
    late = propose(clinic, code_of(other))
    assert late.status == 429 and int(late.headers["Retry-After"]) > 0
    assert "proposed" not in other.get("/partners").page.text
    assert propose(other, code_of(clinic)).status == 303  # counted for each organisation


def test_what_is_done_to_another_organisation_again_and_again_waits(make_server):
    server = make_server("MedSynQLoginThrottle 3 100")
    clinic, other, third = (server.organisation() for _ in range(3))
    for _ in range(3):
        path = propose(clinic, code_of(other)).location
        assert step(clinic, path, "end").status == 303
    late = propose(clinic, code_of(other))
    assert late.status == 429 and int(late.headers["Retry-After"]) > 0
    assert other.get("/partners").text.count(clinic.organisation) == 3
    assert propose(clinic, code_of(third)).status == 303  # counted for each code
    path = propose(other, code_of(clinic)).location
    assert step(clinic, path, "accept").status == 303
    for _ in range(3):
        assert step(clinic, path, "suspend").status == 303
        assert step(clinic, path, "resume").status == 303
    assert step(clinic, path, "suspend").status == 303  # whoever has doubts never waits
    late = step(clinic, path, "resume")
    assert late.status == 429 and int(late.headers["Retry-After"]) > 0 and "Too many attempts" in late.page.text
    assert "suspended" in other.get(path).page.text
    assert step(clinic, path, "end").status == 303


def test_a_link_is_of_its_two_organisations_alone(server, clinic, other):
    path = linked(clinic, other)
    third = server.organisation()
    never = "/partners/01890000-0000-7000-8000-000000000001"

    def answers(at):
        return [bare(third.get(at))[1]] + \
            [step(third, at, verb).status for verb in ("accept", "decline", "suspend", "resume", "end")]

    assert answers(path) == answers(never) and answers(path)[1:] == [404] * 5
    assert clinic.organisation not in third.get("/partners").text


def test_only_an_administrator_links(server, clinic, other):
    from test_people import join
    clinician = join(server, clinic)
    assert clinician.get("/partners").status == 403
    token = clinician.token("/account")
    assert clinician.post("/partners", {"csrf_token": token, "code": code_of(other)}).status == 403


def test_many_links_come_in_pages(make_server):
    server = make_server()
    clinic, other = server.organisation(), server.organisation()
    for _ in range(51):
        path = propose(clinic, code_of(other)).location
        assert step(clinic, path, "end").status == 303
    first = clinic.get("/partners").text
    nexts = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    second = clinic.get(nexts).text
    found = [re.findall(r'href="/partners/([0-9a-f-]{36})"', page) for page in (first, second)]
    assert len(found[0]) == 50 and len(found[1]) == 1 and not set(found[0]) & set(found[1])
    assert "<span>1–50</span>" in first and "<span>51</span>" in second


def test_an_organisation_of_before_makes_its_first_code(server, clinic):
    server.change("UPDATE tenants SET connection_code = NULL WHERE name = ?", clinic.organisation)
    assert "has no connection code yet" in clinic.get("/partners").page.text
    assert clinic.submit("/partners/code", "/partners").status == 303
    assert len(code_of(clinic)) == 23


def test_a_suspended_organisation_is_not_found_by_its_code(server, clinic, other):
    code = code_of(other)
    server.change("UPDATE tenants SET status = 2 WHERE name = ?", other.organisation)
    answer = propose(clinic, code)
    assert answer.status == 422 and WRONG in answer.page.text
