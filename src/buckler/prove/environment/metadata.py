"""What an installed package says about itself, for a project of which only the sources are there.

Many packages ask `importlib.metadata` for their own version when they are imported. An overlay with the name and
version that the project declares answers them.

Example::

    overlay(declared(Path("notes")), Path("notes"), cache)     # …/notes-1.0.dist-info/METADATA
"""

from __future__ import annotations

import os
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


def lost(said: Declared, project: Path, installed: Path, cache: Path) -> tuple[Path, ...]:
    """For a published release that was unpacked without its data files: a folder with those, from the release."""
    folder = cache / "metadata" / f"{said.name}-{said.version}-files"
    if not said.release or not installed.is_dir():
        return ()
    for top in (p for p in project.iterdir() if p.is_dir() and (installed / p.name).is_dir()):
        for file in (installed / top.name).rglob("*"):
            place = file.relative_to(installed)
            if file.is_file() and file.suffix not in (".py", ".pyc") and not (project / place).exists():
                target = folder / place
                target.parent.mkdir(parents=True, exist_ok=True)
                if not target.exists():
                    os.link(file, target)
    if not folder.is_dir():
        return ()
    for place in (folder, *(p for p in folder.rglob("*") if p.is_dir())):
        place.chmod(0o755)
    return (folder,)
