"""Every text for people: from the templates' {{#_}}…{{/_}} and from C's literals in web/ and the policy."""
import re

from harness import TOP

LITERAL = r'"(?:[^"\\\n]|\\.)*"'


def unescape(text):
    return re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t"}.get(m[1], m[1]), text)


def from_templates():
    for path in sorted((TOP / "templates").glob("*.html")):
        for text in re.findall(r"\{\{#_\}\}(.*?)\{\{/_\}\}", path.read_text(), re.S):
            yield re.sub(r"\s+", " ", text).strip()


def looks_like_words(text):
    """A sentence or a label; not a header, a parameter's name, a path or a format."""
    return re.match(r"[A-Z][a-z’']* |[A-Z][a-z’'-]+[.…]?$|[a-z]+ %d|%s ", text) is not None and \
        not re.search(r"[/<>=_{}]|^[A-Z][\w-]*: ", text)


def from_c():
    sources = [*sorted((TOP / "mod_medsynq/web").glob("*.c")), TOP / "mod_medsynq/domain/policy.c"]
    for path in sources:
        text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
        for literals in re.findall(rf"{LITERAL}(?:\s*{LITERAL})*", text):
            joined = unescape("".join(part[1:-1] for part in re.findall(LITERAL, literals)))
            if looks_like_words(joined):
                yield joined
        for call in re.findall(rf"mq_sayf?\(\s*\w+,\s*((?:{LITERAL}\s*)+)", text):
            yield unescape("".join(part[1:-1] for part in re.findall(LITERAL, call)))


def all_messages():
    return sorted({*from_templates(), *from_c()})


def catalogue(path):
    """msgid -> msgstr of a PO file"""
    entries, key = {}, None
    for line in path.read_text().splitlines():
        word, _, rest = line.partition(" ")
        if word == "msgid":
            key, field = unescape(rest[1:-1]), "id"
        elif word == "msgstr":
            entries[key] = unescape(rest[1:-1])
            field = "str"
        elif line.startswith('"'):
            more = unescape(line[1:-1])
            if field == "id":
                key += more
            else:
                entries[key] += more
    entries.pop("", None)
    return entries
