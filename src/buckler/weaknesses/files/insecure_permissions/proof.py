"""Rights that are given outright; those that are left open by what is not written have no such watch."""

from __future__ import annotations

from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, ProofRecipe, SinkContext
from buckler.prove.watches import benign, watching

PROBE = Path(__file__).with_name("probe.py")


def oracles(situation: SinkContext) -> list[Oracle]:
    if not any(word in situation.code for word in ("chmod", "umask")):
        return []
    probe = watching(PROBE, situation)
    effect = "every user of the machine was given the right to write"
    return [Oracle(ProofKind.PROPERTY, effect, probe, benign, benign)]


PROOF = ProofRecipe(oracles, by_line=True)
