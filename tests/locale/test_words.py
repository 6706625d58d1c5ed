"""The lint of words finds another word for a thing, in each language, and lets ours stand."""
import sys

import pytest

from harness import TOP

sys.path.insert(0, str(TOP / "tests/lint"))
import words  # noqa: E402


@pytest.mark.parametrize("language,text,ours", [
    ("en", "Telephone number", "phone"), ("en", "Set up a second factor", "two-step verification"),
    ("en", "Sign in again", "log in"), ("en", "Throw it away", "discard"), ("en", "Bring it back", "restore"),
    ("en", "A likely double", "duplicate"), ("en", "Enter your present password.", "current"),
    ("en", "We send a mail.", "e-mail"), ("en", "Make a link", "create"), ("en", "Patient number", "record number"),
    ("en", "All users", "staff"), ("en", "Your organization", "British"), ("en", "As in %s.", "for example"),
    ("en", "Who has seen this", "viewed"), ("en", "It is no date", "is not a"), ("en", "Press “Save”", "straight"),
    ("fr", "Un second facteur", "deux étapes"), ("fr", "Le jeter", "supprimer"), ("fr", "Un courriel", "e-mail"),
    ("fr", "Un double", "doublon"), ("fr", "Un utilisateur", "personnel"), ("fr", "l'adresse", "apostrophe"),
    ("fr", "Pourquoi ?", "U+202F"), ("fr", "Allergies :", "U+00A0"), ("fr", "Pourquoi?", "U+202F"),
    ("ar", "رقم التلفون", "هاتف"), ("ar", "لماذا?", "؟")])
def test_another_word_is_found(monkeypatch, language, text, ours):
    monkeypatch.setattr(words, "texts", lambda: [(language, "key", text)])
    said = list(words.faults())
    assert len(said) == 1 and ours in said[0], said


@pytest.mark.parametrize("language,text", [
    ("en", "Phone number"), ("en", "Sign the note"), ("en", "Go back"), ("en", "Back to the record"),
    ("en", "Choose between log in and log out"), ("en", "Send an e-mail"), ("fr", "Pourquoi\u202f?"),
    ("fr", "Allergies\u00a0:"), ("ar", "رقم الهاتف"), ("ar", "لماذا؟")])
def test_ours_stands(monkeypatch, language, text):
    monkeypatch.setattr(words, "texts", lambda: [(language, "key", text)])
    assert list(words.faults()) == []
