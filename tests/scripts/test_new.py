"""What `./do new` writes is correct as it stands: it loads, and it is never in the way of what exists."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

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


@pytest.fixture(scope="module")
def house(new: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the house with one of everything that `./do new` makes, and nothing touched by hand."""
    root = tmp_path_factory.mktemp("house")
    shutil.copytree(ROOT / "src", root / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, root / name)
    for kind, name in (("rule", "files/first-kind"), ("weakness", "files/second-kind"), ("library", "python/zzz"),
                       ("language", "zebra"), ("importer", "osprey"), ("claims", "kestrel"), ("manifest", "heron"), ("format", "tsv")):  # fmt: skip
        new.scaffold(root, kind, name)
    new.scaffold(root, "fixer", "files/first-kind")
    new.scaffold(root, "oracle", "files/first-kind")
    card = root / "src/buckler/analysis/languages/zebra/language.toml"
    card.write_text(card.read_text().replace("tree_sitter_zebra", "tree_sitter_javascript"))  # one that is installed
    return root


def run(house: Path, *command: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"PYTHONPATH": str(house / "src"), "XDG_CACHE_HOME": str(house / "cache")}
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=house, env=env, capture_output=True, text=True, check=False
    )


def test_what_is_scaffolded_is_clean(house: Path) -> None:
    assert run(house, "ruff", "check", "src").stdout.strip() == "All checks passed!"
    assert run(house, "ruff", "format", "--check", "src").returncode == 0
    typed = run(house, "mypy", "--strict", "--no-incremental", "src")
    assert typed.returncode == 0, typed.stdout


def test_samples_of_what_is_scaffolded_hold(house: Path) -> None:
    """The check of the new weakness finds its sample; the new library model is executed by its example."""
    bad = house / "bad.py"
    bad.write_text("def show(name):\n    return replace_me(name)\n")
    found = json.loads(run(house, "buckler", "review", str(bad), "--format", "json").stdout)
    assert [(f["rule"], f["location"]["line"]) for f in found["findings"]] == [("second-kind", 2)]


def test_one_row_by_hand_makes_a_new_rule_find_its_sample(house: Path) -> None:
    (house / "models/python").mkdir(parents=True)
    (house / "models/python/own.toml").write_text(
        'package = "own"\n[[callable]]\nname = "own.replace_me"\nsinks = [{ arg = "0", rule = "first-kind" }]\n'
        "example = '''\nimport own\nfrom flask import request\ndef view():\n"
        "    own.replace_me(request.args[\"x\"])  #! first-kind\n'''\n"
    )
    assert run(house, "buckler", "rules", "--check", "models").returncode == 0


def test_a_new_format_is_known_to_every_verb(house: Path) -> None:
    (house / "bad.py").write_text("import hashlib\npassword_hash = hashlib.md5(b'password').hexdigest()\n")
    ran = run(house, "buckler", "review", "bad.py", "--format", "tsv")
    assert "weak-hash" not in ran.stderr and ran.stdout.count("\n") >= 1
    assert "tsv" in run(house, "buckler", "defend", "--help").stdout


def test_files_of_a_new_language_are_read_and_what_is_not_understood_is_counted(house: Path) -> None:
    (house / "zebras").mkdir()
    (house / "zebras/first.zebra").write_text("stripe = 1;\n")
    found = json.loads(run(house, "buckler", "review", "zebras", "--format", "json").stdout)
    assert found["statistics"]["languages"] == {"zebra": 1}
    assert found["statistics"]["opaque"]


def test_a_new_importer_reads_its_sample(house: Path) -> None:
    report = "tests/triage/importers/samples/osprey/report.json"
    ran = run(house, "buckler", "triage", "read", report, "--summary", "--format", "json")
    assert [(f["format"], f["alerts"]) for f in json.loads(ran.stdout)["files"]] == [("osprey", 1)]


def test_new_claims_and_a_new_format_come_with_tests_that_pass(house: Path) -> None:
    for name in ("review_sample.py", "golden.py"):
        shutil.copy(ROOT / "tests" / name, house / "tests" / name)
    ran = run(
        house,
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/triage/claims/test_kestrel.py",
        "tests/report/test_tsv.py",
    )
    assert ran.returncode == 0, ran.stdout
    (house / "report.txt").write_text("kestrel src/buckler/base/source.py:1 SQL injection\n")
    assert "SQL injection" in run(house, "buckler", "check-report", "report.txt", "src").stdout


def test_a_new_weakness_is_fixed_and_has_a_proof(house: Path) -> None:
    code = (
        "from buckler.weaknesses.registry import fix_of, proof_of\n"
        "assert fix_of('second-kind').fixers['python'] and proof_of('second-kind') and fix_of('first-kind')\n"
    )
    assert (
        subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": str(house / "src")}, check=False
        ).returncode
        == 0
    )


def test_a_fixer_goes_into_a_room_that_is_there(new: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(new.Wrong, match="begin with ./do new weakness files/none"):
        new.scaffold(tmp_path, "fixer", "files/none")


def test_nothing_is_overwritten(new: ModuleType, tmp_path: Path) -> None:
    new.scaffold(tmp_path, "rule", "files/zip-slip")
    with pytest.raises(new.Wrong, match="there already"):
        new.scaffold(tmp_path, "rule", "files/zip-slip")


@pytest.mark.parametrize(
    ("kind", "name"),
    [("rul", "x"), ("rule", "x"), ("rule", "../x"), ("language", "a/b"), ("format", "Csv"), ("format", "")],
)
def test_wrong_requests(new: ModuleType, tmp_path: Path, kind: str, name: str) -> None:
    with pytest.raises(new.Wrong):
        new.scaffold(tmp_path, kind, name)
