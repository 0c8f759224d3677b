"""Cookies that are sent over open connections: given `Secure`."""

from __future__ import annotations

from buckler.fix.patch import FixRecipe
from buckler.weaknesses.web.cookie_attributes import SECURE, fixer

FIX = FixRecipe({"python": (fixer(SECURE),)})
