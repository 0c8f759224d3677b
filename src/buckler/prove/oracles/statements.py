"""Queries: the structure of what reaches the engine must not depend on what was sent.

Statements are recorded where they are handed over, also those that fail; values are taken out of them, and what is left
is compared between two ordinary values and the attack.
"""

from __future__ import annotations

import re
from dataclasses import replace

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Attack, Oracle, SinkContext

STAND_IN = re.compile(r"mock\.(Magic|Async)Mock\(\)")
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

DJANGO_HELPERS = '''
STATEMENTS = []


def record(execute, statement, *given):
    """Remembers every statement that Django hands to the database."""
    STATEMENTS.append(statement)
    return execute(statement, *given)


@pytest.fixture
def statements():
    """The statements run from here on."""
    STATEMENTS.clear()
    with connection.execute_wrapper(record):
        yield STATEMENTS

''' + SQLITE_HELPERS[SQLITE_HELPERS.index("\ndef structure") :]

HANDED_HELPERS = '''
STATEMENTS = []
HANDS_OVER = ("execute", "executemany", "executescript", "fetch", "fetchrow", "fetchval", "fetch_all", "fetch_one", "query")


@pytest.fixture
def statements(monkeypatch):
    """The statements that are handed to a stand-in for a connection from here on."""
    call = mock.CallableMixin.__call__

    def noting(self, *given, **named):
        if self._mock_new_name in HANDS_OVER:
            STATEMENTS.extend(text for text in (*given[:1], *named.values()) if isinstance(text, str))
        return call(self, *given, **named)

    monkeypatch.setattr(mock.CallableMixin, "__call__", noting)
    STATEMENTS.clear()
    return STATEMENTS

''' + SQLITE_HELPERS[SQLITE_HELPERS.index("\ndef structure") :]

SQL_ATTACK = """
attempt(BENIGN)
expected = {structure(statement) for statement in statements}
statements.clear()
attempt(VALUE)
changed = [statement for statement in statements if structure(statement) not in expected and "4711" in statement]
assert not changed, f"EXPLOITED: the text that was sent became part of the statement: {changed[0]}"
"""


def sql_attacks(_: SinkContext) -> list[Attack]:
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


def words(_: SinkContext) -> list[Attack]:
    return [Attack(repr("report"), "a word"), Attack(repr("7"), "a number")]


XPATH_HELPERS = '''

def opposite(value):
    """The same text with a condition that never holds."""
    return re.sub("4711(.?=.?)4711", r"4711\\g<1>4712", value)


def meaning(answer):
    """What came back, without the numbers by which the two conditions differ."""
    return type(answer).__name__, re.sub("471[12]", "", text(answer))
'''

XPATH_ATTACK = """
always, never = meaning(attempt(VALUE)), meaning(attempt(opposite(VALUE)))
assert always == never, "EXPLOITED: a condition inside the text that was sent was evaluated"
"""


def xpath_attacks(_: SinkContext) -> list[Attack]:
    rows = [
        ("x' or '4711'='4711", "closes the text and adds a condition"),
        ('x" or "4711"="4711', "closes a text in double quotes"),
        ("x' or 4711=4711 or 'x'='", "adds a condition in the middle"),
        ("0 or 4711=4711", "adds a condition to a number"),
        ("x'] | //*[4711=4711] | //*['", "adds the nodes of another path"),
        ("x') or ('4711'='4711", "closes a bracket"),
        ("*[4711=4711]", "a condition on a name"),
        ("x' or contains(.,'') and '4711'='4711", "calls a function"),
    ]
    return [Attack(repr(text), label) for text, label in rows]


LDAP_HELPERS = '''
FILTERS = []


def recording(method):
    """A search that remembers its filter."""

    def search(self, base, *given, **named):
        texts = [g for g in (*given, *named.values()) if isinstance(g, str) and g.startswith("(")]
        FILTERS.extend(texts)
        return method(self, base, *given, **named)

    return search


@pytest.fixture
def filters(monkeypatch):
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


def structure(text):
    """A filter without its values; an asterisk is not a value but a wildcard."""
    return re.sub(r"=[^()*]*", "=?", re.sub(r"\\\\[0-9a-fA-F]{2}", "x", text))
'''

LDAP_ATTACK = """
attempt(BENIGN)
expected = {structure(text) for text in filters}
filters.clear()
attempt(VALUE)
changed = [text for text in filters if structure(text) not in expected]
assert not changed, f"EXPLOITED: the text that was sent became part of the filter: {changed[0]}"
"""


def ldap_attacks(_: SinkContext) -> list[Attack]:
    rows = [
        ("*", "matches everything"),
        ("*)(objectClass=*", "adds a condition"),
        ("x)(|(cn=*", "begins a choice"),
        ("*)(uid=*))(|(uid=*", "closes the filter and begins another"),
        ("a*", "matches a beginning"),
    ]
    return [Attack(repr(text), label) for text, label in rows]


SQL = Oracle("sql", ProofKind.EXPLOIT, "the text became part of the SQL statement",
             ("import re", "import sqlite3", "import pytest"), SQLITE_HELPERS, ("statements",), SQL_ATTACK, sql_attacks, words, domain="[a-z]{1,8}")  # fmt: skip
DJANGO_SQL = replace(SQL, name="sql through Django", helpers=DJANGO_HELPERS,
                     imports=("import re", "import pytest", "from django.db import connection"))  # fmt: skip
XPATH = Oracle("xpath", ProofKind.EXPLOIT, "a condition inside the text was evaluated as part of the path",
               ("import re",), XPATH_HELPERS, (), XPATH_ATTACK, xpath_attacks, words)  # fmt: skip
LDAP = Oracle("ldap", ProofKind.EXPLOIT, "the text became part of the search filter",
              ("import importlib", "import importlib.util", "import re", "import pytest"), LDAP_HELPERS, ("filters",), LDAP_ATTACK,
              ldap_attacks, words)  # fmt: skip


HANDED = replace(SQL, name="sql handed over", effect="the text became part of the statement that was handed over",
                 helpers=HANDED_HELPERS, imports=("import re", "from unittest import mock", "import pytest"))  # fmt: skip


def sql(situation: SinkContext) -> list[Oracle]:
    """Statements are recorded where the project hands them over: to Django, to the driver, to a stand-in for one."""
    if "from django.test import Client" in situation.approach.imports:
        return [DJANGO_SQL, SQL]
    return [SQL, HANDED] if STAND_IN.search(situation.approach.send) else [SQL]
