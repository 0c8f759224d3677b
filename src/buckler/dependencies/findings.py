"""Vulnerabilities → findings: severity by what was found out about their reach, words, places, fingerprints.

A flaw that the code does not get to is a note; what is needed only to build or test the project counts one step less,
because nobody sends it anything in production.

Example::

    findings_of([Found(vulnerability, reachability, "2.10.1")], {1395: rule, 79: xss})
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from buckler.base.digest import text_digest
from buckler.dependencies import wording
from buckler.dependencies.model import Component, Reachability, Requirement, Scope, Symbol, Vulnerability
from buckler.dependencies.names.suspicious import MOST_NAMES, Confusable
from buckler.finding.evidence import SoftwareComponent
from buckler.finding.model import DependencyFacts, Facts, Finding, Location, Reach, Rule, Severity

MOST_ALIASES = 6
VULNERABLE, MALICIOUS, LOOKALIKE, CONFUSABLE = 1395, 506, 1357, 427
"""CWE numbers of the rules about packages: a vulnerable component, malicious code, a component nobody has reason to
trust, a search path that somebody else can step into."""


NOT_SEARCHED = Reachability(Reach.UNKNOWN)


@dataclass(slots=True, frozen=True)
class Found:
    """One vulnerability with all that was found out about it."""

    vulnerability: Vulnerability
    reachability: Reachability = NOT_SEARCHED
    safe: str = ""
    """The smallest later version of which nothing is known; empty if there is none."""


def findings_of(found: Iterable[Found], kinds: Mapping[int, Rule]) -> list[Finding]:
    """One finding for each, with fingerprints that survive moved lines and other versions of the same package.

    `kinds` has the rule about each kind of weakness, by CWE number: those about vulnerable and malicious packages, and
    for every other number the one that says what an attacker gains from such a flaw.
    """
    return fingerprinted(
        _malicious(item, kinds[MALICIOUS]) if _is_malicious(item) else _finding(item, kinds[VULNERABLE], kinds)
        for item in found
        if (MALICIOUS if _is_malicious(item) else VULNERABLE) in kinds
    )


def fingerprinted(made: Iterable[Finding]) -> list[Finding]:
    """Marks made of rule, file, package and what is known of it."""
    findings = list(made)
    seen: Counter[str] = Counter()
    for number, finding in enumerate(findings):
        facts = finding.facts.dependency
        assert facts is not None
        base = f"{finding.rule}\0{finding.location.path}\0{facts.purl.partition('@')[0]}\0{facts.advisory}"
        seen[base] += 1
        findings[number] = replace(finding, fingerprint=text_digest(base, str(seen[base]))[:24])
    return findings


def _is_malicious(found: Found) -> bool:
    return any(advisory.malicious for advisory in found.vulnerability.advisories)


def _malicious(found: Found, rule: Rule) -> Finding:
    """A package that was made to do harm: calls and fixes do not matter."""
    vulnerability = found.vulnerability
    return about(
        vulnerability.component, rule, vulnerability.id, cwe=rule.cwe, aliases=vulnerability.names[1 : MOST_ALIASES + 1]
    )


def lookalike(component: Component, meant: str, rule: Rule) -> Finding:
    """A name that is easily taken for a popular one."""
    return about(component, rule, meant)


def confusing(found: Confusable, rule: Rule) -> Finding:
    """Names that the public index could answer as well."""
    names = ", ".join(found.names[:MOST_NAMES])
    more = f" and {len(found.names) - MOST_NAMES} more" if len(found.names) > MOST_NAMES else ""
    facts = DependencyFacts(purl=f"pkg:pypi/{found.names[0]}", advisory=found.address)
    return _bare(
        rule,
        f"{rule.title.partition(': ')[0]}: {names}{more}",
        (found.location, found.code),
        rule.message.format(package=names + more, advisory=found.address),
        facts,
    )


def about(
    component: Component, rule: Rule, known: str, *, cwe: tuple[int, ...] = (), aliases: tuple[str, ...] = ()
) -> Finding:
    """What a rule says of a package itself, whatever its code does."""
    line, package = best_line(component), component.package
    facts = DependencyFacts(
        package.purl, known, aliases, chain=tuple(p.purl for p in component.chain), scope=component.scope.value
    )
    title = f"{rule.title.partition(': ')[0]} {package}: {known}"
    message = rule.message.format(package=package, advisory=known)
    return _bare(rule, title, (line.location, line.code), message, facts)


def _bare(rule: Rule, title: str, place: tuple[Location, str], message: str, facts: DependencyFacts) -> Finding:
    location, code = place
    return Finding(rule.id, title, rule.severity, rule.cwe, location, message, rule.attacker, rule.fix, code, "", "",
                   facts=Facts(dependency=facts))  # fmt: skip


def _finding(found: Found, rule: Rule, kinds: Mapping[int, Rule]) -> Finding:
    vulnerability, way = found.vulnerability, found.reachability
    component = vulnerability.component
    package, chain = component.package, tuple(map(str, component.chain))
    line = best_line(component)
    facts = DependencyFacts(
        purl=package.purl,
        advisory=vulnerability.id,
        aliases=vulnerability.names[1 : MOST_ALIASES + 1],
        fixed=found.safe,
        chain=tuple(step.purl for step in component.chain),
        scope=component.scope.value,
        reach=way.reach,
        reason=wording.grounds(way),
        path=way.path,
        symbols=tuple(map(dotted, way.symbols)),
    )
    weaknesses = [number for advisory in vulnerability.advisories for number in advisory.cwe]
    kind = next((kinds[number] for number in weaknesses if number in kinds), rule)
    summary = next((advisory.summary for advisory in vulnerability.advisories if advisory.summary), "")
    marks = [] if vulnerability.certain else ["not-pinned"]
    if vulnerability.severity is None:
        marks.append("no-severity")
    brought = component.chain[0].name if len(component.chain) > 1 else ""
    return Finding(
        rule=rule.id,
        title=f"{rule.title.partition(': ')[0]} {package}: {vulnerability.id}",
        severity=severity_of(vulnerability, way.reach, rule),
        cwe=tuple(dict.fromkeys((*rule.cwe, *weaknesses))),
        location=line.location,
        message=wording.message(rule.message, str(package), facts, chain, summary, certain=vulnerability.certain),
        attacker=kind.attacker,
        fix=wording.upgrade(package.name, found.safe, asked_by=brought),
        code=line.code,
        function="",
        fingerprint="",
        flow=way.flow,
        source=way.source,
        facts=Facts(dependency=facts),
        approximations=tuple(marks),
    )


def dotted(symbol: Symbol) -> str:
    """`yaml.loader.FullLoader.construct`."""
    return f"{symbol.module}.{symbol.name}" if symbol.name else symbol.module


def best_line(component: Component) -> Requirement:
    """The line to show: where the project itself asks for it, else the one that pins it."""
    return min(component.requirements, key=lambda line: (not line.direct, not line.locked, line.location))


def severity_of(vulnerability: Vulnerability, reach: Reach, rule: Rule) -> Severity:
    """What the databases say, less where it cannot do harm."""
    if reach is Reach.NOT_REACHABLE:
        return Severity.NOTE
    level = rule.severity if vulnerability.severity is None else vulnerability.severity
    if vulnerability.component.scope in (Scope.DEVELOPMENT, Scope.BUILD):
        level = Severity(max(Severity.LOW, level - 1))
    return level


def components_of(components: Sequence[Component]) -> tuple[SoftwareComponent, ...]:
    """The same in the nouns everybody shares."""
    return tuple(
        SoftwareComponent(
            component.package.purl,
            component.scope.value,
            component.direct,
            tuple(line.location for line in component.requirements),
            tuple(step.purl for step in component.chain),
            tuple(dict.fromkeys(mark for line in component.requirements for mark in line.hashes)),
        )
        for component in components
    )
