"""Comments that suppress: read, obeyed, and complained about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buckler.finding.model import Finding, Notice, Suppressed
from buckler.store.suppress import apply_comments, parse_comment
from review_sample import at, weak_hash

TODAY = date(2026, 6, 15)


def decide(
    source: str, *lines: int, applied: set[str] | None = None
) -> tuple[list[Finding], list[Suppressed], list[Notice]]:
    findings = [replace(weak_hash(), location=at("a.py", line)) for line in lines]
    return apply_comments(findings, ["a.py"], lambda _: source.splitlines(), today=TODAY, applied=applied)


@pytest.mark.parametrize(
    "source",
    [
        "md5(x)  # buckler: ignore[weak-hash] cache key",
        "md5(x); // buckler: ignore[weak-hash] cache key",
        "md5(x); /* buckler: ignore[weak-hash] cache key */",
        "{{ x }} {# buckler: ignore[weak-hash] cache key #}",
        "<p> <!-- buckler: ignore[weak-hash] cache key -->",
        "md5(x)  #buckler:ignore[sql-injection,weak-hash]   cache key",
        "md5(x)  # buckler: ignore[weak-hash] cache key until 2026-06-15",
    ],
)
def test_on_the_line_itself(source: str) -> None:
    kept, suppressed, _ = decide(source, 1)
    assert kept == []
    assert (suppressed[0].reason, suppressed[0].by) == ("cache key", "inline")


def test_on_the_line_above() -> None:
    kept, suppressed, notices = decide("    # buckler: ignore[weak-hash] cache key\nmd5(x)\nmd5(y)", 2, 3)
    assert [f.location.line for f in kept] == [3]
    assert len(suppressed) == 1
    assert notices == []


def test_a_comment_after_code_speaks_of_its_own_line_only() -> None:
    kept, suppressed, _ = decide("f()  # buckler: ignore[weak-hash] x\nmd5(x)", 2)
    assert (len(kept), len(suppressed)) == (1, 0)


@pytest.mark.parametrize(
    ("source", "found", "shown", "said"),
    [
        ("md5(x)  # buckler: ignore[weak-hash]", [1], 0, "gives no reason"),
        ("md5(x)  # buckler: ignore[weak-hash] old until 2026-06-14", [1], 1, "ran out on 2026-06-14"),
        ("md5(x)  # buckler: ignore[weak-hash] x until 2026-02-30", [1], 1, "2026-02-30 is not a day"),
        ("md5(x)  # buckler: ignore some words", [1], 1, "name the rules"),
        ("md5(x)  # buckler: ignore[] some words", [1], 1, "name the rules"),
        ("sha(x)  # buckler: ignore[weak-hash] x", [], 0, "hides nothing: weak-hash"),
        ("md5(x)  # buckler: ignore[weak-hash, ssrf] x", [1], 0, "hides nothing: ssrf"),
    ],
)
def test_complaints(source: str, found: list[int], shown: int, said: str) -> None:
    kept, _, notices = decide(source, *found)
    assert len(kept) == shown
    assert [said in notice.text for notice in notices] == [True]
    assert notices[0].path == "a.py:1"


def test_a_rule_that_did_not_run_is_not_called_unused() -> None:
    assert decide("f()  # buckler: ignore[weak-hash] x", applied={"ssrf"})[2] == []


@given(st.text())
def test_any_line_can_be_read(text: str) -> None:
    parse_comment("a.py", 1, text)
    parse_comment("a.py", 1, f"# buckler: ignore[{text}] {text} until {text}")


words = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1)


@given(
    st.lists(st.from_regex(r"[a-z]+(-[a-z]+)*", fullmatch=True), min_size=1),
    st.lists(words, min_size=1).map(" ".join).filter(lambda reason: "until" not in reason),
    st.none() | st.dates(min_value=date(1000, 1, 1)),
)
def test_what_is_written_is_read(rules: list[str], reason: str, until: date | None) -> None:
    end = f" until {until.isoformat()}" if until else ""
    comment = parse_comment("a.py", 7, f"x = 1  # buckler: ignore[{', '.join(rules)}] {reason}{end}")
    assert comment is not None
    assert comment.problem == ""
    assert (comment.rules, comment.reason, comment.until, comment.target) == (tuple(rules), reason, until, 7)
