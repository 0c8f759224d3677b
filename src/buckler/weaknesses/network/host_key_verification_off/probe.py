"""Policies for unknown hosts that let them pass."""

from __future__ import annotations

from typing import Any

import paramiko
import pytest

from buckler.prove.probes.sending import VALUE, attempt
from buckler.prove.probes.watching import everywhere


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The policies for unknown hosts that the code chooses and that let them pass."""
    seen: list[str] = []

    def tell(policy: Any) -> None:
        name = getattr(policy, "__name__", type(policy).__name__)
        if name in ("AutoAddPolicy", "WarningPolicy"):
            seen.append(name)

    everywhere(monkeypatch, paramiko.SSHClient, "set_missing_host_key_policy", lambda client, policy: tell(policy))
    return seen


def attack(trusted: list[str]) -> None:
    attempt(VALUE)
    assert not trusted, f"VIOLATED: an unknown host is trusted: {trusted[0]}"


def counterpart(trusted: list[str]) -> None:
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    assert trusted == []
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    assert trusted == ["AutoAddPolicy"]
