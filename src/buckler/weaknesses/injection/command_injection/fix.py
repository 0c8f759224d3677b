"""Commands for the shell: a list of arguments where the shell does nothing but part the words, quoted values elsewhere."""

from __future__ import annotations

from buckler.fix import guards
from buckler.fix.patch import FixRecipe
from buckler.weaknesses.injection import commands
from buckler.weaknesses.injection.command_injection import shell

FIX = FixRecipe(
    {
        "python": (
            commands.argument_list,
            shell.shell,
            guards.plain_part,
        )
    }
)
