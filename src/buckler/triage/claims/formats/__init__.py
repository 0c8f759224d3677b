"""The formats in which claims are read: each module of this folder is one, found by its name.

A module has `reads(text)`, whether a text is in its format, and `claims(text, names)`, what it says; it raises
`ValueError` with the reason for a text that only looks like its format.

Example::

    list(claims("## SQL injection\\n\\nshop/app.py:12 …", known_as()))
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module

from buckler.triage.claims.model import Claim, Names

IMPORTERS = tuple(module.name for module in pkgutil.iter_modules(__path__))


def claims(text: str, names: Names) -> Iterator[Claim]:
    """Everything a report says; ValueError with the reason if it is in no format that is read."""
    for name in IMPORTERS:
        module = import_module(f"{__name__}.{name}")
        if module.reads(text):
            found: Iterator[Claim] = module.claims(text, names)
            return found
    raise ValueError(f"is in no format that is read: {', '.join(IMPORTERS)}")
