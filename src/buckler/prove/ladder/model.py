"""What the rungs of the ladder share: the change, what a second review says of it, and the finding with its trial.

Example::

    Change({"shop/catalog.py": before}, {"shop/catalog.py": after})
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from buckler.finding.evidence import Outcome, Rung
from buckler.finding.model import Finding
from buckler.prove.attack import ProofAttempt
from buckler.prove.bench import ProofContext


@dataclass(slots=True, frozen=True)
class Change:
    """A patch as whole files before and after."""

    old: Mapping[str, bytes]
    new: Mapping[str, bytes]


@dataclass(slots=True, frozen=True)
class Reviewed:
    """What a second review of the changed project says."""

    still: tuple[str, ...] = ()
    """Findings of the same rule in the same function that are still there."""
    new: tuple[str, ...] = ()
    """Findings that were not there before."""


@dataclass(slots=True)
class Judge:
    """What the rungs share."""

    bench: ProofContext
    finding: Finding
    trial: ProofAttempt
    change: Change
    again: Callable[[Mapping[str, bytes]], Reviewed]
    """Reviews the project with these files in place of its own."""
    elsewhere: Sequence[str] = ()
    """Findings of the same rule in other places."""
    foreign: bool = False
    """Whether somebody else wrote it, who may have had other things in mind as well."""
    rungs: list[Rung] = field(default_factory=list)

    def say(self, name: str, outcome: Outcome, reason: str, details: Sequence[str] = ()) -> None:
        self.rungs.append(Rung(name, outcome, reason, tuple(details)))

    def unknown(self, names: Sequence[str], reason: str) -> None:
        for name in names:
            self.say(name, Outcome.NOT_VERIFIED, reason)


def opcodes(old: bytes, new: bytes) -> list[tuple[str, int, int, int, int]]:
    """How the lines of one file become those of the other."""
    return [*SequenceMatcher(None, old.splitlines(), new.splitlines(), autojunk=False).get_opcodes()]


def added(old: bytes, new: bytes) -> set[int]:
    """Numbers of the lines that were not there before."""
    return {n + 1 for tag, _, _, c, d in opcodes(old, new) if tag != "equal" for n in range(c, d)}
