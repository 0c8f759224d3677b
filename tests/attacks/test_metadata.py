"""Names and versions that a package gives itself become folders: none of them leads out of the cache."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from buckler.cli.defend import project_options
from buckler.prove.environment import sources
from buckler.prove.environment.build import described, still_true
from buckler.prove.environment.dates import release_of
from buckler.prove.environment.installer import Asked
from buckler.prove.environment.metadata import lost, overlay
from buckler.prove.environment.requirements import Declared, declared, package_name, package_version
from buckler.store.cache import default_path

EVIL = [
    "../../x",
    "..",
    ".",
    "/etc/x",
    "a/b",
    "a\\b",
    "a\nb",
    "a\0b",
    "x" * 5000,
    "-e",
    "a b",
    "é",
    "",
    "~",
    "a/../../b",
    "x\n../y",
]
FORMS = {
    "METADATA": ("p-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"),
    "PKG-INFO": ("PKG-INFO", "Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"),
    "pyproject": ("pyproject.toml", "[project]\nname = '''{name}'''\nversion = '''{version}'''\n"),
    "poetry": ("pyproject.toml", "[tool.poetry]\nname = '''{name}'''\nversion = '''{version}'''\n"),
    "setup.cfg": ("setup.cfg", "[metadata]\nname = {name}\nversion = {version}\n"),
    "setup.py": ("setup.py", "setup(name={name!r}, version={version!r})\n"),
}


def everything(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*")}


@pytest.mark.attack("metadata", "a package calls itself `../../x`, or its version so")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("evil", EVIL)
def test_no_name_leads_out_of_the_cache(tmp_path: Path, form: str, evil: str) -> None:
    place, text = FORMS[form]
    for number, (name, version) in enumerate([(evil, "1.0"), ("p", evil), (evil, evil)]):
        root = tmp_path / f"p{number}"
        (root / place).parent.mkdir(parents=True)
        (root / place).write_text(text.format(name=name, version=version))
        (root / "q-1.0.dist-info").mkdir()
        (root / "q-1.0.dist-info" / "top_level.txt").write_text("data\n../../..\n")
        (root / "data").mkdir()
        installed = tmp_path / "installed"
        (installed / "data").mkdir(parents=True, exist_ok=True)
        (installed / "data" / "page.html").write_text("x")
        before = everything(tmp_path)
        cache = tmp_path / "deep" / "er" / "cache"
        said = described(root)
        overlay(said, root, cache)
        lost(said, root, installed, cache)
        new = {p for p in everything(tmp_path) - before if not p.startswith("deep/er/cache/metadata/")}
        assert new <= {"deep", "deep/er", "deep/er/cache", "deep/er/cache/metadata"}
        assert not any(part in ("..", "etc") for p in everything(tmp_path) - before for part in p.split("/"))


@pytest.mark.attack("metadata", "a release found by two descriptions that contradict each other is linked elsewhere")
def test_a_release_by_another_name(tmp_path: Path) -> None:
    said = Declared((), (), (), "../../../x", "1", "", "other==1")
    root, installed = tmp_path / "p", tmp_path / "i"
    for folder in (root / "data", installed / "data"):
        folder.mkdir(parents=True)
    (installed / "data" / "page.html").write_text("x")
    assert lost(said, root, installed, tmp_path / "a" / "b" / "c" / "cache") == ()
    assert overlay(said, root, tmp_path / "a" / "b" / "c" / "cache") == ()
    assert not (tmp_path / "a").exists()


@pytest.mark.attack("metadata", "a source distribution holds links, and a name that leads out of the environment")
def test_sources_follow_no_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "home" / "secret.py"
    secret.parent.mkdir()
    secret.write_text("CANARY")
    root = tmp_path / "unpacked" / "x-1"
    (root / "x" / "sub").mkdir(parents=True)
    (root / "x" / "__init__.py").write_text("")
    (root / "x" / "leak.py").symlink_to(secret)
    (root / "x" / "home").symlink_to(secret.parent)
    (root / "single.py").symlink_to(secret)
    os.mkfifo(root / "x" / "pipe")
    (root / "PKG-INFO").write_text("Name: ../../../out\nVersion: 1\n")
    (root / "top_level.txt").write_text("x\nsingle\n../..\n")
    monkeypatch.setattr(sources, "fetched", lambda *_: root)
    target = tmp_path / "env" / "made" / "packages"
    target.parent.mkdir(parents=True)
    assert sources.unpacked(target, "x", "3.11.0", Asked(tmp_path)) == ()
    assert everything(target) == {"x", "x/__init__.py"}
    assert not any(p.is_symlink() for p in tmp_path.joinpath("env").rglob("*"))


@pytest.mark.parametrize("text", ["requests", "zope.interface", "ruamel.yaml", "A", "x-y_z"])
def test_good_names_stay(text: str) -> None:
    assert package_name(text) == text


@pytest.mark.parametrize("text", EVIL)
def test_bad_names_and_versions_are_none(text: str) -> None:
    assert package_name(text) == ""
    assert package_version(text) == ""


def test_versions_are_written_as_the_standard_has_it() -> None:
    assert [package_version(v) for v in ("1.0", "2.0-beta1", "1!2.3.post4+local.1", "2004d", None)] == [
        "1.0", "2.0b1", "1!2.3.post4+local.1", "", "",
    ]  # fmt: skip


def test_an_unpacked_release_is_still_known(tmp_path: Path) -> None:
    (tmp_path / "flask-2.0.1.dist-info").mkdir()
    (tmp_path / "flask-2.0.1.dist-info" / "RECORD").write_text("")
    said = declared(tmp_path)
    assert (said.name, said.version, said.release) == ("flask", "2.0.1", "flask==2.0.1")
    assert release_of(tmp_path, said) == ("flask", "2.0.1")


def test_a_relative_cache_is_made_absolute_where_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert default_path(Path("c/x.sqlite")) == tmp_path / "c" / "x.sqlite"
    monkeypatch.setenv("BUCKLER_CACHE", "y.sqlite")
    assert default_path() == tmp_path / "y.sqlite"
    given = {"cache": Path("c/x.sqlite"), "no_config": True, "untrusted": False, "environment": None, "python": None,
             "no_install": True, "config_file": None, "no_dependencies": False, "database": None}  # fmt: skip
    options, wanted = project_options(tmp_path, given)
    assert (options.cache, wanted.wishes.cache) == (tmp_path / "c" / "x.sqlite", tmp_path / "c")


@pytest.mark.attack("cache", "the note in a kept environment is damaged")
@pytest.mark.parametrize("text", ["", "{", "7", '{"missing": 7}', '{"recipe": 3}', "[" * 100_000, "\0"])
def test_a_damaged_note_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "note").write_text(text)
    assert still_true(tmp_path / "note") is None
