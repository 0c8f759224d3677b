"""How slow can a pattern be? Puts parser, automaton and searches together.

    >>> verdict = analyse(r"^(\\w+\\s?)*$", 0, "match")
    >>> verdict.status, verdict.ambiguities[0].attack(3)
    ('exponential', 'aaaa-')

`mode` says how the pattern is used: `match` (at the start), `fullmatch`, `search` (the first anywhere) or
`all` (`finditer`, `findall`, `sub`, `split`, and JavaScript's global flag: goes on after a match).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from buckler.review.regexes.automaton import Automaton, TooBig, build, parts
from buckler.review.regexes.detect import find_exponential, find_polynomial
from buckler.review.regexes.graph import Budget, Exhausted
from buckler.review.regexes.model import Ambiguity, Verdict
from buckler.review.regexes.parse import PatternError, parse
from buckler.review.regexes.tree import Atomic, Look, Node, Pattern, Repeat, Sequence

STEPS = 400_000
ENDLESS_FOR_EXPONENTIAL = 16
"""A nested loop of this many rounds already takes too long."""
ENDLESS_FOR_POLYNOMIAL = 500


@lru_cache(maxsize=4096)
def analyse(pattern: str, flags: int = 0, mode: str = "search", language: str = "python") -> Verdict:
    """The verdict on a pattern; never raises, never hangs. `flags` are those of `re`, also for JavaScript."""
    try:
        tree = parse(pattern, flags, javascript=language != "python")
    except PatternError as error:
        return Verdict("unknown", reason=str(error))
    if not any(isinstance(part, Repeat) and part.high != 1 for part in parts(tree.root)):
        return Verdict("safe")
    budget = Budget(STEPS)
    found: list[Ambiguity] = []
    reason = ""
    for node, node_mode in _alone(tree.root, mode):
        try:
            found += _judge(tree, node, node_mode, budget)
        except TooBig:
            reason = "the pattern is too big"
        except Exhausted:
            reason = "the budget of steps is spent"
    if found:
        worst = _worst_first(found)
        return Verdict(worst[0].kind, tuple(worst[:8]))
    return Verdict("unknown", reason=reason) if reason else Verdict("safe")


def _worst_first(found: list[Ambiguity]) -> list[Ambiguity]:
    """Without those that lie inside a worse one."""
    kept: list[Ambiguity] = []
    for one in sorted(found, key=lambda a: (a.kind != "exponential", -a.degree, a.where)):
        if not any(k.where[0] <= one.where[0] and one.where[1] <= k.where[1] for k in kept):
            kept.append(one)
    return kept


def _alone(root: Node, mode: str) -> Iterator[tuple[Node, str]]:
    """The whole pattern, and the parts that are matched by themselves."""
    yield _behind(root), mode
    for part in parts(root):
        if isinstance(part, Look | Atomic):
            yield part.item, "match"


def _behind(root: Node) -> Node:
    """A pattern that begins with `(?<=…)` is judged as if it matched that part too."""
    if isinstance(root, Sequence) and root.items:
        first = root.items[0]
        if isinstance(first, Look) and not first.ahead and not first.negative:
            return Sequence([first.item, *root.items[1:]])
    return root


def _judge(tree: Pattern, node: Node, mode: str, budget: Budget) -> list[Ambiguity]:
    automaton = _build(tree, node, mode, ENDLESS_FOR_EXPONENTIAL)
    exponential = find_exponential(automaton, budget)
    if exponential:
        return exponential
    if any(isinstance(part, Repeat) and part.high is not None and part.high >= 16 for part in parts(node)):
        automaton = _build(tree, node, mode, ENDLESS_FOR_POLYNOMIAL)
    return find_polynomial(automaton, budget, must_fail=mode == "search")


def _build(tree: Pattern, node: Node, mode: str, endless: int) -> Automaton:
    mode = "search" if mode == "all" else mode
    try:
        return build(tree, node, mode, endless)
    except TooBig:
        return build(tree, node, mode, endless, generous=False)


def javascript_flags(letters: str) -> int:
    """The flags of a JavaScript literal as those of `re`: `"gim"` → `re.I | re.M`."""
    return sum({"i": 2, "m": 8, "s": 16}.get(letter, 0) for letter in set(letters))
