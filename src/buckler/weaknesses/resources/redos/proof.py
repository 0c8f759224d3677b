"""Time that grows out of proportion: texts of one shape in growing sizes, and the processor's time for each.

The shape is the witness the review names for a slow expression. The sizes grow until one takes a fair part of a second;
what counts is that the time grew much faster than the size over three sizes in a row, not how long it took.

Example::

    attacks(situation)[0].value     # "('a' * n + '-')"
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.finding.model import Growth
from buckler.prove.model import Attack, Choice, Oracle, Place, Probe, ProofRecipe, SinkContext, texts

PROBE = Path(__file__).with_name("probe.py")
DOUBLING = "range(2, 64, 2)"
"""For time that doubles with each repetition: two more are four times as long."""
ONE_BY_ONE = "range(1, 64)"
"""For time of which two more repetitions would already take too long."""
POWER = "[16 * 2**step for step in range(14)]"
"""For time that grows with a power of the size: twice the size is at least four times as long."""


EFFECT = "the time grew out of proportion to the length of the input"
SHORT = texts(*((text, "a short string") for text in ("report", "Anna Maria", "7", "a@b.example")))
AT_ONCE = 20
"""Strings in one test, which has to end in time."""


def attacks(situation: SinkContext) -> list[Attack]:
    """The witness, and the same with other beginnings and endings."""
    assert situation.growth is not None
    shape = situation.growth.expression
    rows = [
        (shape, "the string the review names"),
        (f"{shape} + '\\0'", "with a zero at its end"),
        (f"{shape} + '\\n!'", "with a line more"),
        (f"' ' + {shape}", "behind a space"),
        (f"{shape} + {shape}", "twice"),
    ]
    return [Attack(f"({text})", label) for text, label in rows]


def others(growths: Sequence[Growth]) -> Choice:
    """The witnesses of other expressions, of which one may be the one that is used."""
    return lambda _: [Attack(f"({one.expression})", "the string of another expression") for one in growths]


def oracles(situation: SinkContext) -> list[Oracle]:
    if situation.growth is None:
        return []
    probe = Probe(PROBE, values={"SIZES": POWER if situation.growth.degree else DOUBLING})
    more = situation.growths
    first = [] if situation.growth.degree else [
        Oracle(ProofKind.EXPLOIT, EFFECT, Probe(PROBE, values={"SIZES": ONE_BY_ONE}), lambda one: attacks(one)[:1], SHORT)
    ]  # fmt: skip
    choices = [attacks, *(others(more[at : at + AT_ONCE]) for at in range(0, len(more), AT_ONCE))]
    return [*first, *(Oracle(ProofKind.EXPLOIT, EFFECT, probe, choice, SHORT) for choice in choices)]


PROOF = ProofRecipe(oracles, place=Place.USE)
