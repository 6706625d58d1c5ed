"""A real Chromium, with and without JavaScript."""
import shutil
import tempfile

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

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
