"""What is typed is not lost: saved while it is written, and asked about before the page is left."""
import contextlib
import json
import re
import shutil
import sqlite3
import uuid

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

from conftest import chromium
from harness import PASSWORD, until
from test_clinic_path import fill, send

WAIT = 60


@pytest.fixture
def clinic(server):
    return server.organisation()


@pytest.fixture
def patient(clinic):
    return clinic.add_patient("Ann Able").split("?")[0]


def log_in(browser, server, clinic, path):
    browser.get(f"{server.url}/login?next={path}")
    fill(browser, tenantName=clinic.organisation, email=clinic.email, password=PASSWORD)
    send(browser, "Log in")
    assert browser.current_url.endswith(path)


def told(browser, words):
    def is_told(b):
        return words in b.find_element(By.CSS_SELECTOR, "form[data-autosave] [data-saved]").text
    WebDriverWait(browser, WAIT).until(is_told, words)


def box(browser):
    return browser.find_element(By.CSS_SELECTOR, "form[data-autosave] textarea")


def answers_lost(browser, number):
    """What is asked from now on arrives; the first answers do not."""
    browser.execute_script("""
        var ask = window.fetch, left = arguments[0];
        window.lost = 0;
        window.fetch = function (path, options) {
            return ask(path, options).then(function (answer) {
                return left-- > 0 ? Promise.reject(new Error("the line is cut", window.lost++)) : answer;
            });
        };""", number)


def lost(browser, number):
    """So many answers have been lost by now."""
    WebDriverWait(browser, WAIT).until(lambda b: b.execute_script("return window.lost") >= number, "lost")


def questions(browser):
    """How often the browser has asked since the last look whether to leave; the driver has answered yes."""
    messages = [json.loads(line["message"])["message"] for line in browser.get_log("performance")]
    return sum(m["method"] == "Page.javascriptDialogOpening" and m["params"]["type"] == "beforeunload"
               for m in messages)


def left(browser, element, where):
    """Press something that leads away. @return how often that was asked about"""
    questions(browser)
    element.click()
    WebDriverWait(browser, WAIT).until(lambda b: b.current_url.endswith(where), where)
    return questions(browser)


def test_a_note_is_saved_while_it_is_written_and_signed_once(server, chrome, clinic, patient):
    log_in(chrome, server, clinic, patient)
    box(chrome).send_keys("Coughs since Monday.")
    told(chrome, "Draft saved")
    draft = clinic.get(patient).page.text
    assert "Coughs since Monday." in draft and "Continue writing" in draft
    box(chrome).send_keys(" No fever.")
    send(chrome, "Sign")
    main = chrome.find_element(By.TAG_NAME, "main").text
    assert "Note signed" in main and main.count("Coughs since Monday. No fever.") == 1
    assert "Continue writing" not in main


def test_a_note_whose_first_saving_was_never_answered_is_one_note(server, chrome, clinic, patient):
    log_in(chrome, server, clinic, patient)
    answers_lost(chrome, 1)
    box(chrome).send_keys("Coughs since Monday.")
    told(chrome, "Not saved yet")
    assert "Coughs since Monday." in clinic.get(patient).page.text
    box(chrome).send_keys(" No fever.")
    send(chrome, "Sign")
    main = chrome.find_element(By.TAG_NAME, "main").text
    assert "Note signed" in main and main.count("Coughs since Monday.") == 1
    assert "Coughs since Monday. No fever." in main and "Continue writing" not in main


@pytest.mark.parametrize("is_begun", (False, True))
def test_what_is_typed_while_answers_are_lost_is_no_conflict(server, chrome, clinic, patient, is_begun):
    log_in(chrome, server, clinic, patient)
    if is_begun:
        box(chrome).send_keys("Well. ")
        told(chrome, "Draft saved")
    answers_lost(chrome, 2)
    box(chrome).send_keys("One")
    lost(chrome, 1)
    box(chrome).send_keys(" two")
    lost(chrome, 2)
    assert "One" in clinic.get(patient).page.text
    box(chrome).send_keys(" three")
    told(chrome, "Draft saved")
    until(lambda: "One two three" in clinic.get(patient).page.text, "all is saved")
    send(chrome, "Sign")
    main = chrome.find_element(By.TAG_NAME, "main").text
    assert "Note signed" in main and main.count("One two three") == 1 and "Continue writing" not in main


def test_signing_after_a_lost_answer_is_no_conflict(server, chrome, clinic, patient):
    log_in(chrome, server, clinic, patient)
    box(chrome).send_keys("One")
    told(chrome, "Draft saved")
    answers_lost(chrome, 1)
    box(chrome).send_keys(" two")
    lost(chrome, 1)
    box(chrome).send_keys(" three")
    send(chrome, "Sign")
    main = chrome.find_element(By.TAG_NAME, "main").text
    assert "Note signed" in main and main.count("One two three") == 1 and "Continue writing" not in main


def test_a_draft_changed_in_another_window_is_told_and_not_overwritten(server, chrome, clinic, patient):
    form = clinic.get(patient).page.fields
    saved = clinic.post(f"{patient}/notes", {**form, "content": "AAA", "draft": "1"})
    log_in(chrome, server, clinic, patient)
    chrome.find_element(By.LINK_TEXT, "Continue writing").click()
    note = saved.location.rsplit("#note-", 1)[1]
    WebDriverWait(chrome, WAIT).until(lambda b: box(b).get_attribute("value") == "AAA")
    clinic.post(f"{patient}/notes/{note}", {**form, "version": "1", "content": "AAA there"})
    box(chrome).send_keys(" here")
    told(chrome, "another window")
    send(chrome, "Sign")
    main = chrome.find_element(By.TAG_NAME, "main")
    assert "AAA there" in main.text
    assert main.find_element(By.NAME, "content").get_attribute("value") == "AAA here"


def test_after_a_log_out_in_another_tab_the_page_says_so_and_the_text_comes_back(server, chrome, clinic, patient):
    log_in(chrome, server, clinic, patient)
    box(chrome).send_keys("Never lost.")
    page = chrome.current_window_handle
    chrome.switch_to.new_window("tab")
    chrome.get(f"{server.url}/logout")
    send(chrome, "Log out")
    chrome.switch_to.window(page)
    box(chrome).send_keys(" Not even this.")
    told(chrome, "Not saved yet")
    bar = chrome.find_element(By.ID, "session")
    assert "You have been logged out" in bar.text
    assert [a.text for a in bar.find_elements(By.CSS_SELECTOR, "a:not([hidden])")] == ["Log in in a new tab"]
    send(chrome, "Sign")
    assert "kept for you" in chrome.find_element(By.TAG_NAME, "main").text
    fill(chrome, tenantName=clinic.organisation, email=clinic.email, password=PASSWORD)
    send(chrome, "Log in")
    assert chrome.find_element(By.NAME, "content").get_attribute("value") == "Never lost. Not even this."


def test_leaving_with_something_typed_asks_and_sending_another_form_too(server, chrome, clinic):
    log_in(chrome, server, clinic, "/patients/new")
    assert left(chrome, chrome.find_element(By.LINK_TEXT, "Cancel"), "/patients") == 0  # nothing is typed
    chrome.get(f"{server.url}/patients/new")
    chrome.find_element(By.NAME, "name").send_keys("Ann Typed")
    assert left(chrome, chrome.find_element(By.LINK_TEXT, "Cancel"), "/patients") == 1
    chrome.get(f"{server.url}/patients/new")
    chrome.find_element(By.NAME, "name").send_keys("Ann Typed")
    chrome.find_element(By.CSS_SELECTOR, "header .menu summary").click()
    out = chrome.find_element(By.XPATH, "//header//button[normalize-space()='Log out']")
    assert left(chrome, out, "/?notice=logged-out") == 1


def test_leaving_with_something_chosen_or_ticked_asks_too(server, chrome, clinic, patient):
    log_in(chrome, server, clinic, patient)

    def edit(deed):
        chrome.get(f"{server.url}{patient}/edit")
        chrome.execute_script("document.querySelectorAll('main details').forEach(part => part.open = true)")
        form = chrome.find_element(By.CSS_SELECTOR, "main form")
        deed(Select(form.find_element(By.NAME, "sex")), form.find_element(By.NAME, "deceased"))
        return left(chrome, chrome.find_element(By.XPATH, "//nav//a[@href='/dashboard']"), "/dashboard")

    assert edit(lambda sex, deceased: None) == 0
    assert edit(lambda sex, deceased: sex.select_by_index(1)) == 1
    assert edit(lambda sex, deceased: (sex.select_by_index(1), sex.select_by_index(0))) == 0
    assert edit(lambda sex, deceased: deceased.click()) == 1
    assert edit(lambda sex, deceased: (deceased.click(), deceased.click())) == 0
    assert clinic.submit(f"{patient}/edit", name="Ann Able", sex="female", deceased="1").status == 303
    assert edit(lambda sex, deceased: None) == 0
    assert edit(lambda sex, deceased: sex.select_by_index(0)) == 1
    assert edit(lambda sex, deceased: deceased.click()) == 1


def test_what_came_back_beside_anothers_change_is_asked_about(server, chrome, clinic, patient):
    log_in(chrome, server, clinic, f"{patient}/edit")
    assert clinic.submit(f"{patient}/edit", name="Ann Theirs").status == 303
    chrome.find_element(By.NAME, "name").clear()
    chrome.find_element(By.NAME, "name").send_keys("Ann Mine")
    send(chrome, "Save")
    assert "saved it while you were editing" in chrome.find_element(By.TAG_NAME, "main").text
    assert left(chrome, chrome.find_element(By.XPATH, "//nav//a[@href='/dashboard']"), "/dashboard") == 1
    chrome.get(f"{server.url}/patients/new")
    chrome.find_element(By.NAME, "name").send_keys("Ann Theirs")
    send(chrome, "Save")
    assert "registered already" in chrome.find_element(By.TAG_NAME, "main").text
    assert left(chrome, chrome.find_element(By.XPATH, "//nav//a[@href='/dashboard']"), "/dashboard") == 1
    mild = {"csrf_token": clinic.token(patient), "severity": "mild", "status": "active"}
    assert clinic.post(f"{patient}/allergies", {**mild, "substance": "Penicillin"}).status == 303
    item = re.search(re.escape(patient) + r"/allergies/[0-9a-f-]{36}", clinic.get(f"{patient}/allergies").text)[0]
    chrome.get(f"{server.url}{item}")
    version = re.search(r'name="version" value="(\d+)"', clinic.get(item).text)[1]
    assert clinic.post(item, {**mild, "substance": "Penicillin G", "version": version}).status == 303
    chrome.find_element(By.NAME, "substance").clear()
    chrome.find_element(By.NAME, "substance").send_keys("Penicillin V")
    send(chrome, "Save")
    assert "changed it while you were editing" in chrome.find_element(By.TAG_NAME, "main").text
    assert left(chrome, chrome.find_element(By.XPATH, "//nav//a[@href='/dashboard']"), "/dashboard") == 1


def test_what_the_browser_puts_back_after_it_was_signed_is_no_second_note(server, chrome, clinic, patient):
    log_in(chrome, server, clinic, patient)
    box(chrome).send_keys("Signed at once.")
    send(chrome, "Sign")
    chrome.back()
    WebDriverWait(chrome, WAIT).until(lambda b: box(b).get_attribute("value") == "Signed at once.")
    hide = "document.dispatchEvent(new Event('visibilitychange'))"  # which saves at once
    chrome.execute_script("Object.defineProperty(document, 'visibilityState', {value: 'hidden'});" + hide)
    box(chrome).send_keys(" And more.")
    chrome.execute_script(hide)
    told(chrome, "Draft saved")
    with contextlib.closing(sqlite3.connect(server.database)) as database:
        assert database.execute("SELECT count(*), max(version) FROM patient_notes WHERE patient_id = ? ",
                                (uuid.UUID(patient.rsplit("/", 1)[1]).bytes,)).fetchone() == (2, 1)


def test_what_came_back_with_a_fault_is_asked_about_and_sending_it_is_not(server, chrome, clinic):
    log_in(chrome, server, clinic, "/patients/new")
    for date, asks in (("1975-02-30", 1), ("1975-02-28", 0)):
        chrome.get(f"{server.url}/patients/new")
        questions(chrome)
        fill(chrome, name="Ann Typed", date_of_birth=date)
        send(chrome, "Save")
        assert questions(chrome) == 0
        away = chrome.find_element(By.XPATH, "//nav//a[@href='/patients']")
        assert left(chrome, away, "/patients") == asks


def test_without_script_notes_are_written_one_at_a_time(server, clinic, patient):
    browser, profile = chromium(javascript=False)
    try:
        log_in(browser, server, clinic, patient)
        box(browser).send_keys("Plain.")
        send(browser, "Save as a draft")
        browser.find_element(By.LINK_TEXT, "Continue writing").click()
        WebDriverWait(browser, WAIT).until(lambda b: box(b).get_attribute("value") == "Plain.")
        assert len(browser.find_elements(By.NAME, "content")) == 1
        box(browser).send_keys(" And more.")
        send(browser, "Sign")
        assert "Plain. And more." in browser.find_element(By.TAG_NAME, "main").text
    finally:
        browser.quit()
        shutil.rmtree(profile, ignore_errors=True)
