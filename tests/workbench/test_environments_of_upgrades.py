"""What an environment says of a release that it has."""

from __future__ import annotations

from pathlib import Path

from buckler.prove.environment.build import Environment
from buckler.workbench.upgrade_ladder import folder_of, installed_version


def installed(folder: Path, version: str, record: str = "") -> Path:
    info = folder / f"sample_cart-{version}.dist-info"
    info.mkdir(parents=True)
    (folder / "sample_cart").mkdir()
    if record:
        (info / "RECORD").write_text(record)
    return folder


def environment(*folders: Path) -> Environment:
    return Environment(Path("python"), "3.11.7", folders)


def test_what_the_project_has_comes_before_our_own_tools(tmp_path: Path) -> None:
    own, tools = installed(tmp_path / "own", "1.0"), installed(tmp_path / "tools", "2.0")
    assert installed_version(environment(own, tools), "Sample.Cart") == "1.0"
    assert installed_version(environment(own, tools), "other") == ""


def test_a_release_without_a_list_of_files_has_the_folder_of_its_name(tmp_path: Path) -> None:
    bare = installed(tmp_path / "bare", "1.0")
    assert folder_of(environment(bare), "sample-cart") == (bare, ["sample_cart"])
    listed = installed(tmp_path / "listed", "1.0", "cart.py,,\nsample_cart-1.0.dist-info/RECORD,,\n")
    assert folder_of(environment(listed), "sample-cart") == (listed, ["cart"])
