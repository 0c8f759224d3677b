"""Modules of somebody else's choice: whether one that nobody asked for is loaded.

Only for what loads modules by name; what takes an attribute by name has no effect that could be observed in general.
"""

from __future__ import annotations

from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, Probe, ProofRecipe, SinkContext, texts

PROBE = Path(__file__).with_name("probe.py")
LOADS = ("import_module", "import_string", "__import__", "locate(", "resolve_name")
ATTACKS = texts(
    ("colorsys", "a module"),
    ("stringprep", "another"),
    ("colorsys.rgb_to_hls", "a function of a module"),
    ("nturl2path:url2pathname", "the same with a colon"),
    ("tabnanny", "one more"),
)
LOADED = Oracle(
    ProofKind.EXPLOIT,
    "a module of the attacker's choice was loaded, whose code then runs",
    Probe(PROBE),
    ATTACKS,
    texts(*((text, "the name of something") for text in ("json", "report", "json.dumps"))),
)


def oracles(situation: SinkContext) -> list[Oracle]:
    return [LOADED] if any(word in situation.code for word in LOADS) else []


PROOF = ProofRecipe(oracles)
