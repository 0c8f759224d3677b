"""The shop of examples/: every flaw is found where it is, and its safe twin is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from buckler.finding.model import Finding
from buckler.workbench.review import Options, review_paths

SHOP = Path(__file__).parents[2] / "examples" / "shop"

FLAWS = {
    ("code injection by YAML", "unsafe-deserialization", "load_items"),
    ("SQL through a helper two modules away", "sql-injection", "find_items"),
    ("a shell line", "command-injection", "make_thumbnail"),
    ("a secret in the code", "hard-coded-secret", ""),
    ("a page built by hand", "xss", "greeting"),
    ("a path with dots", "path-traversal", "read_manual"),
    ("a server of the visitor's choice", "ssrf", "fetch_preview"),
    ("a broken hash", "weak-hash", "digest"),
    ("a way out after the login", "open-redirect", "login"),
}
TWINS = (
    "welcome",
    "item",
    "load_settings",
    "read_invoice",
    "fetch_prices",
    "strong_digest",
    "count_pictures",
    "logout",
)


@pytest.fixture(scope="module")
def findings() -> list[Finding]:
    outcome = review_paths([SHOP], Options())
    assert not outcome.review.partial
    return outcome.review.findings


def places(findings: list[Finding]) -> set[tuple[str, str]]:
    return {(finding.rule, finding.function.rsplit(".", 1)[-1]) for finding in findings}


@pytest.mark.parametrize(("what", "rule", "function"), sorted(FLAWS))
def test_found(findings: list[Finding], what: str, rule: str, function: str) -> None:
    assert (rule, function) in places(findings), what


@pytest.mark.parametrize("function", TWINS)
def test_safe_twins_are_silent(findings: list[Finding], function: str) -> None:
    assert function not in {place for _, place in places(findings)}


def test_nothing_else(findings: list[Finding]) -> None:
    assert places(findings) == {(rule, function) for _, rule, function in FLAWS}
