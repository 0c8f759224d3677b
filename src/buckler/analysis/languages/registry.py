"""The front ends of all languages, each loaded when it is first needed.

To add a language: a folder here with `language.toml` and `front_end.py`, which defines `LANGUAGE`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from buckler.analysis.languages.shared import Language
from buckler.base.languages import LANGUAGES

__all__ = ["LANGUAGES", "front_end"]


@cache
def front_end(name: str) -> Language:
    """The front end of a language; KeyError if there is none."""
    found = import_module(f"{__package__}.{LANGUAGES[name].name}.front_end").LANGUAGE
    assert isinstance(found, Language)
    return found
