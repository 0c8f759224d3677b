"""What an installed package says about itself, for a project of which only the sources are there.

Many packages ask `importlib.metadata` for their own version when they are imported. An overlay with the name and
version that the project declares answers them.

Example::

    overlay(declared(Path("notes")), Path("notes"), cache)     # …/notes-1.0.dist-info/METADATA
"""

from __future__ import annotations

import os
from pathlib import Path

from buckler.base.files import files_below
from buckler.prove.environment.requirements import Declared, package_name, package_version


def overlay(said: Declared, project: Path, cache: Path) -> tuple[Path, ...]:
    """Folders to lay over the project, so that it finds its own name and version."""
    name, version = package_name(said.name), package_version(said.version) or "0.0"
    if not name:
        return ()
    if any(project.glob("*.dist-info/METADATA")) or any(project.glob("*.egg-info/PKG-INFO")):
        return ()
    title = f"{name.replace('-', '_')}-{version}.dist-info"
    given = next((f.name for f in project.glob("*.dist-info") if f.is_dir() and not f.is_symlink()), title)
    folder = _below(cache, f"{name}-{version}")
    file = folder / given / "METADATA"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    for place in (folder, file.parent):
        place.chmod(0o755)
    return (folder,)


def _below(cache: Path, name: str) -> Path:
    """A folder of this name beside the cache, and nowhere else."""
    folder = cache / "metadata"
    assert (folder / name).parent == folder, name
    return folder / name


def lost(said: Declared, project: Path, installed: Path, cache: Path) -> tuple[Path, ...]:
    """For a published release that was unpacked without its data files: a folder with those, from the release."""
    name, version = package_name(said.name), package_version(said.version)
    if not (said.release and name and version and installed.is_dir()):
        return ()
    folder = _below(cache, f"{name}-{version}-files")
    tops = [p for p in project.iterdir() if p.is_dir() and not p.is_symlink()]
    for top in (installed / p.name for p in tops):
        for file in files_below(top):
            place = file.relative_to(installed)
            if file.suffix not in (".py", ".pyc") and not os.path.lexists(project / place):
                target = folder / place
                target.parent.mkdir(parents=True, exist_ok=True)
                if not target.exists():
                    os.link(file, target)
    if not folder.is_dir():
        return ()
    for place in (folder, *(p for p in folder.rglob("*") if p.is_dir())):
        place.chmod(0o755)
    return (folder,)
