"""What a project says it needs, read from whatever file says it; nothing is run to find out.

A requirement is a name with a version range. Addresses, local paths, editable installs and options for the installer
are left out: a hostile file could use them to choose what is downloaded and run.

Example::

    declared(Path("shop")).needed     # ("flask>=3", "requests")
"""

from __future__ import annotations

import ast
import configparser
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidName, canonicalize_name
from packaging.version import InvalidVersion, Version

from buckler.base.files import read_in
from buckler.dependencies.pep508 import poetry_range

LARGEST = 4_000_000
"""Bytes of a file worth reading."""
DAMAGED = (
    ValueError, SyntaxError, KeyError, TypeError, AttributeError, RecursionError, MemoryError, configparser.Error,
)  # fmt: skip
"""What reading a file that is not of the form it should be raises."""
TEST_GROUPS = re.compile(r"(dev|tests?|testing|ci)", re.I)
NOT_OURS = frozenset({"pip", "setuptools", "wheel", "python"})


@dataclass(slots=True, frozen=True)
class Declared:
    """What the project needs to run, what its tests need besides, and where that is written."""

    needed: tuple[str, ...]
    for_tests: tuple[str, ...]
    files: tuple[str, ...]
    name: str = ""
    version: str = ""
    python: str = ""
    """The range of interpreters, as `Requires-Python` has it."""
    release: str = ""
    """`name==version` of a published release that was unpacked without its own description."""


@dataclass(slots=True)
class _Found:
    needed: list[str]
    tests: list[str]
    release: str = ""
    name: str = ""
    version: str = ""
    python: str = ""


def declared(project: Path) -> Declared:
    """Read every file that says something; a lock file wins over ranges because it comes first."""
    found = _Found([], [])
    files = []
    for pattern, read in READERS:
        for file in sorted(project.glob(pattern)):
            before = (len(found.needed), len(found.tests), found.name)
            try:
                text = text_of(project, file)
                if text or read is _unpacked:
                    read(file, text, found)
            except DAMAGED:
                continue  # a damaged file says nothing
            if (len(found.needed), len(found.tests), found.name) != before:
                files.append(file.relative_to(project).as_posix())
    needed = _once(found.needed, found.name)
    known = {Requirement(text).name.lower() for text in needed}
    tests = [t for t in _once(found.tests, found.name) if Requirement(t).name.lower() not in known]
    if found.release:
        needed.insert(0, found.release)
    return Declared(tuple(needed), tuple(tests), tuple(files), found.name, found.version, found.python,
                    found.release)  # fmt: skip


def text_of(project: Path, file: Path) -> str:
    """The text of a file of the project; empty for everything that is none, a link included."""
    return read_in(project, file, LARGEST).decode("utf-8", "replace")


def _once(texts: Iterable[str], own: str) -> list[str]:
    """One requirement for each name, the first; the project itself is not one."""
    out: dict[str, str] = {}
    for text in texts:
        requirement = parsed(text)
        if requirement is None:
            continue
        name = canonicalize_name(requirement.name)
        if name not in NOT_OURS and name != canonicalize_name(own or "-"):
            out.setdefault(name, str(requirement))
    return list(out.values())


def optional(project: Path) -> list[str]:
    """What the project declares for its extras, whatever they are called."""
    out: list[str] = []
    with suppress(*DAMAGED):
        data = tomllib.loads(text_of(project, project / "pyproject.toml"))
        rows = data.get("project", {}).get("optional-dependencies", {}).values()
        out += [text for group in rows for text in group if isinstance(text, str)]
    for pattern in ("*.dist-info/METADATA", "PKG-INFO"):
        for file in project.glob(pattern):
            head = HeaderParser().parsestr(text_of(project, file))
            out += [text.split(";")[0].strip() for text in head.get_all("Requires-Dist", []) if "extra ==" in text]
    with suppress(*DAMAGED):
        settings = configparser.ConfigParser(interpolation=None, strict=False)
        settings.read_string(text_of(project, project / "setup.cfg"))
        if settings.has_section("options.extras_require"):
            out += [line for _, text in settings.items("options.extras_require") for line in text.splitlines() if line]
    return out


def parsed(text: str) -> Requirement | None:
    """A requirement by name, or None for everything else; markers that name an extra do not apply."""
    try:
        requirement = Requirement(text.split(" #", maxsplit=1)[0].strip())
    except InvalidRequirement:
        return None
    if requirement.url or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
        return None
    requirement.marker = None
    return requirement


def _lines(text: str) -> Iterator[str]:
    for line in text.replace("\\\n", " ").splitlines():
        row = re.sub(r"\s--hash=\S+", "", line).strip()
        if row and not row.startswith(("#", "-")):
            yield row


def _requirements(file: Path, text: str, found: _Found) -> None:
    into = found.tests if TEST_GROUPS.search(file.stem) else found.needed
    into += _lines(text)


def _lock(file: Path, text: str, found: _Found) -> None:
    """poetry.lock, uv.lock and pdm.lock: every package with its version."""
    for package in tomllib.loads(text).get("package", ()):
        source = package.get("source") or {}
        if not {"virtual", "editable", "directory", "path"} & source.keys() and source.get("type") != "directory":
            found.needed.append(f"{package['name']}=={package['version']}")


def _pipfile_lock(file: Path, text: str, found: _Found) -> None:
    data = json.loads(text)
    for group, into in (("default", found.needed), ("develop", found.tests)):
        into += [f"{name}{row.get('version', '')}" for name, row in data.get(group, {}).items()]


def _pyproject(file: Path, text: str, found: _Found) -> None:
    data = tomllib.loads(text)
    project = data.get("project", {})
    _named(found, project.get("name"), project.get("version"), project.get("requires-python"))
    found.needed += project.get("dependencies", ())
    groups = {**project.get("optional-dependencies", {}), **data.get("dependency-groups", {})}
    for group, rows in groups.items():
        if TEST_GROUPS.search(group):
            found.tests += [row for row in rows if isinstance(row, str)]
    poetry = data.get("tool", {}).get("poetry", {})
    _named(found, poetry.get("name"), poetry.get("version"), None)
    found.needed += _poetry(poetry.get("dependencies", {}))
    for group, table in poetry.get("group", {}).items():
        if TEST_GROUPS.search(group):
            found.tests += _poetry(table.get("dependencies", {}))
    found.tests += _poetry(poetry.get("dev-dependencies", {}))


def _poetry(table: dict[str, Any]) -> Iterator[str]:
    for name, row in table.items():
        version = row.get("version", "*") if isinstance(row, dict) else row
        if isinstance(row, dict) and (row.get("optional") or {"git", "path", "url"} & row.keys()):
            continue
        if isinstance(version, str):
            yield f"{name}{poetry_range(version)}"


def _setup_cfg(file: Path, text: str, found: _Found) -> None:
    settings = configparser.ConfigParser(interpolation=None, strict=False)
    settings.read_string(text)
    get = settings.get
    _named(found, get("metadata", "name", fallback=None), get("metadata", "version", fallback=None),
           get("options", "python_requires", fallback=None))  # fmt: skip
    found.needed += get("options", "install_requires", fallback="").splitlines()
    if settings.has_section("options.extras_require"):
        for group, rows in settings.items("options.extras_require"):
            if TEST_GROUPS.search(group):
                found.tests += rows.splitlines()


def _setup_py(file: Path, text: str, found: _Found) -> None:
    """Only what is written out; a list that is computed stays unknown."""
    tree = ast.parse(text)
    constants = {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }

    def value(node: ast.expr) -> Any:
        if isinstance(node, ast.Name):
            node = constants.get(node.id, node)
        try:
            return ast.literal_eval(node)
        except ValueError:
            return None

    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and ast.unparse(n.func).rpartition(".")[2] == "setup"]
    for keyword in (k for call in calls for k in call.keywords):
        given = value(keyword.value)
        if keyword.arg in ("install_requires", "requires") and isinstance(given, list | tuple):
            found.needed += [row for row in given if isinstance(row, str)]
        elif keyword.arg == "tests_require" and isinstance(given, list | tuple):
            found.tests += [row for row in given if isinstance(row, str)]
        elif keyword.arg == "name" and isinstance(given, str):
            _named(found, given, None, None)
        elif keyword.arg == "version" and isinstance(given, str):
            _named(found, None, given, None)


def _metadata(file: Path, text: str, found: _Found) -> None:
    head = HeaderParser().parsestr(text)
    _named(found, head["Name"], head["Version"], head["Requires-Python"])
    found.needed += head.get_all("Requires-Dist", [])


def _requires_txt(file: Path, text: str, found: _Found) -> None:
    """An egg's list; what follows a heading in brackets is optional."""
    found.needed += text.split("\n[", maxsplit=1)[0].splitlines()


def _named(found: _Found, name: object, version: object, python: object) -> None:
    found.name = found.name or package_name(name)
    found.version = found.version or package_version(version)
    found.python = found.python or (python if isinstance(python, str) else "")


LONGEST_NAME = 100


def package_name(text: object) -> str:
    """A name that a package can have, empty for everything else: names become folders."""
    if not isinstance(text, str) or len(text) > LONGEST_NAME:
        return ""
    name = text.strip()
    try:
        canonicalize_name(name, validate=True)
    except InvalidName:
        return ""
    return name


def package_version(text: object) -> str:
    """A version as the standard writes it, empty for everything that is none."""
    if not isinstance(text, str) or len(text) > LONGEST_NAME:
        return ""
    try:
        return str(Version(text))
    except InvalidVersion:
        return ""


UNPACKED = re.compile(r"([A-Za-z0-9._]+)-([0-9][^-]*)\.dist-info")


def _unpacked(file: Path, text: str, found: _Found) -> None:
    """A published wheel that was unpacked without its description: the release itself knows what it needs."""
    named = UNPACKED.fullmatch(file.parent.name)
    name, version = (package_name(named[1]), package_version(named[2])) if named else ("", "")
    if name and version and not (file.parent / "METADATA").exists():
        _named(found, name, version, None)
        found.release = f"{name}=={version}"


READERS: tuple[tuple[str, Callable[[Path, str, _Found], None]], ...] = (
    ("*.dist-info/METADATA", _metadata),
    ("*.dist-info/*", _unpacked),
    ("PKG-INFO", _metadata),
    ("poetry.lock", _lock),
    ("uv.lock", _lock),
    ("pdm.lock", _lock),
    ("Pipfile.lock", _pipfile_lock),
    ("requirements.txt", _requirements),
    ("requirements/*.txt", _requirements),
    ("pyproject.toml", _pyproject),
    ("setup.cfg", _setup_cfg),
    ("setup.py", _setup_py),
    ("*.egg-info/requires.txt", _requires_txt),
    ("requirements*.txt", _requirements),
    ("*-requirements.txt", _requirements),
)
"""Lock files before ranges; the file names are those of the packaging tools."""
