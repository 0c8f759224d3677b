"""A loop taken in several ways → the text that shows it, if the match can still fail behind it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice

from buckler.review.regexes.alphabet import bits
from buckler.review.regexes.automaton import Automaton, accepts
from buckler.review.regexes.graph import Graph, path
from buckler.review.regexes.model import Ambiguity

MAX_DEGREE = 9
SUFFIX_DEPTH = 3
MAX_SUFFIXES = 12


def witness(
    graph: Graph,
    kind: str,
    degree: int,
    state: int,
    labels: list[int],
    involved: list[int],
    pivot: int | None = None,
    must_fail: bool = False,
) -> Ambiguity | None:
    prefix = path(graph, 0, state)
    if prefix is None or not labels:
        return None
    alphabet = graph.automaton.alphabet
    start = "".join(alphabet.text(label) for label in prefix)
    pump = "".join(alphabet.text(label) for label in labels)
    suffixes = list(islice(_failing_suffixes(graph, state if pivot is None else pivot, labels), MAX_SUFFIXES))
    around = _unlucky(graph, start, pump, suffixes)
    if around is None and suffixes and not (must_fail and pivot not in (None, state)):
        around = (start, suffixes[0])
    if around is None:
        return None
    spans = [graph.automaton.spans[s] for s in involved if graph.automaton.spans[s] != (0, 0)]
    place = _place(graph.automaton, spans)
    return Ambiguity(kind, min(degree, MAX_DEGREE), around[0], pump, around[1], place)


def _unlucky(graph: Graph, prefix: str, pump: str, suffixes: list[str]) -> tuple[str, str] | None:
    """Prefix and suffix between which nothing matches; a search may need one more character in front."""
    automaton = graph.automaton
    prefixes = [prefix]
    if automaton.restart >= 0:
        order = sorted(automaton.alphabet.members, key=_suffix_rank)
        prefixes += [character + prefix for character in order[:MAX_SUFFIXES]]
    for before in prefixes:
        text = before + pump * 3
        for suffix in suffixes:
            graph.budget.spend(10 * len(text))
            if not accepts(automaton, text + suffix, starts=len(text)):
                return before, suffix
    return None


def _place(automaton: Automaton, spans: list[tuple[int, int]]) -> tuple[int, int]:
    """The smallest repetitions around the places, joined."""
    wide = [
        min(
            ((s, e) for s, e in automaton.loops if s <= span[0] and span[1] <= e),
            key=lambda place: place[1] - place[0],
            default=span,
        )
        for span in spans
    ]
    return (min(s for s, _ in wide), max(e for _, e in wide)) if wide else (0, 0)


def _failing_suffixes(graph: Graph, state: int, labels: list[int]) -> Iterator[str]:
    """Texts after which nothing reached from a loop accepts; none if there is always a match."""
    word = [_single(graph.automaton, label) for label in labels]
    current: frozenset[int] = frozenset([state])
    seen: set[frozenset[int]] = set()
    everything: set[int] = set()
    while current not in seen and len(seen) < 24:
        seen.add(current)
        for bit in word:
            if _accepting(graph, current, bit):
                return
            current = _after(graph, current, bit)
        everything |= current
    yield from _failing_from(graph, frozenset(everything))


def _failing_from(graph: Graph, states: frozenset[int]) -> Iterator[str]:
    """Shortest first; only then the text that simply ends, since a visible end survives trimming."""
    automaton = graph.automaton
    members = automaton.alphabet.members
    order = sorted(bits(automaton.alphabet.full), key=lambda n: _suffix_rank(members[n]))
    queue = deque([(states, "")])
    seen = {states}
    while queue:
        current, text = queue.popleft()
        for number in order:
            if _accepting(graph, current, 1 << number):
                continue
            # `$` also matches before a last line break, so the text may not stop there.
            may_end = members[number] != "\n" or not _accepting(graph, current, automaton.tail)
            after = _after(graph, current, 1 << number)
            if may_end and not _accepting(graph, after, automaton.end):
                yield text + members[number]
            if after not in seen and len(text) < SUFFIX_DEPTH - 1:
                seen.add(after)
                queue.append((after, text + members[number]))
    if not _accepting(graph, states, automaton.end):
        yield ""


def _single(automaton: Automaton, label: int) -> int:
    """The class of the character that will be written for a label."""
    return 1 << automaton.alphabet.class_of(ord(automaton.alphabet.text(label)))


def _accepting(graph: Graph, states: frozenset[int], following: int) -> bool:
    graph.budget.spend(len(states))
    return any(graph.automaton.accepts[state] & following for state in states)


def _after(graph: Graph, states: frozenset[int], bit: int) -> frozenset[int]:
    moves = graph.automaton.moves
    graph.budget.spend(sum(len(moves[state]) for state in states))
    return frozenset(move.target for state in states for move in moves[state] if move.label & bit)


_SUFFIX_ORDER = "!\x00#;~^@%\"'<>|.,:-_ 0aA"


def _suffix_rank(character: str) -> int:
    position = _SUFFIX_ORDER.find(character)
    return position if position >= 0 else 100 + ord(character)
