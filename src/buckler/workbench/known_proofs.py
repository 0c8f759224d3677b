"""Showing a published flaw through the project's own entry point.

What the flaw is, a mechanism finds out: the vulnerable and the fixed release are reviewed with our own rules, and what
is found in the one and no more in the other is most likely it; else the advisory's kind of weakness says which rule. The
project's call into the package then stands in for the place of that finding, so that the same drivers, attacks and
oracles try it as for a flaw of the project's own.

An attack that works shows the published flaw only if it works no more with the release that fixes it: a package may have
others.

Example::

    trial, rungs = shown(Flaw(finding, found, releases, cache), bench, settle)
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from buckler.base.progress import Silent
from buckler.base.source import SourceFile
from buckler.dependencies.findings import Found
from buckler.dependencies.model import Package
from buckler.dependencies.reach.sources import skipped
from buckler.dependencies.releases import Release, Releases
from buckler.finding.evidence import Outcome, Rung
from buckler.finding.model import Facts, Finding, Growth
from buckler.prove.attack import ProofAttempt, prove, static_rungs, unverified
from buckler.prove.bench import ProofContext
from buckler.review.memory import Cache
from buckler.review.regexes import analyse
from buckler.weaknesses.registry import proof_of, rulebook
from buckler.workbench.engine import Order, run_engine

MOST = 6
"""Stand-ins that are tried for one flaw."""
MOST_PATTERNS = 60
LONGEST = 2000
REPEATED = re.compile(r"[\])\w.][*+{]")
SLOW_EXPRESSION = 1333
"""CWE-1333, inefficient regular expression complexity."""
OTHER = "an attack works, but with the fixed release as well, so what it shows is another flaw"
Settle = Callable[[ProofAttempt], tuple[Rung, ...]]
"""Runs the test of an attempt with the fixed release."""


@dataclass(slots=True, frozen=True)
class Flaw:
    """What is to be shown."""

    finding: Finding
    found: Found
    releases: Releases
    cache: Cache

    @property
    def package(self) -> Package:
        return self.found.vulnerability.component.package


def shown(flaw: Flaw, bench: ProofContext, settle: Settle | None) -> tuple[ProofAttempt, tuple[Rung, ...]]:
    """The first attempt that works with the release at hand and not with the fixed one, and what the latter said.

    `settle` runs the test of an attempt with the fixed release; None where there is none. Where nothing shows the
    flaw, the attempt says why.
    """
    base = static_rungs(flaw.finding)
    if not flaw.finding.flow:
        return _failed(
            base, "no way of untrusted data to the vulnerable function was found, so there is nothing to send"
        )
    if settle is None:
        return _failed(base, "there is no release without the flaw to compare with")
    reasons: list[Rung] = []
    for stand_in in stand_ins(flaw)[:MOST]:
        attempt = prove(bench, stand_in)
        if attempt.proof is None:
            reasons += [rung for rung in attempt.rungs if rung.name == "F4"]
            continue
        after = settle(attempt)
        if any(rung.name == "P2" and rung.outcome is Outcome.PROVED for rung in after):
            return replace(attempt, rungs=_about(flaw.finding, attempt.rungs)), after
        reasons.append(unverified("F4", f"{OTHER} ({attempt.proof.entry}: {attempt.proof.attack})"))
    if not reasons:
        return _failed(
            base, "what an attack would look like is not known: no rule of ours tells the two releases apart"
        )
    best = next((rung for rung in reasons if rung.reason.startswith(OTHER)), reasons[0])
    return ProofAttempt(None, (*base, best)), ()


def _failed(base: tuple[Rung, ...], why: str) -> tuple[ProofAttempt, tuple[Rung, ...]]:
    return ProofAttempt(None, (*base, unverified("F4", why))), ()


def _about(finding: Finding, rungs: Iterable[Rung]) -> tuple[Rung, ...]:
    """The rungs of a stand-in as those of the finding itself."""
    own = static_rungs(finding)
    reach = Rung("F2", Outcome.PROVED, own[-1].reason)
    return (own[0], reach, *(rung for rung in rungs if rung.name not in ("F1", "F2")))


def stand_ins(flaw: Flaw) -> list[Finding]:
    """The project's call as a finding of each kind that the flaw may be, the likeliest first."""
    finding, rules = flaw.finding, rulebook().rules
    kinds = {number for advisory in flaw.found.vulnerability.advisories for number in advisory.cwe}
    before, after = _both(flaw)
    gone: list[Finding] = []
    if before is not None and after is not None:
        gone = sorted(_gone(before, after, flaw.cache), key=lambda f: (not kinds & {*f.cwe}, -f.severity))
    likely = [_standing(finding, one.rule, one.facts) for one in gone]
    slow = next((rule.id for rule in rules.values() if rule.cwe[0] == SLOW_EXPRESSION), "")
    if before is not None and after is not None and slow:
        likely += [_standing(finding, slow, Facts(growth=growth)) for growth in _slow_before(before, after)]
    by_kind = [rule.id for rule in rules.values() if kinds & {*rule.cwe[:1]} and proof_of(rule.id) is not None]
    likely += [_standing(finding, rule, Facts(finding.facts.sink)) for rule in by_kind]
    return list(dict.fromkeys(likely))


def _standing(finding: Finding, rule: str, facts: Facts) -> Finding:
    known = rulebook().rules[rule]
    last = finding.flow[-1]
    return replace(
        finding,
        rule=rule,
        cwe=known.cwe,
        location=last.location,
        code=last.code,
        function=last.function,
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
    left = {_mark(one) for one in reviewed(after, cache)}
    for one in reviewed(before, cache):
        if _mark(one) not in left and proof_of(one.rule) is not None:
            yield one


def _slow_before(before: Release, after: Release) -> Iterator[Growth]:
    """Strings on which regular expressions take long that only the vulnerable release has."""
    for path, data in before.files.items():
        if path.endswith(".py") and after.files.get(path) != data and not skipped(path, before.files):
            for pattern in sorted(_patterns(data) - _patterns(after.files.get(path, b"")))[:MOST_PATTERNS]:
                verdict = analyse(pattern, 0, "search")
                for worst in verdict.ambiguities[:1]:
                    degree = 0 if worst.kind == "exponential" else worst.degree
                    yield Growth(worst.pump, worst.prefix, worst.suffix, degree)


def _patterns(data: bytes) -> set[str]:
    """The texts of a file that may be regular expressions with something repeated in them."""
    try:
        tree = ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {text for text in texts if isinstance(text, str) and len(text) <= LONGEST and REPEATED.search(text)}


def _mark(finding: Finding) -> tuple[str, str, str, str]:
    return finding.rule, finding.location.path, finding.function, "".join(finding.code.split())


def reviewed(release: Release, cache: Cache) -> list[Finding]:
    """What our own rules say of a release's sources."""
    files = [
        SourceFile(path, "python", data=data)
        for path, data in release.files.items()
        if path.endswith(".py") and not skipped(path, release.files)
    ]
    return run_engine(files, Order(rulebook(), (), cache, 0, Silent())).findings
