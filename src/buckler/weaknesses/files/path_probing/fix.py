"""What a name leads to must lie in the folder the code puts before it."""

from __future__ import annotations

from buckler.fix.patch import FixRecipe
from buckler.weaknesses.files.confined import confined

FIX = FixRecipe({"python": (confined,)})
