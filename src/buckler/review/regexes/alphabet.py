"""Sets of characters, and the few classes of characters a pattern can tell apart.

A set is a sorted tuple of inclusive ranges of code points. A pattern with sets A and B distinguishes at
most four kinds of characters, so an automaton works on numbered *classes*, and a set becomes a bit mask:

    alphabet = Alphabet([digits, word])       # 0-9 | other word characters | everything else
    alphabet.mask(digits)                     # 0b001
    alphabet.text(0b001)                      # "0", the nicest member
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator

Ranges = tuple[tuple[int, int], ...]

TOP = 0x10FFFF
ALL: Ranges = ((0, TOP),)
NONE: Ranges = ()
NEWLINE: Ranges = ((10, 10),)


def union(*sets: Ranges) -> Ranges:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(pair for ranges in sets for pair in ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return tuple(merged)


def complement(ranges: Ranges) -> Ranges:
    gaps: list[tuple[int, int]] = []
    start = 0
    for low, high in ranges:
        if start < low:
            gaps.append((start, low - 1))
        start = high + 1
    if start <= TOP:
        gaps.append((start, TOP))
    return tuple(gaps)


def contains(ranges: Ranges, point: int) -> bool:
    for low, high in ranges:
        if point <= high:
            return low <= point
    return False


def characters(text: str) -> Ranges:
    return union(*(((ord(c), ord(c)),) for c in text))


# The categories. Beyond ASCII they are coarse: letters are everything that is not a space.

_SPACES_BEYOND: Ranges = (
    (0x85, 0x85),
    (0xA0, 0xA0),
    (0x1680, 0x1680),
    (0x2000, 0x200A),
    (0x2028, 0x2029),
    (0x202F, 0x202F),
    (0x205F, 0x205F),
    (0x3000, 0x3000),
)
ASCII_DIGIT: Ranges = ((48, 57),)
ASCII_WORD: Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))
ASCII_SPACE: Ranges = ((9, 13), (32, 32))
DIGIT: Ranges = ((48, 57), (0x660, 0x669), (0x6F0, 0x6F9), (0x966, 0x96F))
_PUNCTUATION_BEYOND: Ranges = (
    (0x80, 0xA9),
    (0xAB, 0xB1),
    (0xB4, 0xB4),
    (0xB6, 0xB8),
    (0xBB, 0xBB),
    (0xBF, 0xBF),
    (0xD7, 0xD7),
    (0xF7, 0xF7),
    (0x2000, 0x206F),
    (0x20A0, 0x20CF),
    (0x2190, 0x245F),
    (0x2500, 0x27FF),
    (0x3000, 0x3004),
    (0xD800, 0xF8FF),
)
WORD: Ranges = union(
    ASCII_WORD,
    complement(union(((0, 127),), _SPACES_BEYOND, _PUNCTUATION_BEYOND)),
)
SPACE: Ranges = union(ASCII_SPACE, ((0x1C, 0x1F),), _SPACES_BEYOND)
LINE_ENDS: Ranges = ((10, 10), (13, 13), (0x2028, 0x2029))


def fold_case(ranges: Ranges) -> Ranges:
    """The set with both cases of its ASCII letters, and of single letters beyond."""
    more: list[tuple[int, int]] = []
    for low, high in ranges:
        for first, last, shift in ((97, 122, -32), (65, 90, 32)):
            start, end = max(low, first), min(high, last)
            if start <= end:
                more.append((start + shift, end + shift))
        if low >= 128 and high - low < 512:
            for point in range(low, high + 1):
                more += [(ord(c), ord(c)) for c in (chr(point).lower(), chr(point).upper()) if len(c) == 1]
    return union(ranges, tuple(more))


_NICE = "a0b1c2A_-.,:;/@ !\"'#$%&()*+<=>?[\\]^`{|}~\t\n\r"
_PROBES = _NICE + "".join(chr(c) for c in range(128) if chr(c) not in _NICE) + "éЖ中\u2028"


class Alphabet:
    """The classes of characters that a collection of sets can tell apart."""

    __slots__ = ("_starts", "full", "members", "size")

    def __init__(self, sets: Iterable[Ranges]) -> None:
        distinct = [ranges for ranges in dict.fromkeys(sets) if ranges]
        cuts = sorted({0, *(p for ranges in distinct for low, high in ranges for p in (low, high + 1))})
        cuts = [cut for cut in cuts if cut <= TOP]
        classes: dict[tuple[bool, ...], int] = {}
        self._starts: list[tuple[int, int]] = []
        for cut in cuts:
            kind = tuple(contains(ranges, cut) for ranges in distinct)
            self._starts.append((cut, classes.setdefault(kind, len(classes))))
        self.size = len(classes)
        self.full = (1 << self.size) - 1
        self.members = self._representatives()

    def _representatives(self) -> list[str]:
        members = [""] * self.size
        for probe in _PROBES:
            number = self.class_of(ord(probe))
            members[number] = members[number] or probe
        for start, number in self._starts:
            members[number] = members[number] or chr(start)
        return members

    def class_of(self, point: int) -> int:
        return self._starts[bisect_right(self._starts, (point, TOP)) - 1][1]

    def mask(self, ranges: Ranges) -> int:
        """The classes a set is made of; the set must be one the alphabet was built from."""
        mask = 0
        for low, high in ranges:
            index = bisect_right(self._starts, (low, TOP)) - 1
            while index < len(self._starts) and self._starts[index][0] <= high:
                mask |= 1 << self._starts[index][1]
                index += 1
        return mask

    def ranges(self, mask: int) -> Ranges:
        ends = [start for start, _ in self._starts[1:]] + [TOP + 1]
        return union(tuple((s, e - 1) for (s, n), e in zip(self._starts, ends, strict=True) if mask >> n & 1))

    def text(self, mask: int) -> str:
        """The most readable character among the classes of a mask."""
        candidates = [self.members[number] for number in bits(mask & self.full)]
        return min(candidates, key=_rank)


def bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def _rank(character: str) -> int:
    position = _NICE.find(character)
    return position if position >= 0 else 1000 + ord(character)
