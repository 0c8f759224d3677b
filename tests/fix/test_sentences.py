"""No sentence carries data: with every sentence of a finding replaced by nonsense, the same patches are written, the
same proofs are planned, and the order stays."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from buckler.finding.model import Finding, Growth
from buckler.fix.patch import patches_for
from buckler.fix.site import Declined
from buckler.review.ranking import ranked
from buckler.weaknesses.registry import fix_of
from fix.test_shapes import FILES, reviewed

NONSENSE = "Lorem `ipsum()` dolor 'sit' * n amet"
SENTENCES = frozenset({"title", "message", "attacker", "fix"})
SRC = Path(__file__).parents[2] / "src/buckler"
READS_THEM = {"prove/attack.py:headline_of"}
"""Where a sentence goes into the docstring of an emitted test."""


def nonsense(finding: Finding) -> Finding:
    return replace(finding, **dict.fromkeys(SENTENCES, NONSENSE))


def patches(finding: Finding, folder: Path) -> object:
    try:
        return [
            (p.edits, p.title, p.intent)
            for p in patches_for(finding, lambda name: (folder / name).read_bytes(), fix_of(finding.rule))
        ]
    except Declined as declined:
        return str(declined)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_no_patch_and_no_rank_hangs_on_a_sentence(path: Path) -> None:
    findings = reviewed(path)
    for finding in findings:
        assert patches(nonsense(finding), path.parent) == patches(finding, path.parent)
    marks = [(f.location, f.rule) for f in ranked(findings)]
    assert [(f.location, f.rule) for f in ranked([nonsense(f) for f in findings])] == marks


def test_a_witness_is_an_expression_and_no_sentence() -> None:
    assert Growth("a", "x", "!").expression == "'x' + 'a' * n + '!'"


def test_fixers_and_proofs_read_no_sentence() -> None:
    found = set()
    for path in (
        *SRC.glob("fix/**/*.py"),
        *SRC.glob("prove/**/*.py"),
        *SRC.glob("weaknesses/**/*.py"),
        SRC / "review/ranking.py",
    ):
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                for node in ast.walk(function):
                    read = isinstance(node, ast.Attribute) and node.attr in {"title", "message", "attacker"}
                    if read and isinstance(node.value, ast.Name) and node.value.id == "finding":
                        found.add(f"{path.relative_to(SRC).as_posix()}:{function.name}")
                    if read and isinstance(node.value, ast.Attribute) and node.value.attr == "finding":
                        found.add(f"{path.relative_to(SRC).as_posix()}:{function.name}")
    assert found == READS_THEM
