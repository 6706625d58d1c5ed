"""The header of every page: the search box, its keys, and the menu of the person."""
import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from harness import until


def press(browser, *keys):
    ActionChains(browser, duration=0).send_keys(*keys).perform()


def focused(browser):
    return browser.switch_to.active_element


def hold(browser):
    """What the page asks is held back until let_go()."""
    browser.execute_script("""
        const ask = window.fetch;
        window.held = [];
        window.fetch = (...what) => new Promise(answer => window.held.push(() => answer(ask(...what))));
        window.let_go = () => { window.fetch = ask; window.held.forEach(go => go()); };""")


def let_go(browser):
    browser.execute_script("window.let_go()")


def come_in(browser, server, clinic, path):
    browser.get(server.url)
    for name, value in clinic.cookies.items():
        browser.add_cookie({"name": name, "value": value})
    browser.get(server.url + path)


def seen(browser):
    """The patients that somebody sees listed and can go to."""
    return browser.execute_script("""
        return [...document.querySelectorAll("#found a, #results th a")]
            .filter(link => link.checkVisibility({visibilityProperty: true}))
            .map(link => link.firstChild.textContent);""")


def test_a_patient_is_opened_from_any_page_without_the_mouse(server, clinic, chrome):
    clinic.add_patient("Amara Okafor", date_of_birth="1984-02-11")
    patient = clinic.add_patient("Amara Okafor-Eze")
    come_in(chrome, server, clinic, "/account")
    press(chrome, "/")
    assert focused(chrome).get_attribute("name") == "q"
    press(chrome, "amara")
    until(lambda: chrome.find_elements(By.CSS_SELECTOR, "#found a"), "people are listed", 60)
    assert chrome.find_element(By.ID, "told").get_attribute("textContent") == "2 patients found"
    assert "1984-02-11" in chrome.find_element(By.ID, "found").text
    press(chrome, Keys.ARROW_DOWN)
    assert "Amara Okafor" in focused(chrome).text
    press(chrome, Keys.ARROW_DOWN)
    assert "Amara Okafor-Eze" in focused(chrome).text
    press(chrome, Keys.ARROW_UP, Keys.ARROW_UP)
    assert focused(chrome).get_attribute("name") == "q"
    press(chrome, Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ENTER)
    until(lambda: chrome.current_url.endswith(patient), "the record opens", 60)


def test_what_is_found_goes_away_with_escape_and_with_the_words(server, clinic, chrome):
    clinic.add_patient("Amara Okafor")
    come_in(chrome, server, clinic, "/dashboard")
    found = chrome.find_element(By.ID, "found")
    press(chrome, "/", "amara")
    until(found.is_displayed, "people are listed", 60)
    press(chrome, Keys.ARROW_DOWN, Keys.ESCAPE)
    assert not found.is_displayed() and focused(chrome).get_attribute("name") == "q"
    press(chrome, Keys.ARROW_DOWN)  # what was found is there again
    assert found.is_displayed() and focused(chrome).tag_name == "a"
    press(chrome, Keys.ESCAPE)
    assert not found.is_displayed() and focused(chrome).get_attribute("name") == "q"
    press(chrome, " zzqq")  # nobody is called anything like it
    until(lambda: found.is_displayed() and not found.find_elements(By.TAG_NAME, "a"), "nobody is", 60)
    press(chrome, *[Keys.BACKSPACE] * 10)
    until(lambda: not found.is_displayed(), "the list goes", 60)


@pytest.mark.parametrize("width", [360, 768, 1024, 1280, 1440, 1680, 1920])
@pytest.mark.parametrize("language", ["en", "fr", "ar"])
def test_no_tab_is_cut_off_where_there_is_room_for_it(server, clinic, chrome, language, width):
    clinic.submit("/account/language", page="/account", language=language, digits="")
    come_in(chrome, server, clinic, "/dashboard")
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                           {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False})
    lost, wide = chrome.execute_script("""
        const tabs = document.querySelector(".tabs");
        return [tabs.scrollWidth - tabs.clientWidth, document.documentElement.scrollWidth];""")
    assert wide <= width and (lost <= 1 or width < 1024), (lost, wide)


def test_on_the_page_of_results_they_change_and_come_back(server, clinic, chrome):
    clinic.add_patient("Amara Okafor")
    clinic.add_patient("Bo Lind")
    come_in(chrome, server, clinic, "/patients")
    press(chrome, "/", "amara")
    until(lambda: seen(chrome) == ["Amara Okafor"], "one is found", 60)
    assert chrome.current_url.endswith("/patients?q=amara")
    press(chrome, Keys.ARROW_DOWN, Keys.ENTER)
    until(lambda: "Amara Okafor" in chrome.title, "the record opens", 60)
    chrome.back()
    until(lambda: chrome.find_elements(By.ID, "results"), "the results are back", 60)
    assert chrome.find_element(By.NAME, "q").get_attribute("value") == "amara"
    assert "Bo Lind" not in chrome.find_element(By.ID, "results").text


@pytest.mark.parametrize("path", ["/dashboard", "/patients"])
@pytest.mark.parametrize("awaited", ["the answer", "nothing"])
def test_who_types_fast_never_opens_the_record_of_earlier_words(server, clinic, chrome, path, awaited):
    clinic.add_patient("Nell First")
    clinic.add_patient("Nell Second", date_of_birth="1984-02-11")
    archie = clinic.add_patient("Archie Third")
    come_in(chrome, server, clinic, path)
    press(chrome, "/", "nell")
    until(lambda: sorted(seen(chrome)) == ["Nell First", "Nell Second"], "the Nells are listed", 60)
    hold(chrome)
    press(chrome, *[Keys.BACKSPACE] * 4, "archie")
    assert seen(chrome) == []
    press(chrome, Keys.ARROW_DOWN)
    assert focused(chrome).get_attribute("name") == "q"
    if awaited == "the answer":
        let_go(chrome)
        until(lambda: focused(chrome).text.startswith("Archie Third"), "the arrow arrives", 60)
        press(chrome, Keys.ENTER)
        until(lambda: chrome.current_url.endswith(archie), "the record opens", 60)
    else:
        press(chrome, Keys.ENTER)
        until(lambda: chrome.current_url.endswith("/patients?q=archie"), "the form is sent", 60)
        until(lambda: seen(chrome) == ["Archie Third"], "the results of what is typed", 60)


@pytest.mark.parametrize("path", ["/dashboard", "/patients"])
def test_the_focus_is_not_lost_when_results_come_late(server, clinic, chrome, path):
    for number in ("06", "07"):
        clinic.add_patient(f"Person Number{number}", date_of_birth=f"19{number}-01-01")
    come_in(chrome, server, clinic, path)
    press(chrome, "/", "person")
    until(lambda: len(seen(chrome)) == 2, "both are listed", 60)
    hold(chrome)
    press(chrome, " number07", Keys.ARROW_DOWN)
    let_go(chrome)
    until(lambda: focused(chrome).text.startswith("Person Number07"), "the arrow arrives", 60)
    # as somebody who dictates, or a browser that takes words back: the focus is not in the box
    chrome.execute_script("""
        const box = document.getElementById("q");
        box.value = "person";
        box.dispatchEvent(new Event("input", {bubbles: true}));""")
    assert focused(chrome).get_attribute("name") == "q"
    until(lambda: len(seen(chrome)) == 2, "both are listed", 60)
    assert focused(chrome).get_attribute("name") == "q"
    hold(chrome)
    press(chrome, " number06", Keys.ARROW_DOWN, Keys.TAB)  # who has gone on is not fetched back
    after = focused(chrome).get_attribute("outerHTML")
    let_go(chrome)
    until(lambda: chrome.find_element(By.ID, "told").get_attribute("textContent") == "1 patient found", "it came", 60)
    assert focused(chrome).get_attribute("outerHTML") == after


@pytest.mark.parametrize("path,place", [("/dashboard", "found"), ("/patients", "results")])
@pytest.mark.parametrize("why", ["logged out", "no connection"])
def test_a_search_without_an_answer_says_so_and_shows_nobody(server, clinic, chrome, path, place, why):
    clinic.add_patient("Nell First")
    clinic.add_patient("Bo Gone")
    come_in(chrome, server, clinic, path)
    press(chrome, "/", "nell")
    until(lambda: seen(chrome) == ["Nell First"], "she is listed", 60)
    cookies = chrome.get_cookies()
    if why == "logged out":
        chrome.delete_all_cookies()
    else:
        chrome.execute_cdp_cmd("Network.enable", {})
        chrome.execute_cdp_cmd("Network.emulateNetworkConditions", {
            "offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0})
    press(chrome, *[Keys.BACKSPACE] * 4, "gone")
    failed = "Search failed. Press Enter to try again."
    until(lambda: chrome.find_element(By.ID, place).text == failed, "it is said", 60)
    assert chrome.find_element(By.ID, "told").get_attribute("textContent") == failed
    assert seen(chrome) == []
    press(chrome, Keys.ARROW_DOWN)
    assert focused(chrome).get_attribute("name") == "q"
    assert chrome.find_element(By.ID, "session").is_displayed() == (why == "logged out")
    if why == "no connection":
        chrome.execute_cdp_cmd("Network.disable", {})
    for cookie in cookies:
        chrome.add_cookie(cookie)  # logged in again in another tab
    press(chrome, Keys.BACKSPACE)
    until(lambda: seen(chrome) == ["Bo Gone"], "the next one is answered", 60)
    assert not chrome.find_element(By.ID, "session").is_displayed()


def test_who_has_died_and_what_is_archived_is_marked_in_what_is_found(server, clinic, chrome):
    clinic.add_patient("Nell Gone", deceased="1", preferred_name="Nelly")
    closed = clinic.add_patient("Nell Closed", date_of_birth="1984-02-11").split("?")[0]
    clinic.submit(f"{closed}/archive", closed, reason="moved away")
    clinic.add_patient("Nell Alive", date_of_birth="1990-03-01")
    come_in(chrome, server, clinic, "/dashboard")
    press(chrome, "/", "nell")
    until(lambda: len(seen(chrome)) == 3, "all are listed", 60)
    marks = {link.find_element(By.TAG_NAME, "bdi").text: [m.text for m in link.find_elements(By.CLASS_NAME, "mark")]
             for link in chrome.find_elements(By.CSS_SELECTOR, "#found a")}
    assert marks == {"Nell Gone": ["deceased"], "Nell Closed": ["archived"], "Nell Alive": []}
    assert "Nelly" in chrome.find_element(By.ID, "found").text


# Where the first and the last letter of arguments[0] stand in the list.
ENDS = """
const texts = document.createTreeWalker(document.getElementById("found"), NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
    const from = texts.currentNode.data.indexOf(arguments[0]);
    if (from < 0) continue;
    return [from, from + arguments[0].length - 1].map(at => {
        const letter = document.createRange();
        letter.setStart(texts.currentNode, at);
        letter.setEnd(texts.currentNode, at + 1);
        return letter.getBoundingClientRect().left;
    });
}"""


def test_on_a_page_from_right_to_left_every_piece_found_runs_as_it_is_written(server, clinic, chrome):
    written = {"name": "Nell (née Bly)", "phone1": "+49 30 1234567", "address": "12 Main Street (rear)"}
    clinic.add_patient(**written)
    chrome.execute_cdp_cmd("Network.enable", {})
    chrome.execute_cdp_cmd("Network.setExtraHTTPHeaders", {"headers": {"Accept-Language": "ar"}})
    come_in(chrome, server, clinic, "/dashboard")
    assert chrome.find_element(By.TAG_NAME, "html").get_attribute("dir") == "rtl"
    press(chrome, "/", "nell")
    until(lambda: seen(chrome) == [written["name"]], "she is listed", 60)
    for piece in written.values():
        first, last = chrome.execute_script(ENDS, piece)
        assert first < last, piece


def test_a_slash_that_somebody_types_is_a_slash(server, clinic, chrome):
    come_in(chrome, server, clinic, "/patients/new")
    box = chrome.find_element(By.NAME, "name")
    box.click()
    press(chrome, "A/B")
    assert box.get_attribute("value") == "A/B"


def test_the_menu_closes_when_it_is_left(server, clinic, chrome):
    come_in(chrome, server, clinic, "/dashboard")
    menu = chrome.find_element(By.CSS_SELECTOR, "details.menu")
    menu.find_element(By.TAG_NAME, "summary").click()
    assert [a.text for a in menu.find_elements(By.CSS_SELECTOR, "a, button")] == ["Account", "Settings", "Log out"]
    press(chrome, Keys.ESCAPE)
    assert not menu.get_attribute("open")
    menu.find_element(By.TAG_NAME, "summary").click()
    chrome.find_element(By.TAG_NAME, "h1").click()
    assert not menu.get_attribute("open")


@pytest.mark.parametrize("path", ["/dashboard", "/patients"])
def test_a_page_never_shows_another_organisations_patients(server, clinic, chrome, path):
    """Logged in elsewhere in another tab: what was asked from here gets a page of its own."""
    other = server.organisation()
    other.add_patient("Amara Elsewhere")
    come_in(chrome, server, clinic, path)
    chrome.delete_all_cookies()
    for name, value in other.cookies.items():
        chrome.add_cookie({"name": name, "value": value})
    assert clinic.organisation in chrome.find_element(By.CSS_SELECTOR, ".whoami").get_attribute("textContent")
    press(chrome, "/", "amara")
    # asked for and read in one: between the two, one page goes and the other comes
    until(lambda: other.organisation in (chrome.execute_script(
        "return document.querySelector('.whoami')?.textContent") or ""), "the page is the other's", 60)
    assert chrome.current_url.endswith("/patients?q=amara")
    assert seen(chrome) == ["Amara Elsewhere"]
