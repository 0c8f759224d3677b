"""What the analysis of a regular expression says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True, frozen=True)
class Ambiguity:
    """A part of a pattern that can match one text in many ways, and the text that shows it.

    The text is `prefix + pump * n + suffix`; matching it takes 2ⁿ steps or n^degree steps.
    """

    kind: str
    """exponential, polynomial."""
    degree: int
    """Of the polynomial; 0 for exponential."""
    prefix: str
    pump: str
    suffix: str
    where: tuple[int, int]
    """Start and end of the part in the pattern."""

    def attack(self, repeats: int) -> str:
        return self.prefix + self.pump * repeats + self.suffix


@dataclass(slots=True, frozen=True)
class Verdict:
    """How a pattern behaves on the worst text."""

    status: str
    """safe, exponential, polynomial, unknown."""
    ambiguities: tuple[Ambiguity, ...] = ()
    """Worst first; empty unless exponential or polynomial."""
    reason: str = ""
    """Why it is unknown."""
