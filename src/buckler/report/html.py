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
from buckler.explain.steps import step_words
from buckler.finding.model import Finding, Review, Rule
from buckler.report.plain import joined, line, visible
from buckler.report.words import (
    APPROXIMATIONS,
    GRADES,
    amount,
    blind_spots,
    counts,
    cwe_id,
    cwe_link,
    extent,
    first_of_rule,
    marked,
    severity_word,
    verdict,
    worst_first,
)
from buckler.review.wording import origin_words

PAGE = "review.html.j2"


def render(review: Review, rules: Sequence[Rule], prefix: str = "") -> str:
    """The review as one page."""
    style, script = _asset("review.css"), _asset("review.js")
    page: str = _template().render(
        review=review,
        findings=worst_first(review.findings),
        firsts=first_of_rule(worst_first(review.findings)),
        rules={rule.id: rule for rule in rules},
        prefix=prefix,
        used=_rules_used(review.findings),
        counts=[(severity_word(severity), number) for severity, number in counts(review.findings).items()],
        blind_spots=blind_spots(review),
        verdict=verdict(review),
        extent=extent(review),
        style=Markup(style),  # noqa: S704 - our own file, not input
        script=Markup(script),  # noqa: S704 - our own file, not input
        policy=_policy(style, script),
        version=VERSION,
    )
    return page


def _rules_used(findings: Sequence[Finding]) -> list[tuple[str, str]]:
    return sorted({(finding.rule, finding.title) for finding in findings})


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
    environment.filters.update(told=step_words, origin=origin_words)
    environment.globals.update(joined=joined, grades=GRADES, approximations=APPROXIMATIONS)
    return environment.get_template(PAGE)
