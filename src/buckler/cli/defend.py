"""`buckler defend`: the whole job, from a project to proved fixes."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from buckler.base.config import SEVERITIES, Config
from buckler.cli.exits import ABOUT_DEFENDING, Exit
from buckler.cli.outputs import STDOUT, plan, prefix_of, write_file, write_stdout
from buckler.cli.progress import shown_progress
from buckler.cli.screen import console
from buckler.explain.model import Reader
from buckler.explain.sandbox import where_it_ran
from buckler.finding.evidence import Remediation
from buckler.finding.model import Grade, Notice, Severity
from buckler.prove.environment.build import EnvironmentOptions
from buckler.report.defence import print_defences, print_left, render_text, verdict
from buckler.report.defended import render_html, render_json
from buckler.report.markdown_defence import render_markdown
from buckler.report.plain import visible
from buckler.report.sarif_defence import render_sarif
from buckler.report.terminal import print_notices
from buckler.report.words import hidden
from buckler.store.cache import default_path
from buckler.workbench.defend import DefendOptions, Remediations, defend
from buckler.workbench.review import Options, limits_of
from buckler.workbench.trust import accepted, published, tree_config
from buckler.workbench.unpack import as_folder

WORTH_SAYING = 3.0
"""Seconds of preparation that a reader wonders about."""
FORMATS = {"json": render_json, "markdown": render_markdown, "html": render_html}
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
PROJECT = click.Path(exists=True, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
PROJECT_OPTIONS = (
    click.option("--env", "environment", type=FOLDER, help="Virtual environment to run the project with."),
    click.option("--python", type=FILE, help="Interpreter to run the project with."),
    click.option("--no-install", is_flag=True, help="Install nothing; the project must run with what is there."),
    click.option(
        "--config",
        "config_file",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Accept this configuration, instead of the one in the folder.",
    ),
    click.option("--no-config", is_flag=True, help="Ignore configuration in the folder."),
    click.option(
        "--untrusted",
        is_flag=True,
        help="Somebody else's code: use neither its configuration nor its comments nor .gitignore.",
    ),
    click.option(
        "--cache",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Cache file.  [default: in the user's cache folder]",
    ),
    click.option("--quiet", "-q", is_flag=True, help="Only the verdict."),
)


def with_options(options: Sequence[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    """Several options at once, in their order."""

    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def project_options(path: Path, given: dict[str, Any], *, fix: bool = True) -> tuple[Options, DefendOptions]:
    """What the options shared by these commands mean."""
    cache: Path = default_path(given["cache"]) or Path.home() / ".cache" / "buckler" / "cache.sqlite"
    untrusted = given["untrusted"] or published(path)
    own = untrusted or given["no_config"] or given["config_file"]
    tree = Config() if own else tree_config([path])
    options = Options(accepted(given["config_file"]), tree, untrusted, cache=cache)
    return options, DefendOptions(
        EnvironmentOptions(cache.parent, given["environment"], given["python"], not given["no_install"]), fix=fix
    )


@click.command("defend", epilog=ABOUT_DEFENDING)
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
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(["terminal", *FORMATS, "sarif"]),
    help="Repeatable; see --output.",
)
@click.option(
    "--output",
    "outputs",
    multiple=True,
    metavar="FILE",
    help="Where the matching --format goes, or what the suffix asks for; - is stdout.",
)
@click.option(
    "--for",
    "reader",
    type=click.Choice([r.value for r in Reader]),
    default="developer",
    show_default=True,
    help="For whom the words are.",
)
@click.option(
    "--bundles",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the evidence of each reproduced finding there.",
)
@with_options(PROJECT_OPTIONS)
def defend_command(path: Path, **given: Any) -> Exit:
    """Review a project, prove what is serious, write the fix and prove that it holds."""
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
        bundles=given["bundles"],
    )
    each = None if given["quiet"] or sys.stderr.isatty() else told
    unread: list[Notice] = []
    if each is not None:
        click.echo("making the environment and loading the project ...", err=True)
    with as_folder(path, limits_of(options), unread) as folder, shown_progress(quiet=given["quiet"]) as progress:
        outcome = defend(folder, options, wanted, progress, each)
    outcome.review.notices[:0] = unread
    for output in planned:
        if output.format == "terminal" and output.target == STDOUT:
            show(outcome, addressed(path), quiet=given["quiet"])
            continue
        text = written(output.format, outcome, Reader(given["reader"]))
        write_stdout(text) if output.target == STDOUT else write_file(Path(output.target), text)
    if STDOUT not in [output.target for output in planned]:
        show(outcome, addressed(path), quiet=given["quiet"])
    if outcome.interrupted:
        kept = f"these {len(outcome.defences)} are kept, the same command goes on from there"
        click.echo(f"buckler: interrupted; {kept}", err=True)
    return code_of(outcome)


def addressed(path: Path) -> str:
    """The project as it stands behind a command: nothing for the current folder."""
    return "" if path == Path() else f" {shlex.quote(str(path))}"


def told(number: int, count: int, defence: Remediation) -> None:
    """A line for each finding, where nobody sees a bar."""
    place = visible(f"{defence.finding.location.path}:{defence.finding.location.line}")
    click.echo(f"[{number}/{count}] {defence.grade} {defence.finding.rule} {place} ({defence.seconds:.0f} s)", err=True)


def written(form: str, outcome: Remediations, reader: Reader) -> str:
    """The outcome in a format."""
    if form == "terminal":
        return render_text(outcome.defences, outcome.left, outcome.smaller, outcome.review)
    if form == "sarif":
        bundles = {folder.name: str(folder) for folder in outcome.bundles}
        left = {finding.fingerprint for finding in outcome.left}
        return render_sarif(outcome.review, outcome.rules, prefix_of(outcome.root), outcome.defences, bundles, left)
    rules = {rule.id: rule for rule in outcome.rules}
    return FORMATS[form](outcome.defences, rules, outcome.left, reader, outcome.smaller, outcome.review)


def show(outcome: Remediations, where: str, *, quiet: bool) -> None:
    """What a person reads; `where` is the project behind a command."""
    screen = console()
    if not quiet:
        print_defences(screen, outcome.defences, where)
        print_left(screen, outcome.left)
        print_notices(screen, outcome.review.notices)
    said = verdict(outcome.defences, outcome.left, outcome.smaller)
    screen.print(
        said.removesuffix(".") + hidden(outcome.review) + "." if outcome.review.hidden else said, soft_wrap=True
    )
    if not quiet and (where_it_was := where_it_ran(outcome.defences)):
        screen.print(where_it_was, style="dim", soft_wrap=True)
    if outcome.setup >= WORTH_SAYING and not quiet:
        screen.print(f"Making the environment and loading the project took {outcome.setup:.0f} s.", style="dim")
    if any(d.fix is not None for d in outcome.defences) and not quiet:
        how = f"`buckler fix ID{where} --apply` or `--branch NAME` does that."
        screen.print(f"Nothing in the tree was changed: {how}", soft_wrap=True)


def code_of(outcome: Remediations) -> Exit:
    """Clean only if nothing serious was found or everything serious has a fix that holds; not reached is not fixed."""
    if outcome.interrupted:
        return Exit.INTERRUPTED
    unfixed = bool(outcome.left) or any(d.grade is not Grade.FIXED for d in outcome.defences)
    partial = outcome.review.partial or bool(outcome.left)
    if unfixed:
        return Exit.FINDINGS_AND_PARTIAL if partial else Exit.FINDINGS
    return Exit.PARTIAL if partial else Exit.CLEAN
