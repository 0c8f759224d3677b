"""Archives of releases as their registry has them, fetched by the ecosystem's own client in a sandbox.

They are compared with the registry's hashes and read; nothing is unpacked onto the disk, installed or run. Several are
fetched in one go, because starting the client takes longer than most downloads.

Example::

    fetched([("PyPI", "jinja2", "2.10"), ("npm", "lodash", "4.17.15")], cache)[("PyPI", "jinja2", "2.10")]
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path

from packaging.version import InvalidVersion, Version

from buckler.base.scratch import passing
from buckler.prove.environment.installer import asked, newest
from buckler.prove.environment.plain import is_plain
from buckler.prove.environment.relock import NotLocked, in_network

MOST = 128 << 20
AT_ONCE = 50
Wanted = tuple[str, str, str]
"""Ecosystem, name, version."""


def fetched(wanted: Iterable[Wanted], cache: Path) -> dict[Wanted, bytes]:
    """The bytes of each archive that was to be had; nothing is asked for by a name that could mean something else."""
    plain = [row for row in dict.fromkeys(wanted) if is_plain(row[1], row[2])]
    out: dict[Wanted, bytes] = {}
    for ecosystem, fetch in (("PyPI", _from_index), ("npm", _from_npm)):
        rows = [row for row in plain if row[0] == ecosystem]
        for start in range(0, len(rows), AT_ONCE):
            with passing("buckler-archive-") as folder:
                folder.chmod(0o755)
                out |= fetch(rows[start : start + AT_ONCE], folder, cache)
    return out


def _from_index(rows: Sequence[Wanted], folder: Path, cache: Path) -> dict[Wanted, bytes]:
    newer = newest(cache)
    places = {row: folder / str(number) for number, row in enumerate(rows)}
    order = [[row[1], exact, str(place)] for row, place in places.items() if (exact := _exact(row[2]))]
    if newer is None or not order:
        return {}
    program = files("buckler.prove.environment.asking").joinpath("archive.py").read_text("utf-8")
    asked(folder, program, (), newer, json.dumps(order).encode())
    return {row: data for row, place in places.items() if (data := _read(place)) is not None}


def _exact(version: str) -> str:
    try:
        return str(Version(version))
    except InvalidVersion:
        return ""


def _from_npm(rows: Sequence[Wanted], folder: Path, cache: Path) -> dict[Wanted, bytes]:
    if shutil.which("npm") is None:
        return {}
    work = folder / "work"
    work.mkdir()
    words = ("npm", "pack", "--ignore-scripts", "--silent", *(f"{name}@{version}" for _, name, version in rows))
    try:
        in_network(words, work, folder, ())
    except NotLocked:
        if len(rows) > 1:  # one that is not there ends the whole call
            return {found: data for row in rows for found, data in fetched([row], cache).items()}
        return {}
    named = {row: work / f"{row[1].removeprefix('@').replace('/', '-')}-{row[2]}.tgz" for row in rows}
    return {row: data for row, file in named.items() if (data := _read(file)) is not None}


def _read(file: Path) -> bytes | None:
    if not file.is_file() or file.is_symlink() or file.stat().st_size > MOST:
        return None
    return file.read_bytes()
