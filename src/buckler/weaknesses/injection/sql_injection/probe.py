"""Statements, recorded where sqlite3 is handed them, also those that fail."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from buckler.prove.probes.sending import BENIGN, VALUE, attempt
from buckler.weaknesses.injection.sql_injection.probe_structure import structure

STATEMENTS: list[str] = []


class Recording(sqlite3.Connection):
    """A connection that remembers every statement, also those that fail."""

    def execute(self, statement: str, *given: Any) -> sqlite3.Cursor:
        STATEMENTS.append(statement)
        return super().execute(statement, *given)

    def executescript(self, statement: str) -> sqlite3.Cursor:
        STATEMENTS.append(statement)
        return super().executescript(statement)

    def executemany(self, statement: str, *given: Any) -> sqlite3.Cursor:
        STATEMENTS.append(statement)
        return super().executemany(statement, *given)

    def cursor(self, factory: Any = None) -> Any:
        return super().cursor(RecordingCursor)


class RecordingCursor(sqlite3.Cursor):
    def execute(self, statement: str, *given: Any) -> sqlite3.Cursor:  # type: ignore[override]
        STATEMENTS.append(statement)
        return super().execute(statement, *given)

    def executemany(self, statement: str, *given: Any) -> sqlite3.Cursor:  # type: ignore[override]
        STATEMENTS.append(statement)
        return super().executemany(statement, *given)

    def executescript(self, statement: str) -> sqlite3.Cursor:
        STATEMENTS.append(statement)
        return super().executescript(statement)


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements run from here on."""
    connect = sqlite3.connect

    def recording(*given: Any, **named: Any) -> Any:
        return connect(*given, **{**named, "factory": Recording})

    monkeypatch.setattr(sqlite3, "connect", recording)
    monkeypatch.setattr(sqlite3.dbapi2, "connect", recording)
    STATEMENTS.clear()
    return STATEMENTS


def attack(statements: list[str]) -> None:
    attempt(BENIGN)
    expected = {structure(statement) for statement in statements}
    statements.clear()
    attempt(VALUE)
    changed = [statement for statement in statements if structure(statement) not in expected and "4711" in statement]
    assert not changed, f"EXPLOITED: the input became part of the SQL query: {changed[0]}"
