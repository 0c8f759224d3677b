"""What is kept is there whole or not at all, on SQLite and PostgreSQL alike."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from buckler.base.errors import InputError
from buckler.store.triage.schema import metadata
from buckler.store.triage.store import Imported, open_store
from buckler.triage.alert import Coverage, Skipped


def one(report: str, project: str = "shop", at: float = 1.0) -> Imported:
    coverage = Coverage({"Lint": "2.1"}, {"R1", "R2"}, {"src"})
    return Imported(
        report, project, f"{report}.json", "lint", at, 3, [Skipped("entry 4", "it passed", 2)], coverage=coverage
    )


@pytest.fixture
def segment(tmp_path: Path) -> Path:
    file = tmp_path / "made.parquet"
    file.write_bytes(b"columns" * 3_000_000)  # several pieces
    return file


def test_what_is_added_is_there_again(where: str, segment: Path, tmp_path: Path) -> None:
    with open_store(where) as store:
        store.add(segment, 3, 1, [one("a"), one("b", at=2.0)])
    with open_store(where) as store:
        assert store.has("a", "shop") and not store.has("a", "other")
        first, second = store.imported()
        assert (first.report, first.skipped, first.coverage.tools) == (
            "a",
            [Skipped("entry 4", "it passed", 2)],
            {"Lint": "2.1"},
        )
        assert store.tools() == [(1, "a", "Lint", "shop", "src", 1.0), (2, "b", "Lint", "shop", "src", 2.0)]
        assert min(store.rules()) == (1, "Lint", "R1")
        (file,) = store.segments(tmp_path / "cache")
        assert file.read_bytes() == segment.read_bytes()
        assert second.number > first.number


def test_a_report_is_taken_in_once_for_a_project(where: str, segment: Path) -> None:
    with open_store(where) as store:
        store.add(segment, 3, 1, [one("a")])
        store.add(segment, 3, 1, [one("a"), one("a", "other")])
        assert [(i.report, i.project) for i in store.imported()] == [("a", "shop"), ("a", "other")]


def test_two_at_once_wait_for_each_other(where: str, segment: Path) -> None:
    with open_store(where):
        pass
    failed: list[BaseException] = []

    def bring(number: int) -> None:
        try:
            with open_store(where) as store:
                store.add(segment, 3, 1, [one(f"r{number}"), one("both")])
        except BaseException as error:  # noqa: BLE001 - a thread has nobody else to tell
            failed.append(error)

    threads = [threading.Thread(target=bring, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with open_store(where) as store:
        assert sorted(i.report for i in store.imported()) == ["both", "r0", "r1", "r2", "r3"]


def test_streams_go_on_where_they_were(where: str) -> None:
    with open_store(where) as store:
        assert store.position("syslog") == (0, b"")
        store.reach("syslog", 10, b"learned")
        store.reach("syslog", 20, b"more")
        assert store.position("syslog") == (20, b"more")


def test_migrations_make_what_the_tables_say(where: str) -> None:
    with open_store(where) as store, store.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_what_is_no_store_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no database at all, but long enough to be taken for one" * 10)
    for where, said in (
        (str(tmp_path / "text"), "not a database"),
        ("nosuch://x/y", "no file or URL"),
        ("postgresql://127.0.0.1:1/x", "cannot be used"),
    ):
        with pytest.raises(InputError, match=said), open_store(where):
            pass


KILLED = """
import os, sys
from pathlib import Path
from buckler.store.triage import store as module
from tests.store.triage.test_store import one
real, count = module._insert_segment, int(sys.argv[3])
def dying(connection, file, name, alerts, identity):
    real(connection, file, name, alerts, identity)
    if count == 0: os._exit(9)
module._insert_segment = dying
insert = module._insert
def dying_later(connection, *rest):
    insert(connection, *rest)
    if count == 1: os._exit(9)
module._insert = dying_later
with module.open_store(sys.argv[1]) as store:
    store.add(Path(sys.argv[2]), 3, 1, [one("a"), one("b")])
"""


@pytest.mark.parametrize("moment", [0, 1])
def test_who_is_killed_leaves_all_or_nothing(where: str, segment: Path, moment: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, where, str(segment), str(moment)], check=False, cwd=Path(__file__).parents[3]
    )
    assert done.returncode == 9
    with open_store(where) as store:
        assert store.imported() == []
        store.add(segment, 3, 1, [one("a")])
        assert len(store.imported()) == 1
