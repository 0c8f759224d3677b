"""CSV, for spreadsheets and trackers: one row per finding.

A spreadsheet runs what begins with `=`, `+`, `-` or `@`, also behind blanks or in a quoted cell; such a cell begins
with an apostrophe here, which spreadsheets read as "this is text".

Example::

    buckler defend . --output findings.csv
"""

from __future__ import annotations

import csv
import io

from buckler.finding.evidence import Assessment, Remediation
from buckler.finding.model import Finding
from buckler.report.checks import fix_status
from buckler.report.plain import joined, line
from buckler.report.view import PLAIN, View
from buckler.report.words import cwe_id, grades, severity_word, worst_first

SUFFIXES = (".csv",)
HEAD = (
    "grade", "severity", "rule", "title", "cwe", "path", "line", "function", "message", "fix status", "fingerprint",
)  # fmt: skip
FORMULA = (*"=+-@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Signs that begin a formula, and their full-width twins."""


def render(assessment: Assessment, view: View = PLAIN) -> str:
    """Everything found, worst first, under one line of headings."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(HEAD)
    graded, known = grades(assessment), assessment.known
    for finding in worst_first(assessment.review.findings):
        mark = finding.fingerprint
        rows.writerow(map(cell, _row(finding, graded[mark], known.get(mark), view.prefix)))
    return text.getvalue()


def _row(finding: Finding, grade: str, remediation: Remediation | None, prefix: str) -> tuple[str, ...]:
    return (
        grade,
        severity_word(finding.severity),
        finding.rule,
        finding.title,
        " ".join(map(cwe_id, finding.cwe)),
        joined(prefix, finding.location.path),
        str(finding.location.line),
        finding.function,
        finding.message,
        fix_status(remediation),
        finding.fingerprint,
    )


def cell(text: str) -> str:
    """One line that no spreadsheet takes for a formula."""
    safe = line(text)
    return f"'{safe}" if safe.lstrip().startswith(FORMULA) else safe
