"""Every text for people: from the templates' {{#_}}…{{/_}} and from C's literals; and what a PO file
says of them. Run it to see them all: python3 tests/locale/messages.py"""
import pathlib
import re

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
LITERAL = r'"(?:[^"\\\n]|\\.)*"'
LITERALS = rf"{LITERAL}(?:\s*{LITERAL})*"

# Sentences in web/ that nobody is shown in a page: the log, and the last resort of dispatch.c.
NOT_FOR_PEOPLE = {"Something went wrong. Try again later.\n", "%s %s: %s", "no statement failed",
                  "Cookie, Accept-Language"}

# Where a literal stands that reaches mq_say() by way of a table.
PLACES = (
    rf"mq_sayf?\(\s*[\w>.-]+,\s*({LITERALS})",
    rf"mq_say_count\(\s*[\w>.-]+,\s*({LITERALS})",
    rf"mq_say_count\(\s*[\w>.-]+,\s*{LITERALS},\s*({LITERALS})",
    rf'\{{\s*"[a-z_0-9]*",\s*((?="[A-Z]){LITERALS})\s*[,}}]',  # fields, choices
    rf"\.tab = ({LITERALS})",
    rf'(?:\.(?:label|asked)|\[MQ_GROUP_\w+\])\s*=\s*((?="[A-Z]){LITERALS})',
    rf"group_\w+\[\] =\s*({LITERALS})",
    rf"(?:fault|problem)_out =\s*({LITERALS})",
    rf"MQ_ROLE_\w+,(?:\s*{LITERAL},){{2}}\s*({LITERALS})",
)


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


def is_sentence(text):
    """Several words that begin as a sentence does; no header, no path, no format of the machine."""
    return re.match(r"[A-Z][a-z’'-]* [a-z]|[A-Z][a-z-]+, |%s[: ]+[a-z%]", text) is not None and \
        not re.search(r"[/<>=_{}]", text)


def from_c():
    """For each text the places that have it; a text with its plural is two."""
    sources = [*sorted((TOP / "mod_medsynq/web").rglob("*.c")),
               *(TOP / "mod_medsynq" / name for name in (
                   "domain/policy.c", "domain/patients/patient_fields.c", "domain/imports/patient_import.c",
                   "base/csv_reader.c"))]
    for path in sources:
        text = re.sub(r"/\*.*?\*/|^#include.*?$", "", path.read_text(), flags=re.S | re.M)
        text = re.sub(r"\\\n", " ", text)
        text = re.sub(rf"apr_table_\w+\([^;]*?;|hooks->\w+\((?:{LITERAL}|[^;])*?;", ";", text)
        for literals in re.findall(LITERALS, text):
            if is_sentence(joined(literals)):
                yield joined(literals)
        for names in re.findall(r"months\[24\] = \{(.*?)\}", text, re.S):
            yield from (joined(name) for name in re.findall(LITERAL, names))
        for place in PLACES:
            for literals in re.findall(place, text):
                if re.search("[a-z]{2}", joined(literals)):
                    yield joined(literals)


def plurals():
    """A text with a number in its singular -> in its plural."""
    pairs = {}
    for path in sorted((TOP / "mod_medsynq/web").rglob("*.c")):
        for one, many in re.findall(rf"mq_say_count\(\s*[\w>.-]+,\s*({LITERALS}),\s*({LITERALS})",
                                    path.read_text()):
            pairs[joined(one)] = joined(many)
    return pairs


def all_messages():
    return sorted({*from_templates(), *from_c()} - NOT_FOR_PEOPLE)


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
