"""Cookies that are sent without `SameSite`."""

from __future__ import annotations

from buckler.prove.model import ProofRecipe
from buckler.weaknesses.web.cookies import without

PROOF = ProofRecipe(without("SameSite", ("Lax", "Strict"), ("None",)), by_line=True)
