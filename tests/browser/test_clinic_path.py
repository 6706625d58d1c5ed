"""What a person does on the first day, in Chromium."""
import os

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from harness import PASSWORD


def fill(browser, **fields):
    for name, value in fields.items():
        field = browser.find_element(By.NAME, name)
        field.clear()
        field.send_keys(value)


def send(browser, button):
    """Press the button with this text and wait for the next page."""
    old = browser.find_element(By.TAG_NAME, "html")
    browser.find_element(By.XPATH, f"//main//button[normalize-space()='{button}']").click()
    WebDriverWait(browser, 30).until(lambda b: b.find_element(By.TAG_NAME, "html") != old)


def test_create_an_organisation_add_a_patient_and_see_it(server, browser):
    name = f"Praxis {os.urandom(4).hex()}"
    browser.get(f"{server.url}/")
    assert "Synchronise care across organisations" in browser.find_element(By.TAG_NAME, "body").text
    browser.find_element(By.LINK_TEXT, "Create Organisation").click()
    fill(browser, tenantName=name, adminName="Ada Lovelace", adminEmail="ada@example.org",
         adminPassword=PASSWORD)
    send(browser, "Create Organisation")
    assert browser.current_url.endswith("/dashboard")

    browser.get(f"{server.url}/patients/new")
    fill(browser, name="", date_of_birth="1975-02-30")
    send(browser, "Save")
    assert "There is a problem" in browser.find_element(By.TAG_NAME, "main").text
    assert browser.find_element(By.NAME, "date_of_birth").get_attribute("value") == "1975-02-30"
    fill(browser, name="Grace Hopper", date_of_birth="1975-02-28", notes="First note")
    send(browser, "Save")
    main = browser.find_element(By.TAG_NAME, "main").text
    assert "Grace Hopper" in main and "First note" in main

    browser.get(f"{server.url}/patients")
    browser.find_element(By.LINK_TEXT, "Grace Hopper").click()
    assert "Grace Hopper" in browser.title

    browser.get(f"{server.url}/logout")
    send(browser, "Log out")
    browser.get(f"{server.url}/patients")
    assert "/login?next=/patients" in browser.current_url
    fill(browser, tenantName=name, email="ada@example.org", password=PASSWORD)
    send(browser, "Log in")
    assert browser.current_url.endswith("/patients")
    assert "Grace Hopper" in browser.find_element(By.TAG_NAME, "main").text


def test_nothing_is_wider_than_a_small_telephone(server, chrome):
    chrome.set_window_size(500, 800)  # Chromium's least; the page itself is emulated at 320
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": 320, "height": 640, "deviceScaleFactor": 1, "mobile": True})
    for path in ("/", "/login", "/register-tenant", "/patients/none"):
        chrome.get(f"{server.url}{path}")
        assert chrome.execute_script("return document.documentElement.scrollWidth") <= 320, path


def test_the_console_stays_silent(server, chrome):
    for path in ("/", "/login", "/register-tenant"):
        chrome.get(f"{server.url}{path}")
    assert [e for e in chrome.get_log("browser") if e["level"] == "SEVERE"] == []
