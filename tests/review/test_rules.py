"""The built-in rules as a collection, and the samples of rules that need no engine."""

from __future__ import annotations

import ast
from collections import Counter

import pytest

from buckler.review.regexes import analyse, javascript_flags
from buckler.review.rulebook import OF_PACKAGES, marks
from buckler.review.secrets import judge_literals, scan_text
from buckler.review.text import scan_tricks
from buckler.weaknesses.registry import rulebook

BOOK = rulebook()
FAMILIES = {
    "access": "missing-authentication missing-authorization missing-ownership-check",
    "crypto": "jwt-verification-off key-confusion timing-comparison weak-cipher weak-hash weak-key weak-random",
    "data": "decompression-bomb entity-expansion mass-assignment prototype-pollution unsafe-deserialization "
    "unsafe-reflection xxe",
    "dependencies": "dependency-confusion install-time-code known-vulnerability lookalike-package malicious-package",
    "files": "archive-traversal incomplete-path-check insecure-permissions insecure-temp-file path-probing path-traversal",
    "injection": "argument-injection code-injection command-injection format-string-injection ldap-injection "
    "log-injection nosql-injection sql-injection template-injection xpath-injection",
    "model": "prompt-injection",
    "network": "bind-all-interfaces unsafe-host-parsing host-key-verification-off ssrf tls-verification-off",
    "resources": "redos regex-injection unbounded-resource",
    "secrets": "cleartext-logging cleartext-storage hard-coded-secret",
    "source": "bidi-trickery",
    "web": "autoescape-off state-change-on-get cookie-httponly cookie-samesite csrf-disabled debug-enabled header-injection "
    "insecure-cookie open-redirect permissive-cors stack-trace-exposure trust-boundary xss",
}


def test_every_rule_stands_in_its_family() -> None:
    found: dict[str, set[str]] = {}
    for rule in BOOK.rules.values():
        found.setdefault(rule.family, set()).add(rule.id)
    assert found == {family: set(ids.split()) for family, ids in FAMILIES.items()}


def test_every_rule_has_two_samples_of_each_sort() -> None:
    count = Counter((sample.rule, sample.good) for sample in BOOK.samples)
    shown_by_code = [rule.id for rule in BOOK.rules.values() if rule.kind != OF_PACKAGES]
    assert [key for rule in shown_by_code for key in ((rule, True), (rule, False)) if count[key] < 2] == []


def test_the_great_five_are_shown_in_javascript_too() -> None:
    shown = {(sample.rule, sample.good) for sample in BOOK.samples if sample.language == "javascript"}
    five = ("path-traversal", "command-injection", "sql-injection", "xss", "code-injection")
    assert {(rule, good) for rule in five for good in (True, False)} <= shown


@pytest.mark.parametrize("sample", [s for s in BOOK.samples if s.language == "python"], ids=lambda s: s.origin)
def test_python_samples_parse(sample: object) -> None:
    ast.parse(sample.code)  # type: ignore[attr-defined]


def test_marks_name_rules_that_exist() -> None:
    for sample in BOOK.samples:
        for rules in marks(sample.code).values():
            assert rules <= BOOK.rules.keys(), sample.origin


def test_prose_is_two_to_five_short_paragraphs() -> None:
    for rule in BOOK.rules.values():
        paragraphs = rule.prose.split("\n\n")
        assert 2 <= len(paragraphs) <= 5, rule.id
        assert all(len(paragraph) < 700 for paragraph in paragraphs), rule.id


def test_every_rule_cites_its_weakness() -> None:
    for rule in BOOK.rules.values():
        pages = [f"https://cwe.mitre.org/data/definitions/{cwe}.html" for cwe in rule.cwe]
        assert set(pages) & set(rule.references), rule.id


def test_no_sample_outside_its_rule_holds_a_secret_or_a_trick() -> None:
    for sample in BOOK.samples:
        assert sample.rule == "hard-coded-secret" or not scan_text(sample.code.encode()), sample.origin
        assert sample.rule == "bidi-trickery" or not scan_tricks(sample.code.encode()), sample.origin


def test_trickery_samples() -> None:
    for sample in BOOK.samples:
        if sample.rule == "bidi-trickery":
            assert {trick.line for trick in scan_tricks(sample.code.encode())} == set(marks(sample.code))


def literals(code: str) -> list[tuple[str, str, int]]:
    """(name, text, line) of the constants given to keywords, variables, attributes and keys."""
    given: list[tuple[str, ast.expr | None]] = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.keyword):
            given.append((node.arg or "", node.value))
        elif isinstance(node, ast.Assign):
            given.append((ast.unparse(node.targets[0]), node.value))
        elif isinstance(node, ast.Dict):
            keys = (key.value if isinstance(key, ast.Constant) else "" for key in node.keys)
            given += zip(map(str, keys), node.values, strict=True)
    return [(name, str(v.value), v.lineno) for name, v in given if isinstance(v, ast.Constant)]


def test_secret_samples() -> None:
    for sample in BOOK.samples:
        if sample.language == "python":
            found = {hit.start for hit in judge_literals(literals(sample.code))}
            expected = set(marks(sample.code)) if sample.rule == "hard-coded-secret" else set()
            assert found == expected, sample.origin


def test_regular_expressions_of_the_samples() -> None:
    assert analyse(r"^(\w+\s?)*$", 0, "match").status == "exponential"
    assert analyse(r"^\w+(\s\w+)*$", 0, "match").status == "safe"
    assert analyse(r"[ \t]+$", 0, "search").status == "polynomial"
    assert analyse(r"^([a-z]+)+$", javascript_flags(""), "search", "javascript").status == "exponential"
