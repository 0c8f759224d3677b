"""Markdown for a ticket or a pull request: a verdict, a table, and one section per finding, with its evidence if any.

Everything that comes from reviewed code is escaped or fenced; a fence is always longer than any run of
backticks inside it, and no text can open a link, an image, a mention or HTML. The drawing is a Mermaid flow chart,
because places that show Markdown draw those and drop SVG.

Example::

    buckler review . --format markdown --output review.md && gh pr comment --body-file review.md
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from buckler.base.counting import counted
from buckler.explain.model import Audience
from buckler.explain.sandbox import where_it_ran
from buckler.explain.steps import step_words
from buckler.explain.words import explain
from buckler.finding.evidence import RUNGS, Assessment, Remediation, Rung
from buckler.finding.model import Finding, Location, Notice, Review, Rule, Suppressed
from buckler.report.checks import MARKS, all_checks, best_of, check_name, details
from buckler.report.groups import Group, advising, groups
from buckler.report.plain import joined, line, visible
from buckler.report.view import PLAIN, View
from buckler.report.words import (
    APPROXIMATIONS,
    GRADES,
    blind_spots,
    cwe_id,
    cwe_link,
    extent,
    grade_counts,
    grades,
    marked,
    severity_word,
    verdict,
    worst_first,
)

SUFFIXES = (".md",)
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~$>-])")
_RUNS = re.compile(r"`+")
MAX_DETAILS = 200


def render(assessment: Assessment, view: View = PLAIN) -> str:
    """The assessment as one Markdown document."""
    review = assessment.review
    blocks = [
        f"# Security review of {text(review.root)}",
        f"**{text(verdict(assessment))}.** {text(extent(review))}.",
        *_legend(assessment),
        *_findings(assessment, view),
        *_decisions(review, view.prefix),
        *_opaque(review),
    ]
    return visible("\n\n".join(blocks)) + "\n"


def _legend(assessment: Assessment) -> Iterator[str]:
    """What the grades mean, and where code ran; a mere review says that at each finding."""
    if assessment.chosen is not None:
        rows = [f"- {number} **{grade}**: {text(GRADES[grade])}" for grade, number in grade_counts(assessment).items()]
        yield from ("\n".join(rows),) if rows else ()
    if where := where_it_ran(assessment.remediations):
        yield text(where)


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


def _findings(assessment: Assessment, view: View) -> Iterator[str]:
    found = groups(worst_first(assessment.shown))
    if not found:
        return
    graded, known = grades(assessment), assessment.known
    rows = [
        f"| {severity_word(g.head.severity)} | {cell(text(g.title))} | {cell(place)} | {_grades(g, graded)} |"
        for g, place in ((g, _place(g.head.location, view.prefix)) for g in found)
    ]
    yield "\n".join(["| severity | finding | place | evidence |", "|---|---|---|---|", *rows])
    rules = {rule.id: rule for rule in assessment.rules}
    first = advising(found, known)
    for number, group in enumerate(found[:MAX_DETAILS], 1):
        rule = rules.get(group.head.rule)
        worked = [known[f.fingerprint] for f in group.findings if f.fingerprint in known]
        yield _head(number, group, view.prefix, graded)
        if worked:
            for done in worked:
                yield _evidence(done, rules.get(done.finding.rule), view.audience)
        else:
            yield _finding(group, rule, view.prefix, first[number - 1], graded[group.head.fingerprint])
    if len(found) > MAX_DETAILS:
        yield f"The other {len(found) - MAX_DETAILS} are in the table only."


def _grades(group: Group, graded: dict[str, str]) -> str:
    return ", ".join(dict.fromkeys(graded[finding.fingerprint] for finding in group.findings))


def _head(number: int, group: Group, prefix: str, graded: dict[str, str]) -> str:
    finding = group.head
    numbers = dict.fromkeys(cwe for each in group.findings for cwe in each.cwe)
    weaknesses = ", ".join(f"[{cwe_id(cwe)}]({cwe_link(cwe)})" for cwe in numbers)
    names = ", ".join(code(rule) for rule in dict.fromkeys(f.rule for f in group.findings))
    marks = ", ".join(code(f.fingerprint[:8]) for f in group.findings)
    place = _place(finding.location, prefix)
    about = (f"**{severity_word(finding.severity)}**", _grades(group, graded), place, names, weaknesses, marks)
    return f"## {number}. {text(group.title)}\n\n" + " · ".join(about)


def _finding(group: Group, rule: Rule | None, prefix: str, first: bool, grade: str) -> str:
    """What is known of a finding that nobody has worked on."""
    finding = group.head
    parts = [
        *(text(each.message) for each in group.findings),
        fenced(finding.code, finding.language) if finding.code else "",
        *(advice for each in group.findings if first for advice in _advice(each)),
        "" if first else f"What an attacker can do and the fix: as under the first {code(finding.rule)}.",
        _flow(finding, prefix),
        f"**Evidence:** {grade} — {GRADES[grade]}.",
        _approximations(finding.approximations),
        _references(rule) if first else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _advice(finding: Finding) -> Iterator[str]:
    if finding.attacker:
        yield f"**What an attacker can do:** {text(finding.attacker)}"
    if finding.fix:
        yield f"**Fix:** {text(finding.fix)}"


def _evidence(done: Remediation, rule: Rule | None, audience: Audience) -> str:
    """What was tried and what came of it, explained."""
    explanation = explain(done, rule, audience)
    best = best_of(done)
    parts = [
        f"**What can happen.** {text(explanation.happens)}",
        "**How an attacker gets there.**",
        fenced(explanation.chart, "mermaid") if len(done.finding.flow) > 1 else "",
        "\n".join(f"{number}. {text(sentence)}" for number, sentence in enumerate(explanation.way, 1)),
        f"**Why this line.** {text(explanation.why)}",
        f"**What the fix changes.** {text(explanation.change)}",
        "\n".join(f"- CVSS {v.version}: {v.score} {v.severity}, `{v.text}`" for v in explanation.vectors),
        text(explanation.weighed),
        _folded_test(done),
        fenced(best.patch.diff.rstrip(), "diff") if best is not None and best.patch.diff else "",
        "\n".join(["| check | outcome | why |", "|---|---|---|", *map(_check, all_checks(done))]),
    ]
    return "\n\n".join(part for part in parts if part)


def _folded_test(done: Remediation) -> str:
    if done.proof is None:
        return ""
    test = done.proof.test
    head = f"<details><summary>The test, {escape(line(test.path))}</summary>"  # inside HTML nothing is Markdown
    return "\n\n".join((head, fenced(test.text.rstrip(), "python"), "</details>"))


def _check(rung: Rung) -> str:
    """A check, with what a reader who doubts a refusal wants to see."""
    reason = "<br>".join((text(rung.reason), *(code(detail) for detail in details(rung))))
    asked = f"**{check_name(rung)}** {RUNGS[rung.name]}"
    return f"| {asked} | {MARKS[rung.outcome]} {rung.outcome} | {cell(reason)} |"


def _flow(finding: Finding, prefix: str) -> str:
    if not finding.way:
        return ""
    steps = [
        f"{number}. {_place(step.location, prefix)} {text(step_words(step))}<br>{code(step.code)}"
        for number, step in enumerate(finding.way, 1)
    ]
    summary = f"How the {'data' if finding.flow else 'code'} gets there ({counted(len(steps), 'step')})"
    return "\n".join([f"<details><summary>{summary}</summary>", "", *steps, "", "</details>"])


def _approximations(marks: Sequence[str]) -> str:
    if not marks:
        return ""
    return "\n".join(f"- approximate: {text(APPROXIMATIONS.get(mark, mark))}" for mark in marks)


def _references(rule: Rule | None) -> str:
    return "See " + ", ".join(f"<{address}>" for address in rule.references) if rule and rule.references else ""


def _decisions(review: Review, prefix: str) -> Iterator[str]:
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
