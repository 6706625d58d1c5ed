"""In which language a page is, and that nothing in it stays English."""
import re

import pytest


def language(answer):
    said = answer.headers["Content-Language"]
    assert re.search(r'<html lang="([a-z]+)"', answer.text)[1] == said
    return said


@pytest.mark.parametrize("accept,wanted", [
    ("fr", "fr"), ("fr-CH, en;q=0.5", "fr"), ("en-GB,en;q=0.9,fr;q=0.8", "en"), ("de, FR;q=0.1", "fr"),
    ("en;q=0.2, fr;q=0.9", "fr"), ("fr;q=0", "en"), ("xx", "en"), ("", "en"), ("*", "en"),
    (",,;q=,fr;;q=1", "fr")])
def test_a_stranger_is_addressed_in_a_language_of_the_browser(server, accept, wanted):
    answer = server.client(Accept_Language=accept).get("/login")
    assert language(answer) == wanted
    assert "Accept-Language" in answer.headers["Vary"]
    assert ("Se connecter" in answer.text) == (wanted == "fr")


def test_counts_are_in_the_forms_of_the_language(server):
    clinic = server.organisation(client=server.client(Accept_Language="fr"))
    clinic.add_patient("Marie Curie")
    assert "1 patient trouvé" in clinic.get("/patients?q=marie").page.text
    clinic.add_patient("Marie Stopes")
    assert "2 patients trouvés" in clinic.get("/patients?q=marie").page.text


def test_errors_are_in_the_language_too(server):
    stranger = server.client(Accept_Language="fr")
    assert "Cette page n’existe pas" in stranger.get("/healthz/none").text
    answer = stranger.submit("/login", tenantName="", email="", password="")
    assert answer.status == 422 and "Indiquez votre adresse e-mail." in answer.page.text
