"""Every sample of every rule page is reviewed: a page that shows what is not found would be a promise broken."""

from __future__ import annotations

from functools import cache

import pytest

from buckler.analysis.libraries.load import load_libraries
from buckler.analysis.libraries.model import LibraryModels
from buckler.base.source import SourceFile
from buckler.finding.model import Severity
from buckler.review.rulebook import RuleBook, Sample, marks
from buckler.review.run import review_tree
from buckler.weaknesses.registry import rulebook

ENDINGS = {"python": ".py", "javascript": ".js"}

MISSING = {
    ("archive-traversal", "archive.infolist()"): "told as path-traversal: the sink is `open`, the archive its source",
    ("prototype-pollution", "merge(target[key], source[key])"): "a recursive call that walks along untrusted keys",
    ("prototype-pollution", "settings[section][name]"): "a write behind a read by an untrusted key",
}
"""Known-wrong, by rule and a piece of the bad sample; a repaired one fails here until it is taken out."""


@cache
def rules() -> RuleBook:
    return rulebook()


@cache
def knowledge() -> dict[str, LibraryModels]:
    return {language: load_libraries(language) for language in ENDINGS}


def samples() -> list[object]:
    """The known-wrong are marked, each by exactly one entry."""
    out: list[object] = []
    for sample in rulebook().samples:
        if sample.language in ENDINGS:
            known = () if sample.good else [why for key, why in MISSING.items() if about(sample, *key)]
            wrong = [pytest.mark.xfail(reason=why, strict=True) for why in known]
            out.append(pytest.param(sample, id=sample.origin, marks=wrong))
    return out


def about(sample: Sample, rule: str, piece: str) -> bool:
    return sample.rule == rule and piece in sample.code


def found(sample: Sample) -> set[tuple[int, str, Severity]]:
    name = sample.file or "sample" + ENDINGS[sample.language]
    file = SourceFile(name, sample.language, data=sample.code.encode())
    review = review_tree([file], book=rules(), tables=knowledge(), jobs=1)
    return {(f.location.line, f.rule, f.severity) for f in review.findings}


@pytest.mark.parametrize("sample", samples())
def test_sample(sample: Sample) -> None:
    """What is marked is found; of the page's own rule nothing else is, and in a good sample at most a note."""
    told = found(sample)
    wanted = {(line, rule) for line, names in marks(sample.code).items() for rule in names}
    own = {(line, rule) for line, rule, grade in told if rule == sample.rule and (grade > Severity.NOTE)}
    assert wanted <= {(line, rule) for line, rule, _ in told}
    assert own <= wanted


def test_what_is_known_wrong_is_a_sample() -> None:
    for rule, piece in MISSING:
        assert sum(about(s, rule, piece) for s in rules().samples if not s.good) == 1, (rule, piece)
