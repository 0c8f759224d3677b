"""A cache is a promise to be faster: damaged, full, locked, foreign or no file at all, the review stays the same."""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from buckler.cli.main import run
from buckler.store.cache import Cache, open_cache
from buckler.store.defences import read_defence
from review_sample import weak_hash

BUCKLER = str(Path(sys.executable).with_name("buckler"))
DAMAGES = 60
CODE = """import os, hashlib
from flask import Flask, request
app = Flask(__name__)
class Page:
    def __init__(self, name):
        self.name = name
    def run{n}(self):
        os.system("ls " + self.name)
@app.route("/{n}")
def page{n}():
    Page(request.args["q"]).run{n}()
    return open("/srv/" + request.args["f"]).read()
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project")
    for number in range(4):
        (root / f"m{number}.py").write_text(CODE.replace("{n}", str(number)))
    return root


def reviewed(project: Path, cache: Path, tmp_path: Path) -> tuple[int, list[object], str]:
    report = tmp_path / "report.json"
    report.unlink(missing_ok=True)
    code = run(["review", str(project), "--cache", str(cache), "--output", str(report), "-q"])
    row = json.loads(report.read_text()) if report.exists() else {"findings": [], "notices": []}
    return code, row["findings"], "; ".join(n["text"] for n in row["notices"])


@pytest.fixture(scope="module")
def filled(project: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[object]]:
    """A cache of this project, and what is found in it."""
    folder = tmp_path_factory.mktemp("filled")
    code, findings, _ = reviewed(project, folder / "cache.sqlite", folder)
    assert code == 1
    return folder / "cache.sqlite", findings


@pytest.mark.attack("cache", "one byte of the cache is damaged, anywhere, 60 times")
@pytest.mark.parametrize("part", range(6))
def test_a_damaged_byte_changes_nothing(
    project: Path, filled: tuple[Path, list[object]], tmp_path: Path, part: int
) -> None:
    good, findings = filled
    data = good.read_bytes()
    chance = random.Random(part)
    for number in range(DAMAGES // 6):
        damaged = bytearray(data)
        at = chance.randrange(len(damaged))
        damaged[at] ^= chance.randrange(1, 256)
        cache = tmp_path / f"cache{number}.sqlite"
        cache.write_bytes(damaged)
        cache.chmod(0o600)
        (project / "m0.py").write_text(CODE.replace("{n}", "0") + "\n" * number)  # so that more than one layer is read
        code, found, _ = reviewed(project, cache, tmp_path)
        assert (code, found) == (1, findings), f"byte {at}"
    (project / "m0.py").write_text(CODE.replace("{n}", "0"))


@pytest.mark.attack("cache", "rows of the cache are swapped, shortened or replaced by code for marshal")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET value = substr(value, 1, length(value) / 2)",
        "UPDATE entry SET value = x'db01000000' || value",
        "UPDATE entry SET value = 'text'",
        "UPDATE entry SET value = 7",
        "UPDATE entry SET used = 'never'",
        "UPDATE entry SET value = (SELECT value FROM entry AS other WHERE other.layer <> entry.layer LIMIT 1)",
        "UPDATE entry SET value = x''",
        "DELETE FROM stamp",
        "DROP TABLE entry",
        "CREATE TRIGGER t AFTER INSERT ON entry BEGIN SELECT raise(ABORT, 'no'); END",
    ],
)
def test_rows_that_are_not_ours_are_not_loaded(
    project: Path, filled: tuple[Path, list[object]], tmp_path: Path, statement: str
) -> None:
    cache = Path(shutil.copy(filled[0], tmp_path / "cache.sqlite"))
    db = sqlite3.connect(cache)
    with db:
        db.execute(statement)
    db.close()
    assert reviewed(project, cache, tmp_path)[:2] == (1, filled[1])


def make_folder(path: Path) -> None:
    path.mkdir()


def make_link_to_nothing(path: Path) -> None:
    path.symlink_to("/nonexistent/cache")


def make_old(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE entry (key TEXT)")
        db.execute("PRAGMA application_id = 1112886092")


def make_writable_by_all(path: Path) -> None:
    path.touch()
    path.chmod(0o666)


PLACES: dict[str, Callable[[Path], object]] = {
    "pipe": os.mkfifo,
    "folder": make_folder,
    "link": make_link_to_nothing,
    "device": lambda path: path.symlink_to("/dev/zero"),
    "full": lambda path: path.symlink_to("/dev/full"),
    "old": make_old,
    "text": lambda path: path.write_text("no database" * 99),
    "empty": lambda path: path.touch(),
    "other's": make_writable_by_all,
    "log is a folder": lambda path: Path(f"{path}-wal").mkdir(),
    "log is a pipe": lambda path: os.mkfifo(f"{path}-wal"),
}


@pytest.mark.attack("cache", "in place of the cache lies a pipe, a folder, a device, or a file of somebody else")
@pytest.mark.parametrize("kind", PLACES)
def test_whatever_lies_in_its_place(
    project: Path, filled: tuple[Path, list[object]], tmp_path: Path, kind: str
) -> None:
    cache = tmp_path / "cache.sqlite"
    PLACES[kind](cache)
    report = tmp_path / "out.json"
    done = subprocess.run(
        [BUCKLER, "review", str(project), "--output", str(report), "-q"],
        check=False, timeout=60, capture_output=True, text=True, env={**os.environ, "BUCKLER_CACHE": str(cache)},
    )  # fmt: skip
    assert (done.returncode, json.loads(report.read_text())["findings"]) == (1, filled[1])
    done = subprocess.run([BUCKLER, "cache", "clear"], check=False, timeout=60, capture_output=True, text=True,
                          env={**os.environ, "BUCKLER_CACHE": str(cache)})  # fmt: skip
    assert done.returncode in (0, 2)
    assert "Traceback" not in done.stderr


@pytest.mark.attack("cache", "the disk of the cache is full")
@pytest.mark.parametrize("limit", [0, 40_000, 200_000])
def test_a_full_disk_is_only_a_notice(
    project: Path, filled: tuple[Path, list[object]], tmp_path: Path, limit: int
) -> None:
    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = subprocess.run(
        [BUCKLER, "review", str(project), "--format", "json", "--cache", str(tmp_path / "cache.sqlite")],
        check=False, timeout=60, capture_output=True, text=True, preexec_fn=no_room,
    )  # fmt: skip
    report = json.loads(done.stdout)
    assert (done.returncode, report["findings"]) == (1, filled[1])
    if limit < 40_000:
        assert any("without a cache" in notice["text"] for notice in report["notices"])


@pytest.mark.attack("cache", "the disk is full while a report is written")
@pytest.mark.parametrize("verb", ["review", "defend", "explain"])
def test_a_full_disk_is_one_sentence(project: Path, tmp_path: Path, verb: str) -> None:
    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    named = ["path-traversal"] if verb == "explain" else []
    cache = ["--cache", str(tmp_path / "cache.sqlite")]
    options = ["--output", str(tmp_path / "r.json")] if verb != "explain" else ["--format", "json"]
    done = subprocess.run(
        [BUCKLER, verb, *named, str(project / "m1.py") if verb == "review" else str(project), *cache, *options],
        check=False, timeout=300, capture_output=True, text=True, preexec_fn=no_room,
    )  # fmt: skip
    assert done.returncode in (1, 2, 3, 4), done.stderr
    assert "internal error" not in done.stderr


@pytest.mark.attack("cache", "another program holds the cache and does not let go")
def test_a_locked_cache_is_only_a_notice(project: Path, filled: tuple[Path, list[object]], tmp_path: Path) -> None:
    cache = Path(shutil.copy(filled[0], tmp_path / "cache.sqlite"))
    holder = sqlite3.connect(cache, isolation_level=None)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    try:
        code, found, said = reviewed(project, cache, tmp_path)
    finally:
        holder.close()
    assert (code, found) == (1, filled[1])
    assert "locked" in said


def test_what_is_damaged_is_counted(tmp_path: Path) -> None:
    cache = open_cache(tmp_path / "c.sqlite", stamp="1")
    cache.put_many("a", {b"1": b"one", b"2": b"two"})
    cache.close()
    with sqlite3.connect(tmp_path / "c.sqlite") as db:
        db.execute("UPDATE entry SET value = CAST(value || x'00' AS BLOB) WHERE key = x'31'")
    cache = open_cache(tmp_path / "c.sqlite", stamp="1")
    assert cache.get_many("a", [b"1", b"2"]) == {b"2": b"two"}
    cache.close()
    assert [n.text for n in cache.notices] == ["1 damaged entry of the cache was not used"]


def test_a_cache_that_is_off_keeps_nothing() -> None:
    cache = Cache(None, None)
    cache.put_many("a", {b"1": b"one"})
    assert cache.get_many("a", [b"1"]) == {}


@pytest.mark.attack("cache", "a kept proof is of another shape than proofs are")
@pytest.mark.parametrize(
    "row", [b"", b"[]", b"7", b'"x"', b'{"rungs": 7}', b'{"rungs": "ab"}', b'{"rungs": [[]]}', b"[" * 100_000]
)
def test_a_kept_proof_of_another_shape_is_none(row: bytes) -> None:
    assert read_defence(row, weak_hash()) is None
