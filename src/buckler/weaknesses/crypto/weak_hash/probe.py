"""Broken hash functions that the code asks for."""

from __future__ import annotations

import hashlib
import hmac
import sys
from typing import Any, Callable

import pytest

from buckler.prove.probes.sending import VALUE, attempt
from buckler.prove.probes.watching import asked_for_here, everywhere


def recorder(seen: list[str]) -> Callable[..., None]:
    """Notes the broken ones, unless it is said that they are not for security."""

    def record(name: Any, named: dict[str, Any]) -> None:
        name = str(name).lower().replace("openssl_", "").replace("-", "")
        if name in ("md2", "md4", "md5", "sha", "sha1", "ripemd160") and named.get("usedforsecurity", True):
            seen.append(name)

    return record


@pytest.fixture
def weak(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The broken hash functions the code asks for, unless it says that they are not for security."""
    seen: list[str] = []
    record = recorder(seen)
    everywhere(monkeypatch, hashlib, "md5", lambda *_, **named: record("md5", named))
    everywhere(monkeypatch, hashlib, "sha1", lambda *_, **named: record("sha1", named))
    everywhere(monkeypatch, hashlib, "new", lambda name, *_, **named: record(name, named))
    everywhere(
        monkeypatch,
        hmac,
        "new",
        lambda key, msg=None, digestmod="": record(getattr(digestmod, "__name__", digestmod), {}),
    )
    return seen


@pytest.fixture
def weaker(monkeypatch: pytest.MonkeyPatch, weak: list[str]) -> list[str]:
    """The same, and those of the packages that the code uses."""
    record = recorder(weak)
    for module in ("Crypto.Hash", "Cryptodome.Hash"):
        for name in ("MD2", "MD4", "MD5", "SHA", "SHA1", "RIPEMD160"):
            if f"{module}.{name}" in sys.modules:
                everywhere(
                    monkeypatch, sys.modules[f"{module}.{name}"], "new", lambda *_, name=name, **__: record(name, {})
                )
    hashes = sys.modules.get("cryptography.hazmat.primitives.hashes")
    for name in ("MD5", "SHA1") if hashes else ():
        monkeypatch.setattr(getattr(hashes, name), "__init__", recording(record, name))
    return weak


def recording(record: Callable[..., None], name: str) -> Callable[..., None]:
    """What makes an object of a hash function, and tells of it."""

    def noting(self: Any) -> None:
        if asked_for_here():
            record(name, {})

    return noting


def attack(weak: list[str]) -> None:
    attempt(VALUE)
    assert not weak, f"VIOLATED: a broken hash function is used: {weak[0]}"


def counterpart(weak: list[str]) -> None:
    hashlib.sha256(b"report")
    assert weak == []
    hashlib.md5(b"report")
    assert weak == ["md5"]


def attack_packaged(weaker: list[str]) -> None:
    attempt(VALUE)
    assert not weaker, f"VIOLATED: a broken hash function is used: {weaker[0]}"


def counterpart_packaged(weaker: list[str]) -> None:
    hashlib.sha256(b"report")
    assert weaker == []
    hashlib.md5(b"report")
    assert weaker == ["md5"]
