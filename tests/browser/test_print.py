"""What comes out of the printer."""
import base64
import re
import subprocess


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
    assert "Substance 7" in page and "Substance 8" in page and "and 4 more" in page, "the severe ones all"
    assert "Female" in page
    assert size_of(sheets(server, clinic, chrome, f"{path}/label")) == [62, 29]
    assert chrome.execute_script("return document.querySelectorAll('.label svg.qr path').length") == 1


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
