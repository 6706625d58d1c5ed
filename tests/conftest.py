"""Fixtures: one server for each test process, an organisation for each test that asks for one."""
import pathlib
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parent
# A test may use another's steps (an invitation, an import), whichever ward's folder has them.
sys.path[:0] = map(str, [TESTS, *sorted(path for path in (TESTS / "web").iterdir() if path.is_dir())])

from harness import Server  # noqa: E402


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
