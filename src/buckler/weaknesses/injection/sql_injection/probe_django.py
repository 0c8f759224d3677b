"""Statements, recorded where Django hands them to the database."""

from __future__ import annotations

from typing import Any, Callable, Iterator

import pytest
from django.db import connection

from buckler.prove.probes.sending import BENIGN, VALUE, attempt
from buckler.weaknesses.injection.sql_injection.probe_structure import structure

STATEMENTS: list[str] = []


def record(execute: Callable[..., Any], statement: str, *given: Any) -> Any:
    """Remembers every statement that Django hands to the database."""
    STATEMENTS.append(statement)
    return execute(statement, *given)


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """The statements run from here on."""
    STATEMENTS.clear()
    with connection.execute_wrapper(record):
        yield STATEMENTS


def attack(statements: list[str]) -> None:
    attempt(BENIGN)
    expected = {structure(statement) for statement in statements}
    statements.clear()
    attempt(VALUE)
    changed = [statement for statement in statements if structure(statement) not in expected and "4711" in statement]
    assert not changed, f"EXPLOITED: the input became part of the SQL query: {changed[0]}"
