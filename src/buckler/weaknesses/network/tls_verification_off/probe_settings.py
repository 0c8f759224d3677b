"""What is done to make a context accept any certificate, or one for any host."""

from __future__ import annotations

import ssl
from typing import Any

import pytest

from buckler.prove.probes.sending import VALUE, attempt
from buckler.prove.probes.watching import asked_for_here, everywhere


@pytest.fixture
def relaxed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the code does to make a context accept any certificate, or one for any host."""
    seen: list[str] = []
    for name in ("_create_unverified_context", "_create_stdlib_context"):
        everywhere(monkeypatch, ssl, name, lambda *_, name=name, **__: seen.append(f"ssl.{name}()"))
    for name, unsafe in (("check_hostname", False), ("verify_mode", ssl.CERT_NONE)):
        monkeypatch.setattr(ssl.SSLContext, name, settable(name, unsafe, seen))
    return seen


def settable(name: str, unsafe: object, seen: list[str]) -> property:
    """A setting of every context that notices when the code under test makes it unsafe."""
    setting = getattr(ssl.SSLContext, name)

    def noting(context: Any, value: Any) -> None:
        if value == unsafe and asked_for_here():
            seen.append(f"{name} = {value}")
        setting.__set__(context, value)

    return property(setting.__get__, noting)


def attack(relaxed: list[str]) -> None:
    attempt(VALUE)
    assert not relaxed, f"VIOLATED: certificates are not checked any more: {relaxed[0]}"


def counterpart(relaxed: list[str]) -> None:
    context = ssl.create_default_context()
    context.verify_mode = ssl.CERT_REQUIRED
    assert relaxed == []
    context.check_hostname = False
    assert relaxed == ["check_hostname = False"]
