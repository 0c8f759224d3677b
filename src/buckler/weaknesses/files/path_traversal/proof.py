"""Paths that leave their folder, as they are or as names in an archive."""

from __future__ import annotations

from buckler.prove.model import Oracle, ProofRecipe, SinkContext
from buckler.weaknesses.files import paths


def oracles(situation: SinkContext) -> list[Oracle]:
    packed = "archive(" in situation.approach.encoding
    return [paths.archive(situation) if packed else paths.used(situation)]


PROOF = ProofRecipe(oracles)
