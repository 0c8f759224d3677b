"""`buckler defend`: the whole job, from a project to proved fixes."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from buckler.base.config import SEVERITIES, Config
from buckler.cli.exits import ABOUT_DEFENDING, Exit
from buckler.cli.options import AUDIENCE_OPTION, PROJECT_OPTIONS, REPORT_OPTIONS, Verb, with_options
from buckler.cli.outputs import plan, prefix_of, write_reports
from buckler.cli.progress import shown_progress
from buckler.explain.model import Audience
from buckler.finding.evidence import Assessment, Remediation
from buckler.finding.model import Notice, Severity
from buckler.prove.environment.build import EnvironmentOptions
from buckler.report.plain import visible
from buckler.report.view import View
from buckler.store.cache import default_path
from buckler.workbench.defend import DefendOptions, defend
from buckler.workbench.review import Options, limits_of
from buckler.workbench.trust import accepted, published, tree_config
from buckler.workbench.unpack import as_folder
from buckler.workbench.wishes import Wishes

WORTH_SAYING = 3.0
"""Seconds of preparation that a reader wonders about."""
PROJECT = click.Path(exists=True, path_type=Path)


def project_options(path: Path, given: dict[str, Any], *, fix: bool = True) -> tuple[Options, DefendOptions]:
    """What the options shared by these commands mean."""
    cache: Path = default_path(given["cache"]) or Path.home() / ".cache" / "buckler" / "cache.sqlite"
    untrusted = given["untrusted"] or published(path)
    own = untrusted or given["no_config"] or given["config_file"]
    tree = Config() if own else tree_config([path])
    options = Options(
        accepted(given["config_file"]),
        tree,
        untrusted,
        cache=cache,
        dependencies=not given["no_dependencies"],
        database=given["database"],
        reach=Wishes((given["environment"],) if given["environment"] else (), fetch=not given["no_install"]),
    )
    return options, DefendOptions(
        EnvironmentOptions(cache.parent, given["environment"], given["python"], not given["no_install"]), fix=fix
    )


@click.command("defend", cls=Verb, epilog=ABOUT_DEFENDING)
@click.argument("path", type=PROJECT)
@click.option("--only", multiple=True, metavar="ID", help="Only this finding, rule or file:line. Repeatable.")
@click.option("--rule", "rules", multiple=True, metavar="ID", help="Only what this rule found. Repeatable.")
@click.option(
    "--min-severity",
    type=click.Choice(SEVERITIES),
    default="medium",
    show_default=True,
    help="Least severity to work on.",
)
@click.option(
    "--max-time",
    type=click.FloatRange(min=0),
    default=0,
    metavar="SECONDS",
    help="Begin no finding after so long; 0 is no limit.",
)
@click.option("--no-fix", is_flag=True, help="Prove only.")
@with_options(REPORT_OPTIONS)
@AUDIENCE_OPTION
@click.option(
    "--evidence-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the evidence of each reproduced finding there.",
)
@with_options(PROJECT_OPTIONS)
def defend_command(path: Path, **given: Any) -> Exit:
    """Review a project, prove what is serious, write the fix and verify it."""
    options, wanted = project_options(path, given, fix=not given["no_fix"])
    planned = plan(given["formats"], given["outputs"])
    least = Severity[given["min_severity"].upper()]
    options = replace(options, fail_on=least)
    wanted = replace(
        wanted,
        only=given["only"],
        rules=given["rules"],
        least=least,
        max_time=given["max_time"],
        bundles=given["evidence_dir"],
    )
    each = None if given["quiet"] or sys.stderr.isatty() else progressed
    unread: list[Notice] = []
    if each is not None:
        click.echo("making the environment and loading the project ...", err=True)
    with as_folder(path, limits_of(options), unread) as folder, shown_progress(quiet=given["quiet"]) as progress:
        outcome = defend(folder, options, wanted, progress, each)
    outcome.review.notices[:0] = unread
    view = View(prefix_of(outcome.root), Audience(given["audience"]), addressed(path))
    write_reports(planned, outcome, view, quiet=given["quiet"])
    if not given["quiet"]:
        say_more(outcome, path)
    return code_of(outcome)


def addressed(path: Path) -> str:
    """The project as it stands behind a command: nothing for the current folder."""
    return "" if path == Path() else f" {shlex.quote(str(path))}"


def progressed(number: int, count: int, done: Remediation) -> None:
    """A line for each finding, where nobody sees a bar."""
    place = visible(f"{done.finding.location.path}:{done.finding.location.line}")
    click.echo(f"[{number}/{count}] {done.grade} {done.finding.rule} {place} ({done.seconds:.0f} s)", err=True)


def say_more(outcome: Assessment, path: Path) -> None:
    """What is of this run alone and belongs into no report."""
    if outcome.interrupted:
        kept = f"these {len(outcome.remediations)} are kept, the same command goes on from there"
        click.echo(f"buckler: interrupted; {kept}", err=True)
    if outcome.setup >= WORTH_SAYING:
        click.echo(f"Making the environment and loading the project took {outcome.setup:.0f} s.", err=True)
    if any(done.fix is not None for done in outcome.remediations):
        how = f"`buckler fix ID{addressed(path)} --apply` or `--branch NAME` does that."
        click.echo(f"Nothing in the tree was changed: {how}", err=True)


def code_of(outcome: Assessment) -> Exit:
    """Clean only if nothing serious was found or everything serious has a verified fix; not reached is not fixed."""
    if outcome.interrupted:
        return Exit.INTERRUPTED
    left = bool(outcome.left)
    unfixed = left or not all(done.settled for done in outcome.remediations)
    partial = outcome.review.partial or left
    if unfixed:
        return Exit.FINDINGS_AND_PARTIAL if partial else Exit.FINDINGS
    return Exit.PARTIAL if partial else Exit.CLEAN
