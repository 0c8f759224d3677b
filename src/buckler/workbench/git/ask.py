"""Asks the process that reads repositories; see `child`.

Example::

    head, contents = ask({"do": "ready", "root": "/src/shop", "branch": ""})
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from buckler.base.errors import InputError

SECONDS = 120
CHILD = "buckler.workbench.git.child"
START = (
    f"import sys; sys.path += sys.argv[1:]; from runpy import run_module; run_module({CHILD!r}, run_name='__main__')"
)
PASSED = ("HOME", "XDG_CONFIG_HOME", "TZ")


def ask(order: Mapping[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """The answer to one order; raises `InputError` with what the process says, or when it does not end well."""
    # -I: neither the current folder nor PYTHONPATH has a say in what is imported.
    command = [sys.executable, "-I", "-B", "-X", "utf8", "-c", START, *_places()]
    env = {
        name: value
        for name, value in os.environ.items()
        if name in PASSED or name.startswith(("GIT_AUTHOR_", "GIT_COMMITTER_"))
    }
    try:
        done = subprocess.run(
            command,
            input=json.dumps(order).encode(),
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env=env,
            cwd="/",
        )
    except subprocess.TimeoutExpired:
        raise InputError(f"reading the repository did not end in {SECONDS} s", where=str(order["root"])) from None
    line, _, rest = done.stdout.partition(b"\n")
    if done.returncode or not line:
        raise InputError(
            "reading the repository did not end well",
            where=str(order["root"]),
            remedy="it may be damaged; git fsck tells",
        )
    head = json.loads(line)
    if "error" in head:
        what, where, remedy = head["error"]
        raise InputError(what, where=where, remedy=remedy)
    contents, at = [], 0
    for size in head["sizes"]:
        contents.append(rest[at : at + size])
        at += size
    return head, contents


def _places() -> list[str]:
    """Folders of our package and of the library, where the interpreter does not know them by itself."""
    specs = (find_spec(name) for name in ("buckler", "dulwich"))
    return [str(Path(spec.origin).parents[1]) for spec in specs if spec is not None and spec.origin]
