"""XML documents: read by a parser that resolves no entity."""

from __future__ import annotations

from buckler.fix.patch import FixRecipe
from buckler.weaknesses.data import xml_parsers

FIX = FixRecipe(
    {
        "python": (
            xml_parsers.no_entities,
            xml_parsers.plain_lxml,
        )
    }
)
