"""Archives as folders: what is inside comes out, and nothing gets out of the folder."""

import io
import os
import tarfile
import zipfile

import pytest

from buckler.base.errors import InputError
from buckler.workbench.selection import Limits
from buckler.workbench.unpack import as_folder


def contents(folder):
    return {p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*") if p.is_file()}


def tar(path, members):
    with tarfile.open(path, "w:gz") as archive:
        for name, text in members:
            info = tarfile.TarInfo(name)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    return path


def test_a_folder_is_itself(tmp_path):
    with as_folder(tmp_path, Limits()) as folder:
        assert folder == tmp_path


def test_an_sdist_is_its_one_folder(tmp_path):
    path = tar(tmp_path / "shop-1.0.tar.gz", [("shop-1.0/setup.cfg", "[metadata]"), ("shop-1.0/shop/app.py", "x = 1")])
    with as_folder(path, Limits()) as folder:
        assert folder.name == "shop-1.0"
        assert contents(folder) == {"setup.cfg": "[metadata]", "shop/app.py": "x = 1"}
    assert not folder.exists()


def test_a_wheel_keeps_its_folders(tmp_path):
    path = tmp_path / "shop-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("shop/app.py", "x = 1")
        archive.writestr("shop-1.0.dist-info/METADATA", "Name: shop")
    with as_folder(path, Limits()) as folder:
        assert contents(folder) == {"shop/app.py": "x = 1", "shop-1.0.dist-info/METADATA": "Name: shop"}


@pytest.mark.parametrize("name", ["../../out.py", "/out.py", "a/../../out.py"])
def test_nothing_leaves_the_folder(tmp_path, name):
    path = tar(tmp_path / "a.tar.gz", [(name, "x"), ("in.py", "y")])
    with as_folder(path, Limits()) as folder:
        assert contents(folder) == {"in.py": "y"}
    assert not (tmp_path / "out.py").exists()


def test_a_member_that_is_the_folder_of_another(tmp_path):
    path = tar(tmp_path / "a.tar.gz", [("a", "x"), ("a/b.py", "y")])
    with as_folder(path, Limits()) as folder:
        assert contents(folder) == {"a": "x"}


def test_a_bomb_is_refused(tmp_path):
    path = tar(tmp_path / "a.tar.gz", [(f"{n}.py", "x" * 100_000) for n in range(50)])
    with pytest.raises(InputError, match="unpacks to more"), as_folder(path, Limits(max_total=1_000_000)):
        pass


@pytest.mark.parametrize(("name", "words"), [("a.zip", "damaged"), ("a.txt", "neither")])
def test_what_is_no_archive(tmp_path, name, words):
    (tmp_path / name).write_text("no")
    with pytest.raises(InputError, match=words), as_folder(tmp_path / name, Limits()):
        pass


@pytest.mark.parametrize("kind", ["zip", "sdist"])
def test_what_is_unpacked_can_be_read_by_nobody_in_the_sandbox_whatever_the_umask(tmp_path, kind):
    if kind == "zip":
        path = tmp_path / "shop.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("shop/shop/app.py", "x = 1")
    else:
        path = tar(tmp_path / "shop-1.0.tar.gz", [("shop/shop/app.py", "x = 1")])
    before = os.umask(0o077)
    try:
        with as_folder(path, Limits()) as folder:
            places = [folder.parent, folder, *folder.rglob("*")]
            assert [place.stat().st_mode & 0o777 for place in places] == [0o755, 0o755, 0o755, 0o644]
    finally:
        os.umask(before)
