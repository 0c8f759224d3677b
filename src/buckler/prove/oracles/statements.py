"""Queries: the structure of what reaches the engine must not depend on what was sent.

Statements are recorded where they are handed over, also those that fail; values are taken out of them, and what is left
is compared between two ordinary values and the attack.
"""

from __future__ import annotations

import re

from buckler.finding.evidence import Shown
from buckler.prove.model import Attack, Oracle, Situation

SQLITE_HELPERS = '''
STATEMENTS = []


class Recording(sqlite3.Connection):
    """A connection that remembers every statement, also those that fail."""

    def execute(self, statement, *given):
        STATEMENTS.append(statement)
        return super().execute(statement, *given)

    def executescript(self, statement):
        STATEMENTS.append(statement)
        return super().executescript(statement)

    def executemany(self, statement, *given):
        STATEMENTS.append(statement)
        return super().executemany(statement, *given)

    def cursor(self, factory=None):
        return super().cursor(RecordingCursor)


class RecordingCursor(sqlite3.Cursor):
    def execute(self, statement, *given):
        STATEMENTS.append(statement)
        return super().execute(statement, *given)

    def executemany(self, statement, *given):
        STATEMENTS.append(statement)
        return super().executemany(statement, *given)

    def executescript(self, statement):
        STATEMENTS.append(statement)
        return super().executescript(statement)


@pytest.fixture
def statements(monkeypatch):
    """The statements run from here on."""
    connect = sqlite3.connect
    recording = lambda *given, **named: connect(*given, **{**named, "factory": Recording})
    monkeypatch.setattr(sqlite3, "connect", recording)
    monkeypatch.setattr(sqlite3.dbapi2, "connect", recording)
    STATEMENTS.clear()
    return STATEMENTS


def structure(statement):
    """A statement without its values: texts, numbers and white space taken out."""
    statement = re.sub(r"'(?:[^']|'')*'", "?", statement)
    return re.sub(r"\\s+", " ", re.sub(r"\\b\\d+\\b", "?", statement)).strip()
'''

SQL_ATTACK = """
attempt(BENIGN)
expected = {structure(statement) for statement in statements}
statements.clear()
attempt(VALUE)
changed = [statement for statement in statements if structure(statement) not in expected and "4711" in statement]
assert not changed, f"EXPLOITED: the text that was sent became part of the statement: {changed[0]}"
"""


def sql_attacks(_: Situation) -> list[Attack]:
    rows = [
        ("x' OR '4711'='4711", "closes the text and adds a condition"),
        ("0 OR 4711=4711", "adds a condition to a number"),
        ('x" OR "4711"="4711', "closes a text in double quotes"),
        ("x' UNION SELECT 4711 --", "adds the rows of another query"),
        ("x') OR ('4711'='4711", "closes a bracket"),
        ("name; SELECT 4711 --", "a second statement"),
        ("name DESC, (SELECT 4711)", "adds to an ordering"),
        ("name, (SELECT 4711)", "adds a column"),
    ]
    return [Attack(repr(text), label) for text, label in rows]


def words(_: Situation) -> list[Attack]:
    return [Attack(repr("report"), "a word"), Attack(repr("7"), "a number")]


EXPRESSION_ATTACK = """
ordinary = {outcome(attempt(value), value) for value in ORDINARY}
always, never = (outcome(attempt(value), value) for value in (ALWAYS, NEVER))
assert always == never or always in ordinary, "EXPLOITED: a condition inside the text that was sent was evaluated"
"""


def pairs_of(situation: Situation) -> list[tuple[str, str, str]]:
    if "ldap" in " ".join((situation.code, *situation.near)).lower():
        return []
    return []


def neighbours(text: str) -> str:
    return re.sub(r"\s+", " ", text)


SQL = Oracle("sql", Shown.EXPLOIT, "the text became part of the SQL statement",
             ("import re", "import sqlite3", "import pytest"), SQLITE_HELPERS, ("statements",), SQL_ATTACK, sql_attacks, words)  # fmt: skip
