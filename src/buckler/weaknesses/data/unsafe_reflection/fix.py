"""Nothing is changed without its owner, and this says why."""

from __future__ import annotations

from buckler.fix.patch import FixRecipe

FIX = FixRecipe(
    declined="which modules are meant to be chosen is known only to those who wrote them; a list of their names is needed"
)
