"""Secrets made with predictable numbers: a watch around the functions of `random`."""

from __future__ import annotations

from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, ProofRecipe, SinkContext
from buckler.prove.watches import benign, watching

PROBE = Path(__file__).with_name("probe.py")


def oracles(situation: SinkContext) -> list[Oracle]:
    probe = watching(PROBE, situation)
    effect = "the secret was made with predictable numbers"
    return [Oracle(ProofKind.PROPERTY, effect, probe, benign, benign, fresh="the numbers")]


PROOF = ProofRecipe(oracles, by_line=True)
