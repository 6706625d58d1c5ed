"""An httpd as Debian sets it up, with other sites, where `make install` has put MedSynQ."""
import fcntl
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import tempfile

from harness import CRASHES, FLAVOUR, TOP, Client, Port, end, sanitizer_environment, until

MODULES = subprocess.check_output(["apxs", "-q", "LIBEXECDIR"], text=True).strip()
HTTPD = "/".join(subprocess.check_output(["apxs", "-q", name], text=True).strip()
                 for name in ("SBINDIR", "PROGNAME"))
SHARED = ("mpm_event", "authz_core", "authz_host", "alias", "cgid", "deflate", "dir", "env", "filter",
          "mime", "reqtimeout", "setenvif", "status")

# /etc/apache2/apache2.conf and what a2enmod turned on, as far as it shows
DEBIAN = """
ServerRoot "{root}"
DefaultRuntimeDir "{root}"
PidFile "{root}/httpd.pid"
ServerName localhost
Listen 127.0.0.1:{port}
{modules}
TypesConfig /etc/mime.types
{user}
KeepAliveTimeout 5
ScriptSock "{root}/cgisock"
RequestReadTimeout header=20-40,minrate=500
AddOutputFilterByType DEFLATE text/html text/plain text/css
ErrorLog "{root}/error.log"
LogLevel warn
LogFormat "%v:%p %h %l %u %t \\"%r\\" %>s %O \\"%{{Referer}}i\\" \\"%{{User-Agent}}i\\"" vhost_combined
LogFormat "%h %l %u %t \\"%r\\" %>s %O \\"%{{Referer}}i\\" \\"%{{User-Agent}}i\\"" combined
ExtendedStatus On
<Directory />
    AllowOverride None
    Require all denied
</Directory>
<Directory "{root}/sites">
    Require all granted
</Directory>
{installed}
<VirtualHost *:{port}>
    ServerName static.example
    DocumentRoot "{root}/sites/static"
    CustomLog "{root}/access.log" combined
    <Location "/server-status">
        SetHandler server-status
    </Location>
</VirtualHost>
<VirtualHost *:{port}>
    ServerName cgi.example
    DocumentRoot "{root}/sites/cgi"
    ScriptAlias "/" "{root}/sites/cgi/answer/"
    CustomLog "{root}/access.log" combined
</VirtualHost>
<VirtualHost *:{port}>
    ServerName clinic.example
    DocumentRoot "{root}/sites/clinic"
    CustomLog "{root}/access.log" combined
    CustomLog "{root}/vhosts.log" vhost_combined
    {clinic}
</VirtualHost>
{more}
"""

CGI = """#!/bin/sh
printf 'Content-Type: text/plain\\n\\n%s %s %s\\n' "$REQUEST_METHOD" "$PATH_INFO" "$QUERY_STRING"
"""


def install(folder):
    """make install; @return its mods-available, with the module where it is"""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    with open(TOP / "build/install.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two test processes would write the same files
        subprocess.run(["make", "-s", "-C", TOP, "install", f"DESTDIR={folder}",
                        *(["SANITIZE=1"] if FLAVOUR == "sanitize" else [])],
                       check=True, capture_output=True, timeout=600, env=environment)
    return folder / "etc/apache2/mods-available"


class Neighbours:
    """installed: whether a2enmod was run; clinic: what its virtual host says."""

    def __init__(self, clinic="MedSynQ On", installed=True, more="", destination=None):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="medsynq-beside-"))
        self.root.chmod(0o755)
        self.reserved = Port()
        self.port = self.reserved.number
        self.process = None
        self.state = self.root / "medsynq"
        self.state.mkdir(mode=0o750)
        if os.getuid() == 0:
            os.chown(self.state, *pwd.getpwnam("www-data")[2:4])
        self.destination = destination
        self.clinic, self.installed, self.more = clinic, installed, more
        self.lay_out_sites()
        self.write()

    @property
    def database(self):
        return self.state / "medsynq.db"

    def lay_out_sites(self):
        static = self.root / "sites/static"
        for folder in (static / "public", self.root / "sites/cgi", self.root / "sites/clinic"):
            folder.mkdir(parents=True)
        (static / "index.html").write_text("<h1>A bakery</h1>")
        (static / "login").write_text("the bakery's own page")
        (static / "public/styles.css").write_text("h1 { color: brown }" * 100)
        script = self.root / "sites/cgi/answer"
        script.write_text(CGI)
        script.chmod(0o755)

    def write(self):
        installed = ""
        if self.installed:
            available = self.destination / "etc/apache2/mods-available"
            load = (available / "medsynq.load").read_text()
            installed = (f'Define MEDSYNQ_STATE "{self.state}"\n'
                         f'Define MEDSYNQ_SHARE "{self.destination}/usr/local/share/medsynq"\n'
                         f'{load.replace(MODULES, f"{self.destination}{MODULES}")}\n'
                         f'Include "{available}/medsynq.conf"\n')
        loads = "\n".join(f'LoadModule {name}_module "{MODULES}/mod_{name}.so"' for name in SHARED
                          if pathlib.Path(f"{MODULES}/mod_{name}.so").exists())
        (self.root / "httpd.conf").write_text(DEBIAN.format(
            root=self.root, port=self.port, modules=loads, installed=installed,
            more=self.more.format(root=self.root, port=self.port),
            user="User www-data\nGroup www-data" if os.getuid() == 0 else "",
            clinic=self.clinic if self.installed else ""))

    def httpd(self, *arguments):
        return [HTTPD, "-f", str(self.root / "httpd.conf"), *arguments]

    def program(self):
        """How a script calls it, as apachectl does."""
        set_ = " ".join(f'{name}="{value}"' for name, value in sanitizer_environment().items())
        return f'env {set_} "{HTTPD}" -f "{self.root}/httpd.conf"'

    def configtest(self):
        return subprocess.run(self.httpd("-t"), capture_output=True, text=True, timeout=60,
                              env={**os.environ, **sanitizer_environment()})

    def start(self):
        self.process = subprocess.Popen(
            self.httpd("-DFOREGROUND"), stdin=subprocess.DEVNULL, start_new_session=True,
            env={**os.environ, **sanitizer_environment()},
            stdout=open(self.root / "said", "w"), stderr=subprocess.STDOUT)
        until(lambda: self.process.poll() is not None or self.is_up(), "httpd starts", 60)
        return self

    def is_up(self):
        try:
            return self.client("static.example").get("/").status == 200
        except OSError:
            return False

    def log(self):
        return (self.root / "error.log").read_text(errors="replace")

    def reload(self):
        before = self.log().count("resuming normal operations")
        os.kill(self.process.pid, signal.SIGUSR1)
        until(lambda: self.log().count("resuming normal operations") > before
              or self.process.poll() is not None, "the reload")

    def organisation(self, name="Clinic", email="ada@example.org"):
        """Found by the administrator; @return the path of its first person's invitation"""
        said = subprocess.run([TOP / "build" / FLAVOUR / "medsynqctl", "--database", self.database,
                               "org", "create", name, "--admin", "Ada", "--email", email],
                              capture_output=True, text=True, timeout=60, check=True).stdout
        return re.search(r"/invitations/\S+", said)[0]

    def client(self, host="clinic.example", **headers):
        return Client(self.port, Host=host, **headers)

    def stop(self):
        end(self.process, self.root / "httpd.pid", gently=True)

    def close(self):
        self.stop()
        self.reserved.close()
        log = self.log() if (self.root / "error.log").exists() else ""
        shutil.rmtree(self.root, ignore_errors=True)
        for crash in CRASHES:
            assert crash not in log, log[-4000:]
