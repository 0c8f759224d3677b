"""Archives are read in memory; hostile ones end in a notice, and nothing is ever written."""

from __future__ import annotations

import io
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buckler.workbench.archives import safe_name
from buckler.workbench.inputs import Inputs, Limits, collect

SMALL = Limits(max_total=1_000_000, max_members=50, free=100_000, max_ratio=20, max_file_size=50_000)


def tar(path: Path, members: dict[str, bytes | tarfile.TarInfo], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, content in members.items():
            if isinstance(content, tarfile.TarInfo):
                archive.addfile(content)
                continue
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = target
    return info


def said(inputs: Inputs) -> str:
    return "; ".join(notice.text for notice in inputs.notices)


@pytest.mark.parametrize(("name", "mode"), [
    ("a.tar.gz", "w:gz"), ("a.tgz", "w:gz"), ("a.tar.bz2", "w:bz2"), ("a.tar.xz", "w:xz"), ("a.tar", "w"),
])  # fmt: skip
def test_tar(tmp_path: Path, name: str, mode: str) -> None:
    path = tar(tmp_path / name, {"shop-1/shop/a.py": b"x = 1", "shop-1/README": b"", "shop-1/tests/t.py": b""}, mode)
    (file,) = collect([path], SMALL).files
    assert (file.path, file.read(), file.language) == ("shop-1/shop/a.py", b"x = 1", "python")


@pytest.mark.parametrize("name", ["shop-1-py3-none-any.whl", "shop.zip"])
def test_zip(tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / name, {"shop/a.py": b"x = 1", "shop/logo.png": b"", "shop/x.js": b"y"})
    assert [file.path for file in collect([path], SMALL).files] == ["shop/a.py", "shop/x.js"]


@pytest.mark.parametrize("suffix", [".tar.gz", ".tar.xz"])
def test_a_bomb_is_left_when_it_goes_off(tmp_path: Path, suffix: str) -> None:
    mode = {".tar.gz": "w:gz", ".tar.xz": "w:xz"}[suffix]
    path = tar(tmp_path / f"bomb{suffix}", {"a.py": b"x", "big.bin": bytes(900_000), "b.py": b"x"}, mode)
    inputs = collect([path], SMALL)
    assert [file.path for file in inputs.files] == ["a.py"]
    assert "times its size" in said(inputs)
    assert inputs.notices[0].partial


def test_total_size(tmp_path: Path) -> None:
    path = tar(tmp_path / "big.tar", {"big.bin": bytes(2_000_000), "b.py": b"x"}, "w")
    assert "more than 1,000,000 bytes" in said(collect([path], SMALL))


def test_zip_bomb(tmp_path: Path) -> None:
    members = {f"{n}.py": bytes(40_000) for n in range(20)}
    inputs = collect([zipped(tmp_path / "bomb.zip", members)], SMALL)
    assert "times its size" in said(inputs)
    assert len(inputs.files) < 20


def test_zip_that_lies_about_its_sizes(tmp_path: Path) -> None:
    path = zipped(tmp_path / "liar.zip", {"a.py": bytes(60_000)})
    data = path.read_bytes().replace((60_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    path.write_bytes(data)
    inputs = collect([path], SMALL)
    assert all(len(file.read()) <= 50_000 for file in inputs.files)
    assert any(notice.partial for notice in inputs.notices)


def test_too_many_members(tmp_path: Path) -> None:
    path = zipped(tmp_path / "many.zip", {f"{n}.txt": b"" for n in range(51)})
    assert "more than 50 members" in said(collect([path], SMALL))


def test_large_member(tmp_path: Path) -> None:
    limits = replace(SMALL, max_ratio=10_000)
    path = zipped(tmp_path / "large.zip", {"a.py": bytes(60_000), "b.py": b"x"})
    inputs = collect([path], limits)
    assert [file.path for file in inputs.files] == ["b.py"]
    assert [notice.kind for notice in inputs.notices] == ["too-large"]


def test_names_that_lead_out(tmp_path: Path) -> None:
    names = {"../a.py": b"x", "/etc/b.py": b"x", "x/../../c.py": b"x", "C:\\d.py": b"x", "ok.py": b"x"}
    for path in (tar(tmp_path / "out.tar.gz", dict(names)), zipped(tmp_path / "out.zip", names)):
        inputs = collect([path], SMALL)
        assert [file.path for file in inputs.files] == ["ok.py"]
        assert said(inputs).count("leads out") == 4


def test_links_and_devices(tmp_path: Path) -> None:
    path = tar(
        tmp_path / "links.tar.gz",
        {
            "1": special("link.py", tarfile.SYMTYPE, "/etc/passwd"),
            "2": special("hard.py", tarfile.LNKTYPE, "../../x"),
            "3": special("null.py", tarfile.CHRTYPE),
            "ok.py": b"x",
        },
    )
    inputs = collect([path], SMALL)
    assert [file.path for file in inputs.files] == ["ok.py"]
    assert len(inputs.notices) == 3
    assert not any(notice.partial for notice in inputs.notices)


def test_zip_link(tmp_path: Path) -> None:
    path = tmp_path / "link.zip"
    info = zipfile.ZipInfo("link.py")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    inputs = collect([path], SMALL)
    assert inputs.files == []
    assert "link or special file" in said(inputs)


def test_two_members_of_one_name(tmp_path: Path) -> None:
    path = tmp_path / "twice.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for content in (b"good", b"evil"):
            info = tarfile.TarInfo("a.py")
            info.size = 4
            archive.addfile(info, io.BytesIO(content))
    inputs = collect([path], SMALL)
    assert [file.read() for file in inputs.files] == [b"evil"]
    assert inputs.notices[0].partial


@pytest.mark.parametrize("name", ["x.tar.gz", "x.tar.bz2", "x.tar.xz", "x.tar", "x.zip", "x.whl"])
@pytest.mark.parametrize("damage", ["empty", "noise", "cut"])
def test_damaged(tmp_path: Path, name: str, damage: str) -> None:
    path = tmp_path / name
    members = {f"{n}.py": bytes(str(n), "ascii") * 3000 for n in range(5)}
    if name.endswith(("zip", "whl")):
        zipped(path, members)
    else:
        tar(
            path,
            dict(members),
            {"gz": "w:gz", "bz2": "w:bz2", "xz": "w:xz", "tar": "w"}[name.rsplit(".", 1)[1]],
        )
    whole = path.read_bytes()
    path.write_bytes({"empty": b"", "noise": b"\x00\x01noise" * 99, "cut": whole[: len(whole) // 2]}[damage])
    inputs = collect([path], SMALL)
    assert [(notice.kind, notice.partial) for notice in inputs.notices] == [("archive", True)]


@given(st.text())
def test_a_safe_name_stays_inside(name: str) -> None:
    safe = safe_name(name)
    if safe is not None:
        assert not safe.startswith("/")
        assert ".." not in safe.split("/")
        assert "\\" not in safe


def test_a_script_that_is_also_a_module_is_read_once(tmp_path: Path) -> None:
    members = {"b.py": b"#!/usr/bin/env python\nx = 1", "b-1.data/scripts/b.py": b"#!python\nx = 1"}
    path = zipped(tmp_path / "b-1-py3-none-any.whl", {**members, "b-1.data/scripts/c.py": b"y = 1"})
    assert [file.path for file in collect([path], SMALL).files] == ["b-1.data/scripts/c.py", "b.py"]
