"""Python's own notation of requirements, which a dozen formats share.

Example::

    asked("flask[async]>=2; python_version > '3.8'")    # Asked("flask", wanted=">=2", extras=("async",), marker=…)
    asked("flask==2.0.1").version                       # "2.0.1"
    asked("flask @ git+https://example.org/f.git")      # origin REPOSITORY, its address
    poetry_range("^1.2")                                # ">=1.2,<2"
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from urllib.parse import unquote

from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename
from packaging.version import InvalidVersion

from buckler.dependencies.model import Origin, Scope

LONGEST = 4_000
"""Letters of a requirement worth parsing."""
REPOSITORY = re.compile(r"(?:git|hg|svn|bzr)\+|.*\.git(?:@|#|$)")
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?://|\S*/)")
EXTRA = re.compile(r"\bextra\s*==")
DEVELOPMENT = frozenset({
    "dev", "develop", "development", "test", "tests", "testing", "lint", "linting", "docs", "doc", "documentation",
    "ci", "typing", "types", "mypy", "qa", "coverage",
})  # fmt: skip
"""By these names projects call what their users do not install."""


@dataclass(slots=True, frozen=True)
class Asked:
    """What one requirement asks for."""

    name: str
    version: str = ""
    """If there is only one that fits."""
    wanted: str = ""
    extras: tuple[str, ...] = ()
    marker: str = ""
    origin: Origin = Origin.REGISTRY
    address: str = ""

    @property
    def optional(self) -> bool:
        """Only with an extra of the package that asks."""
        return EXTRA.search(self.marker) is not None


def asked(text: str) -> Asked | None:
    """A requirement by name; None for what is none."""
    if len(text) > LONGEST:
        return None
    try:
        found = Requirement(text)
    except (InvalidRequirement, RecursionError):
        return None
    marker = str(found.marker) if found.marker is not None else ""
    extras = tuple(sorted(found.extras))
    if found.url:
        version = version_in(found.url)
        return Asked(found.name, version, "", extras, marker, origin_of(found.url), found.url)
    return Asked(found.name, pinned(found.specifier), _written(found.specifier), extras, marker)


def pinned(specifier: SpecifierSet) -> str:
    """The only version that fits, if there is one."""
    exact = {s.version for s in specifier if s.operator in {"==", "==="} and not s.version.endswith(".*")}
    return exact.pop() if len(exact) == 1 else ""


def pinned_by(wanted: str) -> str:
    """The same for a range as it is written; empty for one that is not understood."""
    try:
        return pinned(SpecifierSet(wanted))
    except InvalidSpecifier:
        return ""


def _written(specifier: SpecifierSet) -> str:
    """Lower bounds before upper ones, as people write them."""
    return ",".join(sorted(map(str, specifier), key=lambda part: (part[0] in "<!", part)))


def admits(wanted: str, version: str) -> bool:
    """Whether a version fits a range; a range that is not understood admits everything."""
    try:
        return SpecifierSet(wanted).contains(version, prereleases=True)
    except (InvalidSpecifier, InvalidVersion):
        return True


def origin_of(address: str) -> Origin:
    """What kind of place an address names."""
    if REPOSITORY.match(address):
        return Origin.REPOSITORY
    if address.startswith("file:") or not ADDRESS.match(address):
        return Origin.PATH
    return Origin.URL


def version_in(address: str) -> str:
    """The version that the name of an archive says."""
    return archive(address)[1]


def archive(address: str) -> tuple[str, str]:
    """Name and version of the release whose archive an address or path names; empty if it names none."""
    name = posixpath.basename(unquote(address.partition("#")[0].partition("?")[0]))
    try:
        if name.endswith(".whl"):
            wheel = parse_wheel_filename(name)
            return wheel[0], str(wheel[1])
        sdist = parse_sdist_filename(name)
        return sdist[0], str(sdist[1])
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        return "", ""


def group_scope(group: str, otherwise: Scope) -> Scope:
    """What a group of requirements is for, by its name."""
    words = set(re.split(r"[^a-z]+", group.lower()))
    return Scope.DEVELOPMENT if words & DEVELOPMENT else otherwise


def marker_of(text: str) -> str:
    """A condition in one spelling, as it is if it is not understood."""
    try:
        return str(Marker(text))
    except ValueError:
        return text


CARET = re.compile(r"([\^~])\s*v?(\d{1,9}(?:\.\d{1,9}){0,8})(\S*)$")


def poetry_range(written: str) -> str:
    """Poetry's own notation as Python's; `^1.2` allows what keeps the first number that is not zero.

    Python's has no word for "or": such a range is none, and allows every version.
    """
    if "|" in written:
        return ""
    parts = [_poetry_part(part.strip()) for part in written.split(",")]
    return ",".join(part for part in parts if part)


def _poetry_part(written: str) -> str:
    if written in {"", "*"}:
        return ""
    head = CARET.match(written)
    if head is None:
        bare = written.replace(" ", "")
        return bare if bare[0] in "<>!~^" else f"=={bare.lstrip('=')}"
    numbers = [int(number) for number in head[2].split(".")]
    last = len(numbers) - 1
    keep = next((i for i, number in enumerate(numbers) if number), last) if head[1] == "^" else min(1, last)
    above = [*numbers[:keep], numbers[keep] + 1]
    return f">={head[2]}{head[3]},<{'.'.join(map(str, above))}"
