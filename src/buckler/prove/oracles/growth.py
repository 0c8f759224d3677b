"""Time that grows out of proportion: texts of one shape in growing sizes, and the processor's time for each.

The shape is the witness the review names for a slow expression. The sizes grow until one takes a fair part of a second;
what counts is that the time grew much faster than the size over three sizes in a row, not how long it took.

Example::

    attacks(situation)[0].value     # "('a' * n + '-')"
"""

from __future__ import annotations

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Attack, Oracle, SinkContext

HELPERS = '''
SIZES = {sizes}
ENOUGH = 0.3
"""Seconds of processor time after which nothing larger is sent."""


def seconds(value):
    """The processor's time that one value takes."""
    before = time.process_time()
    attempt(value)
    return time.process_time() - before


def run_away(times):
    """The last is long, and each of the last steps more than doubled the time and a half."""
    return len(times) > 2 and times[-1] > ENOUGH and times[-1] > 2.5 * times[-2] and times[-2] > 2.5 * times[-3]
'''
ATTACK = """
times = []
for n in SIZES:
    times.append(seconds(VALUE))
    if times[-1] > ENOUGH:
        break
assert not run_away(times), f"EXPLOITED: {n} repetitions take {times[-1]:.1f} s, and every step in size takes {times[-1] / times[-2]:.0f} times as long"
"""
DOUBLING = "range(8, 64, 2)"
"""For time that doubles with each repetition: two more are four times as long."""
POWER = "[16 * 2**step for step in range(14)]"
"""For time that grows with a power of the size: twice the size is at least four times as long."""


def attacks(situation: SinkContext) -> list[Attack]:
    """The witness, and the same with other beginnings and endings."""
    assert situation.growth is not None
    shape = situation.growth.expression
    rows = [
        (shape, "the text the review names"),
        (f"{shape} + '\\0'", "with a zero at its end"),
        (f"{shape} + '\\n!'", "with a line more"),
        (f"' ' + {shape}", "behind a space"),
        (f"{shape} + {shape}", "twice"),
    ]
    return [Attack(f"({text})", label) for text, label in rows]


def words(_: SinkContext) -> list[Attack]:
    return [Attack(repr(text), "a short text") for text in ("report", "Anna Maria", "7", "a@b.example")]


def growth(situation: SinkContext) -> list[Oracle]:
    if situation.growth is None:
        return []
    helpers = HELPERS.format(sizes=POWER if situation.growth.degree else DOUBLING)
    oracle = Oracle("growth", ProofKind.EXPLOIT, "the time grew out of proportion to the size of the text", ("import time",),
                    helpers, (), ATTACK, attacks, words, domain="[a-z]{1,8}( [a-z]{1,8})?")  # fmt: skip
    return [oracle]
