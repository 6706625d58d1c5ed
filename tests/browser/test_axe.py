"""axe-core finds nothing on any page in any state: in a wide light window and on a small dark telephone."""
import pytest

from harness import TOP

AXE = TOP / "build/npm/node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
RUN = """const done = arguments[arguments.length - 1];
axe.run(document, {runOnly: arguments[0], resultTypes: ["violations"]}).then(
    r => done(r.violations.map(v =>
        [v.id, v.help, v.nodes.map(n => n.html.slice(0, 200) + "\\n" + n.failureSummary)])),
    error => done([["axe", String(error), []]]));"""


def faults(chrome):
    """@return rows of rule, sentence, places"""
    assert AXE.exists(), "axe-core is not installed: make test does it"
    chrome.execute_script(AXE.read_text())
    return chrome.execute_async_script(RUN, TAGS)


def test_every_get_route_and_state_is_looked_at(museum):
    assert museum.lost == []


def test_axe_would_find_something(museum, chrome, look):
    look(museum.pages[0])
    chrome.execute_script("""const image = document.querySelector(".brand img");
        image.removeAttribute("alt"); image.nextElementSibling.remove();
        document.querySelector("h1").style.color = "#ccc";""")
    assert {"image-alt", "link-name", "color-contrast"} <= {rule for rule, *_ in faults(chrome)}


@pytest.mark.parametrize("width,colours", [(1280, "light"), (320, "dark")])
def test_axe_finds_nothing(museum, chrome, look, width, colours):
    found = []
    for page in museum.pages:
        look(page, width, colours)
        for rule, help_text, nodes in faults(chrome):
            found.append(f"{page.name}: {rule} ({help_text}), {len(nodes)} times: {nodes[:1]}")
    assert found == [], "\n".join(found)
