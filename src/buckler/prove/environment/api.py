"""What of a package's interface differs between two environments, as far as a project uses it.

The comparison is made by a library that reads sources, never imports them, in a sandbox of its own: what it reads was
published by strangers.

Example::

    differences(before, after, ["jinja2"], used)      # [Difference("object_removed", "jinja2.Markup")]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

import msgspec

from buckler.prove.sandbox.model import Limits, SandboxSpec
from buckler.prove.sandbox.run import run

SAYS = "api "
SECONDS = 120
LIBRARY = "griffe"
WORDS = {
    "object_removed": "is gone",
    "parameter_removed": "no longer takes `{}`",
    "parameter_added_required": "cannot do without `{}` any more",
    "parameter_changed_required": "cannot do without `{}` any more",
    "parameter_changed_kind": "takes `{}` in another way",
    "parameter_moved": "takes `{}` in another place",
    "unread": "could not be read ({})",
}


class Difference(msgspec.Struct, frozen=True):
    """One thing that is used and is no longer as it was."""

    kind: str
    name: str
    detail: str = ""

    @property
    def words(self) -> str:
        return f"`{self.name}` {WORDS.get(self.kind, self.kind).format(self.detail)}"


Calls = Mapping[str, tuple[int, list[str]]]
"""By dotted name, or `.name` of a method of something unknown: most positional arguments, and keywords."""


def differences(
    before: Path, after: Path, modules: Sequence[str], names: Sequence[str], attributes: Sequence[str], calls: Calls
) -> list[Difference] | None:
    """What touches these uses; None where that could not be found out, because the library is not installed."""
    library = find_spec(LIBRARY)
    if library is None or library.origin is None:
        return None
    ours = Path(library.origin).parents[1]
    program = files("buckler.prove.environment.asking").joinpath("api.py").read_text("utf-8")
    order = {
        "old": str(before),
        "new": str(after),
        "modules": [*modules],
        "names": [*names],
        "attributes": [*attributes],
        "calls": dict(calls),
    }
    python = Path(sys.executable).absolute()
    cell = SandboxSpec(python, None, (before, after), (ours,), limits=Limits(wall=SECONDS, cpu=SECONDS))
    ran = run(cell, [str(python), "-c", program], json.dumps(order).encode())
    line = next((row for row in ran.out.decode("utf-8", "replace").splitlines() if row.startswith(SAYS)), "")
    try:
        return msgspec.json.decode(line.removeprefix(SAYS), type=list[Difference]) if line else None
    except msgspec.MsgspecError:
        return None
