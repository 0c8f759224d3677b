"""`setup.py`, read and never run: only what is written out counts.

Lists, tuples, sums of them and names that are assigned such a value once are understood. Everything else is computed
when the file runs, and is a notice.

Example::

    BASE = ["flask>=2"]
    setup(name="shop", install_requires=BASE + ["requests"], extras_require={"test": ["pytest"]})
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from buckler.dependencies.documents.text import Damaged
from buckler.dependencies.manifests.draft import Draft
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.manifests.standard import add
from buckler.dependencies.model import Manifest, Scope
from buckler.dependencies.pep508 import group_scope

ECOSYSTEM = "PyPI"
NAMES = ("setup.py",)
LARGEST = 1_000_000
"""Letters of a file worth parsing."""
DEEPEST = 50
MOST = 10_000
"""Strings of one list: names that are sums of names double."""
LISTS = {
    "install_requires": Scope.RUNTIME, "requires": Scope.RUNTIME,
    "tests_require": Scope.DEVELOPMENT, "setup_requires": Scope.BUILD,
}  # fmt: skip
EXTRAS = "extras_require"
Constants = dict[str, ast.expr | None]
"""What each name is assigned; None for one that is assigned more than once."""


def read(file: ManifestFile) -> Manifest:
    """Every requirement that is written out."""
    draft = Draft(file, "setup_py", ECOSYSTEM)
    tree = _parsed(draft.text.text)
    constants = _constants(tree)
    options = list(_options(tree, constants))
    for name, node in options:
        if name in LISTS:
            _list(draft, name, node, constants, LISTS[name])
        elif name == EXTRAS:
            _extras(draft, node, constants)
    said = {name: text for name, node in options for text, _ in _strings(node, constants) or ()}
    draft.project = draft.package(said.get("name", ""), said.get("version", ""))
    return draft.manifest()


def _parsed(text: str) -> ast.Module:
    if len(text) > LARGEST:
        raise Damaged(f"is Python of more than {LARGEST:,} letters")
    try:
        return ast.parse(text)
    except SyntaxError as error:
        raise Damaged("is not valid Python", error.lineno or 0) from error
    except (RecursionError, MemoryError, ValueError) as error:
        raise Damaged("is Python that is nested too deep") from error


def _constants(tree: ast.Module) -> Constants:
    found: Constants = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    found[target.id] = None if target.id in found else node.value
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] = None
    return found


def _options(tree: ast.Module, constants: Constants) -> Iterator[tuple[str, ast.expr]]:
    """What `setup` is called with, a dictionary that is unpacked included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node.func) == "setup":
            for keyword in node.keywords:
                if keyword.arg is not None:
                    yield keyword.arg, keyword.value
                else:
                    yield from _pairs(keyword.value, constants)


def _called(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _pairs(node: ast.expr, constants: Constants) -> Iterator[tuple[str, ast.expr]]:
    """The entries of a dictionary that is written out."""
    node = _meant(node, constants)
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value, value
    elif isinstance(node, ast.Call) and _called(node.func) == "dict":
        yield from ((keyword.arg, keyword.value) for keyword in node.keywords if keyword.arg is not None)


def _meant(node: ast.expr, constants: Constants) -> ast.expr:
    for _ in range(DEEPEST):
        value = constants.get(node.id) if isinstance(node, ast.Name) else None
        if value is None:
            break
        node = value
    return node


def _strings(node: ast.expr, constants: Constants, depth: int = 0) -> list[tuple[str, int]] | None:
    """Each string of an expression with its line; None if some of it is computed."""
    node = _meant(node, constants)
    if isinstance(node, ast.Constant):
        return [(row.strip(), node.lineno) for row in node.value.splitlines()] if isinstance(node.value, str) else None
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        inner: list[ast.expr] = node.elts
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        inner = [node.left, node.right]
    elif isinstance(node, ast.Starred):
        inner = [node.value]
    else:
        return None
    if depth >= DEEPEST:
        return None
    found: list[tuple[str, int]] = []
    for item in inner:
        part = _strings(item, constants, depth + 1)
        if part is None or len(found) + len(part) > MOST:
            return None
        found += part
    return found


def _list(draft: Draft, name: str, node: ast.expr, constants: Constants, scope: Scope) -> None:
    rows = _strings(node, constants)
    if rows is None:
        draft.note(f"`{name}` is computed when the file runs; not read", node.lineno)
    for row, line in rows or ():
        if row:
            add(draft, row, line, scope)


def _extras(draft: Draft, node: ast.expr, constants: Constants) -> None:
    pairs = list(_pairs(node, constants))
    if not pairs and not (isinstance(node, ast.Dict) and not node.keys):
        draft.note(f"`{EXTRAS}` is computed when the file runs; not read", node.lineno)
    for extra, value in pairs:
        _list(draft, EXTRAS, value, constants, group_scope(extra, Scope.OPTIONAL))
