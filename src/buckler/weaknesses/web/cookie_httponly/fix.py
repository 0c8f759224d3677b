"""Cookies that scripts can read: given `HttpOnly`."""

from __future__ import annotations

from buckler.fix.patch import FixRecipe
from buckler.weaknesses.web.cookie_attributes import HTTPONLY, fixer

FIX = FixRecipe({"python": (fixer(HTTPONLY),)})
