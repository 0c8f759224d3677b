"""Ciphers that do not keep data secret: a watch around what makes them, where the library is one that is known."""

from __future__ import annotations

from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, ProofRecipe, SinkContext
from buckler.prove.watches import benign, watching

HERE = Path(__file__).parent


def oracles(situation: SinkContext) -> list[Oracle]:
    code = " ".join((situation.code, *situation.near))
    if "algorithms." in code or "modes." in code or "Cipher(" in code:
        file = HERE / "probe.py"
    elif ".new(" in code:
        file = HERE / "probe_packaged.py"
    else:
        return []
    return [Oracle(
        ProofKind.PROPERTY, "data was encrypted with a cipher or mode that does not keep it secret",
        watching(file, situation), benign, benign, fresh="what was encrypted",
    )]  # fmt: skip


PROOF = ProofRecipe(oracles, by_line=True)
