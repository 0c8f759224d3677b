"""What is asked about an upgrade: does it take a name away, and which pins can nobody resolve."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from buckler.prove.environment.api import differences
from buckler.prove.environment.resolve import unbuilt
from buckler.workbench.upgrades import tools

ON_DEMAND = """
def __getattr__(name):
    if name == "utc":
        return 0
    raise AttributeError(name)
"""


def compared(tmp_path: Path, before: str, after: str, names: list[str]) -> list[str]:
    places = []
    for number, code in enumerate((before, after)):
        folder = tmp_path / str(number)
        (folder / "bkl_time").mkdir(parents=True)
        (folder / "bkl_time" / "__init__.py").write_text(code)
        places.append(folder)
    found = differences(places[0], places[1], ["bkl_time"], names, [], {})
    assert found is not None
    return [one.words for one in found]


def test_a_name_that_is_made_when_it_is_asked_for_is_there(tmp_path: Path) -> None:
    names = ["bkl_time.utc", "bkl_time.gmt"]
    assert compared(tmp_path, "utc = 1\ngmt = 2\n", ON_DEMAND, names) == ["`bkl_time.gmt` is gone"]


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One release as a wheel, one only as sources, the next one of that as a wheel again."""
    folder = tmp_path / "index"
    folder.mkdir()
    for name, version in (("bkl_cart", "1.0"), ("bkl_tax", "1.1")):
        info = f"{name}-{version}.dist-info"
        with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", f"{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    with tarfile.open(folder / "bkl_tax-1.0.tar.gz", "w:gz") as sources:
        text = b"raise SystemExit('nobody builds this')\n"
        member = tarfile.TarInfo("bkl_tax-1.0/setup.py")
        member.size = len(text)
        sources.addfile(member, io.BytesIO(text))
    folder.chmod(0o755)
    monkeypatch.setenv("UV_FIND_LINKS", str(folder))
    monkeypatch.setenv("UV_NO_INDEX", "1")


@pytest.mark.usefixtures("index")
def test_pins_without_a_wheel_are_known_by_name() -> None:
    assert unbuilt(["bkl-cart==1.0", "bkl-tax==1.0"], "3.11", tools()) == {"bkl-tax"}
    assert unbuilt(["bkl-cart==1.0", "bkl-tax==1.1"], "3.11", tools()) == set()
