"""A one-time link has a button that copies it, also where the page came without TLS."""
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait


def test_a_button_copies_the_link_and_says_so(server, chrome):
    clinic = server.organisation()
    fields = clinic.get("/users/invite").page.fields
    answer = clinic.post("/users/invite", {**fields, "name": "Bo Brown", "email": "bo@example.org", "role": "clinician",
                                           "password": clinic.password})
    assert answer.status == 303
    chrome.get(f"{server.url}/login")
    for name in "medsynq", "medsynq_flash":
        chrome.add_cookie({"name": name, "value": clinic.cookies[name]})
    chrome.get(f"{server.url}/users")
    link = chrome.find_element(By.ID, "link").get_attribute("value")
    assert "/invitations/" in link
    button = chrome.find_element(By.CSS_SELECTOR, "[data-copy]")
    button.click()
    WebDriverWait(chrome, 10).until(lambda b: b.find_element(
        By.CSS_SELECTOR, "[data-copy] + [role=status]").text == "The link is copied.")
    assert chrome.switch_to.active_element == button
    box = chrome.find_element(By.CSS_SELECTOR, "input[type=search]")
    box.send_keys(Keys.CONTROL, "v")
    assert box.get_attribute("value") == link
