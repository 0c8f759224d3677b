"""The ecosystems packages come from, as rows: what OSV and the package URL standard call each, and how names compare.

Sources: the OSV schema ("Defined Ecosystems") and the purl specification's list of types.

Example::

    ecosystem("PyPI").canonical("Flask_SQLAlchemy")     # 'flask-sqlalchemy'
    of_purl("golang").id                                # 'Go'
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True, frozen=True)
class Ecosystem:
    """One world of packages with its own names and versions."""

    id: str
    """As OSV writes it."""
    purl: str
    """Type of its package URLs."""
    canonical: Callable[[str], str] = str
    """Brings a name into the form in which names are compared."""
    separator: str = "/"
    """Divides a name into namespace and name."""


def _pypi(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


ECOSYSTEMS: tuple[Ecosystem, ...] = (
    Ecosystem("PyPI", "pypi", _pypi, "\0"),
    Ecosystem("npm", "npm"),
    Ecosystem("Maven", "maven", separator=":"),
    Ecosystem("Go", "golang"),
    Ecosystem("crates.io", "cargo"),
    Ecosystem("NuGet", "nuget", str.lower),
    Ecosystem("RubyGems", "gem"),
    Ecosystem("Packagist", "composer", str.lower),
    Ecosystem("conda", "conda", str.lower),
)
_BY_ID = {known.id: known for known in ECOSYSTEMS}
_BY_PURL = {known.purl: known for known in ECOSYSTEMS}


def ecosystem(name: str) -> Ecosystem:
    """The one OSV calls so; raises `KeyError`."""
    return _BY_ID[name]


def of_purl(type_: str) -> Ecosystem | None:
    """The one whose package URLs have this type."""
    return _BY_PURL.get(type_)
