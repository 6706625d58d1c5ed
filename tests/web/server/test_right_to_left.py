"""A language from right to left: which way a page runs, dates that nothing turns round, names that
stay themselves, digits as they are typed. Its texts are some of Arabic, beside the shipped templates."""
import re
import shutil
from urllib.parse import quote

import pytest

from harness import TOP, Server
from test_language import settings
from test_patient_import import check

FIRST, RIGHT, ALONE, END, MARK = "\u2066", "\u2067", "\u2068", "\u2069", "\u200f"
ARABIC = """msgid ""
msgstr ""
"Language: ar\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=6; plural=0;\\n"

msgid "Date of birth"
msgstr "تاريخ الميلاد"

msgid "%d patient found"
msgid_plural "%d patients found"
msgstr[0] "لم يُعثر على أي مريض (%d)"
msgstr[1] "عُثر على مريض واحد (%d)"
msgstr[2] "عُثر على مريضين (%d)"
msgstr[3] "عُثر على %d مرضى"
msgstr[4] "عُثر على %d مريضًا"
msgstr[5] "عُثر على %d مريض"
"""


@pytest.fixture(scope="module")
def arabic(tmp_path_factory):
    """A server that speaks some Arabic, and a client of its own clinic whose browser asks for it."""
    folder = tmp_path_factory.mktemp("templates") / "templates"
    shutil.copytree(TOP / "templates", folder)
    (folder / "locale/ar.po").write_text(ARABIC)
    for path in (folder, *folder.parents):
        path.chmod(path.stat().st_mode | 0o055)
    with Server(f'MedSynQTemplates "{folder}"') as server:
        yield server.organisation(client=server.client(Accept_Language="ar-EG"))


def test_the_page_says_which_way_it_runs(arabic, server):
    assert '<html lang="ar" dir="rtl">' in arabic.get("/dashboard").text
    assert '<html lang="en" dir="ltr">' in server.client().get("/").text
    assert '<html lang="fr" dir="ltr">' in server.client(Accept_Language="fr").get("/").text


def test_a_date_stands_in_a_run_of_its_own_but_not_in_its_field(arabic):
    path = arabic.add_patient("ليلى حداد", date_of_birth="1961-04-03")
    for below in ("", "/print", "/label", "/accesses"):
        page = arabic.get(path + below)
        assert f'<time datetime="1961-04-03">{FIRST}1961-04-03{END}</time>' in page.text, below
        assert 'dir="auto">ليلى حداد<' in page.text, below
    assert arabic.get(path + "/edit").page.fields["date_of_birth"] == "1961-04-03"


@pytest.mark.parametrize("typed", ["٢٣/٠٤/١٩٦١", "۱۹۶۱-۰۴-۲۳", f"{FIRST}1961-04-23{END}"])
def test_dates_are_typed_in_any_digits_and_as_they_are_shown(clinic, typed):
    path = clinic.add_patient("Layla Haddad", date_of_birth=typed)
    assert '<time datetime="1961-04-23">' in clinic.get(path).text
    assert "Layla Haddad" in clinic.get("/patients?q=" + quote("١٩٦١-٠٤-٢٣")).text


def test_ages_and_phones_are_typed_in_any_digits(clinic):
    path = clinic.add_patient("Omar Aziz", age="٣٤", phone1="٠١٢٣ ٤٥٦٧٨٩")
    assert "34" in clinic.get(path).page.text
    assert "Omar Aziz" in clinic.get("/patients?q=0123456789").text


def test_numbers_have_six_forms(arabic):
    for name in ("سامر أول", "سامر ثان", "سامر ثالث"):
        found = arabic.get("/patients?q=" + quote("سامر")).page.text
        arabic.add_patient(name)
    assert "عُثر على مريضين" in found
    assert "عُثر على 3 مرضى" in arabic.get("/patients?q=" + quote("سامر")).page.text


def test_files_for_other_programs_have_no_marks_of_direction(arabic):
    arabic.add_patient("هدى كريم", date_of_birth="1975-04-23")
    file = arabic.get("/patients/export.csv")
    assert "هدى كريم" in file.text and "1975-04-23" in file.text
    assert not {FIRST, ALONE, END, "\u200e", "\u200f"} & set(file.text)


def eastern(text):
    return text.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))


@pytest.fixture
def own_digits(arabic):
    assert arabic.submit("/account/language", page="/account", language="", digits="native").status == 303
    yield arabic
    assert arabic.submit("/account/language", page="/account", language="", digits="").status == 303


def test_digits_are_shown_as_the_person_chose_and_read_from_the_right(own_digits):
    path = own_digits.add_patient("سليم نجار", date_of_birth="1931-02-05", phone1="+46 70 123")
    shown = f"{RIGHT}{eastern('1931')}{MARK}-{eastern('02')}{MARK}-{eastern('05')}{END}"
    mrn = re.search(r'<p class="clip"><strong>([^<]+)</strong></p>', own_digits.get(path + "/label").text)[1]
    assert re.search("[0-9]", mrn) and not re.search("[٠-٩]", mrn)
    for below in ("", "/print", "/label", "/accesses"):
        page = own_digits.get(path + below).text
        assert f'<time datetime="1931-02-05">{shown}</time>' in page, below
        assert mrn in page, below
    page = own_digits.get(path).text
    assert re.search(r"\([٠-٩]{2}\)", page), "the age"
    assert "+46 70 123" in page and eastern("70") not in page


def test_own_digits_are_no_values_of_forms_nor_in_files(own_digits):
    path = own_digits.add_patient("رنا خليل", date_of_birth="1931-02-05")
    form = own_digits.get(path + "/edit").page.fields
    assert form["date_of_birth"] == "1931-02-05" and form["version"] == "1"
    for page in (own_digits.get("/patients").text, own_digits.get(path).text):
        assert not re.search(r'(?:href|value|name|id|datetime|src|maxlength)="[^"]*[٠-٩]', page)
    assert not re.search("[٠-٩]", own_digits.get("/patients/export.csv?all=1").text)
    href, _ = check(own_digits, "name,dob\nليلى,1980-02-30\n".encode())
    errors = own_digits.get(href + "/errors.csv").text
    assert "1980-02-30" in errors
    assert not re.search(f"[٠-٩{FIRST}{RIGHT}{ALONE}{END}{MARK}]", errors)


def test_the_organisations_digits_are_for_who_has_chosen_none_and_reads_arabic(arabic):
    assert settings(arabic, digits="native").status == 303
    assert "digits native" in arabic.get("/audit/export.csv").text
    path = arabic.add_patient("كريم عمر", date_of_birth="1931-02-05")
    assert eastern("1931") in arabic.get(path).text
    assert "1931-02-05</time>" in arabic.get(path, Accept_Language="fr").text, "French has none of its own"
    assert arabic.submit("/account/language", page="/account", language="", digits="latn").status == 303
    assert f"{FIRST}1931-02-05{END}" in arabic.get(path).text
    assert arabic.submit("/account/language", page="/account", language="", digits="").status == 303
    assert settings(arabic, digits="roman").status == 422
    assert arabic.submit("/account/language", page="/account", language="", digits="roman").status == 400
    assert settings(arabic, digits="latn").status == 303
    assert f"{FIRST}1931-02-05{END}" in arabic.get(path).text


def test_counts_have_own_digits_and_what_was_typed_has_not(own_digits):
    for i in range(3):
        own_digits.add_patient(f"وليد {i}{i}")
    page = own_digits.get("/patients?q=" + quote("وليد")).page.text
    assert "عُثر على ٣ مرضى" in page and "وليد 00" in page


def test_a_visits_end_is_its_time_alone(arabic):
    path = arabic.add_patient("منى سعيد")
    for time in re.findall(r"<time[^>]*>([^<]*)</time>", arabic.get(path + "/accesses").text):
        assert time.startswith(FIRST) and time.endswith(END) and time.count(END) == 1, time
