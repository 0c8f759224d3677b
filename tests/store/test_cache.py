"""A cache may only make things faster: every way it can break ends in a notice and a miss."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buckler.store import cache as module
from buckler.store.cache import Cache, clear_cache, default_path, open_cache

NOT_ROOT = pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")


OPENED: list[Cache] = []


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    while OPENED:
        OPENED.pop().close()


def fresh(path: Path, stamp: str = "1") -> Cache:
    cache = open_cache(path, stamp)
    OPENED.append(cache)
    assert cache.notices == []
    return cache


def gave_up(cache: Cache, word: str) -> None:
    assert not cache.usable
    assert cache.get_many("x", [b"k"]) == {}
    cache.put_many("x", {b"k": b"v"})
    cache.close()
    assert len(cache.notices) == 1, "said once"
    assert word in cache.notices[0].text
    assert not cache.notices[0].partial


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.binary(max_size=8), st.binary(max_size=64)), st.sets(st.binary(max_size=8)))
def test_what_was_put_comes_back(tmp_path: Path, values: dict[bytes, bytes], others: set[bytes]) -> None:
    path = tmp_path / "c.sqlite"
    clear_cache(path)
    first = fresh(path)
    first.put_many("ir", values)
    first.close()
    second = fresh(path)
    assert second.get_many("ir", {*values, *others}) == values
    assert second.get_many("summary", values) == {}
    second.close()


def test_many_keys_are_asked_in_batches(tmp_path: Path) -> None:
    values = {n.to_bytes(4, "big"): b"v" for n in range(module.BATCH * 2 + 1)}
    cache = fresh(tmp_path / "c.sqlite")
    cache.put_many("ir", values)
    assert cache.get_many("ir", values) == values
    cache.close()


def test_another_version_starts_empty(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    cache = fresh(path, "1")
    cache.put_many("ir", {b"k": b"v"})
    cache.close()
    assert fresh(path, "2").get_many("ir", [b"k"]) == {}


def test_the_longest_unused_goes_first(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    for run in (b"old", b"new"):
        cache = open_cache(path, "1", limit=1500)
        cache.put_many("ir", {run: b"x" * 1000})
        cache.close()
    kept = fresh(path).get_many("ir", [b"old", b"new"])
    assert list(kept) == [b"new"]


def test_reading_counts_as_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FRESH", 1)
    path = tmp_path / "c.sqlite"
    steps: list[tuple[dict[bytes, bytes], list[bytes]]] = [
        ({b"a": b"x" * 600}, []),
        ({b"b": b"x" * 600}, []),
        ({b"c": b"x" * 600}, [b"a"]),
    ]
    for put, get in steps:
        cache = open_cache(path, "1", limit=1700)
        cache.get_many("ir", get)
        cache.put_many("ir", put)
        cache.close()
    assert set(fresh(path).get_many("ir", [b"a", b"b", b"c"])) == {b"a", b"c"}


def test_written_entries_survive_a_run_that_never_closed(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    fresh(path).put_many("ir", {b"k": b"v"})
    assert fresh(path).get_many("ir", [b"k"]) == {b"k": b"v"}


def test_folder_and_file_are_private(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "c.sqlite"
    fresh(path)
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert path.stat().st_mode & 0o777 == 0o600


def test_corrupt_from_the_start(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    path.write_bytes(b"this was never a database" * 100)
    gave_up(open_cache(path, "1"), "not a database")
    assert path.read_bytes().startswith(b"this was never"), "somebody's file is left alone"


def test_corrupt_in_the_middle(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    cache = fresh(path)
    cache.put_many("ir", {bytes([n]) * 4: bytes(4000) for n in range(200)})
    cache.close()
    data = bytearray(path.read_bytes())
    data[8192:] = b"\xff" * (len(data) - 8192)
    path.write_bytes(data)
    cache = open_cache(path, "1")
    cache.get_many("ir", [bytes([n]) * 4 for n in range(200)])
    gave_up(cache, "malformed")


def test_locked_by_somebody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.05)
    path = tmp_path / "c.sqlite"
    fresh(path).close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    cache = open_cache(path, "1")
    cache.put_many("ir", {b"k": b"v"})
    gave_up(cache, "locked")
    other.close()


def test_disk_full(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    cache = fresh(path)
    assert cache._db is not None
    cache._db.execute("PRAGMA max_page_count = 8")
    cache.put_many("ir", {b"k": bytes(1_000_000)})
    gave_up(cache, "full")


def test_read_only(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    cache = fresh(path)
    cache.put_many("ir", {b"k": b"v"})
    assert cache._db is not None
    cache._db.execute("PRAGMA query_only = 1")
    assert cache.get_many("ir", [b"k"]) == {b"k": b"v"}, "reading goes on"
    cache.put_many("ir", {b"l": b"v"})
    gave_up(cache, "readonly")


@NOT_ROOT
def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    gave_up(open_cache(tmp_path / "sub" / "c.sqlite", "1"), "Permission")


def test_parent_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    gave_up(open_cache(tmp_path / "file" / "c.sqlite", "1"), "ot a directory")


def test_database_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE precious (x)")
    other.close()
    gave_up(open_cache(path, "1"), "another program")
    assert not clear_cache(path)
    assert path.exists()


def test_file_others_may_write(tmp_path: Path) -> None:
    path = tmp_path / "c.sqlite"
    fresh(path).close()
    path.chmod(0o666)
    gave_up(open_cache(path, "1"), "other users")


def test_where_it_lives(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BUCKLER_CACHE", "off")
    assert default_path() is None
    monkeypatch.setenv("BUCKLER_CACHE", str(tmp_path / "x"))
    assert default_path() == tmp_path / "x"
    monkeypatch.delenv("BUCKLER_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_path() == tmp_path / "buckler" / "cache.sqlite"


def test_no_cache_is_a_cache_that_knows_nothing() -> None:
    cache = open_cache(None, "1")
    cache.put_many("ir", {b"k": b"v"})
    assert cache.get_many("ir", [b"k"]) == {}
    cache.close()
    assert cache.notices == []
