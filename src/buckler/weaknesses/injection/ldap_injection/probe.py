"""Filters of searches in a directory, recorded where a connection is asked."""

from __future__ import annotations

import importlib
import importlib.util
import re
from typing import Any, Callable

import pytest

from buckler.prove.probes.sending import BENIGN, VALUE, attempt

FILTERS: list[str] = []


def recording(method: Callable[..., Any]) -> Callable[..., Any]:
    """A search that remembers its filter."""

    def search(self: Any, base: Any, *given: Any, **named: Any) -> Any:
        texts = [g for g in (*given, *named.values()) if isinstance(g, str) and g.startswith("(")]
        FILTERS.extend(texts)
        return method(self, base, *given, **named)

    return search


@pytest.fixture
def filters(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The filters of the searches made from here on."""
    for module, name, methods in (
        ("ldap3", "Connection", ("search",)),
        ("ldap.ldapobject", "SimpleLDAPObject", ("search", "search_s", "search_st", "search_ext", "search_ext_s")),
    ):
        if importlib.util.find_spec(module.partition(".")[0]):
            owner = getattr(importlib.import_module(module), name)
            for method in methods:
                monkeypatch.setattr(owner, method, recording(getattr(owner, method)))
    FILTERS.clear()
    return FILTERS


def structure(text: str) -> str:
    """A filter without its values; an asterisk is not a value but a wildcard."""
    return re.sub(r"=[^()*]*", "=?", re.sub(r"\\[0-9a-fA-F]{2}", "x", text))


def attack(filters: list[str]) -> None:
    attempt(BENIGN)
    expected = {structure(text) for text in filters}
    filters.clear()
    attempt(VALUE)
    changed = [text for text in filters if structure(text) not in expected]
    assert not changed, f"EXPLOITED: the input became part of the filter: {changed[0]}"
