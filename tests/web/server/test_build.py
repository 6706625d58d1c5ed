"""What is built: hardened, the same bytes from any folder, with the builder's flags, and its version from git."""
import os
import pathlib
import re
import shutil
import subprocess

import pytest

import neighbours
from harness import FLAVOUR, TOP

BUILT = ["mod_medsynq.so", "medsynqctl"]
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}


def read_elf(*arguments):
    return subprocess.run(["readelf", "-W", *arguments], capture_output=True, text=True, check=True).stdout


def make(*arguments, folder=TOP, **environment):
    return subprocess.run(["make", "--no-print-directory", "-C", folder, *arguments], check=True, text=True,
                          capture_output=True, timeout=600, env={**ENVIRONMENT, **environment}).stdout


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """The same sources, built in another folder."""
    folder = tmp_path_factory.mktemp("another folder".replace(" ", "-")) / "of/another/depth"
    listed = subprocess.run(["git", "-C", TOP, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            capture_output=True, check=True).stdout.decode().split("\0")
    for name in filter(None, listed):
        if (TOP / name).is_file() and not name.startswith("tests/"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(TOP / name, folder / name)
    version = re.search('"(.*)"', (TOP / "build/gen/version_gen.h").read_text()).group(1)
    make("all", f"BUILD_VERSION={version}", *(["SANITIZE=1"] if FLAVOUR == "sanitize" else []), folder=folder)
    return folder


@pytest.mark.parametrize("name", BUILT)
def test_two_folders_give_the_same_bytes(elsewhere, name):
    ours = TOP / "build" / FLAVOUR / name
    assert (elsewhere / "build" / FLAVOUR / name).read_bytes() == ours.read_bytes()


@pytest.mark.parametrize("name", BUILT)
def test_no_path_of_the_machine_is_inside(name):
    built = (TOP / "build" / FLAVOUR / name).read_bytes()
    assert str(TOP).encode() not in built and str(pathlib.Path.home()).encode() + b"/" not in built


@pytest.mark.parametrize("name", BUILT)
def test_what_is_linked_cannot_be_bent(name):
    path = TOP / "build" / FLAVOUR / name
    dynamic, segments = read_elf("-d", path), read_elf("-l", path)
    assert "BIND_NOW" in dynamic and "TEXTREL" not in dynamic
    assert "GNU_RELRO" in segments and re.search(r"GNU_STACK .* RW +0x", segments)
    if name == "medsynqctl":
        assert "PIE" in dynamic
    if FLAVOUR == "plain":
        symbols = read_elf("--dyn-syms", path)
        assert "__stack_chk_fail" in symbols and "_chk@" in symbols


def test_every_file_is_compiled_with_the_protections():
    line = make("-n", "-B", "build/plain/mod_medsynq/base/text.o", SANITIZE="")
    for flag in ("-fstack-protector-strong", "-fstack-clash-protection", "-D_FORTIFY_SOURCE=2", "-ffile-prefix-map="):
        assert flag in line
    if os.uname().machine == "x86_64":
        assert "-fcf-protection=full" in line


def test_the_builders_flags_count():
    line = make("-n", "-B", "build/plain/mod_medsynq/base/text.o", CFLAGS="-O1 -gdwarf-4", SANITIZE="",
                CPPFLAGS="-DOF_THE_BUILDER -D_FORTIFY_SOURCE=3")
    assert "-O1 -gdwarf-4" in line and "-DOF_THE_BUILDER" in line and "-O2" not in line
    assert "_FORTIFY_SOURCE=3" in line and "_FORTIFY_SOURCE=2" not in line
    for name in BUILT:
        assert "-Wl,--of-the-builder" in make("-n", "-B", f"build/plain/{name}", SANITIZE="",
                                              LDFLAGS="-Wl,--of-the-builder")


def test_the_version_names_the_commit():
    commit = subprocess.run(["git", "-C", TOP, "rev-parse", "HEAD"], capture_output=True, text=True).stdout.strip()
    said = subprocess.run([TOP / "build" / FLAVOUR / "medsynqctl", "--version"], capture_output=True, text=True)
    assert re.fullmatch(r"medsynqctl \d+\.\d+\.\d+(\+g([0-9a-f]{12})(-dirty)?)?\n", said.stdout)
    assert not commit or f"+g{commit[:12]}" in make("-pn", "build/gen/version_gen.h")


def test_what_is_installed_is_taken_back_and_nothing_else(tmp_path):
    neighbours.install(tmp_path)
    others = [tmp_path / "usr/local/share/other", tmp_path / "etc/apache2/mods-available/other.conf"]
    for other in others:
        other.write_text("somebody else's")
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) > 30
    enabled = tmp_path / "etc/apache2/mods-enabled/medsynq.load"
    enabled.parent.mkdir()
    enabled.write_text("")
    with pytest.raises(subprocess.CalledProcessError):  # httpd would not start without the module
        make("uninstall", f"DESTDIR={tmp_path}")
    enabled.unlink()
    for _ in range(2):
        make("uninstall", f"DESTDIR={tmp_path}")
        assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == sorted(others)


def test_the_bill_of_materials_names_every_library(tmp_path):
    built = [TOP / "build" / FLAVOUR / name for name in BUILT]
    version = re.search('"(.*)"', (TOP / "build/gen/version_gen.h").read_text()).group(1)
    bill = subprocess.run([TOP / "mod_medsynq/tools/sbom", version, *built], check=True, capture_output=True,
                          text=True).stdout
    packages = set(re.findall(r"^PackageName: (.*)$", bill, re.M))
    for stem in ("sqlite3", "ssl", "icu", "qrencode", "brotli", "apr1", "c6"):
        assert any(f"lib{stem}" in name for name in packages), (stem, packages)
    ids = re.findall(r"^SPDXID: (SPDXRef-.*)$", bill, re.M)
    assert len(ids) == len(set(ids)) and f"PackageVersion: {version}" in bill
    for relation in re.findall(r"^Relationship: (\S+) \S+ (\S+)$", bill, re.M):
        assert set(relation) <= set(ids)


def test_make_deb_installs_all_that_debians_tools_ask_for(tmp_path):
    """They ask for build-essential, whatever the package says."""
    (tmp_path / "dpkg-query").write_text("#!/bin/sh\n")  # nothing is installed
    (tmp_path / "dpkg-query").chmod(0o755)
    said = subprocess.run(["/bin/sh", TOP / "mod_medsynq/tools/packages", "deb"], capture_output=True, text=True,
                          env={"PATH": str(tmp_path)}).stderr
    control = (TOP / "mod_medsynq/packaging/debian/control").read_text()
    asked = re.findall(r"[a-z][\w.+-]+", re.search(r"Build-Depends: (.*?)\n(?=\S)", control, re.S)[1])
    asked = ["debhelper" if name == "debhelper-compat" else name for name in asked]
    assert len(asked) > 5 and {"build-essential", *asked} <= set(said.split()), said


def test_what_is_installed_is_asked_for_once_and_only_the_rest_is_missing(tmp_path):
    """A package that was removed is still in dpkg's list; one that was never there is not in its answer."""
    (tmp_path / "dpkg-query").write_text("#!/bin/sh\necho asked >>\"$0.log\"\n"
                                         "printf 'config-files gcc\\ninstalled make\\ninstalled makepasswd\\n'\n")
    (tmp_path / "dpkg-query").chmod(0o755)
    said = subprocess.run(["/bin/sh", TOP / "mod_medsynq/tools/packages", "build"], capture_output=True, text=True,
                          env={"PATH": str(tmp_path)}).stderr
    assert "libpq-dev" in said.split() and "gcc" in said.split() and "make" not in said.split(), said
    assert (tmp_path / "dpkg-query.log").read_text() == "asked\n"
