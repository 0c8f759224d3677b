"""The use case behind `buckler review`: read, analyse, apply the team's decisions.

The order of decisions is part of the contract: severity overrides, the tree's own configuration, comments in the
code, baselines, what the change introduced, smallest severity to show. Every one that takes a finding out of view
leaves the finding among the suppressed, or a notice with a number.

Example::

    shop = Path("services/shop")
    review = review_paths([shop], Options(tree=tree_config([shop])))
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from buckler.base.config import Config
from buckler.base.counting import counted
from buckler.base.progress import Progress, Silent
from buckler.base.version import VERSION
from buckler.finding.evidence import Assessment
from buckler.finding.model import Finding, Notice, Review, Rule, Severity, Suppressed
from buckler.review.rulebook import OF_PACKAGES, RuleBook
from buckler.store.baseline import apply_baseline, read_baseline, write_baseline
from buckler.store.cache import Cache, open_cache
from buckler.store.suppress import apply_comments
from buckler.workbench.engine import Engine, Order, current_ids, read_rules, run_engine
from buckler.workbench.inputs import Inputs, Limits, collect, decode, root_of, shown_path, speaks_to_us
from buckler.workbench.manifests import ManifestTree, collect_manifests, manifests_before
from buckler.workbench.revisions import read_revision
from buckler.workbench.trust import about, by_tree, hidden_notices, hide, jobs, left_out
from buckler.workbench.wishes import Wishes

if TYPE_CHECKING:  # what only trees with manifests need
    from buckler.workbench.known import Known, Search


@dataclass(slots=True, frozen=True)
class Options:
    """What was asked for, on the command line and in the configuration it names; and what the tree asks for."""

    config: Config = field(default_factory=Config)
    tree: Config = field(default_factory=Config)
    """Found in the reviewed tree, accepted by nobody."""
    untrusted: bool = False
    """The tree has no say: its comments and `.gitignore` files count for nothing either."""
    fail_on: Severity = Severity.MEDIUM
    """The least severity that matters; what the tree hides of it makes the review partial."""
    changed_since: str = ""
    write_baseline: Path | None = None
    min_severity: Severity = Severity.NOTE
    only_rules: tuple[str, ...] = ()
    honor_comments: bool = True
    cache: Path | None = None
    dependencies: bool = True
    """Whether manifests are read and what they ask for is held against advisories."""
    database: Path | None = None
    """The advisories; None for those in the usual place."""
    reach: Wishes | None = None
    """How the ways of the code to what is vulnerable are looked for; None: they are not."""


def review_paths(
    paths: Sequence[Path], options: Options, progress: Progress | None = None, engine: Engine = run_engine
) -> Assessment:
    """Review files, folders and archives."""
    started = perf_counter()
    every = read_rules(options.config.rules_dirs)
    options = _named_now(options, every)
    config = options.config
    inputs = collect(paths, limits_of(options))
    book = chosen_rules(every, options)
    old = _old(paths, inputs, options)
    cache = open_cache(options.cache, stamp=VERSION)
    order = Order(book, config.library_dirs, cache, jobs(config, options.tree), progress or Silent())
    try:
        tree, known = known_now(paths, options, book, cache, progress)
        review = engine(inputs.files, order)
        before = engine(old.files, order) if old else None
    finally:
        cache.close()
    review.root = inputs.name
    review.rules = review.rules or len(book.rules)
    review.notices = [*inputs.notices, *tree.inputs.notices, *review.notices, *cache.notices]
    if known is not None:
        review.packages = len(known.components)
        review.findings += known.findings
        review.notices += known.notices
    if before is not None:
        before.findings += known_before(paths, inputs.root, options, book)
    seen = {file.path for file in inputs.files}
    inputs.files += [file for file in tree.sources if file.path not in seen]
    decide(review, inputs, options, every, before)
    unread = left_out(inputs.files, options.tree)
    said = [*about(options.tree), *hidden_notices(review, options.tree, options.fail_on)]
    review.notices = [*said, *(n for n in review.notices if n.kind != "syntax" or n.path not in unread)]
    review.seconds = perf_counter() - started
    return Assessment(review, tuple(book.rules.values()), inputs.root, components=known.components if known else ())


def known_now(
    paths: Sequence[Path], options: Options, book: RuleBook, cache: Cache, progress: Progress | None = None
) -> tuple[ManifestTree, Known | None]:
    """The manifests under these paths and what is known of what they ask for; None if nobody asked or nothing is there."""
    if rule_of_packages(book) is None:
        return ManifestTree(root_of(paths)), None
    tree = collect_manifests(paths, limits_of(options))
    if not tree.files:
        return tree, None
    from buckler.workbench.known import known_vulnerabilities  # noqa: PLC0415 - what only manifests need

    return tree, known_vulnerabilities(tree, book, options.database, _search(paths, tree, options, cache, progress))


def _search(
    paths: Sequence[Path], tree: ManifestTree, options: Options, cache: Cache, progress: Progress | None
) -> Search | None:
    if options.reach is None:
        return None
    from buckler.workbench.reach import Scene, searching  # noqa: PLC0415 - most of Buckler, and a review does not ask

    scene = Scene(paths, tree, limits_of(options), cache, options.cache, progress or Silent())
    return searching(scene, options.reach)


def known_before(paths: Sequence[Path], root: Path, options: Options, book: RuleBook) -> list[Finding]:
    """What is known today of what the project was made of before the change."""
    if rule_of_packages(book) is None:
        return []
    parts = [shown_path(path, root) for path in paths]
    tree = manifests_before(options.changed_since, root, limits_of(options), parts)
    if not tree.files:
        return []
    from buckler.workbench.known import known_vulnerabilities  # noqa: PLC0415 - what only manifests need

    return known_vulnerabilities(tree, book, options.database).findings


def rule_of_packages(book: RuleBook) -> Rule | None:
    """The rule about known vulnerabilities, if it is among those to be applied."""
    return next((rule for rule in book.rules.values() if rule.kind == OF_PACKAGES), None)


def _old(paths: Sequence[Path], inputs: Inputs, options: Options) -> Inputs | None:
    """The same paths as they were before the change, if there is one to compare with."""
    if not options.changed_since:
        return None
    parts = [shown_path(path, inputs.root) for path in paths]
    return read_revision(options.changed_since, inputs.root, limits_of(options), parts)


def limits_of(options: Options) -> Limits:
    """What to read: what the tree leaves out is read too, to say what that hides."""
    config = options.config
    tests = config.include_tests or options.tree.include_tests
    return Limits(config.exclude, not options.untrusted, tests, config.max_file_size)


def _named_now(options: Options, book: RuleBook) -> Options:
    """The same with the ids that the rules have now; naming one that does not exist is an error."""
    tree = options.tree
    return replace(
        options,
        only_rules=current_ids(book, options.only_rules),
        config=_renamed(options.config, book),
        tree=tree if tree.rules_dirs else _renamed(tree, book),  # which may speak of rules of its own
    )


def _renamed(config: Config, book: RuleBook) -> Config:
    where = str(config.origin or "")
    severity = dict(zip(current_ids(book, config.severity, where), config.severity.values(), strict=True))
    return replace(config, disable=current_ids(book, config.disable, where), severity=severity)


def chosen_rules(book: RuleBook, options: Options) -> RuleBook:
    """The rules to apply."""
    wanted = options.only_rules or tuple(book.rules)
    rules = {name: book.rules[name] for name in wanted if name not in options.config.disable}
    if not options.dependencies:
        rules = {name: rule for name, rule in rules.items() if rule.kind != OF_PACKAGES}
    return replace(book, rules=rules, left_out=frozenset(book.rules) - rules.keys())


def decide(review: Review, inputs: Inputs, options: Options, book: RuleBook, before: Review | None) -> None:
    """Apply the decisions, in order, to the review."""
    applied = chosen_rules(book, options).rules.keys()
    findings = _regraded([f for f in review.findings if f.rule in applied], options.config)
    if options.honor_comments and not options.untrusted:  # first: a comment on what is hidden anyway hides something
        findings = _comments(review, findings, inputs, book, applied)
    findings, taken = hide(findings, inputs.files, options.tree)
    review.suppressed.extend(taken)
    findings = _baseline(review, findings, options)
    if before is not None:
        findings = _introduced(review, findings, before, options.changed_since)
    review.findings = _shown(review, findings, options.min_severity)


def _regraded(findings: Sequence[Finding], config: Config) -> list[Finding]:
    wanted = {rule: Severity[level.upper()] for rule, level in config.severity.items()}
    return [replace(f, severity=wanted[f.rule]) if f.rule in wanted else f for f in findings]


def _comments(
    review: Review, findings: list[Finding], inputs: Inputs, book: RuleBook, applied: Collection[str]
) -> list[Finding]:
    on_disk = [file for file in inputs.files if file.absolute is not None]  # an archive has no say in its review
    files = {file.path: file for file in on_disk if speaks_to_us(file)}
    kept, suppressed, notices = apply_comments(
        findings, files, lambda path: decode(files[path]), today=_today(), applied=applied, book=book
    )
    _record(review, suppressed, notices)
    return kept


def _today() -> date:
    return datetime.now(UTC).date()


def _baseline(review: Review, findings: list[Finding], options: Options) -> list[Finding]:
    config = options.config if options.config.baseline else options.tree
    file, target = config.baseline, options.write_baseline
    known = read_baseline(file) if file and (file != target or file.exists()) else ()
    if target:
        write_baseline(target, findings, known)
        return findings
    if not file:
        return findings
    complete = not options.only_rules and not options.config.disable
    kept, suppressed, notices = apply_baseline(findings, known, file.name, complete=complete)
    if config is options.tree:
        suppressed = [by_tree(item, config) for item in suppressed]
    _record(review, suppressed, notices)
    return kept


def _introduced(review: Review, findings: list[Finding], before: Review, since: str) -> list[Finding]:
    old = {finding.fingerprint for finding in before.findings}
    new = [finding for finding in findings if finding.fingerprint not in old]
    review.suppressed = [item for item in review.suppressed if item.finding.fingerprint not in old]
    if len(new) < len(findings):
        old_ones = len(findings) - len(new)
        were, are = ("was", "is") if old_ones == 1 else ("were", "are")
        text = f"{counted(old_ones, 'finding')} {were} there already at {since} and {are} not shown"
        review.notices.append(Notice("unchanged", "", text, partial=False))
    return new


def _shown(review: Review, findings: list[Finding], least: Severity) -> list[Finding]:
    shown = [finding for finding in findings if finding.severity >= least]
    if len(shown) < len(findings):
        left = len(findings) - len(shown)
        text = f"{left} finding{'s' if left != 1 else ''} below {least.name.lower()} {'are' if left != 1 else 'is'} not shown"
        review.notices.append(Notice("min-severity", "", text, partial=False))
    return sorted(shown, key=lambda f: -f.severity)


def _record(review: Review, suppressed: Sequence[Suppressed], notices: Sequence[Notice]) -> None:
    review.suppressed.extend(suppressed)
    review.notices.extend(notices)
