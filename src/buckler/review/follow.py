"""The analysis behind a review, for trees that are not known already: the engine, the rules and the patterns.

`follow(modules, context)` gives everything found, in words; `review_tree` loads this module only when there
is something to find out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache as cached
from functools import partial
from typing import Any

from buckler.analysis.flow import solve
from buckler.analysis.flow.engine import MAX_DEPTH, Engine, with_deep_recursion
from buckler.analysis.flow.lookup import Validator
from buckler.analysis.flow.meter import Meter, OverBudget, clock_of, interrupt
from buckler.analysis.flow.rules import rule_bits
from buckler.analysis.flow.solve import Hit, Misuse
from buckler.analysis.flow.tape import ReplayMismatch
from buckler.analysis.flow.trace import Tracer
from buckler.analysis.ir.ops import Module
from buckler.analysis.program.modules import Program
from buckler.analysis.program.signature import Signatures, brief
from buckler.finding.model import Finding, Notice, Rule, Severity
from buckler.review.checks import Found, ProgramView, find_all
from buckler.review.context import Past, ReviewContext
from buckler.review.findings import Sources, of_hit, of_misuse, wanted
from buckler.review.history import History, history
from buckler.review.memo import Basis, Memo
from buckler.review.memory import NoCache, finding_of, growth_of, growth_row, key_of, row_of
from buckler.review.ranking import fingerprinted
from buckler.review.regexes import judge_validator, judges
from buckler.review.rulebook import RuleBook

MODES = frozenset({"match", "fullmatch", "search"})


def validator(rules: Iterable[Rule]) -> Validator:
    """Asks what a text that a constant pattern accepts can no longer do; patterns repeat, so answers are kept."""
    needs = judges(rules)

    @cached
    def judge(pattern: str, mode: str) -> frozenset[str]:
        return judge_validator(needs, pattern, 0, mode if mode in MODES else "search")

    return judge


def follow(modules: list[Module], context: ReviewContext) -> list[Finding]:
    """Every finding in its order."""
    found = analyse(modules, context, Sources(context.data))
    return fingerprinted(unique(found, context.book), context.data, context.book.rules)


def opened(past: Past, engine: Engine) -> History:
    own = repr(sorted(engine.own_sources.items()))
    digest = key_of(part.encode() for part in (*past.digest, own))
    signatures = Signatures(engine.program, engine.context_sensitive_params, engine.stores)
    return history(past.cache, digest, past.keys, signatures)


def analyse(modules: list[Module], context: ReviewContext, sources: Sources) -> list[Finding]:
    """Everything found; begun again where something remembered is wrong, or a file takes too much."""
    engine = begun(modules, context)
    book, past = context.book, context.past
    known = opened(past, engine)
    known.recall(engine)
    memos = {layer: known.memo(layer, engine) for layer in ("plain", "told", "seen")}
    findings: list[Finding] = []
    for module in modules:
        findings.extend(plain(module, book, sources, memos["plain"]))

    def work() -> None:
        solve.run(engine, context.progress.advance)
        context.progress.finish()
        findings.extend(tell(engine, book, sources, memos))

    def look(thread: int) -> None:
        with suppress(OSError):  # it has just ended
            engine.meter.look(engine.at, clock_of(thread), lambda: interrupt(thread))

    try:
        with_deep_recursion(work, look)
    except ReplayMismatch:  # what was remembered does not belong to this program
        return analyse(modules, replace(context, past=replace(past, cache=NoCache())), sources)
    except OverBudget:  # interrupted where nothing can be kept: once more without the files that took too much
        if engine.meter.over.keys() == past.over.keys():
            text = "following data takes more time than all files may take"
            context.notices.append(Notice("budget", "", text, True))
            return findings
        return analyse(modules, replace(context, past=replace(past, over=engine.meter.over)), sources)
    if not isinstance(past.cache, NoCache):
        known.remember(engine)
        for memo in memos.values():
            memo.remember()
    context.notices.extend([*limits_reached(engine), *failures(engine)])
    return findings


def begun(modules: list[Module], context: ReviewContext) -> Engine:
    """An engine that knows the program and has not looked at it yet."""
    program = Program(modules)
    context.progress.start(len(program.routines), "following data")
    rules = context.book.rules.values()
    engine = Engine(program, context.tables, rule_bits(rules), validator(rules))
    engine.templates = context.templates
    engine.meter = Meter({path: len(text) for path, text in context.data.items()}, over=dict(context.past.over))
    if context.keep is not None:
        context.keep.append(engine)
    return engine


def failures(engine: Engine) -> Iterator[Notice]:
    """Functions whose analysis broke."""
    for name, error in engine.failures.items():
        path = engine.program.routines[name].module.path
        yield Notice("engine", path, f"`{name}` could not be followed ({error}); the rest was", True)


def limits_reached(engine: Engine) -> Iterator[Notice]:
    for path, what in sorted(engine.meter.over.items()):
        yield Notice("budget", path, f"following data through it {what}; what was found until then is shown", True)
    for path in sorted(engine.shallow):
        text = f"functions here are called through more than {MAX_DEPTH:,} others, and were not followed from there"
        yield Notice("budget", path, text, True)


def plain(module: Module, book: RuleBook, sources: Sources, memo: Memo) -> list[Finding]:
    """What can be seen in the text of a file."""
    checks = [check for check in book.text_checks() if check.rule in book.rules]
    found = (f for check in checks for f in check.find(module, book.rules[check.rule], sources))
    rows = memo.ask(module.path, b"", lambda _: [row_of(f) for f in found])
    return [finding_of(row) for row in rows]


def tell(engine: Engine, book: RuleBook, sources: Sources, memos: Mapping[str, Memo]) -> list[Finding]:
    """Hits and misuses in words, one finding per place and rule."""
    rules = book.rules
    hits, misuses = solve.hits(engine)
    tracer = Tracer(engine)
    out = [told_best(group, rules, tracer, sources, memos["told"]) for group in by_place(hits, rules, engine.program)]
    view = ProgramView(engine, engine.program, sources.data, hits, rules)
    for misuse in (*misuses, *find_all(view, book.checks(), partial(seen_before, view, memos["seen"]))):
        rule_ = rules.get(misuse.rule)
        if rule_ is not None:
            out.append(of_misuse(misuse, rule_, engine.program, sources))
    return unique(out, book)


def by_place(hits: list[Hit], rules: Mapping[str, Rule], program: Program) -> list[list[Hit]]:
    """The hits of one rule at one place, what comes from outside before what callers hand over."""
    hits.sort(key=lambda h: (h.origin.kind == "api", h.place, h.rule, solve.weight(h)))
    groups: dict[tuple[object, ...], list[Hit]] = {}
    for hit in hits:
        if wanted(rules[hit.rule], hit, program):
            groups.setdefault((hit.rule, *hit.place), []).append(hit)
    return list(groups.values())


def told_best(group: list[Hit], rules: Mapping[str, Rule], tracer: Tracer, sources: Sources, memo: Memo) -> Finding:
    """The first hit, or a later one of more weight where the first is a trifle."""
    best: Finding | None = None
    for hit in group:
        found = told_before(hit, rules[hit.rule], tracer, sources, memo)
        if best is None or found.severity > best.severity:
            best = found
        if best.severity >= Severity.MEDIUM:
            break
    assert best is not None
    return best


def told_before(hit: Hit, rule: Rule, tracer: Tracer, sources: Sources, memo: Memo) -> Finding:
    """A hit in words, remembered or found."""

    def find(basis: Basis) -> object:
        tracer.watched.clear()
        finding = of_hit(hit, rule, tracer, sources)
        basis.watch(log for _, log in tracer.watched)
        basis.routines.update(hit.routines(), (name for name, _ in tracer.watched))
        return row_of(finding)

    tracer.engine.at = path = tracer.engine.program.routines[hit.place[0]].module.path
    return finding_of(memo.ask(path, brief(repr(hit)), find))


def seen_before(view: ProgramView, memo: Memo, module: str, find: Callable[[], Found]) -> Found:
    """What patterns see in a module, remembered or found."""

    def look_closely(basis: Basis) -> object:
        found = find()
        basis.watch(view.watched)
        basis.routines |= {name for name in view.opened if view.program.routines[name].module.name != module}
        return [[misuse_row(m) for m in one] for one in found]

    path = view.engine.at = view.program.modules[module].path
    try:
        rows = memo.ask(path, b"", look_closely) if path not in view.engine.meter.over else []
    except OverBudget:
        return []
    return [[misuse_of(row) for row in one] for one in rows]


def misuse_row(m: Misuse) -> tuple[object, ...]:
    return (m.rule, m.routine, m.operation, m.note, m.mild, growth_row(m.growth))


def misuse_of(row: tuple[Any, ...]) -> Misuse:
    rule, routine, operation, note, mild, growth = row
    return Misuse(rule, routine, operation, note, mild, growth_of(growth))


def unique(findings: list[Finding], book: RuleBook) -> list[Finding]:
    """Drop repetitions of a rule on the same expression."""
    masked = {check.rule for check in book.text_checks() if check.masked}
    seen: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        place = finding.location
        column = 0 if finding.rule in masked else place.column  # the masked one comes first
        seen.setdefault((finding.rule, place.path, place.line, column), finding)
    return list(seen.values())
