"""Package URLs from what tools say: a manager's name, a name, a version, or a URL already.

Example::

    purls({"type": ["pip", ""], "name": ["PyYAML", "left"], "version": ["5.3", "1"]})
    # ["pkg:pypi/pyyaml@5.3", "pkg:generic/left@1"]
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from urllib.parse import quote

from packageurl import PackageURL

from buckler.triage.importers.values import words

PLAIN = re.compile(r"[\w.~-]*", re.A)
"""Versions that stand in a URL as they are."""


def purls(said: Mapping[str, Sequence[str]]) -> list[str]:
    """One for each row; empty where there is no name."""
    size = len(next(iter(said.values())))
    empty = [""] * size
    given, kinds, spaces, names, versions = (
        said.get(k, empty) for k in ("purl", "type", "namespace", "name", "version")
    )
    return [
        canonical(url) if url else built(kind, space, name, version)
        for url, kind, space, name, version in zip(given, kinds, spaces, names, versions, strict=True)
    ]


@lru_cache(maxsize=100_000)
def canonical(url: str) -> str:
    """As the standard writes it; empty for what is none."""
    try:
        return PackageURL.from_string(url).to_string()
    except ValueError:
        return ""


def built(kind: str, space: str, name: str, version: str) -> str:
    """A URL from its parts; empty without a name."""
    if not name:
        return ""
    if name.startswith("pkg:"):
        return canonical(name)
    bare = _versionless(kind, space, name)
    return f"{bare}@{version if PLAIN.fullmatch(version) else quote(version, safe=':')}" if bare and version else bare


@lru_cache(maxsize=100_000)
def _versionless(kind: str, space: str, name: str) -> str:
    table = words("ecosystem")
    lower = kind.lower().strip()
    parts = (table[part] for part in re.split(r"[\s_:-]+", lower) if part in table)
    known = str(table.get(lower) or next(parts, "generic"))
    if not space:
        space, name = _parted(known, name)
    try:
        return PackageURL(known, space or None, name).to_string()
    except ValueError:
        return ""


def _parted(kind: str, name: str) -> tuple[str, str]:
    """Group and name, where managers write them as one."""
    if kind == "maven" and ":" in name:
        group, _, rest = name.partition(":")
        return group, rest.partition(":")[0]
    if kind in ("maven", "npm", "golang", "composer", "github") and "/" in name:
        group, _, rest = name.rpartition("/")
        return group, rest
    return "", name
