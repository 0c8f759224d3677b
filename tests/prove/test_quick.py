"""uv instead of the installer: what it says must mean the same, and it is asked only where it asks the same index."""

from __future__ import annotations

import zipfile
from functools import partial
from pathlib import Path

import pytest

from buckler.prove.environment import installer
from buckler.prove.environment.installer import Asked, install, last_words, settings
from buckler.prove.environment.quick import Order, quickly


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name, version, tag in (("bkl_cart", "1.0", "py3-none-any"), ("bkl_cart", "2.0", "py3-none-any"),
                               ("bkl_tax", "1.0", "cp37-cp37m-win32")):  # fmt: skip
        info = f"{name}-{version}.dist-info"
        with zipfile.ZipFile(folder / f"{name}-{version}-{tag}.whl", "w") as wheel:
            wheel.writestr(f"{name}/__init__.py", f"VERSION = {version!r}\n")
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
            wheel.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n")
            wheel.writestr(
                f"{info}/RECORD", f"{name}/__init__.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n"
            )
    folder.chmod(0o755)
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def order(tmp_path: Path, *wanted: str) -> Order:
    target = tmp_path / "made" / "packages"
    target.parent.mkdir()
    target.parent.chmod(0o755)
    return Order(target, wanted, "3.11.7", None)


def said(asked: Order, *more: Path) -> str | None:
    return quickly(asked, (*settings(), *more), partial(installer._in_sandbox, asked.target.parent))


@pytest.mark.usefixtures("index")
def test_a_pin_is_what_is_installed(tmp_path: Path) -> None:
    asked = order(tmp_path, "bkl-cart==1.0")
    assert said(asked) == ""
    assert (asked.target / "bkl_cart" / "__init__.py").read_text() == "VERSION = '1.0'\n"


@pytest.mark.usefixtures("index")
@pytest.mark.parametrize("text", ["bkl-absent", "bkl-cart==3.0", "bkl-tax"])
def test_a_requirement_that_nobody_can_meet_is_named(tmp_path: Path, text: str) -> None:
    answer = install(tmp_path / "made" / "packages", (text, "bkl-cart"), "3.11.7", Asked(tmp_path / "cache"))
    assert last_words(answer).startswith(f"requirement {text.partition('=')[0]}: ")


@pytest.mark.usefixtures("index")
def test_what_does_not_fit_together_is_left_to_the_installer(tmp_path: Path) -> None:
    assert said(order(tmp_path, "bkl-cart==1.0", "bkl-cart==2.0")) is None


@pytest.mark.usefixtures("index")
def test_an_index_that_only_the_installer_knows_is_left_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.example.org/simple")
    assert said(order(tmp_path, "bkl-cart==1.0")) is None


def test_an_index_in_the_settings_is_left_to_the_installer(tmp_path: Path) -> None:
    file = tmp_path / "pip.conf"
    file.write_text("[global]\nindex-url = https://index.example.org/simple\n")
    assert said(order(tmp_path, "bkl-cart==1.0"), file) is None
