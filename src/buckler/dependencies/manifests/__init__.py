"""The formats that say what a project depends on: each module of this folder that has `NAMES` is one.

`NAMES` are patterns for file names; one with `/` is compared with the end of the whole path and comes before others.
`read(file)` returns what the file says. It may raise `Damaged`; whatever else is odd is a `Notice` in the manifest.

A review asks of every file whether it is a manifest, and most are none: the names of all formats are in `names.json`,
which `./do docs` writes, so that a format is imported when there is a file in it. One that is not in it yet counts.

Example::

    reader_of("api/requirements-dev.txt").name      # "requirements"
    read(ManifestFile("poetry.lock", data, tree)).requirements
"""

from __future__ import annotations

import json
import pkgutil
import re
from dataclasses import dataclass
from fnmatch import translate
from functools import cache
from importlib import import_module
from pathlib import Path

from buckler.dependencies.documents.text import Damaged
from buckler.dependencies.manifests.reading import KIND, ManifestFile
from buckler.dependencies.model import Manifest
from buckler.finding.model import Notice

TABLE = Path(__file__).with_name("names.json")
LARGEST = 32_000_000
"""Bytes of one manifest; the largest lockfiles in the wild have ten million."""
WILD = re.compile(r"[*?\[]")
INSTALLED = re.compile(r"(?:^|/)(?:node_modules|site-packages|dist-packages)/")
"""Folders in which packages lie; what these say of their own development is not the project's."""


@dataclass(slots=True, frozen=True)
class Reader:
    """One format."""

    name: str
    patterns: tuple[str, ...]

    def read(self, file: ManifestFile) -> Manifest:
        said: Manifest = import_module(f"{__name__}.{self.name}").read(file)
        return said


@cache
def readers() -> tuple[Reader, ...]:
    """Every format, by name."""
    table = json.loads(TABLE.read_text("utf-8"))
    modules = (module.name for module in pkgutil.iter_modules(__path__))
    named = ((name, tuple(table[name]) if name in table else _names_in(name)) for name in modules)
    return tuple(Reader(name, patterns) for name, patterns in named if patterns)


def table() -> str:
    """What `names.json` is to hold: for each module its names, none for one that is no format."""
    rows = {module.name: _names_in(module.name) for module in pkgutil.iter_modules(__path__)}
    return json.dumps(rows, indent=1, sort_keys=True) + "\n"


def _names_in(module: str) -> tuple[str, ...]:
    names: tuple[str, ...] = getattr(import_module(f"{__name__}.{module}"), "NAMES", ())
    return names


@dataclass(slots=True, frozen=True)
class _Row:
    pattern: re.Pattern[str]
    whole: bool
    """It is compared with the end of the path, not with the name alone."""
    reader: Reader


@cache
def _rows() -> tuple[_Row, ...]:
    """Each pattern, those with a folder first, then the longer."""
    every = [(pattern, reader) for reader in readers() for pattern in reader.patterns]
    every.sort(key=lambda row: ("/" not in row[0], -len(row[0])))
    return tuple(_Row(re.compile(_expression(pattern)), "/" in pattern, reader) for pattern, reader in every)


@cache
def _names() -> tuple[frozenset[str], re.Pattern[str]]:
    """The last names of all patterns, whole ones and others: most files are no manifest, and this is asked of all."""
    every = {pattern.rpartition("/")[2] for reader in readers() for pattern in reader.patterns}
    whole = {name for name in every if not WILD.search(name)}
    return frozenset(whole), re.compile("|".join(map(_expression, sorted(every - whole))))


def _expression(pattern: str) -> str:
    """A pattern as a regular expression for a whole path; a star is part of one name."""
    return "(?:.*/)?" + translate(pattern).replace(".*", "[^/]*")


def reader_of(path: str) -> Reader | None:
    """The format a file is in by its name, None if it is no manifest of the project."""
    whole, others = _names()
    name = path.rpartition("/")[2]
    if name not in whole and not others.match(name):
        return None
    inside = INSTALLED.search(path) is not None
    return next((row.reader for row in _rows() if (row.whole or not inside) and row.pattern.match(path)), None)


def read(file: ManifestFile) -> Manifest:
    """What a file says; never raises for what is in it."""
    reader = reader_of(file.path)
    name = reader.name if reader is not None else ""
    if reader is None:
        return _unread(file, name, "is in no format that is read")
    if len(file.data) > LARGEST:
        return _unread(file, name, f"is larger than {LARGEST:,} bytes; not read")
    from buckler.dependencies.manifests.draft import Enough  # noqa: PLC0415 - what only reading needs

    try:
        return reader.read(file)
    except Enough as stopped:
        return stopped.draft.manifest()
    except Damaged as error:
        place = f"line {error.line}: " if error.line else ""
        return _unread(file, name, f"{place}the file {error}; nothing of it was read")


def _unread(file: ManifestFile, name: str, what: str) -> Manifest:
    return Manifest(file.path, name, problems=(Notice(KIND, file.path, what, partial=True),))
