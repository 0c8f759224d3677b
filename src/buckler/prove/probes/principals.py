"""Requests of an unauthenticated user; each test has its own, which come with the entry driver."""

from __future__ import annotations

from typing import Any


def unauthenticated(value: Any) -> Any:
    """The same request of an unauthenticated user."""
    raise NotImplementedError


def sibling() -> Any:
    """A page beside it, which requires a login, of an unauthenticated user."""
    raise NotImplementedError
