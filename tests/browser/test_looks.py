"""What nobody should have to notice: columns stand below their heads whatever script a cell is in, what is
missing says so, and boxes fill the line that they have."""
from selenium.webdriver.common.by import By

# Where the text of each cell begins, and that of its head: in the direction of the page.
EDGES = """
const edge = e => {
    const range = document.createRange();
    range.selectNodeContents(e);
    const box = range.getBoundingClientRect();
    return Math.round(document.dir === "rtl" ? box.right : box.left);
};
const table = document.querySelector("table.people");
const heads = [...table.tHead.rows[0].cells];
return [...table.tBodies[0].rows].flatMap(row => [...row.cells].filter(c => c.textContent.trim())
    .map(cell => [heads[cell.cellIndex].textContent.trim(), edge(cell) - edge(heads[cell.cellIndex])]));"""


def opened(chrome, server, client, path, width=1280):
    chrome.get(server.url + "/healthz")
    chrome.delete_all_cookies()
    for name, value in client.cookies.items():
        chrome.add_cookie({"name": name, "value": value, "path": "/"})
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False})
    chrome.get(server.url + path)


def test_cells_stand_below_their_heads_in_both_directions(server, clinic, chrome):
    clinic.add_patient("Ann Lee", phone1="020 7946 0958", address="12 Harbour Street")
    clinic.add_patient("ليلى حداد", address="شارع الميناء")
    for language in ("en", "ar"):
        assert clinic.submit("/account/language", page="/account", language=language, digits="").status == 303
        opened(chrome, server, clinic, "/patients")
        edges = chrome.execute_script(EDGES)
        assert len(edges) == 7
        age = chrome.find_elements(By.CSS_SELECTOR, "table.people th")[3].text
        assert [(head, off) for head, off in edges if abs(off) > 1 and head != age] == [], language


def test_a_phone_that_nobody_knows_is_a_dash_like_the_rest(server, clinic, chrome):
    clinic.add_patient("Bo Nobody")
    opened(chrome, server, clinic, "/patients")
    cells = chrome.find_elements(By.CSS_SELECTOR, "table.people tbody td")
    dashes = [chrome.execute_script("return getComputedStyle(arguments[0], '::before').content", c) for c in cells
              if not c.text.strip()]
    assert len(dashes) == 5 and set(dashes) == {'"–"'}


def test_the_figures_fill_their_line_below_what_was_opened(server, clinic, chrome):
    clinic.add_patient("Ann Lee")
    for width in (360, 768, 1280):
        opened(chrome, server, clinic, "/dashboard", width)
        right = chrome.execute_script("""
            const edge = s => Math.round(document.querySelector(s).getBoundingClientRect().right);
            return [edge(".day"), edge(".figures > div:last-child")];""")
        assert right[0] - right[1] <= 1, width
