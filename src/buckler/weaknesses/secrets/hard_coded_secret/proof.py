"""Secrets that stand in the code: a configuration fact, read from the constants of the compiled file."""

from __future__ import annotations

import hashlib
from pathlib import Path

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, Probe, ProofRecipe, SinkContext
from buckler.prove.watches import plain

PROBE = Path(__file__).with_name("probe.py")


def oracles(situation: SinkContext) -> list[Oracle]:
    if situation.literal is None:
        return []
    literal = situation.literal if isinstance(situation.literal, bytes) else situation.literal.encode()
    values = {"FILE": repr(situation.path), "SECRET": repr(hashlib.sha256(literal).hexdigest())}
    probe = Probe(PROBE, counterpart="counterpart", values=values)
    effect = "the secret stands in the code, for whoever can read it"
    return [Oracle(ProofKind.CONFIGURATION, effect, probe, plain, plain, needs=("environment",))]


PROOF = ProofRecipe(oracles, by_line=True)
