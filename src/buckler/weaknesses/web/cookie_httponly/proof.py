"""Cookies that are sent without `HttpOnly`."""

from __future__ import annotations

from buckler.prove.model import ProofRecipe
from buckler.weaknesses.web.cookies import without

PROOF = ProofRecipe(without("HttpOnly"), by_line=True)
