"""Reading files that others put there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from buckler.base.errors import InputError
from buckler.base.files import inside, read_regular, read_text


def test_a_file_of_just_the_allowed_size_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    assert read_regular(tmp_path / "a", 5) == b"12345"
    with pytest.raises(InputError, match="larger than 4 bytes"):
        read_regular(tmp_path / "a", 4)


def test_a_link_the_user_names_is_followed(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    (tmp_path / "link").symlink_to("a")
    assert read_text(tmp_path / "link", 9) == "a"


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/tty"])
def test_a_device_is_not_read(device: str) -> None:
    with pytest.raises(InputError, match="not a regular file|cannot be read"):
        read_regular(Path(device), 100)


def test_a_pipe_without_a_writer_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="not a regular file"):
        read_regular(tmp_path / "pipe", 100)


def test_what_is_no_text_is_said(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xff")
    with pytest.raises(InputError, match="not UTF-8"):
        read_text(tmp_path / "a", 9)


@pytest.mark.parametrize("name", ["missing", "a/b", "a\0b", "x" * 300])
def test_what_cannot_be_opened_is_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "a").write_text("")
    with pytest.raises(InputError):
        read_regular(tmp_path / name, 9)


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "/etc/passwd", "../a", "a/../../b", "a//b", "a/./b", "a/", "C:/a", "a\\b", "a\0b", "x" * 300, "x/" * 5000 + "y"],
)  # fmt: skip
def test_a_name_that_is_no_plain_path_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError):
        inside(tmp_path, name)


def test_a_link_on_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "linked").symlink_to("real")
    (tmp_path / "dangling").symlink_to("nowhere")
    assert inside(tmp_path, "real/new.py") == tmp_path / "real/new.py"
    for name in ("linked", "linked/new.py", "dangling"):
        with pytest.raises(InputError, match="link"):
            inside(tmp_path, name)


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "linked").symlink_to("real")
    assert inside(tmp_path / "linked", "a.py") == tmp_path / "linked/a.py"
