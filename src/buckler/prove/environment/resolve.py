"""Whether requirements fit together, and with which versions; asked of uv, in a sandbox that sees only them.

What people pinned is given as a lower bound and the lowest versions are chosen: so what can stay stays, and what has to
move moves as little as it can.

Example::

    resolved(["flask==2.2.5", "werkzeug>=2.0.3"], "3.11", tools)     # {"flask": "2.2.5", "werkzeug": "2.2.2", …}
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from buckler.base.scratch import passing
from buckler.prove.environment.relock import NotLocked, in_network

COMMAND = (
    "uv", "pip", "compile", "--quiet", "--no-build", "--no-config", "--no-header", "--no-annotate", "--resolution",
    "lowest-direct", "--output-file", "resolved.txt", "requirements.in",
)  # fmt: skip
MOST = 4 << 20
UNBUILT = re.compile(r"(?P<name>[A-Za-z0-9][\w.-]*)(?:[<>=!~][^\s,]*)? has no (?:usable )?wheels")
"""How uv says that it would have to build something."""


def resolved(wanted: Sequence[str], python: str, tools: Sequence[Path]) -> dict[str, str]:
    """Version by name; raises `NotLocked` with the reason where nothing fits, and `NoSandbox`.

    What there are no wheels of would have to be built to say what it needs, so it is left out; nothing, where that is
    not enough.
    """
    rows = {canonicalize_name(plain.name): str(plain) for text in wanted if (plain := _plain(text)) is not None}
    while rows:
        try:
            return _compiled([*rows.values()], python, tools)
        except NotLocked as reason:
            unbuilt = UNBUILT.search(str(reason))
            if unbuilt is None:
                raise
            if rows.pop(canonicalize_name(unbuilt["name"]), None) is None:
                break
    return {}


def unbuilt(pins: Sequence[str], python: str, tools: Sequence[Path]) -> set[str]:
    """Names of pinned releases without a wheel; asked about each by itself, so none stands in the way of another.

    They have to stay as they are: the next release that has a wheel is another one for no reason of the project's.
    """
    rows = {canonicalize_name(plain.name): str(plain) for text in pins if (plain := _plain(text)) is not None}
    found: set[str] = set()
    while rows:
        try:
            _compiled([*rows.values()], python, tools, "--no-deps")
        except NotLocked as reason:
            said = UNBUILT.search(str(reason))
            if said is None or rows.pop(name := canonicalize_name(said["name"]), None) is None:
                break
            found.add(name)
        else:
            break
    return found


def _compiled(rows: Sequence[str], python: str, tools: Sequence[Path], *more: str) -> dict[str, str]:
    with passing("buckler-resolve-") as folder:
        work = folder / "work"
        work.mkdir()
        (work / "requirements.in").write_text("\n".join(rows) + "\n")
        in_network((*COMMAND, *more, "--python-version", python), work, folder, tools)
        written = work / "resolved.txt"
        if not written.is_file() or written.is_symlink() or written.stat().st_size > MOST:
            raise NotLocked("uv named no versions")
        said = written.read_text("utf-8", "replace")
    pins = (line.split(";")[0].strip().partition("==") for line in said.splitlines() if "==" in line)
    return {canonicalize_name(name): version.strip() for name, _, version in pins}


def _plain(text: str) -> Requirement | None:
    """A requirement by name and range; None for whatever names an address."""
    try:
        found = Requirement(text)
    except InvalidRequirement:
        return None
    return None if found.url else found
