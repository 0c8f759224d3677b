"""Headers of somebody else's."""

from __future__ import annotations

from buckler.prove.probes.sending import VALUE, attempt, headers, text


def attack() -> None:
    answer = attempt(VALUE)
    names = {name.lower() for name, _ in headers(answer).items()}
    values = [value for _, value in headers(answer).items()] or [text(answer)]
    assert "x-4711" not in names, "EXPLOITED: the input became a header of its own"
    assert not any("\n" in value and "4711" in value for value in values), "EXPLOITED: a header was split in two"
