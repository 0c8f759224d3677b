"""Nothing is changed without its owner, and this says why."""

from __future__ import annotations

from buckler.fix.patch import FixRecipe

FIX = FixRecipe(
    declined="what was encrypted before has to be read with the old cipher and written with another (AES-GCM), and only its owner knows where it is"
)
