"""The words of a source text, as bytes or letters, without parsing it.

>>> words_of(b"import os.path as p")
['import', 'os', 'path', 'as', 'p']
"""

from __future__ import annotations

WORDS_ONLY = bytes(c if chr(c).isalnum() or chr(c) == "_" else ord(" ") for c in range(128)).ljust(256)
"""Leaves of a text only its words, several times quicker than a pattern that looks for them."""


def words_of(source: bytes) -> list[str]:
    """Every word of a text; what is not ASCII parts words."""
    return source.translate(WORDS_ONLY).decode("ascii").split()


def vocabulary(source: bytes) -> bytes:
    """Every word once, one a line: whatever word or part of a word is in the text is in here, which is much shorter."""
    return b"\n".join(set(source.translate(WORDS_ONLY).split()))
