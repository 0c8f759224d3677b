"""When a project was released: an old one is run with what it was made for, an interpreter and packages of its day.

Only an unpacked release has a day: one that says so itself, by the description packed with it, or by the name of its
folder. A checkout that somebody works on is run with what there is now.

Example::

    released(Path("petl-1.6.7"), declared(Path("petl-1.6.7")), cache)     # date(2020, 9, 29)
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from packaging.utils import canonicalize_name

from buckler.prove.environment.installer import uploaded
from buckler.prove.environment.requirements import Declared

OLD = timedelta(days=365)
"""Younger releases are run with what there is now."""
SETTLED = timedelta(days=240)
"""After so long most packages had wheels for a new interpreter."""
PYTHONS = {
    (3, 9): date(2020, 10, 5), (3, 10): date(2021, 10, 4), (3, 11): date(2022, 10, 24), (3, 12): date(2023, 10, 2),
    (3, 13): date(2024, 10, 7),
}  # fmt: skip
"""The day each was first released; those not named were there before."""
NAME = re.compile(r"[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?")
VERSION = re.compile(r"\d[\w.+!]*")
FOLDER = re.compile(r"(?P<name>.+?)-(?P<version>\d[\w.+!]*)(-[a-z]+)?")


def released(project: Path, said: Declared, cache: Path) -> date | None:
    """The day after, if it is long ago; None for what is worked on now and for what nobody knows."""
    named = release_of(project, said)
    when = uploaded(*named, cache) if named else None
    return when + timedelta(days=1) if when and datetime.now(tz=UTC).date() - when > OLD else None


def release_of(project: Path, said: Declared) -> tuple[str, str] | None:
    """Name and version, where the folder is an unpacked release."""
    if (project / ".git").exists():
        return None
    packed = any(project.glob("*.dist-info")) or (project / "PKG-INFO").is_file()
    named = FOLDER.fullmatch(project.resolve().name)
    name, version = said.name, said.version
    if named and (not name or canonicalize_name(named["name"]) == canonicalize_name(name)):
        packed, name, version = True, named["name"], version or named["version"]
    good = packed and NAME.fullmatch(name) and VERSION.fullmatch(version)
    return (name, version) if good else None


def fitting(versions: list[tuple[int, int]], when: date) -> list[tuple[int, int]]:
    """Interpreters in the order in which they suit a release of that day: the newest settled one, older, then newer."""
    known = [v for v in versions if PYTHONS.get(v, date.min) + SETTLED <= when]
    return [*sorted(known, reverse=True), *sorted(v for v in versions if v not in known)]
