"""`buckler defend`: the whole job, from a project to proved fixes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from buckler.base.config import SEVERITIES, find_config
from buckler.cli.exits import ABOUT_DEFENDING, Exit
from buckler.cli.outputs import STDOUT, prefix_of, write_file, write_stdout
from buckler.cli.progress import shown_progress
from buckler.explain.model import Reader
from buckler.finding.evidence import Defence
from buckler.finding.model import Grade, Severity
from buckler.prove.environment.build import Wishes
from buckler.report.defence import print_defences, verdict
from buckler.report.defended import render_html, render_json, render_markdown
from buckler.report.sarif_defence import render_sarif
from buckler.store.cache import default_path
from buckler.workbench.defend import Defended, DefendOptions, defend
from buckler.workbench.review import Options, limits_of
from buckler.workbench.unpack import as_folder

SHOWN_NOTICES = frozenset({"sandbox", "syntax"})
FORMATS = {"json": render_json, "markdown": render_markdown, "html": render_html}
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
PROJECT = click.Path(exists=True, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
PROJECT_OPTIONS = (
    click.option("--env", "environment", type=FOLDER, help="Virtual environment to run the project with."),
    click.option("--python", type=FILE, help="Interpreter to run the project with."),
    click.option("--no-install", is_flag=True, help="Install nothing; the project must run with what is there."),
    click.option("--no-config", is_flag=True, help="Ignore configuration in the folder."),
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
    cache: Path = given["cache"] or default_path() or Path.home() / ".cache" / "buckler" / "cache.sqlite"
    options = Options(cache=cache) if given["no_config"] else Options(config=find_config(path), cache=cache)
    return options, DefendOptions(
        Wishes(cache.parent, given["environment"], given["python"], not given["no_install"]), fix=fix
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
    "--format", "formats", multiple=True, type=click.Choice([*FORMATS, "sarif"]), help="Repeatable; see --output."
)
@click.option(
    "--output", "outputs", multiple=True, metavar="FILE", help="Where the matching --format goes; - is stdout."
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
    wanted = replace(
        wanted,
        only=given["only"],
        rules=given["rules"],
        least=Severity[given["min_severity"].upper()],
        max_time=given["max_time"],
        bundles=given["bundles"],
    )
    each = None if given["quiet"] or sys.stderr.isatty() else told
    with as_folder(path, limits_of(options.config)) as folder, shown_progress(quiet=given["quiet"]) as progress:
        outcome = defend(folder, options, wanted, progress, each)
    targets = dict(zip(given["formats"], (*given["outputs"], *[STDOUT] * len(given["formats"])), strict=False))
    for form, target in targets.items():
        text = written(form, outcome, Reader(given["reader"]))
        write_stdout(text) if target == STDOUT else write_file(Path(target), text)
    if STDOUT not in targets.values():
        show(outcome, quiet=given["quiet"])
    return code_of(outcome)


def told(number: int, count: int, defence: Defence) -> None:
    """A line for each finding, where nobody sees a bar."""
    place = f"{defence.finding.location.path}:{defence.finding.location.line}"
    click.echo(f"[{number}/{count}] {defence.grade} {defence.finding.rule} {place} ({defence.seconds:.0f} s)", err=True)


def written(form: str, outcome: Defended, reader: Reader) -> str:
    """The outcome in a format."""
    if form == "sarif":
        bundles = {folder.name: str(folder) for folder in outcome.bundles}
        return render_sarif(outcome.review, outcome.rules, prefix_of(outcome.root), outcome.defences, bundles)
    rules = {rule.id: rule for rule in outcome.rules}
    return FORMATS[form](outcome.defences, rules, outcome.left, reader, outcome.smaller)


def show(outcome: Defended, *, quiet: bool) -> None:
    console = Console(markup=False, emoji=False, highlight=False)
    if not quiet:
        print_defences(console, outcome.defences)
        for notice in outcome.review.notices:
            if notice.kind in SHOWN_NOTICES or notice.partial:
                console.print(
                    f"{notice.path}: {notice.text}" if notice.path else notice.text, style="yellow", soft_wrap=True
                )
    console.print(verdict(outcome.defences, outcome.left, outcome.smaller), soft_wrap=True)
    if any(d.fix is not None for d in outcome.defences) and not quiet:
        console.print(
            "Nothing in the tree was changed: `buckler fix ID --apply` or `--branch NAME` does that.", soft_wrap=True
        )
    if outcome.interrupted:
        click.echo(
            f"buckler: interrupted; these {len(outcome.defences)} are kept, the same command goes on from there",
            err=True,
        )


def code_of(outcome: Defended) -> Exit:
    """Clean only if nothing serious was found or everything serious has a fix that holds."""
    if outcome.interrupted:
        return Exit.INTERRUPTED
    unfixed = any(d.grade is not Grade.FIXED for d in outcome.defences)
    partial = outcome.review.partial or bool(outcome.left)
    if unfixed:
        return Exit.FINDINGS_AND_PARTIAL if partial else Exit.FINDINGS
    return Exit.PARTIAL if partial else Exit.CLEAN
