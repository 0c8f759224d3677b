"""Small trees of manifests, written in the tests that read them."""

from __future__ import annotations

from buckler.dependencies import manifests
from buckler.dependencies.inventory import files_of, inventory_of
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.model import Component, Inventory, Manifest

Tree = dict[str, str | bytes]


def bytes_of(tree: Tree, path: str) -> bytes | None:
    content = tree.get(path)
    return content.encode() if isinstance(content, str) else content


def inventory(tree: Tree) -> Inventory:
    return inventory_of(files_of(tree, lambda path: bytes_of(tree, path)))


def manifest(path: str, content: str | bytes, others: Tree | None = None) -> Manifest:
    tree = {**(others or {}), path: content}
    data = bytes_of(tree, path)
    assert data is not None
    return manifests.read(ManifestFile(path, data, lambda other: bytes_of(tree, other)))


def packages(found: Manifest) -> list[str]:
    return [str(requirement.package) for requirement in found.requirements]


def component(found: Inventory, name: str) -> Component:
    (only,) = [c for c in found.components if c.package.name == name]
    return only


def lines(found: Component) -> list[tuple[str, int]]:
    return [(r.location.path, r.location.line) for r in found.requirements]
