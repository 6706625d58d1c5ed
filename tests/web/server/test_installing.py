"""The commands of docs/installing.md and docs/operating.md: each is run, or stands in the list of those by hand."""
import os
import pathlib
import re
import subprocess

import pytest

import neighbours
import test_operating
from harness import TOP, Port
from test_ctl import built
from test_operating import BY_HAND, tmp_path
from test_recipes import Secure, certificate

assert tmp_path and certificate
DOCS = TOP / "mod_medsynq/docs"

INSTALLING = (DOCS / "installing.md").read_text()


def chapters(page):
    """(title, its blocks of commands, each a list of lines) of a page, without what is fenced."""
    text = re.sub(r"^```.*?^```", "", (DOCS / page).read_text(), flags=re.M | re.S)
    for title, content in re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", text, re.M | re.S):
        found = [[line.strip() for line in block.splitlines()] for block in re.findall(r"(?:^    .*\n)+", content, re.M)]
        if found:
            yield title, found


def test_each_line_by_hand_stands_on_a_page():
    lines = {line for page in ("installing.md", "operating.md") for _, blocks in chapters(page)
             for block in blocks for line in block}
    assert set(BY_HAND) <= lines, set(BY_HAND) - lines


def test_each_chapter_of_operating_is_run():
    """A test unpacks all blocks of a chapter: one more, or a new chapter, fails."""
    source = pathlib.Path(test_operating.__file__).read_text()
    assert {title for title, _ in chapters("operating.md")} == set(re.findall(r'commands\("([^"]+)"\)', source))


def test_the_floors_are_those_of_the_page_and_the_packages():
    sources = "".join(path.read_text() for path in (TOP / "mod_medsynq").rglob("*.c"))
    spec = (TOP / "mod_medsynq/packaging/rpm/medsynq.spec").read_text()
    said = dict(re.findall(r"^\| ([A-Z][\w ]+) \| ([\d.]+) \|", INSTALLING, re.M))
    assert said == dict(re.findall(r"MedSynQ needs ([\w ]+) ([\d.]+) or newer", sources))
    for name, package in (("SQLite", "sqlite-devel"), ("OpenSSL", "openssl-devel"), ("ICU", "libicu-devel"),
                          ("Apache httpd", "httpd")):
        assert f"{package} >= {said[name]}" in spec


@pytest.fixture
def host(destination, certificate):
    """The page's own host, served, with its certificate and port."""
    secure = Port()
    text = re.search(r"^```apache\n(.*?)^```", INSTALLING, re.M | re.S)[1]
    for there, here in (("*:443", f"127.0.0.1:{secure.number}"),
                        ("/etc/ssl/certs/clinic.example.pem", str(certificate[0])),
                        ("/etc/ssl/private/clinic.example.key", str(certificate[1]))):
        text = text.replace(there, here)
    loads = "".join(f'LoadModule {name}_module "{neighbours.MODULES}/mod_{name}.so"\n' for name in ("socache_shmcb", "ssl"))
    server = neighbours.Neighbours("", destination=destination,
                                   more=f"{loads}Listen 127.0.0.1:{secure.number}\n{text}")
    server.secure = secure.number
    yield server
    server.close()
    secure.close()


def run(lines, tmp_path, server=None):
    """The lines that are not by hand, as root would, in other folders. @return what they print"""
    folder = tmp_path / "bin"
    folder.mkdir(exist_ok=True)
    state = server.state if server else tmp_path / "var/lib/medsynq"
    programs = {"sudo": 'exec "$@"', "medsynqctl": f'exec "{built()}" --state "{state}" "$@"'}
    if server:
        programs["apachectl"] = (f'case $1 in configtest) exec {server.program()} -t;; '
                                 f'*) exec {server.program()} "$@";; esac')
        programs["curl"] = ("exec /usr/bin/curl --insecure --connect-to "
                            f'clinic.example:443:127.0.0.1:{server.secure} "$@"')
    for name, text in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    script = "\n".join(line for line in lines if line not in BY_HAND)
    if os.getuid() != 0:
        script = re.sub(r"-o \S+ -g \S+ ", "", script)
    for there, here in (("/etc/systemd/system/", f"{tmp_path}/units/"), ("/media/safe", str(tmp_path)),
                        ("/var/lib/medsynq", str(state)), ("-o apache -g apache ", "-o www-data -g www-data "),
                        ("DESTDIR=/tmp/medsynq-looked-at", f"DESTDIR={tmp_path}/looked-at"),
                        ("sudo make ", f"make DESTDIR={tmp_path}/root ")):
        script = script.replace(there, here)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    done = subprocess.run(["sh", "-eu", "-c", script], capture_output=True, text=True, timeout=600, cwd=TOP,
                          env=dict(environment, PATH=f"{folder}:{os.environ['PATH']}"))
    assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def test_what_is_installed_from_the_source_is_there_and_goes_again(tmp_path):
    pages = dict(chapters("installing.md"))
    (tmp_path / "units").mkdir()
    (tmp_path / "var/lib").mkdir(parents=True)
    for block in pages["Debian, from the source"]:
        run(block, tmp_path)
    assert {path.name for path in (tmp_path / "units").iterdir()} == {
        f"medsynq-{name}.{kind}" for name in ("backup", "check") for kind in ("service", "timer")}
    assert (tmp_path / "var/lib/medsynq").stat().st_mode & 0o777 == 0o750
    assert (tmp_path / "root/usr/local/sbin/medsynqctl").exists()
    for title in ("Red Hat and its relatives", "Others"):
        for block in pages[title]:
            run(block, tmp_path)
    assert (tmp_path / "looked-at/etc/httpd/conf.d/medsynq.conf").exists()
    away, = pages["Taking it away"]
    run([line for line in away if "apachectl" not in line], tmp_path)
    assert not [path for path in (tmp_path / "root").rglob("*") if path.is_file()]
    run([line for block in pages["Debian, as a package"] for line in block], tmp_path)  # nothing is left out unlisted


def test_a_host_is_served_as_the_page_says(host, tmp_path):
    pages = dict(chapters("installing.md"))
    enable, (configtest, restart) = pages["One virtual host"]
    assert run(enable, tmp_path, host) == "" and restart == "sudo apachectl restart"
    assert "Syntax OK" in run([configtest], tmp_path, host)
    host.start()
    (dump,), = pages["TLS"]
    said = run([dump], tmp_path, host)
    assert re.search(r"^tls of clinic.example +ok$", said, re.M)
    assert re.search(r"^secret +ok$", said, re.M)
    (copied,), = pages["The secret"]
    run([copied], tmp_path, host)
    assert (tmp_path / "medsynq-secret").read_bytes() == (host.state / "secret").read_bytes()
    (create,), = pages["The first organisation"]
    link = re.search(r"https://clinic.example(/invitations/\S+)", run([create], tmp_path, host))[1]
    client = Secure(host.secure, "clinic.example")
    assert client.submit(link, password="lanterns over quiet water").status == 303
    assert client.add_patient("Ann First")
    well, = pages["Is all well?"]
    said = run(well, tmp_path, host)
    assert said.startswith("ok") and "organisations    1" in said
