"""Markdown for a pull request comment: a verdict, a table, and one folded section per finding.

Everything that comes from reviewed code is escaped or fenced; a fence is always longer than any run of
backticks inside it, and no text can open a link, an image, a mention or HTML.

Example::

    buckler review . --format markdown --output review.md && gh pr comment --body-file review.md
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from buckler.base.counting import counted
from buckler.explain.steps import step_words
from buckler.finding.model import Finding, Location, Notice, Review, Rule, Suppressed
from buckler.report.plain import joined, line, visible
from buckler.report.words import (
    APPROXIMATIONS,
    GRADES,
    blind_spots,
    cwe_id,
    cwe_link,
    extent,
    first_of_rule,
    marked,
    severity_word,
    verdict,
    worst_first,
)

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~$>-])")
_RUNS = re.compile(r"`+")
MAX_DETAILS = 200


def render(review: Review, rules: Sequence[Rule], prefix: str = "") -> str:
    """The review as one Markdown document."""
    known = {rule.id: rule for rule in rules}
    blocks = [
        f"# Security review of {text(review.root)}",
        f"**{text(verdict(review))}.** {text(extent(review))}.",
        *_findings(worst_first(review.findings), known, prefix),
        *decisions(review, prefix),
        *_opaque(review),
    ]
    return visible("\n\n".join(blocks)) + "\n"


def text(raw: str) -> str:
    """One line in which nothing is markup, except that `code` stays code."""
    pieces = re.split(r"`([^`]+)`", line(raw))
    return "".join(code(piece) if number % 2 else _plain(piece) for number, piece in enumerate(pieces))


def _plain(piece: str) -> str:
    escaped = _SPECIAL.sub(r"\\\1", piece).replace("&", "&amp;").replace("<", "&lt;")
    return escaped.replace("@", "@<!-- -->").replace("://", ":&#47;/").replace("www.", "www&#46;")


def code(raw: str) -> str:
    """An inline code span around anything."""
    safe = line(raw).strip()
    longest = max((len(run) for run in _RUNS.findall(safe)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest else ""
    return f"{fence}{pad}{safe}{pad}{fence}" if safe else ""


def cell(rendered: str) -> str:
    """Markup in a table, where a bar in code would end the cell and cannot be escaped everywhere alike."""
    return re.sub(r"(?<!\\)\|", "¦", rendered)


def fenced(raw: str, language: str = "") -> str:
    """A code block around anything."""
    safe = visible(raw)
    longest = max((len(run) for run in _RUNS.findall(safe)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language if language.isalpha() else ''}\n{safe}\n{fence}"


def _place(location: Location, prefix: str) -> str:
    return code(f"{joined(prefix, location.path)}:{location.line}")


def _findings(findings: Sequence[Finding], rules: dict[str, Rule], prefix: str) -> Iterator[str]:
    if not findings:
        return
    rows = [
        f"| {severity_word(f.severity)} | {cell(text(f.title))} | {cell(place)} | {f.grade.value} |"
        for f, place in ((f, _place(f.location, prefix)) for f in findings)
    ]
    yield "\n".join(["| severity | finding | place | evidence |", "|---|---|---|---|", *rows])
    first = first_of_rule(findings)
    for number, finding in enumerate(findings[:MAX_DETAILS], 1):
        yield _finding(number, finding, rules.get(finding.rule), prefix, first[number - 1])
    if len(findings) > MAX_DETAILS:
        yield f"The other {len(findings) - MAX_DETAILS} are in the table only."


def _finding(number: int, finding: Finding, rule: Rule | None, prefix: str, first: bool) -> str:
    weaknesses = ", ".join(f"[{cwe_id(cwe)}]({cwe_link(cwe)})" for cwe in finding.cwe)
    place = _place(finding.location, prefix)
    grade = finding.grade
    parts = [
        f"## {number}. {text(finding.title)}",
        " · ".join((f"**{severity_word(finding.severity)}**", place, code(finding.rule), weaknesses)),
        text(finding.message),
        fenced(finding.code, finding.language) if finding.code else "",
        f"**What an attacker can do:** {text(finding.attacker)}" if finding.attacker and first else "",
        f"**Fix:** {text(finding.fix)}" if finding.fix and first else "",
        "" if first else f"What an attacker can do and the fix: as under the first {code(finding.rule)}.",
        _flow(finding, prefix),
        f"**Evidence:** {grade.value} — {GRADES[grade]}.",
        _approximations(finding.approximations),
        _references(rule) if first else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _flow(finding: Finding, prefix: str) -> str:
    if not finding.flow:
        return ""
    steps = [
        f"{number}. {_place(step.location, prefix)} {text(step_words(step))}<br>{code(step.code)}"
        for number, step in enumerate(finding.flow, 1)
    ]
    summary = f"How the data gets there ({counted(len(steps), 'step')})"
    return "\n".join([f"<details><summary>{summary}</summary>", "", *steps, "", "</details>"])


def _approximations(marks: Sequence[str]) -> str:
    if not marks:
        return ""
    return "\n".join(f"- approximate: {text(APPROXIMATIONS.get(mark, mark))}" for mark in marks)


def _references(rule: Rule | None) -> str:
    return "See " + ", ".join(f"<{address}>" for address in rule.references) if rule and rule.references else ""


def decisions(review: Review, prefix: str = "") -> Iterator[str]:
    """What is not among the findings, and what is said of the review itself."""
    yield from _suppressed(review.suppressed, prefix)
    yield from _notices(review.notices)


def _suppressed(items: Sequence[Suppressed], prefix: str) -> Iterator[str]:
    if items:
        yield f"## Suppressed ({len(items)})"
        yield "\n".join(_decision(item, prefix) for item in items)


def _decision(item: Suppressed, prefix: str) -> str:
    finding = item.finding
    return f"- {_place(finding.location, prefix)} {text(finding.title)} — {text(item.reason)} ({text(item.by)})"


def _notices(notices: Iterable[Notice]) -> Iterator[str]:
    lines = [
        f"- {f'**{word}** ' if (word := marked(n)) else ''}{code(n.path)} {text(n.text)}".replace("  ", " ")
        for n in notices
    ]
    if lines:
        yield f"## Notices ({len(lines)})"
        yield "\n".join(lines)


def _opaque(review: Review) -> Iterator[str]:
    if spots := blind_spots(review):
        yield "## Syntax not understood"
        yield ", ".join(code(spot) for spot in spots)
