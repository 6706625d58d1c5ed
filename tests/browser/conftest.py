"""A real Chromium, with and without JavaScript."""
import shutil
import tempfile

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

import every_page

# A network that is not there must not cost time: no look-ups, no updates, no sync.
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage", "--disable-default-apps", "--lang=en-GB")


def chromium(javascript=True):
    options = webdriver.ChromeOptions()
    profile = tempfile.mkdtemp(prefix="medsynq-chromium-")
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    if not javascript:
        options.add_experimental_option(
            "prefs", {"profile.managed_default_content_settings.javascript": 2})
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})  # says when it asks something
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    driver.set_window_size(1280, 900)
    driver.set_page_load_timeout(60)
    return driver, profile


@pytest.fixture(params=["javascript", "no javascript"])
def browser(request):
    driver, profile = chromium(request.param == "javascript")
    yield driver
    driver.quit()
    shutil.rmtree(profile, ignore_errors=True)


@pytest.fixture
def chrome():
    """With JavaScript."""
    driver, profile = chromium()
    yield driver
    driver.quit()
    shutil.rmtree(profile, ignore_errors=True)


@pytest.fixture(scope="session")
def museum():
    """Every page in every state, shown again at museum.url(page)."""
    pages, lost = every_page.collect()
    with every_page.Museum(pages).open() as museum:
        museum.lost = lost
        yield museum


@pytest.fixture
def look(chrome, museum):
    """look(page, width, colours): show a page of the museum, its fold-outs open."""
    def show(page, width=1280, colours="light"):
        chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False})
        chrome.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": colours}]})
        chrome.get(museum.url(page))
        chrome.execute_script("document.querySelectorAll('main details').forEach(d => d.open = true)")
    return show
