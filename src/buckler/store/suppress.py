"""Decisions written beside the code: `# buckler: ignore[rule-id] reason`.

The comment stands at the end of the line it speaks of, or alone on the line above; `//`, `/*`, `{#` and
`<!--` start it as well as `#`. It may name several rules and may end `until 2027-01-31`: from the day
after, the finding is shown again. Every suppressed finding stays in the report with its reason. A comment
that gives no reason, has run out, cannot be read, or hides nothing, is itself reported.

Example::

    digest = md5(data)  # buckler: ignore[weak-hash] cache key, not a secret until 2027-01-31
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from buckler.finding.model import Finding, Notice, Suppressed
from buckler.review.rulebook import RuleBook

COMMENT = re.compile(r"(?:#|//|/\*|<!--)\s*buckler:\s*ignore\b(?:\[(?P<rules>[^\[\]]*)\])?(?P<rest>.*)")
UNTIL = re.compile(r"(?:^|\s)until\s+(?P<day>\d{4}-\d{2}-\d{2})$")
CLOSERS = ("*/", "#}", "-->")
NO_REASON = "no reason given"

Lines = Callable[[str], Sequence[str]]
UNKNOWN = RuleBook()
"""No book: ids mean what is written."""


@dataclass(slots=True, frozen=True)
class Comment:
    """One suppression as written; `target` is the line it speaks of."""

    path: str
    line: int
    target: int
    rules: tuple[str, ...]
    reason: str = ""
    until: date | None = None
    problem: str = ""
    """Why it cannot be honored, empty if it can."""


def parse_comment(path: str, line: int, text: str) -> Comment | None:
    """Read the comment on this line, if it holds one."""
    if "buckler" not in text or (match := COMMENT.search(text)) is None:
        return None
    alone = not text[: match.start()].strip(" \t{")
    target = line + 1 if alone else line
    rest = match["rest"].strip()
    for closer in CLOSERS:
        rest = rest.removesuffix(closer).rstrip()
    rules = tuple(rule.strip() for rule in (match["rules"] or "").split(",") if rule.strip())
    problem = "" if rules else "name the rules it speaks of: ignore[rule-id]"
    until, rest, bad = _until(rest)
    return Comment(path, line, target, rules, rest, until, problem or bad)


def _until(text: str) -> tuple[date | None, str, str]:
    match = UNTIL.search(text)
    if match is None:
        return None, text, ""
    reason = text[: match.start()].strip()
    try:
        return date.fromisoformat(match["day"]), reason, ""
    except ValueError:
        return None, reason, f"{match['day']} is not a day"


def comments(path: str, lines: Sequence[str]) -> Iterator[Comment]:
    """All suppressions of one file."""
    for number, text in enumerate(lines, 1):
        if comment := parse_comment(path, number, text):
            yield comment


def apply_comments(
    findings: Sequence[Finding],
    paths: Iterable[str],
    lines: Lines,
    *,
    today: date,
    applied: Collection[str] | None = None,
    book: RuleBook = UNKNOWN,
) -> tuple[list[Finding], list[Suppressed], list[Notice]]:
    """Split findings into kept and suppressed.

    `applied` names the rules that ran; a comment about any other rule is not called unused. `book` knows former ids.
    """
    kept: list[Finding] = []
    suppressed: list[Suppressed] = []
    written = [_named_now(comment, book) for path in paths for comment in comments(path, lines(path))]
    valid = _by_place(comment for comment in written if not comment.problem and not _expired(comment, today))
    used: set[tuple[str, int, str]] = set()
    for finding in findings:
        comment = valid.get((finding.location.path, finding.location.line, finding.rule))
        if comment is None:
            kept.append(finding)
            continue
        used.add((comment.path, comment.line, finding.rule))
        suppressed.append(Suppressed(finding, comment.reason or NO_REASON, "inline", comment.path))
    notices = [notice for comment in written for notice in _complaints(comment, used, applied, today)]
    notices += [notice for comment in written for notice in _mistyped(comment, book)]
    return kept, suppressed, notices


def _named_now(comment: Comment, book: RuleBook) -> Comment:
    """The comment with the ids that the rules have now."""
    return replace(comment, rules=tuple(map(book.current, comment.rules)))


def _by_place(written: Iterable[Comment]) -> dict[tuple[str, int, str], Comment]:
    return {(comment.path, comment.target, rule): comment for comment in written for rule in comment.rules}


def _expired(comment: Comment, today: date) -> bool:
    return comment.until is not None and comment.until < today


def _mistyped(comment: Comment, book: RuleBook) -> Iterator[Notice]:
    """Rules that a comment names and that there are not, each with the nearest."""
    for rule, near in book.unknown(comment.rules) if book.rules else ():
        meant = f"; did you mean '{near}'?" if near else ""
        text = f"suppression names no rule '{rule}'{meant}"
        yield Notice("suppression", f"{comment.path}:{comment.line}", text, partial=False)


def _complaints(
    comment: Comment, used: set[tuple[str, int, str]], applied: Collection[str] | None, today: date
) -> Iterator[Notice]:
    def say(text: str) -> Notice:
        return Notice("suppression", f"{comment.path}:{comment.line}", text, partial=False)

    if comment.problem:
        yield say(f"suppression not honored: {comment.problem}")
        return
    if _expired(comment, today):
        yield say(f"suppression of {', '.join(comment.rules)} ran out on {comment.until}")
        return
    unused = [
        rule
        for rule in comment.rules
        if (comment.path, comment.line, rule) not in used and (applied is None or rule in applied)
    ]
    if unused:
        yield say(f"suppression hides nothing: {', '.join(unused)}")
    elif not comment.reason:
        yield say(f"suppression of {', '.join(comment.rules)} gives no reason")
