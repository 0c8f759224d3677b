"""Ciphers and modes of `Crypto` that do not keep data secret."""

from __future__ import annotations

import pytest
from Crypto.Cipher import AES, ARC2, ARC4, CAST, DES, DES3, Blowfish

from buckler.prove.probes.sending import VALUE, attempt
from buckler.prove.probes.watching import everywhere


@pytest.fixture
def weak(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ciphers and modes the code asks for that do not keep data secret."""
    seen: list[str] = []
    for cipher in (ARC2, ARC4, Blowfish, CAST, DES, DES3):
        everywhere(
            monkeypatch, cipher, "new", lambda *_, name=cipher.__name__, **__: seen.append(name.rpartition(".")[2])
        )
    everywhere(
        monkeypatch, AES, "new", lambda key, mode, *_, **__: seen.append("ECB") if mode == AES.MODE_ECB else None
    )
    return seen


def attack(weak: list[str]) -> None:
    attempt(VALUE)
    assert not weak, f"VIOLATED: data is encrypted in a way that does not keep it secret: {weak[0]}"


def counterpart(weak: list[str]) -> None:
    AES.new(bytes(16), AES.MODE_GCM)
    assert weak == []
    AES.new(bytes(16), AES.MODE_ECB)
    assert weak == ["ECB"]
