"""`buckler review`: options in, exit code out; the work is done by the workbench."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from buckler.base.config import MAX_JOBS, SEVERITIES, Config
from buckler.cli.exits import ABOUT, Exit, exit_code
from buckler.cli.options import DATABASE_OPTION, FOLDER, NEW_FILE, REPORT_OPTIONS, Verb, with_options
from buckler.cli.outputs import plan, prefix_of, reader_gone, write_reports
from buckler.cli.progress import shown_progress
from buckler.finding.model import Severity
from buckler.report.view import View
from buckler.store.cache import default_path
from buckler.workbench.review import Options, review_paths
from buckler.workbench.trust import accepted, published, threshold, tree_config

LEVEL = click.Choice(SEVERITIES)


@click.command("review", cls=Verb, epilog=ABOUT)
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="PATH...")
@with_options(REPORT_OPTIONS)
@click.option("--changed-since", metavar="REV", default="", help="Report only what the change since REV introduces.")
@click.option("--baseline", type=NEW_FILE, help="Findings the team has accepted.")
@click.option("--write-baseline", type=NEW_FILE, help="Accept everything found now.")
@click.option("--fail-on", type=LEVEL, help="Least severity that fails the run.  [default: medium]")
@click.option("--min-severity", type=LEVEL, default="low", show_default=True, help="Least severity to show.")
@click.option("--rule", "only_rules", multiple=True, metavar="ID", help="Apply only this rule. Repeatable.")
@click.option("--no-dependencies", is_flag=True, help="Leave out known vulnerabilities of what the project is made of.")
@DATABASE_OPTION
@click.option("--disable", multiple=True, metavar="ID", help="Do not apply this rule. Repeatable.")
@click.option("--exclude", multiple=True, metavar="PATTERN", help="Leave out, as in .gitignore. Repeatable.")
@click.option("--include-tests", is_flag=True, help="Review test code too; left out by default.")
@click.option(
    "--config",
    "config_file",
    type=NEW_FILE,
    help="Accept this configuration, instead of the one in the reviewed folder.",
)
@click.option("--no-config", is_flag=True, help="Ignore configuration in the reviewed folder.")
@click.option(
    "--untrusted",
    is_flag=True,
    help="Somebody else's code: use neither its configuration nor its comments nor .gitignore.",
)
@click.option("--no-suppressions", is_flag=True, help="Ignore 'buckler: ignore[...]' comments.")
@click.option("--libraries", multiple=True, type=FOLDER, help="More library models. Repeatable.")
@click.option("--rules", "rules_dirs", multiple=True, type=FOLDER, help="More rules. Repeatable.")
@click.option("--jobs", type=click.IntRange(0, MAX_JOBS), help="Worker processes; 0 is one per core.")
@click.option("--cache", type=NEW_FILE, help="Cache file, or 'off'.  [default: in the user's cache folder]")
@click.option("--no-cache", is_flag=True, help="Neither read nor write a cache.")
@click.option("--quiet", "-q", is_flag=True, help="Only the verdict.")
@click.option("--verbose", "-v", is_flag=True, help="Every notice, and syntax not understood.")
def review(paths: tuple[Path, ...], **given: Any) -> Exit:
    """Review files, folders and archives (sdist, wheel, zip) for security flaws.

    Tests are left out unless asked for; notes too (--min-severity note).
    """
    planned = plan(given["formats"], given["outputs"])
    config = _config(given)
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
        min_severity=Severity[given["min_severity"].upper()],
        only_rules=given["only_rules"],
        honor_comments=not given["no_suppressions"],
        cache=None if given["no_cache"] else default_path(given["cache"]),
        dependencies=not given["no_dependencies"],
        database=given["database"],
    )
    with shown_progress(quiet=given["quiet"]) as progress:
        outcome = review_paths(paths, options, progress)
    try:
        write_reports(planned, outcome, View(prefix_of(outcome.root), full=given["verbose"]), quiet=given["quiet"])
    except BrokenPipeError:
        reader_gone()  # the exit code still tells what was found
    return Exit.CLEAN if options.write_baseline else exit_code(outcome.review, fail_on)


def _config(given: dict[str, Any]) -> Config:
    """The configuration file that was named, with the command line on top."""
    config = accepted(given["config_file"])
    return replace(
        config,
        exclude=(*config.exclude, *given["exclude"]),
        include_tests=config.include_tests or given["include_tests"],
        disable=(*config.disable, *given["disable"]),
        library_dirs=(*config.library_dirs, *given["libraries"]),
        rules_dirs=(*config.rules_dirs, *given["rules_dirs"]),
        jobs=config.jobs if given["jobs"] is None else given["jobs"],
        baseline=given["baseline"] or config.baseline,
    )
