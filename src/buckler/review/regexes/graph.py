"""An automaton prepared for searching: what is reached, what loops, and a budget that all searches share."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from buckler.review.regexes.automaton import Automaton, Move


class Exhausted(Exception):
    """The budget of steps is spent."""


@dataclass(slots=True)
class Budget:
    left: int

    def spend(self, steps: int = 1) -> None:
        self.left -= steps
        if self.left < 0:
            raise Exhausted


@dataclass(slots=True)
class Graph:
    """An automaton with what the searches need to know about it."""

    automaton: Automaton
    budget: Budget
    reached: list[int] = field(default_factory=list)
    component: dict[int, int] = field(default_factory=dict)
    labels: dict[int, int] = field(default_factory=dict)
    """Component → all characters on which it loops."""
    members: dict[int, list[int]] = field(default_factory=dict)
    """Component → states; only components that loop."""


def graph_of(automaton: Automaton, budget: Budget) -> Graph:
    graph = Graph(automaton, budget)
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


def inside(graph: Graph, state: int) -> Iterable[Move]:
    """Moves that stay in the component of a state."""
    number = graph.component[state]
    return [move for move in graph.automaton.moves[state] if graph.component[move.target] == number]


def path(graph: Graph, source: int, target: int, only: set[int] | None = None) -> list[int] | None:
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


def _loop_label(graph: Graph, states: list[int]) -> int:
    label = 0
    for state in states:
        for move in inside(graph, state):
            label |= move.label
    return label
