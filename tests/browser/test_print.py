"""What comes out of the printer."""
import base64
import re
import subprocess


def paper(server, clinic, browser, path):
    """The text of each page of paper."""
    browser.get(server.url)
    for name, value in clinic.cookies.items():
        browser.add_cookie({"name": name, "value": value})
    browser.get(f"{server.url}{path}")
    pdf = base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})["data"])
    text = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return text.stdout.decode().split("\f")[:-1]


def test_each_page_of_a_record_names_the_patient_and_hides_nothing(server, clinic, chrome):
    lines = [f"Line {number} of a long note." for number in range(150)]
    path = clinic.add_patient("Amara Okafor", date_of_birth="1984-02-11", notes="\n".join(lines))
    pages = paper(server, clinic, chrome, f"{path}/print")
    assert len(pages) in (4, 5)  # what stands above the notes takes a part of the first
    assert "Add an allergy" not in pages[0]
    for number, page in enumerate(pages, 1):
        assert page.lstrip().startswith("Amara Okafor") and "1984-02-11" in page and "P0000" in page
        assert page.replace(" ", "").strip().endswith(f"\n{number}/{len(pages)}")
    assert re.findall(r"Line \d+ of a long note\.", "".join(pages)) == lines


def test_a_label_is_one_page(server, clinic, chrome):
    path = clinic.add_patient("Amara Okafor", date_of_birth="1984-02-11", notes="Not on the label")
    page, = paper(server, clinic, chrome, f"{path}/label")
    assert "Amara Okafor" in page and "1984-02-11" in page and "Not on the label" not in page
