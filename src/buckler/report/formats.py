"""The formats a review can be written in, by name; adding one is a function and a row here.

Example::

    text = FORMATS["sarif"].render(review, rules, prefix="services/shop")
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

from buckler.finding.model import Review, Rule


@dataclass(slots=True, frozen=True)
class Format:
    """One way to write a review."""

    module: str
    """Imported when it is used: some formats need libraries that take as long to load as a small review."""
    suffixes: tuple[str, ...]
    about: str

    def render(self, review: Review, rules: Sequence[Rule], prefix: str = "") -> str:
        """`prefix` leads from where the command was given to the root of the review, with `/`."""
        text: str = import_module(f"buckler.report.{self.module}").render(review, rules, prefix)
        return text


FORMATS = {
    "terminal": Format("terminal", (".txt",), "for reading in a terminal"),
    "markdown": Format("markdown", (".md",), "for a pull request comment or a wiki"),
    "html": Format("html", (".html", ".htm"), "one self-contained page"),
    "json": Format("json", (".json",), "for programs; see docs/json-format.md"),
    "sarif": Format("sarif", (".sarif",), "SARIF 2.1.0, for code scanning services and editors"),
}


def format_for(file_name: str) -> str | None:
    """The format a file name asks for by its suffix."""
    for name, known in FORMATS.items():
        if file_name.lower().endswith(known.suffixes):
            return name
    return None
