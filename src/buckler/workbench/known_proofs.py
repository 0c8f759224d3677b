"""Showing a published flaw through the project's own entry point.

What the flaw is, a mechanism finds out: the vulnerable and the fixed release are reviewed with our own rules, and what
is found in the one and no more in the other is most likely it; else the advisory's kind of weakness says which rule. The
project's call into the package then stands in for the place of that finding, so that the same drivers, attacks and
oracles try it as for a flaw of the project's own.

An attack that works shows the published flaw only if it works no more with the release that fixes it: a package may have
others.

Example::

    trial, rungs = shown(Flaw(finding, found, releases, cache), bench, settling)
"""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from buckler.base.progress import Silent
from buckler.base.source import SourceFile
from buckler.dependencies.findings import Found
from buckler.dependencies.model import Package
from buckler.dependencies.reach.sources import skipped
from buckler.dependencies.releases import Release, Releases
from buckler.finding.evidence import Outcome, Rung
from buckler.finding.model import Facts, Finding
from buckler.prove.attack import (
    ELSEWHERE,
    Elsewhere,
    ProofAttempt,
    prove,
    static_rungs,
    test_name,
    unverified,
)
from buckler.prove.bench import ProofContext, record, refresh, run_test, seen_in
from buckler.review.memory import Cache
from buckler.weaknesses.registry import proof_of, rulebook
from buckler.workbench.engine import Order, run_engine
from buckler.workbench.flows import flows_into
from buckler.workbench.repeated import literals, repetitions
from buckler.workbench.slow_patterns import parsed, slow_before

MOST = 24
"""Stand-ins that are tried for one flaw."""
PATIENCE = 4
"""So many times as long as for one finding of the project's own."""
MOST_WAYS = 3
MOST_FILES = 150
"""Files of a release that are reviewed together."""
METHOD = re.compile(rb"^ +(?:async )?def ([A-Za-z]\w*)\(", re.M)
SLOW_EXPRESSION = 1333
"""CWE-1333, inefficient regular expression complexity."""
EXHAUSTION = {400, 407, 606, 674, 770, 834, 835, SLOW_EXPRESSION}
"""Numbers of weaknesses by which something is used up."""


OTHER = "an attack works, but it is not the fix of this flaw that ends it, so it shows another flaw"


@dataclass(slots=True, frozen=True)
class Settling:
    """How tests are run with the fixed release."""

    elsewhere: Elsewhere
    settle: Callable[[ProofAttempt], tuple[Rung, ...]]
    """The checks that speak of an attempt."""
    own: Callable[[ProofAttempt], bool]
    """Whether it is this flaw that an attempt shows, as far as releases between can tell."""


@dataclass(slots=True, frozen=True)
class Flaw:
    """What is to be shown."""

    finding: Finding
    found: Found
    releases: Releases
    cache: Cache
    files: Sequence[SourceFile] = ()
    """The project's own."""
    folders: Sequence[Path] = ()
    """Where the packages of its environment lie."""

    @property
    def package(self) -> Package:
        return self.found.vulnerability.component.package


def shown(flaw: Flaw, bench: ProofContext, settling: Settling | None) -> tuple[ProofAttempt, tuple[Rung, ...]]:
    """The first attempt that works with the release at hand and not with the fixed one, and what the latter said.

    `settling` runs tests with the fixed release; None where there is none. Where nothing shows the
    flaw, the attempt says why.
    """
    base = static_rungs(flaw.finding)
    ways = [flaw.finding] if flaw.finding.flow else _other_ways(flaw)
    if not ways:
        return _failed(base, "no untrusted data was found to get into the package, so there is nothing to send")
    if settling is None:
        return _failed(base, "there is no release without the flaw to compare with")
    reasons: list[Rung] = []
    kinds = stand_ins(flaw)
    deadline = time.monotonic() + PATIENCE * bench.seconds
    for stand_in in (replace(kind, **_place(way)) for kind in kinds[:MOST] for way in ways[:MOST_WAYS]):
        if time.monotonic() > deadline:
            break
        refresh(bench)  # what was compared before may have taken longer than a sandbox lives
        attempt = prove(bench, stand_in, settling.elsewhere)
        if attempt.proof is None:
            reasons += [rung for rung in attempt.rungs if rung.name == "F4"]
            continue
        if not (concerned(flaw, attempt, bench) and settling.own(attempt)):
            reasons.append(unverified("F4", f"{OTHER} ({attempt.proof.entry}: {attempt.proof.attack})"))
            continue
        after = settling.settle(attempt)
        if any(rung.name == "P2" and rung.outcome is Outcome.PROVED for rung in after):
            return replace(attempt, rungs=_about(stand_in, attempt.rungs)), after
        reasons.append(unverified("F4", f"{ELSEWHERE} ({attempt.proof.entry}: {attempt.proof.attack})"))
    if not reasons:
        return _failed(
            base, "what an attack would look like is not known: no rule of ours tells the two releases apart"
        )
    best = next((rung for rung in reasons if rung.reason.startswith((ELSEWHERE, OTHER))), reasons[0])
    return ProofAttempt(None, (*base, best)), ()


def concerned(flaw: Flaw, attempt: ProofAttempt, bench: ProofContext) -> bool:
    """Whether the attack gets to a function that the fix of this flaw changed; an upgrade may settle several flaws.

    True where that cannot be told, because nobody knows these functions or they are not written in Python.
    """
    assert attempt.proof is not None
    assert attempt.headline is not None
    lines = installed_lines(flaw)
    if not lines:
        return True
    answer = run_test(bench, attempt.proof.test.text, attempt.headline, lines)
    name = test_name(attempt.headline, 0)
    return bool(seen_in(answer, name).ran) or not record(answer, name)


def installed_lines(flaw: Flaw) -> dict[str, list[int]]:
    """Where the functions are that the fix changed, as the sandbox has them; nowhere if one of these files is compiled."""
    wanted = {(symbol.module, symbol.name) for symbol in flaw.found.reachability.symbols}
    release = flaw.releases.find(flaw.package)
    out: dict[str, list[int]] = {}
    for path, data in release.files.items() if release is not None and wanted else ():
        module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        names = {name for owner, name in wanted if owner == module}
        place = next((folder / path for folder in flaw.folders if (folder / path).is_file()), None) if names else None
        if place is None:
            continue
        if any(place.parent.glob(f"{place.stem}.*.so")):
            return {}
        if lines := [number for span in bodies(data, names) for number in span]:
            out[f"..{place}"] = lines
    return out


def bodies(data: bytes, names: Collection[str]) -> Iterator[range]:
    """The lines within functions of these names, or of classes of these names."""
    tree = parsed(data)
    waiting: list[tuple[ast.AST, str]] = [(tree, "")] if tree else []
    while waiting:
        node, above = waiting.pop()
        for inner in ast.iter_child_nodes(node):
            name = above
            if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                name = f"{above}.{inner.name}".lstrip(".")
            if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) and {name, above} & {*names}:
                yield range(inner.body[0].lineno, (inner.end_lineno or 0) + 1)
            waiting.append((inner, name))


def _failed(base: tuple[Rung, ...], why: str) -> tuple[ProofAttempt, tuple[Rung, ...]]:
    return ProofAttempt(None, (*base, unverified("F4", why))), ()


def _other_ways(flaw: Flaw) -> list[Finding]:
    """Flows into the package that the project asks for itself, where no way by calls was found."""
    chain = flaw.found.vulnerability.component.chain
    release = flaw.releases.find(chain[0] if chain else flaw.package)
    if release is None:
        return []
    code = {path: data for path, data in release.files.items() if path.endswith(".py")}
    methods = {name.decode() for data in code.values() for name in METHOD.findall(data)}
    tops = {path.partition("/")[0].removesuffix(".py") for path in code}
    flows = flows_into(sorted(tops), methods, flaw.files, flaw.cache)
    return sorted(flows, key=lambda f: f.source is None or f.source.kind != "remote")


def _place(way: Finding) -> dict[str, Any]:
    """Where a stand-in is, as a way of data has it."""
    last = way.flow[-1]
    return {
        "flow": way.flow,
        "source": way.source,
        "location": last.location,
        "code": last.code,
        "function": last.function,
    }


def _about(stand_in: Finding, rungs: Iterable[Rung]) -> tuple[Rung, ...]:
    """The rungs of a stand-in as those of the finding itself."""
    return (*static_rungs(stand_in), *(rung for rung in rungs if rung.name not in ("F1", "F2")))


def stand_ins(flaw: Flaw) -> list[Finding]:
    """The project's call as a finding of each kind that the flaw may be, the likeliest first."""
    finding, rules = flaw.finding, rulebook().rules
    kinds = {number for advisory in flaw.found.vulnerability.advisories for number in advisory.cwe}
    before, after = _both(flaw)
    likely: list[Finding] = []
    if before is not None and after is not None:
        gone = sorted(_gone(before, after, flaw.cache), key=lambda f: (not kinds & {*f.cwe}, -f.severity))
        likely += [_standing(finding, one.rule, one.facts) for one in gone]
        slow = next((rule.id for rule in rules.values() if rule.cwe[0] == SLOW_EXPRESSION), "")
        growths = slow_before(before, after) if slow else []
        alike = ([g for g in growths if not g.degree], [g for g in growths if g.degree])
        likely += [_standing(finding, slow, Facts(growth=rows[0], growths=(*rows[1:],))) for rows in alike if rows]
    known = [rule for rule in rules.values() if proof_of(rule.id) is not None]
    by_kind = [rule for rule in known if kinds & {*rule.cwe[:1]}]
    if not kinds:  # nobody says, so everything that untrusted data may do
        by_kind = sorted((rule for rule in known if rule.kind == "taint"), key=lambda rule: -rule.severity)
    likely += [_standing(finding, rule.id, Facts(finding.facts.sink)) for rule in by_kind]
    if before is not None and after is not None and (not kinds or kinds & EXHAUSTION):
        likely.append(_standing(finding, finding.rule, Facts(growths=(*repetitions(literals(before, after)),))))
    return list(dict.fromkeys(likely))


def _standing(finding: Finding, rule: str, facts: Facts) -> Finding:
    known = rulebook().rules[rule]
    return replace(
        finding,
        rule=rule,
        cwe=known.cwe,
        facts=replace(facts, dependency=None),
        attacker=known.attacker,
        language="python",
    )


def _both(flaw: Flaw) -> tuple[Release | None, Release | None]:
    """The vulnerable release and the first that fixes it, where their sources are to be had."""
    if flaw.package.ecosystem != "PyPI":
        return None, None
    fixed = (flaw.releases.find(replace(flaw.package, version=v)) for v in flaw.found.vulnerability.fixed)
    return flaw.releases.find(flaw.package), next((release for release in fixed if release is not None), None)


def _gone(before: Release, after: Release, cache: Cache) -> Iterator[Finding]:
    """What our rules find in the vulnerable release and no more in the one that fixes it."""
    left = {_mark(one) for one in reviewed(after, before, cache)}
    for one in reviewed(before, after, cache):
        if _mark(one) not in left and proof_of(one.rule) is not None:
            yield one


def _mark(finding: Finding) -> tuple[str, str, str, str]:
    return finding.rule, finding.location.path, finding.function, "".join(finding.code.split())


def reviewed(release: Release, other: Release, cache: Cache) -> list[Finding]:
    """What our own rules say of a release's sources; of a large one, of the files that another release has otherwise."""
    code = {path: data for path, data in release.files.items() if path.endswith(".py")}
    code = {path: data for path, data in code.items() if not skipped(path, release.files)}
    if len(code) > MOST_FILES:
        code = {path: data for path, data in code.items() if other.files.get(path) != data}
    files = [SourceFile(path, "python", data=data) for path, data in code.items()]
    return run_engine(files, Order(rulebook(), (), cache, 0, Silent())).findings
