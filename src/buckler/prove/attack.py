"""From a finding to a test that shows it, or to the reason why there is none.

Approaches are tried in order until an attack works; then the test is written down and run three times, and once with
benign input in place of the attack. Only what those runs did is believed.

Example::

    trial = prove(bench, finding)
    trial.proof.test.text
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from buckler.base.config import MAX_FILE_SIZE
from buckler.base.counting import counted
from buckler.base.files import read_in
from buckler.finding.evidence import Outcome, Proof, ProofKind, Rung, TestFile
from buckler.finding.model import Finding
from buckler.prove.bench import (
    ProofContext,
    exploited,
    landmarks,
    meets,
    passed,
    place_of,
    ran_line,
    run_test,
    seen_in,
    trouble,
)
from buckler.prove.benign import benign_of
from buckler.prove.cutting import cut
from buckler.prove.emit import COUNTERPART, Benign, Headline, test_file
from buckler.prove.entries.commands import command_approaches
from buckler.prove.entries.functions import function_approaches
from buckler.prove.entries.place import comparison, placed
from buckler.prove.entries.principals import principal_approaches
from buckler.prove.entries.reach import Reached, called_there, happened, sink_lines, watched
from buckler.prove.entries.started import STARTS, started_approaches
from buckler.prove.entries.tried import nearest
from buckler.prove.entries.web import web_approaches
from buckler.prove.environment.layout import module_of
from buckler.prove.model import Attack, EntryDriver, Oracle, ProofRecipe, SinkContext, Way
from buckler.prove.probe_file import PROBES, ProbeFile
from buckler.prove.session import Answer, asking
from buckler.prove.sink import seen_situation

TIMES = 3
ORDINARY = "test_benign_input_still_works"
MOST_APPROACHES = 6


@dataclass(slots=True)
class ProofAttempt:
    """What came of trying to prove one finding."""

    proof: Proof | None
    rungs: tuple[Rung, ...]
    approach: EntryDriver | None = None
    oracle: Oracle | None = None
    benign: Benign | None = None
    fired: tuple[Attack, ...] = ()
    """Every attack that worked, the one in the test first; the others are kept back for the patch."""
    headline: Headline | None = None
    situation: SinkContext | None = None
    placed: Finding | None = None
    """The finding where it does its harm."""


@dataclass(slots=True, frozen=True)
class Hit:
    """An attack that worked once."""

    reached: Reached
    oracle: Oracle
    benign: Benign
    fired: tuple[Attack, ...]
    headline: Headline
    situation: SinkContext


Elsewhere = Callable[[str, Headline], Answer]
"""Runs a test where its attacks must have no effect."""
NOT_RUN = "the test could not be run with the fixed release: "
ELSEWHERE = "an attack works, but with the fixed release as well, so what it shows is another flaw"


def prove(bench: ProofContext, finding: Finding, elsewhere: Elsewhere | None = None) -> ProofAttempt:
    """Try every entry point until one works; where `elsewhere` is given, with an attack that has no effect there."""
    base = static_rungs(finding)
    recipe = bench.recipes(finding.rule)
    if recipe is None:
        return ProofAttempt(None, (*base, unverified("F4", f"no observable effect is known for `{finding.rule}`")))
    recipe = for_line(bench.project, finding, recipe)
    finding = placed(bench.project, finding, recipe.place)
    bench.session.tried.clear()
    deadline = time.monotonic() + bench.seconds
    reasons: list[str] = []
    for number, reached in enumerate(approaches(bench, finding, recipe)):
        if number >= MOST_APPROACHES:
            break
        if time.monotonic() > deadline:
            reasons.append(
                f"an entry point was found, but not within the {bench.seconds:.0f} seconds a finding is given"
            )
            break
        hit = try_oracles(bench, finding, recipe, reached, reasons, elsewhere)
        if hit is not None:
            return confirmed(bench, finding, recipe, hit, base)
    return ProofAttempt(None, (*base, why(bench, finding, reasons)))


def for_line(project: Path, finding: Finding, recipe: ProofRecipe) -> ProofRecipe:
    """The recipe with which of the comparisons of its line a finding is about; where it has none, that it runs is enough."""
    if not recipe.compares:
        return recipe
    place = finding.location
    which = comparison(read_in(project, place.path, MAX_FILE_SIZE), place.line, place.column)
    return replace(recipe, compares=which is not None, which=which or 0)


def approaches(bench: ProofContext, finding: Finding, recipe: ProofRecipe) -> Iterator[Reached]:
    """Entry drivers, the most exposed first; for what is wrong with how a server is started, its start."""
    session, project, surface, versions = bench.session, bench.project, bench.surface, bench.versions
    if recipe.way is Way.PRINCIPALS:
        yield from principal_approaches(session, project, surface, finding, recipe, versions)
        return
    if recipe.way is Way.START:
        if STARTS.search(finding.code):
            yield from started_approaches(session, surface, finding, recipe)
    else:
        yield from web_approaches(session, surface, finding, recipe, versions)
        yield from command_approaches(session, project, surface, finding, recipe)
    yield from function_approaches(session, project, surface, finding, recipe)


def why(bench: ProofContext, finding: Finding, reasons: Sequence[str]) -> Rung:
    """F4 not verified, with the reason and what was tried."""
    words, tried = nearest(bench.session.tried, finding)
    if reasons:
        words = reasons[0]
        tried = [*dict.fromkeys(reasons[1:]), *tried]
    elif bench.session.over:
        words = "the sandbox ended while the project ran in it"
    else:
        own = module_of(finding.location.path, bench.surface.roots)
        failed = next((f"{n}: {why}" for n, why in bench.surface.failed.items() if n in (own, "")), "")
        words = f"the project could not be loaded: {failed.removeprefix(': ')}" if failed else words
    return Rung("F4", Outcome.NOT_VERIFIED, words, tuple(tried))


def try_oracles(
    bench: ProofContext, finding: Finding, recipe: ProofRecipe, reached: Reached, reasons: list[str],
    elsewhere: Elsewhere | None = None,
) -> Hit | None:  # fmt: skip
    """Send every attack of every oracle that fits; the first oracle with a hit wins."""
    situation = seen_situation(bench, finding, reached)
    oracles = recipe.oracles(situation)
    if not oracles:
        reasons.append(f"no observable effect is known for this form of `{finding.rule}`")
    for oracle in oracles:
        benign = benign_of(bench, finding, reached.approach, oracle, situation)
        if benign is None:
            reasons.append("benign input could not be sent")
            continue
        headline = headline_of(finding, reached.approach)
        attacks = oracle.attacks(situation)
        text = test_file(headline, reached.approach, oracle, benign, attacks)
        answer = run_test(bench, text, headline)
        if not passed(answer, ORDINARY):
            reasons.append(f"the test could not be run: {trouble(answer)}")
            continue
        names = [test_name(headline, n) for n in range(len(attacks))]
        fired = tuple(attack for attack, name in zip(attacks, names, strict=True) if exploited(answer, name))
        unfit = oracle.probe.counterpart and not passed(answer, COUNTERPART)  # the watch itself does not work here
        if attacks and not fired and (unfit or not any(passed(answer, name) for name in names)):
            reasons.append(f"the test could not be run: {trouble(answer)}")
            continue
        if fired and elsewhere is not None:
            there = elsewhere(text, headline)
            of = dict(zip(attacks, names, strict=True))
            shown = [attack for attack in fired if passed(there, of[attack])]
            if not shown:
                through = next((attack for attack in fired if exploited(there, of[attack])), None)
                what = (
                    f"{ELSEWHERE} ({reached.approach.entry}: {through.value})" if through else NOT_RUN + trouble(there)
                )
                reasons.append(what)
                continue
            fired = tuple(shown)
        if fired:
            return Hit(with_home(bench, reached), oracle, benign, fired, headline, situation)
        what = "attacks" if oracle.shown is ProofKind.EXPLOIT else "benign inputs"
        also = f"; benign input ends in {benign.error} here, which may be why" if benign.error else ""
        reasons.append(f"{len(attacks)} {what} reached the line and none had an effect{also}")
    return None


HOME_FOLDER = PROBES / "home.py"


def with_home(bench: ProofContext, reached: Reached) -> Reached:
    """Where the program was seen to write into the home folder, its test gives it another than the developer's."""
    if bench.session.run(asking("folders", "home_is_used")).value is not True:
        return reached
    approach = reached.approach
    own = cut(ProbeFile.load(HOME_FOLDER), [], more=["home"])
    setup = f"{own.code}\n\n\n{approach.setup.strip()}".rstrip()
    imports = tuple(dict.fromkeys([*own.imports, *approach.imports]))
    return replace(reached, approach=replace(approach, imports=imports, setup=setup))


def confirmed(
    bench: ProofContext, finding: Finding, recipe: ProofRecipe, hit: Hit, base: tuple[Rung, ...]
) -> ProofAttempt:
    """The test as it is handed out, three times; then with benign input in place of the attack."""
    approach = hit.reached.approach
    attack = hit.fired[0]
    text = test_file(hit.headline, approach, hit.oracle, hit.benign, [attack])
    answers = [run_test(bench, text, hit.headline, watched(finding)) for _ in range(TIMES)]
    alike = [a for a in answers if exploited(a, test_name(hit.headline, 0)) and passed(a, ORDINARY)]
    control = controlled(bench, finding, recipe, hit, alike)
    four = effect_rung(finding, recipe, hit, alike)
    proof = Proof(hit.oracle.shown, approach.entry, approach.exposure, attack.value, hit.benign.value.value, hit.oracle.effect,
                  TestFile(place_of(bench.project, hit.headline), text), events_of(hit.reached), approach.assumptions)  # fmt: skip
    good = four.outcome is control.outcome is Outcome.PROVED
    return ProofAttempt(proof if good else None, (*with_entry(base, approach), four, control), approach, hit.oracle, hit.benign,
                 hit.fired, hit.headline, hit.situation, finding)  # fmt: skip


def effect_rung(finding: Finding, recipe: ProofRecipe, hit: Hit, alike: Sequence[Answer]) -> Rung:
    """F4: the effect, each time, and caused by what the line does.

    Another line may have the same effect; that nothing safe was called says nothing where the line compared nothing; and
    of calls only those count that this line makes.
    """
    seen = [seen_in(run, test_name(hit.headline, 0)) for run in alike]
    if not all(meets(one.ran, sink_lines(finding)) for one in seen):
        return unverified("F4", f"{hit.oracle.effect}, but this line had not run")
    if recipe.compares and not all(happened(one, finding, recipe) for one in seen):
        return unverified("F4", "the line ran, and something before the comparison in it decided")
    if hit.oracle.probe.watches and not all(called_there(one, finding) for one in seen):
        return unverified("F4", "the watch saw such a call, but not one that this line makes")
    outcome = Outcome.PROVED if len(alike) == TIMES else Outcome.NOT_VERIFIED
    return Rung("F4", outcome, f"{hit.oracle.effect}, in {len(alike)} of {TIMES} runs")


def controlled(bench: ProofContext, finding: Finding, recipe: ProofRecipe, hit: Hit, runs: Sequence[Answer]) -> Rung:
    """F5: whether the test passes where it should, and whether benign input reaches the line.

    Where benign input is all that is sent, the control is code that does it right, and stands in the same file.
    """
    if hit.oracle.probe.counterpart:
        return counterpart_rung(finding, recipe, hit, runs)
    values = list(dict.fromkeys([hit.benign.value, *hit.oracle.benign(hit.situation)]))
    text = test_file(hit.headline, hit.reached.approach, hit.oracle, hit.benign, values)
    marks = landmarks(bench.project, sink_lines(finding))
    answer = run_test(bench, text, hit.headline, marks.every)
    names = [test_name(hit.headline, number) for number in range(len(values))]
    if not passed(answer, names[0]) or any(exploited(answer, name) for name in names):
        return Rung("F5", Outcome.REFUTED, "benign input shows the same effect, so the effect says nothing")
    reached = [seen.ran for name in names if meets((seen := seen_in(answer, name)).ran, marks.line)]
    if not ran_line(answer, ORDINARY, marks.line):
        return Rung("F5", Outcome.NOT_VERIFIED, "benign input did not reach the line")
    well = sum(marks.through(ran) for ran in reached)
    some = f"{len(reached)} of {counted(len(values), 'benign input')} reach{'es' if len(reached) == 1 else ''}"
    ends = "" if well == len(reached) else f", {well} of them without ending in the code's own handling of errors"
    return Rung(
        "F5", Outcome.PROVED, f"{some} the same line and {'show' if len(reached) > 1 else 'shows'} no effect{ends}"
    )


def counterpart_rung(finding: Finding, recipe: ProofRecipe, hit: Hit, runs: Sequence[Answer]) -> Rung:
    """F5 where benign input is all that is sent."""
    if not runs or not all(passed(run, COUNTERPART) for run in runs):
        return Rung("F5", Outcome.REFUTED, "code that does it right shows the same effect, so the effect says nothing")
    if not all(happened(seen_in(run, ORDINARY), finding, recipe) for run in runs):
        return Rung("F5", Outcome.NOT_VERIFIED, "benign input did not reach the line")
    words = "benign input reaches the line, and the same check reports nothing for code that does it right"
    return Rung("F5", Outcome.PROVED, words)


def static_rungs(finding: Finding) -> tuple[Rung, ...]:
    out = [Rung("F1", Outcome.PROVED, f"`{finding.code[:80]}` is at {finding.location.path}:{finding.location.line}")]
    if finding.flow:
        first = finding.flow[0].location
        out.append(Rung("F2", Outcome.PROVED, f"{counted(len(finding.flow), 'step')} from {first.path}:{first.line}"))
    else:
        out.append(unverified("F2", "the rule needs no flow of data"))
    return tuple(out)


def with_entry(rungs: tuple[Rung, ...], approach: EntryDriver) -> tuple[Rung, ...]:
    reachable = approach.exposure.name != "INTERNAL"
    outcome = Outcome.PROVED if reachable else Outcome.NOT_VERIFIED
    return (*rungs, Rung("F3", outcome, f"{approach.entry} ({approach.exposure})"))


def unverified(name: str, reason: str) -> Rung:
    return Rung(name, Outcome.NOT_VERIFIED, reason)


def events_of(reached: Reached) -> tuple[str, ...]:
    out = [f"{name}({', '.join(given)})".replace(reached.mark, "…") for name, given in reached.answer.seen.events]
    return tuple(dict.fromkeys(e for e in out if not e.startswith(("compile", "import", "exec"))))[:6]


def headline_of(finding: Finding, approach: EntryDriver) -> Headline:
    where = f"{finding.location.path}, {finding.function or 'at the top'}"
    return Headline(finding.title, where, approach.entry, finding.attacker, finding.rule.replace("-", "_"))


def test_name(headline: Headline, number: int) -> str:
    return f"test_{headline.name}_{number + 1}" if number else f"test_{headline.name}"
