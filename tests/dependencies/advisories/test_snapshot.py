"""What ships: facts about six ecosystems, small, without prose, and whose they are is said."""

from __future__ import annotations

import json
from pathlib import Path

from buckler.dependencies.advisories.archives import archived
from buckler.dependencies.advisories.database import open_database, updating
from buckler.dependencies.advisories.ranges import affects
from buckler.dependencies.advisories.snapshot import FOLDER, load, shipped

FIELDS = {
    "id", "aliases", "published", "modified", "withdrawn", "affected", "severity", "database_specific", "cwe_ids", "package",
    "ecosystem", "name", "ranges", "type", "events", "introduced", "fixed", "last_affected", "limit", "versions",
    "ecosystem_specific", "imports", "path", "symbols", "score",
}  # fmt: skip


def test_the_shipped_facts_make_a_database(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    with updating(path) as writer:
        load(writer)
    with open_database(path) as database:
        assert {count.ecosystem for count in database.counts()} == {
            "PyPI",
            "Go",
            "crates.io",
            "npm",
            "RubyGems",
            "Packagist",
        }
        assert sum(count.advisories for count in database.counts()) > 10_000
        assert database.unused() == []
        assert all(source.shipped and source.date and source.imported for source in database.sources())
        known = {advisory.id: advisory for advisory in database.affecting("PyPI", "jinja2")}
        assert affects(known["PYSEC-2019-217"].affected[0], "2.10")
        assert not affects(known["PYSEC-2019-217"].affected[0], "2.10.1")


def fields(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {name for item in value.values() for name in fields(item)}
    return {name for item in value for name in fields(item)} if isinstance(value, list) else set()


def test_it_holds_no_prose_and_is_small() -> None:
    assert sum(file.stat().st_size for file in FOLDER.iterdir() if file.is_file()) < 2_000_000
    for source in shipped():
        for document in archived(FOLDER / f"{source.name}.tar.xz"):
            assert fields(json.loads(document.data)) <= FIELDS, document.name


def test_every_source_is_credited() -> None:
    notice = (FOLDER / "NOTICE.md").read_text()
    for source in shipped():
        assert f"`{source.name}.tar.xz`" in notice and source.address in notice
        assert source.license.split()[0] in notice
    assert {file.name for file in FOLDER.glob("*.tar.xz")} == {f"{source.name}.tar.xz" for source in shipped()}
