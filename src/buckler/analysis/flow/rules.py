"""What the analysis knows of the rules: bits, and what is harmless to each; never a rule by its name.

A rule's page says what it is about (`Rule.about`, `Rule.shape`) and which texts it needs. A page that says nothing of
the latter gets what is usual for its kind, so that a rule of your own profits from the checks a program makes.

    >>> USUAL["path"].denied
    ('..', '../', '/')
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from buckler.analysis.flow.shapes import JUDGES
from buckler.finding.model import Rule

LINE_END = "\n"


@dataclass(slots=True, frozen=True)
class Needs:
    """Texts an exploit cannot do without."""

    denied: tuple[str, ...] = ()
    """A value that is known not to contain it is harmless."""
    removed: tuple[str, ...] = ()
    """So is one it was taken out of everywhere; of `../` that is not enough."""
    starts: tuple[str, ...] = ()
    """And one that is known not to begin with it."""


USUAL: Mapping[str, Needs] = {
    "path": Needs(("..", "../", "/"), ("/",)),
    "argument": Needs(("-",), (), ("-",)),
    "url-host": Needs(("://",)),
    "redirect": Needs(("/", "//"), (), ("//",)),
    "sql": Needs(("'",), ("'",)),
}
"""By shape, or by what a rule is about."""


def usual(rule: Rule) -> Needs:
    """What a rule needs by its own page, else as is usual."""
    known = USUAL.get(rule.shape) or USUAL.get(rule.about) or Needs()
    return Needs(
        known.denied if rule.denied is None else rule.denied,
        known.removed if rule.removed is None else rule.removed,
        known.starts,
    )


@dataclass(slots=True, frozen=True)
class RuleBits:
    """Taint rules as bits, their order being their bit number; a field that is a number has the bits of rules."""

    names: tuple[str, ...]
    judges: tuple[Callable[[str], bool], ...]
    text: int
    """They need free text."""
    secret: int
    """They are about secrets going out rather than attackers coming in."""
    path: int
    url: int
    command: int
    argument: int
    statement: int
    """What they are about; a statement is text whose quotes are doubled to stand for themselves."""
    answer: int
    """They are about what an entry point gives back to a browser."""
    bounded: int
    """A limit settles them."""
    own_user: int
    """They matter even if the data comes from whoever started the program."""
    one_line: int
    """They need an end of line."""
    denied: Mapping[str, int]
    removed: Mapping[str, int]
    starts: Mapping[str, int]
    becomes: Mapping[int, int]
    """A rule and what it is when the argument goes to a shell, each as one bit."""
    content: tuple[tuple[int, int], ...]
    """A rule about the name of a file, and one about what stands in it: who may do the first chooses the second."""

    @property
    def width(self) -> int:
        return len(self.names)


def rule_bits(rules: Iterable[Rule]) -> RuleBits:
    """The bits of those rules that follow data."""
    taint = sorted((r for r in rules if r.kind == "taint"), key=lambda r: r.id)
    bit = {rule.id: 1 << number for number, rule in enumerate(taint)}
    needs = {rule.id: usual(rule) for rule in taint}

    def those(holds: Callable[[Rule], bool]) -> int:
        return sum(bit[rule.id] for rule in taint if holds(rule))

    def needing(texts: Callable[[Needs], Sequence[str]]) -> dict[str, int]:
        out: dict[str, int] = {}
        for rule in taint:
            for text in texts(needs[rule.id]):
                out[text] = out.get(text, 0) | bit[rule.id]
        return out

    denied = needing(lambda n: n.denied)
    return RuleBits(
        names=tuple(bit),
        judges=tuple(JUDGES[rule.shape] for rule in taint),
        text=those(lambda r: r.text),
        secret=those(lambda r: r.secret),
        path=those(lambda r: r.about == "path"),
        url=those(lambda r: r.about == "url"),
        command=those(lambda r: r.about == "command"),
        argument=those(lambda r: r.about == "argument"),
        statement=those(lambda r: r.shape == "sql"),
        answer=those(lambda r: r.answers),
        bounded=those(lambda r: r.bounded),
        own_user=those(lambda r: r.own_user),
        one_line=denied.get(LINE_END, 0),
        denied=denied,
        removed=needing(lambda n: n.removed),
        starts=needing(lambda n: n.starts),
        becomes={bit[r.id]: bit[r.becomes] for r in taint if r.becomes in bit},
        content=tuple((bit[r.chosen_with], bit[r.id]) for r in taint if r.chosen_with in bit),
    )


def apart(bits: int) -> Iterator[int]:
    """Each of several bits by itself."""
    while bits:
        lowest = bits & -bits
        yield lowest
        bits ^= lowest
