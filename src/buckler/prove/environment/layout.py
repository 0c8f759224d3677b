"""Which folders of a project its modules are imported from: the project itself, `src`, or any that only holds packages.

Example::

    roots(Path("graphite-web"))                              # ("webapp",)
    module_of("webapp/graphite/util.py", ("webapp",))        # "graphite.util"
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

USUAL = ("src", "lib", "python")
NEVER = frozenset(
    {"tests", "test", "testing", "docs", "doc", "examples", "build", "dist", "node_modules", "vendor", "scripts"}
)
MOST = 6


def roots(project: Path) -> tuple[str, ...]:
    """Folders, relative to the project, that belong on the path besides it."""
    out = [name for name in USUAL if (project / name).is_dir() and not (project / name / "__init__.py").exists()]
    for folder in sorted(p for p in project.iterdir() if p.is_dir() and not p.name.startswith(".")):
        if folder.name in NEVER or folder.name in out or (folder / "__init__.py").exists():
            continue
        if (folder / "manage.py").is_file() or any(folder.glob("*/__init__.py")):
            out.append(folder.name)
    return tuple(out[:MOST])


def module_of(path: str, folders: Sequence[str] = USUAL) -> str:
    """The dotted name a file is imported by."""
    parts = path.removesuffix(".py").split("/")
    if parts[0] in folders and len(parts) > 1:
        parts = parts[1:]
    if parts[-1] == "__init__":
        parts = parts[:-1]
    return ".".join(parts)
