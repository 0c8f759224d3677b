"""What of a statement must not depend on what is sent."""

from __future__ import annotations

import re


def structure(statement: str) -> str:
    """A statement without its values: texts, numbers and white space taken out."""
    statement = re.sub(r"'(?:[^']|'')*'", "?", statement)
    return re.sub(r"\s+", " ", re.sub(r"\b\d+\b", "?", statement)).strip()
