"""What an index offers of a package: releases, their archives and hashes; asked in the installer's sandbox.

Example::

    offered("jinja2", cache)[0]      # Archive("3.1.6", "jinja2-3.1.6-py3-none-any.whl", "sha256:85ec…", …)
"""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import msgspec

from buckler.base.scratch import passing
from buckler.prove.environment.installer import asked, newest
from buckler.prove.environment.plain import is_plain

MOST = 8 << 20
SAYS = "releases "


class Archive(msgspec.Struct, frozen=True):
    """One file of one release."""

    version: str
    file: str
    hash: str = ""
    """`algorithm:hex`, empty where the index tells none."""
    yanked: bool = False
    uploaded: str = ""
    """Day, `YYYY-MM-DD`."""
    python: str = ""
    """The range of interpreters."""


def offered(name: str, cache: Path) -> list[Archive]:
    """Every archive; empty where the index is not to be reached or has no such package."""
    newer = newest(cache) if is_plain(name) else None
    if newer is None:
        return []
    program = files("buckler.prove.environment.asking").joinpath("releases.py").read_text("utf-8")
    with passing("buckler-index-") as folder:
        folder.chmod(0o755)
        ran = asked(folder, program, (name,), newer)
    line = next((row for row in ran.out.decode("utf-8", "replace").splitlines() if row.startswith(SAYS)), "")
    try:
        return msgspec.json.decode(line.removeprefix(SAYS), type=list[Archive]) if line else []
    except (msgspec.MsgspecError, json.JSONDecodeError):
        return []


def hashes_of(archives: list[Archive], version: str) -> tuple[str, ...]:
    """Those of all archives of one release, or none if one is missing: half a list would lock people out."""
    of_it = [archive.hash for archive in archives if archive.version == version]
    return tuple(of_it) if of_it and all(of_it) else ()
