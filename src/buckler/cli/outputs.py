"""Where reports go: pairs of `--format` and `--output`, matched in the order given.

An output without a format takes the one its suffix names; one format without an output goes to stdout.
Files are written whole or not at all.

Example::

    plan(["sarif", "html"], ["out.sarif", "out.html"])
    plan([], ["review.md"])          # markdown
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from buckler.base.errors import ConfigError
from buckler.base.writing import umask
from buckler.finding.evidence import Assessment
from buckler.report.formats import FORMATS, format_for
from buckler.report.view import View
from buckler.report.words import summary

STDOUT = "-"


@dataclass(slots=True, frozen=True)
class Output:
    """One report: a format and a file, or `-`."""

    format: str
    target: str = STDOUT


def plan(formats: Sequence[str], outputs: Sequence[str]) -> list[Output]:
    """Match formats with outputs; where there are fewer files than formats, the terminal needs none."""
    if 0 < len(outputs) < len(formats):
        formats = sorted(formats, key=lambda name: name == "terminal")
    planned = [Output(name, target) for name, target in zip(formats, outputs, strict=False)]
    for output in planned:
        if format_for(output.target) not in (None, output.format):
            remedy = "name the file otherwise, or leave out --format"
            raise ConfigError(
                f"{output.format} was asked for in a file that is named otherwise", where=output.target, remedy=remedy
            )
    planned += [Output(_guessed(target), target) for target in outputs[len(formats) :]]
    planned += [Output(name) for name in formats[len(outputs) :]]
    planned = planned or [Output("terminal")]
    if sum(output.target == STDOUT for output in planned) > 1:
        raise ConfigError("two reports for standard output", remedy="give each format its --output FILE")
    targets = [output.target for output in planned]
    if len(set(targets)) < len(targets):
        raise ConfigError("two reports for one file", remedy="give each format its own --output FILE")
    return planned


def _guessed(target: str) -> str:
    if (name := format_for(target)) is None:
        raise ConfigError("no format for this suffix", where=target, remedy="add --format")
    return name


def write_reports(planned: Sequence[Output], assessment: Assessment, view: View, *, quiet: bool) -> None:
    """Write every report; the terminal one is printed with colors where there are any."""
    for output in planned:
        if output.target != STDOUT:
            write_file(Path(output.target), FORMATS[output.format].render(assessment, view))
    on_stdout = [output.format for output in planned if output.target == STDOUT]
    if not on_stdout:
        if not quiet:
            sys.stdout.write(summary(assessment))
    elif on_stdout == ["terminal"]:
        show(assessment, view, quiet=quiet)
    else:
        write_stdout(FORMATS[on_stdout[0]].render(assessment, view))


def show(assessment: Assessment, view: View, *, quiet: bool) -> None:
    """What a person reads."""
    if quiet:
        sys.stdout.write(summary(assessment))
    else:  # what draws on a terminal takes long to load, and most reports go elsewhere
        import_module("buckler.cli.screen").show(assessment, view)


def prefix_of(root: Path) -> str:
    """The way from the current folder to the root of the review, if it lies below."""
    try:
        prefix = root.resolve().relative_to(Path.cwd().resolve()).as_posix()
    except (OSError, ValueError):
        return ""
    return "" if prefix == "." else prefix


def write_stdout(text: str) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8"))
    sys.stdout.buffer.flush()


def write_file(file: Path, text: str) -> None:
    try:
        if file.exists() and not file.is_file():
            file.write_text(text, "utf-8")  # a pipe or /dev/null
            return
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as stream:
                stream.write(text)
            Path(name).chmod(file.stat().st_mode & 0o777 if file.exists() else 0o666 & ~umask())
            Path(name).replace(file)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise ConfigError(f"cannot write the report: {error.strerror}", where=str(file)) from error


def reader_gone() -> None:
    """Whoever read our output has seen enough; what is still buffered goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
