"""Tree → automaton without empty moves (Glushkov), which counts *how many ways* lead from state to state.

A state is a character position of the pattern. An edge carries the classes of characters it accepts, and its
ways: in `(a+)+` there are two ways from `a` to `a`, once round the inner loop and once round the outer, and a
backtracking matcher tries both. Ordinary constructions lose that number; here it is what we look for.

Conditions between characters (`^`, `$`, `\\b`, one-character lookarounds) become a pair of masks, for the
character after and the character before, which narrow the edges they stand on. Ends of text are classes too:

    END      nothing follows            TAIL   only a final line break follows (Python's `$`)
    BEGIN    nothing came before

In mode `search` a state that accepts anything and loops stands for the places where the matcher starts anew.

Approximated: references match what their group could match; lookarounds of several characters do not narrow
(positive ones narrow the next character); counted loops are unrolled up to limits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from buckler.review.regexes import alphabet as abc
from buckler.review.regexes.alphabet import Alphabet, Ranges
from buckler.review.regexes.tree import (
    Atomic,
    Chars,
    Choice,
    Edge,
    Group,
    Look,
    Node,
    Pattern,
    Reference,
    Repeat,
    Sequence,
)

MAX_STATES = 1200
MAX_EDGES = 30_000
MAX_VISITS = 10_000
"""How often parts of the tree are looked at, copies of counted parts included."""
MANY = 2

_Key = TypeVar("_Key")

Condition = tuple[int, int]
"""Classes allowed after, classes allowed before."""


class TooBig(Exception):
    """The automaton would exceed its limits."""


@dataclass(slots=True)
class Move:
    """An edge."""

    target: int
    label: int
    ways: int


@dataclass(slots=True)
class Automaton:
    """State 0 is the beginning; others have a set of characters and a place in the pattern."""

    alphabet: Alphabet
    moves: list[list[Move]] = field(default_factory=list)
    accepts: list[int] = field(default_factory=list)
    """Per state: classes (END and TAIL among them) before which the match may end here; 0: not accepting."""
    spans: list[tuple[int, int]] = field(default_factory=list)
    restart: int = -1
    """The state that stands for later beginnings of a search; -1 if there is none."""
    loops: list[tuple[int, int]] = field(default_factory=list)
    """Places of all repetitions."""
    end: int = 0
    tail: int = 0


@dataclass(slots=True)
class _Fragment:
    """What Glushkov keeps of a part of the pattern; the numbers are ways, at most MANY."""

    empty: dict[Condition, int]
    first: dict[tuple[int, Condition], int]
    last: dict[tuple[int, Condition], int]


def build(pattern: Pattern, node: Node, mode: str, unroll_below: int, generous: bool = True) -> Automaton:
    """The automaton of a node of the pattern; loops counted to `unroll_below` or more count as endless."""
    return _Builder(pattern, node, unroll_below, generous).run(mode)


def accepts(automaton: Automaton, text: str, starts: int | None = None) -> bool:
    """Whether a match is found, in the automaton's mode; in a search, one that begins before `starts`."""
    states = {0}
    for index, character in enumerate(text):
        bit = 1 << automaton.alphabet.class_of(ord(character))
        following = bit | (automaton.tail if character == "\n" and index == len(text) - 1 else 0)
        if any(automaton.accepts[state] & following for state in states):
            return True
        states = {move.target for state in states for move in automaton.moves[state] if move.label & bit}
        if index + 1 == starts:
            states = {state for state in states if automaton.spans[state] != (0, 0)}
    return any(automaton.accepts[state] & automaton.end for state in states)


def parts(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        if isinstance(current, Sequence):
            stack += reversed(current.items)
        elif isinstance(current, Choice):
            stack += reversed(current.options)
        elif isinstance(current, Repeat | Atomic | Group | Look):
            stack.append(current.item)


class _Builder:
    """State of one construction."""

    def __init__(self, pattern: Pattern, node: Node, unroll_below: int, generous: bool) -> None:
        self.pattern = pattern
        self.node = node
        self.unroll_below = unroll_below
        self.generous = generous
        self.looks: dict[int, Ranges] = {}
        self.alphabet = Alphabet(self._sets())
        size = self.alphabet.size
        self.end, self.tail, self.begin = 1 << size, 2 << size, 4 << size
        self.after = self.alphabet.full | self.end | self.tail
        self.before = self.alphabet.full | self.begin
        self.true: Condition = (self.after, self.before)
        self.masks: list[int] = [0]
        self.ways: dict[tuple[int, int], dict[int, int]] = defaultdict(dict)
        self.open_groups: list[int] = []
        self.cache: dict[Ranges, int] = {}
        self.work = 0
        self.visits = 0
        self.automaton = Automaton(self.alphabet, [[]], [0], [(0, 0)], end=self.end, tail=self.tail)

    def _sets(self) -> Iterator[Ranges]:
        yield abc.ALL
        yield abc.NEWLINE
        for part in parts(self.node):
            if isinstance(part, Chars):
                yield part.ranges
            elif isinstance(part, Reference) and part.number in self.pattern.groups:
                for inner in parts(self.pattern.groups[part.number]):
                    if isinstance(inner, Chars):
                        yield inner.ranges
            elif isinstance(part, Edge):
                yield abc.WORD if part.kind in ("word", "not-word") else abc.NEWLINE
            elif isinstance(part, Look):
                ranges = _look_set(part)
                if ranges is not None:
                    self.looks[id(part)] = ranges
                    yield ranges

    # From fragment to automaton.

    def run(self, mode: str) -> Automaton:
        whole = self.fragment(self.node)
        if mode == "search":
            self._restart(whole)
        for (state, (after, before)), ways in whole.first.items():
            self._edge(0, state, self._label(state, after) if before & self.begin else 0, ways)
        for state, (after, before) in whole.last:
            if self.masks[state] & before:
                self.automaton.accepts[state] |= after
        for after, before in whole.empty:
            if before & self.begin:
                self.automaton.accepts[0] |= after
        if mode == "fullmatch":
            self.automaton.accepts = [mask & self.end for mask in self.automaton.accepts]
        for (source, target), labels in self.ways.items():
            for label, ways in labels.items():
                self.automaton.moves[source].append(Move(target, label, ways))
        return self.automaton

    def _restart(self, whole: _Fragment) -> None:
        """Later beginnings: a state that loops on everything; a waist per condition on what came before."""
        waists: dict[int, int] = {}
        for (state, (after, before)), ways in list(whole.first.items()):
            if before & self.alphabet.full:
                self._edge(self._waist(waists, before), state, self._label(state, after), ways)
        for after, before in whole.empty:
            if before & self.alphabet.full:
                self.automaton.accepts[self._waist(waists, before)] |= after

    def _waist(self, waists: dict[int, int], before: int) -> int:
        """The state in which a later beginning stands that wants one of some characters before it."""
        full = self.alphabet.full
        before &= full
        if not waists:
            # The very first beginning is state 0 itself.
            self.automaton.restart = waists[full] = self._state(full, (0, 0))
            self._edge(0, self.automaton.restart, full, 1)
            self._edge(self.automaton.restart, self.automaton.restart, full, 1)
        if before not in waists:
            waists[before] = self._state(before, (0, 0))
            self._edge(self.automaton.restart, waists[before], before, 1)
            self._edge(0, waists[before], before, 1)
        return waists[before]

    def _label(self, state: int, after: int) -> int:
        """What leads into a state under a condition; before the end of the text may stand a line break."""
        if after & self.tail:
            after |= self._mask(abc.NEWLINE)
        return self.masks[state] & after

    def _state(self, mask: int, span: tuple[int, int]) -> int:
        if len(self.masks) >= MAX_STATES:
            raise TooBig
        self.masks.append(mask)
        self.automaton.moves.append([])
        self.automaton.accepts.append(0)
        self.automaton.spans.append(span)
        return len(self.masks) - 1

    def _edge(self, source: int, target: int, label: int, ways: int) -> None:
        label &= self.alphabet.full
        if not label:
            return
        labels = self.ways[source, target]
        labels[label] = min(MANY, labels.get(label, 0) + ways)
        if len(self.ways) > MAX_EDGES:
            raise TooBig

    def _join(self, left: _Fragment, right: _Fragment) -> None:
        """Edges from the ends of one fragment to the beginnings of the next."""
        self.work += len(left.last) * len(right.first)
        if self.work > 20 * MAX_EDGES:
            raise TooBig
        for (source, (after, before)), ways in left.last.items():
            for (target, (after2, before2)), ways2 in right.first.items():
                if self.masks[source] & before & before2:
                    self._edge(source, target, self._label(target, after & after2), ways * ways2)

    # Fragments.

    def fragment(self, node: Node) -> _Fragment:
        self.visits += 1
        if self.visits > MAX_VISITS:
            raise TooBig
        if isinstance(node, Chars):
            return self._chars(node)
        if isinstance(node, Sequence):
            result = self._nothing()
            for item in node.items:
                result = self._then(result, self.fragment(item))
            return result
        if isinstance(node, Choice):
            return self._either([self.fragment(option) for option in node.options])
        if isinstance(node, Repeat):
            self.automaton.loops.append((node.start, node.end))
            return self._repeat(node)
        if isinstance(node, Atomic):
            return self._atomic(node)
        if isinstance(node, Group):
            self.open_groups.append(node.number)
            result = self.fragment(node.item)
            self.open_groups.pop()
            return result
        if isinstance(node, Reference):
            return self._reference(node)
        return self._conditions(self._edge_conditions(node) if isinstance(node, Edge) else [self._look(node)])

    def _nothing(self) -> _Fragment:
        return _Fragment({self.true: 1}, {}, {})

    def _conditions(self, conditions: list[Condition]) -> _Fragment:
        return _Fragment(dict.fromkeys(conditions, 1), {}, {})

    def _mask(self, ranges: Ranges) -> int:
        if ranges not in self.cache:
            self.cache[ranges] = self.alphabet.mask(ranges)
        return self.cache[ranges]

    def _chars(self, node: Chars) -> _Fragment:
        mask = self._mask(node.ranges)
        state = self._state(mask, (node.start, node.end))
        return _Fragment({}, {(state, self.true): 1}, {(state, self.true): 1})

    def _then(self, left: _Fragment, right: _Fragment) -> _Fragment:
        self._join(left, right)
        empty: dict[Condition, int] = {}
        for one, ways in left.empty.items():
            for two, ways2 in right.empty.items():
                _add(empty, _both(one, two), ways * ways2)
        return _Fragment(
            empty,
            self._beside(left.first, left.empty, right.first),
            self._beside(right.last, right.empty, left.last),
        )

    def _beside(
        self,
        near: dict[tuple[int, Condition], int],
        empty: dict[Condition, int],
        far: dict[tuple[int, Condition], int],
    ) -> dict[tuple[int, Condition], int]:
        """Positions at one end of a sequence: of the near part, and of the far one if the near is empty."""
        if not empty:
            return near
        self.work += len(near) + len(far)
        if self.work > 20 * MAX_EDGES:
            raise TooBig
        result = dict(near)
        for condition, ways in empty.items():
            for (state, condition2), ways2 in far.items():
                _add(result, (state, _both(condition, condition2)), ways * ways2)
        return result

    def _either(self, options: list[_Fragment]) -> _Fragment:
        result = _Fragment({}, {}, {})
        for option in options:
            for condition, ways in option.empty.items():
                _add(result.empty, condition, ways)
            for key, ways in option.first.items():
                _add(result.first, key, ways)
            for key, ways in option.last.items():
                _add(result.last, key, ways)
        return result

    def _optional(self, item: _Fragment) -> _Fragment:
        return self._either([item, self._nothing()])

    def _loop(self, item: _Fragment) -> _Fragment:
        self._join(item, item)
        return item

    def _repeat(self, node: Repeat) -> _Fragment:
        low, high = node.low, node.high
        limit = self._copies(node.item)
        endless = high is None or high >= self.unroll_below
        result = self._nothing()
        for _ in range(min(low - 1 if endless else low, limit)):
            result = self._then(result, self.fragment(node.item))
        if endless:
            item = self._loop(self.fragment(node.item))
            if low == 0:
                # Rounds that match nothing are cut short by the matcher, so there is one way to be empty.
                item = _Fragment({self.true: 1}, item.first, item.last)
            return self._then(result, item)
        assert high is not None
        tail = self._nothing()
        for _ in range(min(high - low, limit)):
            tail = self._optional(self._then(self.fragment(node.item), tail))
        return self._then(result, tail)

    def _copies(self, item: Node) -> int:
        """How often a counted part is written out."""
        if not self.generous:
            return 2
        size = sum(isinstance(part, Chars) for part in parts(item))
        return max(3, min(32, 64 // max(size, 1)))

    def _atomic(self, node: Atomic) -> _Fragment:
        inner = node.item
        while isinstance(inner, Group):
            inner = inner.item
        if isinstance(inner, Repeat) and inner.high is None and isinstance(inner.item, Chars):
            result = self.fragment(inner)
            stop: Condition = (self.after & ~self._mask(inner.item.ranges), self.before)
            return _Fragment(
                {_both(c, stop): ways for c, ways in result.empty.items()},
                result.first,
                {(state, _both(c, stop)): ways for (state, c), ways in result.last.items()},
            )
        return self.fragment(_without_loops(inner))

    def _reference(self, node: Reference) -> _Fragment:
        if node.number in self.open_groups or node.number not in self.pattern.groups or len(self.open_groups) > 8:
            return self._nothing()
        self.open_groups.append(node.number)
        result = self.fragment(self.pattern.groups[node.number])
        self.open_groups.pop()
        return result

    # Conditions.

    def _edge_conditions(self, node: Edge) -> list[Condition]:
        kind = node.kind
        if kind == "start":
            return [(self.after, self.begin)]
        if kind == "line-start":
            return [(self.after, self.begin | self._mask(abc.NEWLINE))]
        if kind == "text-end":
            return [(self.end, self.before)]
        if kind == "end":
            return [(self.end | self.tail, self.before)]
        if kind == "line-end":
            return [(self.end | self.tail | self._mask(abc.NEWLINE), self.before)]
        word = self._mask(abc.WORD)
        other = self.alphabet.full & ~word
        ends = self.end | self.tail
        if kind == "word":
            return [(word, other | self.begin), (other | ends, word)]
        return [(word, word), (other | ends, other | self.begin)]

    def _look(self, node: Look) -> Condition:
        ranges = self.looks.get(id(node))
        if ranges is None:
            return self.true
        mask = self._mask(ranges)
        if node.negative:
            mask = self.alphabet.full & ~mask | self.end | self.tail | self.begin
        return (mask & self.after, self.before) if node.ahead else (self.after, mask & self.before)


def _both(one: Condition, two: Condition) -> Condition:
    return (one[0] & two[0], one[1] & two[1])


def _add(ways: dict[_Key, int], key: _Key, more: int) -> None:
    ways[key] = min(MANY, ways.get(key, 0) + more)


def _look_set(node: Look) -> Ranges | None:
    """The one character a lookaround speaks of; None if it speaks of more and cannot be narrowed to it."""
    item = node.item
    while isinstance(item, Group):
        item = item.item
    if isinstance(item, Chars):
        return item.ranges
    if isinstance(item, Choice) and all(isinstance(option, Chars) for option in item.options):
        return abc.union(*(option.ranges for option in item.options if isinstance(option, Chars)))
    if node.negative or not node.ahead:
        return None
    ranges, empty = _first_set(item)
    return None if empty else ranges


def _first_set(node: Node) -> tuple[Ranges, bool]:
    """What a node can begin with, and whether it can be empty."""
    if isinstance(node, Chars):
        return node.ranges, False
    if isinstance(node, Sequence):
        found: Ranges = ()
        for item in node.items:
            ranges, empty = _first_set(item)
            found = abc.union(found, ranges)
            if not empty:
                return found, False
        return found, True
    if isinstance(node, Choice):
        firsts = [_first_set(option) for option in node.options]
        return abc.union(*(ranges for ranges, _ in firsts)), any(empty for _, empty in firsts)
    if isinstance(node, Repeat):
        ranges, empty = _first_set(node.item)
        return ranges, empty or node.low == 0
    if isinstance(node, Atomic | Group):
        return _first_set(node.item)
    return (), True


def _without_loops(node: Node) -> Node:
    """The node with each endless loop run at most once, for parts that are never matched a second way."""
    if isinstance(node, Sequence):
        return Sequence([_without_loops(item) for item in node.items])
    if isinstance(node, Choice):
        return Choice([_without_loops(option) for option in node.options])
    if isinstance(node, Repeat):
        return Repeat(_without_loops(node.item), min(node.low, 1), 1, node.start, node.end)
    if isinstance(node, Atomic):
        return Atomic(_without_loops(node.item))
    if isinstance(node, Group):
        return Group(_without_loops(node.item), node.number)
    return node
