"""Two requests with opposite conditions, whose answers must mean the same."""

from __future__ import annotations

import re
from typing import Any

from buckler.prove.probes.sending import VALUE, attempt, text


def opposite(value: str) -> str:
    """The same text with a condition that never holds."""
    return re.sub("4711(.?=.?)4711", r"4711\g<1>4712", value)


def meaning(answer: Any) -> tuple[str, str]:
    """What came back, without the numbers by which the two conditions differ."""
    return type(answer).__name__, re.sub("471[12]", "", text(answer))


def attack() -> None:
    always, never = meaning(attempt(VALUE)), meaning(attempt(opposite(VALUE)))
    assert always == never, "EXPLOITED: a condition inside the input was evaluated"
