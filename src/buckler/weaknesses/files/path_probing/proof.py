"""Answers that tell whether a file is there."""

from __future__ import annotations

from buckler.prove.model import ProofRecipe
from buckler.weaknesses.files import paths

PROOF = ProofRecipe(lambda situation: [paths.used(situation), paths.existence(situation)])
