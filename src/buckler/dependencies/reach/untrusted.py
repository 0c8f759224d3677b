"""Untrusted data that the project hands to packages at the calls from which vulnerable functions are reached.

The engine of reviews follows the data. Each call that begins a way to a vulnerable function is a sink for it, beside
what the library models already say of the same name; of what it finds only what ends at one of these calls counts.

Example::

    found = flows(modules, {("app/views.py", span): "yaml.load"}, texts)
    steps, source = found["app/views.py", span]     # from the request to the call
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from buckler.analysis.flow import solve
from buckler.analysis.flow.engine import Engine, with_deep_recursion
from buckler.analysis.flow.meter import Meter, OverBudget, clock_of, interrupt
from buckler.analysis.flow.rules import rule_bits
from buckler.analysis.flow.solve import Hit, Origin
from buckler.analysis.flow.trace import Hop, Tracer
from buckler.analysis.ir.ops import Module
from buckler.analysis.libraries.load import load_libraries
from buckler.analysis.libraries.model import Argument, Callable, Flow, LibraryModels, Sink
from buckler.analysis.program.modules import Program
from buckler.dependencies.reach.steps import Texts
from buckler.finding.model import Action, Move, Rule, Severity, Source, Step

RULE = Rule("reaches-vulnerable-function", "", "dependencies", (), Severity.HIGH, "taint", "", "", "", "", text=False)
EVERY = Argument(every=True)
Site = tuple[str, int]
"""Path and span of a call."""
Flowing = tuple[tuple[Step, ...], Source]
"""The way of data, and where it comes in."""


def flows(modules: Sequence[Module], calls: Mapping[Site, str], texts: Texts) -> dict[Site, Flowing]:
    """Untrusted data on its way to each call that it reaches; calls are given with the name of what they call."""
    spoken = {module.language for module in modules}
    models = {language: with_sinks(load_libraries(language), set(calls.values())) for language in spoken}
    engine = Engine(Program(modules), models, rule_bits([RULE]), lambda pattern, mode: frozenset())
    engine.meter = Meter({module.path: len(texts.text(module.path)) for module in modules})
    found: dict[Site, Flowing] = {}

    def work() -> None:
        solve.run(engine, lambda _: None)
        tracer = Tracer(engine)
        for hit in sorted(solve.hits(engine)[0], key=solve.weight):
            site = site_of(engine, hit)
            if site in calls and site not in found and hit.origin.kind != "api":
                source = Source(hit.origin.kind, hit.origin.name, parameter=hit.origin.operation < 0)
                found[site] = steps_of(tracer.way(hit)[0], hit.origin, engine, texts), source

    def look(thread: int) -> None:
        with suppress(OSError):  # it has just ended
            engine.meter.look(engine.at, clock_of(thread), lambda: interrupt(thread))

    with suppress(OverBudget):  # what takes too much is not followed: reachable it is all the same
        with_deep_recursion(work, look)
    return found


def with_sinks(models: LibraryModels, names: set[str]) -> LibraryModels:
    """The models, and every argument of these names a sink; a name that nobody knows passes data on as before."""
    callables = dict(models.callables)
    loose = dict(models.loose)
    for name in names:
        known = callables.get(name, ())
        passing = (
            () if known else (Flow(EVERY, Argument(result=True)), Flow(Argument(receiver=True), Argument(result=True)))
        )
        row = Callable(name, flow=passing, sinks=(Sink(EVERY, RULE.id),), loose=name.startswith("?."))
        callables[name] = (*known, row)
        if row.loose:
            last = name.rpartition(".")[2]
            loose[last] = (*loose.get(last, ()), row)
    return replace(models, callables=callables, loose=loose)


def site_of(engine: Engine, hit: Hit) -> Site:
    name, operation = hit.sink
    routine = engine.program.routines[name]
    return routine.module.path, routine.function.spans[operation]


def steps_of(hops: list[Hop], origin: Origin, engine: Engine, texts: Texts) -> tuple[Step, ...]:
    """Hops as lines; those on one line are one step."""
    out: list[Step] = []
    if origin.operation >= 0 and not any((h.routine, h.operation) == (origin.routine, origin.operation) for h in hops):
        hops = [Hop(origin.routine, origin.operation, Action(Move.SOURCE)), *hops]
    for hop in hops:
        routine = engine.program.routines[hop.routine]
        span = routine.function.span if hop.operation < 0 else routine.function.spans[hop.operation]
        location = texts.at(routine.module.path, span)
        begins = hop.operation == origin.operation >= 0 and hop.routine == origin.routine
        action = Action(Move.SOURCE, origin.name) if begins else hop.action
        before = out[-1] if out else None
        if before is not None and (before.location.path, before.location.line) == (location.path, location.line):
            out[-1] = replace(before, location=location, actions=(*before.actions, action))
        else:
            out.append(Step(location, (action,), texts.line(location), routine.function.name))
    return tuple(out)
