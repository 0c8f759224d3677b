"""Defended projects as JSON for programs and as one HTML page; for Markdown see `markdown_defence`.

Example::

    text = render_json(defences, rules)
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from buckler.base.version import VERSION
from buckler.explain.model import Explanation, Reader
from buckler.explain.sandbox import where_it_ran
from buckler.explain.words import explain
from buckler.finding.evidence import RUNGS, Outcome, Remediation, Rung
from buckler.finding.model import Finding, Review, Rule
from buckler.report.defence import best_of, verdict, worth_showing
from buckler.report.json import decision_rows, finding_row
from buckler.report.plain import json_text, visible
from buckler.report.words import marked
from buckler.store.defences import row_of

MARKS = {Outcome.PROVED: "✔", Outcome.REFUTED: "✘", Outcome.NOT_VERIFIED: "-"}
FORMAT_VERSION = 1


def render_json(
    defences: Sequence[Remediation],
    rules: Mapping[str, Rule],
    left: Sequence[Finding] = (),
    reader: Reader = Reader.DEVELOPER,
    smaller: int = 0,
    review: Review | None = None,
) -> str:
    """Everything known, one object for each finding."""
    rows = [json_row(d, rules.get(d.finding.rule), reader) for d in defences]
    document = {
        "version": FORMAT_VERSION,
        "tool": {"name": "buckler", "version": VERSION},
        "defences": rows,
        "not_reached": len(left),
        "not_reached_findings": [finding_row(finding) for finding in left],
        "smaller_left_out": smaller,
        **(decision_rows(review) if review else {}),
    }
    return json_text(document)


def json_row(defence: Remediation, rule: Rule | None, reader: Reader) -> dict[str, Any]:
    explanation = explain(defence, rule, reader)
    return {
        "finding": finding_row(defence.finding),
        "grade": defence.grade.value,
        "explanation": {
            "happens": explanation.happens,
            "way": list(explanation.way),
            "why": explanation.why,
            "change": explanation.change,
            "checked": list(explanation.checked),
            "unchecked": list(explanation.unchecked),
        },
        "cvss": [
            {"version": v.version, "vector": v.text, "score": v.score, "severity": v.severity,
             "metrics": [{"name": m.name, "value": m.value, "reason": m.reason} for m in v.metrics]}
            for v in explanation.vectors
        ],
        **row_of(defence),
    }  # fmt: skip


def all_rungs(defence: Remediation) -> list[Rung]:
    best = best_of(defence)
    return [*defence.rungs, *(best.rungs if best else ())]


STYLE = """
:root{color-scheme:light}body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1rem;color:#1f2933;background:#f7f8fa}
article{background:#fff;border:1px solid #d9dee4;border-radius:8px;padding:1rem 1.25rem;margin:1rem 0}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin:.2rem 0}h3{font-size:1rem;margin:1rem 0 .2rem}
.grade{display:inline-block;padding:.1rem .5rem;border-radius:4px;font-weight:600;font-size:.8rem;text-transform:uppercase}
.fixed{background:#d3f2dd;color:#14532d}.reproduced{background:#fbd5d3;color:#7f1d1d}.traced,.matched,.claimed{background:#fdecc8;color:#6b4700}
code,pre{font-family:ui-monospace,monospace;font-size:.85rem}pre{overflow:auto;background:#f1f3f5;padding:.75rem;border-radius:6px;white-space:pre-wrap;overflow-wrap:anywhere}
.add{color:#14532d;background:#e6f6ec}.del{color:#7f1d1d;background:#fdeceb}table{border-collapse:collapse;width:100%;font-size:.9rem}
td{border-top:1px solid #e5e8ec;padding:.25rem .5rem;vertical-align:top}td:first-child{white-space:nowrap}.proved{color:#14532d}.refuted{color:#7f1d1d}.not{color:#6b4700}
.meta{color:#52606d;font-size:.9rem}summary{cursor:pointer}svg{max-width:40rem}
"""


def render_html(
    defences: Sequence[Remediation],
    rules: Mapping[str, Rule],
    left: Sequence[Finding] = (),
    reader: Reader = Reader.DEVELOPER,
    smaller: int = 0,
    review: Review | None = None,
) -> str:
    """One page without script or outside file."""
    head = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>Found, proved, fixed</title><style>{STYLE}</style></head><body><h1>What was found, proved and fixed</h1>"
        f"<p>{escape(verdict(defences, left, smaller))}<br>{escape(where_it_ran(defences))}</p>{html_notices(review)}"
    )
    blocks = [html_block(d, explain(d, rules.get(d.finding.rule), reader)) for d in defences]
    return visible(head + html_index(defences, left) + "".join(blocks)) + "</body></html>\n"


def html_notices(review: Review | None) -> str:
    """What there is to say about the review itself."""
    rows = [
        f"<li><b>{marked(n) or escape(n.kind)}</b> {escape(n.path)} {escape(n.text)}</li>"
        for n in sorted(review.notices if review else (), key=lambda n: (not n.partial, not marked(n)))
    ]
    return f"<ul>{''.join(rows)}</ul>" if rows else ""


def html_index(defences: Sequence[Remediation], left: Sequence[Finding]) -> str:
    """A line for each finding that leads to it; those that were not reached lead nowhere and are always told."""
    rows = [
        f'<tr><td><span class="grade {d.grade}">{d.grade}</span></td>'
        f'<td><a href="#{escape(d.finding.fingerprint)}">{escape(d.finding.title)}</a></td>'
        f"<td>{escape(d.finding.location.path)}:{d.finding.location.line}</td><td>{d.finding.severity.name.lower()}</td></tr>"
        for d in defences
    ]
    rows += [
        f'<tr><td><span class="grade reproduced">not reached</span></td><td>{escape(f.title)}</td>'
        f"<td>{escape(f.location.path)}:{f.location.line}</td><td>{f.severity.name.lower()}</td></tr>"
        for f in left
    ]
    return f"<table>{''.join(rows)}</table>" if len(rows) > 1 or left else ""


def html_block(defence: Remediation, explanation: Explanation) -> str:
    finding = defence.finding
    scores = " · ".join(f"CVSS {v.version} {v.score}" for v in explanation.vectors)
    meta = f"{finding.location.path}:{finding.location.line} · {finding.severity.name.lower()} · {', '.join(f'CWE-{n}' for n in finding.cwe)} · {scores}"
    parts = [
        f'<article id="{escape(finding.fingerprint)}"><span class="grade {defence.grade}">{defence.grade}</span>',
        f'<h2>{escape(finding.title)}</h2><p class="meta">{escape(meta)}</p>',
        f"<h3>What can happen</h3><p>{prose(explanation.happens)}</p>",
        f"<h3>How an attacker gets there</h3>{explanation.picture}<details><summary>In words</summary><ol>",
        *(f"<li>{prose(sentence)}</li>" for sentence in explanation.way),
        f"</ol></details><h3>Why this line</h3><p>{prose(explanation.why)}</p>",
        f"<h3>What the fix changes</h3><p>{prose(explanation.change)}</p>",
    ]
    best = best_of(defence)
    if best is not None:
        parts.append(f"<pre>{html_diff(best.patch.diff)}</pre>")
    if defence.proof is not None:
        test = defence.proof.test
        parts.append(
            f"<details><summary>The test, <code>{escape(test.path)}</code></summary><pre>{escape(test.text)}</pre></details>"
        )
    parts += ["<h3>What was and was not checked</h3><table>", *(html_rung(r) for r in all_rungs(defence)), "</table>"]
    metrics = "".join(
        f"<tr><td>{v.version} {m.name}:{m.value}</td><td>{prose(m.reason)}</td></tr>"
        for v in explanation.vectors
        for m in v.metrics
    )
    parts.append(
        f"<details><summary>Severity, metric by metric</summary><p>{explanation.weighed}</p><table>{metrics}</table></details></article>"
    )
    return "".join(parts)


def prose(text: str) -> str:
    """A sentence with its code set as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def html_rung(rung: Rung) -> str:
    shown = "".join(f"<br><code>{escape(detail)}</code>" for detail in worth_showing(rung))
    kind = {"proved": "proved", "refuted": "refuted"}.get(rung.outcome.value, "not")
    return f'<tr><td class="{kind}">{MARKS[rung.outcome]} {rung.name}</td><td>{escape(RUNGS[rung.name])}</td><td>{prose(rung.reason)}{shown}</td></tr>'


def html_diff(diff: str) -> str:
    kinds = {"+": "add", "-": "del"}
    rows = []
    for line in diff.splitlines():
        kind = kinds.get(line[:1], "")
        rows.append(f'<span class="{kind}">{escape(line)}</span>' if kind else escape(line))
    return "\n".join(rows)
