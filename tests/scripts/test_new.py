"""What `./do new` writes is correct as it stands: it loads, and it is never in the way of what exists."""

from __future__ import annotations

import ast
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from buckler.analysis.libraries.load import load_libraries
from buckler.finding.evidence import Assessment
from buckler.review.rulebook import read_rule
from review_sample import RULES, review

ROOT = Path(__file__).parents[2]


def import_file(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def new() -> ModuleType:
    return import_file(ROOT / "scripts" / "new.py")


def test_a_new_rule_can_be_read(new: ModuleType, tmp_path: Path) -> None:
    ([file], _) = new.scaffold(tmp_path, "rule", "files/zip-slip")
    rule, samples = read_rule(file.read_text(), "files/zip-slip.md")
    assert (rule.id, rule.family, len(samples)) == ("zip-slip", "files", 2)


def test_a_new_knowledge_table_can_be_read(new: ModuleType, tmp_path: Path) -> None:
    ([file], _) = new.scaffold(tmp_path, "library", "python/zzz")
    known = load_libraries("python", [file.parents[1]])
    assert known.callables["zzz.replace_me"][0].sinks[0].rule == "code-injection"


def test_a_new_language_is_python(new: ModuleType, tmp_path: Path) -> None:
    ([file, suite], hint) = new.scaffold(tmp_path, "language", "java")
    assert "JAVA = Language(" in ast.unparse(ast.parse(file.read_text()))
    assert suite.exists()
    assert "tree-sitter-java" in hint


def test_a_new_report_is_one_file(new: ModuleType, tmp_path: Path) -> None:
    ([file, _], _) = new.scaffold(tmp_path, "report", "tsv")
    module = import_file(file)
    assert module.SUFFIXES == (".tsv",)
    assert module.render(Assessment(review(), RULES)).count("\n") == len(review().findings)


def test_nothing_is_overwritten(new: ModuleType, tmp_path: Path) -> None:
    new.scaffold(tmp_path, "rule", "files/zip-slip")
    with pytest.raises(new.Wrong, match="there already"):
        new.scaffold(tmp_path, "rule", "files/zip-slip")


@pytest.mark.parametrize(
    ("kind", "name"),
    [("rul", "x"), ("rule", "x"), ("rule", "../x"), ("language", "a/b"), ("report", "Csv"), ("report", "")],
)
def test_wrong_requests(new: ModuleType, tmp_path: Path, kind: str, name: str) -> None:
    with pytest.raises(new.Wrong):
        new.scaffold(tmp_path, kind, name)
