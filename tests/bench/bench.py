"""make bench: MedSynQ beside the same httpd serving a file of the same size, and beside raw SQLite.

    bench.py [--rounds N] [--seconds S] [--patients N] [--tenants N] [--only PART,...] [--json FILE]

Parts: pages, writes, memory, growth, peers, instructions. Every figure of a ratio comes from the same run: A B A B, the
median of the rounds. Nothing is asserted: a machine's timing is no test."""
import argparse
import contextlib
import http.client
import itertools
import json
import os
import pathlib
import platform
import re
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse

import data
import instructions
import peers
import wrk
from rig import PASSWORD, TOP, VIEWS_OFF, VIEWS_SYNC, Httpd

CONNECTIONS = 32
WRITERS = 16


def median(rows, key):
    return statistics.median(row[key] for row in rows)


def summary(rows):
    return {key: median(rows, key) for key in ("rps", "p50", "p99", "cpu_us")} | {
        "errors": sum(row["errors"] for row in rows)}


def measured(server, path, seconds, connections=CONNECTIONS, **options):
    before = server.cpu_seconds()
    row = wrk.run(server.port, path, seconds, connections, **options)
    row["cpu_us"] = (server.cpu_seconds() - before) * 1e6 / max(1, row["requests"])
    return row


def search_script(prefixes=data.PREFIXES):
    """Prefixes are asked for in turn."""
    return ("local words = {" + ",".join(f'"{p}"' for p in prefixes) + "}\nlocal n = 0\n"
            'request = function()\n  n = n + 1\n'
            '  return wrk.format(nil, "/patients?q=" .. words[n % #words + 1])\nend\n')


# ---- pages ----

def measure_pages(options, table, say):
    with data.filled(options.tenants, options.patients) as server:
        for views, directives in (("off", VIEWS_OFF), ("sync", VIEWS_SYNC)):
            server.configure(directives)
            client = server.signed_in("Bench 0", data.EMAIL)
            with Httpd(False) as files:
                for name, path in data.pages(client).items():
                    if views == "sync" and name in data.SIGNED_OUT:
                        continue
                    pair(options, table, say, server, files, client, name, path, views)
        server.stop()
        raw = build_raw()
        table["raw-sqlite"] = {"reads_per_second": statistics.median(
            float(subprocess.check_output([raw, "read", server.state / "medsynq.db", "1"],
                                          preexec_fn=server.keep_to_cores))
            for _ in range(options.rounds))}
        say(f"raw SQLite, the statements of the patients page: "
            f"{table['raw-sqlite']['reads_per_second']:.0f}/s")


def pair(options, table, say, server, files, client, name, path, views):
    who = server.client() if name in data.SIGNED_OUT else client
    answer = who.get(path)
    assert answer.status == 200, (name, answer.status)
    file = files.file(f"{name}.html", len(answer.body))
    script = search_script() if name == "search" else None
    ours, theirs = [], []
    for _ in range(options.rounds):
        theirs.append(measured(files, file, options.seconds))
        ours.append(measured(server, path, options.seconds, cookies=who.cookies, script=script))
    row = {"bytes": len(answer.body), "medsynq": summary(ours), "file": summary(theirs),
           "ratio": statistics.median(a["rps"] / b["rps"] for a, b in zip(ours, theirs))}
    table[f"{name}, views {views}"] = row
    say(f"{name + ', views ' + views:<24}{row['bytes']:>7} B {row['medsynq']['rps']:>8.0f}/s "
        f"{row['file']['rps']:>8.0f}/s  x {row['ratio']:.2f}   p50 {row['medsynq']['p50']:.2f} "
        f"p99 {row['medsynq']['p99']:.2f} ms  {row['medsynq']['cpu_us']:.0f} us CPU "
        f"(file {row['file']['cpu_us']:.0f})"
        + (f"  {row['medsynq']['errors']} ERRORS" if row["medsynq"]["errors"] else ""))


# ---- writes ----

def build_raw():
    binary = TOP / "build/raw_sqlite"
    subprocess.run(["cc", "-std=c11", "-O2", "-D_GNU_SOURCE", TOP / "tests/bench/raw_sqlite.c",
                    "-lsqlite3", "-o", binary], check=True)
    return binary


def add_script(client):
    """People who resemble nobody: else the answer is the page that asks whether it is somebody."""
    token = urllib.parse.quote(client.token("/patients/new"), safe="")
    return ("math.randomseed(os.time() * 1000 + tonumber(tostring({}):sub(-6), 16))\n"
            "local function word()\n  local text = ''\n"
            "  for i = 1, 9 do text = text .. string.char(96 + math.random(26)) end\n"
            "  return text\nend\n"
            + wrk.post(f'"csrf_token={token}&date_of_birth=" .. string.format("%04d-%02d-%02d", '
                       '1929 + math.random(90), math.random(12), math.random(28)) '
                       '.. "&name=" .. word() .. "+" .. word()'))


def patients_stored(server):
    with contextlib.closing(sqlite3.connect(server.state / "medsynq.db")) as db:
        return sum(value for value, in db.execute("SELECT value FROM counters WHERE name = "
                                                  "'patients.active'"))


def adding(server, client, script, options, writers):
    """What counts is what was stored: a question about duplicates is an answer without a write."""
    before = patients_stored(server)
    row = measured(server, "/patients/new", options.seconds, writers, cookies=client.cookies,
                   script=script)
    stored = patients_stored(server) - before
    row["errors"] += max(0, row["requests"] - stored)
    row["rps"] *= min(1.0, stored / max(1, row["requests"]))
    return row


def measure_writes(options, table, say):
    with data.filled(options.tenants, options.patients) as server:
        server.configure(VIEWS_OFF)
        client = server.signed_in("Bench 0", data.EMAIL)
        raw = build_raw()
        script = add_script(client)
        adds, raws, single = [], [], []
        for _ in range(options.rounds):
            raws.append(float(subprocess.check_output(
                [raw, "write", server.state / "medsynq.db", str(options.seconds)],
                preexec_fn=server.keep_to_cores)))
            adds.append(adding(server, client, script, options, WRITERS))
            single.append(adding(server, client, script, options, 1))
        row = {"medsynq": summary(adds), "one_client": summary(single),
               "raw_per_second": statistics.median(raws),
               "ratio": statistics.median(a["rps"] / b for a, b in zip(adds, raws)),
               "p99_over_single_p50": median(adds, "p99") / median(single, "p50")}
        table["add patient"] = row
        say(f"add a patient, durable, {WRITERS} clients: {row['medsynq']['rps']:.0f}/s, raw SQLite "
            f"{row['raw_per_second']:.0f}/s, x {row['ratio']:.2f}; p50 {row['medsynq']['p50']:.1f} "
            f"p99 {row['medsynq']['p99']:.1f} ms = {row['p99_over_single_p50']:.1f} x the p50 "
            f"{row['one_client']['p50']:.2f} ms of one client, whose p99 is "
            f"{row['one_client']['p99']:.1f} ms; {row['medsynq']['errors']} errors")
        reads_beside_writes(options, table, say, server, client, script)
        log_ins(options, table, say, server)


def reads_beside_writes(options, table, say, server, client, script):
    alone, beside = [], []
    for _ in range(options.rounds):
        alone.append(measured(server, "/patients", options.seconds, 16, cookies=client.cookies))
        writer = threading.Thread(target=wrk.run, args=(server.port, "/patients/new",
                                                        options.seconds + 1, WRITERS),
                                  kwargs={"cookies": client.cookies, "script": script})
        writer.start()
        time.sleep(0.3)
        beside.append(measured(server, "/patients", options.seconds, 16, cookies=client.cookies))
        writer.join()
    row = {"alone": summary(alone), "beside": summary(beside),
           "p99_ratio": median(beside, "p99") / median(alone, "p99")}
    table["reads beside writes"] = row
    say(f"patients page alone: p99 {row['alone']['p99']:.2f} ms; beside {WRITERS} writers: "
        f"{row['beside']['p99']:.2f} ms, x {row['p99_ratio']:.1f}")


def log_in_script(client, organisation):
    token = urllib.parse.quote(client.token("/login"), safe="")
    return wrk.post(f'"csrf_token={token}&tenantName={urllib.parse.quote(organisation)}'
                    f'&email={data.EMAIL}&password={urllib.parse.quote(PASSWORD)}"')


def log_ins(options, table, say, server):
    """At the lowest cost of bcrypt: what is measured is all the rest of a log-in."""
    client = server.client()
    script = log_in_script(client, "Bench 1")
    row = summary([measured(server, "/login", options.seconds, 8, cookies=client.cookies,
                            script=script) for _ in range(options.rounds)])
    table["log in, bcrypt cost 4"] = row
    say(f"log in (bcrypt's cost 4): {row['rps']:.0f}/s, p99 {row['p99']:.1f} ms, "
        f"{row['errors']} errors")


# ---- memory ----

def idle_connections(port, count):
    sockets = []
    for _ in range(count):
        s = socket.create_connection(("127.0.0.1", port))
        s.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        s.recv(65536)
        sockets.append(s)
    return sockets


def idle_memory(server, count=1000):
    """KiB that a child grows by while so many connections wait for their next request."""
    before = server.memory_kib()
    sockets = idle_connections(server.port, count)
    grown = server.memory_kib() - before
    for s in sockets:
        s.close()
    return grown


def measure_memory(options, table, say):
    figures = {}

    def note(name, kib, file=None):
        figures[name] = {"medsynq": kib, "file": file}
        say(f"memory of a child, {name:<24}{kib:>9} KiB" + (
            f", of the static httpd's {file:>9} KiB" if file is not None else ""))

    with data.filled(options.tenants, options.patients, children=1) as server, \
            Httpd(False, children=1) as files:
        file = files.file("patients.html", 17886)
        server.configure("")
        note("at rest", server.memory_kib(), files.memory_kib())
        client = server.signed_in("Bench 0", data.EMAIL)
        for name in ("after load", "after load again"):
            measured(server, "/patients", options.seconds, CONNECTIONS, cookies=client.cookies)
            measured(files, file, options.seconds)
            note(name, server.memory_kib(), files.memory_kib())
        note("1,000 idle connections", idle_memory(server), idle_memory(files))
        guest = server.client()
        script = log_in_script(guest, "Bench 1")
        before, count = server.memory_kib(), 0
        while count < 10000:
            row = wrk.run(server.port, "/login", 5, 8, cookies=guest.cookies, script=script)
            count += row["requests"] - row["errors"]
            if row["errors"]:
                break
        note(f"{count} sessions", server.memory_kib() - before)
    table["memory of a child, KiB"] = figures


# ---- growth ----

# Organisations and patients; the third is the one whose list has 10,000 pages.
SIZES = ((10, 1000), (10, 100000), (2, 1000200), (1000, 100000), (10000, 100000))
GROWING = ("patients", "patient", "search", "deep")
IMPORTS = (1000, 100000)


def anonymous_kib(pid):
    """What a process keeps to itself: the mapped database does not count."""
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Anonymous:\s+(\d+)", text, re.M)[1])


class Memory:
    """The most that the children have grown by, of what they keep to themselves."""

    def __init__(self, server):
        self.server, self.most = server, 0
        self.before = self.now()

    def now(self):
        return sum(map(anonymous_kib, self.server.children()))

    def look(self):
        self.most = max(self.most, self.now() - self.before)


def export_memory(server, client):
    """Read the whole register as CSV. @return bytes, KiB that the children grew at most"""
    size, looked, memory = 0, 0, Memory(server)
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    connection.request("GET", "/patients/export.csv?all=1", headers={
        "Cookie": "; ".join(f"{k}={v}" for k, v in client.cookies.items())})
    response = connection.getresponse()
    assert response.status == 200, response.status
    while chunk := response.read(65536):
        size += len(chunk)
        if size - looked > 4 << 20 or not looked:
            looked = size
            memory.look()
    connection.close()
    return size, memory.most


def import_file(rows):
    lines = ["name,date of birth"]
    lines += [f"{a}{b} {c}{d}{i % 7},{1930 + i % 90}-{1 + i % 12:02}-{1 + i % 28:02}"
              for i, (a, b, c, d) in enumerate(itertools.islice(itertools.product(
                  data.FIRST, data.SYLLABLES, [s.title() for s in data.SYLLABLES], data.SYLLABLES),
                  rows))]
    return "\n".join(lines).encode()


def import_memory(server, client, rows):
    """As a person does it, page after page. @return seconds, KiB that the children grew at most"""
    memory, begun = Memory(server), time.monotonic()

    def to_rest(answer):
        while answer.status == 303 or "Refresh" in answer.headers:
            memory.look()
            answer = client.get(answer.location if answer.status == 303 else path)
        assert answer.status == 200, answer.text
        return answer.page.fields["csrf_token"], answer

    boundary = "----bench"
    head = "".join(f'--{boundary}\r\nContent-Disposition: form-data; name={name}\r\n\r\n{value}'
                   for name, value in (('"csrf_token"', client.token("/patients/import") + "\r\n"),
                                       ('"file"; filename="bench.csv"', "")))
    answer = client.request("POST", "/patients/import", head.encode() + import_file(rows)
                            + f"\r\n--{boundary}--\r\n".encode(),
                            {"Content-Type": f"multipart/form-data; boundary={boundary}"})
    path = answer.location
    token, page = to_rest(answer)
    columns = {name: re.search(r'value="(\d+)" selected', options)[1] for name, options in re.findall(
        r'<select id="(column_\d+)"[^>]*>(.*?)</select>', page.text, re.S)}
    token, _ = to_rest(client.post(f"{path}/columns", {"csrf_token": token, **columns}))
    to_rest(client.post(f"{path}/commit", {"csrf_token": token}))
    return time.monotonic() - begun, memory.most


def start_times(server, count):
    times = []
    for _ in range(count):
        server.stop()
        times.append(server.start().start_seconds)
    return statistics.median(times)


def measure_pages_of_sizes(options, servers, rows):
    """All sizes run at the same time and are asked in turns, so that noise meets each of them."""
    wanted, figures = [], []
    for server, row in zip(servers, rows):
        row["start_seconds"] = start_times(server, options.rounds)
        client = server.signed_in("Bench 0", data.EMAIL)
        deep, row["deep_page"] = data.deep(server)
        wanted.append((client, data.pages(client) | {"deep": deep}))
        figures.append({name: [] for name in GROWING})
    for _ in range(options.rounds):
        for server, (client, paths), figure in zip(servers, wanted, figures):
            for name, some in figure.items():
                some.append(measured(server, paths[name], 1, 8, cookies=client.cookies,
                                     script=search_script() if name == "search" else None))
    for row, figure in zip(rows, figures):
        row |= {name: summary(some) for name, some in figure.items()}
    return [client for client, _ in wanted]


def measure_growth(options, table, say):
    rows = [{"size": size} for size in SIZES]
    for row in rows:
        counted = instructions.measure(None, row["size"][1], row["size"][0], GROWING)
        row["instructions"] = {name: counted[name]["medsynq"] for name in GROWING}
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(data.filled(*size, directives=VIEWS_OFF)) for size in SIZES]
        clients = measure_pages_of_sizes(options, servers, rows)
        for server, client, row in zip(servers, clients, rows):
            row["memory_kib"] = server.memory_kib()
            row["anonymous_kib"] = max(map(anonymous_kib, server.children()))
            row["export_bytes"], row["export_kib"] = export_memory(server, client)
        for row in rows:
            table[f"growth, {row['size'][0]} tenants, {row['size'][1]} patients"] = row
            growth_say(row, rows[0], say)
        for count in IMPORTS:
            seconds, kib = import_memory(servers[0], clients[0], count)
            table[f"import of {count} rows"] = {"seconds": seconds, "kib": kib}
            say(f"import of {count} rows: {seconds:.1f} s, +{kib} KiB")


def growth_say(row, first, say):
    def beside(name, figure, of_first):
        return f"{name} {figure:.0f} ({figure / of_first:.2f} x)"

    say(f"{row['size'][0]:>6} tenants {row['size'][1]:>8} patients: start {row['start_seconds']:.2f} "
        "s; CPU us a page, and to the smallest: "
        + ", ".join(beside(name, row[name]["cpu_us"], first[name]["cpu_us"]) for name in GROWING)
        + f" (page {row['deep_page']}); instructions: "
        + ", ".join(beside(name, row["instructions"][name], first["instructions"][name])
                    for name in GROWING)
        + f"; export of {row['export_bytes'] / 1e6:.1f} MB +{row['export_kib']} KiB; child "
        f"{row['memory_kib']} KiB, {row['anonymous_kib']} of them its own")


# ---- peers ----

def measure_peers(options, table, say):
    with data.filled(options.tenants, options.patients, directives=VIEWS_OFF) as server:
        client = server.signed_in("Bench 0", data.EMAIL)
        asked = dict(client.cookies)  # what the peers' table of sessions knows
        with peers.running(server, client) as others, Httpd(False) as files:
            client = server.signed_in("Bench 0", data.EMAIL)
            rounds = {name: [] for name in ("file", "medsynq", *others)}
            file = files.file("patients.html", len(client.get("/patients").body))
            for _ in range(options.rounds):
                rounds["file"].append(measured(files, file, options.seconds))
                rounds["medsynq"].append(measured(server, "/patients", options.seconds,
                                                  cookies=client.cookies))
                for name, other in others.items():
                    rounds[name].append(measured(other, "/patients", options.seconds,
                                                 cookies=asked))
    ours = rounds["medsynq"]
    for name, rows in rounds.items():
        row = summary(rows) | {
            "to_file": statistics.median(a["rps"] / b["rps"] for a, b in zip(rows, rounds["file"])),
            "medsynq_to_it": statistics.median(a["rps"] / b["rps"] for a, b in zip(ours, rows)),
            "cpu_to_medsynq": statistics.median(b["cpu_us"] / a["cpu_us"]
                                                for a, b in zip(ours, rows))}
        table[f"peers, {name}"] = row
        say(f"patients page, {peers.NAMES.get(name, name):<24}{row['rps']:>8.0f}/s  p50 "
            f"{row['p50']:.2f} p99 {row['p99']:.2f} ms  {row['cpu_us']:.0f} us CPU  x "
            f"{row['to_file']:.2f} of the file; MedSynQ is x {row['medsynq_to_it']:.1f}, by "
            f"CPU time x {row['cpu_to_medsynq']:.1f}"
            + (f"  {row['errors']} ERRORS" if row["errors"] else ""))


# ---- instructions ----

def measure_instructions(options, table, say):
    table["instructions"] = instructions.measure()
    for name, row in table["instructions"].items():
        say(f"instructions of {name:<24}{row['medsynq']:>9}, of its file {row['file']:>9}")


PARTS = {"pages": measure_pages, "writes": measure_writes, "memory": measure_memory,
         "growth": measure_growth, "peers": measure_peers,
         "instructions": measure_instructions}


def machine():
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return {"cpu": model[1] if model else platform.processor(), "cores": os.cpu_count(),
            "kernel": platform.release(), "load": os.getloadavg()[0],
            "httpd": subprocess.check_output([Httpd.program(), "-v"], text=True).split("\n")[0],
            "date": time.strftime("%Y-%m-%d %H:%M", time.gmtime())}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--patients", type=int, default=100000)
    parser.add_argument("--tenants", type=int, default=200)
    parser.add_argument("--only", default="pages,writes,memory,growth,instructions")
    parser.add_argument("--json", default=str(TOP / "build/bench.json"))
    parser.add_argument("--peers", action="store_true", help="and the peers: PHP, Node, Go")
    options = parser.parse_args()
    if options.peers and "peers" not in options.only:
        options.only += ",peers"
    # the servers have sessions of their own: whoever ends this program ends them too
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    table = {"machine": machine(), "options": vars(options).copy()}

    def say(line):
        print(line, flush=True)

    say(json.dumps(table["machine"]))
    say(f"{'page':<24}{'size':>9} {'MedSynQ':>10} {'file':>10}")
    for part in options.only.split(","):
        PARTS[part](options, table, say)
    pathlib.Path(options.json).write_text(json.dumps(table, indent=1) + "\n")
    say(f"as JSON: {options.json}")


if __name__ == "__main__":
    main()
