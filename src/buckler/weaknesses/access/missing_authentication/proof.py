"""Pages that let in whom their siblings turn away: the same request with and without a login.

There is none unless a sibling was found that asks who is there.
"""

from __future__ import annotations

from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.prove.entries.principals import has_sibling
from buckler.prove.model import Oracle, Place, Probe, ProofRecipe, SinkContext, Way
from buckler.prove.watches import benign

PROBE = Path(__file__).with_name("probe.py")
LET_IN = Oracle(
    ProofKind.PROPERTY,
    "an unauthenticated user got access",
    Probe(PROBE, counterpart="counterpart"),
    benign,
    benign,
)


def oracles(situation: SinkContext) -> list[Oracle]:
    return [LET_IN] if has_sibling(situation.approach) and situation.approach.status else []


PROOF = ProofRecipe(oracles, by_line=True, place=Place.FUNCTION, way=Way.PRINCIPALS)
