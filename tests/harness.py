"""A real MedSynQ server on a free port, and a client as simple as a browser without JavaScript."""
import contextlib
import fcntl
import html.parser
import http.client
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
import urllib.parse

TOP = pathlib.Path(__file__).resolve().parent.parent
FLAVOUR = "sanitize" if os.environ.get("SANITIZE") else "plain"
MODULE = TOP / "build" / FLAVOUR / "mod_medsynq.so"
ENGINE = os.environ.get("ENGINE", "sqlite3")  # or pgsql: for the tests that look at no file of a database
PASSWORD = "a long enough sentence 7"
CRASHES = ("exit signal", "AddressSanitizer", "LeakSanitizer", "runtime error:", "corrupted")


def until(condition, what, seconds=60, told=lambda: ""):
    """Wait for condition() to be true; its value is the answer. told() is added to the failure's words."""
    end = time.monotonic() + seconds
    while True:
        late = time.monotonic() >= end  # before the look: a machine that stood still gets one after it
        value = condition()
        if value:
            return value
        assert not late, f"not within {seconds} s: {what}{told()}"
        time.sleep(0.02)


class Port:
    """A port that no other test process takes meanwhile: its lock is held until close()."""

    def __init__(self):
        while True:
            self.number = random.randrange(20000, 30000)  # below Linux's ephemeral ports
            self.lock = open(f"{tempfile.gettempdir()}/medsynq-port-{self.number}-{os.getuid()}", "w")
            try:
                fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                with socket.socket() as s:
                    s.bind(("127.0.0.1", self.number))
                return
            except OSError:
                self.lock.close()

    def close(self):
        os.unlink(self.lock.name)
        self.lock.close()


def sanitizer_environment():
    if FLAVOUR != "sanitize":
        return {}
    libraries = [subprocess.check_output(["gcc", f"-print-file-name={name}"], text=True).strip()
                 for name in ("libasan.so", "libubsan.so")]
    return {"LD_PRELOAD": " ".join(libraries),
            "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1:detect_odr_violation=0",
            "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1"}


def end(process, pid_file, gently):
    """As `apachectl graceful-stop` does, if it ends so, or by SIGTERM. At SIGTERM the event MPM closes its
    workers' sockets while they close them themselves: now and then one of its children crashes, in
    close_worker_sockets, with no frame of ours. Only who tests SIGTERM sends it at once."""
    if process and process.poll() is None:
        if gently and FLAVOUR != "sanitize":
            with contextlib.suppress(OSError, ValueError, subprocess.TimeoutExpired):
                os.kill(int(pid_file.read_text()), signal.SIGWINCH)
                process.wait(4)
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(60)
    return process.returncode if process else None


class Elsewhere(str):
    """A database that is no file: who asks for the file's folder, or its bytes, is another engine's test."""

    def __getattr__(self, name):
        import pytest
        pytest.skip(f"asks for the {name} of the file of a database, and there is none")


class Server:
    """httpd with the real conf/medsynq.conf, started as `make run` starts it."""

    def __init__(self, directives="", mpm="event", state=None, port=None, cost=4, engine=ENGINE,
                 postgresql=None):
        self.own_state = state is None
        self.state = pathlib.Path(state or tempfile.mkdtemp(prefix="medsynq-test-"))
        self.directives = f"MedSynQPasswordCost {cost}\nMedSynQLoginThrottle off\n{directives}"
        if engine == "pgsql" and not postgresql:
            from postgresql import database_of
            postgresql = database_of(self.state)
        self.postgresql, self.name = postgresql or (None, None)
        if self.postgresql:
            self.directives += (f'\nMedSynQDatabase pgsql "{self.postgresql.parameters(self.name)}"\n'
                                f'MedSynQFolder "{self.state}/data"\n')
        self.mpm = mpm
        self.module = MODULE
        self.reserved = None if port else Port()
        self.port = port or self.reserved.number
        self.process = None

    @property
    def url(self):
        return f"http://localhost:{self.port}"

    @property
    def database(self):
        """What medsynqctl --database is given."""
        if self.postgresql:
            return Elsewhere(f"pgsql:{self.postgresql.parameters(self.name, 'medsynq_admin')}")
        return self.state / "data/medsynq.db"

    def rows(self, sql, *values):
        """What a SELECT finds, past both walls and whichever engine has the records."""
        if self.postgresql:
            return self.postgresql.rows(self.name, sql, values)
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as db:
            return db.execute(sql, values).fetchall()

    def change(self, sql, *values):
        """The same for what changes rows."""
        if self.postgresql:
            self.postgresql.change(self.name, sql, values)
            return
        with contextlib.closing(sqlite3.connect(self.database)) as db, db:
            db.execute(sql, values)

    def tables(self):
        """Those that have organisations' rows."""
        return [name for name, in self.rows(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relkind = 'r' AND "
            "c.relnamespace = 'public'::regnamespace AND a.attname = 'tenant_id'" if self.postgresql else
            "SELECT m.name FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'tenant_id'")]

    def contents(self, without=()):
        """All that is stored, once nothing is left to be compared with the register; but for what grows by reading
        (the audit trail, the recent ones), when which job is looked at next, and the tables without."""
        def columns(table):
            return ", ".join(row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[1] != "jobs_due_at")
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as db:
            until(lambda: not db.execute("SELECT 1 FROM patients_due").fetchone(), "all are compared", 60)
            tables = [name for name, in db.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'audit%'")]
            return {name: sorted(map(repr, db.execute(f"SELECT {columns(name)} FROM {name}")))
                    for name in tables if name not in {"recent_patients", "jobs", *without}}

    def start(self):
        extra = self.state / "extra.conf"
        self.state.mkdir(exist_ok=True)
        extra.write_text(self.directives)
        environment = dict(os.environ, MODULE=str(self.module), PORT=str(self.port),
                           STATE=str(self.state), CONF=str(extra), MPM=self.mpm,
                           **{f"SERVE_{k}": v for k, v in sanitizer_environment().items()})
        self.output = tempfile.TemporaryFile("w+")
        # a run in the background hands on ignored signals, which no shell can undo
        self.process = subprocess.Popen(["env", "--default-signal=INT,HUP",
                                         TOP / "mod_medsynq/tools/serve"], env=environment,
                                        stdout=self.output, stderr=subprocess.STDOUT,
                                        stdin=subprocess.DEVNULL, cwd="/")
        until(lambda: self.process.poll() is not None or "MedSynQ is at" in self.said(),
              "the server starts", 180, self.standing)
        return self

    def standing(self):
        """Where a server stands that does not answer: what it said, and what each of its processes waits for."""
        processes = subprocess.run(["ps", "-eo", "pid,ppid,stat,wchan:24,etimes,args"], capture_output=True, text=True,
                                   check=True).stdout.splitlines()
        return "\n".join(["", self.said(), self.log()[-2000:],
                          *(line for line in processes if str(self.state) in line or "/serve" in line)])

    def said(self):
        """What the terminal shows."""
        self.output.seek(0)
        return self.output.read()

    def log(self):
        path = self.state / "error.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def access_log(self):
        path = self.state / "access.log"
        return path.read_text(errors="replace") if path.exists() else ""

    @property
    def pid(self):
        return int((self.state / "httpd.pid").read_text())

    def reload(self, how=signal.SIGUSR1):
        """graceful (SIGUSR1) or restart (SIGHUP), and wait until it is through."""
        before = self.log().count("resuming normal operations")
        os.kill(self.pid, how)
        until(lambda: self.log().count("resuming normal operations") > before
              or self.process.poll() is not None, "the reload")

    def stop(self, gently=True):
        return end(self.process, self.state / "httpd.pid", gently)

    def close(self):
        self.stop()
        if self.reserved:
            self.reserved.close()
        log = self.log()
        if self.own_state:
            shutil.rmtree(self.state, ignore_errors=True)
        for crash in CRASHES:
            assert crash not in log, log[-4000:]

    def client(self, **headers):
        return Client(self.port, **headers)

    def organisation(self, name=None, email="admin@example.org", client=None):
        """A fresh organisation and a client signed in as its administrator."""
        client = client or self.client()
        name = name or f"Clinic {os.urandom(6).hex()}"
        answer = client.submit("/register-tenant", tenantName=name, adminName="Ada Admin",
                               adminEmail=email, adminPassword=PASSWORD)
        assert answer.status == 303, (answer.status, answer.text)
        client.organisation = name
        client.email = email
        return client

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()


class Page(html.parser.HTMLParser):
    """What a test asks of a page: its forms' fields, links, headings and text."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.fields, self.links, self.words, self.forms = {}, [], [], []
        self.textarea = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "a" and "href" in attrs:
            self.links.append(attrs["href"])
        if tag == "form":
            self.forms.append(attrs)
        if tag == "input" and attrs.get("name"):
            if attrs.get("type") in ("checkbox", "radio") and "checked" not in attrs:
                return
            self.fields[attrs["name"]] = attrs.get("value") or ""
        if tag == "textarea" and attrs.get("name"):
            self.textarea = attrs["name"]
            self.fields[self.textarea] = ""

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.textarea = None

    def handle_data(self, data):
        if self.textarea:
            self.fields[self.textarea] += data.removeprefix("\n")
        else:
            self.words.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.words))


class Answer:
    def __init__(self, response, body):
        self.status = response.status
        self.headers = response.headers
        self.body = body
        self.text = body.decode("utf-8", "replace")

    @property
    def page(self):
        return Page(self.text)

    @property
    def location(self):
        return self.headers["Location"]


class Client:
    """Cookies, forms, nothing else. Redirects are answers like others."""

    def __init__(self, port, **headers):
        self.port = port
        self.cookies = {}
        self.headers = {k.replace("_", "-"): v for k, v in headers.items()}
        self.connection = None
        self.password = PASSWORD  # of whoever is signed in
        self.source = None  # another address of this machine to come from: 127.0.0.2

    def request(self, method, path, body=None, headers=None):
        send = {"Host": f"localhost:{self.port}", **self.headers, **(headers or {})}
        if self.cookies and "Cookie" not in send:
            send["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        for attempt in (1, 2):
            try:
                if self.connection is None:
                    self.connection = http.client.HTTPConnection(
                        "127.0.0.1", self.port, timeout=60,
                        source_address=(self.source, 0) if self.source else None)
                self.connection.request(method, path, body, send)
                response = self.connection.getresponse()
                break
            except (http.client.RemoteDisconnected, ConnectionError, http.client.CannotSendRequest):
                self.connection.close()
                self.connection = None
                if attempt == 2:
                    raise
        answer = Answer(response, response.read())
        for line in response.headers.get_all("Set-Cookie") or []:
            name, _, value = line.split(";")[0].partition("=")
            if value:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        return answer

    def get(self, path, **headers):
        return self.request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})

    def post(self, path, fields, **headers):
        """POST as a form; fields is a dict or a list of pairs."""
        body = urllib.parse.urlencode(fields, doseq=True)
        return self.request("POST", path, body, {
            "Content-Type": "application/x-www-form-urlencoded",
            **{k.replace("_", "-"): v for k, v in headers.items()}})

    def token(self, path="/login"):
        return self.get(path).page.fields["csrf_token"]

    def submit(self, path, page=None, **fields):
        """Fetch the form at page (or path), fill it in, send it to path."""
        form = self.get(page or path)
        kept = {k: v for k, v in form.page.fields.items() if k in ("csrf_token", "version", "next")}
        return self.post(path, {**kept, **fields})

    def log_in(self, organisation, email="admin@example.org", password=PASSWORD):
        return self.submit("/login", tenantName=organisation, email=email, password=password)

    def log_out(self):
        return self.post("/logout", {"csrf_token": self.token("/logout")})

    def add_patient(self, name, **fields):
        """@return the new record's path; a warning that the person may be registered is passed over"""
        answer = self.submit("/patients/new", name=name, **fields)
        for _ in range(20):  # others may add further ones meanwhile
            if answer.status == 200 and "duplicates_seen" in answer.page.fields:
                answer = self.post("/patients/new", answer.page.fields)
        assert answer.status == 303, (answer.status, answer.text)
        return answer.location


def raw(port, data, seconds=10):
    """Send bytes as they are and read until the server closes or falls silent."""
    with socket.create_connection(("127.0.0.1", port), seconds) as s:
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        chunks = []
        while True:
            try:
                chunk = s.recv(65536)
            except TimeoutError:
                break
            if not chunk:
                break
            chunks.append(chunk)
    return b"".join(chunks)
