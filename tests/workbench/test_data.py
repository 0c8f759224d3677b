"""`buckler data` from end to end: updates from a server on this machine, imports, status, and what each failure leaves."""

from __future__ import annotations

import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from advisory_server import Served, serving
from buckler.base.errors import UserError
from buckler.cli.data import age
from buckler.cli.main import buckler
from buckler.dependencies.advisories.database import Source, open_database, updating
from buckler.workbench.data import database_file, default_database, ready


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ready(tmp_path_factory.mktemp("shipped") / "advisories.sqlite")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shipped: Path) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("BUCKLER_ADVISORIES", str(tmp_path / "advisories.sqlite"))
    shutil.copy(shipped, tmp_path)


def advisory(name: str, ecosystem: str = "NuGet", package: str = "cart", **fields: object) -> dict[str, object]:
    events = [{"introduced": "0"}, {"fixed": "2.0.0"}]
    affected = [
        {"package": {"ecosystem": ecosystem, "name": package}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
    ]
    return {"id": name, "modified": "2030-01-01T00:00:00Z", "affected": affected, **fields}


def archive(*advisories: dict[str, object]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for one in advisories:
            file.writestr(f"{one['id']}.json", json.dumps(one))
    return stream.getvalue()


@pytest.fixture
def served() -> Iterator[Served]:
    with serving(Served(archive(*(advisory(f"GHSA-{n}") for n in range(4))))) as one:
        yield one


def run(*arguments: str) -> Result:
    return CliRunner().invoke(buckler, ["data", *arguments], standalone_mode=False)


def update(served: Served, *arguments: str) -> Result:
    return run("update", "--from", served.base, "--ecosystem", "NuGet", *arguments)


def known(ecosystem: str = "NuGet", package: str = "cart") -> list[str]:
    with open_database(database_file()) as database:
        return [one.id for one in database.affecting(ecosystem, package)]


def test_an_update_brings_what_the_server_has_and_then_only_what_changed(served: Served) -> None:
    first = update(served)
    assert (first.return_value, known()) == (0, ["GHSA-0", "GHSA-1", "GHSA-2", "GHSA-3"])
    assert "4 advisories; the newest is of 2030-01-01" in first.output
    assert served.paths == ["/NuGet/all.zip"]
    assert "nothing newer" in update(served).output and len(served.asked) == 2
    served.body, served.etag = archive(*(advisory(f"GHSA-{n}") for n in range(1, 5))), '"two"'
    assert update(served).return_value == 0
    assert known() == ["GHSA-1", "GHSA-2", "GHSA-3", "GHSA-4"]


def test_a_download_takes_the_place_of_what_ships(served: Served) -> None:
    served.body = archive(*(advisory(f"GHSA-{n}", "npm") for n in range(300)))
    assert run("update", "--from", served.base, "--ecosystem", "npm").return_value == 0
    with open_database(database_file()) as database:
        sources = {source.name: source for source in database.sources()}
    assert "npm" not in {source.ecosystem for source in sources.values() if source.shipped}
    assert sources["npm"].etag == '"one"' and sources["npm"].date == "2030-01-01"


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"<html>please log in</html>", "cannot be read as an archive"),
        (archive(advisory("GHSA-7")), "holds less than half of what was known about NuGet (1 instead of 4)"),
        (archive(*(advisory(f"GHSA-{n}", "PyPI") for n in range(9))), "holds no advisory about NuGet"),
        (archive(), "holds no advisory about NuGet"),
        (archive(advisory("GHSA-7"))[:-30], "cannot be read as an archive"),
    ],
)
def test_a_server_that_sends_something_else_changes_nothing(served: Served, body: bytes, sentence: str) -> None:
    update(served)
    served.body, served.etag = body, '"two"'
    result = update(served)
    assert result.return_value == 2 and sentence in result.stderr and f"{served.base}/NuGet/all.zip: " in result.stderr
    assert known() == ["GHSA-0", "GHSA-1", "GHSA-2", "GHSA-3"]
    assert list((database_file().parent / "downloads").iterdir()) == []


def test_one_damaged_member_makes_the_whole_download_no_update(served: Served) -> None:
    update(served)
    data = bytearray(archive(*(advisory(f"GHSA-{n}") for n in range(9))))
    data[50] ^= 0xFF
    served.body, served.etag = bytes(data), '"two"'
    result = update(served)
    assert result.return_value == 2 and "is damaged: GHSA-0.json" in result.stderr
    assert len(known()) == 4


def test_an_interrupted_download_goes_on_with_the_next_update(served: Served) -> None:
    served.cut = 100
    assert "cut off after 100 of" in update(served).stderr
    served.cut = -1
    assert update(served).return_value == 0 and served.asked[1]["range"] == "bytes=100-"
    assert len(known()) == 4


def test_what_fails_for_one_ecosystem_leaves_the_others(served: Served) -> None:
    result = run("update", "--from", served.base, "--ecosystem", "NuGet", "--ecosystem", "Maven")
    assert result.return_value == 3 and "Maven" in result.stderr and "holds no advisory about Maven" in result.stderr
    assert len(known()) == 4


def test_the_address_comes_from_a_configuration_only_if_that_is_named(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "buckler.toml").write_text(f'[data]\nfrom = "{served.base}/mirror"\necosystems = ["NuGet"]\n')
    monkeypatch.chdir(tmp_path)
    assert run("update", "--config", "buckler.toml").return_value == 0
    assert served.paths == ["/mirror/NuGet/all.zip"]
    (tmp_path / "buckler.toml").write_text('[data]\nfrom = "nowhere"\n')
    assert "no address of a server" in str(run("update", "--config", "buckler.toml").exception)
    (tmp_path / "buckler.toml").write_text('[data]\necosystems = ["Atlantis"]\n')
    assert "'Atlantis': is no ecosystem that is known" in str(run("update", "--config", "buckler.toml").exception)


@pytest.mark.parametrize("kind", ["file", "folder", "archive"])
def test_advisories_come_in_from_files(tmp_path: Path, kind: str) -> None:
    source = tmp_path / {"file": "one.json", "folder": "osv", "archive": "all.zip"}[kind]
    text = json.dumps(advisory("GHSA-1"))
    if kind == "file":
        source.write_text(text)
    elif kind == "folder":
        source.mkdir()
        (source / "GHSA-1.json").write_text(text)
        (source / "GHSA-2.json").write_text(json.dumps(advisory("GHSA-2", "Atlantis")))
    else:
        source.write_bytes(archive(advisory("GHSA-1")))
    result = run("import", str(source))
    assert result.return_value == 0 and "1 advisory" in result.output
    assert ("1 not used in whole" in result.output) == (kind == "folder")
    assert known() == ["GHSA-1"]


def test_what_holds_no_advisory_is_said_and_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"name": "shop"}')
    (tmp_path / "empty").mkdir()
    for name in ("package.json", "empty"):
        refused = run("import", str(tmp_path / name)).exception
        assert isinstance(refused, UserError)
        assert "holds no advisory in OSV's format; nothing was changed" in str(refused)


def test_status_shows_sources_counts_and_what_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "osv").mkdir()
    for one in (
        advisory("GHSA-1"),
        advisory("GHSA-2", withdrawn="2030-02-02T00:00:00Z"),
        advisory("MAL-2030-1", package="crat"),
        advisory("GHSA-3", "Atlantis"),
    ):
        (tmp_path / "osv" / f"{one['id']}.json").write_text(json.dumps(one))
    run("import", str(tmp_path / "osv"))
    table = json.loads(run("status", "--format", "json").output)
    (row,) = [row for row in table["ecosystems"] if row["ecosystem"] == "NuGet"]
    assert row == {"ecosystem": "NuGet", "packages": 2, "advisories": 3, "withdrawn": 1, "malicious": 1}
    assert [(one["document"], one["reason"], one["detail"]) for one in table["unused"]] == [
        ("GHSA-3", "an ecosystem that is not known", "Atlantis")
    ]
    assert [source["shipped"] for source in table["sources"]] == [True] * 6 + [False]
    shown = run("status", "--unused").output
    assert "shipped with Buckler" in shown and re.search(r"NuGet +2 +3 +1 +1", shown)
    assert "GHSA-3: an ecosystem that is not known (Atlantis)" in shown


def test_the_first_use_makes_the_database_from_what_ships() -> None:
    database_file().unlink()
    with open_database(ready(database_file())) as database:
        assert database.affecting("PyPI", "jinja2")


def test_newer_facts_of_a_later_release_take_the_place_of_older_ones() -> None:
    with updating(database_file()) as writer:
        writer.begin(Source("PyPA advisory database", "x", "PyPI", date="2020-01-01", shipped=True))
        writer.forget("Go vulnerability database")
        writer.begin(Source("Go", "https://example.org/Go/all.zip", "Go"))
        writer.forget("RustSec advisory database")
    with open_database(ready(database_file())) as database:
        sources = {source.name: source.date for source in database.sources()}
        assert sources["PyPA advisory database"] > "2020-01-01" and database.affecting("PyPI", "jinja2")
    assert "Go vulnerability database" not in sources  # a download has taken its place
    assert "RustSec advisory database" in sources  # nothing else is about its ecosystem


def test_a_database_of_another_version_is_made_anew_from_what_ships() -> None:
    with database_file().open("r+b") as file:
        file.seek(60)
        file.write(bytes([0, 0, 0, 99]))
    assert "PyPA" in run("status").output


def test_where_no_database_can_be_kept_there_is_one_for_this_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("BUCKLER_ADVISORIES", str(tmp_path / "file" / "advisories.sqlite"))
    with open_database(default_database()) as database:
        assert database.affecting("PyPI", "jinja2")


def test_the_database_lies_beside_the_cache_unless_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BUCKLER_ADVISORIES")
    monkeypatch.setenv("BUCKLER_CACHE", str(tmp_path / "here" / "cache.sqlite"))
    assert database_file() == tmp_path / "here" / "advisories.sqlite"
    assert database_file(tmp_path / "x") == tmp_path / "x"
    monkeypatch.setenv("BUCKLER_CACHE", "off")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert database_file() == tmp_path / "buckler" / "advisories.sqlite"


def test_an_age_is_counted_in_days() -> None:
    assert age("2020-01-01").endswith(" days") and age("") == "-" and age("9999-01-01") == "0 days"
