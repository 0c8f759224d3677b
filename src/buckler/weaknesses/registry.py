"""The rooms of all weaknesses: each folder `<family>/<id>/` with a page `rule.md` is one, and nothing else names it.

Beside its page a room may hold a structural check (`check.py`), fixers (`fix.py`) and a proof (`proof.py`). They are
imported when somebody asks for them: a review without a proof loads no oracle.

Example::

    book = rulebook()
    book.rules["sql-injection"].cwe        # (89,)
    fix_of("sql-injection").fixers         # {"python": (bound, named)}
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from buckler.review.rulebook import ROOM, RuleBook, load_rules

if TYPE_CHECKING:  # most of Buckler, which a list of rules or a tree that is known already does not need
    from buckler.fix.patch import FixRecipe
    from buckler.prove.model import ProofRecipe
    from buckler.review.checks.model import Check, TextCheck

ROOMS = Path(__file__).parent


def rulebook(extra: Sequence[Path] = ()) -> RuleBook:
    """The pages of all rooms, and those in the user's own folders; raises `RuleError` for the first mistake."""
    return replace(load_rules((ROOMS, *extra)), checks=checks, text_checks=text_checks)


@cache
def known_as() -> dict[str, str]:
    """Words by which reports name weaknesses, each with the id of the rule."""
    return {word: rule.id for rule in rulebook().rules.values() for word in rule.known_as}


@cache
def checks() -> tuple[Check, ...]:
    """The structural checks of all rooms; one that sees two weaknesses stands in both rooms and counts once."""
    return tuple(dict.fromkeys(check for module in check_modules() for check in getattr(module, "CHECKS", ())))


@cache
def text_checks() -> tuple[TextCheck, ...]:
    """The checks of all rooms that look at the text of a file."""
    return tuple(check for module in check_modules() for check in getattr(module, "TEXT_CHECKS", ()))


@cache
def rooms() -> dict[str, Path]:
    """Folder of each room, by the id of its weakness."""
    return {page.parent.name.replace("_", "-"): page.parent for page in sorted(ROOMS.glob(f"*/*/{ROOM}"))}


def examples() -> list[Path]:
    """The small vulnerable programs of all rooms, each with the patches that were looked at and kept beside it."""
    return sorted(ROOMS.glob("*/*/examples/*.py"))


def check_modules() -> list[ModuleType]:
    return [module for rule in rooms() if (module := part(rule, "check")) is not None]


def proof_of(rule: str) -> ProofRecipe | None:
    """How to prove a weakness; None where no observable effect of it is known."""
    proof = part(rule, "proof")
    recipe: ProofRecipe | None = proof.PROOF if proof is not None else None
    return recipe


def fix_of(rule: str) -> FixRecipe | None:
    """How to fix a weakness; None where nobody knows."""
    fix = part(rule, "fix")
    recipe: FixRecipe | None = fix.FIX if fix is not None else None
    return recipe


def part(rule: str, name: str) -> ModuleType | None:
    """A module of a room, None if the room has no such part or there is no such room."""
    room = rooms().get(rule)
    if room is None or not (room / f"{name}.py").is_file():
        return None
    return import_module(f"{__package__}.{room.parent.name}.{room.name}.{name}")
