"""Words and orders every format shares, so that all of them say the same thing.

Example::

    counts(review.findings)   # {Severity.HIGH: 2, Severity.LOW: 1}, worst first
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import groupby

from buckler.finding.evidence import Assessment
from buckler.finding.model import HIDDEN, NO_SOURCE, Finding, Grade, Notice, Review, Severity, Suppressed

NOT_REACHED = "not reached"
GRADES: dict[str, str] = {
    Grade.FIXED: "a verified fix: the test that showed the flaw passes, and every further check that could be run",
    Grade.REPRODUCED: "a test was run and showed it",
    Grade.TRACED: "untrusted data was followed to this line, step by step",
    Grade.MATCHED: "the code is there and the rule applies to it",
    Grade.CLAIMED: "somebody claims it; nothing was checked",
    NOT_REACHED: "nobody looked: the time was over before",
}
"""What each grade means, the strongest evidence first."""

APPROXIMATIONS = {
    "by-name": "a method was recognized by its name only",
    "unknown-call": "the data passed through a function that was not analysed",
    "by-convention": "only the name of the method says that its result is an SQL query",
    "fields": "the data passed through fields or globals, which are followed for a class as a whole",
    "content-type": "a method of the class gives answers a type that browsers do not show as a page",
    "by-design": "by design? the name of the function or parameter says that this is what it is for",
    "own-names": "the value is a name of a table or column that the program gave itself",
    "no-severity": "the advisory does not say how severe it is",
    "not-pinned": "no version is pinned; every version that is allowed was held against the advisory",
    "vendored": "vendored code of another project",
    "widened": "a large or deeply nested value was simplified",
}


def severity_word(severity: Severity) -> str:
    return severity.name.lower()


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Worst first; among equals the order the review gave them, the surest first."""
    return sorted(findings, key=lambda f: -f.severity)


def counts(findings: Iterable[Finding]) -> dict[Severity, int]:
    """How many per severity, worst first."""
    found = Counter(finding.severity for finding in findings)
    return {severity: found[severity] for severity in sorted(found, reverse=True)}


def by_severity(findings: Iterable[Finding]) -> list[tuple[Severity, list[Finding]]]:
    return [(severity, list(group)) for severity, group in groupby(worst_first(findings), lambda f: f.severity)]


def cwe_id(number: int) -> str:
    return f"CWE-{number}"


def cwe_link(number: int) -> str:
    return f"https://cwe.mitre.org/data/definitions/{number}.html"


def amount(number: int, noun: str, plural: str = "") -> str:
    """`1 file`, `2 files`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def grades(assessment: Assessment) -> dict[str, str]:
    """The grade of each finding by fingerprint: what its evidence earned, or that nobody reached it."""
    found: dict[str, str] = {finding.fingerprint: finding.grade.value for finding in assessment.review.findings}
    found |= {finding.fingerprint: NOT_REACHED for finding in assessment.left}
    return found | {mark: done.grade.value for mark, done in assessment.known.items()}


def grade_counts(assessment: Assessment) -> dict[str, int]:
    """How many per grade of what is shown, the strongest evidence first."""
    graded = grades(assessment)
    found = Counter(graded[finding.fingerprint] for finding in assessment.shown)
    return {grade: found[grade] for grade in GRADES if found[grade]}


def verdict(assessment: Assessment) -> str:
    """The result in one sentence, honest about what was not looked at."""
    review = assessment.review
    if assessment.chosen is None:
        return reviewed(review)
    words = ", ".join(f"{number} {grade}" for grade, number in grade_counts(assessment).items())
    smaller = assessment.smaller
    rest = f"; {amount(smaller, 'less severe one')} left out (--min-severity note includes them)" if smaller else ""
    return f"{amount(len(assessment.shown), 'finding')}: {words or 'none'}{rest}{hidden(review)}"


def reviewed(review: Review) -> str:
    """The same of a mere review."""
    nothing = not review.files and any(map(left_out, review.notices))
    if nothing or any(notice.kind == NO_SOURCE for notice in review.notices):
        return "Nothing was reviewed: no source that Buckler reads"
    found = ", ".join(f"{number} {severity_word(severity)}" for severity, number in counts(review.findings).items())
    result = (
        f"{amount(len(review.findings), 'finding')} ({found})"
        if found
        else f"No findings in {amount(review.files, 'file')}"
    )
    part = "; part of the input was not reviewed" if any(map(left_out, review.notices)) else ""
    return result + part + hidden(review)


def left_out(notice: Notice) -> bool:
    """Whether a notice says that something was not reviewed."""
    return notice.partial and notice.kind != HIDDEN


def marked(notice: Notice) -> str:
    """The word before a notice that nobody may overlook, empty for the others."""
    return "not reviewed" if left_out(notice) else HIDDEN if notice.kind == HIDDEN else ""


def hidden(review: Review) -> str:
    """What the reviewed tree took out of view by itself, as the end of a sentence."""
    found = counts(item.finding for item in review.hidden)
    words = ", ".join(f"{number} {severity_word(severity)}" for severity, number in found.items())
    return f"; {amount(len(review.hidden), 'finding')} hidden by the reviewed tree itself ({words})" if found else ""


def ways_of_hiding(items: Iterable[Suppressed]) -> list[tuple[Suppressed, dict[Severity, int]]]:
    """What the tree hides, one row for each way with how many per severity; the first of each stands for all."""
    groups: dict[tuple[str, str, str], list[Suppressed]] = {}
    for item in items:
        groups.setdefault((item.by, item.where, item.reason), []).append(item)
    return [(group[0], counts(item.finding for item in group)) for group in groups.values()]


def extent(review: Review) -> str:
    """What was looked at."""
    broken = f" ({review.broken:,} with syntax errors)" if review.broken else ""
    said = [amount(review.files, "file") + broken]
    if review.lines or not review.packages:
        said += [amount(review.lines, "line"), amount(review.functions, "function")]
    if review.packages:
        said.append(amount(review.packages, "package"))
    return f"{', '.join(said)}, {amount(review.rules, 'rule')}, {review.seconds:.1f} s"


def blind_spots(review: Review) -> list[str]:
    """Syntax the front end did not understand, most frequent first."""
    ranked = sorted(review.opaque.items(), key=lambda item: (-item[1], item[0]))
    return [f"{kind} ({number})" for kind, number in ranked]


def summary(assessment: Assessment) -> str:
    """Two lines for `--quiet`."""
    return f"{verdict(assessment)}.\n{extent(assessment.review)}.\n"
