"""A regular expression as a tree. Every node knows which part of the pattern it came from."""

from __future__ import annotations

from dataclasses import dataclass, field

from buckler.review.regexes.alphabet import Ranges


@dataclass(slots=True)
class Chars:
    """One character out of a set."""

    ranges: Ranges
    start: int
    end: int


@dataclass(slots=True)
class Sequence:
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Choice:
    options: list[Node]


@dataclass(slots=True)
class Repeat:
    item: Node
    low: int
    high: int | None
    start: int
    end: int


@dataclass(slots=True)
class Atomic:
    """Once matched, never matched differently: `(?>…)`, `a++`."""

    item: Node


@dataclass(slots=True)
class Group:
    """A capturing group, kept for the references to it."""

    item: Node
    number: int


@dataclass(slots=True)
class Reference:
    number: int


@dataclass(slots=True)
class Edge:
    """A place between characters: start, end, text-end, line-start, line-end, word, not-word."""

    kind: str


@dataclass(slots=True)
class Look:
    item: Node
    ahead: bool
    negative: bool


Node = Chars | Sequence | Choice | Repeat | Atomic | Group | Reference | Edge | Look


@dataclass(slots=True)
class Pattern:
    root: Node
    groups: dict[int, Node]
    ignore_case: bool
    multiline: bool
    javascript: bool
