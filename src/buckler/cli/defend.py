"""`buckler defend`: the whole job, from a folder to proved fixes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.console import Console

from buckler.base.config import SEVERITIES, find_config
from buckler.cli.bar import shown_progress
from buckler.cli.exits import ABOUT, Exit
from buckler.finding.model import Grade, Severity
from buckler.prove.environment.build import Wishes
from buckler.report.defence import print_defence, verdict
from buckler.store.cache import default_path
from buckler.workbench.defend import Defended, DefendOptions, defend
from buckler.workbench.review import Options


@click.command("defend", epilog=ABOUT)
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--only", multiple=True, metavar="ID", help="Only this finding, rule or file:line. Repeatable.")
@click.option(
    "--min-severity",
    type=click.Choice(SEVERITIES),
    default="medium",
    show_default=True,
    help="Least severity to work on.",
)
@click.option(
    "--max-time", type=click.FloatRange(min=0), default=0, metavar="SECONDS", help="Stop after so long; 0 is no limit."
)
@click.option(
    "--env",
    "environment",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Virtual environment to run the project with.",
)
@click.option(
    "--python",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Interpreter to run the project with.",
)
@click.option("--no-install", is_flag=True, help="Install nothing; the project must run with what is there.")
@click.option(
    "--cache",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Cache file.  [default: in the user's cache folder]",
)
@click.option("--quiet", "-q", is_flag=True, help="Only the verdict.")
def defend_command(path: Path, **given: Any) -> Exit:
    """Review a project, prove what is serious, write the fix and prove that it holds."""
    cache: Path = given["cache"] or default_path() or Path.home() / ".cache" / "buckler" / "cache.sqlite"
    options = Options(config=find_config(path), cache=cache)
    wishes = Wishes(cache.parent, given["environment"], given["python"], not given["no_install"])
    wanted = DefendOptions(wishes, given["only"], Severity[given["min_severity"].upper()], given["max_time"])
    with shown_progress(quiet=given["quiet"]) as progress:
        outcome = defend(path, options, wanted, progress)
    show(outcome, quiet=given["quiet"])
    return code_of(outcome)


def show(outcome: Defended, *, quiet: bool) -> None:
    console = Console(markup=False, emoji=False, highlight=False)
    if not quiet:
        for defence in outcome.defences:
            print_defence(console, defence)
    console.print(verdict(outcome.defences, outcome.left))


def code_of(outcome: Defended) -> Exit:
    """Clean only if nothing serious is left unfixed."""
    unfixed = any(d.grade is not Grade.FIXED for d in outcome.defences)
    partial = outcome.review.partial or bool(outcome.left)
    if unfixed or outcome.defences:
        return Exit.FINDINGS_AND_PARTIAL if partial else Exit.FINDINGS
    return Exit.PARTIAL if partial else Exit.CLEAN
