"""Packages and the versions they move to → what has to change where: edits, and lockfiles to be written anew.

A package that the project does not ask for itself is moved in the lockfile alone. Where something cannot be moved by
what is there, the plan says why and changes nothing.

Example::

    plan = planned([Move(jinja2, "2.10.1")], read, formats, hashes)
    plan.edits, plan.locks
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from buckler.dependencies.model import Component, Origin, Package, Requirement
from buckler.dependencies.upgrade.edits import NotEdited, edits_of
from buckler.dependencies.upgrade.lockers import Locker, locker_for
from buckler.finding.evidence import Edit

Read = Callable[[str], bytes]
Hashes = Callable[[Package], Sequence[str]]
"""Those of the archives of a release, as `algorithm:hex`; none where nobody knows them."""


ADDRESSED = frozenset({Origin.REPOSITORY, Origin.URL, Origin.PATH})
"""What comes from an address of its own, whatever its version."""


@dataclass(slots=True, frozen=True)
class Move:
    """One package and the version it is to have."""

    component: Component
    version: str

    @property
    def target(self) -> Package:
        package = self.component.package
        return Package(package.ecosystem, package.name, self.version)


@dataclass(slots=True, frozen=True)
class Lock:
    """A lockfile, the tool that writes it, and what moves in it."""

    path: str
    locker: Locker
    move: Move


@dataclass(slots=True, frozen=True)
class Plan:
    """What moves one package to another version, and others along with it."""

    moves: tuple[Move, ...]
    """The one that is wanted first."""
    edits: tuple[Edit, ...] = ()
    locks: tuple[Lock, ...] = ()
    refused: str = ""
    """Why nothing can be changed, a clause; empty if it can."""

    @property
    def move(self) -> Move:
        return self.moves[0]


def planned(moves: Sequence[Move], read: Read, formats: Mapping[str, str], hashes: Hashes) -> Plan:
    """The plan; `formats` has the format of each manifest by its path."""
    edits: dict[Edit, None] = {}
    locks: dict[Lock, None] = {}
    for move in moves:
        for line in from_registry(move.component.requirements):
            path = line.location.path
            try:
                if (locker := locker_for(formats[path])) is not None:
                    locks[Lock(path, locker, move)] = None
                else:
                    edits |= dict.fromkeys(_edits(line, move, read(path), hashes))
            except NotEdited as reason:
                return Plan(tuple(moves), refused=f"{path}:{line.location.line}: {reason}")
    if not edits and not locks:
        return Plan(tuple(moves), refused="what the project asks for allows that already, and nothing pins it")
    return Plan(tuple(moves), tuple(sorted(edits, key=lambda edit: (edit.path, edit.start))), tuple(locks))


def from_registry(lines: Sequence[Requirement]) -> Sequence[Requirement]:
    """Those that a version could be asked for; all where there are none, so that somebody says why."""
    return [line for line in lines if line.origin not in ADDRESSED] or lines


def _edits(line: Requirement, move: Move, data: bytes, hashes: Hashes) -> list[Edit]:
    """The edits of one line; raises `NotEdited`."""
    if line.origin is Origin.VENDORED:
        raise NotEdited("it is a copy in the tree, which has to be replaced by hand")
    if line.origin in ADDRESSED:
        raise NotEdited("it comes from an address of its own")
    if line.locked and not line.wanted:
        raise NotEdited("the file is written by a tool that Buckler does not know")
    return edits_of(line, data, move.version, hashes(move.target) if line.hashes else ())
