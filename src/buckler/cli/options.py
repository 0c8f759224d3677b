"""Options that several commands share, and the spelling that options had before.

Example::

    @click.command("defend", cls=Verb)
    @with_options(REPORT_OPTIONS)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from buckler.explain.model import Audience
from buckler.report.formats import FORMATS

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)
FORMER = {"--for": "--audience", "--knowledge": "--libraries", "--bundles": "--evidence-dir"}
"""Former spellings, understood for one release and shown nowhere."""

REPORT_OPTIONS = (
    click.option(
        "--format", "formats", multiple=True, type=click.Choice(sorted(FORMATS)), help="Repeatable; see --output."
    ),
    click.option(
        "--output",
        "outputs",
        multiple=True,
        metavar="FILE",
        help="Where the matching --format goes, or what the suffix asks for; - is stdout.",
    ),
)
FORMAT_OPTION = click.option(
    "--format", "form", type=click.Choice(sorted(FORMATS)), default="terminal", show_default=True, help="Report format."
)
DATABASE_OPTION = click.option(
    "--database", type=FILE, help="File of advisories.  [default: beside the cache, or BUCKLER_ADVISORIES]"
)
AUDIENCE_OPTION = click.option(
    "--audience",
    type=click.Choice([audience.value for audience in Audience]),
    default="developer",
    show_default=True,
    help="Who is going to read it.",
)
TRUST_OPTIONS = (
    click.option(
        "--config", "config_file", type=NEW_FILE, help="Accept this configuration, instead of the one in the folder."
    ),
    click.option("--no-config", is_flag=True, help="Ignore configuration in the folder."),
    click.option(
        "--untrusted",
        is_flag=True,
        help="Somebody else's code: use neither its configuration nor its comments nor .gitignore.",
    ),
)
PROJECT_OPTIONS = (
    click.option("--env", "environment", type=FOLDER, help="Virtual environment to run the project with."),
    click.option("--python", type=FILE, help="Interpreter to run the project with."),
    click.option("--no-install", is_flag=True, help="Install nothing; the project must run with what is there."),
    click.option("--no-dependencies", is_flag=True, help="Leave out known vulnerabilities of what it is made of."),
    DATABASE_OPTION,
    *TRUST_OPTIONS,
    click.option("--cache", type=NEW_FILE, help="Cache file.  [default: in the user's cache folder]"),
    click.option("--quiet", "-q", is_flag=True, help="Only the verdict."),
)


class Verb(click.Command):
    """A command that understands the former spelling of its options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        return super().parse_args(ctx, [*map(current, args[:end]), *args[end:]])


def current(word: str) -> str:
    """A word of the command line as it is spelled now.

    >>> current("--bundles=evidence")
    '--evidence-dir=evidence'
    """
    name, equals, value = word.partition("=")
    return f"{FORMER.get(name, name)}{equals}{value}"


def with_options(options: Sequence[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    """Several options at once, in their order."""

    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate
