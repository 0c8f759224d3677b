"""Modules of somebody else's choice: whether one that nobody asked for is loaded."""

from __future__ import annotations

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Attack, Oracle, SinkContext

HELPERS = '''

@pytest.fixture
def rare():
    """Modules of the standard library that this program has no use for; they are not loaded."""
    names = ("colorsys", "chunk", "stringprep", "nturl2path", "tabnanny")
    kept = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    yield names
    sys.modules.update(kept)
'''
ATTACK = """
attempt(VALUE)
loaded = [name for name in rare if name in sys.modules]
assert not loaded, f"EXPLOITED: a module of the sender's choice was loaded: {loaded[0]}"
"""


def attacks(_: SinkContext) -> list[Attack]:
    rows = [("colorsys", "a module"), ("stringprep", "another"), ("colorsys.rgb_to_hls", "a function of a module"),
            ("nturl2path:url2pathname", "the same with a colon"), ("tabnanny", "one more")]  # fmt: skip
    return [Attack(repr(text), label) for text, label in rows]


def words(_: SinkContext) -> list[Attack]:
    return [Attack(repr(text), "the name of something") for text in ("json", "report", "json.dumps")]


def chosen(situation: SinkContext) -> list[Oracle]:
    """Only what loads modules by name; what takes an attribute by name has no effect that could be told in general."""
    if not any(
        word in situation.code for word in ("import_module", "import_string", "__import__", "locate(", "resolve_name")
    ):
        return []
    return [Oracle("module", ProofKind.EXPLOIT, "a module of the attacker's choice was loaded, whose code then runs",
                   ("import sys", "import pytest"), HELPERS, ("rare",), ATTACK, attacks, words)]  # fmt: skip
