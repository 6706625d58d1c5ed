"""The same page by the servers that an administrator could pick instead: mod_php with PDO, Node with
better-sqlite3, Go's net/http with mattn/go-sqlite3.

Each sends byte for byte as much as MedSynQ: its template is made from the page that MedSynQ sent, in
the syntax of its own language. Each looks a session up by its cookie in a table of the database, a
copy of MedSynQ's, masks a CSRF token, counts, reads 51 rows and escapes what it writes."""
import contextlib
import hashlib
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import time

import data
from rig import TOP, USER, Client, Httpd, Port, apxs, until
from wrk import SERVER_CORES

HERE = TOP / "tests/bench/peers"
BUILT = TOP / "build/peers"
NAMES = {"php": "mod_php 8, PDO", "node": "Node, better-sqlite3", "go": "Go net/http"}
ROW_SLOTS = ("id", "name", "birth", "age", "mrn")

PREFORK = """
ServerRoot "{modules}"
DefaultRuntimeDir "{state}"
PidFile "{state}/httpd.pid"
ServerName localhost
Listen 127.0.0.1:{port}
{loads}
{user}
TypesConfig /etc/mime.types
ErrorLog "{state}/error.log"
LogLevel warn
ServerTokens Prod
StartServers 40
MinSpareServers 1
MaxSpareServers 64
ServerLimit 64
MaxRequestWorkers 64
MaxConnectionsPerChild 0
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 60
<Directory />
    Require all denied
    AllowOverride None
</Directory>
<Directory "{state}/php">
    Require all granted
    SetHandler application/x-httpd-php
</Directory>
Alias /patients "{state}/php/patients.php"
"""


def page_parts(text):
    """The page with {{marks}} for what changes, and how one row of it looks."""
    body = re.search(r"<tbody>\n(.*)</tbody>", text, re.S)
    rows = body[1].split("</tr>\n")[:-1]
    row = rows[0] + "</tr>\n"
    last = re.findall(r"/patients/([0-9a-f-]{36})", rows[-1])[0]
    row = re.sub(r"/patients/[0-9a-f-]{36}", "/patients/{{id}}", row)
    row = re.sub(r'(dir="auto">)[^<]*', r"\1{{name}}", row)
    row = re.sub(r'datetime="[^"]*">[^<]*', 'datetime="{{birth}}">{{birth}}', row)
    row = re.sub(r'(label="Age">)[^<]*', r"\1{{age}}", row)
    row = re.sub(r'(number">)[^<]*', r"\1{{mrn}}", row)
    head, tail = text[:body.start(1)], text[body.end(1):]
    head = re.sub(r'(name="csrf_token" value=")[^"]*', r"\1{{csrf}}", head)
    head = re.sub(r'(class="count">)[^<]*', r"\1{{count}}", head)
    head = head.replace("Bench 0", "{{organisation}}").replace("Ada Admin", "{{person}}")
    tail = tail.replace(f"after={last}", "after={{after}}")
    for slot in ("csrf", "count", "organisation", "person", "after"):
        assert f"{{{{{slot}}}}}" in head + tail, slot
    assert all(f"{{{{{slot}}}}}" in row for slot in ROW_SLOTS), row
    return head, row, tail


def filled_in(text, slot):
    return re.sub(r"\{\{(\w+)\}\}", lambda found: slot(found[1]), text)


def php_page(head, row, tail):
    columns = {"birth": "birth_date"}
    head, tail = (filled_in(part, lambda name: f"<?= e($frame['{name}']) ?>")
                  for part in (head, tail))
    row = filled_in(row, lambda name: f"<?= e($row['{columns.get(name, name)}']) ?>")
    return f"{head}<?php foreach ($patients as $row): ?>\n{row}<?php endforeach ?>\n{tail}"


def node_page(head, row, tail):
    columns = {"birth": "birth_date"}
    head, row, tail = (re.sub(r"([`\\]|\$\{)", r"\\\1", part) for part in (head, row, tail))
    head, tail = (filled_in(part, lambda name: f"${{e(frame.{name})}}") for part in (head, tail))
    row = filled_in(row, lambda name: f"${{e(row.{columns.get(name, name)})}}")
    return ('"use strict";\n'
            'const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", \'"\': "&quot;", '
            '"\'": "&#39;" };\n'
            'const special = /[&<>"\']/;\n'
            'const e = (value) => {\n  const text = String(value);\n'
            '  return special.test(text) ? text.replace(/[&<>"\']/g, (c) => entities[c]) : text;\n'
            '};\n'
            f"module.exports = (frame, patients) => `{head}${{patients.map((row) => `{row}`)"
            f'.join("")}}{tail}`;\n')


def go_page(head, row, tail):
    fields = {"id": "ID", "mrn": "MRN", "csrf": "CSRF"}

    def slot(name):
        return "{{." + fields.get(name, name.title()) + "}}"
    head, row, tail = (filled_in(part, slot) for part in (head, row, tail))
    return f"{head}{{{{range .Patients}}}}{row}{{{{end}}}}{tail}"


def copy_database(source, folder, token, organisation="Bench 0"):
    """A copy with a table of sessions, in it the one of this token."""
    copy = folder / "peers.db"
    shutil.copyfile(source, copy)
    with contextlib.closing(sqlite3.connect(copy)) as db:
        db.execute("CREATE TABLE bench_sessions (id text PRIMARY KEY, tenant_id bigint NOT NULL, "
                   "user_id blob NOT NULL, expires_at bigint NOT NULL) WITHOUT ROWID")
        db.execute("INSERT INTO bench_sessions SELECT ?, u.tenant_id, u.id, ? FROM users u "
                   "JOIN tenants t USING (tenant_id) WHERE t.name = ?",
                   (hashlib.sha256(token.encode()).hexdigest(), int(time.time()) + 86400,
                    organisation))
        db.commit()
    return copy


class Php(Httpd):
    """mod_php under prefork, as Debian has it, with its opcode cache."""

    def __init__(self, environment):
        self.environment = environment
        super().__init__(False)
        folder = self.state / "php"
        folder.mkdir()
        shutil.copy(HERE / "php/patients.php", folder)
        subprocess.run(["chmod", "-R", "a+rX", folder], check=True)

    def write_config(self, directives):
        modules = apxs("LIBEXECDIR")
        built_in = subprocess.check_output([self.binary, "-l"], text=True)
        loads = [f'LoadModule {m}_module "{modules}/mod_{m}.so"'
                 for m in ["mpm_prefork", "unixd", "authz_core", "alias", "mime"]
                 if f"mod_{m}.c" not in built_in]
        library = max(pathlib.Path(modules).glob("libphp*.so"))
        loads.append(f'LoadModule php_module "{library}"')
        (self.state / "httpd.conf").write_text(PREFORK.format(
            modules=modules, state=self.state, port=self.port, loads="\n".join(loads),
            user=f"User {USER}\nGroup {USER}" if USER else ""))

    def start(self):
        kept = os.environ.copy()
        os.environ.update(self.environment)
        try:
            return super().start()
        finally:
            os.environ.clear()
            os.environ.update(kept)


class Program:
    """A server that is a program of its own."""

    def __init__(self, command, environment, folder=None):
        self.reserved = Port()
        self.port = self.reserved.number
        self.process = subprocess.Popen(
            command, cwd=folder, start_new_session=True,
            env=os.environ | environment | {"BENCH_PORT": str(self.port)},
            preexec_fn=lambda: os.sched_setaffinity(0, SERVER_CORES))

    def processes(self):
        out = subprocess.run(["pgrep", "-g", str(self.process.pid)], text=True, capture_output=True)
        return [int(pid) for pid in out.stdout.split()]

    cpu_seconds = Httpd.cpu_seconds

    def children(self):
        return self.processes()

    def close(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(30)
        self.reserved.close()


def build_node():
    """better-sqlite3 as npm installs it, once below build/."""
    folder = BUILT / "node"
    folder.mkdir(parents=True, exist_ok=True)
    lock = (HERE / "node/package-lock.json").read_bytes()
    stamp = folder / "installed"
    for name in ("package.json", "package-lock.json", "server.js"):
        shutil.copy(HERE / "node" / name, folder)
    if not stamp.exists() or stamp.read_bytes() != lock:
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=True)
        stamp.write_bytes(lock)
    return folder


def build_go():
    """With Debian's packages of Go libraries, which lie in one GOPATH."""
    BUILT.mkdir(parents=True, exist_ok=True)
    binary = BUILT / "go-server"
    subprocess.run(["go", "build", "-o", binary, HERE / "go/main.go"], check=True,
                   env=os.environ | {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode",
                                     "GOCACHE": str(BUILT / "go-cache")})
    return binary


def answers(client, path, size):
    try:
        answer = client.get(path)
    except OSError:
        return False
    assert answer.status == 200, (answer.status, answer.text[:500])
    assert len(answer.body) == size, (len(answer.body), size)
    return True


@contextlib.contextmanager
def running(server, client):
    """@return name to server of every peer, each on a copy of this server's database"""
    subprocess.run([TOP / "mod_medsynq/tools/packages", "peers"], check=True)
    node, go = build_node(), build_go()
    page = client.get("/patients")
    parts = page_parts(page.text)
    pages = server.state / "peer-pages"
    pages.mkdir()
    made = {"php": ("page.php", php_page), "node": ("page.js", node_page),
            "go": ("page.html", go_page)}
    server.stop()  # what is in its write-ahead log goes into the file
    database = copy_database(server.state / "medsynq.db", server.state, client.cookies["medsynq"])
    data.own_by_server(server.state, "peers.db*")
    server.start()
    environments = {}
    for name, (file, make) in made.items():
        (pages / file).write_text(make(*parts))
        environments[name] = {"BENCH_PAGE": str(pages / file), "BENCH_DATABASE": str(database),
                              "BENCH_SECRET": "a secret of the installation"}
    subprocess.run(["chmod", "-R", "a+rX", pages], check=True)
    with contextlib.ExitStack() as stack:
        peers = {"php": stack.enter_context(Php(environments["php"]))}
        for name, command, folder in (("node", ["node", "server.js"], node), ("go", [go], None)):
            peers[name] = Program(command, environments[name], folder)
            stack.callback(peers[name].close)
        for name, peer in peers.items():
            asking = Client(peer.port)
            asking.cookies = dict(client.cookies)
            until(lambda: answers(asking, "/patients", len(page.body)), NAMES[name], 60)
        yield peers
