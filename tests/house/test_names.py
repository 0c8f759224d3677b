"""The engine names no language and the frameworks name no weakness: what they know of either is handed to them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

import buckler
from buckler.analysis.languages import shells
from buckler.analysis.languages.registry import LANGUAGES, words_of
from buckler.analysis.languages.words import Words
from buckler.weaknesses.registry import rulebook

HOUSE = Path(buckler.__file__).parent
FRAMEWORKS = ("analysis", "review", "fix", "prove", "explain")
OWN = frozenset({
    "str", "bytes", "list", "dict", "tuple", "set", "object",  # types and kinds of collections of the engine
    "keys", "values", "items", "any", "type", "number", "!",
})  # fmt: skip
"""Words the engine has for things of its own which a language happens to use too."""
OF_MODELS = frozenset({"evaluate.py"})
"""Its functions have the names by which library models ask for them."""


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Texts in the code of a module; what documents it is none."""
    tree = ast.parse(path.read_text("utf-8"))
    spoken = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in spoken:
            yield node.lineno, node.value


def vocabulary() -> set[str]:
    """Every word of every language; of operators and collections the spellings, not what they mean."""
    words: set[str] = {*shells.SHELLS, *shells.COMMAND_OPTIONS, *shells.TAKES_VALUE, shells.END_OF_OPTIONS}
    for name in LANGUAGES:
        table = words_of(name)
        for field in fields(Words):
            held = getattr(table, field.name)
            words |= set(held) if not isinstance(held, bool) else set()
    return words | set(LANGUAGES)


def test_the_engine_names_no_word_of_a_language() -> None:
    words = vocabulary() - OWN
    files = [path for path in (HOUSE / "analysis" / "flow").glob("*.py") if path.name not in OF_MODELS]
    assert [(path.name, line, text) for path in files for line, text in texts(path) if text in words] == []


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_no_framework_names_a_weakness(framework: str) -> None:
    rules = rulebook().rules.keys()
    files = sorted((HOUSE / framework).rglob("*.py"))
    assert files
    assert [(path.name, line, text) for path in files for line, text in texts(path) if text in rules] == []
