"""Templates of somebody else's."""

from __future__ import annotations

from buckler.prove.model import always
from buckler.weaknesses.injection.templates import TEMPLATE

PROOF = always(TEMPLATE)
