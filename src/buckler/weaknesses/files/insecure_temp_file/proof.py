"""Names for temporary files.

A name that is fixed has no such watch: who may use the file is not to be seen from its use.
"""

from __future__ import annotations

from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, ProofRecipe, SinkContext
from buckler.prove.watches import benign, watching

PROBE = Path(__file__).with_name("probe.py")


def oracles(situation: SinkContext) -> list[Oracle]:
    if "mktemp" not in situation.code:
        return []
    return [Oracle(
        ProofKind.PROPERTY, "a name was taken for a file that is made only later",
        watching(PROBE, situation), benign, benign, ("import re",),
        fresh="the names of files", same=r"re.sub(r'\btmp\w+', '…', {})",
    )]  # fmt: skip


PROOF = ProofRecipe(oracles, by_line=True)
