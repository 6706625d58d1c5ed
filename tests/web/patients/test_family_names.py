"""Lists and exports in the order of family names."""
import contextlib
import re
import sqlite3

from harness import TOP
from test_patient_import import run

PEOPLE = ["Zoe Adams", "Ana Maria de Souza", "Bo Connor", "Siobhan O'Connor", "Carl Adams Jr", "Émile Étoile", "Suharto"]
ORDER = ["Carl Adams Jr", "Zoe Adams", "Bo Connor", "Ana Maria de Souza", "Émile Étoile", "Siobhan O'Connor", "Suharto"]


def names(text):
    return [name.replace("&#39;", "'") for name in re.findall(r'<th scope="row">\s*<a [^>]*>([^<]*)<', text)]


def test_lists_and_exports_are_sorted_by_family_name(clinic):
    for name in PEOPLE:
        clinic.add_patient(name)
    assert names(clinic.get("/patients?sort=family").text) == ORDER
    exported = clinic.get("/patients/export.csv?sort=family").text.splitlines()[1:]
    assert [line.split(",")[1] for line in exported] == ORDER
    assert "/patients?sort=family" in clinic.get("/patients").page.links


def test_a_reader_finds_each_name_where_it_is_looked_for(clinic):
    """By the word before the comma; where the family name comes first; with what belongs before it."""
    order = ["Fatima al-Zahra", "bell hooks", "Vincent van Gogh", "García López, Ana", "Sammy Davis, Jr.",
             "Patrick O'Neill", "김 철수", "김철수", "李小龙"]
    for name in order:
        clinic.add_patient(name)
    key = {"al-Zahra": "al zahra", "hooks": "hooks", "Gogh": "van gogh", "Ana": "garcia lopez", "Jr.": "davis",
           "O'Neill": "o neill"}
    latin = sorted(order[:6], key=lambda name: key[name.split()[-1]])
    assert names(clinic.get("/patients?sort=family").text) == latin + order[6:]


def test_what_is_entered_as_family_name_decides_and_an_edit_moves(clinic):
    path = clinic.submit("/patients/new", given_name="Gabriel", family_name="García Márquez").location
    clinic.add_patient("Hal Moss")
    assert names(clinic.get("/patients?sort=family").text) == ["Gabriel García Márquez", "Hal Moss"]
    form = clinic.get(path + "/edit").page.fields
    assert clinic.post(path + "/edit", {**form, "name": "", "family_name": "Zorro"}).status == 303
    assert names(clinic.get("/patients?sort=family").text)[-1].endswith("Zorro")


def test_a_long_list_is_turned_without_gaps(clinic):
    def c(number):
        return chr(97 + number)
    rows = [f"Given{c(i % 26)}{c(i // 26)} Family{c(i // 26)}{c(i % 26)}" for i in range(120)]
    file = "name,date_of_birth\n" + "".join(f"{r},{1900 + i}\n" for i, r in enumerate(rows))
    run(clinic, file.encode(), doubles="import")
    seen, page = [], clinic.get("/patients?sort=family")
    while True:
        seen += names(page.text)
        further = [link for link in page.page.links if "after=" in link]
        if not further:
            break
        page = clinic.get(further[0].replace("&amp;", "&"))
    assert len(seen) == 120 and [s.split()[1] for s in seen] == sorted(r.split()[1] for r in rows)
    back = [link for link in page.page.links if "before=" in link]
    assert len(names(clinic.get(back[0].replace("&amp;", "&")).text)) == 50


def test_who_was_there_before_family_names_were_sorted_by_is_where_an_edit_would_put_them(server, clinic):
    people = [("Ana", "Garcia Lopez"), ("Bo", "van den Berg"), ("Cy", "O'Neil-Smith"), ("Di", "Ek"), ("小龙", "李"),
              ("Ed", "García Ölund"), ("Fy", "St. John"), ("Gus", "100% Real")]
    for given, family in people:
        assert clinic.submit("/patients/new", given_name=given, family_name=family).status == 303
    assert clinic.submit("/patients/new", name="Berg, Hal", family_name="Berg").status == 303
    clinic.add_patient("Ian de Vries")
    migrations = TOP / "mod_medsynq/store/migrations"
    before, after = (re.search(r"^UPDATE [^;]*", (migrations / file).read_text(), re.M)[0]
                     for file in ("044_family_names.sql", "047_family_names_entered.sql"))
    with contextlib.closing(sqlite3.connect(server.database)) as database:
        def keys():
            return dict(database.execute("SELECT p.name, family_key FROM patients p JOIN tenants t USING (tenant_id)"
                                         " WHERE t.name = ?", (clinic.organisation,)))
        right = keys()
        database.execute(before)
        assert sum(keys()[name] != right[name] for name in right) >= 5
        database.execute(after)
        assert {name for name in right if keys()[name] != right[name]} == {
            "Ed García Ölund", "Fy St. John", "Gus 100% Real", "Ian de Vries"}
        database.rollback()
