"""Members of an archive that are written outside the folder."""

from __future__ import annotations

from buckler.prove.model import ProofRecipe
from buckler.weaknesses.files import paths

PROOF = ProofRecipe(lambda situation: [paths.archive(situation)], archive=True)
