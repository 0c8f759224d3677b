"""Every sample of every rule page is reviewed: a page that shows what is not found would be a promise broken."""

from __future__ import annotations

from functools import cache

import pytest

from buckler.analysis.libraries.load import load_libraries
from buckler.analysis.libraries.model import LibraryModels
from buckler.review.rulebook import RuleBook, Sample
from buckler.review.samples import tried
from buckler.weaknesses.registry import rulebook

READ = ("python", "javascript")

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
    return {language: load_libraries(language) for language in READ}


def samples() -> list[object]:
    """The known-wrong are marked, each by exactly one entry."""
    out: list[object] = []
    for sample in rulebook().samples:
        if sample.language in READ:
            known = () if sample.good else [why for key, why in MISSING.items() if about(sample, *key)]
            wrong = [pytest.mark.xfail(reason=why, strict=True) for why in known]
            out.append(pytest.param(sample, id=sample.origin, marks=wrong))
    return out


def about(sample: Sample, rule: str, piece: str) -> bool:
    return sample.rule == rule and piece in sample.code


@pytest.mark.parametrize("sample", samples())
def test_sample(sample: Sample) -> None:
    """What is marked is found; of the page's own rule nothing else is, and in a good sample at most a note."""
    outcome = tried(sample, rules(), knowledge())
    assert outcome.right, outcome


def test_what_is_known_wrong_is_a_sample() -> None:
    for rule, piece in MISSING:
        assert sum(about(s, rule, piece) for s in rules().samples if not s.good) == 1, (rule, piece)
