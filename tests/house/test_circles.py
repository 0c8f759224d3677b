"""No module needs another that needs it, neither when it is loaded nor later inside a function."""

from __future__ import annotations

import re
from graphlib import TopologicalSorter
from pathlib import Path

import grimp

import buckler

HIDDEN = re.compile(r"""\bimport_module\(\s*f?["']buckler""")
"""A way around the graph: it reads imports, not texts."""


def test_no_circles() -> None:
    graph = grimp.build_graph("buckler", exclude_type_checking_imports=True)
    TopologicalSorter({name: graph.find_modules_directly_imported_by(name) for name in graph.modules}).prepare()


def test_none_are_hidden() -> None:
    root = Path(buckler.__file__).parent
    files = [*(root / "analysis").rglob("*.py"), *(root / "review").rglob("*.py")]
    assert [path.name for path in files if HIDDEN.search(path.read_text("utf-8"))] == []
