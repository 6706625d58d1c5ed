"""Likely duplicates over a register of 100,000: what the warning finds, and what it says in vain."""
import datetime
import itertools
import random
import re
import time

import pytest
from harness import ENGINE
from test_patient_import import post, run, selected, upload

REGISTER, PLANTED, STRANGERS = 100_000, 500, 500
ONSETS = "B Br C Ch D F G Gr H J K L M N P R S Sh St T V W Z".split()
MIDDLES = "a e i o u ai ea or an en in al el ar er".split()
ENDS = "son ton ley man berg ski ova ez ini ard ford wood stein dahl kov yama".split()
GIVEN = [a + b + c for a, b, c in itertools.product(ONSETS, ("a", "e", "i", "o", "ai"), ("na", "ra", "lia", "mes"))]
FAMILY = [a + b + c for a, b, c in itertools.product(ONSETS, MIDDLES, ENDS)]
random.Random(1).shuffle(GIVEN)
random.Random(2).shuffle(FAMILY)


def common_first(names, offset):
    """As in registers: the commonest family name is one of a hundred, the commonest given one of forty."""
    return list(itertools.accumulate(1 / (rank + offset) for rank in range(len(names))))


WEIGHTS = {id(GIVEN): common_first(GIVEN, 10), id(FAMILY): common_first(FAMILY, 20)}


def drawn(names, chance):
    return chance.choices(names, cum_weights=WEIGHTS[id(names)])[0]


class Person(dict):
    @classmethod
    def at_random(cls, chance):
        born = datetime.date(1930, 1, 1) + datetime.timedelta(days=chance.randrange(33_000))
        text = born.isoformat()
        if chance.random() < 0.08:
            text = chance.choice(("", text[:4], text[:7]))
        return cls(name=f"{drawn(GIVEN, chance)} {drawn(FAMILY, chance)}", date_of_birth=text,
                   phone1=f"07{chance.randrange(10**9):09}" if chance.random() < 0.7 else "")


def slip(word, chance):
    """One slip of the keys, not in the first letter."""
    at = chance.randrange(1, len(word) - 1)
    return chance.choice((word[:at] + word[at + 1:], word[:at] + word[at] + word[at:],
                          word[:at] + word[at + 1] + word[at] + word[at + 2:]))


def shifted(person, days):
    born = datetime.date.fromisoformat(person["date_of_birth"]) + datetime.timedelta(days=days)
    return {**person, "date_of_birth": born.isoformat(), "phone1": ""}


def one_digit(person, chance):
    while True:
        text = list(person["date_of_birth"])
        text[chance.choice((2, 3, 6, 9))] = str(chance.randrange(10))
        made = "".join(text)
        try:
            datetime.date.fromisoformat(made)
        except ValueError:
            continue
        if made != person["date_of_birth"] and made < "2021":
            return {**person, "date_of_birth": made, "phone1": ""}


# How the same person comes to be typed a second time; most of them without a telephone number.
KINDS = {
    "the very same": lambda p, c: dict(p),
    "day and month swapped": lambda p, c: {
        **p, "date_of_birth": f"{p['date_of_birth'][:4]}-{p['date_of_birth'][8:]}-{p['date_of_birth'][5:7]}",
        "phone1": ""},
    "one digit of the date": one_digit,
    "a day later": lambda p, c: shifted(p, 1),
    "the year alone": lambda p, c: {**p, "date_of_birth": p["date_of_birth"][:4], "phone1": ""},
    "year and month": lambda p, c: {**p, "date_of_birth": p["date_of_birth"][:7], "phone1": ""},
    "no date": lambda p, c: {**p, "date_of_birth": "", "phone1": ""},
    "about so old": lambda p, c: {
        **p, "date_of_birth": "", "phone1": "",
        "age": str(datetime.date.today().year - int(p["date_of_birth"][:4]))},
    "a slip in the family name": lambda p, c: {
        **p, "name": f"{p['name'].split()[0]} {slip(p['name'].split()[1], c)}", "phone1": ""},
    "names the other way round": lambda p, c: {
        **p, "name": " ".join(reversed(p["name"].split())), "phone1": ""},
    "an initial and the telephone number": lambda p, c: {
        **p, "name": f"{p['name'][0]}. {p['name'].split()[1]}", "date_of_birth": ""},
    "a new family name": lambda p, c: {
        **p, "name": f"{p['name'].split()[0]} {drawn(FAMILY, c)}", "phone1": ""},
}


def is_fit(kind, person):
    born = person["date_of_birth"]
    if len(born) < 10:
        return False
    if kind == "day and month swapped":
        return int(born[8:]) <= 12 and born[5:7] != born[8:]
    if kind == "an initial and the telephone number":
        return person["phone1"] != ""
    return True


def warned(clinic, token, person):
    """The record numbers of those whom the form warns of."""
    answer = clinic.post("/patients/new", {"csrf_token": token, **person})
    assert answer.status in (200, 303), answer.text
    return re.findall(r"<td[^>]*>(T\d+)</td>", answer.text) if answer.status == 200 else []


def registered(clinic, people):
    """Imported, by however busy a machine: as long as more rows are done, it is waited for. It is asked seldom, for
    each question takes time from the work."""
    lines = [f"T{i:06},{p['name']},{p['date_of_birth']},{p['phone1']}" for i, p in enumerate(people)]
    href = upload(clinic, ("mrn,name,date_of_birth,phone1\n" + "\n".join(lines)).encode()).location
    fields = selected(clinic.get(href))

    def rest():
        said, since = None, time.monotonic()
        while (page := clinic.get(href)) and "Refresh" in page.headers:
            now = re.search(r'<progress[^>]*value="(\d+)"', page.text)
            if (now and now[1]) != said:
                said, since = now and now[1], time.monotonic()
            assert time.monotonic() - since < 600, f"not one more row after {said} in ten minutes"
            time.sleep(0.5)
    post(clinic, href, "columns", **fields)
    rest()
    post(clinic, href, "commit", errors="leave_out", doubles="import")
    rest()


@pytest.mark.skipif(ENGINE != "sqlite3", reason="an import of this size takes PostgreSQL minutes")
def test_planted_doubles_are_found_and_strangers_are_not_doubted(clinic):
    chance = random.Random(20)
    people = [Person.at_random(chance) for _ in range(REGISTER)]
    registered(clinic, people)
    token = clinic.get("/patients/new").page.fields["csrf_token"]
    found, vain = dict.fromkeys(KINDS, 0), 0
    planted = [kind for kind, _ in zip(itertools.cycle(KINDS), range(PLANTED))]
    for kind in planted:
        number = chance.choice([i for i in chance.sample(range(REGISTER), 200) if is_fit(kind, people[i])])
        numbers = warned(clinic, token, KINDS[kind](people[number], chance))
        found[kind] += f"T{number:06}" in numbers
        vain += bool(numbers) and f"T{number:06}" not in numbers
    for _ in range(STRANGERS):
        vain += bool(warned(clinic, token, Person.at_random(chance)))
    recall = sum(found.values()) / PLANTED
    precision = sum(found.values()) / (sum(found.values()) + vain)
    print(f"doubles: recall {recall:.3f}, precision {precision:.3f};",
          ", ".join(f"{kind} {found[kind]}/{planted.count(kind)}" for kind in KINDS))
    assert recall >= 0.95 and precision >= 0.9


AARAV = {"name": "Aarav Mehta", "date_of_birth": "1984-03-04"}


@pytest.mark.parametrize("typed", [
    {"date_of_birth": "1984-04-03"}, {"date_of_birth": "1985-03-04"}, {"date_of_birth": "1984"},
    {"date_of_birth": "1984-03"}, {"date_of_birth": ""}, {"date_of_birth": "", "age": "42"}])
def test_the_same_name_with_a_slip_in_the_date_warns(clinic, typed):
    path = clinic.add_patient(**AARAV)
    answer = clinic.submit("/patients/new", **{"name": "Aarav Mehta", **typed})
    assert answer.status == 200 and path in answer.page.links and "the same name" in answer.page.text


@pytest.mark.parametrize("there, typed", [
    ("Jürgen Müller", "Juergen Mueller"), ("Juergen Mueller", "Jürgen Müller"), ("Søren Bjørk", "Soeren Bjoerk")])
def test_a_name_without_its_umlauts_is_the_same(clinic, there, typed):
    path = clinic.add_patient(there, date_of_birth="1955-02-28")
    answer = clinic.submit("/patients/new", name=typed)
    assert answer.status == 200 and path in answer.page.links and "the same name" in answer.page.text


def test_two_of_one_name_without_dates_warn(clinic):
    path = clinic.add_patient("Suharto")
    answer = clinic.submit("/patients/new", name="Suharto")
    assert answer.status == 200 and path in answer.page.links


def edited(clinic, path, **fields):
    form = clinic.get(path + "/edit").page.fields
    return clinic.post(path + "/edit", {**form, **fields})


@pytest.mark.parametrize("typed, why", [
    (AARAV, "the same date of birth"), ({"national_id": "943-476 5919"}, "the same national identifier")])
def test_an_edit_that_makes_a_double_is_asked_about_once(clinic, typed, why):
    there = clinic.add_patient(**AARAV, national_id="943 476 5919")
    path = clinic.add_patient("Unknown male")
    answer = edited(clinic, path, **typed)
    assert answer.status == 200 and why in answer.page.text and there in answer.page.links
    assert path not in answer.page.text.split("Compare before you save")[1].split("This is a different person: save")[0]
    saved = clinic.post(path + "/edit", answer.page.fields)
    assert saved.status == 303
    assert (typed.get("name") or "943-476 5919") in clinic.get(path).page.text


def test_an_edit_of_something_else_asks_nothing(clinic):
    clinic.add_patient(**AARAV)
    twin = clinic.submit("/patients/new", **AARAV)
    path = clinic.post("/patients/new", twin.page.fields).location
    assert edited(clinic, path, email="a@example.org").status == 303


def test_however_many_share_the_words_the_day_is_looked_at(clinic):
    born = datetime.date(1930, 1, 1)
    crowd = "".join(f"Maria Da Silva Costa,{born + datetime.timedelta(days=i)}\n" for i in range(2100))
    run(clinic, ("name,date_of_birth\n" + crowd + "Mariah Da Silvaa Costaa,1901-02-03\n").encode(), doubles="import")
    answer = clinic.submit("/patients/new", name="Maria Da Silva Costa", date_of_birth="1901-02-03")
    assert answer.status == 200 and "Mariah Da Silvaa Costaa" in answer.page.text
