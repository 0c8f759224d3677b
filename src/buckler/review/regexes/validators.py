"""What a pattern lets through, for code that uses it as a check.

    if not re.fullmatch(r"[a-z0-9-]+", name): abort()

After that line `name` holds nothing a shell, a path or a statement could misread. From the pattern's
automaton come all characters that can occur in a text that passes; the page of each rule says which characters
it fears. A check that does not cover the text from its beginning to its end clears nothing,
with one exception: a fixed beginning such as `https://example\\.org/` settles where an address leads.

Traps that are known: `match` without an end, `$` that lets a final line break pass, `^` and `$` under
MULTILINE, and a dot that is not escaped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from buckler.finding.model import Rule
from buckler.review.regexes.alphabet import ASCII_WORD, Ranges, bits, characters, complement, contains, union
from buckler.review.regexes.automaton import Automaton, TooBig, accepts, build
from buckler.review.regexes.parse import PatternError, parse

MAX_FIXED = 200
_HOST = re.compile(r"https?://[\w.-]+(?::\d+)?/", re.ASCII)
_BEYOND_ASCII: Ranges = ((0xAA, 0x10FFFF),)


@dataclass(slots=True, frozen=True)
class Passed:
    """What is known of every text that passes a check."""

    whole: bool
    """The check covers the text from beginning to end."""
    anywhere: Ranges
    """Characters that can occur."""
    first: Ranges
    second: Ranges
    """Characters that can stand second."""
    prefix: str
    """What every text begins with."""
    dots: bool
    """Two dots can stand side by side."""
    parent: bool
    """The text can be `..`."""
    longest: int | None
    """Length of the longest text; None without a limit."""

    def free_of(self, feared: str) -> bool:
        return self.whole and not any(contains(self.anywhere, ord(c)) for c in feared)

    def only(self, ranges: Ranges) -> bool:
        """Nothing but these characters, letters beyond ASCII aside."""
        allowed = complement(union(ranges, _BEYOND_ASCII))
        return self.whole and not any(low <= b and a <= high for low, high in self.anywhere for a, b in allowed)


Judge = Callable[[Passed], bool]


def judges(rules: Iterable[Rule]) -> dict[str, Judge]:
    """What each rule about untrusted text asks of a check, by its shape, what it is about, and its characters."""
    return {rule.id: judge for rule in rules if rule.kind == "taint" and (judge := _judge(rule)) is not None}


def judge_validator(
    rules: Mapping[str, Judge], pattern: str, flags: int = 0, mode: str = "fullmatch", language: str = "python"
) -> frozenset[str]:
    """The rules a text need no longer fear once a constant pattern matched it."""
    passed = passing(pattern, flags, mode, language)
    if passed is None:
        return frozenset()
    return frozenset(rule for rule, safe in rules.items() if safe(passed))


@lru_cache(maxsize=4096)
def passing(pattern: str, flags: int, mode: str, language: str = "python") -> Passed | None:
    """What passes; None if the pattern is not understood."""
    try:
        tree = parse(pattern, flags, javascript=language != "python")
        automaton = build(tree, tree.root, mode, 16)
    except (PatternError, TooBig):
        return None
    return _describe(automaton)


def _describe(automaton: Automaton) -> Passed:
    useful = _useful(automaton)
    ends = automaton.end | automaton.tail
    open_ended = any(automaton.accepts[state] & ~ends for state in useful)
    anchored = automaton.restart not in useful
    label = 0
    dot = 1 << automaton.alphabet.class_of(ord("."))
    after_dot: set[int] = set()
    for state in useful:
        for move in automaton.moves[state]:
            if move.target in useful:
                label |= move.label
                if move.label & dot:
                    after_dot.add(move.target)
    dots = any(move.label & dot and move.target in useful for state in after_dot for move in automaton.moves[state])
    anywhere = automaton.alphabet.ranges(label)
    if any(automaton.accepts[state] & automaton.tail for state in useful):
        anywhere = union(anywhere, ((10, 10),))
    first = _labels(automaton, {0}, useful)
    return Passed(
        whole=anchored and not open_ended and bool(useful),
        anywhere=anywhere,
        first=automaton.alphabet.ranges(first),
        second=automaton.alphabet.ranges(_labels(automaton, _targets(automaton, {0}, useful), useful)),
        prefix=_fixed(automaton, useful) if anchored else "",
        dots=dots,
        parent=accepts(automaton, ".."),
        longest=_longest(automaton, useful),
    )


def _useful(automaton: Automaton) -> set[int]:
    """States on some way from the beginning to acceptance."""
    order, seen = [0], {0}
    for state in order:
        for move in automaton.moves[state]:
            if move.target not in seen:
                seen.add(move.target)
                order.append(move.target)
    before: dict[int, list[int]] = {state: [] for state in order}
    for state in order:
        for move in automaton.moves[state]:
            before[move.target].append(state)
    useful = {state for state in order if automaton.accepts[state]}
    stack = list(useful)
    while stack:
        for state in before[stack.pop()]:
            if state not in useful:
                useful.add(state)
                stack.append(state)
    return useful


def _labels(automaton: Automaton, states: set[int], useful: set[int]) -> int:
    label = 0
    for state in states:
        for move in automaton.moves[state]:
            if move.target in useful:
                label |= move.label
    return label


def _targets(automaton: Automaton, states: set[int], useful: set[int]) -> set[int]:
    return {m.target for state in states for m in automaton.moves[state] if m.target in useful}


def _fixed(automaton: Automaton, useful: set[int]) -> str:
    """The characters every accepted text begins with."""
    states = {0}
    text = ""
    while states and len(text) < MAX_FIXED and not any(automaton.accepts[state] for state in states):
        label = _labels(automaton, states, useful)
        ranges = automaton.alphabet.ranges(label)
        if len(list(bits(label))) != 1 or len(ranges) != 1 or ranges[0][0] != ranges[0][1]:
            break
        text += chr(ranges[0][0])
        states = _targets(automaton, states, useful)
    return text


def _longest(automaton: Automaton, useful: set[int]) -> int | None:
    """The length of the longest accepted text; None if a loop makes it endless."""
    states, length = {0}, 0
    while states := _targets(automaton, states, useful):
        length += 1
        if length > len(useful):
            return None
    return length


# What each rule fears.


def _path(passed: Passed) -> bool:
    if passed.free_of("/\\\0"):
        return not passed.parent
    absolute = contains(passed.first, ord("/"))
    return passed.free_of("\\\0:") and not absolute and not passed.dots


def _address(passed: Passed) -> bool:
    return bool(_HOST.match(passed.prefix)) or passed.free_of(":/\\@?#.%[] \t\r\n")


def _redirect(passed: Passed) -> bool:
    on_this_site = passed.first == characters("/") and not any(contains(passed.second, ord(c)) for c in "/\\\t\r\n")
    return (on_this_site and passed.whole) or bool(_HOST.match(passed.prefix)) or passed.free_of(":/\\")


def _argument(passed: Passed) -> bool:
    return passed.whole and not contains(passed.first, ord("-"))


_SHAPES: Mapping[str, Judge] = {
    "path": _path, "url-host": _address, "redirect": _redirect, "argument": _argument,
}  # fmt: skip
"""By shape, or by what a rule is about."""


def _judge(rule: Rule) -> Judge | None:
    known = _SHAPES.get(rule.shape) or _SHAPES.get(rule.about)
    if known is not None:
        return known
    if rule.feared_characters:
        return lambda passed: passed.free_of(rule.feared_characters)
    if rule.safe_characters is None:
        return None
    allowed = union(ASCII_WORD, characters(rule.safe_characters)) if rule.safe_characters else ASCII_WORD
    return lambda passed: passed.only(allowed)
