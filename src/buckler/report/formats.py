"""The formats a review can be written in, by name; adding one is a function and a row here.

Example::

    text = FORMATS["sarif"].render(review, rules, prefix="services/shop")
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from buckler.finding.model import Review, Rule
from buckler.report import html, json, markdown, sarif, terminal


class Render(Protocol):
    """`prefix` leads from where the command was given to the root of the review, with `/`."""

    def __call__(self, review: Review, rules: Sequence[Rule], prefix: str = "") -> str: ...


@dataclass(slots=True, frozen=True)
class Format:
    """One way to write a review."""

    render: Render
    suffixes: tuple[str, ...]
    about: str


FORMATS = {
    "terminal": Format(terminal.render, (".txt",), "for reading in a terminal"),
    "markdown": Format(markdown.render, (".md",), "for a pull request comment or a wiki"),
    "html": Format(html.render, (".html", ".htm"), "one self-contained page"),
    "json": Format(json.render, (".json",), "for programs; see docs/json-format.md"),
    "sarif": Format(sarif.render, (".sarif",), "SARIF 2.1.0, for code scanning services and editors"),
}


def format_for(file_name: str) -> str | None:
    """The format a file name asks for by its suffix."""
    for name, known in FORMATS.items():
        if file_name.lower().endswith(known.suffixes):
            return name
    return None
