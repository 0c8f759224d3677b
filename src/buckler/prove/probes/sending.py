"""What each test writes for itself: how a value is sent, and what is read of an answer.

`VALUE` and `BENIGN` stand for the expressions that a test sends; the test has those in their place. `send` and what is
read of an answer come with the entry driver; `attempt` is printed as it is. They stand here so that probes can be tried
without a test.

Example::

    monkeypatch.setattr(sending, "send", lambda value: value.upper())
    attempt("x")        # "X"
"""

from __future__ import annotations

from typing import Any

VALUE: Any = None
BENIGN: Any = None


def send(value: Any) -> Any:
    """Carry the value to the code under test."""
    raise NotImplementedError


def attempt(value: Any) -> Any:
    """Send it; to refuse with an error is a fine answer."""
    try:
        return send(value)
    except (Exception, SystemExit) as error:
        return error


def text(answer: Any) -> str:
    """All the text that comes back."""
    return "" if isinstance(answer, BaseException) else str(answer)


def status(answer: Any) -> int:
    """The status of an answer."""
    return int(answer.status)


def headers(answer: Any) -> Any:
    """A mapping with the headers of an answer; empty where it has none."""
    return getattr(answer, "headers", {})


def cookies(answer: Any) -> list[str]:
    """The lines of an answer that set cookies."""
    return list(answer.cookies)
