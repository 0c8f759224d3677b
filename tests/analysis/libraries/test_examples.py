"""The example of every row is reviewed: what it marks is found, and nothing else is."""

from __future__ import annotations

from functools import cache

import pytest

from buckler.analysis.languages.registry import LANGUAGES
from buckler.analysis.libraries.load import load_libraries, rules_mentioned
from buckler.analysis.libraries.model import Example, LibraryModels
from buckler.base.source import SourceFile
from buckler.review.rulebook import RuleBook, marks
from buckler.review.run import review_tree
from buckler.weaknesses.registry import rulebook

NAMES = {"python": "example.py", "javascript": "example.js"}

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
    return load_libraries(language)


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


def reviewed(language: str, example: Example) -> set[tuple[int, str]]:
    """Line and rule of everything found in an example."""
    file = SourceFile(example.file or NAMES[language], language, data=example.code.encode())
    page = SourceFile("page.html", "template", data=example.template.encode())
    review = review_tree([file, page], book=rules(), tables={language: models_of(language)}, jobs=1)
    return {(finding.location.line, finding.rule) for finding in review.findings}


def expected(example: Example) -> set[tuple[int, str]]:
    """What is marked, as far as the flow engine tells it; rules of kind `pattern` have code of their own."""
    return {
        (line, rule)
        for line, names in marks(example.code).items()
        for rule in names
        if rules().rules[rule].kind != "pattern"
    }


@pytest.mark.parametrize(("language", "example"), examples())
def test_example(language: str, example: Example, request: pytest.FixtureRequest) -> None:
    if why := reason(example):
        request.applymarker(pytest.mark.xfail(reason=why, strict=True))
    found = {(line, rule) for line, rule in reviewed(language, example) if rules().rules[rule].kind != "pattern"}
    assert found == expected(example)


@pytest.mark.parametrize("language", NAMES)
def test_every_rule_that_is_mentioned_exists(language: str) -> None:
    assert rules_mentioned(models_of(language)) <= set(rules().rules)


@pytest.mark.parametrize("language", NAMES)
def test_sinks_belong_to_rules_that_follow_data(language: str) -> None:
    known = models_of(language)
    rows = [row for table in (known.callables, known.assigns) for many in table.values() for row in many]
    wrong = {sink.rule for row in rows for sink in row.sinks if rules().rules[sink.rule].kind == "misuse"}
    assert not wrong
