"""`buckler triage`: options in, exit code out; the work is done by the workbench."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import msgspec
from rich.table import Table as Grid

from buckler.base.counting import counted
from buckler.cli.exits import Exit
from buckler.cli.screen import PatientConsole
from buckler.report.plain import visible
from buckler.triage import importers
from buckler.triage.alert import Reading
from buckler.workbench import triage as work

FILES = click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
TABLE = click.option(
    "--table", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Your own table for a format."
)
JSON = click.option("--format", "form", type=click.Choice(("terminal", "json")), default="terminal", show_default=True)


@click.group("triage")
def triage() -> None:
    """One queue for the alerts of every tool: import, rank, decide, export."""


@triage.command("read")
@FILES
@TABLE
@click.option("--jsonl", is_flag=True, help="Print what an import would take in, one alert a line.")
@click.option("--draft", is_flag=True, help="Print a first table for a format that is not known.")
@click.option("--summary", is_flag=True, help="For each file the format, alerts, and what was skipped.  [default]")
@JSON
def read_command(
    paths: tuple[Path, ...], table: Path | None, form: str, *, jsonl: bool, draft: bool, summary: bool
) -> Exit:
    """Show what reports say, in one shape for all tools; nothing is stored.

    The content decides which format it is. Exits with 3 if something could not be read.
    """
    files = work.report_files(paths)
    if draft:
        click.echo("\n".join(work.draft(path) for path in files))
        return Exit.CLEAN
    own = work.own_table(table)
    encoder, out = msgspec.json.Encoder(), sys.stdout.buffer
    readings: list[Reading] = []
    for path in files:
        readings.append(Reading(str(path)))
        for columns in work.read(path, readings[-1], own):
            if jsonl:
                out.write(encoder.encode_lines(importers.alerts(columns)))
    if jsonl:
        out.flush()
    if summary or not jsonl:
        _summary(readings, form, stderr=jsonl)
    return (
        Exit.PARTIAL
        if any(reading.partial or reading.format in ("", "unknown") for reading in readings)
        else Exit.CLEAN
    )


def _summary(readings: list[Reading], form: str, *, stderr: bool) -> None:
    if form == "json":
        rows = [
            {
                "path": reading.path,
                "format": reading.format or None,
                "alerts": reading.alerts,
                "skipped": [
                    {"what": skipped.what, "why": skipped.why, "count": skipped.count} for skipped in reading.skipped
                ],
            }
            for reading in readings
        ]
        click.echo(msgspec.json.format(msgspec.json.encode({"files": rows}), indent=2).decode(), err=stderr)
        return
    grid = Grid(box=None, pad_edge=False)
    for name in ("file", "format", "alerts", "skipped", "why"):
        grid.add_column(name, justify="right" if name in ("alerts", "skipped") else "left", overflow="fold")
    for reading in readings:
        notes = [(f"{skipped.count:,}", visible(f"{skipped.what}: {skipped.why}")) for skipped in reading.skipped]
        first, *rest = notes or [("", "")]
        grid.add_row(visible(reading.path), reading.format or "not recognized", f"{reading.alerts:,}", *first)
        for note in rest:
            grid.add_row("", "", "", *note)
    console = PatientConsole(stderr=stderr)
    console.print(grid)
    total = sum(reading.alerts for reading in readings)
    console.print(f"{counted(total, 'alert')} in {counted(len(readings), 'file')}.", highlight=False)
