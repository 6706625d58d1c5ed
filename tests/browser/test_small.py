"""Every page is light, fits a small telephone, and can be used with a thumb and with a keyboard."""
import re

import pytest

from harness import PASSWORD
from test_clinic_path import fill, send

HEAVY = 40 * 1024
# A record on paper holds all its notes, however many there are.
PAPER = "/patients/{id}/print"

# What can be aimed at, how large it is, and how far apart: WCAG 2.2, 2.5.8. A link within a line of
# text is as high as its line; one whose circle of 24 px touches no other target has its space.
TARGETS = """
const small = [];
const targets = [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
    .filter(e => e.type !== "hidden" && e.checkVisibility() && !e.closest(".skip"))
    .map(e => [e, (e.closest("label.tick") || e).getBoundingClientRect()]);
for (const [e, box] of targets) {
    if (box.width >= 24 && box.height >= 24) continue;
    if (getComputedStyle(e).display === "inline" && e.closest("p, li, dd, td")) {
        const line = e.closest("p, li, dd, td");
        if (line.textContent.trim() !== e.textContent.trim()) continue;
    }
    small.push(e.outerHTML.slice(0, 120) + " " + Math.round(box.width) + "x" + Math.round(box.height));
}
return small;"""

# Each thing that takes the focus looks different when it has it, and is not covered by anything.
FOCUS = """
const dull = [];
const look = e => { const s = getComputedStyle(e);
    return s.outlineStyle + s.outlineWidth + s.outlineColor + s.boxShadow + s.borderColor; };
for (const e of document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")) {
    if (e.type === "hidden" || !e.checkVisibility()) continue;
    const before = look(e);
    e.focus({focusVisible: true});
    if (document.activeElement !== e) { dull.push("takes no focus: " + e.outerHTML.slice(0, 120)); continue; }
    if (look(e) === before) dull.push("looks the same: " + e.outerHTML.slice(0, 120));
    const area = b => b.width * b.height; // a link of two lines has a box that others stand in
    const box = [...e.getClientRects()].sort((a, b) => area(b) - area(a))[0];
    const x = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 1);
    const y = box.height > innerHeight ? (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2
        : Math.min(Math.max(box.top + Math.min(box.height / 2, 20), 1), innerHeight - 1);
    const above = document.elementFromPoint(x, y);
    if (above && above !== e && !e.contains(above) && !above.contains(e) && !e.labels?.[0]?.contains(above))
        dull.push("covered by " + above.outerHTML.slice(0, 80) + ": " + e.outerHTML.slice(0, 120));
}
return dull;"""


def test_no_page_weighs_more_than_40_kb(museum):
    ours = {page.name: len(re.sub(rb"<textarea.*?</textarea>", b"", page.body, flags=re.S))
            for page in museum.pages if not page.name.endswith(PAPER)}  # what somebody typed comes back, however long
    heavy = {name: length for name, length in ours.items() if length > HEAVY}
    assert heavy == {}
    assert sum(page.name == PAPER for page in museum.pages) == 1


def test_style_and_script_are_light_too(server):
    """What all pages share, and what a page has of its own beside it."""
    client = server.organisation()

    def weigh(files):
        return sum(len(client.get(path).body) for path in files)

    common, *pages = [re.findall(r'(?:href|src)="(/public/[^"]+\.(?:css|js)[^"]*)"', client.get(page).text)
                      for page in ("/account", "/patients", "/dashboard", "/patients/new", "/", "/patients/import",
                                   client.add_patient("Ann") + "/label")]
    assert len(common) == 2 and weigh(common) < HEAVY
    for files in pages:
        assert files[:2] == common and weigh(files[2:]) < HEAVY / 5, files
    assert [len(files) for files in pages[:2]] == [2, 3]  # the first steps are the dashboard's alone


@pytest.mark.parametrize("width,colours", [(1280, "light"), (320, "dark")])
def test_every_page_fits_and_shows_where_the_focus_is(museum, chrome, look, width, colours):
    found = []
    for page in museum.pages:
        look(page, width, colours)
        wide = chrome.execute_script("return document.documentElement.scrollWidth")
        if wide > width:
            found.append(f"{page.name}: {wide} px wide")
        found += [f"{page.name}: {line}" for line in chrome.execute_script(TARGETS)]
        found += [f"{page.name}: {line}" for line in chrome.execute_script(FOCUS)]
    assert found == [], "\n".join(found)


def test_a_long_allergy_in_the_banner_is_cut_at_its_end_whichever_way_the_page_reads(server, chrome):
    clinic = server.organisation()
    patient = clinic.add_patient("Ann Able").split("?")[0]
    form = clinic.get(f"{patient}/allergies").page.fields
    clinic.post(f"{patient}/allergies", {"csrf_token": form["csrf_token"], "form_token": form["form_token"],
                                         "substance": "Latex " + "and what is near it " * 4, "status": "active"})
    chrome.get(f"{server.url}/login?next={patient}")
    fill(chrome, tenantName=clinic.organisation, email=clinic.email, password=PASSWORD)
    send(chrome, "Log in")
    for reads in ("ltr", "rtl"):
        assert chrome.execute_script("""document.documentElement.dir = arguments[0];
            const cell = document.querySelector(".banner .allergies dd"), first = document.createRange();
            const text = cell.querySelector("span").firstChild;
            first.setStart(text, 0); first.setEnd(text, 5);
            const a = first.getBoundingClientRect(), b = cell.getBoundingClientRect();
            return a.left >= b.left - 1 && a.right <= b.right + 1;""", reads), reads
