"""Comparisons made in a time that does not depend on what is compared."""

from __future__ import annotations

import hmac
from typing import Any

import pytest

from buckler.prove.probes.sending import VALUE, send
from buckler.prove.probes.watching import everywhere


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, Any]]:
    """The comparisons made in a time that does not depend on what is compared."""
    seen: list[tuple[Any, Any]] = []
    everywhere(monkeypatch, hmac, "compare_digest", lambda one, other: seen.append((one, other)))
    return seen


def attack(compared: list[tuple[Any, Any]]) -> None:
    send(VALUE)
    assert compared, "VIOLATED: the secret is compared with an operator that stops at the first difference"


def counterpart(compared: list[tuple[Any, Any]]) -> None:
    one = "one"
    assert one != "other"
    assert compared == []
    assert not hmac.compare_digest("one", "other")
    assert len(compared) == 1
