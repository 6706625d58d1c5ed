"""The Nu HTML checker finds no error on any page in any state."""
import json
import subprocess

from harness import TOP

CHECKER = TOP / "build/npm/node_modules/vnu-jar/build/dist/vnu.jar"


def faults(folder, documents):
    """@return a line for each error or warning in the documents, a dict of name to bytes"""
    assert CHECKER.exists(), "the Nu HTML checker is not installed: make test does it"
    names = list(documents)
    for number, name in enumerate(names):
        (folder / f"{number}.html").write_bytes(documents[name])
    done = subprocess.run(["java", "-Xmx512m", "-jar", CHECKER, "--stdout", "--exit-zero-always",
                           "--format", "json", "--no-langdetect", *folder.glob("*.html")],
                          capture_output=True, text=True, timeout=300)
    assert done.returncode == 0 and done.stdout, done.stderr
    return [f"{names[int(m['url'].rpartition('/')[2].removesuffix('.html'))]}: {m['message']} "
            f"{m.get('extract', '')!r}" for m in json.loads(done.stdout)["messages"]
            if m["type"] != "info" or m.get("subType") == "warning"]


def test_the_checker_would_find_something(tmp_path):
    broken = b'<!doctype html><html lang="en"><title>x</title><ul><p>x</ul><img src="x">'
    found = faults(tmp_path, {"broken": broken})
    assert len(found) >= 2 and all(line.startswith("broken:") for line in found)


def test_every_page_is_sound_html(museum, tmp_path):
    found = faults(tmp_path, {page.name: page.body for page in museum.pages})
    assert found == [], "\n".join(found)
