"""An environment never holds another version than the one that is pinned, even where not everything can be had."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from buckler.prove.environment.fill import as_bound, filled
from buckler.prove.environment.installer import Asked


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name, version, needs in (
        ("bkl_cart", "1.0", ""), ("bkl_cart", "2.0", ""), ("bkl_shop", "1.0", "Requires-Dist: bkl-cart\nRequires-Dist: bkl-absent==1\n"),
    ):  # fmt: skip
        info = f"{name}-{version}.dist-info"
        with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{name}/__init__.py", f"VERSION = {version!r}\n")
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(
                f"{info}/RECORD", f"{name}/__init__.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n"
            )
    folder.chmod(0o755)
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return folder


def test_what_is_pinned_stays_when_another_needs_it(index: Path, tmp_path: Path) -> None:
    made = tmp_path / "made" / "packages"
    wanted = ("bkl-cart==1.0", "bkl-shop==1.0")
    missing = filled(made, wanted, wanted, "3.11.7", Asked(tmp_path / "cache"), sources=True)
    assert (made / "bkl_cart" / "__init__.py").read_text() == "VERSION = '1.0'\n"
    assert len(list(made.glob("bkl_cart-*.dist-info"))) == 1
    assert not any(text.startswith("bkl-cart") for text in missing)


def test_a_bound_has_no_extras() -> None:
    assert as_bound("flask[async]>=2,<3") == "flask<3,>=2"
    assert as_bound("flask") == ""
