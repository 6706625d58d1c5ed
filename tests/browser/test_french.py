"""The main job in French, by the person's own choice, also on a small telephone."""
import os
import pathlib
import re

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from harness import PASSWORD
from test_clinic_path import fill, send

SMALL = {"width": 320, "height": 640, "deviceScaleFactor": 1, "mobile": True}


def main(browser):
    return browser.find_element(By.TAG_NAME, "main").text


def register(browser, url):
    browser.get(f"{url}/register-tenant")
    fill(browser, tenantName=f"Clinique {os.urandom(4).hex()}", adminName="Ada Lovelace",
         adminEmail="ada@example.org", adminPassword=PASSWORD)
    send(browser, "Create Organisation")


def set_french(browser, url):
    """The organisation writes 23/04/1975 and lives in Paris; the person reads French."""
    browser.get(f"{url}/organisation")
    Select(browser.find_element(By.NAME, "date_format")).select_by_visible_text("23/04/1975")
    Select(browser.find_element(By.NAME, "time_zone")).select_by_visible_text("Europe/Paris")
    send(browser, "Save")
    assert "The settings are saved." in main(browser)
    browser.get(f"{url}/account")
    Select(browser.find_element(By.NAME, "language")).select_by_visible_text("français")
    send(browser, "Save")
    assert "La langue et les chiffres sont enregistrés." in main(browser)
    assert browser.find_element(By.TAG_NAME, "html").get_attribute("lang") == "fr"


def register_patient(browser, url):
    browser.get(f"{url}/dashboard")
    browser.find_element(By.LINK_TEXT, "Ajouter un patient").click()
    fill(browser, name="", date_of_birth="30/02/1975")
    send(browser, "Enregistrer")
    assert "Il y a un problème" in main(browser)
    assert "Cette date n’existe pas. Vérifiez le jour et le mois." in main(browser)
    fill(browser, name="Marie Curie", date_of_birth="07/11/1967", notes="Première note")
    send(browser, "Enregistrer")
    assert browser.find_element(By.CSS_SELECTOR, ".banner time").text == "07/11/1967"
    return browser.current_url


def work_on_patient(browser, url, record):
    browser.find_element(By.LINK_TEXT, "Modifier").click()
    fill(browser, date_of_birth="8/11/1967")
    send(browser, "Enregistrer")
    browser.find_element(By.LINK_TEXT, "Historique").click()
    assert "Date de naissance : 07/11/1967 → 08/11/1967" in main(browser)
    browser.get(record)
    fill(browser, content="Deuxième note")
    send(browser, "Signer")
    assert re.search(r"\d\d/\d\d/\d{4} \d\d:\d\d · Ada Lovelace", main(browser))
    browser.get(f"{url}/patients?q=curie+8.11.1967")
    assert "1 patient trouvé" in main(browser)
    browser.get(f"{url}/audit")
    assert "A ouvert le dossier" in main(browser)
    assert "Heure (Europe/Paris)" in browser.page_source


def test_the_main_job_in_french(server, browser):
    register(browser, server.url)
    set_french(browser, server.url)
    record = register_patient(browser, server.url)
    work_on_patient(browser, server.url, record)
    browser.find_element(By.CSS_SELECTOR, ".menu summary").click()
    browser.find_element(By.XPATH, "//header//button[normalize-space()='Se déconnecter']").click()


def overflowing(browser):
    """Elements that leave the page, but for what scrolls; and values with no room for a word."""
    return browser.execute_script("""
        return [...document.querySelectorAll("body *")].filter(e => {
            const box = e.getBoundingClientRect();
            const hidden = e.closest(".scroll, .tabs, .hide, .skip, [hidden], svg, details:not([open]) > *");
            const squeezed = e.matches(".value dd") && box.width < 100;
            return !hidden && box.width && (box.right > innerWidth + 1 || box.left < -1 || squeezed);
        }).map(e => e.tagName + "." + e.className + ": " + e.textContent.trim().slice(0, 60))""")


def test_french_fits_a_small_telephone(server, chrome):
    register(chrome, server.url)
    set_french(chrome, server.url)
    record = register_patient(chrome, server.url)
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", SMALL)
    pages = ("/", "/dashboard", "/patients", "/patients/new", "/patients/import", "/users",
             "/users/invite", "/audit", "/account", "/account/sessions", "/account/password",
             "/account/two-factor", "/organisation", "/logout", "/patients?q=curie", "/patients/none")
    shots = os.environ.get("SCREENSHOTS")
    for url in (*(server.url + page for page in pages), record, f"{record}/edit",
                f"{record}/history", f"{record}/accesses", f"{record}/print", f"{record}/label"):
        chrome.get(url)
        assert chrome.find_element(By.TAG_NAME, "html").get_attribute("lang") == "fr", url
        if shots:
            name = re.sub(r"\W+", "-", url.removeprefix(server.url)).strip("-") or "home"
            pathlib.Path(shots, f"{name}.png").write_bytes(chrome.get_screenshot_as_png())
        assert chrome.execute_script("return document.documentElement.scrollWidth") <= 320, url
        assert overflowing(chrome) == [], url
