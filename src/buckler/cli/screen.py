"""The terminal as a place for reports: Rich, but patient with readers that go away, and not to be driven by code.

Example::

    show(outcome.review, outcome.rules, prefix="", verbose=False)
    console().print("what a file under review is called")
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from buckler.finding.model import Review, Rule
from buckler.report.plain import visible
from buckler.report.terminal import print_review


class PatientConsole(Console):
    """Rich leaves with exit code 1 when the reader goes; the code must tell what was found.

    Words are never markup, and what would drive the terminal is written out: file names and code come from anybody.
    """

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError

    def render_str(self, text: str, **how: Any) -> Text:
        return super().render_str(visible(text), **how)


def console() -> PatientConsole:
    """On standard output, for plain sentences."""
    return PatientConsole(markup=False, emoji=False, highlight=False)


def show(review: Review, rules: Sequence[Rule], prefix: str, *, verbose: bool) -> None:
    """Print a review with colours where there are any."""
    print_review(console(), review, rules, prefix, verbose=verbose)
