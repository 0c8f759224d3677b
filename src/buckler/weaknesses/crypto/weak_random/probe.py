"""Predictable numbers."""

from __future__ import annotations

import random
import secrets

import pytest

from buckler.prove.probes.sending import VALUE, attempt
from buckler.prove.probes.watching import everywhere


@pytest.fixture
def predictable(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The functions of `random` the code calls."""
    seen: list[str] = []
    for name in ("random", "randint", "randrange", "choice", "choices", "sample", "shuffle", "uniform", "getrandbits",
                 "randbytes", "triangular", "betavariate", "expovariate", "gauss", "normalvariate", "lognormvariate"):  # fmt: skip
        if not hasattr(random, name):  # it came with a later Python
            continue
        everywhere(monkeypatch, random, name, lambda *_, called=name, **__: seen.append(called))
    return seen


def attack(predictable: list[str]) -> None:
    attempt(VALUE)
    assert not predictable, f"VIOLATED: a predictable number is made, by random.{predictable[0]}"


def counterpart(predictable: list[str]) -> None:
    secrets.token_hex()
    secrets.SystemRandom().choice("ab")
    assert predictable == []
    random.choice("ab")
    assert predictable == ["choice"]
