"""Where one is in a list that has several pages: in words, in each language, with its digits."""
import re

import pytest

from test_patient_import import check

LANGUAGES = [("en", "", "51–100 of 120"), ("fr", "", "51–100 sur 120"),
             ("ar", "", "51–100 من 120"), ("ar", "native", "٥١–١٠٠ من ١٢٠")]


def place(answer):
    found = re.search(r'<p class="pages">\s*<span>([^<]*)</span>', answer.text)
    return found and found[1]


def turn(client, answer, where="next"):
    link = re.search(rf'rel="{where}" href="([^"]*)"', answer.text)
    return client.get(link[1].replace("&amp;", "&"))


@pytest.fixture(scope="module")
def full(server):
    """An organisation of 120 patients, two of whom have died."""
    admin = server.organisation()
    for i in range(122):
        admin.add_patient(f"Patient {i:03}", **({"deceased": "1"} if i > 119 else {}))
    return admin


def test_each_page_of_the_register_says_which_part_it_is(full):
    first = full.get("/patients")
    second = turn(full, first)
    third = turn(full, second)
    total = re.search(r'<span class="count">(\d+)</span>', first.text)[1]
    assert [place(page) for page in (first, second, third)] == [
        f"{part} of {total}" for part in ("1–50", "51–100", f"101–{total}")]
    back = turn(full, third, "prev")
    assert place(back) == place(second)
    assert place(turn(full, back, "prev")) == place(first)
    assert place(turn(full, full.get("/patients?sort=birth_date"))) == f"51–100 of {total}"


def test_what_is_not_counted_has_no_total_and_what_fits_no_place(full):
    assert place(full.get("/patients?status=deceased")) is None
    assert place(full.get("/patients?q=patient")) is None
    since = full.get("/patients?since=2020-01-01")
    assert [place(since), place(turn(full, since))] == ["1–50", "51–100"]


@pytest.mark.parametrize("shown", ["", "&shown=0", "&shown=x", "&shown=-5", "&shown=" + "9" * 30])
def test_a_path_that_does_not_say_it_has_no_place_and_the_same_rows(full, shown):
    following = re.search(r'rel="next" href="([^"]*)"', full.get("/patients").text)[1].replace("&amp;", "&")
    answer = full.get(re.sub("&shown=.*", shown, following))
    assert answer.status == 200 and place(answer) is None and answer.text.count('<th scope="row"') == 50
    assert "shown=" not in re.search(r'rel="next" href="([^"]*)"', answer.text)[1]


@pytest.mark.parametrize("language,digits,said", LANGUAGES)
def test_it_is_said_in_each_language_with_its_digits(server, full, language, digits, said):
    full.submit("/account/language", page="/account", language=language, digits=digits)
    total = re.search(r'<span class="count">([^<]+)</span>', full.get("/patients").text)[1]
    place_now = place(turn(full, full.get("/patients")))
    full.submit("/account/language", page="/account", language="", digits="")
    assert re.sub(r"[0-9٠-٩]+$", "", place_now) == re.sub(r"[0-9٠-٩]+$", "", said)
    assert place_now.endswith(total)


def test_the_trail_and_the_imports_say_it_too(clinic):
    for n in range(22):
        check(clinic, f"Name\nAnn Number {n}\n".encode())
    imports = clinic.get("/patients/import")
    assert [place(imports), place(turn(clinic, imports))] == ["1–20", "21–22"]
    for _ in range(10):
        clinic.get("/audit")
    trail = clinic.get("/audit")
    assert place(trail) == "1–50" and place(turn(clinic, trail)).startswith("51–")
    assert place(clinic.get("/audit?action=organisation.create")) is None
