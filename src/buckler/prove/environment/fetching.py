"""Archives of releases as their registry has them, fetched by the ecosystem's own client in a sandbox.

They are compared with the registry's hashes and read; nothing is unpacked onto the disk, installed or run.

Example::

    fetched(Package("PyPI", "jinja2", "2.10"), cache)     # the bytes of a wheel, or None
"""

from __future__ import annotations

import shutil
from importlib.resources import files
from pathlib import Path

from packaging.version import InvalidVersion, Version

from buckler.base.scratch import passing
from buckler.prove.environment.installer import asked, newest
from buckler.prove.environment.plain import is_plain
from buckler.prove.environment.relock import NotLocked, in_network

MOST = 128 << 20


def fetched(ecosystem: str, name: str, version: str, cache: Path) -> bytes | None:
    """The bytes of one archive; None where there is none, no registry is reached, or nobody knows how to ask it."""
    if not is_plain(name, version):
        return None
    with passing("buckler-archive-") as folder:
        folder.chmod(0o755)
        if ecosystem == "PyPI":
            return _from_index(name, version, folder, cache)
        if ecosystem == "npm":
            return _from_npm(name, version, folder)
    return None


def _from_index(name: str, version: str, folder: Path, cache: Path) -> bytes | None:
    newer = newest(cache)
    try:
        wanted = str(Version(version))
    except InvalidVersion:
        return None
    if newer is None:
        return None
    program = files("buckler.prove.environment.asking").joinpath("archive.py").read_text("utf-8")
    asked(folder, program, (name, wanted, str(folder / "archive")), newer)
    return _read(folder / "archive")


def _from_npm(name: str, version: str, folder: Path) -> bytes | None:
    if shutil.which("npm") is None:
        return None
    words = ("npm", "pack", "--ignore-scripts", "--silent", f"{name}@{version}")
    work = folder / "work"
    work.mkdir()
    try:
        in_network(words, work, folder, ())
    except NotLocked:
        return None
    return next((data for file in sorted(work.glob("*.tgz")) if (data := _read(file)) is not None), None)


def _read(file: Path) -> bytes | None:
    if not file.is_file() or file.is_symlink() or file.stat().st_size > MOST:
        return None
    return file.read_bytes()
