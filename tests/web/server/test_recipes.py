"""docs/recipes.md: httpd serves with each configuration that stands there, and each command is run."""
import datetime
import http.client
import os
import re
import socket
import ssl
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import neighbours
from harness import PASSWORD, TOP, Answer, Client, Port
from test_ctl import built

PAGE = (TOP / "mod_medsynq/docs/recipes.md").read_text()
MODULES = ("socache_shmcb", "ssl", "http2", "remoteip")


def chapter(name):
    return re.search(rf"^## {re.escape(name)}[^\n]*\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)[1]


def blocks(name, language):
    return re.findall(rf"^```{language}\n(.*?)^```", chapter(name), re.M | re.S)


def commands(name):
    text = re.sub(r"^```.*?^```", "", chapter(name), flags=re.M | re.S)
    return [block.strip() for block in re.findall(r"(?:^    \S.*\n)+", text, re.M)]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """@return the paths of a self-made certificate and its key"""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "clinic.example")])
    now = datetime.datetime(2026, 1, 1)
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=7300))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in (
                "clinic.example", "lake.example", "hill.example")]), False).sign(key, hashes.SHA256()))
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture
def serve(destination, certificate):
    """serve(chapter): the host of the chapter, served; other ports, certificate and folders."""
    ports, servers = [], []

    def begin(name):
        plain, secure = Port(), Port()
        ports.extend((plain, secure))
        text = "\n".join(blocks(name, "apache"))
        for there, here in (("*:80", f"127.0.0.1:{plain.number}"), ("*:443", f"127.0.0.1:{secure.number}"),
                            ("127.0.0.1:8080", f"127.0.0.1:{secure.number}"),
                            ("/etc/ssl/certs/clinic.example.pem", str(certificate[0])),
                            ("/etc/ssl/private/clinic.example.key", str(certificate[1])),
                            ("/var/lib/", "{root}/")):
            text = text.replace(there, here)
        loads = "".join(f'LoadModule {module}_module "{neighbours.MODULES}/mod_{module}.so"\n' for module in MODULES)
        server = neighbours.Neighbours(
            "", destination=destination, more=f"{loads}Listen 127.0.0.1:{plain.number}\n"
            f"Listen 127.0.0.1:{secure.number}{' https' if 'SSLEngine' in text else ''}\n{text}")
        servers.append(server)
        server.plain, server.secure = plain.number, secure.number
        return server

    yield begin
    for server in servers:
        server.close()
    for port in ports:
        port.close()


class Secure(Client):
    """As a browser comes: over TLS, by the host's name; __Host- cookies are sent back."""

    def __init__(self, port, host):
        super().__init__(port, Host=host)
        self.host = host

    def request(self, method, path, body=None, headers=None):
        context = ssl._create_unverified_context()
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, context=context)
        send = {**self.headers, **(headers or {})}
        if self.cookies:
            send["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        connection.request(method, path, body, send)
        response = connection.getresponse()
        answer = Answer(response, response.read())
        connection.close()
        for line in response.headers.get_all("Set-Cookie") or []:
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
            assert name.startswith("__Host-") and "Secure" in line, line
        return answer


def run(server, script, tmp_path, **replaced):
    """@return what it prints, with commands and folders of this server"""
    folder = tmp_path / "bin"
    folder.mkdir(exist_ok=True)
    for name, text in (("medsynqctl", f'exec "{built()}" --state "{server.state}" "$@"'),
                       ("apachectl", f'exec {server.program()} "$@"')):
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    for there, here in replaced.items():
        script = script.replace(there, str(here))
    done = subprocess.run(["sh", "-eu", "-c", script], capture_output=True, text=True, timeout=300, cwd=TOP,
                          env=dict(os.environ, PATH=f"{folder}:{os.environ['PATH']}"))
    assert done.returncode == 0, f"{script}\n{done.stdout}{done.stderr}"
    return done.stdout


def founded(server, client, state):
    said = subprocess.check_output([built(), "--state", state, "org", "create", "Clinic", "--admin", "Ada Admin",
                                    "--email", "ada@example.org"], text=True)
    link = re.search(r"(/invitations/\S+)", said)[1]
    assert client.submit(link, password=PASSWORD).status == 303
    return client


def test_tls_with_redirect_and_http2(serve, tmp_path):
    name = "A host of its own, with TLS, HTTP/2 and redirect"
    server = serve(name)
    server.start()
    plain = Client(server.plain, Host="clinic.example").get("/patients?q=Xyzzy")
    assert (plain.status, plain.location) == (301, "https://clinic.example/patients?q=Xyzzy")
    client = Secure(server.secure, "clinic.example")
    assert client.get("/login").headers["Strict-Transport-Security"]
    founded(server, client, server.state)
    assert client.add_patient("Ann Secure")
    context = ssl._create_unverified_context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with socket.create_connection(("127.0.0.1", server.secure), 10) as bare:
        with context.wrap_socket(bare, server_hostname="clinic.example") as tls:
            assert tls.selected_alpn_protocol() == "h2"
    said = run(server, commands(name)[1], tmp_path)
    assert "tls of clinic.example ok" in said and "registration of clinic.example ok" in said
    assert "Xyzzy" not in "".join(path.read_text(errors="replace") for path in server.root.glob("*.log"))


def test_two_clinics_share_nothing(serve, tmp_path):
    name = "Two clinics that share nothing, in one httpd"
    server = serve(name)
    script = commands(name)[0]
    if os.getuid() != 0:
        script = script.replace("-o www-data -g www-data ", "")
    run(server, script, tmp_path, **{"/var/lib": server.root})
    server.start()
    one = founded(server, Secure(server.secure, "lake.example"), server.root / "medsynq-lake")
    two = founded(server, Secure(server.secure, "hill.example"), server.root / "medsynq-hill")
    path = one.add_patient("Ann Lake")
    assert one.get(path).status == 200 and two.get(path).status == 404
    two.cookies = dict(one.cookies)
    assert two.get("/dashboard").location.startswith("/login")
    secrets = {(server.root / f"medsynq-{who}/secret").read_bytes() for who in ("lake", "hill")}
    assert len(secrets) == 2


def test_behind_a_proxy(serve):
    server = serve("Behind nginx or haproxy")
    server.start()
    # as the proxy hands it on: plain, with the site's name and who asked
    client = Client(server.secure, Host="clinic.example", X_Forwarded_For="192.0.2.66, 203.0.113.7",
                    Origin="https://clinic.example")
    assert set(client.get("/login").headers.get_all("Set-Cookie")[0].split("; ")) >= {"Secure"}
    founded(server, client, server.state)
    assert all(name.startswith("__Host-") for name in client.cookies)
    audit = client.get("/audit").text
    assert "203.0.113.7" in audit and "192.0.2.66" not in audit  # what the client pretended counts for nothing
    client.headers["Origin"] = "http://clinic.example"
    assert client.submit("/patients/new", name="Ann").status == 403


@pytest.mark.parametrize("name, file", [
    ("systemd: httpd may write to four folders", "systemd/medsynq.conf"), ("AppArmor", "apparmor/medsynq"),
    ("mod_security with the Core Rule Set", "modsecurity/medsynq-exclusions.conf"),
    ("fail2ban", "fail2ban/medsynq.conf")])
def test_what_is_installed_is_what_stands_there(tmp_path, name, file):
    shipped = (TOP / "mod_medsynq/packaging" / file).read_text()
    for text in blocks(name, "ini") + blocks(name, "apparmor"):
        assert shipped.endswith(text)
    for script in commands(name):
        for folder in re.findall(r" (/etc/\S+)/", script):
            (tmp_path / folder[1:]).mkdir(parents=True, exist_ok=True)
        subprocess.run(["sh", "-eu", "-c", script.replace(" /etc/", f" {tmp_path}/etc/")], check=True, cwd=TOP)
        for copied in re.findall(r" (/etc/\S+)$", script, re.M):
            assert (tmp_path / copied[1:]).read_text()


def test_no_recipe_is_left_out():
    chapters = re.findall(r"^## (.+)$", PAGE, re.M)
    assert len(chapters) == 8
    assert {language for language in re.findall(r"^```(\w+)$", PAGE, re.M)} == {
        "apache", "nginx", "haproxy", "ini", "apparmor"}
