"""Keys that are too short: a watch around what makes them, where the library is one that is known."""

from __future__ import annotations

from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, ProofRecipe, SinkContext
from buckler.prove.watches import benign, watching

HERE = Path(__file__).parent


def oracles(situation: SinkContext) -> list[Oracle]:
    code = " ".join((situation.code, *situation.near))
    if "generate_private_key" in code and "ec." not in code:
        file = HERE / "probe.py"
    elif ".generate(" in code:
        file = HERE / "probe_packaged.py"
    else:
        return []
    return [Oracle(
        ProofKind.PROPERTY, "a key was made that is too short to last",
        watching(file, situation), benign, benign, fresh="the keys",
    )]  # fmt: skip


PROOF = ProofRecipe(oracles, by_line=True)
