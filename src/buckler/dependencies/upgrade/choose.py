"""The smallest later version of a package of which nothing is known.

Candidates are the releases that an index offers or, offline, the versions in which advisories say that something is
fixed. Each is held against every advisory about the package: what fixes one flaw may still have another.

Example::

    smallest_safe(Package("PyPI", "jinja2", "2.10"), database)                # "3.1.6"
    smallest_safe(package, database, ["2.10.1", "2.11.3", "3.1.6"])
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from packaging.version import InvalidVersion, Version

from buckler.dependencies.advisories.database import Database
from buckler.dependencies.advisories.ranges import affects
from buckler.dependencies.advisories.versions import ascending, key
from buckler.dependencies.model import Advisory, Bound, Package


def smallest_safe(package: Package, database: Database, offered: Iterable[str] = ()) -> str:
    """The version, empty if there is none or the one at hand cannot be compared."""
    known = [advisory for advisory in database.affecting(package.ecosystem, package.name) if not advisory.withdrawn]
    candidates = _later(package, list(offered) or _fixed_in(known))
    return next((version for version in candidates if not _affected(known, version)), "")


def _later(package: Package, versions: Sequence[str]) -> list[str]:
    """Those above the one at hand, ascending; early releases only for whoever uses one."""
    at = key(package.ecosystem, package.version) if package.version else None
    if package.version and at is None:
        return []
    early = _early(package.version)
    order = ascending(package.ecosystem, set(versions))
    return [
        version
        for version in order
        if (place := key(package.ecosystem, version)) is not None
        and (at is None or place > at)
        and (early or not _early(version))
    ]


def _early(version: str) -> bool:
    """Alpha, beta, candidate, snapshot: by Python's rules, else by the hyphen of semantic versions."""
    try:
        return Version(version).is_prerelease
    except InvalidVersion:
        return "-" in version


def _fixed_in(known: Iterable[Advisory]) -> list[str]:
    return [
        event.version
        for advisory in known
        for affected in advisory.affected
        for events in affected.ranges
        for event in events
        if event.bound is Bound.FIXED
    ]


def _affected(known: Iterable[Advisory], version: str) -> bool:
    return any(affects(part, version) for advisory in known for part in advisory.affected)
