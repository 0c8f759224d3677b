"""A watch around functions and classes: it sees what the code under test asks for, and nothing else.

Example::

    everywhere(monkeypatch, hashlib, "md5", lambda *_, **named: seen.append("md5"))
"""

from __future__ import annotations

import functools
import sys
from types import FrameType
from typing import Any, Callable

import pytest

FILE = "app.py"
FUNCTION = "<module>"
DEEP = False
"""Whether calls count that are made by something the code under test calls."""


def asked_for_here() -> bool:
    """Whether the code under test made the call, or this test; what libraries do among themselves does not count."""
    frame: FrameType | None = sys._getframe(2)
    nearest = sys._getframe(2).f_code.co_filename
    while frame is not None and (DEEP or frame.f_code.co_filename == nearest):
        file = frame.f_code.co_filename
        if file == __file__ or (file.endswith(FILE) and frame.f_code.co_name == FUNCTION):
            return True
        frame = frame.f_back
    return False


def everywhere(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, note: Callable[..., object]) -> None:
    """Tell `note` of the calls of a function, under whatever name the code knows it."""
    original = getattr(owner, name)

    @functools.wraps(original)
    def noting(*given: Any, **named: Any) -> Any:
        if asked_for_here():
            note(*given, **named)
        return original(*given, **named)

    for place in [owner, *sys.modules.values()]:
        for alias in [a for a, value in list(getattr(place, "__dict__", {}).items()) if value is original]:
            monkeypatch.setattr(place, alias, noting)


def made(monkeypatch: pytest.MonkeyPatch, kind: Any, note: Callable[..., object]) -> None:
    """Tell `note` of the objects of a class that the code makes."""
    original = kind.__init__

    def noting(self: Any, *given: Any, **named: Any) -> None:
        if asked_for_here():
            note(*given, **named)
        original(self, *given, **named)

    monkeypatch.setattr(kind, "__init__", noting)
