"""In which language a page is, and that nothing in it stays English."""
import re
import sys

import pytest

from harness import TOP
from test_patient_import import check, run, upload

sys.path.insert(0, str(TOP / "tests/locale"))
import messages  # noqa: E402


def language(answer):
    said = answer.headers["Content-Language"]
    assert re.search(r'<html lang="([a-z]+)"', answer.text)[1] == said
    return said


@pytest.mark.parametrize("accept,wanted", [
    ("fr", "fr"), ("fr-CH, en;q=0.5", "fr"), ("en-GB,en;q=0.9,fr;q=0.8", "en"), ("de, FR;q=0.1", "fr"),
    ("en;q=0.2, fr;q=0.9", "fr"), ("fr;q=0", "en"), ("xx", "en"), ("", "en"), ("*", "en"),
    (",,;q=,fr;;q=1", "fr")])
def test_a_stranger_is_addressed_in_a_language_of_the_browser(server, accept, wanted):
    answer = server.client(Accept_Language=accept).get("/login")
    assert language(answer) == wanted
    assert "Accept-Language" in answer.headers["Vary"]
    assert ("Se connecter" in answer.text) == (wanted == "fr")


def test_counts_are_in_the_forms_of_the_language(server):
    clinic = server.organisation(client=server.client(Accept_Language="fr"))
    clinic.add_patient("Marie Curie")
    assert "1 patient trouvé" in clinic.get("/patients?q=marie").page.text
    clinic.add_patient("Marie Stopes")
    assert "2 patients trouvés" in clinic.get("/patients?q=marie").page.text


def test_errors_are_in_the_language_too(server):
    stranger = server.client(Accept_Language="fr")
    assert "Page introuvable" in stranger.get("/healthz/none").text
    answer = stranger.submit("/login", tenantName="", email="", password="")
    assert answer.status == 422 and "Saisissez votre adresse e-mail." in answer.page.text


def settings(client, **fields):
    """Change some of the organisation's settings and leave the rest; select boxes are no inputs."""
    page = client.get("/organisation").text
    chosen = {name: re.search(rf'<select id="{name}".*?value="([^"]*)" selected', page, re.S)[1]
              for name in ("date_format", "time_zone", "language", "digits")}
    return client.submit("/organisation", **{**chosen, **fields})


ISO, DOTS, SLASHES, AMERICAN, WORDS = "01234"


def test_the_persons_choice_comes_before_the_organisations_and_that_before_the_browsers(server):
    clinic = server.organisation()
    assert language(clinic.get("/dashboard")) == "en"
    assert settings(clinic, language="fr").status == 303
    assert language(clinic.get("/dashboard")) == "fr"
    assert language(clinic.get("/patients/none")) == "fr"
    assert clinic.submit("/account/language", page="/account", language="en").status == 303
    assert language(clinic.get("/dashboard", Accept_Language="fr")) == "en"
    assert clinic.submit("/account/language", page="/account", language="").status == 303
    assert language(clinic.get("/dashboard", Accept_Language="en")) == "fr"
    assert settings(clinic, language="").status == 303
    assert language(clinic.get("/dashboard", Accept_Language="fr;q=0.5")) == "fr"
    assert clinic.submit("/account/language", page="/account", language="xx").status == 400
    assert settings(clinic, language="xx").status == 422


def test_settings_are_the_administrators_and_a_stale_save_is_409(server, clinic):
    version = clinic.get("/organisation").page.fields["version"]
    assert settings(clinic, date_format=DOTS).status == 303
    assert settings(clinic, date_format=WORDS, version=version).status == 409
    assert settings(clinic, date_format="7").status == 422
    assert settings(clinic, time_zone="Europe/Nowhere").status == 422
    assert "organisation.change" in clinic.get("/audit/export.csv").text
    assert "dates d.m.y" in clinic.get("/audit/export.csv").text


SHOWN = [(ISO, "1975-04-23"), (DOTS, "23.04.1975"), (SLASHES, "23/04/1975"), (AMERICAN, "04/23/1975"),
         (WORDS, "23 Apr 1975")]


@pytest.mark.parametrize("number,text", SHOWN)
def test_dates_are_typed_and_shown_as_the_organisation_writes_them(clinic, number, text):
    assert settings(clinic, date_format=number).status == 303
    path = clinic.add_patient("Ann Adams", date_of_birth=text)
    iso = f'<time datetime="1975-04-23">{text}</time>'
    for page in (path, "/patients", "/dashboard", f"{path}/print", f"{path}/label", "/patients?q=ann",
                 f"/patients?q={text.replace(' ', '+')}"):
        assert iso in clinic.get(page).text, page
    assert clinic.get(f"{path}/edit").page.fields["date_of_birth"] == text
    assert f"For example {text}." in clinic.get("/patients/new").page.text
    assert f'placeholder="{text}"' in clinic.get("/patients").text
    assert "1975-04-23" in clinic.get("/patients/export.csv?all=1").text
    assert clinic.submit(f"{path}/edit", name="Ann Adams", date_of_birth="1975-04-24").status == 303
    assert f"{text} →" in clinic.get(f"{path}/history").page.text


def test_the_order_of_day_and_month_follows_the_setting(clinic):
    def born(name, typed):  # of different names, or they are warned of as one person
        return re.search(r'<time datetime="([0-9-]+)">',
                         clinic.get(clinic.add_patient(name, date_of_birth=typed)).text)[1]

    settings(clinic, date_format=SLASHES)
    assert born("Bo", "3/4/1975") == "1975-04-03"
    settings(clinic, date_format=AMERICAN)
    assert born("Ludmila", "3/4/1975") == "1975-03-04"
    assert born("Theodor", "1976-04-03") == "1976-04-03"
    answer = clinic.submit("/patients/new", name="Cy", date_of_birth="23/04/1975")
    assert answer.status == 422 and "This date does not exist. Check day and month." in answer.page.text
    assert answer.page.fields["date_of_birth"] == "23/04/1975"


def test_a_form_that_was_open_while_the_setting_changed_means_what_it_showed(clinic):
    settings(clinic, date_format=SLASHES)
    path = clinic.add_patient("Dee", date_of_birth="1975-04-03")
    form = clinic.get(f"{path}/edit").page.fields
    settings(clinic, date_format=AMERICAN)
    assert form["date_of_birth"] == "03/04/1975"
    assert clinic.post(f"{path}/edit", {**form, "name": "Dee Dee"}).status == 303
    assert '<time datetime="1975-04-03">04/03/1975</time>' in clinic.get(path).text


def test_a_conflict_is_none_where_both_mean_the_same_day(clinic):
    settings(clinic, date_format=SLASHES)
    path = clinic.add_patient("Eve", date_of_birth="1975-04-03")
    mine = clinic.get(f"{path}/edit").page.fields
    clinic.submit(f"{path}/edit", name="Eve Two", date_of_birth="3.4.1975")
    answer = clinic.post(f"{path}/edit", {**mine, "date_of_birth": "1975-04-03", "phone1": "123456"})
    assert answer.status == 303
    assert "Eve Two" in clinic.get(path).text and "123456" in clinic.get(path).text
    assert 'datetime="1975-04-03"' in clinic.get(path).text


def test_times_are_on_the_organisations_clock(clinic):
    path = clinic.add_patient("Fay", notes="first")
    shown = r'<time datetime="(\d{4}-\d\d-\d\d)T(\d\d):(\d\d):\d\dZ">(\d{4}-\d\d-\d\d) (\d\d):(\d\d)</time>'

    def offsets(page):
        """Minutes that the shown clock is ahead of the UTC beside it."""
        found = re.findall(shown, clinic.get(page).text)
        assert found, page
        return {(int(b[:2]) * 60 + int(m2) - int(h) * 60 - int(m)) % 1440
                for _, h, m, _, b, m2 in found}

    pages = (path, f"{path}/history", "/audit", "/account/sessions", "/patients?sort=updated")
    for zone, minutes in (("UTC", 0), ("Asia/Kathmandu", 345), ("America/Phoenix", 1440 - 420)):
        assert settings(clinic, time_zone=zone).status == 303
        for page in pages:
            assert offsets(page) == {minutes}, (zone, page)
        assert f"Time ({zone})" in clinic.get("/audit").text
        assert f"({zone})" in clinic.get(f"{path}/print").page.text


def test_days_of_filters_begin_on_the_organisations_clock(clinic):
    """A day that is over everywhere else still lasts on Pago Pago, and has begun on Kiritimati."""
    clinic.add_patient("Gus")
    settings(clinic, time_zone="Pacific/Kiritimati")
    day = re.search(r">(\d{4}-\d\d-\d\d) \d\d:\d\d</time>", clinic.get("/patients?sort=updated").text)[1]
    assert "Gus" in clinic.get(f"/patients?since={day}").text
    assert "Created the organisation" in re.sub(r"<option.*?</option>", "", clinic.get(
        f"/audit?from={day}&to={day}").text)


def texts(answer):
    """The pieces of text that a person sees or hears, in their order."""
    body = re.sub(r"<(script|style).*?</\1>", "", answer.text, flags=re.S)
    spoken = re.findall(r'(?:aria-label|placeholder|data-label)="([^"]*)"', body)
    return [t.strip().removesuffix(" – MedSynQ") for t in re.split(r"<[^>]*>", body)] + spoken


def furnished(server):
    """An organisation that has something of everything. @return client, pages to open"""
    clinic = server.organisation()
    settings(clinic, date_format=WORDS, time_zone="Europe/Paris")
    path = clinic.add_patient("Zoë", date_of_birth="1975-04-23", sex="female", phone1="123456",
                              given_name="Zoë", deceased="1", address="Qq", notes="Qq")
    clinic.submit(f"{path}/edit", name="Zoë", date_of_birth="1975-04", age="")
    clinic.submit("/users/invite", name="Qq", email="qq@example.org", role="front_desk",
                  password=clinic.password)
    user = next(link for link in clinic.get("/users").page.links if re.match("/users/[0-9a-f-]{36}", link))
    rows = b"name,date_of_birth,x\nQq,1990-01-01,\nQq,2999-01-01,\nQq,soon,\n,1990-01-01,\n"
    imports = [upload(clinic, rows).location, check(clinic, rows)[0], run(clinic, rows[:40])[0]]
    return clinic, path, [
        "/", "/login", "/register-tenant", "/dashboard", "/patients", "/patients?q=zo",
        "/patients?q=nobody", "/patients?q=", "/patients?since=x", "/patients?status=archived",
        "/patients/new", path, f"{path}/edit", f"{path}/history", f"{path}/print", f"{path}/label",
        f"{path}/accesses", "/patients/import", *imports, "/users", "/users/invite", user, "/audit",
        "/audit?from=x", "/account", "/account/sessions", "/account/password", "/account/two-factor",
        "/organisation", "/logout", "/password-reset", "/password-reset/x", "/invitations/x",
        "/healthz/none"]


def refused_forms(clinic, path):
    """What comes back where a form cannot be taken; changes nothing."""
    token = clinic.token("/patients/new")
    new = {"csrf_token": token, "name": "Zoë", "date_of_birth": "1975-04"}
    stale = {"csrf_token": token, "version": "1", "name": "Qq"}
    for where, fields in (("/patients/new", new), (f"{path}/edit", stale), (f"{path}/archive", {}),
                          (f"{path}/notes", {}), ("/account/password", {"password": "Qq"}),
                          ("/patients/new", {"name": "", "email": "Qq", "phone1": "1", "age": "x",
                                             "sex": "x", "date_of_birth": "x", "address": "x" * 2000,
                                             "deceased_date": "x", "pronouns": "x" * 200}),
                          ("/users/invite", {}), ("/organisation", {"date_format": "9"}),
                          ("/login", {}), ("/register-tenant", {"adminPassword": "Qq"})):
        yield where, clinic.post(where, {"csrf_token": token, **fields})
    yield "no token", clinic.post("/patients/new", {"name": "Qq"})
    yield "no method", clinic.request("DELETE", "/dashboard")
    yield "no id", clinic.get("/patients/new?a=1&a=2")


def test_no_page_stays_english_in_french(server):
    """Pages in both languages: whatever reads the same in both must be so in the catalogue, or be
    somebody's own words."""
    alike = {e.key for e in messages.catalogue(TOP / "templates/locale/fr.po")[0] if e.key in e.texts}
    clinic, path, pages = furnished(server)
    own = {"MedSynQ", "Zoë", "Qq", "Ada Admin", clinic.organisation, "Europe/Paris", "UTC", "English",
           "français", "Unknown browser", "patients.csv",
           "name", "date_of_birth", "soon", "1990-01-01 · 2999-01-01 · soon", "x" * 2000, "x" * 200}
    said = {}
    for tag in ("en", "fr"):
        clinic.headers["Accept-Language"] = tag
        said[tag] = [(page, clinic.get(page)) for page in pages] + list(refused_forms(clinic, path))
    checked = 0
    for (page, english), (_, french) in zip(said["en"], said["fr"]):
        assert (english.status, language(french)) == (french.status, "fr"), page
        still = set(texts(french))
        for text in texts(english):
            words = re.sub(r"&[#\w]+;|\d+", " ", text).strip()
            if words in own | alike or text in own or not re.search(r"[A-Za-z]{3}", words) or "/" in text:
                continue
            if re.search(r"@|\w{8}-\w{4}-|otpauth|^[A-Z2-7 ]{16,}$|^MQ\d|^[0-9a-f]{16,}$", text):
                continue
            checked += 1
            assert text not in still, (page, text)
    assert checked > 500


def test_the_chart_names_months_as_the_organisation_does(server):
    clinic = server.organisation()
    settings(clinic, date_format=WORDS, language="fr")
    page = clinic.get("/dashboard").text
    chart = re.findall(r">([^<]*)</text>", page)
    assert {"janv.", "août", "déc."} <= set(chart)
    assert re.search(r'<th scope="row">août \d{4}</th>', page)
    settings(clinic, date_format=SLASHES)
    assert re.search(r'<th scope="row">08/\d{4}</th>', clinic.get("/dashboard").text)
