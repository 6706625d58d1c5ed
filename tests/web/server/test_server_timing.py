"""Server-Timing: who is told how long a page took."""
import re

SHAPE = re.compile(r"db;dur=\d+\.\d{3}, render;dur=\d+\.\d{3}, total;dur=\d+\.\d{3}$")


def parts(answer):
    return {k: float(v) for k, v in re.findall(r"(\w+);dur=([\d.]+)", answer.headers["Server-Timing"])}


def test_people_who_are_signed_in_are_told_and_others_are_not(clinic, server):
    answer = clinic.get("/patients")
    assert SHAPE.match(answer.headers["Server-Timing"])
    times = parts(answer)
    assert 0 < times["db"] <= times["total"] and times["render"] <= times["total"]
    assert "Server-Timing" not in server.client().get("/").headers
    assert "Server-Timing" not in server.client().get("/login").headers


def test_a_404_is_the_same_whatever_it_took(clinic):
    assert "Server-Timing" not in clinic.get("/patients/0198f000-0000-7000-8000-000000000000").headers


def test_all_and_off_are_what_they_say(make_server):
    everybody = make_server("MedSynQServerTiming all")
    assert SHAPE.match(everybody.client().get("/").headers["Server-Timing"])
    nobody = make_server("MedSynQServerTiming off")
    assert "Server-Timing" not in nobody.organisation().get("/patients").headers
