"""What `apachectl -t -D DUMP_MEDSYNQ` says of each host, and `medsynqctl check --config` of those of a database."""
import json
import os
import subprocess

import pytest

import neighbours
from harness import sanitizer_environment
from test_ctl import built, ctl

OPEN = "Listen 8443"  # not this machine alone; configtest opens nothing


@pytest.fixture
def report(destination):
    """report(clinic, more): {(host, subject): what is said}, and the text as it is."""
    made = []

    def run(clinic="", more=""):
        server = neighbours.Neighbours("", destination=destination, more=more)
        made.append(server)
        server.clinic = "MedSynQ On\n" + clinic
        server.write()
        done = subprocess.run(server.httpd("-t", "-D", "DUMP_MEDSYNQ"), capture_output=True, text=True, timeout=60,
                              env={**os.environ, **sanitizer_environment()})
        assert done.returncode == 0, done.stderr
        rows = [line.split("\t") for line in done.stdout.splitlines() if line.startswith("MedSynQ\t")]
        return {(host, what): said for _, host, what, said in rows}, done.stdout, server

    yield run
    for server in made:
        server.close()


def test_a_host_of_this_machine_alone_leaves_nothing_open(report):
    said, _, server = report("MedSynQRegistration open")
    assert said == {("clinic.example", "database"): str(server.state / "medsynq.db"),
                    ("clinic.example", "tls"): "ok", ("clinic.example", "registration"): "ok",
                    ("clinic.example", "logs"): "ok",
                    ("clinic.example", "mail"): "ok: none is sent (MedSynQSendmail), administrators pass links on by hand"}


def test_without_the_word_configtest_says_nothing_of_it(report):
    _, _, server = report()
    assert "MedSynQ\t" not in server.configtest().stdout


@pytest.mark.parametrize("clinic, more, what, words", [
    ("", OPEN, "tls", "answers without TLS"),
    ("MedSynQRegistration open", OPEN, "registration", "anybody who reaches it may create an organisation"),
    ("LogLevel trace4", "", "logs", "LogLevel debug says enough"),
    ("LogLevel info http:trace6", "", "logs", "LogLevel debug says enough"),
    ("", "LoadModule log_forensic_module {modules}/mod_log_forensic.so", "logs", "mod_log_forensic")])
def test_what_is_left_open_is_said(report, clinic, more, what, words):
    more = more.replace("{modules}", subprocess.check_output(["apxs", "-q", "LIBEXECDIR"], text=True).strip())
    said, _, _ = report(clinic, more)
    assert words in said["clinic.example", what]
    others = {key: text for key, text in said.items() if key[1] not in (what, "database", "tls")}
    assert all(text.startswith("ok") for text in others.values()), others


@pytest.mark.parametrize("clinic", ["MedSynQRegistration invite\nServerName https://clinic.example",
                                    "LogLevel debug\nServerName https://clinic.example",
                                    "MedSynQSendmail /bin/true https://clinic.example\n"
                                    "ServerName https://clinic.example"])
def test_what_is_in_order_is(report, clinic):
    said, _, _ = report(clinic, OPEN)
    assert {said["clinic.example", what][:2] for what in ("tls", "registration", "logs", "mail")} == {"ok"}


TLS = """LoadModule ssl_module {modules}/mod_ssl.so
Listen 8443
{before}
<VirtualHost *:443>
ServerName second.example
MedSynQ On
{inside}
</VirtualHost>
"""


@pytest.mark.parametrize("before, inside, is_said", [
    ("", "", True),  # the port alone is a promise that nobody keeps
    ("Listen 443 https", "", True),
    ("", "SSLEngine Off", True),
    ("", "SSLEngine optional", True),
    ("SSLEngine on", "SSLEngine off", True),
    ("", "SSLEngine on", False),
    ("", "sslengine On", False),
    ("SSLEngine on", "", False),
    ("Define WITH_TLS", "<IfDefine WITH_TLS>\n<IfModule ssl_module>\nSSLEngine on\n</IfModule>\n</IfDefine>", False),
    ("<Macro safe>\nSSLEngine on\n</Macro>", "Use safe", False)])
def test_tls_is_what_its_engine_says_of_the_host_and_not_its_port(report, before, inside, is_said):
    modules = subprocess.check_output(["apxs", "-q", "LIBEXECDIR"], text=True).strip()
    before = (f"LoadModule macro_module {modules}/mod_macro.so\n" if "Macro" in before else "") + before
    said, _, _ = report("SSLEngine off", TLS.format(modules=modules, before=before, inside=inside))
    assert ("answers without TLS" in said["second.example", "tls"]) == is_said, said


def test_check_says_it_of_the_hosts_of_its_database_and_of_no_other(report, tmp_path):
    _, text, server = report("MedSynQRegistration open", OPEN)
    server.start()
    file = tmp_path / "hosts"
    file.write_text(text + "MedSynQ\tother.example\tdatabase\t/somewhere/else.db\nMedSynQ\tother.example\ttls\tno\n")
    where = ("--database", str(server.state / "medsynq.db"))
    done = subprocess.run([built(), *where, "check", "--json", "--config", file], capture_output=True, text=True)
    said = json.loads(done.stdout)
    assert done.returncode == 1 and "answers without TLS" in said["tls of clinic.example"]
    assert "may create an organisation" in said["registration of clinic.example"]
    assert said["logs of clinic.example"] == said["database"] == "ok"
    assert not any("other.example" in key for key in said)
    piped = subprocess.run([built(), *where, "check", "--config", "-"], input=text, capture_output=True, text=True)
    assert piped.returncode == 1 and "registration of clinic.example anybody" in piped.stdout
    in_order = text.replace("\ttls\tit", "\ttls\tok: it").replace("\tregistration\tanybody", "\tregistration\tok: any")
    file.write_text(in_order)
    assert "ok: it answers" in ctl(server.state / "medsynq.db", "check", "--config", file)
    for wrong, words in ((tmp_path / "none", "cannot be read"), ("/dev/null", "no host there serves")):
        done = subprocess.run([built(), *where, "check", "--config", wrong], capture_output=True, text=True)
        assert done.returncode == 1 and words in done.stderr
