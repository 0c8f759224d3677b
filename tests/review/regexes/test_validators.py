"""Patterns as checks: what each lets through, and the traps."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buckler.finding.model import Rule, Severity
from buckler.review.regexes import judge_validator, judges
from buckler.review.regexes.automaton import TooBig, accepts, build
from buckler.review.regexes.parse import PatternError, parse
from buckler.review.regexes.validators import passing
from buckler.weaknesses.registry import rulebook

CASES = [
    # pattern, mode, cleared, not cleared
    (r"[A-Za-z0-9_]+", "fullmatch", "command-injection path-traversal sql-injection xss code-injection", ""),
    (r"[\w-]+", "fullmatch", "command-injection path-traversal sql-injection xss", "argument-injection"),
    (r"\w[\w-]*", "fullmatch", "argument-injection", "unsafe-reflection prototype-pollution"),
    (r"\w+", "match", "", "command-injection path-traversal sql-injection xss"),
    (r"\w+", "search", "", "command-injection path-traversal sql-injection xss"),
    (r"^\w+$", "match", "path-traversal xss", "header-injection command-injection"),
    (r"\A\w+\Z", "match", "path-traversal sql-injection xss header-injection", ""),
    (r"^\w+\Z", "search", "path-traversal sql-injection xss header-injection", ""),
    (r"(?m)^\w+$", "match", "", "path-traversal xss header-injection"),
    (r"[\w.]+", "fullmatch", "command-injection xss", "path-traversal"),
    (r"[\w.]+\.pdf", "fullmatch", "path-traversal command-injection", "code-injection"),
    (r"[\w./]+", "fullmatch", "command-injection xss", "path-traversal"),
    (r"[a-z]+(/[a-z]+)*", "fullmatch", "path-traversal", ""),
    (r"/[a-z]+", "fullmatch", "open-redirect", "path-traversal"),
    (r"/.*", "fullmatch", "", "open-redirect"),
    (r"[^<>&\"'`]*", "fullmatch", "xss", "sql-injection command-injection"),
    (r"https://example\.org/", "match", "ssrf open-redirect", "xss"),
    (r"https://example.org/", "match", "", "ssrf open-redirect"),
    (r"https://example\.org", "match", "", "ssrf open-redirect"),
    (r"^https://example\.org/|x", "match", "", "ssrf"),
    (r"red|green|blue", "fullmatch", "command-injection path-traversal code-injection", ""),
    (r"^red|green$", "match", "", "path-traversal"),
    (r"\d{4}-\d{2}-\d{2}", "fullmatch", "sql-injection command-injection argument-injection", ""),
    (r"[ -~]*", "fullmatch", "header-injection log-injection", "xss command-injection sql-injection"),
    (r".*", "fullmatch", "", "path-traversal command-injection"),
]  # fmt: skip

RULES = judges(rulebook().rules.values())

POSSESSIVE = re.compile(r"[*+?}]\+")
"""Quantifiers that give nothing back; the automaton lets them, so it accepts more than `re` does."""


@pytest.mark.parametrize(("pattern", "mode", "cleared", "kept"), CASES)
def test_what_a_check_clears(pattern: str, mode: str, cleared: str, kept: str) -> None:
    rules = judge_validator(RULES, pattern, 0, mode)
    assert set(cleared.split()) <= rules
    assert not set(kept.split()) & rules


def test_a_dollar_lets_a_line_break_pass_in_python_only() -> None:
    assert "header-injection" not in judge_validator(RULES, r"^\w+$", 0, "match")
    assert "header-injection" in judge_validator(RULES, r"^\w+$", 0, "search", "javascript")


def own(**head: object) -> Rule:
    return Rule("own", "Own", "own", (1,), Severity.HIGH, "taint", "", "", "", "", **head)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "pattern", "clears"),
    [
        (own(), r"[a-z-]+", True),
        (own(), r"[a-z.]+", False),
        (own(safe_characters="."), r"[a-z.]+", True),
        (own(safe_characters=None), r"[a-z]+", False),
        (own(feared_characters="."), r"[a-z/]+", True),
        (own(shape="path", about="path"), r"[a-z.]+", False),
        (own(about="argument"), r"[a-z][a-z-]*", True),
    ],
)
def test_a_rule_of_ones_own_is_judged_by_what_its_page_says(rule: Rule, pattern: str, clears: bool) -> None:
    assert (judge_validator(judges([rule]), pattern) == {"own"}) is clears


def test_what_is_not_understood_clears_nothing() -> None:
    assert judge_validator(RULES, "(", 0, "fullmatch") == frozenset()


PLAIN = st.lists(
    st.sampled_from(
        [
            r"a",
            r"b",
            r"(a)",
            r"(?:b|a)",
            r"|",
            r"*",
            r"+",
            r"?",
            r"{1,2}",
            r"{0,3}",
            r"[ab]",
            r"[^a]",
            r".",
            r"^",
            r"$",
            r"\b",
            r"\B",
            r"\w",
            r"\s",
            r"\Z",
            r"\A",
            r"(?!a)",
            r"(?=b)",
            r"\n",
            r"(?i:A)",
            r"(a|b*)",
            r"(?:ab)*",
        ]
    ),
    max_size=6,
).map("".join)


@settings(max_examples=600, deadline=None)
@given(
    PLAIN,
    st.text(alphabet="abA \n", max_size=6),
    st.sampled_from(["match", "search", "fullmatch"]),
    st.sampled_from([0, re.MULTILINE]),
)
def test_the_automaton_accepts_whatever_re_matches(pattern: str, text: str, mode: str, flags: int) -> None:
    """Conditions between characters may be widened, never narrowed: nothing that passes is overlooked."""
    try:
        found = getattr(re.compile(pattern, flags), mode)(text)
        tree = parse(pattern, flags)
        automaton = build(tree, tree.root, mode, 16)
    except (re.error, PatternError, TooBig):
        return
    if found:
        assert accepts(automaton, text)
    elif not any(mark in pattern for mark in "$^\\(") and not POSSESSIVE.search(pattern):
        assert not accepts(automaton, text)


@settings(max_examples=300, deadline=None)
@given(PLAIN, st.text(alphabet="abA -./\n", min_size=1, max_size=6))
def test_what_passes_is_described(pattern: str, text: str) -> None:
    try:
        found = re.fullmatch(pattern, text)
    except re.error:
        return
    passed = passing(pattern, 0, "fullmatch")
    if found and passed is not None and passed.whole:
        assert not passed.free_of(text)
        assert text.startswith(passed.prefix)
        assert passed.longest is None or len(text) <= passed.longest
