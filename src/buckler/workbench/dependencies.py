"""The use case behind `buckler dependencies`: which known vulnerabilities are here, and does the code get to them?

The same decisions apply as in a review. Code is read to look for the ways to a vulnerable function; nothing is run.

Example::

    outcome = dependencies([Path("shop")], Options(reach=Wishes()))
    outcome.review.findings[0].facts.dependency.reach
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter

from buckler.base.errors import InputError
from buckler.base.progress import Progress
from buckler.base.version import VERSION
from buckler.dependencies.model import Doubt
from buckler.finding.evidence import Assessment
from buckler.finding.model import Notice, Review
from buckler.review.rulebook import OF_PACKAGES
from buckler.store.cache import open_cache
from buckler.workbench.engine import read_rules
from buckler.workbench.inputs import name_of
from buckler.workbench.known import Known
from buckler.workbench.review import Options, chosen_rules, decide, known_before, known_now, rule_of_packages
from buckler.workbench.selection import Inputs
from buckler.workbench.trust import about, hidden_notices

NO_MANIFEST = "no-manifest"
"""The kind of notice which says that nothing was there to read."""
MOST_NAMED = 5


def dependencies(paths: Sequence[Path], options: Options, progress: Progress | None = None) -> Assessment:
    """What is known of everything these paths are made of; raises `UserError` where that cannot be said."""
    started = perf_counter()
    every = read_rules(options.config.rules_dirs)
    book = chosen_rules(every, options)
    if rule_of_packages(book) is None:
        raise InputError("the rule about known vulnerabilities is switched off", remedy="leave out --disable")
    cache = open_cache(options.cache, stamp=VERSION)
    try:
        tree, known = known_now(paths, options, book, cache, progress)
    finally:
        cache.close()
    known = known or Known()
    notices = [*tree.inputs.notices, *known.notices, *_absent(known, options)]
    review = Review(name_of(paths), known.findings, notices=notices, files=len(tree.files), rules=1)
    if not tree.files:
        review.notices.append(Notice(NO_MANIFEST, "", "no manifest or lockfile here", partial=True))
    review.packages = len(known.components)
    before = None
    if options.changed_since:
        before = Review("", known_before(paths, tree.root, options, book))
    decide(review, Inputs(tree.root, review.root, files=list(tree.sources)), options, every, before)
    said = [*about(options.tree), *hidden_notices(review, options.tree, options.fail_on)]
    review.notices = [*said, *review.notices]
    review.seconds = perf_counter() - started
    rules = tuple(item for item in book.rules.values() if item.kind == OF_PACKAGES)
    return Assessment(review, rules, tree.root, components=known.components)


def _absent(known: Known, options: Options) -> Iterator[Notice]:
    """Which sources nobody could look into, and how to bring them."""
    reasons = (reason for found in known.found.values() for reason in found.reachability.reasons)
    names = sorted({reason.name for reason in reasons if reason.doubt is Doubt.NO_SOURCES})
    if names and options.reach is not None and not options.reach.fetch:
        shown = ", ".join(names[:MOST_NAMED]) + (" and others" if names[MOST_NAMED:] else "")
        text = (
            f"the sources of {shown} are not at hand, so nothing says whether the code gets to their flaws; --fetch brings "
            "them from the registry, --env names an environment that has them"
        )
        yield Notice("reach", "", text, partial=False)
