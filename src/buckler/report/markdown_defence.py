"""Defended projects as Markdown, for a ticket or a pull request: words, a drawing, the test, the patch, every check.

The drawing is a Mermaid flow chart, because places that show Markdown draw those and drop SVG. Whatever comes from
reviewed code is escaped or fenced as in `markdown`.

Example::

    text = render_markdown(defences, rules)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from buckler.explain.model import Explanation, Reader
from buckler.explain.sandbox import where_it_ran
from buckler.explain.words import explain
from buckler.finding.evidence import RUNGS, Remediation, Rung
from buckler.finding.model import Finding, Review, Rule
from buckler.report.defence import best_of, verdict, worth_showing
from buckler.report.defended import MARKS, all_rungs
from buckler.report.markdown import cell, code, decisions, fenced, text
from buckler.report.plain import line, visible


def render_markdown(
    defences: Sequence[Remediation],
    rules: Mapping[str, Rule],
    left: Sequence[Finding] = (),
    reader: Reader = Reader.DEVELOPER,
    smaller: int = 0,
    review: Review | None = None,
) -> str:
    """One document with a section for each finding."""
    said = [text(verdict(defences, left, smaller)), text(where_it_ran(defences))]
    blocks = ["# What was found, proved and fixed", *said, *summary(defences, left)]
    for defence in defences:
        blocks += section(defence, explain(defence, rules.get(defence.finding.rule), reader))
    blocks += decisions(review) if review else ()
    return visible("\n\n".join(filter(None, blocks))) + "\n"


def summary(defences: Sequence[Remediation], left: Sequence[Finding]) -> list[str]:
    """A line for each finding, where there are several or some were not reached."""
    if len(defences) < 2 and not left:
        return []
    graded = [*((str(d.grade), d.finding) for d in defences), *(("not reached", finding) for finding in left)]
    rows = [
        f"| {grade} | {finding.severity.name.lower()} | {cell(text(finding.title))} | {cell(place(finding))} |"
        for grade, finding in graded
    ]
    return ["\n".join(["| grade | severity | finding | place |", "|---|---|---|---|", *rows])]


def place(finding: Finding) -> str:
    return code(f"{finding.location.path}:{finding.location.line}")


def section(defence: Remediation, explanation: Explanation) -> list[str]:
    finding = defence.finding
    cwes = ", ".join(f"CWE-{n}" for n in finding.cwe)
    scores = [f"- CVSS {v.version}: {v.score} {v.severity}, `{v.text}`" for v in explanation.vectors]
    best = best_of(defence)
    return [
        f"## {text(finding.title)}: {defence.grade}",
        " · ".join((place(finding), finding.severity.name.lower(), cwes, code(finding.fingerprint[:8]))),
        f"**What can happen.** {text(explanation.happens)}",
        "**How an attacker gets there.**",
        fenced(explanation.chart, "mermaid") if len(finding.flow) > 1 else "",
        "\n".join(f"{number}. {text(sentence)}" for number, sentence in enumerate(explanation.way, 1)),
        f"**Why this line.** {text(explanation.why)}",
        f"**What the fix changes.** {text(explanation.change)}",
        "\n".join(scores),
        explanation.weighed,
        *folded_test(defence),
        fenced(best.patch.diff.rstrip(), "diff") if best is not None else "",
        "\n".join(["| check | outcome | why |", "|---|---|---|", *(rung_row(r) for r in all_rungs(defence))]),
    ]


def folded_test(defence: Remediation) -> list[str]:
    if defence.proof is None:
        return []
    test = defence.proof.test
    head = f"<details><summary>The test, {escape(line(test.path))}</summary>"  # inside HTML nothing is Markdown
    return [head, fenced(test.text.rstrip(), "python"), "</details>"]


def rung_row(rung: Rung) -> str:
    """A check, with what a reader who doubts a refusal wants to see."""
    reason = "<br>".join((text(rung.reason), *(code(detail) for detail in worth_showing(rung))))
    return f"| {rung.name} {RUNGS[rung.name]} | {MARKS[rung.outcome]} {rung.outcome} | {cell(reason)} |"
