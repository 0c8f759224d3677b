"""Tokens that are taken whoever signed them: the very call the code makes is made again with forged ones.

Example::

    forged(situation)     # [] unless the line is a `decode(…)` of PyJWT
"""

from __future__ import annotations

import re

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Attack, Oracle, SinkContext
from buckler.prove.oracles.calls import IMPORTS, ordinary, watch

HELPERS = '''

FORGED = {
    "signed with a key of somebody else": jwt.encode({"sub": "4711"}, "the key of somebody else, 4711-0815", "HS256"),
    "not signed at all": jwt.encode({"sub": "4711"}, None, "none"),
}


@pytest.fixture
def taken(monkeypatch):
    """The forged tokens that pass where the code decodes one, with everything else that it gives."""
    seen = []
    decode = jwt.decode

    def note(*given, **named):
        named.pop("jwt", None)
        for name, token in FORGED.items():
            with contextlib.suppress(Exception):
                decode(token, *given[1:], **named)
                seen.append(name)

    everywhere(monkeypatch, jwt, "decode", note)
    return seen
'''
ATTACK = """
attempt(VALUE)
assert not taken, f"VIOLATED: a token is taken that is {taken[0]}"
"""
COUNTERPART = """
key = "the key of this test, and of nobody else"
token = jwt.encode({"sub": "report"}, key, "HS256")
assert jwt.decode(token, key, algorithms=["HS256"]) == {"sub": "report"}
assert taken == []
jwt.decode(token, options={"verify_signature": False})
assert taken == list(FORGED)
"""


SIGNS = re.compile(
    r"""\bjwt\.encode\([^\n]*?,\s*(?:key\s*=\s*)?([A-Z_][A-Z0-9_]*)\s*(?:,\s*(?:algorithm\s*=\s*)?['"](\w+)['"])?\s*\)"""
)


def genuine(situation: SinkContext) -> list[Attack]:
    """Tokens as the file itself makes them, where it has the key; else no tokens at all."""
    signs = SIGNS.search(situation.source)
    if signs is None:
        return ordinary(situation)
    module = re.sub(r"^(src|lib)/", "", situation.path.removesuffix(".py")).replace("/", ".")
    key = f'importlib.import_module("{module}").{signs[1]}, "{signs[2] or "HS256"}"'
    return [
        Attack(f"jwt.encode({{'sub': {text!r}}}, {key})", "a token of this program")
        for text in ("report", "anna", "7", "x.y")
    ]


def forged(situation: SinkContext) -> list[Oracle]:
    if not re.search(r"\bdecode\(", situation.code):
        return []
    return [Oracle("token", ProofKind.PROPERTY, "a token was taken that somebody else had made",
                   ("import contextlib", "import importlib", "import jwt", *IMPORTS), watch(situation) + HELPERS, ("taken",),
                   ATTACK, genuine, genuine, counterpart=COUNTERPART)]  # fmt: skip
