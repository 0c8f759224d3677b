"""What each construct lowers to, for eyes: the same scenarios in every language, beside their IR.

`./do bless` rewrites the `.ir` files; the difference is then read like code.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import golden
from buckler.analysis.ir.checker import check
from buckler.analysis.ir.codec import decode, encode
from buckler.analysis.ir.printer import show
from buckler.analysis.languages.registry import LANGUAGES, front_end
from buckler.analysis.languages.shared import lower

HERE = Path(__file__).parent
ENDINGS = {"python": ".py", "javascript": ".js"}
RECOVERS = "unknown_syntax_recovery"


def scenarios(language: str) -> set[str]:
    return {p.stem for p in (HERE / language).glob(f"*{ENDINGS[language]}")}


CASES = [(language, name) for language in sorted(LANGUAGES) for name in sorted(scenarios(language))]


@pytest.mark.parametrize(("language", "name"), CASES)
def test_golden(language: str, name: str) -> None:
    file = HERE / language / (name + ENDINGS[language])
    module = lower(front_end(language), f"pack/{file.name}", f"pack.{name}", False, file.read_bytes())
    assert check(module) == []
    assert show(decode(encode(module))) == show(module)
    if name != RECOVERS:
        assert module.opaque == {}
        assert module.errors == []
    bound = "".join(f"import {k} = {m}{':' + n if n else ''}\n" for k, (m, n) in sorted(module.imports.items()))
    stars = "".join(f"import * = {m}\n" for m in module.star_imports)
    golden.check(file.with_suffix(".ir"), show(module) + (f"\n{bound}{stars}" if bound or stars else ""))


def test_every_language_shows_every_scenario() -> None:
    """The table of languages and scenarios has no holes."""
    table = {language: scenarios(language) for language in LANGUAGES}
    for name in sorted(set().union(*table.values())):
        print(f"{name:26}" + "".join(f"{'x' if name in t else '-':>12}" for t in table.values()))  # noqa: T201
    holes = {
        f"{language}: {name}" for language, names in table.items() for name in set().union(*table.values()) - names
    }
    assert not holes
