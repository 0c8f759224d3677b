"""Tokens of somebody else's, offered where the code decodes one."""

from __future__ import annotations

import contextlib
from typing import Any

import jwt
import pytest

from buckler.prove.probes.sending import VALUE, attempt
from buckler.prove.probes.watching import everywhere

FORGED = {
    "signed with another key": jwt.encode({"sub": "4711"}, "the key of somebody else, 4711-0815", "HS256"),
    "not signed at all": jwt.encode({"sub": "4711"}, None, "none"),
}


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The forged tokens that pass where the code decodes one, with everything else that it gives."""
    seen: list[str] = []
    decode = jwt.decode

    def note(*given: Any, **named: Any) -> None:
        named.pop("jwt", None)
        for name, token in FORGED.items():
            with contextlib.suppress(Exception):
                decode(token, *given[1:], **named)
                seen.append(name)

    everywhere(monkeypatch, jwt, "decode", note)
    return seen


def attack(taken: list[str]) -> None:
    attempt(VALUE)
    assert not taken, f"VIOLATED: a token is accepted that is {taken[0]}"


def counterpart(taken: list[str]) -> None:
    key = "the key of this test, and of nobody else"
    token = jwt.encode({"sub": "report"}, key, "HS256")
    assert jwt.decode(token, key, algorithms=["HS256"]) == {"sub": "report"}
    assert taken == []
    jwt.decode(token, options={"verify_signature": False})
    assert taken == list(FORGED)
