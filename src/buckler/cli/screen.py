"""The terminal as a place for reports: Rich, but patient with readers that go away, and not to be driven by code.

Example::

    show(assessment, View())
    console().print("what a file under review is called")
"""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

from buckler.finding.evidence import Assessment
from buckler.report.formats.terminal import print_report
from buckler.report.plain import visible
from buckler.report.view import View


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


def show(assessment: Assessment, view: View) -> None:
    """Print a report with colors where there are any."""
    print_report(console(), assessment, view)
