"""The words of a source text, as bytes or letters, without parsing it.

>>> words_of(b"import os.path as p")
['import', 'os', 'path', 'as', 'p']
"""

from __future__ import annotations

from functools import cache, lru_cache

WORDS_ONLY = bytes(c if chr(c).isalnum() or chr(c) == "_" else ord(" ") for c in range(128)).ljust(256)
"""Leaves of a text only its words, several times quicker than a pattern that looks for them."""


def words_of(source: bytes) -> list[str]:
    """Every word of a text; what is not ASCII parts words."""
    return source.translate(WORDS_ONLY).decode("ascii").split()


@lru_cache(maxsize=20_000)
def vocabulary(source: bytes) -> bytes:
    """Every word once, one a line: whatever word or part of a word is in the text is in here, which is much shorter."""
    return b"\n".join(set(source.translate(WORDS_ONLY).split()))


@cache
def needles(texts: tuple[str, ...]) -> list[tuple[bytes, bytes]]:
    """Texts to look for, each with the longest word in it."""
    return [(t.encode(), max(words_of(t.encode()), key=len, default="").encode()) for t in texts]


def present(wanted: list[tuple[bytes, bytes]], source: bytes) -> list[bytes]:
    """Those of the texts that a source holds; its vocabulary, asked first, is read sooner."""
    held = vocabulary(source)
    return [text for text, word in wanted if word in held and (text == word or text in source)]
