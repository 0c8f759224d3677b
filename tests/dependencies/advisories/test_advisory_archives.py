"""Archives of advisories, whole, damaged and dishonest."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from buckler.base.errors import InputError
from buckler.dependencies.advisories import archives
from buckler.dependencies.advisories.archives import archived, is_archive

FILES = {
    "osv/GHSA-1.json": json.dumps({"id": "GHSA-1"}).encode(),
    "osv/2030/PYSEC-1.yaml": b"id: PYSEC-1\n",
    "./osv/GHSA-2.json": b'{"id": "GHSA-2"}',
    "README.md": b"words",
    ".github/workflow.yml": b"on: push",
}
EXPECTED = {"osv/GHSA-1.json", "osv/2030/PYSEC-1.yaml", "./osv/GHSA-2.json"}


def zipped(path: Path, files: dict[str, bytes] = FILES) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def tarred(path: Path, mode: str) -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        link = tarfile.TarInfo("link.json")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        for name, data in FILES.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


@pytest.mark.parametrize("name", ["all.zip", "all.tar", "all.tar.gz", "all.tgz", "all.tar.bz2", "all.tar.xz"])
def test_only_what_may_be_an_advisory_comes_out(tmp_path: Path, name: str) -> None:
    modes = {".zip": "", ".tar": "w", ".gz": "w:gz", ".tgz": "w:gz", ".bz2": "w:bz2", ".xz": "w:xz"}
    path = tmp_path / name
    zipped(path) if name == "all.zip" else tarred(path, modes[path.suffix])
    assert is_archive(path)
    found = {document.name: document for document in archived(path)}
    assert found.keys() == EXPECTED
    assert all(document.data == FILES[name] and not document.refused for name, document in found.items())


def test_a_damaged_member_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "all.zip", {"a.json": b'{"id": "A-1"}' * 99, "b.json": b'{"id": "B-1"}'})
    data = bytearray(path.read_bytes())
    data[45:50] = b"\0\0\0\0\0"
    path.write_bytes(data)
    first, second = archived(path)
    assert first.name == "a.json" and first.refused and second.data == b'{"id": "B-1"}'


@pytest.mark.parametrize("name", ["all.zip", "all.tar.gz", "all.tar.xz"])
def test_an_archive_that_is_cut_off_is_an_error_in_one_sentence(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    whole = zipped(path) if name == "all.zip" else tarred(path, "w:gz" if name.endswith("gz") else "w:xz")
    path.write_bytes(whole.read_bytes()[:-40])
    with pytest.raises(InputError, match="cannot be read as an archive"):
        list(archived(path))


def test_no_member_and_no_archive_grows_beyond_its_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zipped(tmp_path / "all.zip", {"a.json": bytes(5000), "b.json": b"{}"})
    monkeypatch.setattr(archives, "MOST", 1000)
    assert [(document.name, document.refused[:14]) for document in archived(path)] == [
        ("a.json", "is larger than"),
        ("b.json", ""),
    ]
    monkeypatch.setattr(archives, "MOST_MEMBERS", 0)
    with pytest.raises(InputError, match="more than a database"):
        list(archived(path))


def test_a_file_that_is_no_archive_is_said_to_be_none(tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    path.write_text("<html>not found</html>")
    with pytest.raises(InputError, match="cannot be read as an archive"):
        list(archived(path))
