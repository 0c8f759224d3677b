"""The languages Buckler reads; loaded by name when first needed.

To add one: a module here that defines a `Language`, and a row below.
"""

from __future__ import annotations

import importlib
from functools import cache

from buckler.analysis.languages.shared import Language

LANGUAGES = {
    "python": ("buckler.analysis.languages.python.front_end", "PYTHON"),
    "javascript": ("buckler.analysis.languages.javascript.front_end", "JAVASCRIPT"),
}


@cache
def front_end(name: str) -> Language:
    """The front end of a language; KeyError if there is none."""
    module, attribute = LANGUAGES[name]
    found = getattr(importlib.import_module(module), attribute)
    assert isinstance(found, Language)
    return found
