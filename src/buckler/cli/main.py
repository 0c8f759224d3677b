"""The command `buckler`: the process edge, where every error becomes a sentence and an exit code.

Example::

    sys.exit(run(["review", "services/shop", "--format", "sarif"]))
"""

from __future__ import annotations

import gc
import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Sequence

import click

from buckler.base.errors import UserError
from buckler.base.version import VERSION
from buckler.cli.cache import cache
from buckler.cli.defend import defend_command
from buckler.cli.exits import ABOUT, Exit
from buckler.cli.outputs import reader_gone
from buckler.cli.review import review
from buckler.cli.rules import explain_rule, rules


@click.group(epilog=ABOUT, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(VERSION, prog_name="buckler")
def buckler() -> None:
    """Security review that follows untrusted data and shows its evidence."""


for command in (review, defend_command, rules, explain_rule, cache):
    buckler.add_command(command)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command; never raises, never shows a traceback."""
    try:
        code = buckler.main(arguments, prog_name="buckler", standalone_mode=False)
        sys.stdout.flush()
    except (KeyboardInterrupt, click.Abort):
        _say("interrupted; what was finished is kept in the cache, the next run goes on from there")
        return Exit.INTERRUPTED
    except BrokenPipeError:
        reader_gone()
        return Exit.CLEAN
    except click.ClickException as error:
        error.show()
        return Exit.USAGE
    except UserError as error:
        _say(str(error))
        return Exit.USAGE
    except Exception as error:  # noqa: BLE001 - the process edge
        _say(f"internal error ({type(error).__name__}); details are in {_log()}")
        return Exit.INTERNAL
    return int(code or 0)


def _say(text: str) -> None:
    click.echo(f"buckler: {text}", err=True)


def _log() -> str:
    """Write the traceback where only the user can read it, and say where."""
    heading = f"buckler {VERSION}, Python {platform.python_version()}, {platform.system()}\n"
    try:
        handle, name = tempfile.mkstemp(prefix="buckler-", suffix=".log")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(heading + traceback.format_exc())
    except OSError:
        return "no file, because none could be written"
    return name


def main() -> None:
    """Entry point of the console script.

    Neither searches the millions of objects a review makes for garbage nor takes them apart at the end: either
    would take seconds for nothing.
    """
    gc.disable()
    code = run()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
