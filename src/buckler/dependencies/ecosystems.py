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

LONGEST_NAME = 300


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
    names: re.Pattern[str] = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
    """What a package may be called."""

    def is_name(self, name: str) -> bool:
        return len(name) <= LONGEST_NAME and self.names.fullmatch(name) is not None


def _pypi(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


ECOSYSTEMS: tuple[Ecosystem, ...] = (
    Ecosystem("PyPI", "pypi", _pypi, "\0", re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")),
    Ecosystem("npm", "npm", names=re.compile(r"(@[A-Za-z0-9_~-][\w.~-]*/)?[\w~-][\w.~!'()*-]*", re.A)),
    Ecosystem("Maven", "maven", separator=":", names=re.compile(r"[\w-][\w.-]*:[\w-][\w.-]*", re.A)),
    Ecosystem("Go", "golang", names=re.compile(r"[\w~-][\w.~+!-]*(/[\w.~+!-]*[\w~+!-])*", re.A)),
    Ecosystem("crates.io", "cargo"),
    Ecosystem("NuGet", "nuget", str.lower, names=re.compile(r"[\w][\w.-]*", re.A)),
    Ecosystem("RubyGems", "gem", names=re.compile(r"[\w][\w.-]*", re.A)),
    Ecosystem("Packagist", "composer", str.lower, names=re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.A)),
    Ecosystem("conda", "conda", str.lower, names=re.compile(r"[\w][\w.-]*", re.A)),
)
_BY_ID = {known.id: known for known in ECOSYSTEMS}
_BY_PURL = {known.purl: known for known in ECOSYSTEMS}


def ecosystem(name: str) -> Ecosystem:
    """The one OSV calls so; raises `KeyError`."""
    return _BY_ID[name]


def of_purl(type_: str) -> Ecosystem | None:
    """The one whose package URLs have this type."""
    return _BY_PURL.get(type_)
