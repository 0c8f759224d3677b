"""The file of advisories: what goes in comes out, and no failure leaves it half changed."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buckler.base.errors import InputError
from buckler.dependencies.advisories.database import Count, Source, open_database, updating
from buckler.dependencies.advisories.importing import documents, import_into
from buckler.dependencies.advisories.osv import Kind
from buckler.dependencies.model import Advisory, Affected, Bound, Event, Symbol
from buckler.finding.model import Severity

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
EVENT = st.builds(Event, st.sampled_from(Bound), TEXT)
AFFECTED = st.builds(
    Affected,
    st.sampled_from(["npm", "PyPI"]),
    st.sampled_from(["a", "b"]),
    st.lists(st.lists(EVENT, max_size=3).map(tuple), max_size=2).map(tuple),
    st.lists(TEXT, max_size=3).map(tuple),
    st.lists(st.builds(Symbol, TEXT, TEXT), max_size=2).map(tuple),
)
ADVISORY = st.builds(
    Advisory,
    st.sampled_from(["GHSA-1", "GHSA-2", "PYSEC-1"]),
    st.lists(TEXT, max_size=2).map(tuple),
    st.lists(AFFECTED, max_size=4).map(tuple),
    modified=st.sampled_from(["2030-01-01", "2030-01-02"]),
    severity=st.none() | st.sampled_from(Severity),
    cwe=st.lists(st.integers(1, 1000), max_size=2).map(tuple),
    malicious=st.booleans(),
    summary=TEXT,
)
ONE = Advisory("GHSA-1", affected=(Affected("npm", "cart", versions=("1.0.0",)),), modified="2030-01-01")


@settings(max_examples=40, deadline=None)
@given(st.lists(ADVISORY, max_size=6))
def test_what_goes_in_comes_out(tmp_path_factory: pytest.TempPathFactory, advisories: list[Advisory]) -> None:
    path = tmp_path_factory.mktemp("database") / "advisories.sqlite"
    with updating(path) as writer:
        writer.begin(Source("one", "here"))
        for advisory in advisories:
            writer.add(advisory)
    newest: dict[str, Advisory] = {}
    for advisory in advisories:
        if advisory.id not in newest or newest[advisory.id].modified <= advisory.modified:
            newest[advisory.id] = advisory
    with open_database(path) as database:
        for package in (("npm", "a"), ("npm", "b"), ("PyPI", "a"), ("PyPI", "b")):
            expected = []
            for _, advisory in sorted(newest.items()):
                about = tuple(one for one in advisory.affected if (one.ecosystem, one.name) == package)
                expected += [replace(advisory, affected=about)] if about else []
            assert database.affecting(*package) == expected


def filled(path: Path, *advisories: Advisory, source: str = "one") -> Path:
    with updating(path) as writer:
        writer.begin(Source(source, "here"))
        for advisory in advisories:
            writer.add(advisory)
    return path


def ids(path: Path, package: str = "cart") -> list[str]:
    with open_database(path) as database:
        return [advisory.id for advisory in database.affecting("npm", package)]


def test_a_source_replaces_what_it_said_before(tmp_path: Path) -> None:
    path = filled(tmp_path / "a.sqlite", ONE, replace(ONE, id="GHSA-2"))
    filled(path, replace(ONE, id="MAL-1", malicious=True), source="other")
    filled(path, replace(ONE, id="GHSA-3", withdrawn="2030-01-05"))
    assert ids(path) == ["GHSA-3", "MAL-1"]
    with open_database(path) as database:
        assert [source.name for source in database.sources()] == ["other", "one"]
        assert database.counts() == [Count("npm", packages=1, advisories=2, withdrawn=1, malicious=1)]


def test_a_failed_update_changes_nothing(tmp_path: Path) -> None:
    path = filled(tmp_path / "a.sqlite", ONE)
    broken = replace(ONE, id="GHSA-2", modified=None)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="cannot be used"):
        filled(path, replace(ONE, id="GHSA-3"), broken)
    assert ids(path) == ["GHSA-1"]
    assert {file.name for file in tmp_path.iterdir()} <= {"a.sqlite", "a.sqlite.lock"}


def test_who_reads_sees_one_state_while_another_is_written(tmp_path: Path) -> None:
    path = filled(tmp_path / "a.sqlite", ONE)
    with open_database(path) as database:
        filled(path, replace(ONE, id="GHSA-2"))
        assert [advisory.id for advisory in database.affecting("npm", "cart")] == ["GHSA-1"]
    assert ids(path) == ["GHSA-2"]


def test_two_do_not_change_it_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    with updating(path), pytest.raises(InputError, match="updated by another process"), updating(path):
        pass


def test_a_file_that_is_no_database_of_ours_is_refused_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    with pytest.raises(InputError, match="cannot be used"), open_database(path):
        pass
    path.write_bytes(b"SQLite format 3\0" + b"\7" * 5000)
    with pytest.raises(InputError, match="cannot be used"), open_database(path):
        pass
    path.unlink()
    other = sqlite3.connect(path)
    other.executescript("CREATE TABLE money (amount); INSERT INTO money VALUES (1)")
    other.close()
    with pytest.raises(InputError, match="not a database of advisories"), open_database(path):
        pass
    with pytest.raises(InputError, match="not a database of advisories"), updating(path):
        pass
    assert b"money" in path.read_bytes()


def test_a_database_of_another_layout_is_made_anew(tmp_path: Path) -> None:
    path = filled(tmp_path / "a.sqlite", ONE)
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(InputError, match="another version of Buckler"), open_database(path):
        pass
    filled(path, replace(ONE, id="GHSA-2"))
    assert ids(path) == ["GHSA-2"]


def test_a_damaged_page_is_said_to_be_damaged(tmp_path: Path) -> None:
    path = filled(tmp_path / "a.sqlite", *(replace(ONE, id=f"GHSA-{n}") for n in range(300)))
    data = bytearray(path.read_bytes())
    data[4096 * 2 :] = bytes(len(data) - 4096 * 2)
    path.write_bytes(data)
    with pytest.raises(InputError, match="buckler data update"), open_database(path) as database:
        database.affecting("npm", "cart")


def write(file: Path, **fields: object) -> None:
    package = {"ecosystem": "npm", "name": "cart"}
    affected = [{"package": package, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}]}]}]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"affected": affected, "modified": "2030-01-01T00:00:00Z", **fields}))


def test_a_folder_is_read_and_what_cannot_be_used_is_kept_by_name(tmp_path: Path) -> None:
    folder = tmp_path / "osv"
    write(folder / "2030" / "GHSA-1.json", id="GHSA-1")
    write(folder / "2030" / "GHSA-2.json", id="GHSA-2", affected=[{"package": {"ecosystem": "Atlantis", "name": "x"}}])
    write(folder / ".git" / "GHSA-3.json", id="GHSA-3")
    (folder / "package.json").write_text('{"name": "not an advisory"}')
    (folder / "README.md").write_text("words")
    (folder / "link.json").symlink_to("/etc/passwd")
    (tmp_path / "named").symlink_to(folder)
    path = tmp_path / "a.sqlite"
    with updating(path) as writer:
        tally = import_into(writer, Source("one", str(folder)), documents(tmp_path / "named"))
    assert (tally.documents, tally.kept, tally.unused, tally.newest) == (3, 1, 2, "2030-01-01")
    assert ids(path) == ["GHSA-1"]
    with open_database(path) as database:
        assert [(one.document, one.problem.kind) for one in database.unused()] == [
            ("GHSA-2", Kind.ECOSYSTEM),
            ("package.json", Kind.NOT_OSV),
        ]
        (source,) = database.sources()
        assert source.date == "2030-01-01" and source.imported.endswith("Z")
