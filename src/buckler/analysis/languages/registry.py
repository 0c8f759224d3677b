"""The front ends and words of all languages; a front end is loaded when it is first needed.

To add a language: a folder here with `language.toml`, `front_end.py`, which defines `LANGUAGE`, and `words.py`, which
defines `WORDS`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from buckler.analysis.languages.shared import Language
from buckler.analysis.languages.words import Words, united
from buckler.base.languages import LANGUAGES

__all__ = ["ATTRIBUTES_ARE_KEYS", "LANGUAGES", "WORDS", "front_end"]


@cache
def front_end(name: str) -> Language:
    """The front end of a language; KeyError if there is none."""
    found = import_module(f"{__package__}.{LANGUAGES[name].name}.front_end").LANGUAGE
    assert isinstance(found, Language)
    return found


def words_of(name: str) -> Words:
    """How a language calls what the analysis wants to know."""
    words = import_module(f"{__package__}.{LANGUAGES[name].name}.words").WORDS
    assert isinstance(words, Words)
    return words


WORDS = united(map(words_of, LANGUAGES))
"""The words of all languages; the analysis of one meets hardly any of another."""
ATTRIBUTES_ARE_KEYS = frozenset(name for name in LANGUAGES if words_of(name).attributes_are_keys)
