"""More machines than one: httpd servers on one database, a primary with its synchronous standbys, and kill -9 of
each of them."""
import contextlib
import os
import pathlib
import shutil
import signal
import tempfile

from harness import Server, until
from postgresql import Postgresql

SHARED = "MedSynQSessionCache database\nMedSynQLoginThrottle 4 1000"


def family(pid):
    """A process, and those that it began."""
    begun = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{entry}/stat") as stat:
            begun.setdefault(int(stat.read().rpartition(")")[2].split()[1]), []).append(int(entry))
    found = [pid]
    for one in found:
        found.extend(begun.get(one, []))
    return found


def kill(pid):
    """kill -9 of a process with all that it began."""
    for one in family(pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)


class Replicas:
    """PostgreSQL servers: what the primary has acknowledged a standby has on its disk, too."""

    def __init__(self, standbys=1):
        self.nodes = [Postgresql() for _ in range(standbys + 1)]
        self.primary, *self.standbys = self.nodes
        try:
            self.primary.start().made("medsynq")
            for node in self.standbys:
                self.copy(node)
            self.wait_for_each()
        except BaseException:
            self.stop()
            raise

    def copy(self, node):
        """A standby anew."""
        shutil.rmtree(f"{node.folder}/data", ignore_errors=True)
        self.primary.run(f"{node.binaries}/pg_basebackup", "-h", self.primary.folder, "-p", str(self.primary.port.number),
                         "-U", "postgres", "-D", f"{node.folder}/data", "-R", "-X", "stream", "-c", "fast", check=True)
        node.again()

    def wait_for_each(self):
        """From here on a COMMIT waits until a standby has it."""
        self.primary.done("ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (*)'")
        self.primary.done("SELECT pg_reload_conf()")
        until(lambda: self.primary.done("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'quorum'") ==
              [str(len(self.standbys))], "the standbys are synchronous", 30)

    def parameters(self, database, role="medsynq_serve"):
        return f"host={','.join('127.0.0.1' for _ in self.nodes)} " \
               f"port={','.join(str(node.port.number) for node in self.nodes)} " \
               f"dbname={database} user={role} target_session_attrs=read-write"

    def done(self, sql, database="postgres", role="postgres"):
        return self.primary.done(sql, database, role)

    def ctl(self, database, *arguments):
        return self.primary.ctl(database, *arguments)

    @staticmethod
    def postmaster(node):
        with open(f"{node.folder}/data/postmaster.pid") as file:
            return int(file.readline())

    def kill(self, node):
        kill(self.postmaster(node))
        # where nobody buries the dead, its number would seem to be in use
        os.unlink(f"{node.folder}/data/postmaster.pid")

    def promote(self):
        """The standby that has received most takes the primary's place, and others follow it. As the last one it
        waits for nobody."""
        former = self.primary
        self.primary = max(self.standbys, key=lambda node: int(node.done(
            "SELECT pg_wal_lsn_diff(pg_last_wal_receive_lsn(), '0/0')::bigint")[0]))
        self.standbys.remove(self.primary)
        if not self.standbys:
            self.primary.done("ALTER SYSTEM RESET synchronous_standby_names")
            self.primary.done("SELECT pg_reload_conf()")
        self.primary.run(f"{self.primary.binaries}/pg_ctl", "-D", f"{self.primary.folder}/data", "-w", "promote", check=True)
        for node in self.standbys:
            node.done(f"ALTER SYSTEM SET primary_conninfo = 'host={self.primary.folder} port={self.primary.port.number} "
                      "user=postgres'")
            node.done("SELECT pg_reload_conf()")
        return former

    def rejoin(self, node):
        """Whoever was the primary comes back as a standby."""
        self.copy(node)
        self.standbys.append(node)
        self.wait_for_each()

    def stop(self):
        for node in self.nodes:
            node.stop()


class Two:
    """httpd servers a and b. A client of one comes to the other with the same cookies."""

    def __init__(self, postgresql, directives=SHARED):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="medsynq-second-"))
        self.folder.chmod(0o755)
        state = self.folder / "state"
        state.mkdir()
        self.a = Server(directives, postgresql=postgresql).start()
        (state / "secret").write_bytes((self.a.state / "secret").read_bytes())
        (state / "secret").chmod(0o600)
        self.b = Server(directives, postgresql=postgresql, state=state).start()

    def sql(self, text):
        return self.a.postgresql.done(text, self.a.name)

    def over(self, client):
        """The same browser, at the other server."""
        other = (self.b if client.port == self.a.port else self.a).client()
        other.cookies = client.cookies
        other.password = client.password
        return other

    def close(self):
        self.b.close()
        self.a.close()
        shutil.rmtree(self.folder, ignore_errors=True)
