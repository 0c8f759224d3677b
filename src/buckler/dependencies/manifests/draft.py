"""What is gathered while one file is read.

A reader says what it found; a `Draft` checks that it can be a package, cites the line, and keeps the number of
requirements and of complaints within bounds, so that no reader has to.

Example::

    draft = Draft(file, "npm_lock", "npm")
    draft.add("lodash", "4.17.20", line=7, locked=True)
    draft.note("is not a package name", line=9)
    draft.manifest()
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NoReturn, TypedDict, Unpack

from buckler.dependencies.documents.text import Text
from buckler.dependencies.ecosystems import ecosystem
from buckler.dependencies.manifests.reading import KIND, ManifestFile
from buckler.dependencies.model import Manifest, Origin, Package, Requirement, Scope
from buckler.finding.model import Notice

MOST = 100_000
"""Requirements of one file."""
MOST_PROBLEMS = 5_000
"""Lines of one file that are not understood."""
MOST_NOTES = 10
"""Complaints about one file that are written out."""
LONGEST_VERSION = 256
CREDENTIALS = re.compile(r"(?<=://)[^/?#\s]*@")


class Enough(Exception):
    """A file says more than is read; what was read until then is in its draft."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        super().__init__()


class Facts(TypedDict, total=False):
    """What is known of a requirement besides its package and line; the fields of `Requirement`."""

    wanted: str
    direct: bool
    scope: Scope
    origin: Origin
    address: str
    requires: tuple[Package, ...]
    hashes: tuple[str, ...]
    marker: str
    extras: tuple[str, ...]
    locked: bool


@dataclass(slots=True)
class Draft:
    """One manifest in the making."""

    file: ManifestFile
    format: str
    ecosystem: str
    """Of what `add` is given no other for."""
    text: Text = field(init=False)
    requirements: list[Requirement] = field(default_factory=list)
    problems: list[Notice] = field(default_factory=list)
    indexes: dict[str, None] = field(default_factory=dict)
    project: Package | None = None
    guessed: bool = False
    parts: list[Package] = field(default_factory=list)
    members: tuple[str, ...] = ()
    unwritten: int = 0
    """Complaints beyond those that are written out."""

    def __post_init__(self) -> None:
        self.text = Text.of(self.file.path, self.file.data)

    def package(self, name: str, version: str = "", of: str = "") -> Package | None:
        """A package with its name as names are compared; None for what is no name of one."""
        known = ecosystem(of or self.ecosystem)
        if not known.is_name(name) or not is_version(version):
            return None
        return Package(known.id, known.canonical(name), version)

    def add(self, name: str, version: str = "", *, line: int, text: Text | None = None,
            of: str = "", **facts: Unpack[Facts]) -> Package | None:  # fmt: skip
        """One requirement; what cannot be a package becomes a notice instead."""
        package = self.package(name, version, of)
        if package is None:
            what = "version" if self.package(name, "", of) else "package name"
            self.note(f"{quoted(version if what == 'version' else name)} is not a {what}; left out", line, text)
        else:
            self.put(package, line, text, **facts)
        return package

    def put(self, package: Package, line: int, text: Text | None = None, **facts: Unpack[Facts]) -> None:
        """One requirement of a package that was checked."""
        if len(self.requirements) >= MOST:
            self._stop(f"has more than {MOST:,} requirements")
        place = text or self.text
        if "address" in facts:
            facts["address"] = without_credentials(facts["address"])
        self.requirements.append(
            Requirement(package, place.location(line), without_credentials(place.code(line)), **facts)
        )

    def part(self, name: str, version: str = "") -> None:
        """A package of the project's own."""
        package = self.package(name, version)
        if package is not None:
            self.parts.append(package)

    def note(self, what: str, line: int = 0, text: Text | None = None, *, partial: bool = True) -> None:
        """One thing a reader of the report must know."""
        if len(self.problems) >= MOST_NOTES:
            self.unwritten += 1
            if self.unwritten >= MOST_PROBLEMS:
                self._stop(f"has more than {MOST_PROBLEMS:,} lines that are not understood")
            return
        place = f"line {line}: " if line else ""
        self.problems.append(Notice(KIND, (text or self.text).path, place + what, partial))

    def _stop(self, what: str) -> NoReturn:
        self.problems.append(Notice(KIND, self.file.path, f"the file {what}; the rest was not read", partial=True))
        raise Enough(self)

    def index(self, address: str) -> None:
        """A registry that the file names."""
        if address:
            self.indexes[without_credentials(address)] = None

    def manifest(self) -> Manifest:
        problems = list(self.problems)
        if self.unwritten:
            problems.append(Notice(KIND, self.file.path, f"{self.unwritten:,} more lines like these", partial=True))
        return Manifest(
            self.file.path, self.format, tuple(self.requirements), tuple(problems),
            self.project, tuple(self.indexes), self.guessed, tuple(self.parts), self.members,
        )  # fmt: skip


def is_version(text: str) -> bool:
    """Whether something may be a version, in any ecosystem; an empty one is none yet."""
    return len(text) <= LONGEST_VERSION and text.isprintable() and " " not in text


def quoted(text: str) -> str:
    """What a file says, short and harmless enough for a sentence."""
    plain = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[:80])
    plain = without_credentials(plain)
    return f"`{plain}{'…' if len(text) > 80 else ''}`"


def without_credentials(address: str) -> str:
    """An address as it may be shown."""
    return CREDENTIALS.sub("", address)
