"""The formats a report can be written in: each module of this folder is one, found by its name.

A module has `SUFFIXES`, the file names that ask for it, and `render(assessment, view)`; `OF_DEPENDENCIES` says that it
is about nothing else. It is imported when it is used: some formats need libraries that take as long to load as a small
review.

Example::

    text = FORMATS["sarif"].render(assessment, View(prefix="services/shop"))
    format_for("out.csv")      # "csv"
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module

from buckler.finding.evidence import Assessment
from buckler.report.view import PLAIN, View


@dataclass(slots=True, frozen=True)
class Format:
    """One way to write what was found, proved and fixed."""

    name: str

    @property
    def suffixes(self) -> tuple[str, ...]:
        found: tuple[str, ...] = import_module(f"{__name__}.{self.name}").SUFFIXES
        return found

    @property
    def complete(self) -> bool:
        """Whether it says everything that was found; some are about what a project is made of, and no more."""
        return not getattr(import_module(f"{__name__}.{self.name}"), "OF_DEPENDENCIES", False)

    def render(self, assessment: Assessment, view: View = PLAIN) -> str:
        text: str = import_module(f"{__name__}.{self.name}").render(assessment, view)
        return text


FORMATS: Mapping[str, Format] = {module.name: Format(module.name) for module in pkgutil.iter_modules(__path__)}


def format_for(file_name: str) -> str | None:
    """The format a file name asks for by its suffix, of several the longest."""
    suffixes = {suffix: name for name, known in FORMATS.items() for suffix in known.suffixes}
    fitting = [suffix for suffix in suffixes if file_name.lower().endswith(suffix)]
    return suffixes[max(fitting, key=len)] if fitting else None
