"""Values in XPath expressions, which nothing escapes: held against what they may look like."""

from __future__ import annotations

from buckler.fix import guards
from buckler.fix.patch import FixRecipe

FIX = FixRecipe({"python": (guards.plain_text,)})
