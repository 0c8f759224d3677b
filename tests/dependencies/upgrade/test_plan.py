"""What an upgrade changes: every line that asks the registry for the package, and no line with an address of its own."""

from __future__ import annotations

from buckler.dependencies.model import Package
from buckler.dependencies.upgrade.plan import Move, Plan, planned
from dependencies.trees import inventory


def plan(**files: str) -> Plan:
    texts = {f"{name}.txt": text.encode() for name, text in files.items()}
    found = inventory({**texts})
    component = next(one for one in found.components if one.package == Package("PyPI", "cart", "1.0"))
    formats = {manifest.path: manifest.format for manifest in found.manifests}
    return planned([Move(component, "1.1")], texts.__getitem__, formats, lambda _: ())


def test_every_file_that_asks_the_registry_is_edited() -> None:
    found = plan(requirements="cart==1.0\n", requirements_dev="cart==1.0\nflask\n")
    assert sorted(edit.path for edit in found.edits) == ["requirements.txt", "requirements_dev.txt"]


def test_a_line_with_an_address_of_its_own_is_left_alone() -> None:
    found = plan(requirements="cart==1.0\n", requirements_dev="cart @ https://example.org/cart.tar.gz\n")
    assert [edit.path for edit in found.edits] == ["requirements.txt"]
    assert not found.refused
