"""The example of every row is reviewed: what it marks is found, and nothing else is."""

from __future__ import annotations

from functools import cache

import pytest

from buckler.analysis.languages.registry import LANGUAGES
from buckler.analysis.libraries.load import load_libraries
from buckler.analysis.libraries.model import Example, LibraryModels
from buckler.review.rulebook import RuleBook
from buckler.review.samples import tried_example
from buckler.weaknesses.registry import rulebook
from buckler.workbench.engine import rule_named

NAMES = ("python", "javascript")

MISSING = {
    ("django", "annotate(**"): "keys of a map that is spread into keywords",
    ("django", "create(**"): "keys of a map that is spread into keywords",
    ("packages", "_.merge({}, { name"): "keys that the program chose itself",
}
"""Known-wrong, by table and a piece of the example; a repaired one fails here until it is taken out."""


@cache
def rules() -> RuleBook:
    return rulebook()


@cache
def models_of(language: str) -> LibraryModels:
    return load_libraries(language, resolve=rule_named(rules()))


def examples() -> list[object]:
    return [
        pytest.param(language, example, id=example.origin)
        for language in NAMES
        if language in LANGUAGES
        for example in models_of(language).examples
    ]


def reason(example: Example) -> str:
    table = example.origin.partition("/")[2].partition(".")[0]
    return next((why for (name, piece), why in MISSING.items() if name == table and piece in example.code), "")


@pytest.mark.parametrize(("language", "example"), examples())
def test_example(language: str, example: Example, request: pytest.FixtureRequest) -> None:
    if why := reason(example):
        request.applymarker(pytest.mark.xfail(reason=why, strict=True))
    outcome = tried_example(example, rules(), models_of(language))
    assert outcome.right, outcome


@pytest.mark.parametrize("language", NAMES)
def test_sinks_belong_to_rules_that_follow_data(language: str) -> None:
    known = models_of(language)
    rows = [row for table in (known.callables, known.assigns) for many in table.values() for row in many]
    wrong = {sink.rule for row in rows for sink in row.sinks if rules().rules[sink.rule].kind == "misuse"}
    assert not wrong
