"""medsynqctl import-seed: the proof of concept's own database is taken over."""
import pathlib
import sqlite3
import tempfile

import pytest

from test_ctl import ctl

PLAIN = "plain old password"


@pytest.fixture
def seed():
    """The file, where the server's user can read it."""
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder).chmod(0o755)
        yield fill(pathlib.Path(folder) / "seed.sqlite")


def fill(path):
    with sqlite3.connect(path) as old:
        old.executescript("""
            CREATE TABLE tenants (id INTEGER PRIMARY KEY, name TEXT);
            CREATE TABLE users (id INTEGER PRIMARY KEY, tenant_id INTEGER, name TEXT, email TEXT,
                password TEXT);
            CREATE TABLE patients (id INTEGER PRIMARY KEY, tenant_id INTEGER, name TEXT,
                date_of_birth TEXT, notes TEXT);
            INSERT INTO tenants VALUES (1, 'Old Clinic'), (2, 'Empty House'), (3, '');
            INSERT INTO users VALUES (1, 1, 'Ada', 'ada@example.org', 'plain old password'),
                (2, 1, 'Bo', 'bo@example.org', 'short'), (3, 1, 'No Password', 'c@example.org', ''),
                (4, 1, 'Twice', 'ADA@example.org', 'x'), (5, 9, 'Nobody', 'n@example.org', 'x');
            INSERT INTO patients VALUES (1, 1, 'Zoë Ångström', '1975-04-03', 'first note'),
                (2, 1, 'Odd Date', 'some time', NULL), (3, 1, '', '1980-01-01', ''),
                (4, 8, 'Belongs Nowhere', '', '');
        """)
    return path


def test_what_can_be_taken_is_taken_and_the_rest_is_told(make_server, seed):
    server = make_server()
    server.stop()
    said = ctl(server.database, "import-seed", seed)
    assert "1 organisations, 2 people, 2 patients taken over" in said
    for what in ("tenants 2: none of its people", "tenants 3: it has no name", "users 3: it has no",
                 "users 4: another person has the same", "patients 2: its date of birth is none",
                 "patients 3: it has no name", "users: 1 belong to no tenant",
                 "patients: 1 belong to no tenant"):
        assert f"not taken: {what}" in said
    assert PLAIN not in said and "some time" not in said
    assert PLAIN.encode() not in server.database.read_bytes()
    again = ctl(server.database, "import-seed", seed)
    assert "0 organisations" in again and "there is an organisation of this name already" in again
    server.start()
    for email, password in (("ada@example.org", PLAIN), ("bo@example.org", "short")):
        client = server.client()
        assert client.log_in("old clinic", email, password).status == 303
    page = client.get("/patients?q=angstrom").page.text
    assert "Zoë Ångström" in page and "1975-04-03" in page
    odd = next(link for link in client.get("/patients?q=odd").page.links
               if link.count("-") == 4)
    assert "Date of birth as written before: some time" in client.get(odd).page.text


def test_another_database_is_refused(tmp_path):
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as database:
        database.execute("CREATE TABLE things (id)")
    ctl(tmp_path / "medsynq.db", "import-seed", other, code=1)
    ctl(tmp_path / "medsynq.db", "import-seed", tmp_path / "none.sqlite", code=1)
