"""A new organisation's dates and time zone are proposed as the browser has them."""
import pytest
from selenium.webdriver.common.by import By


@pytest.mark.parametrize("language, zone, order, offered", [
    ("en-US", "America/New_York", "3", "America/New_York"), ("en-GB", "Europe/London", "2", "Europe/London"),
    ("de-DE", "Europe/Berlin", "1", "Europe/Berlin"), ("sv-SE", "Europe/Stockholm", "0", "Europe/Stockholm"),
    ("en-IN", "Asia/Calcutta", "2", "Asia/Kolkata")])
def test_they_are_those_of_the_browser(server, chrome, language, zone, order, offered):
    agent = chrome.execute_script("return navigator.userAgent")
    chrome.execute_cdp_cmd("Emulation.setUserAgentOverride", {"userAgent": agent, "acceptLanguage": language})
    chrome.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": zone})
    chrome.get(f"{server.url}/register-tenant")
    chosen = [chrome.find_element(By.ID, name).get_attribute("value") for name in ("dateFormat", "timeZone")]
    assert chosen == [order, offered]
