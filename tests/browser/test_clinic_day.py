"""A whole day's work with the keyboard alone: Tab, Enter, Space, arrows and typing, no mouse. Once
with JavaScript and once without."""
import os
import shutil

import pytest
from conftest import chromium
from harness import PASSWORD, until
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

STOPS = 200  # more than any page has things to stop at


class Keyboard:
    """A person who has no mouse. What they press goes to Chromium as real key events."""

    def __init__(self, javascript):
        self.browser, self.profile = chromium(javascript)
        self.javascript = javascript
        self.keys = 0  # that were pressed: a key held for another one counts with it

    def close(self):
        self.browser.quit()
        shutil.rmtree(self.profile, ignore_errors=True)

    def press(self, *keys):
        self.keys += sum(map(len, keys))
        ActionChains(self.browser, duration=0).send_keys(*keys).perform()

    def name(self):
        """What a screen reader says of where the focus is."""
        here = self.browser.switch_to.active_element
        return here.aria_role, here.accessible_name

    def go_to(self, name, role=None):
        """Tab onwards until the thing of this name has the focus, which must be seen there."""
        passed = []
        for stop in range(STOPS):
            if stop:
                self.press(Keys.TAB)
            found_role, found = self.name()
            passed.append((found_role, found))
            if (found == name or found.startswith(f"{name} (optional)")) and role in (None, found_role):
                here = self.browser.switch_to.active_element
                assert here.value_of_css_property("outline-style") != "none", name
                return here
        raise AssertionError(f"Tab never comes to {name}: {passed[:80]}")

    def write(self, name, text):
        self.go_to(name)
        self.keys += 1
        ActionChains(self.browser, duration=0).key_down(Keys.CONTROL).send_keys("a").key_up(
            Keys.CONTROL).perform()
        self.press(text)

    def follow(self, name, role=None, key=Keys.ENTER):
        """Go to a link or button, press it, wait for the next page. @return the page's text"""
        self.go_to(name, role)
        return self.leave(key)

    def leave(self, key=Keys.ENTER):
        old = self.browser.find_element(By.TAG_NAME, "html")
        self.press(key)
        until(lambda: self.elsewhere(old), f"another page after {self.browser.current_url}")
        return self.text()

    def elsewhere(self, old):
        try:
            return self.browser.find_element(By.TAG_NAME, "html") != old and self.browser.find_element(
                By.TAG_NAME, "footer")
        except WebDriverException:
            return False

    def text(self):
        """What the page says; nothing while it is being loaded anew, as a progress page does by itself."""
        try:
            return self.browser.find_element(By.TAG_NAME, "main").text
        except WebDriverException:
            return ""

    def log_in(self, organisation):
        self.follow("Log in", "link")
        self.write("Organisation", organisation)
        self.write("E-mail address", "ada@example.org")
        self.write("Password", PASSWORD)
        self.follow("Log in", "button")


@pytest.fixture(params=[True, False], ids=["javascript", "no javascript"])
def desks(request, server):
    """Two people at two computers."""
    both = [Keyboard(request.param), Keyboard(request.param)]
    for keyboard in both:
        keyboard.browser.get(server.url)
    yield both
    for keyboard in both:
        keyboard.close()


def register(person, organisation):
    person.follow("Create Organisation", "link")
    person.write("Organisation", organisation)
    person.write("Your name", "Ada Lovelace")
    person.write("E-mail address", "ada@example.org")
    person.write("Password", PASSWORD)
    assert "You are its first administrator." in person.leave()


def add_with_the_long_form(person):
    person.follow("Patients", "link")
    person.follow("Add patient", "link")
    person.write("Name", "Amara Okafor")
    person.write("Date of birth", "1984-02-11")
    person.go_to("Sex")
    person.press("fem")
    person.write("Phone", "020 7946 0958")
    person.write("Notes", "Allergic to penicillin.")
    person.go_to("Other names")
    person.press(Keys.ENTER)
    person.write("Former name", "Amara Eze")
    person.go_to("Emergency contact")
    person.press(Keys.SPACE)
    person.write("Name of the emergency contact", "Chidi Okafor")
    text = person.follow("Save", "button", Keys.SPACE)
    for words in ("Amara Okafor", "Female", "Amara Eze", "Chidi Okafor", "Allergic to penicillin."):
        assert words in text, text


def find(person):
    if person.javascript:  # from any page
        person.press("/", "oka am")
        until(lambda: person.browser.find_elements(By.CSS_SELECTOR, "#found a"), "somebody is found")
        person.press(Keys.ARROW_DOWN)
        assert "Amara Okafor" in person.leave()
        return
    person.follow("Patients", "link")
    person.write("Find a patient", "oka am")
    person.leave()
    assert "Amara Okafor" in person.follow("Amara Okafor", "link")


def edit_at_the_same_time(person, colleague):
    colleague.follow("Edit", "link")
    person.follow("Edit", "link")
    colleague.write("Phone", "020 7000 0000")
    colleague.leave()
    person.write("Name", "Amara Okafor-Eze")
    person.write("Phone", "020 7999 9999")
    text = person.follow("Save", "button")
    assert "Yours: 020 7999 9999" in text and "Theirs: 020 7000 0000" in text
    person.go_to("Yours: 020 7999 9999", "radio")  # nothing is chosen until somebody says so
    person.press(Keys.SPACE)
    assert person.name() == ("radio", "Yours: 020 7999 9999")
    text = person.follow("Save my choice", "button")
    assert "Amara Okafor-Eze" in text and "020 7999 9999" in text


def write_a_note(person):
    person.write("New note", "Seen today, well.")
    person.follow("Save as a draft", "button")
    person.follow("Continue writing", "link")
    if person.javascript:  # without, typing would begin before what is written
        until(lambda: person.name()[1] == "Draft", "typing can begin")
    person.write("Draft", "Seen today, very well.")
    text = person.follow("Sign", "button")
    assert "Seen today, very well." in text and "Ada Lovelace draft" not in text


def add_an_allergy(person):
    """Typing begins in the first box, whoever follows the link from the record."""
    person.follow("Add an allergy or intolerance", "link")
    until(lambda: person.name()[1] == "Substance", "typing can begin")
    person.press("Latex")
    person.leave()
    person.write("Substance", "latex")
    person.leave()
    warned = person.name()[1] == "This is recorded already"
    assert warned or not person.javascript
    person.follow("Cancel", "link")
    person.follow("Back to the record", "link")


def look_around(person):
    assert "Allergic to penicillin." in person.follow("Print", "link")
    person.follow("Back to the record", "link")
    text = person.follow("Who has viewed this record", "link")
    assert "Ada Lovelace" in text or "ada@example.org" in text


def import_a_file(person, folder):
    file = folder / "patients.csv"
    file.write_text("name;date of birth\nGrace Hopper;1906-12-09\nAlan Turing;1912-06-23\n")
    person.follow("Patients", "link")
    person.follow("Import", "link")
    # The window that chooses a file is not the page's: the name is handed over as if it had closed.
    person.go_to("File").send_keys(str(file))
    person.follow("Upload", "button")
    person.follow("Check the rows", "button")
    until(lambda: "Can be imported" in person.text(), "the rows are checked")
    person.follow("Import 2 patients", "button")
    until(lambda: "2 patients were imported." in person.text(), "the rows are imported")


# What the day may take at most, with a few to spare: a change that makes it longer is seen here.
DAY = {True: 590, False: 650}


def test_a_day_with_the_keyboard_alone(desks, tmp_path, record_property):
    person, colleague = desks
    organisation = f"Praxis {os.urandom(4).hex()}"
    register(person, organisation)
    add_with_the_long_form(person)
    colleague.log_in(organisation)
    find(colleague)
    find(person)
    edit_at_the_same_time(person, colleague)
    write_a_note(person)
    add_an_allergy(person)
    look_around(person)
    import_a_file(person, tmp_path)
    person.go_to("Ada Lovelace " + organisation)
    person.press(Keys.ENTER)
    person.follow("Log out", "button")
    assert "/login" in person.browser.current_url or "Log in" in person.text()
    print(f"keystrokes: {person.keys}")
    record_property("keystrokes", person.keys)
    assert person.keys <= DAY[person.javascript]
