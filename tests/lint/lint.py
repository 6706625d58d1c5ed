#!/usr/bin/python3
"""Rules of the house that a compiler does not know: layers, calls, scopes, headers, paths, names,
message numbers, format, and the subjects of commits."""
import collections
import pathlib
import re
import subprocess
import sys

import columns
import words

TOP = pathlib.Path(__file__).resolve().parents[2]
LAYERS = ["base", "store", "domain", "web", "glue"]
MINTERS = {"store/db.c", "store/loan.c", "store/owner.c", "store/scope.c", "domain/access/scope_minting.c",
           "domain/access/sessions.c", "domain/access/session_rows.c", "domain/access/throttle_rows.c",
           "domain/access/page_mark.c",
           "domain/access/standing.c", "domain/access/links.c", "domain/jobs/job_worker.c",
           "domain/trail/installation_events.c", "domain/access/fingerprints.c",
           "domain/sharing/sides.c", "domain/sharing/guests.c"}  # who may look inside a scope, besides ctl and tests
# Who may begin and end a transaction of an organisation, besides the store: the bracket of every
# change; the trail's own writer, whose events of many people share one commit; and sessions, of which
# log-in and log-out are events and not the rows.
BRACKETS = {"domain/change.c", "domain/trail/disclosures.c", "domain/access/session_rows.c"}
TRANSACTION = re.compile(r"\bmq_db_(begin|begin_long|commit|rollback)\s*\(")
FORBIDDEN = re.compile(r"\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|alloca|malloc|calloc|realloc|"
                       r"free|atoi|system|popen)\s*\(")
HTTPD = re.compile(r'#include\s*[<"](httpd|http_|ap_|util_|mod_|scoreboard|mpm_|unixd)')
# A file and its header are one module. These are modules in more files, or tables that list everybody
# and stand above all: their header is what everybody uses.
ONE_MODULE = {"base/template_ops": "base/template", "base/template_compile": "base/template",
              "store/scope_mint": "store/scope"}
TABLES = {"web/route_tables.c", "glue/module.c"}
MESSAGE = re.compile(r"MSQ\d{4}")
MANY_PLACES = {"MSQ0030": "whatever has no number of its own"}
SUBJECT_COLUMNS = 72
SUBJECTS_SINCE = "2026-11-28T10:10:00Z"  # older ones are history
faults = []


def fault(path, line, sentence):
    faults.append(f"{path.relative_to(TOP)}:{line}: {sentence}")


def without_comments(text):
    return re.sub(r"/\*.*?\*/|\"(\\.|[^\"\\])*\"", lambda m: re.sub(r"[^\n]", " ", m.group()), text,
                  flags=re.S)


def check_source(path):
    module = path.relative_to(TOP / "mod_medsynq").as_posix()
    layer = module.split("/")[0]
    text = path.read_text()
    if not text.startswith(f"/* {path.name} -- "):
        fault(path, 1, f"begins with '/* {path.name} -- ' and what lives here")
    for number, line in enumerate(text.splitlines(), 1):
        included = re.match(r'#include\s*"(\w+)/', line)
        if included and layer in LAYERS and included[1] in LAYERS and \
                LAYERS.index(included[1]) > LAYERS.index(layer):
            fault(path, number, f"{layer}/ may not include {included[1]}/")
        if layer != "glue" and HTTPD.match(line):
            fault(path, number, "httpd's headers appear in glue/ only")
        if "define MQ_MAY_MINT_SCOPE" in line and module not in MINTERS and layer != "ctl":
            fault(path, number, "only domain/access/scope_minting.c and the store look inside a scope")
        if re.search(r'sqlite3_|sqlite3\.h|#include "store/sqlite/', line) and \
                not module.startswith("store/sqlite/"):
            fault(path, number, "SQLite is known in store/sqlite/ only: say it through store/engine.h")
        if re.search(r'libpq-fe\.h|#include "store/pgsql/|\bPQ[a-z]\w+\(', line) and \
                not module.startswith(("store/pgsql/", "tools/")):
            fault(path, number, "PostgreSQL is known in store/pgsql/ only: say it through store/engine.h")
        if '"store/engine.h"' in line and layer not in ("store", "glue"):
            fault(path, number, "store/engine.h is for store/ and glue/; whoever has a scope needs store/db.h")
        if '"store/owner.h"' in line and layer not in ("store", "ctl"):
            fault(path, number, "store/owner.h sees all organisations: for store/ and ctl/")
        if layer == "web" and "mq_time_format(" in line and path.name != "dates.c":
            fault(path, number, "times are shown through mq_time_say: in the organisation's way")
        if len(line) > 100:
            fault(path, number, "longer than 100 columns")
        if "\t" in line:
            fault(path, number, "a tab")
    if layer != "tools":  # a build tool ends with its memory
        for number, line in enumerate(without_comments(text).splitlines(), 1):
            found = FORBIDDEN.search(line)
            if found:
                fault(path, number, f"{found[1]}() is not used here")
            found = TRANSACTION.search(line)
            if found and layer != "store" and module not in BRACKETS:
                fault(path, number, f"mq_db_{found[1]}() outside the bracket: use mq_change")
            if "mq_db_change(" in line and layer not in ("store", "domain"):
                fault(path, number, "rows are changed by domain/, within mq_change")


def check_header(path):
    """Each function of a header has a comment just before it."""
    text = path.read_text()
    previous = ""
    for block in re.split(r"\n\s*\n", text):
        last = block.strip().splitlines()
        declared = re.search(r"^(?!typedef|static|#|extern|struct|enum|\s|/|\})[\w\s\*]+?(mq_\w+)\(", block,
                             re.M)
        if declared and "/*" not in block and "*/" not in previous[-200:]:
            line = text[:text.index(declared.group())].count("\n") + 1
            fault(path, line, f"{declared[1]} has no comment")
        if last:
            previous = block


def check_tree():
    names = git("ls-files", "--cached", "--others", "--exclude-standard").split("\n")[:-1]
    hosts = re.compile("/wo" + "rk/|/far" + "m/|registry\\.npm" + "js|deb\\.deb" + "ian\\.org")
    for name in names:
        path = TOP / name
        if path.is_file() and path.suffix not in (".png", ".ico"):
            for number, line in enumerate(path.read_bytes().decode("utf-8", "replace").splitlines(), 1):
                if hosts.search(line):
                    fault(path, number, "a path or host of one machine")
    allowed = {"mod_medsynq", "templates", "htdocs", "conf", "Makefile", "tests", "README.md", "LICENSE"}
    for top in {name.split("/")[0] for name in names} - allowed:
        if not top.startswith("."):
            fault(TOP / top, 1, "the top level is fixed")


def check_page(path):
    """What a page of the documentation names as proof is there."""
    tests = {}
    for test in (TOP / "tests").rglob("test_*.*"):
        if test.suffix in (".py", ".c"):
            tests[test.name] = tests.get(test.name, "") + test.read_text()
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if "sqlite3" + "_" in line:
            fault(path, number, "SQLite's functions are known in store/sqlite/ only")
        for name, test in re.findall(r"`(?:tests/[\w/]+/)?(test_\w+\.(?:py|c))(?:::(\w+))?`", line):
            if name not in tests or (test and f"def {test}(" not in tests[name]):
                fault(path, number, f"there is no {name} {test}".rstrip())
        for link in re.findall(r"\]\(([^)#:]+)(?:#[\w-]*)?\)", line):
            if not (path.parent / link).exists():
                fault(path, number, f"a link to {link}, which is not there")
        for name in re.findall(r"`((?:base|store|domain|web|glue|ctl|conf)/[\w./]+\.\w+)`", line):
            if not (TOP / name).exists() and not (TOP / "mod_medsynq" / name).exists():
                fault(path, number, f"there is no {name}")


def check_pages_shown(paths):
    """A template is compiled because a route's row, or a face, names its page."""
    texts = {path: path.read_text() for path in paths}
    named = {name for text in texts.values() for name in re.findall(r"\.page = &(\w+)", text)}
    for text in texts.values():
        for row in re.findall(r"mq_page_t \*const \w+\[\] = \{([^}]*)\}", text):
            named |= set(re.findall(r"&(\w+)", row))
    for path, text in texts.items():
        for page in re.findall(r"^(?:static )?const mq_page_t (\w+) =", text, re.M):
            if page not in named:
                fault(path, 1, f"no route's row names the page {page}")


def check_statements(path):
    text = path.read_text()
    comment = "#" if path.suffix == ".list" else "--"
    if not text.startswith(f"{comment} {path.name} -- "):
        fault(path, 1, f"begins with '{comment} {path.name} -- ' and what lives here")
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > 100 or "\t" in line:
            fault(path, number, "longer than 100 columns, or a tab")


def git(*arguments):
    """What git says, or nothing where there is no repository."""
    done = subprocess.run(["git", "-C", TOP, *arguments], capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else ""


def check_names(paths):
    """Logs, gdb and __FILE__ show a base name only."""
    first = {}
    for path in paths:
        other = first.setdefault(path.name, path)
        if other is not path:
            fault(path, 1, f"has the base name of {other.relative_to(TOP)}")


def module_of(path):
    name = path.relative_to(TOP / "mod_medsynq")
    if name.as_posix() in TABLES:
        return name.as_posix()
    module = name.with_suffix("").as_posix()
    return ONE_MODULE.get(module, module)


def check_circles(paths):
    """Who uses whom has an end: taking away what nobody's use leads back to leaves nothing."""
    uses = collections.defaultdict(set)
    for path in paths:
        for name in re.findall(r'^#include "([\w/]+)\.h"', path.read_text(), re.M):
            user, used = module_of(path), ONE_MODULE.get(name, name)
            if used != user:
                uses[user].add(used)
    done, way = set(), []

    def visit(module):
        if module in way:
            circle = " -> ".join([*way[way.index(module):], module])
            faults.append(f"mod_medsynq: a circle of #include: {circle}")
        elif module not in done:
            way.append(module)
            for used in sorted(uses[module]):
                visit(used)
            way.pop()
            done.add(module)

    for module in sorted(uses):
        visit(module)


def check_messages(paths):
    """A number of the log means one thing, base/messages.c says which, and docs/troubleshooting.md is
    made from that."""
    table = TOP / "mod_medsynq/base/messages.c"
    rows = re.findall(r"^ +\{\"(MSQ\d{4})\"", table.read_text(), re.M)
    said = collections.Counter()
    for path in paths:
        if path == table:
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for tag in re.findall(r"\"(MSQ\d{4})(?:: |\")", line):
                said[tag] += 1
                if said[tag] > 1 and not MANY_PLACES.get(tag):
                    fault(path, number, f"{tag} means something else already")
                if tag not in rows:
                    fault(path, number, f"{tag} has no row in {table.relative_to(TOP)}")
    for tag in rows:
        if tag not in said:
            fault(table, 1, f"nothing says {tag}")
    if rows != sorted(set(rows)):
        fault(table, 1, "the rows are not in the order of their numbers, or one is there twice")
    if subprocess.run([TOP / "mod_medsynq/tools/messages", "check"]).returncode != 0:
        fault(TOP / "mod_medsynq/docs/troubleshooting.md", 1, "is not base/messages.c's: make messages")


def check_directives():
    """Each directive has a chapter, and each chapter is of one."""
    page = TOP / "mod_medsynq/docs/directives.md"
    listed = re.findall(r'^DIRECTIVE\("(\w+)"', (TOP / "mod_medsynq/glue/directives.h").read_text(), re.M)
    chapters = re.findall(r"^## (MedSynQ\w*)$", page.read_text(), re.M)
    for name in sorted(set(listed) ^ set(chapters)):
        fault(page, 1, f"{name} is {'not described' if name in listed else 'no directive'}")


def check_format():
    """Every C file as clang-format writes it."""
    names = [name for name in git("ls-files", "--cached", "--others", "--exclude-standard",
                                  "*.c", "*.h").split("\n") if name and (TOP / name).is_file()]
    try:
        said = subprocess.run(["clang-format", "--dry-run", *names], capture_output=True, text=True, cwd=TOP)
    except FileNotFoundError:
        sys.exit("lint: there is no clang-format; mod_medsynq/tools/packages test installs it")
    for name in sorted(set(re.findall(r"^(\S+?):\d+:\d+: \w+: code should be", said.stderr, re.M))):
        fault(TOP / name, 1, "is not formatted; make format mends it")


def check_subjects():
    log = git("log", "--no-merges", f"--since={SUBJECTS_SINCE}", "--format=%h %s")
    for commit, subject in (line.split(" ", 1) for line in log.splitlines()):
        if len(subject) > SUBJECT_COLUMNS and not subject.startswith("Revert "):
            faults.append(f"commit {commit}: its subject has {len(subject)} columns, not {SUBJECT_COLUMNS}")


def check_columns(paths):
    texts = {path: without_comments(path.read_text()) for path in paths}
    places = columns.readers(texts.values())
    tables = columns.members(texts.values())
    statements, known = columns.names(TOP)
    for path, text in texts.items():
        for line, sentence in columns.faults(text, places, statements, known, tables):
            fault(path, line, sentence)


sources = sorted((TOP / "mod_medsynq").rglob("*.[ch]"))
for source in sources:
    check_source(source)
    if source.suffix == ".h":
        check_header(source)
check_columns([source for source in sources if source.suffix == ".c"])
check_tree()
check_names(sources)
check_circles(sources)
check_messages(sources)
check_directives()
check_pages_shown(sources)
check_format()
faults.extend(words.faults())
check_subjects()
for statements in sorted((TOP / "mod_medsynq/store/statements").iterdir()):
    check_statements(statements)
for page in [TOP / "README.md", *sorted((TOP / "mod_medsynq/docs").glob("*.md")),
             *sorted((TOP / ".github").glob("*.md"))]:
    check_page(page)
print("\n".join(faults))
print(f"lint: {len(sources)} files, {len(faults)} faults")
sys.exit(bool(faults))
