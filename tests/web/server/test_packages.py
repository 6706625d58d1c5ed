"""What packages consist of: the spec's list is what is installed, and what the timers start ends well. That they are
built, installed, upgraded and purged is tests/fresh's."""
import os
import re
import stat
import subprocess

import pytest

from harness import TOP
from test_build import make
from test_ctl import built, ctl
from test_operating import tmp_path  # open above, as /var/backups is

assert tmp_path
PACKAGING = TOP / "mod_medsynq/packaging"
MACROS = {"%{_httpd_moddir}": "/usr/lib64/httpd/modules", "%{_unitdir}": "/usr/lib/systemd/system"}


def listed():
    """The files that the spec names, folders for what is below them."""
    text = re.search(r"^%files\n(.*)", (PACKAGING / "rpm/medsynq.spec").read_text(), re.M | re.S)[1]
    for macro, value in MACROS.items():
        text = text.replace(macro, value)
    lines = [line for line in text.splitlines() if line and not line.startswith(("%license", "%doc"))]
    return {re.sub(r"^(%\w+(\([^)]*\))? *)+", "", line) for line in lines}


def installed_by(script, root):
    """What the spec's own lines put there, after make install."""
    lines = re.search(r"^%install\nmake install[^\n]*\n(.*?)^%post$", script, re.M | re.S)[1]
    for macro, value in {"%{buildroot}": str(root), **MACROS}.items():
        lines = lines.replace(macro, value)
    subprocess.run(["sh", "-eu", "-c", lines], check=True, cwd=TOP)


def test_the_rpm_has_what_is_installed_and_nothing_is_forgotten(tmp_path):
    make("install", f"DESTDIR={tmp_path}", "PREFIX=/usr", "LAYOUT=redhat", f"MODULES={MACROS['%{_httpd_moddir}']}")
    installed_by((PACKAGING / "rpm/medsynq.spec").read_text(), tmp_path)
    names = {f"/{path.relative_to(tmp_path)}" for path in tmp_path.rglob("*") if path.is_file()}
    wanted = listed()
    for name in names:
        assert any(name == each or name.startswith(f"{each}/") or (each.endswith("*") and name.startswith(each[:-1]))
                   for each in wanted), name
    for each in wanted:
        assert (tmp_path / each.lstrip("/").rstrip("*")).exists() or f"{each.rstrip('*')}.gz" in names, each
    assert "/etc/httpd/conf.modules.d/10-medsynq.conf" in names
    assert "/etc/sysconfig/medsynq" in (tmp_path / "usr/lib/systemd/system/medsynq-backup.service").read_text()
    assert not any(name.startswith("/etc/apache2") for name in names)
    make("uninstall", f"DESTDIR={tmp_path}", "PREFIX=/usr", "LAYOUT=redhat",
         f"MODULES={MACROS['%{_httpd_moddir}']}")
    assert not (tmp_path / "usr/lib64/httpd/modules/mod_medsynq.so").exists()


def unit(name):
    """The values of a unit's keys."""
    found = {}
    for line in (PACKAGING / "systemd" / name).read_text().splitlines():
        key, is_one, value = line.partition("=")
        if is_one and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


def start(name, tmp_path, database, **environment):
    """Each command of a service, as systemd runs it: our own words first, ${A} one word, $A several."""
    commands = tmp_path / "bin"
    commands.mkdir(exist_ok=True)
    (commands / "medsynqctl").write_text(f'#!/bin/sh\nexec "{built()}" --database "{database}" "$@"\n')
    (commands / "medsynqctl").chmod(0o755)
    service = unit(name)
    for line in service.get("ExecStartPre", []) + service["ExecStart"]:
        script = re.sub(r"\$\{(\w+)\}", r'"${\1}"', line) if "sh -c" not in line else line.replace("$$", "$")
        done = subprocess.run(["sh", "-eu", "-c", script], capture_output=True, text=True, cwd=tmp_path,
                              env={**os.environ, **environment, "PATH": f"{commands}:{os.environ['PATH']}"})
        yield done


def test_what_the_timers_start_ends_well_night_after_night(tmp_path):
    database = tmp_path / "medsynq.db"
    ctl(database, "demo", "--tenants", 2, "--patients", 20)
    backup = tmp_path / "copies of ours/medsynq.db"
    environment = {"BACKUP": str(backup), "KEEP": "2"}
    for _ in range(2):
        for done in start("medsynq-backup.service", tmp_path, database, **environment):
            assert done.returncode == 0 and not done.stderr, (done.args, done.stderr)
    copies = list(backup.parent.glob("medsynq-*Z.db"))
    assert copies and stat.S_IMODE(backup.parent.stat().st_mode) == 0o700
    assert (backup.parent / "heads").read_text() == ctl(database, "audit", "head")
    moved = backup.parent.rename(tmp_path / "copies") / "medsynq.db"
    check, = start("medsynq-check.service", tmp_path, database, CHECK=f"--backups {moved}")
    assert check.returncode == 0 and re.search(r"^backups +ok$", check.stdout, re.M), check.stdout
    for copy in copies:
        (moved.parent / copy.name).unlink()
    check, = start("medsynq-check.service", tmp_path, database, CHECK=f"--backups {moved}")
    assert check.returncode == 1  # the unit fails, and is seen


@pytest.mark.parametrize("name", ["medsynq-backup", "medsynq-check"])
def test_a_unit_does_nothing_before_there_is_a_database(name):
    service, timer = unit(f"{name}.service"), unit(f"{name}.timer")
    assert service["ConditionPathExists"] == ["/var/lib/medsynq/medsynq.db"]
    assert service["EnvironmentFile"] == ["-/etc/default/medsynq"] and "Install" not in service
    assert timer["WantedBy"] == ["timers.target"] and timer["Persistent"] == ["true"]


def test_what_may_be_set_for_the_timers_is_what_they_do_without():
    text = (PACKAGING / "debian/medsynq.default").read_text()
    said = dict(re.findall(r'^#(\w+)="?([^"\n]*)"?$', text, re.M))
    done = {key: value for name in ("medsynq-backup", "medsynq-check")
            for words in unit(f"{name}.service")["Environment"]
            for key, value in ([words.strip('"').split("=", 1)] if words.startswith('"')
                               else [word.split("=", 1) for word in words.split()])}
    assert said == done


def test_each_text_of_the_purges_question_is_there_in_every_language():
    folder = PACKAGING / "debian/po"
    def texts(path):
        return re.findall(r'^msgid ((?:".*"\n)+)', path.read_text(), re.M)
    for name in ("fr.po", "ar.po"):
        assert texts(folder / name) == texts(folder / "templates.pot"), name
        assert 'msgstr ""\n\n' not in (folder / name).read_text()
    question = "".join(re.findall('"(.*)"', "".join(texts(folder / "templates.pot"))))
    words = re.sub(r"\n \.\n|\n ", " ", (PACKAGING / "debian/medsynq.templates").read_text().split("_Description: ")[1])
    assert re.sub(r"\s", "", question) == re.sub(r"\s", "", words)


