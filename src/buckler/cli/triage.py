"""`buckler triage`: options in, exit code out; the work is done by the workbench."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import msgspec

from buckler.cli import triage_tables
from buckler.cli.exits import Exit
from buckler.cli.options import NEW_FILE
from buckler.cli.progress import shown_progress
from buckler.triage import importers
from buckler.triage.alert import Reading
from buckler.workbench.triage import importing, ranking, reports
from buckler.workbench.triage.facts import known_facts
from buckler.workbench.triage.place import default_store, opened

FILES = click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE|FOLDER...")
TABLE = click.option("--table", type=click.Path(dir_okay=False, path_type=Path), help="Your own table for a format.")
FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(("terminal", "json")),
    default="terminal",
    show_default=True,
    help="Of the output.",
)
STORE = click.option(
    "--store",
    metavar="FILE|URL",
    help="SQLite file or postgresql:// URL.  [default: beside the cache, or BUCKLER_TRIAGE]",
)
DATABASE = click.option(
    "--database", type=NEW_FILE, help="File of advisories.  [default: beside the cache, or BUCKLER_ADVISORIES]"
)
PROJECT = click.option(
    "--project", metavar="NAME", help="What the reports are about.  [default: the current folder's name]"
)
QUIET = click.option("--quiet", "-q", is_flag=True, help="Only what went wrong.")


@click.group("triage")
def triage() -> None:
    """One queue for the alerts of every tool: import, rank, decide, export."""


@triage.command("read")
@FILES
@TABLE
@click.option("--jsonl", is_flag=True, help="Print what an import would take in, one alert a line.")
@click.option("--draft", is_flag=True, help="Print a first table for a format that is not known.")
@click.option("--summary", is_flag=True, help="For each file the format, alerts, and what was skipped.  [default]")
@FORMAT
def read_command(
    paths: tuple[Path, ...], table: Path | None, form: str, *, jsonl: bool, draft: bool, summary: bool
) -> Exit:
    """Show what reports say, in one shape for all tools; nothing is stored.

    The content decides which format it is. Exits with 3 if something could not be read.
    """
    files = reports.report_files(paths)
    if draft:
        click.echo("\n".join(reports.draft(path) for path in files))
        return Exit.CLEAN
    own = reports.own_table(table)
    encoder, out = msgspec.json.Encoder(), sys.stdout.buffer
    readings: list[Reading] = []
    for path in files:
        readings.append(Reading(str(path)))
        for columns in reports.read(path, readings[-1], own):
            if jsonl:
                out.write(encoder.encode_lines(importers.alerts(columns)))
    if jsonl:
        out.flush()
    if summary or not jsonl:
        triage_tables.readings(readings, form, stderr=jsonl)
    return _exit(readings)


@triage.command("import")
@FILES
@PROJECT
@STORE
@DATABASE
@TABLE
@FORMAT
@QUIET
def import_command(
    paths: tuple[Path, ...],
    project: str | None,
    store: str | None,
    database: Path | None,
    table: Path | None,
    form: str,
    *,
    quiet: bool,
) -> Exit:
    """Take the alerts of reports into the queue.

    The content decides which format a file has. A report that was imported before changes nothing. Exits with 3 if
    something could not be read; what could be is in the queue.
    """
    files = reports.report_files(paths)
    own = reports.own_table(table)
    with opened(store or default_store()) as kept, shown_progress(quiet=quiet) as progress:
        taken = importing.take_in(kept, files, project or Path.cwd().name, progress, known_facts(database), own)
    if form == "json" or not quiet:
        triage_tables.taken(taken, form)
    return _exit(taken.readings)


@triage.command("list")
@click.option("--limit", type=click.IntRange(1, 100_000), default=12, show_default=True, help="Problems to show.")
@STORE
@DATABASE
@FORMAT
def list_command(limit: int, store: str | None, database: Path | None, form: str) -> Exit:
    """Show what to act on first."""
    with opened(store or default_store()) as kept:
        found = ranking.queue(kept, known_facts(database), limit)
    triage_tables.queue(found, form)
    return Exit.CLEAN


@triage.command("why")
@click.argument("problem", metavar="ID")
@STORE
@DATABASE
@FORMAT
def why_command(problem: str, store: str | None, database: Path | None, form: str) -> Exit:
    """Explain the rank of a problem: each term, what was merged and why, and what would change it."""
    with opened(store or default_store()) as kept:
        found = ranking.explained(kept, known_facts(database), problem)
    triage_tables.explained(found, form)
    return Exit.CLEAN


@triage.command("show")
@click.argument("problem", metavar="ID")
@STORE
@DATABASE
@FORMAT
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="Alerts to show.")
def show_command(problem: str, store: str | None, database: Path | None, form: str, limit: int) -> Exit:
    """Show the findings and alerts of a problem as the tools wrote them."""
    with opened(store or default_store()) as kept:
        found = ranking.alerts_of(kept, known_facts(database), problem, limit)
    triage_tables.alerts(found, form)
    return Exit.CLEAN


def _exit(readings: list[Reading]) -> Exit:
    unread = any(reading.partial or reading.format in ("", "unknown") for reading in readings)
    return Exit.PARTIAL if unread else Exit.CLEAN
