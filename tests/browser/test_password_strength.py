"""A new password is told how good it is while it is typed, on every page that asks for one."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from harness import PASSWORD
from test_passwords import link_by_admin
from test_people import invite


def told(browser):
    return browser.find_element(By.CSS_SELECTOR, ".strength")


def say(browser, name, password, expected):
    """Type it anew, and wait for what is said of it."""
    field = browser.find_element(By.NAME, name)
    field.clear()
    field.send_keys(password)
    WebDriverWait(browser, 10).until(lambda b: told(b).get_attribute("data-is") == expected,
                                     f"{password!r} is {expected}")
    return told(browser).text


def test_it_is_told_on_every_page_that_asks_for_a_new_one(server, chrome):
    clinic = server.organisation()
    link = link_by_admin(server, clinic)
    pages = {"/register-tenant": "adminPassword", invite(clinic): "password", link: "password"}
    for page, name in pages.items():
        chrome.get(server.url + page)
        assert told(chrome).get_attribute("aria-live") == "polite" and told(chrome).text == ""
        assert "At least 12 characters" in chrome.find_element(By.TAG_NAME, "main").text
        assert "at least 12" in say(chrome, name, "short", "short")
        assert "Strong" in say(chrome, name, "four quiet words here", "strong")
    chrome.add_cookie({"name": "medsynq", "value": clinic.cookies["medsynq"]})
    chrome.get(f"{server.url}/account/password")
    assert "Strong" in say(chrome, "password", PASSWORD, "strong")


@pytest.mark.parametrize("password,expected", [
    ("a", "short"), ("elevenchars", "short"), ("aaaaaaaaaaaaaaa", "simple"),
    ("abcdefghijklmnop", "simple"), ("0987654321abc", "simple"), ("qwertyuiopas", "simple"),
    ("tulip3tulip3tulip3", "simple"), ("tulips in rain", "fair"), ("tulips in the rain", "strong"),
    ("Grüße aus Köln am Rhein", "strong")])
def test_what_is_said(server, chrome, password, expected):
    chrome.get(f"{server.url}/register-tenant")
    assert say(chrome, "adminPassword", password, expected)
    assert chrome.find_element(By.NAME, "adminPassword").get_attribute("value") == password


def test_nothing_is_said_of_nothing_nor_of_a_present_password(server, chrome):
    chrome.get(f"{server.url}/register-tenant")
    say(chrome, "adminPassword", "short", "short")
    field = chrome.find_element(By.NAME, "adminPassword")
    field.send_keys("\ue003" * 5)
    WebDriverWait(chrome, 10).until(lambda b: told(b).get_attribute("textContent") == "")
    chrome.get(f"{server.url}/login")
    assert not chrome.find_elements(By.CSS_SELECTOR, ".strength")


def test_a_password_can_be_looked_at(server, chrome):
    clinic = server.organisation()
    chrome.get(f"{server.url}/login")
    for name, value in {"tenantName": clinic.organisation, "email": clinic.email}.items():
        chrome.find_element(By.NAME, name).send_keys(value)
    field = chrome.find_element(By.NAME, "password")
    field.send_keys(PASSWORD)
    button = chrome.find_element(By.CSS_SELECTOR, "button.look")
    for kind, pressed in (("text", "true"), ("password", "false"), ("text", "true")):
        button.click()
        assert (field.get_attribute("type"), button.get_attribute("aria-pressed")) == (kind, pressed)
    field.send_keys("\ue007")
    WebDriverWait(chrome, 20).until(lambda b: b.current_url.endswith("/dashboard"))
    chrome.get(f"{server.url}/account/password")
    buttons = chrome.find_elements(By.CSS_SELECTOR, "button.look")
    assert len(buttons) > 1
    for button in buttons:
        button.click()
        assert button.get_attribute("aria-pressed") == "true"
