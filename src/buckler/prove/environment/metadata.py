"""What an installed package says about itself, for a project of which only the sources are there.

Many packages ask `importlib.metadata` for their own version when they are imported. An overlay with the name and
version that the project declares answers them.

Example::

    overlay(declared(Path("notes")), Path("notes"), cache)     # …/notes-1.0.dist-info/METADATA
"""

from __future__ import annotations

import re
from pathlib import Path

from buckler.prove.environment.requirements import Declared

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+!_-]*")


def overlay(said: Declared, project: Path, cache: Path) -> tuple[Path, ...]:
    """Folders to lay over the project, so that it finds its own name and version."""
    name, version = said.name, said.version or "0.0"
    if not NAME.fullmatch(name) or not NAME.fullmatch(version):
        return ()
    if any(project.glob("*.dist-info/METADATA")) or any(project.glob("*.egg-info/PKG-INFO")):
        return ()
    title = f"{name.replace('-', '_')}-{version}.dist-info"
    given = next((f.name for f in project.glob("*.dist-info") if f.is_dir()), title)
    folder = cache / "metadata" / f"{name}-{version}"
    file = folder / given / "METADATA"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    for place in (folder, file.parent):
        place.chmod(0o755)
    return (folder,)
