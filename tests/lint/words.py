"""One word for one thing, in every text for people: what another word stands for, and which word it is
here. English is read in the templates and in C, other languages in their PO file."""
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TOP / "tests/locale"))
import messages  # noqa: E402

# A word that is not ours, as a regular expression over a whole text, and the one that is.
GLOSSARY = {
    "en": (
        (r"[Tt]elephone|[Mm]obile\b", "phone"),
        (r"[Ss]econd factor|[Tt]wo-factor|2FA|[Ss]econd step\b", "two-step verification"),
        (r"\b[Ss]ign(ed)? (in|up|out)\b|\b[Ll]ogon\b|\b[Ll]og on\b", "log in, log out; notes are signed"),
        (r"[Tt]hr(ow|own|ew) (it )?away|\b[Tt]hrow\b", "discard, or delete"),
        (r"\b[Bb]r(ing|ought|ings) .*back\b", "restore"),
        (r"\b[Dd]oubles?\b", "duplicate"),
        (r"\b[Pp]resent (password|log-in)|\b[Ff]ormer (code|recovery)", "current; old"),
        (r"\b[Ee]mails?\b|\b(a|no|sends|this) mail\b", "e-mail"),
        (r"\b[Mm]ake (a|an|the|new) (link|invitation|code|recovery)", "create"),
        (r"\b[Mm]edical record number|\bMRN\b|\b[Ff]ile number|\b[Pp]atient number", "record number"),
        (r"\b[Pp]eople of this organisation|\b[Ll]ist of people|\b[Uu]sers?\b|\b[Ee]mployees?\b", "staff"),
        (r"\b[Oo]rganization|\b[Pp]ersonaliz|\b[Rr]ecogniz|\bcolor\b", "British spelling"),
        (r"\b[Rr]elation of\b|\b[Ff]ile for spreadsheets", "relationship; Download (CSV)"),
        (r"\b[Ww]ho has seen\b", "viewed"),
        (r"\b[Aa]s in (%s|[0-9])", "for example, like this"),
        (r"\b[Ii]s no (date|CSV|record number|e-mail)|\b[Nn]one of (female|active)|[Nn]either yes nor",
         "is not a …, must be …"),
        (r"[“”]|'[A-Z][^']* [^']*'", 'straight double quotation marks: "'),
    ),
    "fr": (
        (r"[Ff]acteur", "validation en deux étapes"),
        (r"\b[Jj]eter\b|\b[Jj]et[ée]e?s?\b", "supprimer"),
        (r"[Cc]ourriel|\b[Mm]él\b|(?<!e-)\b[Mm]ails?\b", "e-mail"),
        (r"\b[Dd]oubles?\b", "doublon"),
        (r"[Uu]tilisateurs?\b|[Ee]mployés?\b", "personnel"),
        (r"[Ss]’identifier\b|\b[Ll]ogin\b|[Ss]’authentifier", "se connecter"),
        (r"[Ll]ève l’attente", "débloque"),
        (r"sur ce papier", "imprimées"),
        (r"[Nn]uméro de (patient|dossier médical)", "numéro de dossier"),
        (r"'", "apostrophe courbe : ’"),
        (r"(?<=[\w%»)}]) [;?!:](?=\s|$)|(?<=[\w»)}])[;?!](?=\s|$)",
         "U+00A0 devant les deux-points, U+202F devant ; ? !"),
    ),
    "ar": (
        (r"\b(ال)?(تلفون|جوال)", "هاتف"),
        (r"إيميل|بريد الكتروني", "بريد إلكتروني"),
        (r"عامل ثانٍ|العامل الثاني", "التحقق بخطوتين"),
        (r"مستخدم|موظف\b(?!ين)", "العاملون"),
        (r"[,;?](?=\s|$)", "علامات الترقيم العربية: ، ؛ ؟"),
    ),
}


def texts():
    """Each text with its language and where it is."""
    for text in messages.all_messages():
        yield "en", text, text
    for path in sorted((TOP / "templates/locale").glob("*.po")):
        for entry in messages.catalogue(path)[0]:
            for text in entry.texts:
                yield path.stem, entry.key, text


def faults():
    for language, key, text in texts():
        for pattern, ours in GLOSSARY.get(language, ()):
            found = re.search(pattern, text)
            if found:
                yield f"{language}: {key!r}: \"{found[0]}\" is not our word; it is: {ours}"


if __name__ == "__main__":
    said = list(faults())
    print(*said, sep="\n")
    sys.exit(bool(said))
