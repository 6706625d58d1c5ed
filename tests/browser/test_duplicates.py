"""Likely doubles, merged and told apart in Chromium by the keyboard alone, with and without JavaScript."""
import os

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from harness import PASSWORD

STEPS_MOST = 80


def main(browser):
    return browser.find_element(By.TAG_NAME, "main").text


def tab_to(browser, says):
    """Tab until the focus is on what says so. @return it"""
    for _ in range(STEPS_MOST):
        browser.switch_to.active_element.send_keys(Keys.TAB)
        here = browser.switch_to.active_element
        if says in (here.text.strip(), here.get_attribute("name")):
            return here
    raise AssertionError(f"no Tab leads to {says}")


def press(browser, says):
    """Go there by Tab, press Enter, and wait for the next page."""
    old = browser.find_element(By.TAG_NAME, "html")
    tab_to(browser, says).send_keys(Keys.ENTER)
    WebDriverWait(browser, 60).until(lambda b: b.find_element(By.TAG_NAME, "html") != old)


def queue(browser, server):
    """The list, when everybody has been compared."""
    def settled(_):
        browser.get(f"{server.url}/patients/duplicates")
        return "Records are being compared" not in main(browser)
    WebDriverWait(browser, 60).until(settled)


def test_a_pair_is_told_apart_then_merged_and_separated_by_keyboard(server, browser):
    clinic = server.organisation(f"Praxis {os.urandom(4).hex()}")
    clinic.add_patient("Ana Lima", date_of_birth="1980-04-03", phone1="0161 496 0000")
    form = clinic.submit("/patients/new", name="Anna Lima", date_of_birth="1980-04-03", email="a@example.org")
    assert form.status == 303 or clinic.post("/patients/new", form.page.fields).status == 303
    browser.get(f"{server.url}/login")
    for name, value in (("tenantName", clinic.organisation), ("email", clinic.email), ("password", PASSWORD)):
        browser.find_element(By.NAME, name).send_keys(value)
    press(browser, "Log in")
    queue(browser, server)
    assert "Ana Lima and Anna Lima" in main(browser) and "the same date of birth" in main(browser)
    press(browser, "Not the same person")
    assert "Noted: they are different people." in browser.find_element(By.TAG_NAME, "body").text
    press(browser, "Different people")
    assert "Ada Admin" in main(browser)
    press(browser, "Take that back")
    queue(browser, server)
    press(browser, "Merge …")
    assert "Merge two records" in main(browser)
    choice = tab_to(browser, "name")
    choice.send_keys(Keys.ARROW_DOWN)  # the other one's name
    press(browser, "Merge the two records")
    assert "The two records are one now." in browser.find_element(By.TAG_NAME, "body").text
    assert "Anna Lima" in browser.title and "a@example.org" in main(browser) and "0161 496 0000" in main(browser)
    press(browser, "Separate a record that was merged into this one")
    press(browser, "Anna Lima")
    press(browser, "Separate the two records")
    assert "The two records are separate again." in browser.find_element(By.TAG_NAME, "body").text
    assert "Ana Lima" in browser.title
    queue(browser, server)
    assert "There are none." in main(browser)
