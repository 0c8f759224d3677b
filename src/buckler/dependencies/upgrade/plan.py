"""One package, one version to move to → what has to change where: edits of manifests, and lockfiles to be written anew.

A package that the project does not ask for itself is moved in the lockfile alone. Where it cannot be moved by what is
there, the plan says why and changes nothing.

Example::

    plan = planned(component, "2.10.1", read, formats)
    plan.edits, plan.locks
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from buckler.dependencies.model import Component, Origin, Requirement
from buckler.dependencies.upgrade.edits import NotEdited, edits_of
from buckler.dependencies.upgrade.lockers import Locker, locker_for
from buckler.finding.evidence import Edit

Read = Callable[[str], bytes]


@dataclass(slots=True, frozen=True)
class Lock:
    """A lockfile and the tool that writes it."""

    path: str
    locker: Locker


@dataclass(slots=True, frozen=True)
class Plan:
    """What moves one package to another version."""

    component: Component
    version: str
    edits: tuple[Edit, ...] = ()
    locks: tuple[Lock, ...] = ()
    refused: str = ""
    """Why nothing can be changed, a clause; empty if it can."""


def planned(
    component: Component, version: str, read: Read, formats: Mapping[str, str], hashes: Sequence[str] = ()
) -> Plan:
    """The plan; `formats` has the format of each manifest by its path, `hashes` are those of the new archives."""
    edits: list[Edit] = []
    locks: list[Lock] = []
    for line in component.requirements:
        path = line.location.path
        if refused := _fixed_elsewhere(line):
            return Plan(component, version, refused=refused)
        if (locker := locker_for(formats[path])) is not None:
            locks.append(Lock(path, locker))
            continue
        if line.locked and not line.wanted:
            return Plan(component, version, refused=f"{path} is written by a tool that Buckler does not know")
        try:
            edits += edits_of(line, read(path), version, hashes)
        except NotEdited as reason:
            return Plan(component, version, refused=f"{path}:{line.location.line}: {reason}")
    if not edits and not locks:
        return Plan(component, version, refused="what the project asks for allows the new version already")
    once = dict.fromkeys(sorted(edits, key=lambda edit: (edit.path, edit.start)))
    return Plan(component, version, tuple(once), tuple(dict.fromkeys(locks)))


def _fixed_elsewhere(line: Requirement) -> str:
    """Why a line of this origin says nothing that could be changed."""
    where = f"{line.location.path}:{line.location.line}"
    if line.origin is Origin.VENDORED:
        return f"{where}: it is a copy in the tree, which has to be replaced by hand"
    if line.origin in (Origin.REPOSITORY, Origin.URL, Origin.PATH):
        return f"{where}: it comes from an address of its own"
    return ""
