"""Values in headers: kept on one line."""

from __future__ import annotations

from buckler.fix import escapes
from buckler.fix.patch import FixRecipe

FIX = FixRecipe({"python": (escapes.line,)})
