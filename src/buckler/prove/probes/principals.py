"""Requests of somebody who has not logged in; each test has its own, which come with the way in."""

from __future__ import annotations

from typing import Any


def as_stranger(value: Any) -> Any:
    """The same request of somebody who has not logged in."""
    raise NotImplementedError


def sibling() -> Any:
    """A page beside it, which asks who is there, of somebody who has not logged in."""
    raise NotImplementedError
