"""A document that must stay small."""

from __future__ import annotations

from buckler.prove.probes.sending import VALUE, attempt, text


def attack() -> None:
    answer = attempt(VALUE)
    assert len(text(answer)) < 100_000, "EXPLOITED: a document of a few hundred bytes grew past a hundred thousand"
