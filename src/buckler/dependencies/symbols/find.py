"""What is vulnerable in a package: what advisories name, what is known already, else what the fixed release changed.

A release that fixes something mostly changes more. Where a flaw was fixed in several lines of releases, only what
changed in each of them counts; and what the words of an advisory speak of goes before the rest.

Example::

    find = Finder(releases, cache)
    find(vulnerability).named       # (Symbol("requests.sessions", "SessionRedirectMixin.rebuild_proxies"),)
"""

from __future__ import annotations

import json
import marshal
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache as cached
from pathlib import Path

from packaging.version import InvalidVersion, Version

from buckler.base.digest import digest
from buckler.dependencies.model import Advisory, Affected, Bound, Package, Symbol, Symbols, Vulnerability
from buckler.dependencies.reach.sources import Cache, NoCache, Reading, version
from buckler.dependencies.releases import Release, Releases
from buckler.dependencies.symbols.difference import changed

LAYER = "changes"
DATA = Path(__file__).parent / "data"
FEW = 4
"""So many symbols at most are taken for the flaw itself, whatever an advisory says."""
SHORT = 5
"""Letters of a word that may stand in any text."""
PAIRS = 3
"""Lines of releases that are compared."""


@dataclass(slots=True)
class Finder:
    """Answers what is vulnerable; differences are computed once on a machine."""

    releases: Releases
    cache: Cache = field(default_factory=NoCache)
    known: Mapping[str, Mapping[str, Symbols]] | None = None
    """By package and identifier; as shipped where nothing else is given."""

    def __call__(self, vulnerability: Vulnerability) -> Symbols:
        known = self.without_comparing(vulnerability)
        if known is not None:
            return known
        package = vulnerability.component.package
        words = " ".join(advisory.summary for advisory in vulnerability.advisories)
        return sorted_out(self.differences(package, speaking(vulnerability)), words)

    def without_comparing(self, vulnerability: Vulnerability) -> Symbols | None:
        """What advisories name or was computed before."""
        package = vulnerability.component.package
        named = tuple(dict.fromkeys(symbol for a in speaking(vulnerability) for symbol in a.symbols))
        if named:
            return Symbols(named)
        shipped = (shipped_symbols(package.ecosystem) if self.known is None else self.known).get(package.name, {})
        return next((shipped[name] for name in vulnerability.names if name in shipped), None)

    def compared(self, vulnerabilities: Iterable[Vulnerability]) -> list[Package]:
        """The releases that will be compared, so that they can be fetched in one go."""
        wanted: dict[Package, None] = {}
        for vulnerability in vulnerabilities:
            if self.without_comparing(vulnerability) is None:
                package = vulnerability.component.package
                for before, after in pairs(package.version, speaking(vulnerability))[:PAIRS]:
                    for version in (nearer(before, after) or before, after):
                        wanted[Package(package.ecosystem, package.name, version)] = None
        return list(wanted)

    def differences(self, package: Package, said: Sequence[Affected]) -> list[tuple[Symbol, ...]]:
        """What changed in each line of releases that was fixed."""
        out: list[tuple[Symbol, ...]] = []
        for before, after in pairs(package.version, said)[:PAIRS]:
            fixed = self.release(package, after)
            last = self.release(package, nearer(before, after)) or self.release(package, before)
            if last is not None and fixed is not None:
                out.append(self.difference(last, fixed))
        return out

    def release(self, package: Package, version: str) -> Release | None:
        return self.releases.find(Package(package.ecosystem, package.name, version)) if version else None

    def difference(self, before: Release, after: Release) -> tuple[Symbol, ...]:
        key = digest(version(), before.digest, after.digest)
        known = self.cache.get_many(LAYER, [key]).get(key)
        if known is None:
            reading = Reading()
            found = changed(reading.members(before), reading.members(after))
            known = marshal.dumps([(symbol.module, symbol.name) for symbol in found])
            self.cache.put_many(LAYER, {key: known})
        return tuple(Symbol(*row) for row in marshal.loads(known))


def speaking(vulnerability: Vulnerability) -> list[Affected]:
    """What the advisories say of the package itself."""
    package = vulnerability.component.package
    return [a for advisory in vulnerability.advisories for a in affected(advisory, package)]


def affected(advisory: Advisory, package: Package) -> Iterator[Affected]:
    return (a for a in advisory.affected if (a.ecosystem, a.name) == (package.ecosystem, package.name))


def pairs(own: str, said: Iterable[Affected]) -> list[tuple[str, str]]:
    """(last affected, first fixed) of each line of releases, the one nearest to the release in use first."""
    fixed = {e.version for a in said for events in a.ranges for e in events if e.bound is Bound.FIXED}
    versions = {v for a in said for v in a.versions} | {own}
    out: list[tuple[Version, Version]] = []
    mine = parsed(own)
    for after in filter(None, map(parsed, fixed)):
        earlier = [v for v in map(parsed, versions) if v is not None and v < after]
        final = [v for v in earlier if not v.is_prerelease]  # a candidate of the fixed release may have it already
        if earlier:
            out.append((max(final or earlier), after))
    out.sort(key=lambda pair: (mine is not None and pair[1] < mine, pair[1]))
    text = {parsed(v): v for v in (*sorted(versions), *sorted(fixed))}
    return [(text[before], text[after]) for before, after in out]


def nearer(before: str, after: str) -> str:
    """The release just before the fixed one by its number, where an advisory does not list the affected ones.

    >>> nearer("4.0.2", "4.1.10"), nearer("4.0.3", "4.0.4"), nearer("1.1", "2.0")
    ('4.1.9', '', '')
    """
    head, dot, last = after.rpartition(".")
    guess = f"{head}{dot}{int(last) - 1}" if last.isdecimal() and int(last) > 0 else ""
    one, other = parsed(guess), parsed(before)
    return guess if one is not None and other is not None and one > other else ""


def parsed(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


def sorted_out(differences: Sequence[tuple[Symbol, ...]], words: str = "") -> Symbols:
    """What changed every time, and of that first what the words speak of."""
    lists = [found for found in differences if found]
    common = [s for s in lists[0] if all(s in other for other in lists[1:])] if lists else []
    symbols = common or list(dict.fromkeys(symbol for found in lists for symbol in found))
    named = [symbol for symbol in symbols if names(words, symbol)]
    if named:  # what changed elsewhere for other reasons
        homes = {symbol.module for symbol in named}
        return Symbols(tuple(named), tuple(s for s in symbols if s.module in homes and s not in named))
    spoken = [symbol for symbol in symbols if speaks_of(words, symbol)]
    if not spoken and len(symbols) <= FEW:
        spoken = symbols
    return Symbols(tuple(spoken), tuple(symbol for symbol in symbols if symbol not in spoken))


def names(words: str, symbol: Symbol) -> bool:
    """Whether a text gives the very name of a function, as only code is written."""
    own = symbol.name.rpartition(".")[2].strip("_")
    spelled = "_" in own or (own != own.lower() and own[1:] != own[1:].lower())
    return (
        len(own) > SHORT
        and spelled
        and re.search(rf"(?<![A-Za-z0-9]){re.escape(own)}(?![A-Za-z0-9_])", words) is not None
    )


def speaks_of(words: str, symbol: Symbol) -> bool:
    """Whether a text has the name of a symbol or of its class among its words."""
    return any(
        (len(name) > SHORT and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words, re.I)) or f"`{name}" in words
        for name in symbol.name.split(".")
    )


@cached
def shipped_symbols(ecosystem: str) -> Mapping[str, Mapping[str, Symbols]]:
    """Facts that were computed from differences of releases beforehand."""
    file = DATA / f"{ecosystem.lower()}.json"
    if not file.is_file():
        return {}
    said = json.loads(file.read_text("utf-8"))
    return {
        package: {
            name: Symbols(*(tuple(Symbol(*row) for row in rows) for rows in both)) for name, both in known.items()
        }
        for package, known in said.items()
    }
