"""Fixtures: one server for each test process, an organisation for each test that asks for one."""
import pathlib
import sqlite3
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parent
# A test may use another's steps (an invitation, an import), whichever ward's folder has them.
sys.path[:0] = map(str, [TESTS, *sorted(path for path in (TESTS / "web").iterdir() if path.is_dir())])

import neighbours  # noqa: E402
from harness import ENGINE, Server  # noqa: E402

if ENGINE != "sqlite3":
    def look(*_arguments, **_options):
        pytest.skip("looks into the file of a database, and there is none")

    sqlite3.connect = look

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(item, call):
        """What a command says is not there is not there."""
        report = (yield).get_result()
        if report.failed and "is not there for PostgreSQL yet" in report.longreprtext:
            report.outcome = "skipped"
            report.longrepr = (str(item.path), 0, "Skipped: a command that is not there for PostgreSQL yet")


@pytest.fixture(scope="session")
def server():
    """A server shared by this process's tests: each works in organisations of its own."""
    with Server() as running:
        yield running


@pytest.fixture
def make_server():
    """Start servers of one's own: make_server(directives, mpm=..., state=...)."""
    started = []

    def make(directives="", **options):
        started.append(Server(directives, **options))
        return started[-1].start()

    yield make
    for one in started:
        one.close()


@pytest.fixture
def clinic(server):
    """A client signed in as the administrator of a fresh organisation."""
    return server.organisation()


@pytest.fixture(scope="session")
def destination(tmp_path_factory):
    """Where `make install` put everything."""
    folder = tmp_path_factory.mktemp("installed")
    for above in (folder, folder.parent, folder.parent.parent):
        above.chmod(0o755)
    neighbours.install(folder)
    return folder


@pytest.fixture
def make_beside(destination):
    """Start httpds with other sites: make_beside(clinic=..., installed=..., more=...)."""
    made = []

    def make(*arguments, **options):
        made.append(neighbours.Neighbours(*arguments, destination=destination, **options))
        return made[-1].start()

    yield make
    for one in made:
        one.close()


@pytest.fixture(scope="module")
def beside(destination):
    """One that a file's tests share; its clinic is Debian's host with MedSynQ On."""
    one = neighbours.Neighbours(destination=destination).start()
    yield one
    one.close()
