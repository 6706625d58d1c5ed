"""Rows of a file that are like somebody, as people are mistyped: shown side by side, left out unless chosen."""
import re

import pytest

from test_patient_import import at_rest, check, post, run, total
from test_people import join

THERE = {"date_of_birth": "1984-03-04", "phone1": "0161 496 0123"}


def figures(page):
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(\d+)</dd>", page.text))


@pytest.mark.parametrize("row", [
    "Aarav Mehta,1984-04-03,", "Aarav Mehta,1985-03-04,", "Aarav Mehta,1984-03-05,", "Aarav Mehta,1984,",
    "Aarav Mehta,1984-03,", "Aarav Mehta,,", "Mehta Aarav,1984-04-03,", "Arav Mehta,1984-03-04,",
    "Aarav Metha,1984-03-04,", "Aarav Kapoor,1984-03-04,", "A. Mehta,,+44 161 496 0123"])
def test_a_row_like_a_patient_is_left_out_unless_chosen(clinic, row):
    there = clinic.add_patient("Aarav Mehta", **THERE)
    href, page = check(clinic, f"name,date_of_birth,phone1\n{row}\nZoe Other,1990-07-08,\n".encode())
    assert figures(page) == {"Rows": "2", "Can be imported": "1", "Likely duplicates": "1", "With errors": "0"}
    assert "Somebody registered may be the same person." in page.text
    beside = clinic.get(href + "/doubles")
    mrn = re.search(r"P\d{8}", clinic.get(there).text)[0]
    assert all(text in beside.page.text for text in ("Row 2 of the file", "Aarav Mehta", mrn, row.split(",")[0]))
    post(clinic, href, "commit")
    at_rest(clinic, href)
    assert total(clinic) == 2


@pytest.mark.parametrize("row", [
    "Aarav Mehta,1984-04-03,,", "Aarav Mehta,1985-03-04,,", "Aarav Mehta,,,", "Mehta Aarav,1984,,",
    "Arav Mehta,1984-03-04,,", "A. Mehta,,0161 496 0123,", "Somebody Else,1950-01-01,,943-476-5919"])
def test_a_row_like_an_earlier_one_is_left_out_unless_chosen(clinic, row):
    data = ("name,date_of_birth,phone1,national_id\nAarav Mehta,1984-03-04,+44 161 496 0123,943 476 5919\n"
            f"Zoe Other,1990-07-08,,\n{row}\n").encode()
    href, page = check(clinic, data)
    assert figures(page) == {"Rows": "3", "Can be imported": "2", "Likely duplicates": "1", "With errors": "0"}
    text = clinic.get(href + "/doubles").page.text
    assert "Row 4 of the file" in text and "Row 2 of the file" in text and "Row 3 of the file" not in text


@pytest.mark.parametrize("row", [
    "Aarav Mehta,1950-11-30,", "Ben Reed,1984-03-04,", "Priya Mehta,1986-01-02,", "Priya Shah,,0161 496 0124"])
def test_others_are_imported_without_a_question(clinic, row):
    clinic.add_patient("Aarav Mehta", **THERE)
    _, page = check(clinic, f"name,date_of_birth,phone1\n{row}\n".encode())
    assert figures(page) == {"Rows": "1", "Can be imported": "1", "With errors": "0"}


def test_rows_are_chosen_one_by_one(clinic):
    clinic.add_patient("Aarav Mehta", **THERE)
    data = b"name,date_of_birth\nAarav Mehta,1984-04-03\nZoe Other,1990-07-08\nAarav Mehta,1984\nAarav Mehta,1984-03-04\n"
    href, page = check(clinic, data)
    assert "Import 1 patient" in page.text
    form = clinic.get(href + "/doubles").page.fields
    numbers = [name.removeprefix("shown_") for name in form if name.startswith("shown_")]
    assert len(numbers) == 3
    assert clinic.post(href + "/doubles", {**form, f"row_{numbers[1]}": "1"}).location == href
    assert "Import 2 patients" in clinic.get(href).text
    kept = clinic.get(href + "/doubles").page.fields
    assert [name for name in kept if name.startswith("row_")] == [f"row_{numbers[1]}"]
    assert "patients.import-choose" in clinic.get("/audit/export.csv").text
    assert "patients.import-doubles" in clinic.get("/audit/export.csv").text
    assert post(clinic, href, "commit").status == 303
    done = at_rest(clinic, href)
    assert "2 patients were imported." in done.text
    assert "2 rows with errors or of somebody registered were left out." in done.text
    assert total(clinic) == 3
    assert post(clinic, href, "doubles", **kept).status == 409, "it is decided"


def test_a_choice_is_taken_back_and_all_can_be_imported(clinic):
    clinic.add_patient("Aarav Mehta", **THERE)
    href, _ = check(clinic, b"name,date_of_birth\nAarav Mehta,1984-04-03\nAarav Mehta,1985-03-04\n")
    form = clinic.get(href + "/doubles").page.fields
    rows = {name.replace("shown", "row"): "1" for name in form if name.startswith("shown_")}
    clinic.post(href + "/doubles", {**form, **rows})
    assert "Import 2 patients" in clinic.get(href).text
    clinic.post(href + "/doubles", form)
    page = clinic.get(href)
    assert "Import all 2, the likely duplicates as well" in page.text
    assert post(clinic, href, "commit", doubles="import").status == 303
    assert "2 patients were imported." in at_rest(clinic, href).text and total(clinic) == 3


def test_there_are_fifty_on_a_page(clinic):
    run(clinic, ("name,date_of_birth\n" + "".join(f"Person Number{chr(97 + i % 26)}{chr(97 + i // 26)},{1920 + i}\n"
                                                  for i in range(60))).encode(), doubles="import")
    href, page = check(clinic, ("name,date_of_birth\n" + "".join(
        f"Person Number{chr(97 + i % 26)}{chr(97 + i // 26)},{1920 + i}-05-06\n" for i in range(60))).encode())
    assert figures(page)["Likely duplicates"] == "60"
    first = clinic.get(href + "/doubles")
    assert first.text.count('name="shown_') == 50 and "Save and show the next ones" in first.text
    second = clinic.post(href + "/doubles", first.page.fields).location
    assert second.startswith(href + "/doubles?after=")
    page = clinic.get(second)
    assert page.text.count('name="shown_') == 10
    form = page.page.fields
    chosen = {name.replace("shown", "row"): "1" for name in form if name.startswith("shown_")}
    for bad in ("", "-1", "1e3", "x", "9" * 19):  # or the choice would be looked for on the first page
        assert clinic.post(href + "/doubles", {**form, **chosen, "after": bad}).status == 400, bad
    assert clinic.post(href + "/doubles", {**form, **chosen}).location == href
    assert "Import 10 patients" in clinic.get(href).text


def test_nobody_of_another_organisation_is_like_a_row(server, clinic):
    server.organisation().add_patient("Aarav Mehta", **THERE)
    href, page = check(clinic, b"name,date_of_birth\nAarav Mehta,1984-04-03\n")
    assert figures(page) == {"Rows": "1", "Can be imported": "1", "With errors": "0"}
    assert "There are none." in clinic.get(href + "/doubles").page.text


def test_who_may_not_import_sees_none_of_it(server, clinic):
    clinic.add_patient("Aarav Mehta", **THERE)
    href, _ = check(clinic, b"name,date_of_birth\nAarav Mehta,1984-04-03\n")
    person = join(server, clinic, roles=("clinician",))
    assert person.get(href + "/doubles").status == 403
    assert server.organisation().get(href + "/doubles").status == 404
