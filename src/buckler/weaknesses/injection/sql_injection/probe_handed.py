"""Statements, recorded where the project hands them to a stand-in for a connection."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest

from buckler.prove.probes.sending import BENIGN, VALUE, attempt
from buckler.weaknesses.injection.sql_injection.probe_structure import structure

STATEMENTS: list[str] = []
HANDS_OVER = (
    "execute",
    "executemany",
    "executescript",
    "fetch",
    "fetchrow",
    "fetchval",
    "fetch_all",
    "fetch_one",
    "query",
)


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that are handed to a stand-in for a connection from here on."""
    call = mock.CallableMixin.__call__

    def noting(self: Any, *given: Any, **named: Any) -> Any:
        if self._mock_new_name in HANDS_OVER:
            STATEMENTS.extend(text for text in (*given[:1], *named.values()) if isinstance(text, str))
        return call(self, *given, **named)

    monkeypatch.setattr(mock.CallableMixin, "__call__", noting)
    STATEMENTS.clear()
    return STATEMENTS


def attack(statements: list[str]) -> None:
    attempt(BENIGN)
    expected = {structure(statement) for statement in statements}
    statements.clear()
    attempt(VALUE)
    changed = [statement for statement in statements if structure(statement) not in expected and "4711" in statement]
    assert not changed, f"EXPLOITED: the input became part of the SQL query: {changed[0]}"
