"""Ciphers and modes of `cryptography` that do not keep data secret."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers import algorithms, modes

from buckler.prove.probes.sending import VALUE, attempt
from buckler.prove.probes.watching import made


@pytest.fixture
def weak(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ciphers and modes the code asks for that do not keep data secret."""
    seen: list[str] = []
    for name in ("ARC4", "TripleDES", "Blowfish", "CAST5", "IDEA", "SEED"):
        if hasattr(algorithms, name):
            made(monkeypatch, getattr(algorithms, name), lambda *_, name=name, **__: seen.append(name))
    made(monkeypatch, modes.ECB, lambda: seen.append("ECB"))
    return seen


def attack(weak: list[str]) -> None:
    attempt(VALUE)
    assert not weak, f"VIOLATED: data is encrypted in a way that does not keep it secret: {weak[0]}"


def counterpart(weak: list[str]) -> None:
    modes.GCM(bytes(12))
    assert weak == []
    modes.ECB()
    assert weak == ["ECB"]
