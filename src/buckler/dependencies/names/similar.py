"""Names that are easily taken for another: one slip of a finger, one letter that looks alike, the words turned around.

The distance is that of optimal string alignment with a bound of one: one letter more, less, other, or two neighbors
changed. A difference in digits alone is a version, not a slip.

Example::

    taken_for("reqeusts", "PyPI")          # "requests"
    taken_for("dateutil-python", "PyPI")   # "python-dateutil"
    taken_for("requests", "PyPI")          # None: it is the popular one
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from buckler.dependencies.names.known import popular

TARGETS = 2000
"""So many of the most used names are worth imitating."""
SHORTEST = 5
"""Letters and digits below which any two names are near."""
PARTS = re.compile(r"[^a-z0-9]+")
ALIKE = {"0": "o", "1": "l", "i": "l", "rn": "m", "vv": "w", "5": "s"}
"""Letters that look like others, each with the one they are read as."""


def taken_for(name: str, ecosystem: str) -> str | None:
    """The popular package that somebody may have meant; None for one that many use itself."""
    if name in _known(ecosystem):
        return None
    near = sorted({*_one_slip(name, ecosystem), *_turned(name, ecosystem)}, key=_rank(ecosystem).__getitem__)
    return near[0] if near else None


@cache
def _known(ecosystem: str) -> frozenset[str]:
    return frozenset(popular(ecosystem))


@cache
def _rank(ecosystem: str) -> dict[str, int]:
    return {name: place for place, name in enumerate(popular(ecosystem)[:TARGETS])}


@cache
def _shortened(ecosystem: str) -> dict[str, tuple[str, ...]]:
    """Every target by what is left of it when nothing or one letter is taken out."""
    found: dict[str, list[str]] = {}
    for name in popular(ecosystem)[:TARGETS]:
        if _letters(name) >= SHORTEST:
            for short in _without_one(name):
                found.setdefault(short, []).append(name)
    return {short: tuple(names) for short, names in found.items()}


@cache
def _by_words(ecosystem: str) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Targets by their words in order of the alphabet, and by the same joined to one."""
    found: dict[tuple[str, ...], list[str]] = {}
    for name in popular(ecosystem)[:TARGETS]:
        if _letters(name) >= SHORTEST:
            found.setdefault(_words(name), []).append(name)
            found.setdefault((_plain(name),), []).append(name)
    return {words: tuple(names) for words, names in found.items()}


def _letters(name: str) -> int:
    return len(PARTS.sub("", name.rpartition("/")[2].lower()))


def _words(name: str) -> tuple[str, ...]:
    return tuple(sorted(part for part in PARTS.split(name.lower()) if part))


def _plain(name: str) -> str:
    return PARTS.sub("", name.lower())


def _without_one(name: str) -> set[str]:
    return {name, *(name[:at] + name[at + 1 :] for at in range(len(name)))}


def _one_slip(name: str, ecosystem: str) -> Iterator[str]:
    shortened = _shortened(ecosystem)
    near = {target for short in _without_one(name) for target in shortened.get(short, ())}
    yield from (target for target in near if _differs_by_one(name, target))
    looks = _as_it_looks(name)
    if looks != name:
        yield from (target for target in shortened.get(looks, ()) if target == looks)


def _turned(name: str, ecosystem: str) -> Iterator[str]:
    """The same words in another order, or joined otherwise."""
    table = _by_words(ecosystem)
    same = (*table.get(_words(name), ()), *table.get((_plain(name),), ()))
    yield from (target for target in same if target != name and _scope(target) == _scope(name))


def _scope(name: str) -> str:
    """Whoever owns a scope in npm owns all its names."""
    return name.partition("/")[0] if name.startswith("@") else ""


def _as_it_looks(name: str) -> str:
    for sign, read in ALIKE.items():
        name = name.replace(sign, read)
    return name


def _differs_by_one(one: str, other: str) -> bool:
    """One letter more, less or other, or two neighbors changed; digits alone do not count, nor anything in a scope."""
    if _scope(one) or _scope(other) or re.sub(r"\d", "", one) == re.sub(r"\d", "", other):
        return False
    if len(one) == len(other):
        differ = [at for at in range(len(one)) if one[at] != other[at]]
        first, last = differ[0], differ[-1] + 1
        swapped = last - first == 2 and one[first:last] == other[first:last][::-1]
        return len(differ) == 1 or swapped
    short, long = sorted((one, other), key=len)
    return len(long) == len(short) + 1 and short in _without_one(long)
