"""`buckler dependencies`: options in, exit code out; the work is done by the workbench."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from buckler.base.config import SEVERITIES, Config
from buckler.cli.exits import ABOUT_DEPENDENCIES, Exit, exit_code
from buckler.cli.options import (
    DATABASE_OPTION,
    FOLDER,
    NEW_FILE,
    REPORT_OPTIONS,
    TRUST_OPTIONS,
    Verb,
    with_options,
)
from buckler.cli.outputs import plan, prefix_of, reader_gone, write_reports
from buckler.cli.progress import shown_progress
from buckler.finding.model import Severity
from buckler.report.formats import FORMATS
from buckler.report.view import View
from buckler.store.cache import default_path
from buckler.workbench.dependencies import dependencies as find_dependencies
from buckler.workbench.review import Options
from buckler.workbench.trust import accepted, published, threshold, tree_config
from buckler.workbench.wishes import Wishes

LEVEL = click.Choice(SEVERITIES)


@click.command("dependencies", cls=Verb, epilog=ABOUT_DEPENDENCIES)
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="PATH...")
@with_options(REPORT_OPTIONS)
@DATABASE_OPTION
@click.option("--no-reach", is_flag=True, help="Do not look for the ways of the code to what is vulnerable.")
@click.option(
    "--env",
    "environments",
    multiple=True,
    type=FOLDER,
    help="Where the packages are installed, for --reach. Repeatable.",
)
@click.option("--fetch", is_flag=True, help="Fetch releases that are not at hand from their registry.")
@click.option("--changed-since", metavar="REV", default="", help="Report only what the change since REV introduces.")
@click.option("--baseline", type=NEW_FILE, help="Findings the team has accepted.")
@click.option("--write-baseline", type=NEW_FILE, help="Accept everything found now.")
@click.option("--fail-on", type=LEVEL, help="Least severity that fails the run.  [default: medium]")
@click.option("--min-severity", type=LEVEL, help="Least severity to show.  [default: low; note for SBOM and VEX alone]")
@click.option("--exclude", multiple=True, metavar="PATTERN", help="Leave out, as in .gitignore. Repeatable.")
@click.option("--include-tests", is_flag=True, help="Read manifests of test code too; left out by default.")
@with_options(TRUST_OPTIONS)
@click.option("--no-suppressions", is_flag=True, help="Ignore 'buckler: ignore[...]' comments.")
@click.option("--cache", type=NEW_FILE, help="Cache file, or 'off'.  [default: in the user's cache folder]")
@click.option("--quiet", "-q", is_flag=True, help="Only the verdict.")
@click.option("--verbose", "-v", is_flag=True, help="Every notice.")
def dependencies(paths: tuple[Path, ...], **given: Any) -> Exit:
    """List known vulnerabilities of what a project is made of, and say whether its code gets to them.

    Reads manifests, lockfiles, SBOMs and installed environments; runs nothing and asks no server, unless --fetch is
    given. Flaws that the code does not reach are notes (--min-severity note).
    """
    planned = plan(given["formats"], given["outputs"])
    everything = not any(FORMATS[output.format].complete for output in planned)
    config = accepted(given["config_file"])
    config = replace(
        config,
        exclude=(*config.exclude, *given["exclude"]),
        include_tests=config.include_tests or given["include_tests"],
        baseline=given["baseline"] or config.baseline,
    )
    untrusted = given["untrusted"] or all(map(published, paths))
    own = untrusted or given["no_config"] or given["config_file"]
    tree = Config() if own else tree_config(paths)
    fail_on = threshold(given["fail_on"], config, tree)
    options = Options(
        config=config,
        tree=tree,
        untrusted=untrusted,
        fail_on=fail_on,
        changed_since=given["changed_since"],
        write_baseline=given["write_baseline"],
        min_severity=Severity[(given["min_severity"] or ("note" if everything else "low")).upper()],
        honor_comments=not given["no_suppressions"],
        cache=default_path(given["cache"]),
        database=given["database"],
        reach=None if given["no_reach"] else Wishes(given["environments"], given["fetch"]),
    )
    with shown_progress(quiet=given["quiet"]) as progress:
        outcome = find_dependencies(paths, options, progress)
    try:
        write_reports(planned, outcome, View(prefix_of(outcome.root), full=given["verbose"]), quiet=given["quiet"])
    except BrokenPipeError:
        reader_gone()  # the exit code still tells what was found
    return Exit.CLEAN if options.write_baseline else exit_code(outcome.review, fail_on)
