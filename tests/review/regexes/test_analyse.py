"""Slow patterns are found, with a text that really is slow; fast ones are left alone."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buckler.review.regexes import Verdict, analyse, javascript_flags

from .corpus import EXPONENTIAL, POLYNOMIAL, SAFE, SINCE_3_11

SLOW = [("exponential", *row) for row in EXPONENTIAL] + [("polynomial", *row) for row in POLYNOMIAL]


@pytest.mark.parametrize(("kind", "pattern", "flags", "mode"), SLOW)
def test_slow_patterns_are_found(kind: str, pattern: str, flags: int, mode: str) -> None:
    assert analyse(pattern, flags, mode).status == kind


@pytest.mark.parametrize(("pattern", "flags", "mode"), SAFE + SINCE_3_11)
def test_fast_patterns_are_left_alone(pattern: str, flags: int, mode: str) -> None:
    assert analyse(pattern, flags, mode) == Verdict("safe")


@pytest.mark.slow  # it times the real matcher, which is no test for a busy machine
def test_every_attack_is_slow_in_the_real_matcher() -> None:
    attacks = []
    for _, pattern, flags, mode in SLOW:
        worst = analyse(pattern, flags, mode).ambiguities[0]
        attacks.append(
            {
                "pattern": pattern,
                "flags": flags,
                "mode": mode,
                "kind": worst.kind,
                "prefix": worst.prefix,
                "pump": worst.pump,
                "suffix": worst.suffix,
            }
        )
    script = Path(__file__).with_name("timed.py")
    answer = subprocess.run(
        [sys.executable, str(script)],
        input=json.dumps(attacks),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    tame = [
        (attack["pattern"], attack["prefix"], attack["pump"], attack["suffix"], growth)
        for attack, growth in zip(attacks, json.loads(answer.stdout), strict=True)
        if growth < 8
    ]
    assert tame == []


def test_going_on_after_a_match_can_be_slow_where_the_first_match_is_not() -> None:
    pattern = r"\$[a-z]+(\([^)]*\))?"
    assert analyse(pattern, 0, "search").status == "safe"
    assert analyse(pattern, 0, "all").status == "polynomial"


def test_the_place_is_the_ambiguous_part() -> None:
    pattern = r"^name: (\w+\s?)*$"
    start, end = analyse(pattern, 0, "match").ambiguities[0].where
    assert r"\w+\s?" in pattern[start:end]
    assert "name" not in pattern[start:end]


def test_degrees_count_the_loops_in_a_row() -> None:
    assert analyse(r"^a*a*a*b", 0, "match").ambiguities[0].degree == 3
    assert analyse(r"a*a*a*b", 0, "search").ambiguities[0].degree == 4


@pytest.mark.parametrize(
    ("pattern", "flags", "status"),
    [
        (r"^(?<word>[a-z]+)+$", "", "exponential"),
        (r"^[^]*?;[^]*?$", "", "safe"),
        (r"^([^]+;?)+x$", "", "exponential"),
        (r"^\/(\w+\/?)+$", "i", "exponential"),
        (r"^(\w+)\s*=\s*(\d+)$", "m", "safe"),
        (r"\u{1F600}+$", "u", "polynomial"),
    ],
)
def test_javascript_is_understood(pattern: str, flags: str, status: str) -> None:
    mode = "match" if pattern.startswith("^") else "search"
    assert analyse(pattern, javascript_flags(flags), mode, "javascript").status == status


def test_a_match_that_cannot_fail_is_not_slow() -> None:
    assert analyse(r"^(\w+\s?)*", 0, "match").status == "safe"
    assert analyse(r"^(\w+\s?)*", 0, "fullmatch").status == "exponential"


@pytest.mark.parametrize("pattern", ["(" * 500 + ")" * 500, "a" * 30_000, "(?:a{1,900}){1,900}b", "[z-a]", "(?P<n"])
def test_monsters_are_refused_not_hung(pattern: str) -> None:
    assert analyse(pattern, 0, "search").status in ("unknown", "safe", "exponential", "polynomial")


@pytest.mark.parametrize(
    "pattern",
    [
        r"(\w+\s*)" * 100 + "$",
        "((a+b?)*c?)*" * 30 + "$",
        "(?:" + "|".join(["ab*c+"] * 300) + ")*x",
        r"(?:(^++^{3,40}{2,3}{3,40}{3,40}a{1,200})**{2,3}{2,3}{2,3}^)+",
    ],
)
def test_even_monsters_take_less_than_a_second(pattern: str) -> None:
    started = time.process_time()
    analyse.__wrapped__(pattern, 0, "all")
    assert time.process_time() - started < 1


def test_a_typical_pattern_takes_less_than_two_milliseconds() -> None:
    started = time.process_time()
    for pattern, flags, mode in SAFE:
        analyse.__wrapped__(pattern, flags, mode)
    assert (time.process_time() - started) / len(SAFE) < 0.002


PIECES = st.lists(
    st.sampled_from(
        [
            "a",
            "b",
            "(",
            ")",
            "|",
            "*",
            "+",
            "?",
            "{2,3}",
            "[ab]",
            "[^a]",
            ".",
            "^",
            "$",
            r"\b",
            r"\w",
            r"\1",
            "(?=",
            "(?!",
            "(?:",
            "(?<!",
            "(?>",
            "-",
            "]",
            "\\",
            "\n",
            "é",
            "{",
            "{2",
            "(?i)",
        ]
    )
).map("".join)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=40), PIECES), st.sampled_from(["match", "search", "fullmatch"]))
def test_any_text_gets_a_verdict(pattern: str, mode: str) -> None:
    for language in ("python", "javascript"):
        verdict = analyse(pattern, 0, mode, language)
        assert bool(verdict.ambiguities) == (verdict.status in ("exponential", "polynomial"))


@settings(max_examples=200, deadline=None)
@given(PIECES)
def test_what_re_accepts_is_understood(pattern: str) -> None:
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return
    verdict = analyse(pattern, 0, "search")
    assert verdict.status != "unknown" or "big" in verdict.reason or "budget" in verdict.reason
