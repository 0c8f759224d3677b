"""What a user reads uses the field's words: command line, rule pages, documents, templates, reports, and the sentences
that fixers, proofs and the workbench write.

The list is `words.toml`: each word that is not to be met, with what is written instead.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from buckler.cli.main import COMMANDS, buckler
from buckler.finding.evidence import RUNG_NAMES, RUNGS
from buckler.report.words import APPROXIMATIONS, GRADES
from buckler.weaknesses.registry import rulebook

ROOT = Path(__file__).parents[2]
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/*.md", "docs/rules/*.md"]
SOURCES = ["src/buckler/report/templates/*.j2", "src/buckler/explain/impact.toml", "src/buckler/explain/words.py"]
PAGES = ["src/buckler/weaknesses/*/*/rule.md"]
REPORTS = ["tests/report/golden/*"]
SENTENCES = ["fix", "prove", "triage", "workbench", "weaknesses"]
"""Packages whose string literals are sentences for the user; their docstrings and comments are for developers."""
FORMATS = {"defences"}
"""Whole literals that are names of stored formats, not words."""
CODE = re.compile(r"^```.*?^```", re.M | re.S)
CLASS = re.compile(r"[A-Z][\w.'-]*(?: [\w.'-]+)*(?: \([^)]+\))?: \S")


@dataclass(slots=True, frozen=True)
class Word:
    forbidden: re.Pattern[str]
    write: str
    allow: tuple[str, ...]


def words() -> list[Word]:
    rows = tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8"))["word"]
    return [Word(re.compile(r["forbidden"], re.I), r["write"], tuple(r.get("allow", ()))) for r in rows]


def wrong(text: str) -> Iterator[str]:
    """Each forbidden word in a text, with its line and what to write; code of samples is not prose."""
    prose = CODE.sub(lambda m: "\n" * m[0].count("\n"), text)
    for number, line in enumerate(prose.splitlines(), 1):
        for word in words():
            left = line
            for context in word.allow:
                left = left.replace(context, "")
            if found := word.forbidden.search(left):
                yield f"line {number}: '{found[0]}', write '{word.write}': {line.strip()[:100]}"


def files() -> list[Path]:
    patterns = [*DOCUMENTS, *SOURCES, *PAGES, *REPORTS]
    return [file for pattern in patterns for file in sorted(ROOT.glob(pattern))]


@pytest.mark.parametrize("file", files(), ids=lambda file: str(file.relative_to(ROOT)))
def test_files_use_the_words_of_the_field(file: Path) -> None:
    assert list(wrong(file.read_text("utf-8"))) == []


def literals(source: str) -> Iterator[tuple[int, str]]:
    """Each string literal with its line, the constant parts of f-strings too, but no docstring."""
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if id(node) not in docstrings and text not in FORMATS:
                yield node.lineno, text


def modules() -> list[Path]:
    found = [file for package in SENTENCES for file in sorted((ROOT / "src/buckler" / package).rglob("*.py"))]
    return [file for file in found if file.parent.name != "examples"]  # other people's code, as it were


@pytest.mark.parametrize("file", modules(), ids=lambda file: str(file.relative_to(ROOT)))
def test_sentences_in_code_use_the_words_of_the_field(file: Path) -> None:
    found = [(line, said) for line, text in literals(file.read_text("utf-8")) for said in wrong(text)]
    assert found == []


def test_sentences_in_code_are_read_without_docstrings_and_identifiers() -> None:
    source = 'def told():\n    """The reason is told."""\n    return f"{mend} a way in"\n'
    assert list(literals(source)) == [(3, " a way in")]
    assert [said for _, text in literals(source) for said in wrong(text)]


def commands() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(buckler)
    yield "buckler", buckler
    for name in COMMANDS:
        command = buckler.get_command(context, name)
        assert command is not None
        yield name, command
        for part, inner in getattr(command, "commands", {}).items():
            yield f"{name} {part}", inner


@pytest.mark.parametrize(("name", "command"), list(commands()))
def test_help_uses_the_words_of_the_field(name: str, command: click.Command) -> None:
    assert list(wrong(command.get_help(click.Context(command, info_name=name)))) == []


def test_legends_use_the_words_of_the_field() -> None:
    said = [*GRADES.values(), *RUNGS.values(), *RUNG_NAMES.values(), *APPROXIMATIONS.values()]
    assert list(wrong("\n".join(said))) == []


def test_titles_lead_with_the_class_of_weakness() -> None:
    assert [rule.title for rule in rulebook().rules.values() if not CLASS.match(rule.title)] == []
