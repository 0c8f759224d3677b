"""What a release offers and imports, by a glance at its text: enough to see which packages lie between two others.

Example::

    outline(release)    # Outline(offers=("yaml", "_yaml"), imports={"yaml", "re", ...}, members={"load", ...})
"""

from __future__ import annotations

import marshal
import posixpath
import re
from collections.abc import Iterable, Mapping
from configparser import ConfigParser, Error
from dataclasses import dataclass
from typing import Any

from buckler.base.digest import digest
from buckler.base.source import language_of
from buckler.dependencies.model import Package
from buckler.dependencies.reach.sources import Cache
from buckler.dependencies.releases import Release

LAYER = "outline"
VERSION = b"2"
PYTHON_IMPORT = re.compile(rb"^[ \t]*(?:from[ \t]+(\w[\w.]*)[ \t]+import\b|import[ \t]+(\w[^\n#;]*))", re.M)
SCRIPT_IMPORT = re.compile(rb"""(?:\bfrom|\brequire\s*\(|\bimport\s*\(?)\s*["'`]((?:@[\w.-]+/)?[\w][\w.-]*)""")
MEMBER = re.compile(rb"\.\s*([A-Za-z_]\w*)")
SPELLED = re.compile(rb"""["']((?:@[\w.-]+/)?[A-Za-z_][\w-]*)(?:[.:/][\w.:-]*)?["']""")
REGISTERS = re.compile(rb"__init_subclass__|metaclass|__subclasses__|__mro_entries__")
COMMANDS = ("console_scripts", "gui_scripts")


@dataclass(slots=True, frozen=True)
class Outline:
    offers: frozenset[str]
    """First parts of the names by which it is imported."""
    imports: frozenset[str]
    """First parts of what it imports."""
    spelled: frozenset[str]
    """First parts of strings that could be names of modules."""
    members: frozenset[str]
    """Everything it names after a dot."""
    commands: Mapping[str, str]
    """Commands it installs, each with the function it starts."""
    plugins: tuple[str, ...]
    """What it registers with other packages."""
    registers: bool
    """It may notice that a class of somebody else inherits from one of its own."""


def outline(release: Release, cache: Cache) -> Outline:
    key = digest(VERSION, release.digest)
    known = cache.get_many(LAYER, [key]).get(key)
    if known is None:
        known = marshal.dumps(glance(release))
        cache.put_many(LAYER, {key: known})
    return Outline(*marshal.loads(known))


def glance(release: Release) -> tuple[Any, ...]:
    imports: set[bytes] = set()
    spelled: set[bytes] = set()
    members: set[bytes] = set()
    registers = False
    for path, data in release.files.items():
        language = language_of(path)
        if not language or path.endswith("package.json"):
            continue
        members.update(MEMBER.findall(data))
        registers = registers or REGISTERS.search(data) is not None
        spelled.update(SPELLED.findall(data))
        imports |= imported(data) if language == "python" else set(SCRIPT_IMPORT.findall(data))
    registered = entry_points(release)
    commands = {name: value for group, name, value in registered if group in COMMANDS}
    plugins = tuple(value for group, _, value in registered if group not in COMMANDS)
    return (offered(release), texts(imports), texts(spelled), texts(members), commands, plugins, registers)


def imported(data: bytes) -> set[bytes]:
    """First parts of the modules a Python file imports."""
    out: set[bytes] = set()
    for whole, several in PYTHON_IMPORT.findall(data):
        names = [whole] if whole else several.split(b",")
        out.update(name.strip().split(b" ")[0].split(b".")[0] for name in names)
    return out


def texts(words: Iterable[bytes]) -> frozenset[str]:
    return frozenset(word.decode("utf-8", "replace") for word in words)


def offered(release: Release) -> frozenset[str]:
    if release.package.ecosystem != "PyPI":
        return frozenset({release.package.name})
    tops = (path.partition("/") for path in release.files if language_of(path) == "python" or path.endswith(".so"))
    return frozenset(first if rest else posixpath.splitext(first)[0].partition(".")[0] for first, _, rest in tops)


def entry_points(release: Release) -> list[tuple[str, str, str]]:
    """(group, name, function) of everything a Python release registers."""
    out: list[tuple[str, str, str]] = []
    for path, data in release.files.items():
        if path.endswith("/entry_points.txt"):
            parser = ConfigParser(delimiters=("=",), strict=False, interpolation=None)
            parser.optionxform = str  # type: ignore[assignment,method-assign]
            try:
                parser.read_string(data.decode("utf-8", "replace"))
            except Error:
                continue
            for group in parser.sections():
                out += [(group, name, plain(value)) for name, value in parser.items(group)]
    return out


def plain(value: str) -> str:
    """`module:function [extra]` as a dotted name."""
    return value.partition("[")[0].strip().replace(":", ".")


def providers(outlines: Mapping[Package, Outline]) -> dict[str, list[Package]]:
    """Per first part of an imported name the packages that offer it."""
    out: dict[str, list[Package]] = {}
    for package, known in outlines.items():
        for name in known.offers:
            out.setdefault(name, []).append(package)
    return out


def between(outlines: Mapping[Package, Outline], wanted: Iterable[Package]) -> set[Package]:
    """The packages from which imports lead to one of those that are wanted, these among them."""
    offers = providers(outlines)
    users: dict[Package, set[Package]] = {}
    for package, known in outlines.items():
        for name in known.imports | (known.spelled & offers.keys()):
            for offering in offers.get(name, ()):
                users.setdefault(offering, set()).add(package)
    out: set[Package] = set()
    todo = list(wanted)
    while todo:
        package = todo.pop()
        if package not in out:
            out.add(package)
            todo += users.get(package, ())
    return out
