"""Damaged inputs, made from the repository's own samples: the same for the same seed.

>>> len(list(mutated_inputs(1, 3)))
3
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from buckler.base.source import SourceFile, language_of

ROOT = Path(__file__).parents[2]
FOLDERS = ("examples", "src/buckler/weaknesses", "tests/suites", "tests/lowering", "tests/prove/apps")
LARGEST = 30_000
"""Bytes of a sample, and of what is made of it."""
TOKEN = re.compile(rb"\w+|[^\w\s]+|\s+")
PAIRS = (b"()", b"[]", b"{}", b"{{}}", b"``", b"''", b'""', b"<a></a>", b"(a=>)", b"f(x)", b"a[b]++")


@cache
def samples() -> tuple[tuple[str, bytes], ...]:
    """Language and text of every sample."""
    paths = [p for folder in FOLDERS for p in sorted((ROOT / folder).rglob("*")) if p.is_file()]
    named = [(language_of(p.name), p) for p in paths]
    return tuple((language, p.read_bytes()) for language, p in named if language and p.stat().st_size <= LARGEST)


def mutated_inputs(seed: int, count: int) -> Iterator[SourceFile]:
    """So many files, each a sample with one to four things done to it."""
    chance = random.Random(seed)
    by_language: dict[str, list[bytes]] = {}
    for language, text in samples():
        by_language.setdefault(language, []).append(text)
    for number in range(count):
        language = chance.choice(sorted(by_language))
        text = chance.choice(by_language[language])
        for _ in range(chance.randint(1, 4)):
            text = chance.choice(MUTATIONS)(text, chance, by_language[language])[:LARGEST]
        ending = {"python": "py", "javascript": "js", "template": "html"}[language]
        yield SourceFile(f"input{number}.{ending}", language, data=text)


def flipped(text: bytes, chance: random.Random, _: list[bytes]) -> bytes:
    """Some bytes are others."""
    out = bytearray(text)
    for _number in range(chance.randint(1, 1 + len(out) // 50) if out else 0):
        out[chance.randrange(len(out))] = chance.randrange(256)
    return bytes(out)


def repeated(text: bytes, chance: random.Random, _: list[bytes]) -> bytes:
    """A few tokens stand there many times."""
    tokens = TOKEN.findall(text)
    start = chance.randrange(len(tokens) + 1)
    again = tokens[start : start + chance.randint(1, 12)] * chance.choice((2, 10, 100, 1000))
    return b"".join([*tokens[:start], *again, *tokens[start:]])


def nested(text: bytes, chance: random.Random, _: list[bytes]) -> bytes:
    """A place is inside many brackets, of which some may be missing."""
    pair, depth = chance.choice(PAIRS), chance.choice((2, 20, 200, 2000))
    middle, at = len(pair) // 2, chance.randrange(len(text) + 1)
    end = min(len(text), at + chance.randint(0, 40))
    closing = pair[middle:] * max(0, depth - chance.choice((0, 0, 1, depth)))
    return text[:at] + pair[:middle] * depth + text[at:end] + closing + text[end:]


def truncated(text: bytes, chance: random.Random, _: list[bytes]) -> bytes:
    start = chance.randrange(len(text) + 1)
    return text[:start] if chance.random() < 0.5 else text[start:]


def spliced(text: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    """Part of another sample stands in the middle."""
    other, at = chance.choice(others), chance.randrange(len(text) + 1)
    start = chance.randrange(len(other) + 1)
    return text[:at] + other[start : start + chance.randint(0, 2000)] + text[at:]


def shuffled(text: bytes, chance: random.Random, _: list[bytes]) -> bytes:
    """Lines in another order."""
    lines = text.split(b"\n")
    start = chance.randrange(len(lines))
    some = lines[start : start + 20]
    chance.shuffle(some)
    return b"\n".join([*lines[:start], *some, *lines[start + 20 :]])


MUTATIONS = (flipped, repeated, nested, truncated, spliced, shuffled)
