"""The whole review: the same answer twice, with any number of jobs, from the cache or without it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from buckler.analysis.flow.relevance import careless
from buckler.analysis.ir.ops import OPAQUE
from buckler.analysis.libraries.load import load_libraries
from buckler.base.source import SourceFile
from buckler.finding.model import Finding
from buckler.review import lowering, workers
from buckler.review.run import review_tree
from buckler.review.tasks import Task
from buckler.weaknesses.registry import rulebook

SHOP = Path(__file__).parents[2] / "examples" / "shop"


@dataclass(slots=True)
class Memory:
    """A cache in a dictionary."""

    kept: dict[tuple[str, bytes], bytes] = field(default_factory=dict)

    def get_many(self, layer: str, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        return {k: self.kept[layer, k] for k in keys if (layer, k) in self.kept}

    def put_many(self, layer: str, items: Mapping[bytes, bytes]) -> None:
        self.kept.update({(layer, k): v for k, v in items.items()})


def shop() -> list[SourceFile]:
    paths = sorted(SHOP.rglob("*.py"))
    return [SourceFile(str(p.relative_to(SHOP)), "python", absolute=p) for p in paths]


def reviewed(files: Sequence[SourceFile], jobs: int = 1, cache: Memory | None = None) -> list[Finding]:
    tables = {"python": load_libraries("python")}
    return review_tree(files, book=rulebook(), tables=tables, jobs=jobs, cache=cache).findings


def test_two_runs_agree() -> None:
    assert reviewed(shop()) == reviewed(shop())


def test_any_number_of_jobs_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "BATCH_BYTES", 1_000)  # so that the little shop is worth two processes
    assert reviewed(shop(), jobs=2) == reviewed(shop(), jobs=1)


def test_order_of_files_does_not_matter() -> None:
    assert reviewed(shop()[::-1]) == reviewed(shop())


def test_the_cache_answers_what_a_fresh_review_does() -> None:
    cache = Memory()
    fresh = reviewed(shop(), cache=cache)
    assert reviewed(shop(), cache=cache) == fresh == reviewed(shop())


def test_a_changed_file_is_seen() -> None:
    cache = Memory()
    reviewed(shop(), cache=cache)
    extra = SourceFile(
        "extra.py", "python", data=b"import os\nfrom flask import request\ndef f():\n    os.system(request.args['x'])\n"
    )
    found = reviewed([*shop(), extra], cache=cache)
    assert ("command-injection", "extra.py") in {(f.rule, f.location.path) for f in found}


def test_moved_lines_keep_their_fingerprints() -> None:
    moved = [SourceFile(f.path, f.language, data=b"# one\n# two\n" + f.read()) for f in shop()]
    assert {f.fingerprint for f in reviewed(moved)} == {f.fingerprint for f in reviewed(shop())}


def test_a_lost_module_in_the_cache_is_read_again() -> None:
    cache = Memory()
    fresh = reviewed(shop(), cache=cache)
    cache.kept = {k: v for k, v in cache.kept.items() if k[0] == lowering.FACTS}
    assert reviewed(shop(), cache=cache) == fresh


def test_of_a_test_only_functions_are_read_that_may_be_wrong_in_themselves() -> None:
    code = b"""
import hashlib

def test_total():
    assert total([1, 2]) == 3

def test_digest():
    assert digest(b"a") == hashlib.md5(b"a").hexdigest()
"""
    tables = {"python": careless(load_libraries("python"))}
    for test, wanted in ((True, ["", "test_digest"]), (False, ["", "test_total", "test_digest"])):
        task = Task("tests/test_orders.py", "python", "tests.test_orders", False, code, test)
        read = [f.name for f in workers.lowered(task, tables).functions if f.blocks[0].ops[0][0] != OPAQUE]
        assert read == wanted


def test_a_test_that_is_right_in_itself_changes_nothing() -> None:
    """It subclasses what the shop has and calls it with anything; that is no reason to suspect the shop of more."""
    code = b"""
from shop.models import *

class Double(Product):
    def save(self, name):
        self.name = name

def test_save():
    Double().save(input())
"""
    beside = SourceFile("tests/test_models.py", "python", data=code)
    assert reviewed([*shop(), beside]) == reviewed(shop())
    task = Task("tests/test_models.py", "python", "tests.test_models", False, code, True)
    module = workers.lowered(task, {"python": careless(load_libraries("python"))})
    assert (len(module.functions), module.lines, module.classes) == (1, 9, [])
