"""Secrets that are compared by an operator: a watch around the function that should be asked."""

from __future__ import annotations

from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, Probe, ProofRecipe, SinkContext
from buckler.prove.watches import benign, watch

PROBE = Path(__file__).with_name("probe.py")


def oracles(situation: SinkContext) -> list[Oracle]:
    probe = Probe(PROBE, counterpart="counterpart", values=watch(situation, deep=True))
    effect = "the secret was compared without hmac.compare_digest or the like"
    return [Oracle(ProofKind.PROPERTY, effect, probe, benign, benign)]


PROOF = ProofRecipe(oracles, by_line=True, compares=True)
