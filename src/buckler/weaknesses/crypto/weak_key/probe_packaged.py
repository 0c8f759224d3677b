"""Keys of `Crypto` that are too short to last."""

from __future__ import annotations

import pytest
from Crypto.PublicKey import DSA, RSA

from buckler.prove.probes.sending import VALUE, attempt
from buckler.prove.probes.watching import everywhere


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lengths of the keys the code makes that are too short to last."""
    seen: list[int] = []

    def tell(length: int) -> None:
        if length < 2048:
            seen.append(length)

    everywhere(monkeypatch, RSA, "generate", lambda bits, *_, **__: tell(bits))
    everywhere(monkeypatch, DSA, "generate", lambda bits, *_, **__: tell(bits))
    return seen


def attack(short: list[int]) -> None:
    attempt(VALUE)
    assert not short, f"VIOLATED: a key of {short[0]} bits is made, which is too short to last"


def counterpart(short: list[int]) -> None:
    RSA.generate(2048)
    assert short == []
    RSA.generate(1024)
    assert short == [1024]
