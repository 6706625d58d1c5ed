#!/usr/bin/python3
"""Rules of the house that a compiler does not know: layers, calls, scopes, headers, paths."""
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
LAYERS = ["base", "store", "domain", "web", "glue"]
MINTERS = {"store/db.c", "store/loan.c", "store/scope.c", "domain/access/sessions.c",
           "domain/access/links.c",
           "domain/trail/installation_events.c"}  # who may look inside a scope, besides ctl and tests
FORBIDDEN = re.compile(r"\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|alloca|malloc|calloc|realloc|"
                       r"free|atoi|system|popen)\s*\(")
HTTPD = re.compile(r'#include\s*[<"](httpd|http_|ap_|util_|mod_|scoreboard|mpm_|unixd)')
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
            fault(path, number, "only domain/access/sessions.c and the store look inside a scope")
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
    files = subprocess.run(["git", "-C", TOP, "ls-files", "--cached", "--others", "--exclude-standard"],
                           capture_output=True, text=True)
    names = files.stdout.split("\n")[:-1] if files.returncode == 0 else []
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
        for name, test in re.findall(r"`(?:tests/[\w/]+/)?(test_\w+\.(?:py|c))(?:::(\w+))?`", line):
            if name not in tests or (test and f"def {test}(" not in tests[name]):
                fault(path, number, f"there is no {name} {test}".rstrip())
        for name in re.findall(r"`((?:base|store|domain|web|glue|ctl|conf)/[\w./]+\.\w+)`", line):
            if not (TOP / name).exists() and not (TOP / "mod_medsynq" / name).exists():
                fault(path, number, f"there is no {name}")


def check_statements(path):
    text = path.read_text()
    if not text.startswith(f"-- {path.name} -- "):
        fault(path, 1, f"begins with '-- {path.name} -- ' and what lives here")
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > 100 or "\t" in line:
            fault(path, number, "longer than 100 columns, or a tab")


sources = sorted((TOP / "mod_medsynq").rglob("*.[ch]"))
for source in sources:
    check_source(source)
    if source.suffix == ".h":
        check_header(source)
check_tree()
for statements in sorted((TOP / "mod_medsynq/store/statements").iterdir()):
    check_statements(statements)
for page in sorted((TOP / "mod_medsynq/docs").glob("*.md")):
    check_page(page)
print("\n".join(faults))
print(f"lint: {len(sources)} files, {len(faults)} faults")
sys.exit(bool(faults))
