"""From the manifests of a tree to findings about known vulnerabilities.

Manifests are read, their packages held against the advisories, and what is known becomes findings like any other:
suppressions, baselines and exit codes are those of a review.

Example::

    known = known_vulnerabilities(collect_manifests([Path("shop")], Limits()), book)
    known.findings[0].facts.dependency.advisory      # "CVE-2019-10906"
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from buckler.base.counting import counted
from buckler.dependencies.advisories.database import Database, open_database
from buckler.dependencies.findings import (
    CONFUSABLE,
    LOOKALIKE,
    NOT_SEARCHED,
    VULNERABLE,
    Found,
    components_of,
    confusing,
    findings_of,
    fingerprinted,
    lookalike,
)
from buckler.dependencies.inventory import inventory_of
from buckler.dependencies.matching import vulnerabilities
from buckler.dependencies.model import Inventory, Reachability, Vulnerability
from buckler.dependencies.names.suspicious import confusable, lookalikes
from buckler.dependencies.upgrade.choose import smallest_safe
from buckler.finding.evidence import SoftwareComponent
from buckler.finding.model import Finding, Notice, Rule
from buckler.review.rulebook import OF_PACKAGES, RuleBook
from buckler.workbench.data import default_database
from buckler.workbench.manifests import ManifestTree

ADVISORIES = "advisories"
"""The kind of notice which says what is known of vulnerabilities, and since when."""
Search = Callable[[Inventory, Sequence[Vulnerability]], Sequence[Reachability]]
"""Looks for the ways of the project's code to each."""


@dataclass(slots=True)
class Known:
    """What a tree is made of and what is known of that."""

    inventory: Inventory = field(default_factory=Inventory)
    found: dict[str, Found] = field(default_factory=dict)
    """By the fingerprint of their findings."""
    findings: list[Finding] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    components: tuple[SoftwareComponent, ...] = ()


def known_vulnerabilities(
    tree: ManifestTree, book: RuleBook, database: Path | None = None, search: Search | None = None
) -> Known:
    """Inventory, advisories, findings; nothing where the rule about them is left out.

    Raises `InputError` where the database cannot be read.
    """
    rules = {rule.cwe[0]: rule for rule in book.rules.values() if rule.kind == OF_PACKAGES}
    if not rules:
        return Known()
    inventory = inventory_of(tree.files)
    with open_database(database or default_database()) as advisories:
        flaws, notices = vulnerabilities(inventory.components, advisories)
        safe = {flaw.component.package: "" for flaw in flaws}
        safe |= {package: smallest_safe(package, advisories) for package in safe}
        state = _state(advisories, inventory)
    ways = search(inventory, flaws) if search is not None else [NOT_SEARCHED] * len(flaws)
    found = [Found(flaw, way, safe[flaw.component.package]) for flaw, way in zip(flaws, ways, strict=True)]
    kinds = {number: item for item in reversed(book.rules.values()) for number in reversed(item.cwe)} | rules
    findings = findings_of(found, kinds)
    return Known(
        inventory,
        _by_mark(findings, found),
        [*findings, *_names(tree, inventory, rules)],
        [*inventory.problems, *notices, state],
        components_of(inventory.components),
    )


def _by_mark(findings: Iterable[Finding], found: Iterable[Found]) -> dict[str, Found]:
    """What each finding about a flaw is about; of malicious packages nothing more is asked."""
    about = {(item.vulnerability.component.package.purl, item.vulnerability.id): item for item in found}
    facts = ((f.fingerprint, f.facts.dependency) for f in findings if f.cwe[0] == VULNERABLE)
    return {mark: about[fact.purl, fact.advisory] for mark, fact in facts if fact is not None}


def _names(tree: ManifestTree, inventory: Inventory, rules: Mapping[int, Rule]) -> list[Finding]:
    """Names that may not be what somebody meant."""
    made: list[Finding] = []
    if (rule := rules.get(LOOKALIKE)) is not None:
        made += (lookalike(component, meant, rule) for component, meant in lookalikes(inventory))
    if (rule := rules.get(CONFUSABLE)) is not None:
        made += (confusing(found, rule) for found in confusable(tree.files, inventory))
    return fingerprinted(made)


def _state(advisories: Database, inventory: Inventory) -> Notice:
    """What was held against what."""
    sources = advisories.sources()
    day = max((source.date for source in sources), default="") or "an unknown day"
    number = sum(count.advisories for count in advisories.counts())
    shipped = ", as shipped; `buckler data update` brings newer ones" if all(s.shipped for s in sources) else ""
    text = (
        f"{counted(len(inventory.components), 'package')} of {counted(len(inventory.manifests), 'manifest')} "
        f"held against {number:,} advisories up to {day}{shipped}"
    )
    return Notice(ADVISORIES, "", text, partial=False)
