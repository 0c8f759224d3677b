"""Advisories come from strangers over a network: what they, their servers and a reviewed project may not do."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from advisory_server import Served, serving
from buckler.cli.main import buckler
from buckler.dependencies.advisories.database import open_database
from buckler.workbench.data import database_file

BOMB = [
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]" for before, name in zip("abcdefghi", "bcdefghij", strict=True)
]


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("BUCKLER_ADVISORIES", str(tmp_path / "kept" / "advisories.sqlite"))
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(buckler, ["data", *arguments], standalone_mode=False)


def advisory(name: str, package: str = "cart") -> bytes:
    affected = {"package": {"ecosystem": "NuGet", "name": package}, "versions": ["1.0.0"]}
    return json.dumps({"id": name, "affected": [affected]}).encode()


def archive(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in files.items():
            file.writestr(name, data)
    return stream.getvalue()


def known(package: str = "cart") -> list[str]:
    with open_database(database_file()) as database:
        return [one.id for one in database.affecting("NuGet", package)]


@pytest.mark.attack("advisories", "a server sends who asks on to another one")
def test_a_redirect_is_not_followed() -> None:
    with serving(Served(archive({"a.json": advisory("GHSA-1")}))) as canary:
        with serving(Served(status=302, location=f"{canary.base}/NuGet/all.zip")) as served:
            result = run("update", "--from", served.base, "--ecosystem", "nuget")
        assert result.return_value == 2 and "redirects to" in result.stderr
        assert canary.paths == []


@pytest.mark.attack("advisories", "a project's own configuration names the server to ask")
def test_an_address_in_the_current_folder_is_not_asked() -> None:
    with serving(Served(archive({"a.json": advisory("GHSA-1")}))) as canary:
        for name, table in (("buckler.toml", "data"), ("pyproject.toml", "tool.buckler.data")):
            Path(name).write_text(f'[{table}]\nfrom = "{canary.base}"\n')
        with serving(Served(status=404)) as served:
            run("update", "--from", served.base, "--ecosystem", "nuget")
        assert canary.paths == [] and served.paths == ["/NuGet/all.zip"]


@pytest.mark.attack("advisories", "a download lacks most advisories, so that a flaw is no longer known")
def test_a_database_does_not_shrink_at_a_servers_word() -> None:
    with serving(Served(archive({f"{n}.json": advisory(f"GHSA-{n}") for n in range(9)}))) as served:
        run("update", "--from", served.base, "--ecosystem", "nuget")
        served.body, served.etag = archive({"1.json": advisory("GHSA-1")}), '"two"'
        assert run("update", "--from", served.base, "--ecosystem", "nuget").return_value == 2
    assert len(known()) == 9


@pytest.mark.attack("advisories", "members of an archive are called ../../x, and links lie among the files of a folder")
def test_nothing_is_written_or_read_outside(tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_bytes(advisory("GHSA-secret"))
    Path("all.zip").write_bytes(archive({"../../../escaped.json": advisory("GHSA-1")}))
    assert run("import", "all.zip").return_value == 0 and known() == ["GHSA-1"]
    assert list(tmp_path.parent.glob("**/escaped.json")) == []
    (tmp_path / "osv").mkdir()
    (tmp_path / "osv" / "a.json").write_bytes(advisory("GHSA-2"))
    (tmp_path / "osv" / "link.json").symlink_to(secret)
    run("import", "osv")
    assert "GHSA-secret" not in known()


@pytest.mark.attack("advisories", "a small document stands for billions of values, or is nested without end")
def test_what_grows_is_refused_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "osv").mkdir()
    (tmp_path / "osv" / "bomb.yaml").write_text("\n".join(["a: &a [x, x, x, x, x, x, x, x, x]", *BOMB]))
    (tmp_path / "osv" / "deep.json").write_bytes(b'{"id": "X-1", "affected": ' + b"[" * 1_000_000)
    (tmp_path / "osv" / "deep.yaml").write_bytes(b"[" * 1_000_000)
    (tmp_path / "osv" / "good.json").write_bytes(advisory("GHSA-1"))
    assert "3 not used in whole" in run("import", "osv").output and known() == ["GHSA-1"]


@pytest.mark.attack("advisories", "names of packages and advisories hold SQL, or letters that move the cursor")
def test_names_are_values() -> None:
    name = "cart'); drop table affected; --"
    Path("one.json").write_bytes(advisory("GHSA-1", name))
    Path("two.json").write_bytes(json.dumps({"id": "\x1b[2J", "affected": []}).encode())
    run("import", "one.json")
    assert known(name) == ["GHSA-1"]
    assert "\x1b" not in str(run("import", "two.json").exception) + run("status", "--unused").output


@pytest.mark.attack("advisories", "a link lies where the database is written, or another program's database")
def test_what_is_not_ours_is_not_overwritten(tmp_path: Path) -> None:
    Path("one.json").write_bytes(advisory("GHSA-1"))
    victim = tmp_path / "victim"
    victim.write_text("mine")
    folder = database_file().parent
    folder.mkdir()
    (folder / ".advisories.sqlite.draft").symlink_to(victim)
    run("import", "one.json")
    assert victim.read_text() == "mine" and known() == ["GHSA-1"]
    other = sqlite3.connect(tmp_path / "other.sqlite")
    other.executescript("CREATE TABLE money (amount); INSERT INTO money VALUES (1)")
    other.close()
    refused = run("import", "one.json", "--database", "other.sqlite").exception
    assert "is not a database of advisories" in str(refused) and b"money" in (tmp_path / "other.sqlite").read_bytes()
