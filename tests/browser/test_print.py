"""What comes out of the printer."""
import base64
import re
import subprocess

import pytest

from test_language import settings
from test_patient_import import run

LONG_NAME = "Maximiliane Charlotte Ottilie Wilhelmine Auguste von und zu Hohenlohe-Waldenburg-Schillingsfürst " * 2
LONG_SUBSTANCE = "Sulfamethoxazole with trimethoprim in tablets of " + "160 mg and 800 mg, " * 7
SUBSTANCES = ("Penicillin", "Iodinated contrast medium", "Trimethoprim", "Peanuts and all other legumes",
              "Sulfamethoxazole", "Latex", "Hymenoptera venom", "Morphine", "Egg", "Soy", "Dust", "Kiwi", "Milk")
NOT_SHOWN = {"en": "and {} more severe – see record", "fr": "et {} graves de plus – voir le dossier",
             "ar": "و{} شديدة غيرها – انظر السجل"}

# What of a label stands outside it, is cut off, or covers something; a name may end in dots.
LABEL = """
const label = document.querySelector(".label"), edge = label.getBoundingClientRect(), out = [];
const inside = r => r.top >= edge.top - 1 && r.bottom <= edge.bottom + 1 && r.left >= edge.left - 1 && r.right <= edge.right + 1;
for (const e of label.querySelectorAll("h1, p"))
    if (!inside(e.getBoundingClientRect())) out.push("outside: " + e.textContent);
for (const e of label.querySelectorAll("p"))
    if (e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1) out.push("cut off: " + e.textContent);
const boxes = [...label.querySelectorAll("h1, p")].map(e => e.getBoundingClientRect());
boxes.slice(1).forEach((b, i) => { if (b.top < boxes[i].bottom - 1) out.push("covers what is above it: " + i); });
return out;"""


def sheets(server, clinic, browser, path):
    """What the browser would print, as a PDF."""
    browser.get(server.url)
    for name, value in clinic.cookies.items():
        browser.add_cookie({"name": name, "value": value})
    browser.get(f"{server.url}{path}")
    return base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})["data"])


def paper(server, clinic, browser, path):
    """The text of each page of paper."""
    pdf = sheets(server, clinic, browser, path)
    text = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return text.stdout.decode().split("\f")[:-1]


def test_each_page_of_a_record_names_the_patient_and_hides_nothing(server, clinic, chrome):
    lines = [f"Line {number} of a long note." for number in range(150)]
    path = clinic.add_patient("Amara Okafor", date_of_birth="1984-02-11", notes="\n".join(lines))
    pages = paper(server, clinic, chrome, f"{path}/print")
    assert len(pages) in (4, 5)  # what stands above the notes takes a part of the first
    assert "Add an allergy" not in pages[0]
    for number, page in enumerate(pages, 1):
        head = page.lstrip().split("\n")[0]
        assert head.startswith(clinic.organisation) and head.endswith("Confidential")
        assert "Amara Okafor" in page and "1984-02-11" in page and "P0000" in page
        assert page.replace(" ", "").strip().endswith(f"\n{number}/{len(pages)}")
    assert re.findall(r"Line \d+ of a long note\.", "".join(pages)) == lines


def test_a_label_is_one_page(server, clinic, chrome):
    path = clinic.add_patient("Amara Okafor", date_of_birth="1984-02-11", notes="Not on the label")
    page, = paper(server, clinic, chrome, f"{path}/label")
    assert "Amara Okafor" in page and "1984-02-11" in page and "Not on the label" not in page
    assert "1 / 1" not in page


def size_of(pdf):
    """@return width and height of the first page, in mm"""
    told = subprocess.run(["pdfinfo", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    return [round(float(points) * 25.4 / 72) for points in
            re.search(r"Page size: +([\d.]+) x ([\d.]+) pts", told).groups()]


def test_a_label_has_the_size_of_label_stock_and_a_code_to_scan(server, clinic, chrome):
    path = clinic.add_patient("Maximiliane Wilhelmine Oberhuber-Schmidt", date_of_birth="1984-02-11", sex="female")
    token = {"csrf_token": clinic.token(path)}
    for number in range(9):
        clinic.post(f"{path}/allergies", {**token, "substance": f"Substance {number}", "severity": "severe" if number > 6 else "mild",
                                          "status": "active"})
    page, = paper(server, clinic, chrome, f"{path}/label")
    assert "Substance 7" in page and "Substance 8" in page and re.search(r"and \d more – see record", page), "the severe ones all"
    assert "Female" in page
    assert size_of(sheets(server, clinic, chrome, f"{path}/label")) == [62, 29]
    assert chrome.execute_script("return document.querySelectorAll('.label svg.qr path').length") == 1


def words_within(pdf):
    """The words of the first page of a PDF that are wholly on it."""
    page = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    width, height = map(float, re.search(r'<page width="([\d.]+)" height="([\d.]+)"', page).groups())
    return " ".join(word for *box, word in re.findall(
        r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>', page)
        if float(box[0]) >= 0 and float(box[1]) >= 0 and float(box[2]) <= width and float(box[3]) <= height)


def add_allergies(clinic, path, *allergies):
    token = {"csrf_token": clinic.token(path)}
    for substance, severity in allergies:
        assert clinic.post(f"{path}/allergies", {**token, "substance": substance, "severity": severity,
                                                 "status": "active"}).status == 303


def label_faults(server, clinic, browser, path):
    """What the label at path does not show, on the screen and as it is printed."""
    pdf, found = sheets(server, clinic, browser, f"{path}/label"), []
    for media in ("screen", "print"):
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media})
        found += [f"{media}: {line}" for line in browser.execute_script(LABEL)]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    words = words_within(pdf)
    for wanted in ("time", "p > strong"):
        text = browser.find_element("css selector", f".label {wanted}").text.strip("\u2066\u2069")
        found += [f"not printed: {text}"] if text not in words else []
    return found


@pytest.mark.parametrize("language", NOT_SHOWN)
@pytest.mark.parametrize("name", ["Ann Lee", LONG_NAME[:58], LONG_NAME[:190], "Wolfeschlegelsteinhausen" * 8],
                         ids=["short", "long", "longest", "one word"])
def test_a_label_shows_who_it_is_and_says_how_many_severe_allergies_it_has_no_room_for(server, clinic, chrome, name,
                                                                                      language):
    settings(clinic, language=language)
    path = clinic.add_patient(name, date_of_birth="1984-02-11", sex="female", pronouns="she/her")
    for before, number in ((0, 1), (1, 5), (5, 8), (8, 13)):
        add_allergies(clinic, path, *[(substance, "severe") for substance in SUBSTANCES[before:number]])
        assert label_faults(server, clinic, chrome, path) == [], number
        shown = chrome.find_elements("css selector", ".label .one")
        assert [one.find_element("css selector", "span").text for one in shown] == list(SUBSTANCES[:len(shown)])
        rest = chrome.find_elements("css selector", ".label .rest")
        assert [one.text for one in rest] == [NOT_SHOWN[language].format(number - len(shown))] * (number > len(shown))
    assert len(shown) >= 2


@pytest.mark.parametrize("language", NOT_SHOWN)
def test_a_long_substance_ends_in_dots_on_a_label_and_keeps_its_severity(server, clinic, chrome, language):
    settings(clinic, language=language)
    path = clinic.add_patient(LONG_NAME[:190], date_of_birth="1984-02-11", sex="female")
    add_allergies(clinic, path, (LONG_SUBSTANCE, "severe"))
    assert label_faults(server, clinic, chrome, path) == []
    one = chrome.find_element("css selector", ".label .one").text
    assert re.fullmatch(r"Sulfamethoxazole with tri.*… \((Severe|Grave|شديدة)\)", one)
    add_allergies(clinic, path, *[(substance, "mild") for substance in SUBSTANCES])
    assert label_faults(server, clinic, chrome, path) == []
    add_allergies(clinic, path, ("Bee venom and " * 10, "severe"), ("W" * 150, "severe"), ("蜂毒" * 60, "severe"))
    assert label_faults(server, clinic, chrome, path) == []


@pytest.mark.parametrize("wide", ["W" * 60, "M" * 45, "W" * 20 + " " + "M" * 39])
def test_wide_capitals_keep_their_severity_on_a_label(server, clinic, chrome, wide):
    path = clinic.add_patient("Ann Lee", date_of_birth="1984-02-11")
    add_allergies(clinic, path, (wide, "severe"))
    assert label_faults(server, clinic, chrome, path) == []
    one = chrome.find_element("css selector", ".label .one")
    assert one.text.endswith("(Severe)")
    below = chrome.execute_script("""
        const last = arguments[0].getClientRects(), box = arguments[0].parentElement.getBoundingClientRect();
        return last[last.length - 1].bottom - box.bottom;""", one)
    assert below < 2, below


def test_a_label_says_how_many_of_what_it_leaves_out_are_severe(server, clinic, chrome):
    path = clinic.add_patient("Ann Lee", date_of_birth="1984-02-11")
    add_allergies(clinic, path, *[(substance, "mild") for substance in SUBSTANCES])
    assert label_faults(server, clinic, chrome, path) == []
    shown = len(chrome.find_elements("css selector", ".label .one"))
    rest = chrome.find_element("css selector", ".label .rest")
    assert rest.text == f"and {13 - shown} more – see record" and shown > 1
    add_allergies(clinic, path, *[(f"Substance {number}", "severe") for number in range(9)])
    assert label_faults(server, clinic, chrome, path) == []
    shown = len(chrome.find_elements("css selector", ".label .one"))
    rest = chrome.find_element("css selector", ".label .rest")
    assert rest.text == f"and {22 - shown} more (severe: {9 - shown}) – see record"


def test_a_long_record_number_and_no_date_of_birth_leave_room_for_allergies_on_a_label(server, clinic, chrome):
    settings(clinic, language="fr")
    run(clinic, f"mrn,name,date_of_birth,age_estimated,sex\n{'W0123456789-' * 3},{LONG_NAME[:190]},1950-06,yes,female\n".encode())
    path = next(link for link in clinic.get("/patients").page.links if re.fullmatch(r"/patients/[0-9a-f-]{36}", link))
    add_allergies(clinic, path, *[(substance, "severe") for substance in SUBSTANCES])
    sheets(server, clinic, chrome, f"{path}/label")
    assert chrome.execute_script(LABEL) == []
    text = chrome.find_element("css selector", ".label").text
    assert re.search(r"Date de naissance\s: Inconnue \(environ 76\)", text) and "W0123456789-W0123456789" in text
    assert len(chrome.find_elements("css selector", ".label .one")) >= 1


def test_a_button_prints(server, clinic, chrome):
    path = clinic.add_patient("Amara Okafor")
    for page in ("print", "label"):
        paper(server, clinic, chrome, f"{path}/{page}")
        chrome.execute_script("window.printed = 0; window.print = () => window.printed++")
        chrome.find_element("css selector", "[data-print]").click()
        assert chrome.execute_script("return window.printed") == 1


def test_the_record_itself_prints_no_boxes(server, clinic, chrome):
    path = clinic.add_patient("Amara Okafor", notes="The first note")
    page = "".join(paper(server, clinic, chrome, path))
    assert "The first note" in page and "New note" not in page and "Save as a draft" not in page
