"""The terminal as a place for reports: Rich, but patient with readers that go away.

Example::

    show(outcome.review, outcome.rules, prefix="", verbose=False)
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from buckler.finding.model import Review, Rule
from buckler.report.terminal import print_review


class PatientConsole(Console):
    """Rich leaves with exit code 1 when the reader goes; the code must tell what was found."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def show(review: Review, rules: Sequence[Rule], prefix: str, *, verbose: bool) -> None:
    """Print a review with colours where there are any."""
    console = PatientConsole(markup=False, emoji=False, highlight=False)
    print_review(console, review, rules, prefix, verbose=verbose)
