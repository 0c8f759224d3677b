"""Cookies that go along with requests of other sites: given `SameSite`."""

from __future__ import annotations

from buckler.fix.patch import FixRecipe
from buckler.weaknesses.web.cookie_attributes import SAMESITE, fixer

FIX = FixRecipe({"python": (fixer(SAMESITE),)})
