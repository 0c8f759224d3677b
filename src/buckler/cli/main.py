"""The command `buckler`: the process edge, where every error becomes a sentence and an exit code.

Example::

    sys.exit(run(["review", "services/shop", "--format", "sarif"]))
"""

from __future__ import annotations

import errno
import gc
import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module

import click

from buckler.base.errors import UserError
from buckler.base.scratch import sweep, tidy
from buckler.base.version import VERSION
from buckler.cli.exits import ABOUT, Exit
from buckler.cli.outputs import reader_gone
from buckler.report.plain import visible

COMMANDS = {
    "review": "buckler.cli.review:review",
    "dependencies": "buckler.cli.dependencies:dependencies",
    "defend": "buckler.cli.defend:defend_command",
    "explain": "buckler.cli.single:explain_command",
    "prove": "buckler.cli.single:prove_command",
    "fix": "buckler.cli.single:fix_command",
    "verify": "buckler.cli.single:verify_command",
    "check-report": "buckler.cli.single:check_report_command",
    "rules": "buckler.cli.rules:rules",
    "explain-rule": "buckler.cli.rules:explain_rule",
    "cache": "buckler.cli.cache:cache",
    "data": "buckler.cli.data:data",
    "triage": "buckler.cli.triage:triage",
}
"""Where each command lives; imported when it is called, because nobody who reviews needs what proves."""


OF_THE_MACHINE = frozenset({
    errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.EACCES, errno.EPERM,
})  # fmt: skip
"""What a full or broken disk and a lack of rights say: not an error of ours."""


class Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module, _, name = COMMANDS.get(cmd_name, "").partition(":")
        command: click.Command | None = getattr(import_module(module), name) if module else None
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, with the command that was probably meant."""
        near = get_close_matches(args[0], COMMANDS, 1) if args and args[0] not in COMMANDS else []
        if near:
            ctx.fail(f"No such command '{args[0]}'. Did you mean '{near[0]}'?")
        return super().resolve_command(ctx, args)


@click.group(
    cls=Commands, epilog=ABOUT, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(VERSION, prog_name="buckler")
def buckler() -> None:
    """Security review that follows untrusted data and shows its evidence."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command; never raises, never shows a traceback."""
    try:
        code = buckler.main(arguments, prog_name="buckler", standalone_mode=False)
        sys.stdout.flush()
    except (KeyboardInterrupt, click.Abort):
        _say(
            "interrupted; what was finished is kept in the cache, if there is one, and the next run goes on from there"
        )
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
    except MemoryError:
        _say("there is not enough memory for this; review a part of it, or raise the limit")
        return Exit.USAGE
    except Exception as error:  # noqa: BLE001 - the process edge
        if isinstance(error, OSError) and _of_the_machine(error):
            place = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
            _say(f"{place}{error.strerror}; make room there, or name another place with --cache or TMPDIR")
            return Exit.USAGE
        _say(f"internal error ({type(error).__name__}); details are in {_log()}")
        return Exit.INTERNAL
    return int(code or 0)


def _of_the_machine(error: OSError) -> bool:
    """Whether a disk or a lack of rights is to blame; of a folder for temporary files that is missing, no name is given."""
    return error.errno in OF_THE_MACHINE or (error.errno == errno.ENOENT and error.filename is None)


def _say(text: str) -> None:
    click.echo(f"buckler: {visible(text)}", err=True)


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
    sweep()
    code = run()
    sys.stdout.flush()
    sys.stderr.flush()
    tidy()
    os._exit(code)


if __name__ == "__main__":
    main()
