"""The review: files in, `Review` out. What is known already is told at once, the rest is for `follow` to find.

>>> review_tree(files, book=rulebook(), tables={"python": load_libraries("python")})
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Mapping, Sequence

from buckler.analysis.languages.templates import Templates, read_template
from buckler.analysis.libraries.model import LibraryModels
from buckler.base.progress import Progress, Silent
from buckler.base.source import SourceFile
from buckler.finding.model import Notice, Review
from buckler.review.context import Past, ReviewContext
from buckler.review.lowering import Lowered, lower_all
from buckler.review.memory import LAYER, Cache, NoCache, key_of, pack, unpack
from buckler.review.rulebook import RuleBook
from buckler.review.tasks import Facts


def review_tree(files: Sequence[SourceFile], *, book: RuleBook, tables: Mapping[str, LibraryModels],
                cache: Cache | None = None, jobs: int = 0, progress: Progress | None = None,
                root: str = "", keep: list[object] | None = None) -> Review:  # fmt: skip
    """Review the files with the rules; never raises because of what the files contain.

    A process about to end gives a list to `keep` the engine's objects in: taking millions of them apart one by one
    costs seconds that nobody needs.
    """
    progress = progress or Silent()
    cache = cache or NoCache()
    collecting = gc.isenabled()
    gc.disable()  # the engine makes millions of small objects and no garbage cycles worth the search
    try:
        lowered = lower_all(files, tables, cache, jobs, progress)
        review = Review(root, files=len(files), notices=lowered.notices, rules=len(book.rules))
        describe(review, lowered)
        templates = read_templates(lowered.others)
        digest = [*book.rules, book.digest, *(t.digest for t in tables.values()), templates.digest()]
        key = key_of([*(d.encode() for d in digest), *lowered.keys])
        known = cache.get_many(LAYER, [key]).get(key)
        if known is not None:
            review.findings = unpack(known)
            return review
        modules = lowered.modules()
        if keep is not None:
            keep.append(modules)
        if modules is None:  # the cache lost a file between two questions: read everything again
            return review_tree(files, book=book, tables=tables, jobs=jobs, progress=progress, root=root)
        from buckler.review.follow import follow  # noqa: PLC0415 - most of Buckler, and most trees are known

        past = Past(cache, digest, dict(zip((f.path for f in lowered.facts), lowered.keys, strict=True)))
        data = {**lowered.sources, **{file.path: text for file, text in lowered.others}}
        before = len(review.notices)
        context = ReviewContext(book, tables, data, templates, progress, review.notices, past, keep)
        review.findings = follow(modules, context)
        if len(review.notices) == before:  # what was left out must be said every time
            cache.put_many(LAYER, {key: pack(review.findings)})
        return review
    finally:
        if collecting:
            gc.enable()


def read_templates(others: Sequence[tuple[SourceFile, bytes]]) -> Templates:
    """Templates that put anything into their page; the rest of what is no code stays unread."""
    pages = [(file.path, data) for file, data in others if file.language == "template"]
    return Templates({path: read_template(data) for path, data in pages if b"{{" in data or b"{%" in data})


def describe(review: Review, lowered: Lowered) -> None:
    opaque: Counter[str] = Counter()
    for facts in lowered.facts:
        review.lines += facts.lines
        review.functions += facts.functions
        review.languages[facts.language] = review.languages.get(facts.language, 0) + 1
        opaque.update(facts.opaque)
        if facts.errors:
            review.broken += 1
            review.notices.append(syntax_notice(facts, lowered.sources[facts.path]))
        if "nesting-too-deep" in facts.opaque:
            review.notices.append(Notice("syntax", facts.path, "code nested too deep was left out", True))
    review.opaque = dict(sorted(opaque.items()))


def syntax_notice(module: Facts, data: bytes) -> Notice:
    line = data.count(b"\n", 0, module.errors[0]) + 1
    more = f" and {len(module.errors) - 1} more places" if len(module.errors) > 1 else ""
    return Notice("syntax", module.path, f"not understood at line {line}{more}; the rest was reviewed", True)
