"""Every text for people: from the templates' {{#_}}…{{/_}}, and from C as xgettext reads it; and what
a PO file says of them. Run it to see them all: python3 tests/locale/messages.py"""
import functools
import pathlib
import re
import subprocess
import tempfile

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
LITERAL = r'"(?:[^"\\\n]|\\.)*"'
LITERALS = rf"{LITERAL}(?:\s*{LITERAL})*"
KEYWORDS = ("mq_say:2", "mq_sayf:2", "mq_say_count:2,3", "MQ_SAY:1")

# Sentences in web/ that nobody is shown in a page: the log, and the last resort of dispatch.c.
NOT_FOR_PEOPLE = {"Something went wrong. Try again later.\n", "%s %s: %s", "no statement failed",
                  "Cookie, Accept-Language"}


def unescape(text):
    return re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t"}.get(m[1], m[1]), text)


def escape(text):
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def joined(literals):
    return unescape("".join(part[1:-1] for part in re.findall(LITERAL, literals)))


def from_templates():
    for path in sorted((TOP / "templates").rglob("*.html")):
        for text in re.findall(r"\{\{#_\}\}(.*?)\{\{/_\}\}", path.read_text(), re.S):
            yield re.sub(r"\s+", " ", text).strip()


@functools.cache
def entries_of_c():
    sources = sorted(path for floor in ("base", "domain", "web")
                     for path in (TOP / "mod_medsynq" / floor).rglob("*.[ch]"))
    with tempfile.NamedTemporaryFile(suffix=".po") as out:
        subprocess.run(["xgettext", "--language=C", "--from-code=UTF-8", "--no-wrap", "--no-location",
                        "--force-po", "--keyword", *(f"--keyword={word}" for word in KEYWORDS),
                        f"--output={out.name}", *sources], check=True)
        return catalogue(pathlib.Path(out.name))[0]


def from_c():
    """A text with its plural is two."""
    return {text for e in entries_of_c() for text in (e.key, e.plural) if text}


def is_sentence(text):
    """Several words that begin as a sentence does; no header, no path, no format of the machine."""
    return re.match(r"[A-Z][a-z’'-]* [a-z]|[A-Z][a-z-]+, |%s[: ]+[a-z%]", text) is not None and \
        not re.search(r"[/<>=_{}]", text)


def forgotten():
    """What looks like a text for people, the label in a table's row or a sentence of web/, and is not
    known to xgettext."""
    for path in sorted(path for floor in ("domain", "web")
                       for path in (TOP / "mod_medsynq" / floor).rglob("*.c")):
        text = re.sub(r"/\*.*?\*/|^#include.*?$", "", path.read_text(), flags=re.S | re.M)
        text = re.sub(r"\\\n", " ", text)
        text = re.sub(rf"apr_table_\w+\([^;]*?;|hooks->\w+\((?:{LITERAL}|[^;])*?;", ";", text)
        labels = re.findall(rf'\{{\s*"[a-z_0-9]*",\s*((?="[A-Z]){LITERALS})\s*[,}}]|'
                            rf'\.(?:label|asked|hint|missing|tab) =\s*((?="[A-Z]){LITERALS})', text)
        sentences = filter(is_sentence, map(joined, re.findall(LITERALS, text))) \
            if "web" in path.parts else ()
        for found in {*sentences, *(joined("".join(label)) for label in labels)}:
            if found not in from_c() | NOT_FOR_PEOPLE:
                yield f"{path.relative_to(TOP)}: {found}"


def plurals():
    """A text with a number in its singular -> in its plural."""
    return {e.key: e.plural for e in entries_of_c() if e.plural}


def all_messages():
    return sorted({*from_templates(), *from_c()})


class Entry:
    def __init__(self):
        self.key, self.plural, self.texts, self.fuzzy = "", None, [], False


def catalogue(path):
    """The entries of a PO file, without the header; the header's text."""
    entries, entry, fuzzy = [], None, False
    for line in path.read_text().splitlines():
        word, _, rest = line.partition(" ")
        if line.startswith("#,") and "fuzzy" in line:
            fuzzy = True
        elif word == "msgid":
            entry, field = Entry(), "key"
            entry.key, entry.fuzzy, fuzzy = unescape(rest[1:-1]), fuzzy, False
            entries.append(entry)
        elif word == "msgid_plural":
            entry.plural, field = unescape(rest[1:-1]), "plural"
        elif word.startswith("msgstr"):
            entry.texts.append(unescape(rest[1:-1]))
            field = "texts"
        elif line.startswith('"'):
            more = unescape(line[1:-1])
            if field == "texts":
                entry.texts[-1] += more
            else:
                setattr(entry, field, getattr(entry, field) + more)
    header = next((e.texts[0] for e in entries if e.key == ""), "")
    return [e for e in entries if e.key], header


if __name__ == "__main__":
    print("\n".join(all_messages()))
