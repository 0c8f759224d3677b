"""Sources of releases: archives are read in memory, and nothing in them leads anywhere else."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from buckler.dependencies.model import Package
from buckler.dependencies.releases import Releases, read_archive

SHOP = Package("PyPI", "shop", "1.0")


def wheel(**files: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        archive.writestr("shop-1.0.dist-info/RECORD", "")
    return out.getvalue()


def tarball(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    return out.getvalue()


def test_a_wheel_is_read_as_it_is_imported() -> None:
    found = read_archive(SHOP, wheel(**{"shop/db.py": "x = 1", "shop/fast.so": "machine code", "shop/logo.png": "?"}))
    assert found is not None
    assert found.files["shop/db.py"] == b"x = 1"
    assert found.compiled == ["shop/fast.so"]
    assert "shop/logo.png" not in found.files


def test_of_a_source_distribution_the_folders_around_packages_go() -> None:
    found = read_archive(
        SHOP,
        tarball({
            "shop-1.0/setup.py": "", "shop-1.0/src/shop/__init__.py": "", "shop-1.0/src/shop/db.py": "x",
            "shop-1.0/src/single.py": "", "shop-1.0/docs/conf.py": "",
        }),
    )  # fmt: skip
    assert found is not None
    assert sorted(found.files) == ["shop/__init__.py", "shop/db.py", "single.py"]


def test_of_two_copies_the_one_for_this_python_is_read() -> None:
    found = read_archive(SHOP, tarball({f"shop-1.0/{lib}/shop/__init__.py": lib for lib in ("lib", "lib3")}))
    assert found is not None
    assert found.files == {"shop/__init__.py": b"lib3"}


def test_an_npm_tarball_has_one_folder_around_it() -> None:
    found = read_archive(
        Package("npm", "left", "1.0"), tarball({"package/index.js": "1", "package/package.json": "{}"})
    )
    assert found is not None
    assert sorted(found.files) == ["index.js", "package.json"]


def test_members_that_lead_out_of_the_archive_are_left_out() -> None:
    """An archive names members above its own folder."""
    found = read_archive(SHOP, wheel(**{"../../etc/cron.py": "x", "/root/a.py": "x", "shop/../../b.py": "x"}))
    assert found is not None
    assert not [path for path in found.files if path.endswith(".py")]


def test_what_was_fetched_is_kept(tmp_path: Path) -> None:
    asked: list[Package] = []

    def fetch(package: Package) -> bytes:
        asked.append(package)
        return wheel(**{"shop/db.py": "x"})

    for _ in range(2):
        assert Releases(cache=tmp_path, fetch=fetch).files(SHOP)
    assert asked == [SHOP]


def test_an_installed_release_goes_before_the_registry(tmp_path: Path) -> None:
    site = tmp_path / "lib" / "python3.11" / "site-packages"
    (site / "shop-1.0.dist-info").mkdir(parents=True)
    (site / "shop").mkdir()
    (site / "shop" / "db.py").write_text("installed")
    (site / "shop-1.0.dist-info" / "RECORD").write_text("shop/db.py,sha256=x,9\n../../../etc/passwd,,\n")
    found = Releases((tmp_path,), fetch=lambda _: wheel()).find(SHOP)
    assert found is not None
    assert found.files == {"shop/db.py": b"installed"}


def test_installed_node_packages_are_found_where_they_are_nested(tmp_path: Path) -> None:
    inner = tmp_path / "node_modules" / "a" / "node_modules" / "@org" / "b"
    inner.mkdir(parents=True)
    (inner.parents[2] / "package.json").write_text('{"name": "a", "version": "1.0"}')
    (inner / "package.json").write_text('{"name": "@org/b", "version": "2.0"}')
    (inner / "index.js").write_text("exports.x = 1")
    releases = Releases((tmp_path,))
    assert "index.js" in releases.files(Package("npm", "@org/b", "2.0"))
    assert list(releases.files(Package("npm", "a", "1.0"))) == ["package.json"]


@given(st.binary(max_size=400))
def test_no_bytes_make_it_raise(data: bytes) -> None:
    for head in (b"", b"PK", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00"):
        read_archive(SHOP, head + data)
