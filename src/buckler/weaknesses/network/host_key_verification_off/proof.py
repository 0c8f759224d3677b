"""Hosts with a key that nobody knows: a watch around what chooses the policy for them."""

from __future__ import annotations

from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, ProofRecipe, SinkContext
from buckler.prove.watches import benign, watching

PROBE = Path(__file__).with_name("probe.py")


def oracles(situation: SinkContext) -> list[Oracle]:
    if "policy" not in situation.code.lower():
        return []
    probe = watching(PROBE, situation)
    effect = "a host with an unknown key was to be trusted"
    return [Oracle(ProofKind.PROPERTY, effect, probe, benign, benign)]


PROOF = ProofRecipe(oracles, by_line=True)
