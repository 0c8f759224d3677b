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
from collections.abc import Iterator
from itertools import islice

from buckler.review.regexes.alphabet import bits
from buckler.review.regexes.automaton import Automaton
from buckler.review.regexes.graph import Budget, Exhausted, Graph, graph_of, inside, path
from buckler.review.regexes.model import Ambiguity
from buckler.review.regexes.witness import witness

MAX_CHOICES = 8
MAX_STARTS = 6
MAX_MEETINGS = 4
_Steps = dict[tuple[int, int], tuple[int, int, list[int]]]
"""Two components → the loop states in them and the labels of the common word."""


def find_exponential(automaton: Automaton, budget: Budget) -> list[Ambiguity]:
    graph = graph_of(automaton, budget)
    found: list[Ambiguity] = []
    for states in graph.members.values():
        if automaton.restart in states:
            continue
        ways = _ways_back(graph, states)
        tried = (witness(graph, "exponential", 0, state, one, states) for state, w in ways for one in _spellings(w))
        found += islice((ambiguity for ambiguity in tried if ambiguity is not None), 1)
    return found


def _ways_back(graph: Graph, states: list[int]) -> Iterator[tuple[int, list[int]]]:
    """States with two ways back to themselves: one word may end the match before it can fail, and another not."""
    doubled = _doubled_edge(graph, states)
    if doubled is not None:
        yield doubled
        return
    for begin in range(min(len(states), MAX_STARTS)):
        yield from islice(_leaving_diagonal(graph, states, states[begin:]), MAX_MEETINGS)


def _spellings(labels: list[int]) -> Iterator[list[int]]:
    """The word as it comes, then with one character wherever there is a choice: with another it may end the match."""
    yield labels
    choices = {bit for label in labels if label & (label - 1) for bit in bits(label)}
    for bit in sorted(choices)[:MAX_CHOICES]:
        yield [label & (1 << bit) or label for label in labels]


def find_polynomial(automaton: Automaton, budget: Budget, must_fail: bool) -> list[Ambiguity]:
    """`must_fail`: a search stops at its first match, so beginning anew only costs where nothing matches."""
    graph = graph_of(automaton, budget)
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


def _spend_half(graph: Graph, steps: _Steps) -> bool:
    """Look for steps with half of the budget, so that the rest can judge them; whether it was enough."""
    budget = graph.budget
    graph.budget = Budget(budget.left // 2)
    given = graph.budget.left
    try:
        _chain_loops(graph, steps)
    except Exhausted:
        return False
    else:
        return True
    finally:
        budget.left -= given - max(graph.budget.left, 0)
        graph.budget = budget


def _judge_steps(graph: Graph, steps: _Steps, must_fail: bool, found: list[Ambiguity]) -> None:
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
        ambiguity = witness(graph, "polynomial", degree, start, labels, involved, pivot, must_fail)
        if ambiguity is not None:
            found.append(ambiguity)


# Exponential.


def _doubled_edge(graph: Graph, states: list[int]) -> tuple[int, list[int]] | None:
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
                back = path(graph, move.target, state, only)
                return None if back is None else (state, [common, *back])
            seen[move.target] = seen.get(move.target, 0) | move.label
    return None


def _leaving_diagonal(graph: Graph, states: list[int], starts: list[int]) -> Iterator[tuple[int, list[int]]]:
    """Walks of two states that start together in one of these, part, and meet again."""
    if len(states) == 1:
        return
    moves = {state: list(inside(graph, state)) for state in states}
    came: dict[tuple[int, int], tuple[tuple[int, int], int]] = {}
    queue: deque[tuple[int, int]] = deque()
    for state in starts:
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
                    if (closed := _close(graph, came, pair, common, one.target, states)) is not None:
                        yield closed
                    continue
                after = (min(one.target, two.target), max(one.target, two.target))
                if after not in came:
                    came[after] = (pair, common)
                    queue.append(after)


def _close(
    graph: Graph,
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
    back = path(graph, meeting, pair[0], set(states))
    return None if back is None else (pair[0], labels[::-1] + back)


# Polynomial.


def _chain_loops(graph: Graph, steps: _Steps) -> None:
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


def _reach_within(graph: Graph, state: int, label: int) -> set[int]:
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


def _common_word(graph: Graph, p: int, q: int, ahead: set[int]) -> list[int] | None:
    """A word that loops at p and q and leads from p to q: a walk of triples, (p, p, q) to (p, q, q)."""
    start, goal = (p, p, q), (p, q, q)
    came: dict[tuple[int, int, int], tuple[tuple[int, int, int], int]] = {}
    queue = deque([start])
    seen = {start}
    near = {s: list(inside(graph, s)) for c in (p, q) for s in graph.members[graph.component[c]]}
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


def _common(graph: Graph, one: int, two: int) -> int:
    return graph.labels[one] & graph.labels[two]


def _chain(
    graph: Graph, steps: _Steps, last: int, label: int, known: dict[tuple[int, int], tuple[int, int]]
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
