"""How a server is started: on which addresses it would listen."""

from __future__ import annotations

from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.prove.entries.started import notes_addresses
from buckler.prove.model import Oracle, Probe, ProofRecipe, SinkContext, Way
from buckler.prove.watches import plain

PROBE = Path(__file__).with_name("probe.py")
BOUND = Oracle(
    ProofKind.PROPERTY,
    "the program was made to listen in every network of its machine",
    Probe(PROBE, counterpart="counterpart"),
    plain,
    plain,
)


def oracles(situation: SinkContext) -> list[Oracle]:
    return [BOUND] if notes_addresses(situation.approach) else []


PROOF = ProofRecipe(oracles, by_line=True, way=Way.START)
