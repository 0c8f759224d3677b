"""`buckler data`: what is known about vulnerable packages: update it, bring it in from a file, show how old it is."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

from buckler.base.counting import counted
from buckler.cli.exits import ABOUT_UPDATING, Exit
from buckler.cli.options import NEW_FILE
from buckler.cli.progress import shown_progress
from buckler.cli.screen import PatientConsole
from buckler.dependencies.advisories.importing import Tally
from buckler.dependencies.exploitation import import_exploitation, kind_of, sources
from buckler.report.plain import visible
from buckler.workbench.data import (
    DEFAULT_ADDRESS,
    DEFAULT_ECOSYSTEMS,
    Outcome,
    Status,
    database_file,
    exploitation_file,
    import_from,
    status,
    update,
)
from buckler.workbench.trust import accepted

DATABASE = click.option(
    "--database", type=NEW_FILE, help="File of advisories.  [default: beside the cache, or BUCKLER_ADVISORIES]"
)
ATTACKS = {
    "kev": "known to be exploited",
    "epss": "probability of attacks within 30 days",
    "ssvc": "exploitation, automatable, impact",
}
QUIET = click.option("--quiet", "-q", is_flag=True, help="Only what went wrong.")


@click.group("data")
def data() -> None:
    """Known vulnerabilities of packages: update them, import them from files, or show their age."""


@data.command("update", epilog=ABOUT_UPDATING)
@DATABASE
@click.option("--from", "address", metavar="URL", help=f"Base of the addresses to ask.  [default: {DEFAULT_ADDRESS}]")
@click.option(
    "--ecosystem",
    "ecosystems",
    multiple=True,
    type=click.Choice(DEFAULT_ECOSYSTEMS, case_sensitive=False),
    help="Only this one. Repeatable.",
)
@click.option("--config", "config_file", type=NEW_FILE, help="Configuration with a [data] table.")
@QUIET
def update_command(
    database: Path | None, address: str | None, ecosystems: tuple[str, ...], config_file: Path | None, quiet: bool
) -> Exit:
    """Download the newest advisories.

    For each ecosystem URL/ECOSYSTEM/all.zip is fetched, if it changed, in the format of https://osv.dev. A
    configuration in the current folder is not used: name the one you trust with --config.
    """
    config = accepted(config_file)
    path = database_file(database)
    asked = ecosystems or config.data_ecosystems or DEFAULT_ECOSYSTEMS
    failed = done = 0
    with shown_progress(quiet=quiet) as progress:
        for outcome in update(path, address or config.data_from or DEFAULT_ADDRESS, asked, progress):
            failed += outcome.error is not None
            done += outcome.error is None
            if outcome.error is not None or not quiet:
                click.echo(visible(f"{outcome.source:<12}{_said(outcome)}"), err=outcome.error is not None)
    if failed:
        return Exit.PARTIAL if done else Exit.USAGE
    return Exit.CLEAN


def _said(outcome: Outcome) -> str:
    if outcome.error is not None:
        return str(outcome.error)
    return "nothing newer" if outcome.tally is None else _counted(outcome.tally)


def _counted(tally: Tally) -> str:
    parts = [counted_many(tally.kept, "advisory", "advisories")]
    if tally.older:
        parts.append(f"{tally.older:,} known in a newer state")
    if tally.unused:
        parts.append(f"{tally.unused:,} not used in whole, see 'buckler data status'")
    newest = f"; the newest is of {tally.newest}" if tally.newest else ""
    return ", ".join(parts) + newest


def counted_many(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


@data.command("import")
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@DATABASE
@QUIET
def import_command(source: Path, database: Path | None, quiet: bool) -> Exit:
    """Read advisories in OSV's format from a file, a folder or an archive, or facts about attacks.

    A folder may be a copy of a database's repository; an archive is a zip or tar, such as the one that 'update' would
    download. JSON and YAML are read. Facts about attacks, which 'buckler triage' ranks by, are CISA's catalog of known
    exploited vulnerabilities (JSON), EPSS scores (CSV, also compressed), and CVE records with CISA's SSVC points (a
    file or folder). What the same source said before is replaced.
    """
    path = database_file(database)
    if kind_of(source):
        made = import_exploitation(exploitation_file(path), source)
        if not quiet:
            click.echo(visible(f"{counted(made.facts, 'fact')} of {made.kind.upper()}, of {made.date or 'no date'}."))
        return Exit.CLEAN
    with shown_progress(quiet=quiet) as progress:
        tally = import_from(path, source, progress)
    if not quiet:
        click.echo(_counted(tally))
    return Exit.CLEAN


@data.command("status")
@DATABASE
@click.option("--format", "form", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
@click.option("--unused", is_flag=True, help="Name every document that is not used, and why.")
def status_command(database: Path | None, form: str, unused: bool) -> Exit:
    """Show what the database holds, how old it is, and what of it could not be used."""
    known = status(database_file(database))
    if form == "json":
        click.echo(json.dumps(_rows(known), indent=2))
        return Exit.CLEAN
    console = PatientConsole()
    console.print(Text(f"{decimal(known.path.stat().st_size)}  {visible(str(known.path))}"))
    console.print(_sources(known))
    console.print(_counts(known))
    attacks = sources(exploitation_file(known.path))
    for name, meaning in ATTACKS.items():
        found = next((source for source in attacks if source.kind == name), None)
        said = (
            f"{found.facts:,} facts of {found.date or '-'}, {age(found.imported)} old"
            if found
            else "unknown: nothing was imported"
        )
        console.print(Text(visible(f"{name.upper():<5} {meaning}: {said}")))
    for (source, reason), number in sorted(known.reasons.items()):
        console.print(
            Text(visible(f"not used in whole: {counted(number, 'document')} of {source}: {reason}"), style="dim")
        )
    if unused:
        for one in known.unused:
            detail = f" ({one.problem.detail})" if one.problem.detail else ""
            console.print(Text(visible(f"{one.document}: {one.problem.kind.value}{detail}")))
    return Exit.CLEAN


def _sources(known: Status) -> Table:
    table = _table("source", "newest", "read", "age", "")
    for source in known.sources:
        came = "shipped with Buckler" if source.shipped else source.origin
        day = source.date if source.shipped else source.imported[:10]
        _add(table, (source.name, source.date or "-", "" if source.shipped else source.imported[:10], age(day), came))
    return table


def _counts(known: Status) -> Table:
    table = _table("ecosystem", "packages", "advisories", "withdrawn", "malicious")
    for count in known.counts:
        numbers = (count.packages, count.advisories, count.withdrawn, count.malicious)
        _add(table, (count.ecosystem, *(f"{number:,}" for number in numbers)))
    return table


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, header_style="bold")


def _add(table: Table, row: Iterable[str]) -> None:
    table.add_row(*(Text(visible(cell)) for cell in row))


def age(day: str) -> str:
    """How many days ago that was."""
    try:
        then = datetime.fromisoformat(day).replace(tzinfo=UTC)
    except ValueError:
        return "-"
    return counted(max(0, (datetime.now(UTC) - then).days), "day")


def _rows(known: Status) -> dict[str, object]:
    return {
        "database": str(known.path),
        "attacks": [asdict(source) for source in sources(exploitation_file(known.path))],
        "sources": [asdict(source) for source in known.sources],
        "ecosystems": [asdict(count) for count in known.counts],
        "unused": [
            {
                "source": one.source,
                "document": one.document,
                "reason": one.problem.kind.value,
                "detail": one.problem.detail,
            }
            for one in known.unused
        ],
    }
