"""Releases are fetched by their number, however it is written."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pip
import pytest

from buckler.prove.environment import fetching
from buckler.prove.environment.fetching import fetched


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    folder = tmp_path / "wheels"
    folder.mkdir()
    wheel = folder / "bkl_cart-4.2-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("bkl_cart/__init__.py", "VERSION = '4.2'\n")
    folder.chmod(0o755)
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setattr(fetching, "newest", lambda cache: Path(pip.__file__).parent.parent)
    return wheel.read_bytes()


def test_zeros_at_the_end_of_a_version_mean_nothing(index: bytes, tmp_path: Path) -> None:
    wanted = [("PyPI", "bkl-cart", "4.2.0"), ("PyPI", "bkl-cart", "4.2.1"), ("PyPI", "bkl-cart", "4.2")]
    assert fetched(wanted, tmp_path / "cache") == {wanted[0]: index, wanted[2]: index}
