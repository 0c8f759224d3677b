"""The rooms of all weaknesses: each folder `<family>/<id>/` with a page `rule.md` is one, and nothing else names it.

Example::

    book = rulebook()
    book.rules["sql-injection"].cwe        # (89,)
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from buckler.review.rulebook import RuleBook, load_rules

ROOMS = Path(__file__).parent


def rulebook(extra: Sequence[Path] = ()) -> RuleBook:
    """The pages of all rooms, and those in the user's own folders; raises `RuleError` for the first mistake."""
    return load_rules((ROOMS, *extra))
