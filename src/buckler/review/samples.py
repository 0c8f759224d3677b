"""Samples that stand beside a rule or a library model, reviewed: a page that shows what is not found would be a promise
broken.

Example::

    wrong = [r for r in (tried(sample, book, tables) for sample in book.samples) if not r.right]
    wrong[0].origin        # "our-rules/files/zip_slip.md:31"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from buckler.analysis.libraries.model import Example, LibraryModels
from buckler.base.languages import LANGUAGES
from buckler.base.source import SourceFile
from buckler.finding.model import Severity
from buckler.review.rulebook import RuleBook, Sample, marks
from buckler.review.run import review_tree

Places = frozenset[tuple[int, str]]
"""Lines of a sample, each with a rule."""


@dataclass(slots=True, frozen=True)
class Tried:
    """What came of a sample."""

    origin: str
    """`file:line` where it begins."""
    missing: Places
    """Marked and not found."""
    unexpected: Places
    """Found and not marked."""

    @property
    def right(self) -> bool:
        return not self.missing and not self.unexpected


def tried(sample: Sample, book: RuleBook, tables: Mapping[str, LibraryModels]) -> Tried:
    """A sample of a rule: what is marked is found; of the rule itself nothing else is, but notes."""
    file = SourceFile(sample.file or f"sample{suffix(sample.language)}", sample.language, data=sample.code.encode())
    review = review_tree([file], book=book, tables=tables, jobs=1)
    found = frozenset((f.location.line, f.rule) for f in review.findings)
    own = frozenset(
        (f.location.line, f.rule) for f in review.findings if f.rule == sample.rule and f.severity > Severity.NOTE
    )
    wanted = marked(sample.code)
    return Tried(sample.origin, wanted - found, own - wanted)


def tried_example(example: Example, book: RuleBook, models: LibraryModels) -> Tried:
    """The example of a row: what it marks is found and nothing else; structural checks have samples of their own."""
    name = example.file or f"example{suffix(models.language)}"
    file = SourceFile(name, models.language, data=example.code.encode())
    page = SourceFile("page.html", "template", data=example.template.encode())
    review = review_tree([file, page], book=book, tables={models.language: models}, jobs=1)
    found = follows(frozenset((f.location.line, f.rule) for f in review.findings), book)
    wanted = follows(marked(example.code), book)
    return Tried(example.origin, wanted - found, found - wanted)


def marked(code: str) -> Places:
    """What a sample says must be found."""
    return frozenset((line, rule) for line, rules in marks(code).items() for rule in rules)


def follows(places: Places, book: RuleBook) -> Places:
    """Those of rules that library models speak of; a rule that there is not stays, to be seen."""
    return frozenset(
        (line, rule) for line, rule in places if rule not in book.rules or book.rules[rule].kind != "pattern"
    )


def suffix(language: str) -> str:
    """How a file of a language ends."""
    return LANGUAGES[language].suffixes[0]
