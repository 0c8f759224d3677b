"""Automaton → ambiguities.

Exponential: some state has two different ways back to itself on one word. Found inside each strongly
connected component, as a walk through pairs of states that leaves the diagonal and comes back to it (or as
one edge with two ways).

Polynomial: a loop at p, a loop at q and a way from p to q, all on one word; each such step in a chain
adds one to the degree. Found by walking triples (on p's loop, on the way, on q's loop).

Either only matters if the match can still fail after the word was repeated, because a matcher that succeeds
stops trying. So a suffix is searched after which no state reached from the loop accepts; without one there is
no finding.

All searches draw on one budget of steps; when it is spent, `Exhausted` is raised.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from buckler.review.regexes.alphabet import bits
from buckler.review.regexes.automaton import Automaton, Move, accepts
from buckler.review.regexes.model import Ambiguity

MAX_DEGREE = 9
SUFFIX_DEPTH = 3
MAX_SUFFIXES = 12


class Exhausted(Exception):
    """The budget of steps is spent."""


@dataclass(slots=True)
class Budget:
    left: int

    def spend(self, steps: int = 1) -> None:
        self.left -= steps
        if self.left < 0:
            raise Exhausted


_Steps = dict[tuple[int, int], tuple[int, int, list[int]]]
"""Two components → the loop states in them and the labels of the common word."""


@dataclass(slots=True)
class _Graph:
    """An automaton with what the searches need to know about it."""

    automaton: Automaton
    budget: Budget
    reached: list[int] = field(default_factory=list)
    component: dict[int, int] = field(default_factory=dict)
    labels: dict[int, int] = field(default_factory=dict)
    """Component → all characters on which it loops."""
    members: dict[int, list[int]] = field(default_factory=dict)
    """Component → states; only components that loop."""


def find_exponential(automaton: Automaton, budget: Budget) -> list[Ambiguity]:
    graph = _graph(automaton, budget)
    found: list[Ambiguity] = []
    for states in graph.members.values():
        if automaton.restart in states:
            continue
        witness = _doubled_edge(graph, states) or _leaving_diagonal(graph, states)
        if witness is not None:
            state, labels = witness
            ambiguity = _ambiguity(graph, "exponential", 0, state, labels, states)
            if ambiguity is not None:
                found.append(ambiguity)
    return found


def find_polynomial(automaton: Automaton, budget: Budget, must_fail: bool) -> list[Ambiguity]:
    """`must_fail`: a search stops at its first match, so beginning anew only costs where nothing matches."""
    graph = _graph(automaton, budget)
    steps: _Steps = {}
    found: list[Ambiguity] = []
    complete = _spend_half(graph, steps)
    try:
        _judge_steps(graph, steps, must_fail, found)
    except Exhausted:
        complete = False
    if not complete and not found:
        raise Exhausted
    return found


def _spend_half(graph: _Graph, steps: _Steps) -> bool:
    """Look for steps with half of the budget, so that the rest can judge them; whether it was enough."""
    budget = graph.budget
    graph.budget = Budget(budget.left // 2)
    given = graph.budget.left
    try:
        _chain_loops(graph, steps)
        return True
    except Exhausted:
        return False
    finally:
        budget.left -= given - max(graph.budget.left, 0)
        graph.budget = budget


def _judge_steps(graph: _Graph, steps: _Steps, must_fail: bool, found: list[Ambiguity]) -> None:
    automaton = graph.automaton
    chains: dict[tuple[int, int], tuple[int, int]] = {}
    for (one, two), (state, other, labels) in steps.items():
        # The start of a search has no place of its own; what fails is the loop after it.
        pivot = other if automaton.restart in graph.members[one] else state
        involved = [s for c in (one, two) for s in graph.members[c] if automaton.spans[s] != (0, 0)]
        more, common = _chain(graph, steps, two, _common(graph, one, two), chains)
        degree = 2 + more
        labels = [label & common or label for label in labels]
        start = state if pivot == state else 0
        ambiguity = _ambiguity(graph, "polynomial", degree, start, labels, involved, pivot, must_fail)
        if ambiguity is not None:
            found.append(ambiguity)


# The graph.


def _graph(automaton: Automaton, budget: Budget) -> _Graph:
    graph = _Graph(automaton, budget)
    graph.reached = _reachable(automaton)
    for number, states in enumerate(_components(automaton, graph.reached)):
        for state in states:
            graph.component[state] = number
        if len(states) > 1 or any(move.target == states[0] for move in automaton.moves[states[0]]):
            graph.members[number] = sorted(states)
            graph.labels[number] = _loop_label(graph, states)
    budget.spend(len(graph.reached))
    return graph


def _reachable(automaton: Automaton) -> list[int]:
    seen = {0}
    order = [0]
    for state in order:
        for move in automaton.moves[state]:
            if move.target not in seen:
                seen.add(move.target)
                order.append(move.target)
    return order


def _components(automaton: Automaton, states: list[int]) -> list[list[int]]:
    """Strongly connected components (Tarjan), in reverse topological order."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    on_stack: set[int] = set()
    stack: list[int] = []
    result: list[list[int]] = []
    for root in states:
        if root in index:
            continue
        work = [(root, iter(automaton.moves[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            state, moves = work[-1]
            for move in moves:
                target = move.target
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter(automaton.moves[target])))
                    break
                if target in on_stack:
                    low[state] = min(low[state], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[state])
                if low[state] == index[state]:
                    component: list[int] = []
                    while not component or component[-1] != state:
                        component.append(stack.pop())
                        on_stack.discard(component[-1])
                    result.append(component)
    return result


def _inside(graph: _Graph, state: int) -> Iterable[Move]:
    """Moves that stay in the component of a state."""
    number = graph.component[state]
    return [move for move in graph.automaton.moves[state] if graph.component[move.target] == number]


def _path(graph: _Graph, source: int, target: int, only: set[int] | None = None) -> list[int] | None:
    """Labels of a shortest way; the empty list from a state to itself."""
    came: dict[int, tuple[int, int]] = {}
    queue = deque([source])
    seen = {source}
    while queue:
        state = queue.popleft()
        if state == target:
            labels: list[int] = []
            while state != source:
                state, label = came[state]
                labels.append(label)
            return labels[::-1]
        for move in graph.automaton.moves[state]:
            graph.budget.spend()
            if move.target not in seen and (only is None or move.target in only):
                seen.add(move.target)
                came[move.target] = (state, move.label)
                queue.append(move.target)
    return None


# Exponential.


def _doubled_edge(graph: _Graph, states: list[int]) -> tuple[int, list[int]] | None:
    """An edge inside the component that can be taken in two ways on the same character."""
    only = set(states)
    for state in states:
        seen: dict[int, int] = {}
        for move in graph.automaton.moves[state]:
            if move.target not in only:
                continue
            graph.budget.spend()
            common = move.label if move.ways > 1 else move.label & seen.get(move.target, 0)
            if common:
                back = _path(graph, move.target, state, only)
                return None if back is None else (state, [common, *back])
            seen[move.target] = seen.get(move.target, 0) | move.label
    return None


def _leaving_diagonal(graph: _Graph, states: list[int]) -> tuple[int, list[int]] | None:
    """A walk of two states that start together, part, and meet again."""
    if len(states) == 1:
        return None
    moves = {state: list(_inside(graph, state)) for state in states}
    came: dict[tuple[int, int], tuple[tuple[int, int], int]] = {}
    queue: deque[tuple[int, int]] = deque()
    for state in states:
        for i, one in enumerate(moves[state]):
            for two in moves[state][i + 1 :]:
                graph.budget.spend()
                pair = (min(one.target, two.target), max(one.target, two.target))
                if one.label & two.label and pair[0] != pair[1] and pair not in came:
                    came[pair] = ((state, state), one.label & two.label)
                    queue.append(pair)
    while queue:
        pair = queue.popleft()
        for one in moves[pair[0]]:
            for two in moves[pair[1]]:
                graph.budget.spend()
                common = one.label & two.label
                if not common:
                    continue
                if one.target == two.target:
                    return _close(graph, came, pair, common, one.target, states)
                after = (min(one.target, two.target), max(one.target, two.target))
                if after not in came:
                    came[after] = (pair, common)
                    queue.append(after)
    return None


def _close(
    graph: _Graph,
    came: dict[tuple[int, int], tuple[tuple[int, int], int]],
    pair: tuple[int, int],
    last: int,
    meeting: int,
    states: list[int],
) -> tuple[int, list[int]] | None:
    labels = [last]
    while pair[0] != pair[1]:
        pair, label = came[pair]
        labels.append(label)
    back = _path(graph, meeting, pair[0], set(states))
    return None if back is None else (pair[0], labels[::-1] + back)


# Polynomial.


def _chain_loops(graph: _Graph, steps: _Steps) -> None:
    labels = graph.labels
    for one in sorted(graph.members, reverse=True):
        for state in graph.members[one]:
            ahead = _reach_within(graph, state, labels[one])
            for two in graph.members:
                if two == one or (one, two) in steps or not labels[one] & labels[two]:
                    continue
                for other in graph.members[two]:
                    if other not in ahead:
                        continue
                    word = _common_word(graph, state, other, ahead)
                    if word is not None:
                        steps[one, two] = (state, other, word)
                        break


def _loop_label(graph: _Graph, states: list[int]) -> int:
    label = 0
    for state in states:
        for move in _inside(graph, state):
            label |= move.label
    return label


def _reach_within(graph: _Graph, state: int, label: int) -> set[int]:
    """States reached on characters of a loop."""
    seen = {state}
    stack = [state]
    while stack:
        for move in graph.automaton.moves[stack.pop()]:
            graph.budget.spend()
            if move.label & label and move.target not in seen:
                seen.add(move.target)
                stack.append(move.target)
    return seen


def _common_word(graph: _Graph, p: int, q: int, ahead: set[int]) -> list[int] | None:
    """A word that loops at p and q and leads from p to q: a walk of triples, (p, p, q) to (p, q, q)."""
    start, goal = (p, p, q), (p, q, q)
    came: dict[tuple[int, int, int], tuple[tuple[int, int, int], int]] = {}
    queue = deque([start])
    seen = {start}
    near = {s: list(_inside(graph, s)) for c in (p, q) for s in graph.members[graph.component[c]]}
    while queue:
        triple = queue.popleft()
        for one in near[triple[0]]:
            for three in near[triple[2]]:
                both = one.label & three.label
                graph.budget.spend()
                if not both:
                    continue
                for two in graph.automaton.moves[triple[1]]:
                    graph.budget.spend()
                    common = both & two.label
                    after = (one.target, two.target, three.target)
                    if not common or two.target not in ahead or after in seen:
                        continue
                    seen.add(after)
                    came[after] = (triple, common)
                    if after == goal:
                        return _walked(came, start, goal)
                    queue.append(after)
    return None


def _walked(
    came: dict[tuple[int, int, int], tuple[tuple[int, int, int], int]],
    start: tuple[int, int, int],
    triple: tuple[int, int, int],
) -> list[int]:
    labels: list[int] = []
    while triple != start:
        triple, label = came[triple]
        labels.append(label)
    return labels[::-1]


def _common(graph: _Graph, one: int, two: int) -> int:
    return graph.labels[one] & graph.labels[two]


def _chain(
    graph: _Graph, steps: _Steps, last: int, label: int, known: dict[tuple[int, int], tuple[int, int]]
) -> tuple[int, int]:
    """How many more loops can be chained after a component on common characters, and those characters."""
    if (last, label) in known:
        return known[last, label]
    best = (0, label)
    for one, two in steps:
        graph.budget.spend()
        common = label & graph.labels[two] if one == last else 0
        if common:
            length, rest = _chain(graph, steps, two, common, known)
            best = max(best, (1 + length, rest), key=lambda pair: pair[0])
    known[last, label] = best
    return best


# From loop to finding.


def _ambiguity(
    graph: _Graph,
    kind: str,
    degree: int,
    state: int,
    labels: list[int],
    involved: list[int],
    pivot: int | None = None,
    must_fail: bool = False,
) -> Ambiguity | None:
    prefix = _path(graph, 0, state)
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


def _unlucky(graph: _Graph, prefix: str, pump: str, suffixes: list[str]) -> tuple[str, str] | None:
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


def _failing_suffixes(graph: _Graph, state: int, labels: list[int]) -> Iterator[str]:
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


def _failing_from(graph: _Graph, states: frozenset[int]) -> Iterator[str]:
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


def _accepting(graph: _Graph, states: frozenset[int], following: int) -> bool:
    graph.budget.spend(len(states))
    return any(graph.automaton.accepts[state] & following for state in states)


def _after(graph: _Graph, states: frozenset[int], bit: int) -> frozenset[int]:
    moves = graph.automaton.moves
    graph.budget.spend(sum(len(moves[state]) for state in states))
    return frozenset(move.target for state in states for move in moves[state] if move.label & bit)


_SUFFIX_ORDER = "!\x00#;~^@%\"'<>|.,:-_ 0aA"


def _suffix_rank(character: str) -> int:
    position = _SUFFIX_ORDER.find(character)
    return position if position >= 0 else 100 + ord(character)
