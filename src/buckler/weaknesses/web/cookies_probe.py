"""The lines by which an answer sets cookies."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import Any

from buckler.prove.probes.sending import VALUE, attempt, cookies

NAME: str | None = None
"""Of the cookie; where it is decided elsewhere, it must be the only one of the answer."""
WORD = "Secure"
"""The attribute that the browser must be sent."""


def lines(answer: Any) -> list[str]:
    """The lines of the answer that set the cookie."""
    every = cookies(answer)
    if NAME is None:
        return every if len(every) == 1 else []
    return [line for line in every if line.partition("=")[0].strip() == NAME]


def protected(line: str) -> bool:
    """Whether the browser is sent the attribute that it must be sent."""
    attributes = [part.strip().lower() for part in line.split(";")[1:]]
    return WORD.lower() in attributes or (
        WORD == "SameSite" and bool({"samesite=lax", "samesite=strict"} & {*attributes})
    )


def attack() -> None:
    found = lines(attempt(VALUE))
    assert found, "the cookie is not set at all"
    bare = [line for line in found if not protected(line)]
    assert not bare, f"VIOLATED: the cookie is sent without {WORD}: {bare[0]}"


def counterpart() -> None:
    right = SimpleCookie({"visit": "1"})
    assert not protected(right["visit"].OutputString())
    right["visit"]["secure"] = right["visit"]["httponly"] = True
    right["visit"]["samesite"] = "Lax"
    assert protected(right["visit"].OutputString())
