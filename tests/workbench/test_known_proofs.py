"""Parts of showing a published flaw that need no sandbox."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from buckler.dependencies.findings import Found
from buckler.dependencies.model import Component, Package, Reach, Reachability, Symbol, Vulnerability
from buckler.dependencies.releases import Release
from buckler.workbench.known_proofs import bodies, installed_lines
from buckler.workbench.upgrade_ladder import laid_out
from buckler.workbench.upgrades import first_fixed

CODE = b"""
def one(x):
    return x

class Cart:
    def roll(self):
        return 1

    def stop(self):
        def inner():
            return 2
        return inner
"""


def test_lines_of_functions_that_a_fix_changed() -> None:
    assert [*bodies(CODE, {"one"})] == [range(3, 4)]
    assert [*bodies(CODE, {"Cart.stop"})] == [range(10, 13), range(11, 12)]
    assert {*bodies(CODE, {"Cart"})} == {range(7, 8), range(10, 13)}
    assert not [*bodies(CODE, {"two"})]
    assert not [*bodies(b"def one(:", {"one"})]


def test_what_a_package_without_a_list_of_its_files_has(tmp_path: Path) -> None:
    """PyYAML's module is `yaml`, and nothing beside its sources says so."""
    for place in ("flask", "flask-3.0.dist-info", "PyYAML-5.3.dist-info", "yaml", "bin"):
        (tmp_path / place).mkdir()
    (tmp_path / "flask-3.0.dist-info" / "RECORD").write_text("flask/__init__.py,,\nflask-3.0.dist-info/RECORD,,\n")
    assert laid_out(tmp_path, "pyyaml") == {"yaml", "PyYAML-5.3.dist-info", "flask-3.0.dist-info"}
    assert laid_out(tmp_path, "flask") == {"flask"}


@pytest.mark.parametrize(("compiled", "lines"), [("", [3]), ("shop.cpython-311.so", None)])
def test_what_a_compiled_module_runs_is_not_known(tmp_path: Path, compiled: str, lines: list[int] | None) -> None:
    package = Package("PyPI", "shop", "1.0")
    for name in filter(None, ("shop.py", compiled)):
        (tmp_path / name).write_bytes(CODE)
    found = Found(Vulnerability(Component(package, ()), ()), Reachability(Reach.REACHABLE, (Symbol("shop", "one"),)))
    release = Release(package, {"shop.py": CODE}, b"")
    flaw = SimpleNamespace(
        found=found, package=package, folders=(tmp_path,), releases=SimpleNamespace(find=lambda _: release)
    )
    assert installed_lines(flaw) == ({f"..{tmp_path}/shop.py": lines} if lines else {})  # type: ignore[arg-type]


def test_the_first_release_that_fixes_a_flaw_after_ones_own() -> None:
    assert str(first_fixed("1.0", ("2.1", "1.10", "1.9", "0.9", "odd"))) == "1.9"
    assert first_fixed("3.0", ("2.1", "odd")) is None
