"""How somebody is turned away who has to log in first.

`unauthenticated` and `sibling` come with the entry driver (prove/entries/principals.py).
"""

from __future__ import annotations

from typing import Any

from buckler.prove.probes.principals import sibling, unauthenticated
from buckler.prove.probes.sending import VALUE, headers, status


def turned_away(answer: Any) -> bool:
    """As somebody is who has to log in first: refused, or sent to where the sibling sends unauthenticated users."""
    if isinstance(answer, BaseException):
        return True
    sent = 300 <= status(answer) < 400
    return status(answer) in (401, 403) or (sent and login_page(answer) == login_page(sibling()))


def login_page(answer: Any) -> str:
    return str(headers(answer).get("Location", "")).partition("?")[0]


def attack() -> None:
    try:
        answer = unauthenticated(VALUE)
    except Exception as error:
        answer = error
    assert turned_away(answer), (
        "VIOLATED: an unauthenticated user gets access where the neighboring pages check who is logged in"
    )


def counterpart() -> None:
    assert turned_away(sibling())
