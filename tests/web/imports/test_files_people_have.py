"""What stands around a table in a file, and in its cells: each is read as meant, or said."""
import contextlib
import io
import sqlite3
import zipfile

import pytest

from test_other_systems import people
from test_patient_import import at_rest, births, check, errors, post, run, selected, total, upload


def names(server, clinic):
    return sorted(row["name"] for row in people(server, clinic).values())


def test_excels_line_of_the_separator_is_no_row(server, clinic):
    for line in ("sep=;", '"sep=;"', "SEP=;"):
        href, page = check(clinic, f"{line}\r\nname;date of birth;phone\r\nSela {line[0]}, Pratt;1994-03-02;\r\n".encode())
        assert errors(clinic, href) == [] and "Import 1 patient " in page.page.text, line
    run(clinic, b"sep=|\nname|dob\nPia Pipe|1990-02-03\n")
    assert births(server, clinic) == ["1990-02-03"]


@pytest.mark.parametrize("above", [
    "Register of the north clinic;;;\n;;;\n", "Register of the north clinic, Leeds, UK\n\n",
    "Printed: 23/11/2026\nBy: M. Okafor\nPatients: 2\n\n"])
def test_what_stands_above_the_names_is_no_patient(server, clinic, above):
    data = (above + "surname;forename;dob;phone\nTitley;Una;1994-05-06;0123456789\n"
            "Titley;Vera, Mae;1996-05-06;\n").encode()
    page = clinic.get(upload(clinic, data).location)
    assert "The file has 2 rows." in page.page.text
    assert "Which row has the names of the columns?" in page.page.text
    run(clinic, data)
    assert names(server, clinic) == ["Una Titley", "Vera, Mae Titley"]


def test_where_no_row_is_known_to_have_the_names_a_person_says_which(server, clinic):
    data = b"Klinik;2026\nA;B\nUna Kann;1980-01-02\nDue Kann;1981-01-02\n"
    href = upload(clinic, data).location
    page = clinic.get(href)
    assert "The file has 3 rows." in page.page.text and selected(page)["head"] == "0"
    token = page.page.fields["csrf_token"]
    assert clinic.post(href + "/columns", {"csrf_token": token, "head": "3"}).status == 422, "no row would be left"
    assert clinic.post(href + "/columns", {"csrf_token": token, "head": "x1"}).status in (303, 422)
    assert clinic.post(href + "/columns", {"csrf_token": token, "head": "19"}).status == 404
    assert clinic.post(href + "/columns", {"csrf_token": token, "head": "1"}).status == 303
    page = clinic.get(href)
    assert "The file has 2 rows." in page.page.text and selected(page)["head"] == "1"
    assert ">A</label>" in page.text and "Una Kann" in page.text
    fields = {"csrf_token": token, "head": "1", "column_0": "1", "column_1": "4"}
    assert clinic.post(href + "/columns", fields).status == 303
    at_rest(clinic, href)
    post(clinic, href, "commit")
    at_rest(clinic, href)
    assert names(server, clinic) == ["Due Kann", "Una Kann"]
    assert births(server, clinic) == ["1981-01-02", "1980-01-02"]


def test_rows_of_empty_cells_are_no_rows(server, clinic):
    href, page = check(clinic, b"name,dob,phone\r\n,,\r\nEmpty After,1994-02-02,0123456789\r\n,,\r\n , \t,\r\n,,,,\r\n")
    assert "Rows 1 " in page.page.text and errors(clinic, href) == []
    href, _ = check(clinic, b"name,dob\n,,\nBad Day,31.2.1980\n")
    assert errors(clinic, href)[0].startswith("3,"), "they count where a spreadsheet counts them"


@pytest.mark.parametrize("encoding, mark, said", [
    ("utf-16-le", b"\xff\xfe", "read as UTF-16"), ("utf-16-be", b"\xfe\xff", "read as UTF-16"),
    ("utf-16-le", b"", "read as UTF-16"), ("utf-16-be", b"", "read as UTF-16"),
    ("utf-8", b"\xef\xbb\xbf", None), ("utf-8", b"", None), ("windows-1252", b"", "read as Windows-1252")])
def test_how_a_file_is_encoded_is_found_out_and_said(server, clinic, encoding, mark, said):
    rows = "".join(f"Zoë Łukasz {i}\t1991-01-01\r\n" for i in range(40)).replace("Ł", "Ł" if said != "read as Windows-1252" else "L")
    data = mark + f"name\tdate of birth\r\n{rows}".encode(encoding)
    page = clinic.get(upload(clinic, data).location)
    assert (said or "is read as") in page.page.text if said else "read as" not in page.page.text
    run(clinic, data)
    assert len(names(server, clinic)) == 40 and names(server, clinic)[0].startswith("Zoë ")


def test_a_character_on_the_edge_of_two_pieces_is_whole(server, clinic):
    """Files are read 64 KB at a time; an emoji has four bytes in UTF-16, too."""
    for pad in range(4):
        rows = "name\tnotes\r\n" + "x" * pad + "A" * 190 + "\t" + "\U0001f33a" * 16000 + "\r\n"
        href, page = check(clinic, b"\xff\xfe" + rows.encode("utf-16-le"))
        assert errors(clinic, href) == [], pad
    bad = b"\xff\xfe" + "name\tdob\r\nA\t1980\r\n".encode("utf-16-le")
    for end in (b"\x00\xd8", b"\x00\xdc", b"\x41", b"\x00\x00"):
        assert upload(clinic, bad + end).status == 422, end


def workbook(*members):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in members:
            archive.writestr(name, content)
    return data.getvalue()


@pytest.mark.parametrize("data, words", [
    (workbook(("[Content_Types].xml", "<Types/>"), ("xl/workbook.xml", "<workbook/>")), "Excel workbook (.xlsx)"),
    (workbook(("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", "")), "OpenDocument"),
    (workbook(("people.csv", "name\nAnn\n")), "compressed file (.zip)"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old Excel workbook (.xls)"),
    (b"%PDF-1.7\n%\xe2\xe3\n", "a PDF"), (b"\x1f\x8b\x08\0\0\0\0\0", "(.gz)"),
    (b"\xef\xbb\xbf\r\n<HTML><table><tr><td>name</td></tr></table>", "a web page"),
    (b"<?xml version='1.0'?><Workbook/>", "a web page")],
    ids=["xlsx", "ods", "zip", "xls", "pdf", "gz", "html", "xml"])
def test_what_is_no_csv_is_refused_with_what_to_do(clinic, data, words):
    answer = upload(clinic, data, name="people.xlsx")
    assert answer.status == 422 and words in answer.page.text
    assert "CSV" in answer.page.text.split(words)[1]


def test_midnight_is_the_day_and_any_other_hour_an_error(server, clinic):
    data = (b"First Name,Last Name,MRN,DOB\r\nAmy,Nightly,N1,1967-02-12 00:00:00 UTC\r\n"
            b"Bea,Nightly,N2,1960-12-02 00:00:00\r\nCyd,Nightly,N3,12/31/1971 12:00:00 AM\r\n"
            b"Deb,Nightly,N4,1972-04-19T00:00:00.000Z\r\nEve,Nightly,N5,1972-04-20T00:00:00+02:00\r\n"
            b"Fay,Nightly,N6,1972-04-19 22:00:00 UTC\r\nGil,Nightly,N7,4/19/1972 12:00:00 PM\r\n"
            b"Hal,Nightly,N8,1972-04-19 00:30:00\r\n")
    href, _ = check(clinic, data)
    assert [line.split(",")[0] for line in errors(clinic, href)] == ["7", "8", "9"]
    post(clinic, href, "commit", errors="leave_out")
    at_rest(clinic, href)
    assert births(server, clinic) == ["1967-02-12", "1960-12-02", "1971-12-31", "1972-04-19", "1972-04-20"]


def test_what_says_that_nothing_is_known_is_read_so_and_counted(server, clinic):
    data = ("mrn,first name,last name,dob,phone,email,gender,address,date of death\n"
            "K1,Ann,Null,0000-00-00,NULL,n/a,-,\\N,0000-00-00 00:00:00\n"
            "K2,Ben,NULL,1980-01-02,none,unknown,unknown,N/A,0001-01-01\n"
            "K3,-,Cole,\\N,-,-,female,None Street,\n")
    href, page = check(clinic, data.encode())
    assert errors(clinic, href) == []
    assert "14 cells say that nothing is known" in page.page.text
    post(clinic, href, "commit")
    at_rest(clinic, href)
    found = people(server, clinic)
    assert [found[mrn]["name"] for mrn in ("K1", "K2", "K3")] == ["Ann Null", "Ben NULL", "Cole"]
    assert [found[mrn]["birth_date"] for mrn in ("K1", "K2", "K3")] == [None, "1980-01-02", None]
    assert {found[mrn]["is_deceased"] for mrn in found} == {0}
    assert found["K2"]["sex"] == "unknown" and found["K3"]["address"] == "None Street"
    assert found["K1"]["phone1"] is found["K1"]["address"] is found["K2"]["phone1"] is None


def test_rows_with_wrong_cells_come_in_without_them_when_a_person_says_so(server, clinic):
    data = (b"mrn,name,dob,phone,sex,date of death\nW1,Good One,1980-01-02,0123456789,f,\nW2,Bad Phone,1980-01-03,12,m,\n"
            b"W3,Bad Day,31.2.1980,,m,\nW4,Dead Once,1930-01-01,,f,31.2.2019\nW1,Taken Number,1980,,,\nW6,,1980,,,\n")
    href, page = check(clinic, data)
    assert "With errors 5 " in page.page.text
    assert "Leave only the wrong cells empty, in 3 rows that can do without them" in page.page.text
    assert post(clinic, href, "commit").status == 422
    assert post(clinic, href, "commit", errors="blank").status == 303
    done = at_rest(clinic, href)
    assert "4 patients were imported." in done.page.text
    assert "2 rows with errors were left out." in done.page.text
    assert "3 rows were imported without the cells with errors." in done.page.text
    found = people(server, clinic)
    assert sorted(found) == ["W1", "W2", "W3", "W4"]
    assert found["W2"]["phone1"] is None and found["W2"]["birth_date"] == "1980-01-03"
    assert found["W3"]["birth_date"] is None and found["W4"]["deceased_date"] is None
    assert found["W4"]["is_deceased"] == 1, "somebody has died, on whatever day"
    assert total(clinic) == 3
    assert post(clinic, href, "undo").status == 303
    at_rest(clinic, href)
    assert total(clinic) == 0


def test_m_of_sexo_is_nobodys_guess(clinic):
    href, _ = check(clinic, "nombre,apellidos,sexo\nAna,Gil,M\nLuis,Gil,H\nPaz,Gil,Mujer\n".encode())
    assert [line.split(",")[0] for line in errors(clinic, href)] == ["2"]


def test_each_column_shows_its_first_values(server, clinic):
    data = "naam,dob,note\nAnn,1980-01-02,\nBob,1981-01-02,<b>\nCat,,x\nDan,1982-01-02,é" + "é" * 100 + "\nEve,1983-01-02,y\n"
    href = upload(clinic, data.encode()).location
    page = clinic.get(href)
    assert 'id="column_0-samples" dir="auto">Ann · Bob · Cat</p>' in page.text
    assert 'id="column_1-samples" dir="auto">1980-01-02 · 1981-01-02 · 1982-01-02</p>' in page.text
    assert "&lt;b&gt; · x · " + "é" * 30 + "</p>" in page.text
    assert post(clinic, href, "discard").status == 303

    def kept():
        with contextlib.closing(sqlite3.connect(server.database)) as database:
            return database.execute("SELECT count(*) FROM imports i JOIN tenants t USING (tenant_id) WHERE t.name = ?"
                                    " AND (samples <> '' OR date_evidence <> '')", (clinic.organisation,)).fetchone()[0]
    from harness import until
    until(lambda: kept() == 0, "what the file said has gone", seconds=60)


def test_the_columns_of_a_file_are_remembered_for_the_next_with_the_same_names(server, clinic):
    data = b"who,when,ring\nAnn,1980-01-02,0123456789\n"
    first = clinic.get(upload(clinic, data).location)
    assert selected(first)["column_0"] == "0" and "as for the last file" not in first.page.text
    check(clinic, data, column_0="1", column_1="4", column_2="11")
    page = clinic.get(upload(clinic, data.replace(b"Ann", b"Bob")).location)
    assert "The columns are as for the last file with the same names." in page.page.text
    assert [selected(page)[f"column_{i}"] for i in range(3)] == ["1", "4", "11"]
    check(clinic, data, column_0="1", column_1="4", column_2="12")
    assert selected(clinic.get(upload(clinic, data).location))["column_2"] == "12", "the latest counts"
    other = server.organisation()
    assert selected(other.get(upload(other, data).location))["column_0"] == "0", "an organisation's own"
    assert selected(clinic.get(upload(clinic, data.replace(b"ring", b"rung")).location))["column_0"] == "0"


def test_a_note_keeps_the_day_and_the_author_that_the_file_gives(server, clinic):
    data = ("mrn,name,notes,note date,author\nD1,Nora Dated,Coughs since May.,2019-05-04,Dr Imani Ode\n"
            "D2,Odd Dated,Well.,,\nD3,Pia Dated,,2019-05-04,Dr Imani Ode\nD4,Quy Dated,Ill.,2999-01-01,Nurse\n")
    href, page = check(clinic, data.encode())
    assert [line.split(",")[:2] for line in errors(clinic, href)] == [["5", "note date"]]
    post(clinic, href, "commit", errors="blank")
    assert "4 patients were imported." in at_rest(clinic, href).page.text
    found = people(server, clinic)
    pages = {}
    for mrn, row in found.items():
        text = row["id"].hex()
        pages[mrn] = "/patients/" + "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
    for place in ("", "/print"):
        page = clinic.get(pages["D1"] + place).page.text
        assert "2019-05-04 · Dr Imani Ode from a file" in page and "Coughs since May." in page
    assert "from a file" not in clinic.get(pages["D2"]).page.text
    assert "Nurse from a file" in clinic.get(pages["D4"]).page.text
    lone, refused = check(clinic, b"name,author\nA,B\n")
    assert refused.status == 422 and "Say which column has the notes" in refused.page.text


def test_sexes_in_figures_and_two_numbers_in_a_cell_are_read(clinic):
    data = ("name,sex,phone1\nAna Lima,2,0161 496 0123 / 07700 900123\nBo Reed,1,\"0161 496 0124, 07700 900124\"\n"
            "Cy Ash,9,0161 496 0125 or 07700 900125\nDi Oak,0,0161 496 0126\n").encode()
    href, page = check(clinic, data)
    assert "With errors 0" in page.page.text
    assert post(clinic, href, "commit").status == 303
    at_rest(clinic, href)
    rows = [line.split(",") for line in clinic.get("/patients/export.csv").text.splitlines()]
    names = [name.strip("\ufeff") for name in rows[0]]
    found = {row[names.index("name")]: [row[names.index(n)].lstrip("'") for n in ("sex", "phone1", "phone2")]
             for row in rows[1:]}
    assert found == {"Ana Lima": ["female", "0161 496 0123", "07700 900123"],
                     "Bo Reed": ["male", "0161 496 0124", "07700 900124"],
                     "Cy Ash": ["unknown", "0161 496 0125", "07700 900125"],
                     "Di Oak": ["unknown", "0161 496 0126", ""]}


def test_days_are_read_as_programs_write_them(server, clinic):
    data = ("name,dob\nAnn,19610413\nBen,19610413000000\nCec,Apr 13 1961 12:00AM\nDot,'1961-04-13'\nEli,1961/04/13\n"
            "Fay,19611341\nGus,19610413103000\nHal,13041961\n")
    href, _ = check(clinic, data.encode())
    assert [line.split(",")[0] for line in errors(clinic, href)] == ["7", "8", "9"]
    post(clinic, href, "commit", errors="leave_out")
    at_rest(clinic, href)
    assert births(server, clinic) == ["1961-04-13"] * 5


def test_bars_divide_cells_and_quotes_of_one_stroke_are_none_of_the_text(server, clinic):
    data = "mrn|name|phone|sex\n'Q1'|'Aled O'Neil'|''|vrouw\nQ2|Bo 'Bob' Ek|?|Non-binary\n"
    href, _ = run(clinic, data.encode())
    found = people(server, clinic)
    assert found["Q1"]["name"] == "Aled O'Neil" and found["Q2"]["name"] == "Bo 'Bob' Ek"
    assert [found["Q1"]["sex"], found["Q2"]["sex"], found["Q1"]["phone1"], found["Q2"]["phone1"]] == [
        "female", "other", None, None]


def test_apostrophes_are_the_quotes_of_a_file_whose_names_all_stand_between_them(server, clinic):
    run(clinic, b"'name','mrn','notes'\n'Smith, Ann','Q1','\xc3\xa9 ''x'', y'\n'O''Neil, Bo','Q2',''\n'Cy O'Dea','Q3',NULL\n")
    assert {mrn: row["name"] for mrn, row in people(server, clinic).items()} == {
        "Q1": "Smith, Ann", "Q2": "O'Neil, Bo", "Q3": "Cy O'Dea"}


def test_a_cell_of_an_apostrophe_alone_is_nobody(clinic):
    href, _ = check(clinic, b"name;mrn\n';A1\n'';A2\nAna;A3\n")
    assert [line.split(",")[0] for line in errors(clinic, href)] == ["2", "3"]


def test_the_parts_of_a_name_are_offered_and_what_a_person_said_before_keeps_its_order(server, clinic):
    data = "Berg;Zwischen;Ruf\nBerg;van den;Jan\n".encode()
    page = clinic.get(upload(clinic, data).location)
    for label in ("Before the family name (van, de)", "Second family name", "Further given names"):
        assert page.page.text.count(label) == 3
    href, _ = check(clinic, data, column_0="3", column_1="28", column_2="2")
    post(clinic, href, "commit")
    at_rest(clinic, href)
    assert names(server, clinic) == ["Jan van den Berg"]
    href, _ = check(clinic, data.replace(b"Jan", b"Piet"), column_1="3")
    post(clinic, href, "commit")
    at_rest(clinic, href)
    assert names(server, clinic) == ["Jan van den Berg", "Piet van den Berg"], "as files of an older release remember it"


@pytest.mark.parametrize("header, row, name, family", [
    ("Name;Vorname;Geb.-Datum", "Groß;Jörg;13.04.1961", "Jörg Groß", "Groß"),
    ("Voornaam;Tussenvoegsel;Achternaam", "Jan;van den;Berg", "Jan van den Berg", "van den Berg"),
    ("Achternaam;Tussenvoegsel;Voornaam", "Berg;van den;Jan", "Jan van den Berg", "van den Berg"),
    ("Achternaam;Tussenvoegsel;Voornaam", "Berg;;Jan", "Jan Berg", "Berg"),
    ("Naam;Tussenvoegsel;Voornaam", "Berg;van den;Jan", "Jan van den Berg", "van den Berg"),
    ("Nombre;Apellido1;Apellido2", "ana;garcía;lópez", "ana garcía lópez", "garcía lópez"),
    ("Name;Surname", "John;Smith", "John Smith", "Smith"),
    ("Name;Middle Name", "Madonna;Louise", "Madonna Louise", None),
    ("اسم العائلة;الاسم", "صالح;علي", "علي صالح", "صالح"),
    ("Last name;First name", "'O''Neil';'Rose' and 'Dew'", "'Rose' and 'Dew' O'Neil", "O'Neil"),
    ("Name;MI", "John Smith;Q", "John Smith", None),
    ("First;Last;Suffix", "John;Adams;Jr", "John Adams Jr", "Adams Jr"),
    ("First;Last;Suffix", "John;Adams;MD", "John Adams MD", "Adams"),
    ("Name 1;Name 2", "Berg;Jan", "Berg Jan", None),
    ("Name", "SMITH^MARY^A", "MARY A SMITH", "SMITH"),
    ("Roepnaam;Voorletters;Achternaam", ";J.P.;Berg", "J.P. Berg", "Berg"),
    ("Name;First Name", '"Smith, John";John', "Smith, John", None)])
def test_the_parts_of_a_name_come_together(server, clinic, header, row, name, family):
    run(clinic, f"{header};mrn\n{row};N1\n".encode())
    found = people(server, clinic)["N1"]
    assert (found["name"], found["family_name"]) == (name, family)


def test_the_check_shows_how_the_parts_of_names_come_together(server, clinic):
    rows = "SMITH^MARY^A^^Dr;;1\nDUPONT^JEAN;JR;2\nHO^<B>;;3\nH^elene Roy;;4\n"
    page = clinic.get(upload(clinic, ("Patient;Suffix;mrn\n" + rows).encode()).location)
    assert [selected(page)[f"column_{i}"] for i in range(3)] == ["36", "34", "5"]
    href, page = check(clinic, ("Patient;Suffix;mrn\n" + rows).encode())
    assert "<bdi>Dr MARY A SMITH · JEAN DUPONT JR · H^elene Roy</bdi>" in page.text and errors(clinic, href) == []
    post(clinic, href, "commit")
    at_rest(clinic, href)
    assert {mrn: (row["name"], row["family_name"]) for mrn, row in people(server, clinic).items()} == {
        "1": ("Dr MARY A SMITH", "SMITH"), "2": ("JEAN DUPONT JR", "DUPONT JR"), "3": ("<B> HO", "HO"),
        "4": ("H^elene Roy", None)}
    href, page = check(clinic, b"Name;mrn\nAnn Lee;21\nH^elene Roy;22\nBo Kim;23\n")
    assert "Names are read so" not in page.page.text, "each is as it is in its cell"


def test_a_text_that_excel_is_to_leave_alone_is_what_it_says(server, clinic):
    run(clinic, b'MRN,name,phone\n="00123",Ann Lee,"=""0161 496 0001"""\n="A",Bo Lim,=1+2\n')
    assert {mrn: row["phone1"] for mrn, row in people(server, clinic).items()}["00123"] == "0161 496 0001"


def test_blanks_around_quotes_are_no_part_of_a_cell(server, clinic):
    href, _ = run(clinic, b'first name, last name, dob, address\n"Ann", "Lee, Jr", "1980-01-02", "1 High St, York"\n')
    assert errors(clinic, href) == [] and names(server, clinic) == ["Ann Lee, Jr"]


@pytest.mark.parametrize("header", ["Surname, Forename", "Last, First", "Nom, pr\u00e9nom", "Apellidos, Nombre"])
def test_a_column_of_two_names_is_the_name_and_no_nickname_instead_of_it(server, clinic, header):
    run(clinic, f'"{header}",Known as\n"Smith, John",Johnny\n'.encode())
    assert names(server, clinic) == ["Smith, John"]
