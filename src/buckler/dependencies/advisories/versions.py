"""How each ecosystem orders its versions: one function a row, from the text of a version to a key that Python compares.

A key is a tuple, so sorting, bisecting and caching need no code of their own. `univers` compares pairs of objects by
methods; a database of 300,000 advisories asks millions of times, so what it does is written here as keys. Sources:
PEP 440 (by `packaging`), Semantic Versioning 2.0 with what npm and Go add, the Maven "Version Order Specification",
NuGet's and Gem::Version's documentation, Composer's normalization.

Example::

    key("npm", "1.0.0-beta.2") < key("npm", "1.0.0-beta.11") < key("npm", "v1.0.0")
    key("npm", "latest")                      # None: no version
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from packaging.version import InvalidVersion, Version

Key = tuple[Any, ...]
MOST = 200
"""Characters of a version; nobody's is longer, and Python reads no number of thousands of digits."""

SEMVER = re.compile(r"[v=\s]*(\d+(?:\.\d+)*)(?:-|(?=[a-zA-Z]))?([0-9A-Za-z.-]*)(?:\+\S*)?", re.A)
GO_RELEASE = re.compile(r"(?:go)?(\d+(?:\.\d+)*)(?:(rc|beta|alpha)(\d+))?", re.A)
MAVEN = re.compile(r"([.\-_]?)(\d+|[^\d.\-_]+|(?=[.\-_]|$))", re.A)
GEM = re.compile(r"\d+|[a-z]+", re.A | re.I)
GEM_WHOLE = re.compile(r"\d+(?:\.[0-9a-z]+)*(?:-[0-9a-z-]+(?:\.[0-9a-z-]+)*)?", re.A | re.I)
COMPOSER = re.compile(
    r"v?(\d+(?:[.\-]\d+)*)(?:[._\-]?(stable|beta|b|rc|alpha|a|patch|pl|p)((?:[.\-]?\d+)*))?([.\-]?dev)?(?:\+\S*)?",
    re.A | re.I,
)

MAVEN_WORDS = {
    "alpha": 0, "beta": 1, "milestone": 2, "rc": 3, "cr": 3, "snapshot": 4,
    "": 5, "final": 5, "ga": 5, "release": 5, "sp": 6,
}  # fmt: skip
MAVEN_SHORT = {"a": "alpha", "b": "beta", "m": "milestone"}
COMPOSER_WORDS = {
    "alpha": 1, "a": 1, "beta": 2, "b": 2, "rc": 3, "": 4, "stable": 4, "patch": 5, "pl": 5, "p": 5,
}  # fmt: skip


@lru_cache(maxsize=1 << 17)
def key(ecosystem: str, version: str) -> Key | None:
    """What a version is compared by among those of its ecosystem; None for a text that is none."""
    if len(version) > MOST:
        return None
    return ORDERS[ecosystem](version.strip())


def listed(ecosystem: str, version: str, versions: Iterable[str]) -> bool:
    """Whether a version is one of these, however each is written (`1.0` is `1.0.0` in PyPI)."""
    versions = tuple(versions)
    if version in versions:
        return True
    wanted = key(ecosystem, version)
    return wanted is not None and any(key(ecosystem, each) == wanted for each in versions)


def ascending(ecosystem: str, versions: Iterable[str]) -> tuple[str, ...]:
    """Each once, the oldest first; what is no version is left out."""
    known = {k: version for version in versions if (k := key(ecosystem, version)) is not None}
    return tuple(known[k] for k in sorted(known))


def _pypi(text: str) -> Key | None:
    """PEP 440 without the local part: an advisory about 2.0 is about 2.0+cu118 too."""
    try:
        version = Version(text)
    except InvalidVersion:
        return None
    return (Version(version.public) if version.local else version,)


def _semver(text: str) -> Key | None:
    found = SEMVER.fullmatch(text)
    return None if found is None else (_numbers(found[1]), _prerelease(found[2]))


def _numbers(text: str) -> tuple[int, ...]:
    """Without zeros at the end, so that 1 is 1.0.0."""
    numbers = [int(part) for part in text.split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _prerelease(text: str) -> Key:
    """Below the release itself; numbers below words."""
    if not text:
        return (1,)
    return (0, *((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in text.split(".")))


def _go(text: str) -> Key | None:
    """Semantic versions, and those of the toolchain (`go1.21rc2` is 1.21.0-rc.2)."""
    found = GO_RELEASE.fullmatch(text)
    if found is None:
        return _semver(text)
    return _numbers(found[1]), _prerelease(f"{found[2]}.{found[3]}" if found[2] else "")


def _nuget(text: str) -> Key | None:
    return _semver(text.lower())


def _maven(text: str) -> Key | None:
    """Tokens with their separators, null ones trimmed; the end of the text is a token too.

    `-alpha` < end < `-sp` < `-unknown` < `-1` < `.1`. A zero is only left before a later number, so it is more than
    the end, which makes the order of the specification (missing tokens are null) that of the tuples.
    """
    tokens = _maven_tokens(text.lower())
    return (*map(_maven_rank, _trimmed(tokens)), (1,)) if tokens else None


def _maven_tokens(text: str) -> list[tuple[str, str]]:
    """A change between digits and letters counts as a hyphen."""
    tokens: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        found = MAVEN.match(text, at)
        assert found is not None, text
        at = found.end()
        separator, value = found[1].replace("_", "-"), found[2] or "0"
        if tokens and not separator:
            if value.isdecimal() and tokens[-1][1] in MAVEN_SHORT:
                tokens[-1] = (tokens[-1][0], MAVEN_SHORT[tokens[-1][1]])
            separator = "-"
        tokens.append((separator or ".", value))
    return tokens


def _trimmed(tokens: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Without null values at the end and before each hyphen; `.word` is as good as `-word`."""
    kept: list[tuple[str, str]] = []
    for separator, value in tokens:
        if separator == "-" or not value.isdecimal():
            while kept and _null(kept[-1][1]):
                kept.pop()
        kept.append((separator, value))
    while kept and _null(kept[-1][1]):
        kept.pop()
    return kept


def _null(value: str) -> bool:
    return MAVEN_WORDS.get(value) == MAVEN_WORDS[""] or (value.isdecimal() and not int(value))


def _maven_rank(token: tuple[str, str]) -> Key:
    separator, value = token
    if value.isdecimal():
        return (4 if separator == "." else 3, int(value))
    rank = MAVEN_WORDS.get(value, 7)
    if rank == MAVEN_WORDS[""]:
        return (1,)
    return (0, rank) if rank < MAVEN_WORDS[""] else (2, rank, value if rank == 7 else "")


def _gem(text: str) -> Key | None:
    """Words below numbers; a missing segment is a zero, so zeros before a word are below the end, others above it."""
    if not GEM_WHOLE.fullmatch(text):
        return None
    parts = GEM.findall(text.replace("-", ".pre."))
    word = next((at for at, part in enumerate(parts) if not part.isdecimal()), len(parts))
    ranked: list[Key] = [(2,)]
    for part in reversed(_without_zeros(parts[:word]) + _without_zeros(parts[word:])):
        if not part.isdecimal():
            ranked.append((0, part))
        elif int(part):
            ranked.append((3, int(part)))
        else:
            ranked.append((1,) if ranked[-1][0] < 2 else (3, 0))
    return tuple(reversed(ranked))


def _without_zeros(parts: list[str]) -> list[str]:
    while parts and parts[-1].isdecimal() and not int(parts[-1]):
        parts = parts[:-1]
    return parts


def _composer(text: str) -> Key | None:
    found = COMPOSER.fullmatch(text)
    if found is None:
        return None
    number = tuple(int(part) for part in re.findall(r"\d+", found[3] or "", re.A))
    word = COMPOSER_WORDS[(found[2] or "").lower()]
    return _numbers(found[1].replace("-", ".")), (0 if found[4] and not found[2] else word), number, not found[4]


ORDERS: dict[str, Callable[[str], Key | None]] = {
    "PyPI": _pypi,
    "npm": _semver,
    "Maven": _maven,
    "Go": _go,
    "crates.io": _semver,
    "NuGet": _nuget,
    "RubyGems": _gem,
    "Packagist": _composer,
    "conda": _pypi,
}
