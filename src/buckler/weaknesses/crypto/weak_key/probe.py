"""Keys of `cryptography` that are too short to last."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, rsa

from buckler.prove.probes.sending import VALUE, attempt
from buckler.prove.probes.watching import everywhere


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lengths of the keys the code makes that are too short to last."""
    seen: list[int] = []

    def tell(length: int) -> None:
        if length < 2048:
            seen.append(length)

    everywhere(monkeypatch, rsa, "generate_private_key", lambda public_exponent, key_size, *_, **__: tell(key_size))
    everywhere(monkeypatch, dsa, "generate_private_key", lambda key_size, *_, **__: tell(key_size))
    return seen


def attack(short: list[int]) -> None:
    attempt(VALUE)
    assert not short, f"VIOLATED: a key of {short[0]} bits is made, which is too short to last"


def counterpart(short: list[int]) -> None:
    rsa.generate_private_key(65537, 2048)
    assert short == []
    rsa.generate_private_key(65537, 1024)
    assert short == [1024]
