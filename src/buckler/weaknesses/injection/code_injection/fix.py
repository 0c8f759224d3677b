"""Text that is evaluated: read as a literal, or written as the code it spells."""

from __future__ import annotations

from collections.abc import Iterator

from buckler.fix import guards
from buckler.fix.patch import FixRecipe
from buckler.fix.site import (
    Declined,
    Draft,
    Site,
    arguments,
    callee,
    is_text,
    positional,
)
from buckler.fix.untrusted import mixes
from buckler.weaknesses.injection.code_injection import spelled


def literal_only(site: Site) -> Iterator[Draft]:
    """`eval(x)` → `ast.literal_eval(x)`."""
    file, call = site.call()
    text = positional(call, 0)
    if callee(call, file) not in ("eval", "builtins.eval") or text is None or len(arguments(call)) > 1:
        raise Declined("code that is meant to be run cannot be made harmless; take the value out of it")
    if is_text(text, file) or mixes(site):
        raise Declined("the value is only a part of the code")
    yield Draft(
        "Read values, do not run code",
        "`ast.literal_eval` accepts numbers, strings, lists and dictionaries as they are written in Python and nothing that could be called.",
        (file.replace(call, f"ast.literal_eval({file.text(text)})"),),
        ((file.path, "import ast"),),
        "the values are literals",
    )


FIX = FixRecipe(
    {
        "python": (
            literal_only,
            spelled.as_code,
            guards.plain_part,
        )
    }
)
