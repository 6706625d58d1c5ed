"""The servers that the benchmarks measure: the same httpd with the same settings, once with files
and once with MedSynQ and a filled database."""
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "tests"))

import wrk  # noqa: E402
from harness import PASSWORD, Client, Port, until  # noqa: E402

MODULE = TOP / "build/plain/mod_medsynq.so"
USER = "www-data" if os.getuid() == 0 else None

# Every module that both servers load, and nothing more: MedSynQ is the only difference.
CONFIG = """
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
StartServers {children}
ServerLimit {children}
ThreadsPerChild 64
MaxRequestWorkers {workers}
MinSpareThreads {workers}
MaxSpareThreads {workers}
AsyncRequestWorkerFactor 32
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 60
DocumentRoot "{state}/files"
<Directory />
    Require all denied
    AllowOverride None
</Directory>
<Directory "{state}/files">
    Require all granted
    Options None
</Directory>
TraceEnable Off
"""

MEDSYNQ = """
LoadModule medsynq_module "{module}"
Define MEDSYNQ_MODULES "{modules}"
Define MEDSYNQ_STATE "{state}"
Define MEDSYNQ_SHARE "{state}/share"
Include "{top}/conf/medsynq.conf"
MedSynQ On
MedSynQRegistration open
MedSynQRegistrationThrottle off
MedSynQPasswordCost 4
"""

VIEWS_OFF = VIEWS_SYNC = ""
if MODULE.exists() and b"MedSynQAuditViews" in MODULE.read_bytes():
    VIEWS_OFF = "MedSynQAuditViews off\n"
    VIEWS_SYNC = "MedSynQAuditViews sync\n"

SHARED_MODULES = ["unixd", "log_config", "authz_core", "authz_host", "alias", "headers", "mime",
                  "reqtimeout"]


def apxs(name):
    return subprocess.check_output(["apxs", "-q", name], text=True).strip()


class Httpd:
    """One private httpd. medsynq=False: files only."""

    def __init__(self, medsynq=True, directives="", state=None, children=2, command=()):
        self.own_state = state is None
        self.state = pathlib.Path(state or tempfile.mkdtemp(prefix="medsynq-bench-"))
        self.state.chmod(0o755)
        self.reserved = Port()
        self.port = self.reserved.number
        self.command = list(command)
        self.medsynq = medsynq
        self.child_count = children
        self.binary = self.program()
        self.write_config(directives)
        (self.state / "files").mkdir(exist_ok=True)
        share = self.state / "share"
        shutil.rmtree(share, ignore_errors=True)
        for folder in ("templates", "htdocs"):
            shutil.copytree(TOP / folder, share / folder)
        subprocess.run(["chmod", "-R", "a+rX", str(share)], check=True)
        if USER:
            owner = pwd.getpwnam(USER)
            for path in [self.state, *self.state.glob("medsynq.db*")]:
                os.chown(path, owner.pw_uid, owner.pw_gid)
        self.process = None

    @staticmethod
    def program():
        return f"{apxs('SBINDIR')}/{apxs('PROGNAME')}"

    def write_config(self, directives):
        modules = apxs("LIBEXECDIR")
        built_in = subprocess.check_output([self.binary, "-l"], text=True)
        loads = [f'LoadModule {m}_module "{modules}/mod_{m}.so"'
                 for m in ["mpm_event", *SHARED_MODULES] if f"mod_{m}.c" not in built_in]
        names = {"modules": modules, "state": self.state, "port": self.port, "top": TOP,
                 "module": MODULE, "loads": "\n".join(loads), "children": self.child_count,
                 "workers": 64 * self.child_count,
                 "user": f"User {USER}\nGroup {USER}" if USER else ""}
        text = CONFIG + (MEDSYNQ if self.medsynq else "") + directives
        (self.state / "httpd.conf").write_text(text.format(**names))

    def configure(self, directives):
        """Stop, add other directives, start."""
        self.stop()
        self.write_config(directives)
        self.start()

    def start(self):
        begun = time.monotonic()
        arguments = [self.binary, "-f", str(self.state / "httpd.conf"),
                     "-X" if self.command else "-DFOREGROUND"]
        self.process = subprocess.Popen([*self.command, *arguments], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        preexec_fn=self.keep_to_cores,
                                        start_new_session=True)  # prefork ends its whole group
        until(self.answers, f"httpd at {self.state}", 120)
        self.start_seconds = time.monotonic() - begun
        return self

    def keep_to_cores(self):
        if not self.command:
            os.sched_setaffinity(0, wrk.SERVER_CORES)

    def answers(self):
        if self.process.poll() is not None:
            log = self.state / "error.log"
            raise RuntimeError(self.process.stderr.read().decode()
                               + (log.read_text()[-2000:] if log.exists() else ""))
        try:
            Client(self.port).get("/none")
            return True
        except OSError:
            return False

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)
        self.process = None

    def close(self):
        self.stop()
        self.reserved.close()
        if self.own_state:
            shutil.rmtree(self.state, ignore_errors=True)

    def children(self):
        """The processes that answer; under valgrind the one process itself."""
        if self.command:
            return [self.process.pid]
        out = subprocess.run(["pgrep", "-P", str(self.process.pid)], text=True,
                             capture_output=True).stdout
        return [int(pid) for pid in out.split()
                if pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().startswith(
                    self.binary.encode())]

    def cpu_seconds(self):
        """User and system time of all children so far."""
        ticks = 0
        for pid in self.children():
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory_kib(self):
        """Of an average child: its proportional share where the kernel tells it."""
        total = 0
        children = self.children()
        for pid in children:
            for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
        return total // max(1, len(children))

    def client(self):
        return Client(self.port)

    def signed_in(self, organisation, email, password=PASSWORD):
        client = self.client()
        answer = client.log_in(organisation, email, password)
        assert answer.status == 303, answer.text
        return client

    def file(self, name, size):
        """A file of so many bytes that look like text. @return its path in URLs"""
        path = self.state / "files" / name
        path.write_bytes((b"<p>Synchronise care across organisations</p>\n" * (size // 40 + 1))[:size])
        path.chmod(0o644)
        return "/" + name

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()
