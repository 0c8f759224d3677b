"""Source text that looks different from what it is.

Three tricks are looked for, on the bytes of a file and without parsing it:

    bidi         marks that turn the direction of writing, left open at the end of the line or hiding a quote
    invisible    characters of no width inside a name
    look-alike   letters of another script, or styled letters, in a name that reads like a Latin one

Files that are pure ASCII, nearly all, cost one check. Right-to-left text whose marks are closed on their line
is left alone, as are names in one script, and words in strings and comments.

    >>> [(t.kind, t.line) for t in scan_tricks("is_\\u0430dmin = True".encode())]
    [('look-alike', 1)]
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache


@dataclass(slots=True, frozen=True, order=True)
class Trick:
    """One place where the eye is deceived; line and column count from 1, in characters."""

    line: int
    column: int
    end_column: int
    kind: str
    """bidi, invisible, look-alike."""
    text: str
    """What is there, in words that can be printed."""


def scan_tricks(data: bytes, language: str = "python") -> list[Trick]:
    """All tricks in a file, in order."""
    if data.isascii():
        return []
    text = data.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n")
    characters = set(text)  # marks and names abroad are rare, accents are not
    tricks = [] if _MARKS.isdisjoint(characters) else [*_bidi(text)]
    if any(map(_deceiving, characters)):
        tricks += _names(text, language)
    return sorted(tricks)


# Direction.

_EMBEDDINGS = {"\u202a": "LRE", "\u202b": "RLE", "\u202d": "LRO", "\u202e": "RLO"}
_ISOLATES = {"\u2066": "LRI", "\u2067": "RLI", "\u2068": "FSI"}
_CLOSERS = {"\u202c": _EMBEDDINGS, "\u2069": _ISOLATES}
_MARKS = frozenset((*_EMBEDDINGS, *_ISOLATES, *_CLOSERS))
_MARK = re.compile(f"[{''.join(sorted(_MARKS))}]")
_QUOTES = frozenset("\"'`")


def _bidi(text: str) -> Iterator[Trick]:
    for number, line in enumerate(text.split("\n"), 1):
        marks = list(_MARK.finditer(line))
        if marks:
            trick = _open_mark(line, marks)
            if trick is not None:
                start, what = trick
                yield Trick(number, start + 1, start + 2, "bidi", what)


def _open_mark(line: str, marks: list[re.Match[str]]) -> tuple[int, str] | None:
    """The first mark of a line that deceives, and what it does."""
    quotes = [place for place, character in enumerate(line) if character in _QUOTES]
    opened: list[tuple[str, int]] = []
    waiting: Counter[str] = Counter()
    """How many of each are open."""
    for mark in marks:
        character, place = mark[0], mark.start()
        closes = _CLOSERS.get(character)
        if closes is None:
            opened.append((character, place))
            waiting[character] += 1
            continue
        if all(waiting[mark_] == 0 for mark_ in closes):
            continue
        start = next(i for i in reversed(range(len(opened))) if opened[i][0] in closes)
        first = opened[start][1]
        if bisect_left(quotes, first) < bisect_left(quotes, place):
            return first, f"{_named(opened[start][0])} turns the direction of writing across a quote"
        waiting.subtract(other for other, _ in opened[start:])
        del opened[start:]
    if opened:
        return opened[0][1], f"{_named(opened[0][0])} turns the direction of writing and is not closed on this line"
    return None


def _named(character: str) -> str:
    return f"U+{ord(character):04X} ({unicodedata.name(character, 'unnamed').lower()})"


# Names.

_TOKENS = {
    "python": re.compile(
        r"(?<!\\)(?:\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')|#[^\n]*"
        r"|(?P<name>[^\W\d][\w\u00ad\u200b-\u200d\u2060\ufeff]*)",
        re.DOTALL,
    ),
    "javascript": re.compile(
        r"(?<!\\)(?:`(?:[^`\\]|\\.)*`|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')|//[^\n]*|/\*.*?(?:\*/|\Z)"
        r"|(?P<name>(?:[^\W\d]|\$)[\w$\u00ad\u200b-\u200d\u2060\ufeff]*)",
        re.DOTALL,
    ),
}
_INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
_LOOK_ALIKE = str.maketrans(
    "аеорсухіјѕԁһԛԝӏАВЕКМНОРСТХЅІЈУαοΑΒΕΖΗΙΚΜΝΟΡΤΥΧօսհոց",
    "aeopcyxijsdhqwlABEKMHOPCTXSIJYaoABEZHIKMNOPTYXouhng",
)
_LATIN = re.compile("[A-Za-z]")


def _names(text: str, language: str) -> Iterator[Trick]:
    tokens = _TOKENS["python" if language == "python" else "javascript"]
    ascii_names: set[str] = set()
    odd: list[tuple[int, str]] = []
    for token in tokens.finditer(text):
        name = token["name"]
        if name is not None:
            if name.isascii():
                ascii_names.add(name)
            else:
                odd.append((token.start(), name))
    ends = [found.start() for found in re.finditer("\n", text)]
    for start, name in odd:
        trick = _deceit(name, ascii_names)
        if trick is not None:
            line = bisect_left(ends, start)
            column = start - (ends[line - 1] + 1 if line else 0) + 1
            yield Trick(line + 1, column, column + len(name), *trick)


@cache
def _deceiving(character: str) -> bool:
    """Whether a name could deceive by this character."""
    if character.isascii():
        return False
    if character.isalnum():
        return ord(character) in _LOOK_ALIKE or unicodedata.normalize("NFKC", character).isascii()
    return _INVISIBLE.match(character) is not None


def _deceit(name: str, ascii_names: set[str]) -> tuple[str, str] | None:
    """How a name deceives, if it does; `ascii_names` are the file's other names."""
    hidden = _INVISIBLE.search(name)
    if hidden is not None:
        return (
            "invisible",
            f"{_named(hidden[0])} stands unseen in a name that reads `{_INVISIBLE.sub('', name)}`",
        )
    plain = unicodedata.normalize("NFKC", name)
    if plain.isascii() and len(plain) > 1:
        return "look-alike", f"styled letters write the name `{plain}`"
    reading = name.translate(_LOOK_ALIKE)
    if reading.isascii() and (_LATIN.search(name) or reading in ascii_names):
        foreign = next(character for character in name if not character.isascii())
        return "look-alike", f"{_named(foreign)} stands in a name that reads `{reading}`"
    return None
