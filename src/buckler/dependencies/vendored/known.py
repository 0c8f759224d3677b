"""What the releases of a package look like: fingerprints of their files and functions, and how the files begin.

It is data, `data/*.json`, made by `scripts/vendored.py` from published archives; facts, and nothing of their text but
the beginning of a first line, up to the version.

Example::

    known = known_of("npm", "jquery", [("1.12.3", {"dist/jquery.js": data}), ("1.12.4", {"dist/jquery.js": other})])
    known.files[of_file(other)]         # ("dist/jquery.js", 0b10): in the second release only
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from buckler.base.source import language_of
from buckler.dependencies.vendored.fingerprints import of_file, of_functions

DATA = Path(__file__).parent / "data"
HEAD = 200
"""Bytes in which a file says what it is."""


@dataclass(slots=True, frozen=True)
class Known:
    """What the releases of one package look like; a set of releases is a number with a bit for each."""

    ecosystem: str
    name: str
    versions: tuple[str, ...]
    """Ascending."""
    files: Mapping[str, tuple[str, int]]
    """By fingerprint the path within the package, and the releases that have it."""
    functions: Mapping[str, int]
    banners: tuple[str, ...] = ()
    """How its files begin, up to the version."""


def known_of(ecosystem: str, name: str, releases: Iterable[tuple[str, Mapping[str, bytes]]]) -> Known:
    """Learns from releases, given in ascending order with their files."""
    versions: list[str] = []
    files: dict[str, tuple[str, int]] = {}
    functions: dict[str, int] = defaultdict(int)
    banners: set[str] = set()
    for number, (version, contents) in enumerate(releases):
        versions.append(version)
        for path, data in contents.items():
            fingerprint = of_file(data)
            if fingerprint:
                first, seen = files.get(fingerprint, (path, 0))
                files[fingerprint] = (first, seen | 1 << number)
            for function in of_functions(language_of(path), data) if language_of(path) else ():
                functions[function] |= 1 << number
            before, found, _ = head(data).partition(version)
            if found and name.lower() in before.lower():
                banners.add(before)
    return Known(ecosystem, name, tuple(versions), files, dict(functions), tuple(sorted(banners)))


def head(data: bytes) -> str:
    """The bytes in which a file says what it is."""
    return data[:HEAD].decode("utf-8", "replace").replace("\r\n", "\n")


def dumped(known: Known) -> str:
    """As text, a line a fact, so that a difference can be read."""
    row = {
        "ecosystem": known.ecosystem, "name": known.name, "versions": known.versions,
        "files": {fingerprint: [path, f"{seen:x}"] for fingerprint, (path, seen) in sorted(known.files.items())},
        "banners": known.banners,
        "functions": {fingerprint: f"{seen:x}" for fingerprint, seen in sorted(known.functions.items())},
    }  # fmt: skip
    return json.dumps(row, indent=0) + "\n"


def loaded(text: str) -> Known:
    """What `dumped` wrote."""
    row = json.loads(text)
    files = {fingerprint: (path, int(seen, 16)) for fingerprint, (path, seen) in row["files"].items()}
    functions = {fingerprint: int(seen, 16) for fingerprint, seen in row["functions"].items()}
    return Known(row["ecosystem"], row["name"], tuple(row["versions"]), files, functions, tuple(row["banners"]))


@cache
def shipped() -> tuple[Known, ...]:
    """What Buckler comes with."""
    return tuple(loaded(file.read_text("utf-8")) for file in sorted(DATA.glob("*.json")))
