"""Cookies that are sent without `Secure`."""

from __future__ import annotations

from buckler.prove.model import ProofRecipe
from buckler.weaknesses.web.cookies import without

PROOF = ProofRecipe(without("Secure"), by_line=True)
