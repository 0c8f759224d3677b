"""Requests for which the library of that name is set not to check certificates, and contexts that do not."""

from __future__ import annotations

from typing import Callable

import pytest
import requests

from buckler.prove.probes.sending import VALUE, attempt
from buckler.prove.probes.watching import everywhere
from buckler.weaknesses.network.tls_verification_off.probe_settings import relaxed

__all__ = ["asked", "attack", "counterpart", "relaxed"]
VERBS = ("get", "post", "put", "patch", "delete", "head", "options", "request")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, relaxed: list[str]) -> list[str]:
    """The same, and requests for which the library is set not to check."""
    for owner in (requests.api, requests.Session):
        for name in VERBS:
            everywhere(monkeypatch, owner, name, without_checks(name, relaxed))
    return relaxed


def without_checks(name: str, seen: list[str]) -> Callable[..., object]:
    """Notes the calls of a function that turn the check of certificates off."""
    return lambda *_, verify=True, **__: seen.append(f"{name}(verify=False)") if verify is False else None


def attack(asked: list[str]) -> None:
    attempt(VALUE)
    assert not asked, f"VIOLATED: certificates are not checked any more: {asked[0]}"


def counterpart(asked: list[str]) -> None:
    for careful in (True, False):
        with pytest.raises(requests.RequestException):
            requests.get("", verify=careful)
    assert asked == ["get(verify=False)"]
