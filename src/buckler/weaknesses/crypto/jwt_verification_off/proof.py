"""Tokens that are taken whoever signed them: the very call the code makes is made again with forged ones.

There is none unless the line is a `decode(…)` of PyJWT.
"""

from __future__ import annotations

import re
from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Attack, Oracle, ProofRecipe, SinkContext
from buckler.prove.watches import benign, watching

PROBE = Path(__file__).with_name("probe.py")
SIGNS = re.compile(
    r"""\bjwt\.encode\([^\n]*?,\s*(?:key\s*=\s*)?([A-Z_][A-Z0-9_]*)\s*(?:,\s*(?:algorithm\s*=\s*)?['"](\w+)['"])?\s*\)"""
)


def genuine(situation: SinkContext) -> list[Attack]:
    """Tokens as the file itself makes them, where it has the key; else no tokens at all."""
    signs = SIGNS.search(situation.source)
    if signs is None:
        return benign(situation)
    module = re.sub(r"^(src|lib)/", "", situation.path.removesuffix(".py")).replace("/", ".")
    key = f'importlib.import_module("{module}").{signs[1]}, "{signs[2] or "HS256"}"'
    return [
        Attack(f"jwt.encode({{'sub': {text!r}}}, {key})", "a token of this program")
        for text in ("report", "anna", "7", "x.y")
    ]


def oracles(situation: SinkContext) -> list[Oracle]:
    if not re.search(r"\bdecode\(", situation.code):
        return []
    probe = watching(PROBE, situation)
    effect = "a token with an invalid signature was accepted"
    return [Oracle(ProofKind.PROPERTY, effect, probe, genuine, genuine, ("import importlib", "import jwt"))]


PROOF = ProofRecipe(oracles, by_line=True)
