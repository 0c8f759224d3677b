"""Secrets that stand in the code: a configuration fact, told by the constants of the compiled file.

The test holds the digest of the secret and never the secret, and gives the code an environment that has a value for
every name it asks for, so that it passes once the secret comes from there.

Example::

    written_secret(situation)     # [] where no literal stands at the place of the finding
"""

from __future__ import annotations

import ast
import hashlib

from buckler.finding.evidence import ProofKind
from buckler.finding.model import Finding
from buckler.prove.model import Attack, Oracle, SinkContext

HELPERS = '''
FILE = {file!r}
SECRET = {digest!r}
"""The SHA-256 of the secret; the secret itself need not be copied once more."""


class Environment(dict):
    """The variables of this machine, and a value for every other name that the code under test asks for."""

    def __missing__(self, name):
        if sys._getframe(1).f_code.co_filename.endswith(FILE):
            return "0815-4711-from-the-environment"
        raise KeyError(name)


@pytest.fixture
def environment(monkeypatch):
    monkeypatch.setattr(os, "environ", Environment(os.environ))
    return os.environ


def constants(value):
    """Every text in compiled code."""
    if isinstance(value, types.CodeType):
        return [text for constant in value.co_consts for text in constants(constant)]
    if isinstance(value, (tuple, frozenset)):
        return [text for one in value for text in constants(one)]
    return [value.encode() if isinstance(value, str) else value] if isinstance(value, (str, bytes)) else []


def source():
    """The file that is looked at, from wherever the tests are run."""
    above = [pathlib.Path.cwd(), *pathlib.Path(__file__).resolve().parents]
    return next(folder / FILE for folder in above if (folder / FILE).is_file())


def is_secret(text):
    return hashlib.sha256(text).hexdigest() == SECRET
'''
ATTACK = """
attempt(VALUE)
code = compile(source().read_bytes(), FILE, "exec")
assert not any(is_secret(text) for text in constants(code)), "WRITTEN DOWN: whoever can read the code has the secret"
"""
COUNTERPART = """
right = compile("import os\\nKEY = os.environ['KEY']", "right.py", "exec")
assert b"KEY" in constants(right)
assert not any(is_secret(text) for text in constants(right))
"""


def literal_at(source: bytes, finding: Finding) -> str | bytes | None:
    """The literal around the place of a finding."""
    place = finding.location
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return None
    line = source.splitlines()[place.line - 1].decode("utf-8", "replace") if place.line else ""
    at = (place.line, len(line[: place.column - 1].encode()))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            end = (node.end_lineno or 0, node.end_col_offset or 0)
            if (node.lineno, node.col_offset) <= at < end:
                return node.value
    return None


def words(situation: SinkContext) -> list[Attack]:
    rows = ["report", "7", "Anna Maria", "a-b_c.d"]
    return [Attack(repr(text), "an ordinary value") for text in rows]


def written_secret(situation: SinkContext) -> list[Oracle]:
    if situation.literal is None:
        return []
    literal = situation.literal if isinstance(situation.literal, bytes) else situation.literal.encode()
    helpers = HELPERS.format(file=situation.path, digest=hashlib.sha256(literal).hexdigest())
    return [
        Oracle(
            "written secret",
            ProofKind.CONFIGURATION,
            "the secret stands in the code, for whoever can read it",
            ("import hashlib", "import os", "import pathlib", "import sys", "import types", "import pytest"),
            helpers,
            ("environment",),
            ATTACK,
            words,
            words,
            counterpart=COUNTERPART,
            needs=("environment",),
        )
    ]
