"""One self-contained page: no network, no external file, nothing from reviewed code ever runs.

Jinja2 escapes every value; a content security policy in the page allows exactly its own script and style,
by hash, so that even a mistake in escaping would not run. Works without JavaScript; the script only filters.

Example::

    buckler review . --format html --output review.html
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from jinja2 import DictLoader, Environment, StrictUndefined, Template
from markupsafe import Markup

from buckler.base.version import VERSION
from buckler.explain.sandbox import where_it_ran
from buckler.explain.steps import step_words
from buckler.explain.words import explain
from buckler.finding.evidence import RUNG_NAMES, RUNGS, Assessment, Outcome
from buckler.finding.model import Finding
from buckler.report.checks import MARKS, all_checks, best_of, check_name, details, explained
from buckler.report.groups import advising, groups
from buckler.report.plain import joined, line, visible
from buckler.report.view import PLAIN, View
from buckler.report.words import (
    APPROXIMATIONS,
    GRADES,
    amount,
    blind_spots,
    counts,
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
from buckler.review.wording import origin_words

SUFFIXES = (".html", ".htm")
PAGE = "report.html.j2"
OUTCOMES = {Outcome.PROVED: "proved", Outcome.REFUTED: "refuted", Outcome.NOT_VERIFIED: "unknown"}
LINES = {"+": "add", "-": "del"}


def render(assessment: Assessment, view: View = PLAIN) -> str:
    """The assessment as one page."""
    review = assessment.review
    found = groups(worst_first(assessment.shown))
    rules = {rule.id: rule for rule in assessment.rules}
    style, script = _asset("report.css"), _asset("report.js")
    page: str = _template().render(
        review=review,
        groups=found,
        firsts=advising(found, assessment.known),
        rules=rules,
        known=assessment.known,
        explanations={
            mark: explain(done, rules.get(done.finding.rule), view.audience) for mark, done in assessment.known.items()
        },
        graded=grades(assessment),
        found=grade_counts(assessment) if assessment.chosen is not None else {},
        checks=explained(assessment.remediations),
        where=where_it_ran(assessment.remediations),
        prefix=view.prefix,
        used=_rules_used(assessment.shown),
        counts=[(severity_word(severity), number) for severity, number in counts(assessment.shown).items()],
        blind_spots=blind_spots(review),
        verdict=verdict(assessment),
        extent=extent(review),
        style=Markup(style),  # noqa: S704 - our own file, not input
        script=Markup(script),  # noqa: S704 - our own file, not input
        policy=_policy(style, script),
        version=VERSION,
    )
    return page


def _rules_used(findings: Sequence[Finding]) -> list[tuple[str, str]]:
    return sorted({(finding.rule, finding.title) for finding in findings})


def _diff(text: str) -> list[tuple[str, str]]:
    """Lines of a difference, each with its kind."""
    heads = ("---", "+++")
    return [("" if row.startswith(heads) else LINES.get(row[:1], ""), row) for row in text.splitlines()]


def _drawing(svg: str) -> Markup:
    """A drawing of ours, in which every word from reviewed code is escaped where it is made."""
    return Markup(visible(svg))  # noqa: S704 - see explain.picture


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _asset(name: str) -> str:
    return (files("buckler.report") / "templates" / name).read_text("utf-8")


def _worded(text: str) -> Markup:
    """One line in which `code` is shown as code and everything is escaped."""
    pieces = re.split(r"`([^`]+)`", line(text))
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if number % 2 else piece for number, piece in enumerate(pieces)
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=DictLoader({PAGE: _asset(PAGE)}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(visible=visible, line=line, worded=_worded, severity=severity_word)
    environment.filters.update(cwe_id=cwe_id, cwe_link=cwe_link, amount=amount, marked=marked)
    environment.filters.update(in_words=step_words, origin=origin_words)
    environment.filters.update(best=best_of, checks=all_checks, check_name=check_name, details=details)
    environment.filters.update(diff=_diff, drawing=_drawing)
    environment.globals.update(joined=joined, grades=GRADES, approximations=APPROXIMATIONS)
    environment.globals.update(rungs=RUNGS, rung_names=RUNG_NAMES, marks=MARKS, outcomes=OUTCOMES)
    return environment.get_template(PAGE)
