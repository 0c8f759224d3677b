"""`buckler triage`: options in, exit code out; the work is done by the workbench."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from buckler.cli import triage_tables
from buckler.cli.exits import Exit
from buckler.cli.options import NEW_FILE
from buckler.cli.progress import shown_progress
from buckler.report.plain import visible
from buckler.triage import importers
from buckler.triage.alert import Reading
from buckler.triage.decisions import KINDS, SCOPE, Decision, read_book
from buckler.workbench.triage import deciding, importing, ranking, reports
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
DECISIONS = click.option(
    "--decisions",
    type=NEW_FILE,
    default=Path(deciding.FILE),
    show_default=True,
    help="File with what was decided.",
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
        taken = importing.take_in(
            kept, files, project or Path.cwd().name, progress, known_facts(database, names=True), own
        )
    if form == "json" or not quiet:
        triage_tables.taken(taken, form)
    return _exit(taken.readings)


@triage.command("list")
@click.option("--limit", type=click.IntRange(1, 100_000), default=12, show_default=True, help="Problems to show.")
@STORE
@DATABASE
@DECISIONS
@FORMAT
def list_command(limit: int, store: str | None, database: Path | None, decisions: Path, form: str) -> Exit:
    """Show what to act on first."""
    book = read_book(decisions)
    with opened(store or default_store()) as kept:
        found = ranking.queue(kept, known_facts(database), book, limit)
    triage_tables.queue(found, form, deciding.doubts(book))
    return Exit.CLEAN


@triage.command("why")
@click.argument("problem", metavar="ID")
@STORE
@DATABASE
@DECISIONS
@FORMAT
def why_command(problem: str, store: str | None, database: Path | None, decisions: Path, form: str) -> Exit:
    """Explain the rank of a problem: each term, what was merged and why, and what would change it."""
    with opened(store or default_store()) as kept:
        found = ranking.explained(kept, known_facts(database), read_book(decisions), problem)
    triage_tables.explained(found, form)
    return Exit.CLEAN


@triage.command("show")
@click.argument("problem", metavar="ID")
@STORE
@DATABASE
@DECISIONS
@FORMAT
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="Alerts to show.")
def show_command(
    problem: str, store: str | None, database: Path | None, decisions: Path, form: str, limit: int
) -> Exit:
    """Show the findings and alerts of a problem as the tools wrote them."""
    with opened(store or default_store()) as kept:
        found = ranking.alerts_of(kept, known_facts(database), read_book(decisions), problem, limit)
    triage_tables.alerts(found, form)
    return Exit.CLEAN


@triage.command("decide")
@click.argument("problem", metavar="[ID]", default="")
@click.option("--as", "kind", type=click.Choice(KINDS), required=True, help="What was decided.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    metavar="NAME=TEXT",
    help=f"What it is about: {', '.join(SCOPE)}. TEXT may end in *. Repeatable.",
)
@click.option("--reason", required=True, help="Why; for those who review it.")
@click.option("--author", required=True, help="Who decided.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day on which it holds.")
@click.option("--preview", is_flag=True, help="Only say what it would hide.")
@STORE
@DATABASE
@DECISIONS
@FORMAT
def decide_command(problem: str, form: str, *, preview: bool, **given: Any) -> Exit:
    """Decide about a problem, or about all that is in a scope, once.

    The decision is written to a file that belongs beside the code; 'undo' takes it back.
    """
    scope = dict(_scope(text) for text in given["scopes"])
    if not problem and not scope:
        raise click.UsageError("Name a problem by its ID, or what the decision is about with --scope.")
    book = read_book(given["decisions"])
    until = given["until"].date() if given["until"] else None
    wanted = Decision(given["kind"], given["reason"], given["author"], deciding.today(), scope, until)
    with opened(given["store"] or default_store()) as kept:
        facts = known_facts(given["database"])
        decided, hides = deciding.decide(kept, facts, book, wanted, problem, preview=preview)
    triage_tables.decided(decided, hides, form, preview=preview)
    return Exit.CLEAN


@triage.command("undo")
@click.argument("number", type=click.IntRange(1))
@DECISIONS
def undo_command(number: int, decisions: Path) -> Exit:
    """Take a decision back, by its number in the file; what it hid is shown again."""
    taken = deciding.undo(decisions, number)
    click.echo(visible(f"Decision {number} taken back: {taken.kind}, {taken.reason} ({taken.author})."))
    return Exit.CLEAN


def _scope(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or name not in SCOPE or not value:
        raise click.BadParameter(f"'{text}' is not NAME=TEXT with one of {', '.join(SCOPE)}", param_hint="--scope")
    return name, value


def _exit(readings: list[Reading]) -> Exit:
    unread = any(reading.partial or reading.format in ("", "unknown") for reading in readings)
    return Exit.PARTIAL if unread else Exit.CLEAN
