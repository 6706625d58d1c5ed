"""Each language says everything that English says, once, with the same names and numbers in it."""
import re
import sys

import pytest

from harness import TOP

sys.path.insert(0, str(TOP / "tests/locale"))
import messages  # noqa: E402

CATALOGUES = sorted((TOP / "templates/locale").glob("*.po"))
# Of CLDR's forms: zero, one and two in Arabic. All others are forms of several numbers, as French's first.
FORMS_OF_ONE_NUMBER = {"ar": (0, 1, 2)}
RIGHT_TO_LEFT = ("ar",)
# {{names}} of numbers, which have no direction to lose.
NUMBERS = {"{{%s}}" % name for name in ("done", "rows", "status", "retry_after", "upload_megabytes", "logo_kilobytes",
                                           "minlength")}
FORMAT = r"%[^a-z]*[a-z]|\{\{.*?\}\}"

every_language = pytest.mark.parametrize("path", CATALOGUES, ids=lambda p: p.stem)


def entries(path):
    return messages.catalogue(path)[0]


@every_language
def test_nothing_is_missing(path):
    here = {key for e in entries(path) for key in (e.key, e.plural)}
    assert [text for text in messages.all_messages() if text not in here] == []


@every_language
def test_nothing_is_unused_or_there_twice(path):
    keys = [e.key for e in entries(path)]
    known = set(messages.all_messages())
    assert [key for key in keys if key not in known or keys.count(key) > 1] == []


@every_language
def test_every_entry_is_finished(path):
    assert [e.key for e in entries(path) if e.fuzzy or not e.texts or not all(e.texts)] == []


@every_language
def test_names_and_formats_are_those_of_english(path):
    """{{names}} in any order; %d and %s in the same one, for C fills them in one after the other.
    A form that goes with one number alone may say it in a word."""
    alone = FORMS_OF_ONE_NUMBER.get(path.stem, ())
    for e in entries(path):
        for form, text in enumerate(e.texts):
            wanted, found = re.findall(FORMAT, e.key), re.findall(FORMAT, text)
            if "{{" in e.key:
                wanted, found = sorted(wanted), sorted(found)
            assert found == wanted or (e.plural and form in alone and found == []), (e.key, text)


def marks_without_their_like(text):
    """Isolates that are not closed, or closed twice: what follows them on the page would turn round."""
    depth = 0
    for letter in text:
        depth += (letter in "\u2066\u2067\u2068") - (letter == "\u2069")
        if depth < 0:
            return True
    return depth != 0


@every_language
def test_marks_of_direction_are_in_pairs_and_each_name_stands_in_one(path):
    """A name of the other script would drag what stands beside it along; a tag isolates as well."""
    for e in entries(path):
        for text in e.texts:
            assert not marks_without_their_like(text), text
            if path.stem in RIGHT_TO_LEFT:
                bare = re.sub("\u2068(%s|\\{\\{.*?\\}\\})\u2069|<bdi>.*?</bdi>", "", text)
                assert set(re.findall(r"%s|\{\{.*?\}\}", bare)) <= NUMBERS, text


def test_a_mark_of_direction_alone_is_found():
    assert marks_without_their_like("\u2068%s") and marks_without_their_like("%s\u2069\u2068")
    assert not marks_without_their_like("\u2068%s\u2069 \u2066x\u2069")


@every_language
def test_numbers_have_the_forms_that_the_header_says(path):
    plurals = messages.plurals()
    header = messages.catalogue(path)[1]
    forms = int(re.search(r"nplurals=(\d)", header)[1])
    for e in entries(path):
        assert e.plural == plurals.get(e.key), e.key
        assert len(e.texts) == (forms if e.plural else 1), e.key


@every_language
def test_french_punctuation_does_not_begin_a_line(path):
    """U+00A0 before a colon and inside guillemets, U+202F before ; ? and !, and no typewriter '."""
    if path.stem != "fr":
        pytest.skip("other rules")
    for e in entries(path):
        for text in e.texts:
            bare = re.sub(FORMAT, "x", text)
            assert not re.search(r" [:;?!»]|« |'|\w[:;?!](?!\d)", bare), text


def test_no_text_for_people_is_without_its_mark():
    """In C they stand in mq_say and its like or, in a table, in MQ_SAY: only so they are translated."""
    assert list(messages.forgotten()) == []
