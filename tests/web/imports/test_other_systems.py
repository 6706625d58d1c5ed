"""Files as other programs write them: their columns are known without a hand, and every row is right."""
import contextlib
import pathlib
import sqlite3

import pytest

from test_patient_import import at_rest, check, errors, post, selected, upload

EXPORTS = pathlib.Path(__file__).parent / "exports"
# For each program, what becomes of the two people of its file: by record number, the fields that say something.
PEOPLE = {
    "synthea.csv": {
        "0a6f0c1e-7d55-4a11-9d2c-000000000001": {
            "name": "Wilma310 Harrow44", "former_name": "Pickett9", "birth_date": "1951-07-30", "is_deceased": 1,
            "deceased_date": "2018-03-02", "national_id": "999-55-1201", "sex": "female",
            "address": "9 Sample Row\nOrono\nMaine\nPenobscot\n04473"},
        "0a6f0c1e-7d55-4a11-9d2c-000000000002": {
            "name": "Tobias88 Ó'Lague12", "birth_date": "2003-12-09", "sex": "male", "is_deceased": 0,
            "address": "10 Sample Row Apt 3\nBangor\nMaine\nPenobscot\n00401"}},
    "openmrs.csv": {
        "100GEJ": {"name": "Chipo Rudo Marufu", "given_name": "Chipo Rudo", "birth_date": "1988-02-07", "sex": "female",
                   "address": "Plot 4\nGweru\nMidlands\nZimbabwe", "age_estimated": 0},
        "100HFK": {"name": "Tendai Zhou", "birth_date": "1950", "age_estimated": 1}},
    "bahmni.csv": {
        "GAN200001": {"name": "Sunita Bai Netam", "birth_date": "1979-11-23", "phone1": "9812345670",
                      "address": "Ganiyari\nKota\nBilaspur\nChhattisgarh"},
        "GAN200002": {"name": "Ramesh Sahu", "sex": "male"}},
    "openemr.csv": {
        "MR-77": {"name": "Farah Noor Ansari", "family_name": "Ansari", "birth_date": "1962-04-13", "language": "English",
                  "phone1": "4045550101", "phone2": "4045550102", "contact_phone": "4045550199",
                  "contact_name": "Omar Ansari", "national_id": "411-22-0001", "email": "farah@example.org",
                  "is_deceased": 0, "deceased_date": None, "status": 1},
        "MR-78": {"name": "Luis Pardo", "phone1": None, "is_deceased": 1, "deceased_date": "2021-05-20"}},
    "gnuhealth.csv": {
        "GNU777ORG": {"name": "Ana Betzler", "birth_date": "1985-10-04", "sex": "female", "phone1": "+54 11 5550 0001",
                      "address": "Calle Uno 3\nRosario"},
        "ESGNU778": {"name": "Mateo Cordero", "birth_date": "1999-12-25"}},
    "opendental.csv": {
        "11": {"name": "Odette K Brandt", "family_name": "Brandt", "preferred_name": "Oddie", "birth_date": "1971-08-02",
               "phone1": "(503)555-0111", "phone2": "(503)555-0113", "phone3": "(503)555-0112",
               "address": "4 Mill Rd\nUnit 2\nSalem\nOR\n97301"},
        "12": {"name": "Ray Fisk", "birth_date": None}},
    "epic.csv": {
        "800012": {"name": "IRIS M VANCE", "family_name": "VANCE", "birth_date": "1966-02-14", "sex": "female",
                   "phone1": "608-555-0133", "general_practitioner": "STONE, HAL", "is_deceased": 0,
                   "address": "77 Lake Dr\nMadison\nWI\n53703"},
        "800013": {"name": "ABEL POOLE", "birth_date": "1937-11-30", "deceased_date": "2022-06-01"}},
    "cerner.csv": {
        "C-61": {"name": "Nora B Quill", "birth_date": "1959-03-08", "sex": "female", "phone1": "814-555-0144",
                 "address": "8 Dock St\nErie\nPA\n16501", "is_deceased": 0},
        "C-62": {"name": "Max Stone", "birth_date": "2012-07-04", "phone1": None}},
    "emis.csv": {
        "10021": {"name": "Bronwen Ceri Pryce", "former_name": "Llewellyn", "birth_date": "1977-03-14",
                  "national_id": "943 476 5919", "phone1": "01248 550101", "phone2": "07700 900101",
                  "general_practitioner": "Owens, Rhian (Dr)",
                  "address": "Flat 2\n8 Station Road\nBangor\nGwynedd\nLL57 2AB"},
        "10022": {"name": "Alun Rees", "deceased_date": "2020-11-19", "is_deceased": 1}},
    "systmone.csv": {
        "MOIRA JEAN ARDEN": {"national_id": "999 000 0018", "birth_date": "1954-09-09",
                      "phone1": "01135550101", "phone2": "07700900202", "general_practitioner": "DR A WEST",
                      "address": "1 BUILDING, LONG LANE, LEEDS\nLS1 1AA"},
        "OLIVER BIRD": {"phone1": None}},
    "dhis2.csv": {
        "IOR1AXXl24H": {"name": "Filona Ryder", "sex": "female", "birth_date": "1991-05-17", "national_id": "SL-10-0001",
                        "phone2": "+232 76 000 001", "address": "Ngelehun"},
        "IOR1AXXl24I": {"name": "Musa Kamara", "phone2": None}},
    "odoo.csv": {
        "OD-9": {"name": "Marek Nowak", "birth_date": "1983-07-19", "sex": "male", "phone1": "+48 22 555 01 01",
                 "phone2": "+48 600 000 001", "language": "pl_PL",
                 "address": "ul. Prosta 5\nm. 3\n00-850\nWarszawa\nPoland"},
        "OD-10": {"name": "Zofia Lis", "address": "Łódź\nPoland"}},
    "fhir.csv": {
        "MP-501": {"name": "Ada Ife Okonjo", "birth_date": "1994-10-03", "phone1": "+234 801 000 0001",
                   "phone2": "+234 1 555 0101", "address": "5 Broad St\nLagos\nLA\n100001\nNG"},
        "MP-502": {"name": "Tunde Bello", "deceased_date": "2024-12-01"}},
    "cabinet-fr.csv": {
        "F-31": {"name": "Élodie Lefèvre", "former_name": "Gaudin", "birth_date": "1986-09-03", "sex": "female",
                 "phone2": "06 39 98 00 01", "phone1": "01 99 00 00 01", "national_id": "2 86 09 35 000 001 11",
                 "general_practitioner": "Dr Hamon", "address": "4 rue des Lilas\n35000\nRennes"},
        "F-32": {"name": "Yann Le Goff", "birth_date": "1947-02-28", "sex": "male"}},
    "consulta-es.csv": {
        "H-90": {"name": "Inés Cabrera Muñoz", "family_name": "Cabrera Muñoz", "birth_date": "1990-06-17", "sex": "female",
                 "phone2": "600 000 001", "phone1": "910 000 001", "national_id": "00000000T",
                 "address": "Calle Mayor 1\n28013\nMadrid\nMadrid"},
        "H-91": {"name": "Álvaro Soler", "sex": "male"}},
    "praxis-de.csv": {
        "D-5": {"name": "Jörg Größer", "birth_date": "1969-05-21", "sex": "male", "address": "Am Weg\n7\n10115\nBerlin",
                "phone1": "030 5550101", "phone2": "0170 5550102", "general_practitioner": "Dr. Kühn"},
        "D-6": {"name": "Änne Weiß", "former_name": "Vogt", "birth_date": "1938-04-01"}},
}


def people(server, clinic):
    with contextlib.closing(sqlite3.connect(server.database)) as database:
        database.row_factory = sqlite3.Row
        return {row["mrn"]: dict(row) for row in database.execute(
            "SELECT p.* FROM patients p JOIN tenants t USING (tenant_id) WHERE t.name = ?", (clinic.organisation,))}


def test_each_file_has_its_people_here():
    assert {path.name for path in EXPORTS.iterdir()} == set(PEOPLE)


@pytest.mark.parametrize("name", sorted(PEOPLE))
def test_an_export_of_another_program_needs_no_hand_at_its_columns(server, clinic, name):
    href, page = check(clinic, (EXPORTS / name).read_bytes())
    assert page.status == 200, page.page.text
    assert errors(clinic, href) == []
    post(clinic, href, "commit")
    assert "2 patients were imported." in at_rest(clinic, href).page.text
    found = people(server, clinic)
    found |= {row["name"]: row for row in found.values()}  # where the program gives no number
    assert {mrn: {field: found[mrn][field] for field in fields} for mrn, fields in PEOPLE[name].items()} == PEOPLE[name]


JANE = {"name": "Jane Doe", "birth_date": "1961-04-13", "sex": "female"}


@pytest.mark.parametrize("header, row, unused, right", [
    ("Account No,Last Name,First Name,DOB,Sex,Cell No,Home No,SSN,PCP Name,Race",
     "1,Doe,Jane,04/13/1961,F,555111,555222,123,Dr Who,W", ["Race"],
     {"phone1": "555222", "phone2": "555111", "mrn": "1", "general_practitioner": "Dr Who"}),
    ("patient_id,chart_id,first_name,last_name,date_of_birth,gender,office_phone,emergency_contact_relation",
     "7,DJ01,Jane,Doe,1961-04-13,Female,555333,Spouse", ["patient_id"], {"mrn": "DJ01", "phone3": "555333"}),
    ("First Name,Last Name,Birth Date,Sex,Postal,Personal Health Number,Discharged",
     "Jane,Doe,1961-04-13,Female,K1A,9876543210,", ["Discharged"], {"national_id": "9876543210", "address": "K1A"}),
    ("Surname,First Name,Known As,D.O.B.,Gender,Suburb,Medicare No.,File No.",
     "Doe,Jane,Janie,13/04/1961,F,Troy,2123,55", [], {"mrn": "55", "preferred_name": "Janie", "national_id": "2123"}),
    ("NOM;PRENOM;DATE NAISS.;SEXE;N°SS;ADR1;CP;VILLE", "Doe;Jane;13/04/1961;F;261;1 rue X;75001;PARIS", [],
     {"address": "1 rue X\n75001\nPARIS"}),
    ("Nº HC;Primer apellido;Nombre;F. Nacimiento;Sexo;Tfno", "9;Doe;Jane;13/04/1961;Mujer;600123", [],
     {"mrn": "9", "phone1": "600123"}),
    ("Unique Patient ID,Names,Date of Birth,Sex,National ID Number,Telephone Contact,Sub County",
     "4,Jane Doe,13/04/1961,F,123,0700123456,X", [], {"mrn": "4", "phone1": "0700123456", "national_id": "123"}),
    ("Name of Patient,D O B,M/F,Contact No,Village", "Jane Doe,13-Apr-1961,F,0700 123456,Kisumu", [],
     {"phone1": "0700 123456"}),
    ("الاسم,تاريخ الميلاد,الجنس,الهاتف,العنوان,رقم الهوية", "Jane Doe,13/04/1961,أنثى,0100,القاهرة,29", [],
     {"phone1": "0100", "address": "القاهرة", "national_id": "29"}),
    ("Förnamn;Efternamn;Födelsedatum;Kön;Postnummer;Postort", "Jane;Doe;1961-04-13;Kvinna;11111;Stockholm", [],
     {"address": "11111\nStockholm"}),
    ("Фамилия;Имя;Дата рождения;Пол;Телефон", "Doe;Jane;13.04.1961;женский;600123", [], {"phone1": "600123"})])
def test_columns_are_known_by_what_programs_and_languages_call_them(server, clinic, header, row, unused, right):
    href = upload(clinic, f"{header}\n{row}\n".encode()).location
    guessed = selected(clinic.get(href))
    names = header.replace(";", ",").split(",")
    assert [names[i] for i in range(len(names)) if guessed[f"column_{i}"] == "0"] == unused
    post(clinic, href, "columns", **guessed)
    at_rest(clinic, href)
    post(clinic, href, "commit")
    at_rest(clinic, href)
    (mrn, found), = people(server, clinic).items()
    assert {key: {**found, "mrn": mrn}[key] for key in {**JANE, **right}} == {**JANE, **right}
