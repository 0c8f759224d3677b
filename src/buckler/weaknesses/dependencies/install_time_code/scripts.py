"""Scripts of a `package.json` that run when the package is installed, and the files they start.

Example::

    scripts(b'{"scripts": {"postinstall": "node lib/setup.js"}}')     # {"postinstall": "node lib/setup.js"}
    started("node lib/setup.js", "package.json")                      # ["lib/setup.js", "lib/setup.js.js", …]
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator

AT_INSTALL = ("preinstall", "install", "postinstall", "prepare")
"""What npm starts by itself."""
STARTS = re.compile(
    r"(?:^|[\s;&|])node(?:js)?\s+(?:-{1,2}[\w-]+(?:=\S+)?\s+)*([\"']?)(?P<file>[\w@./-]+)\1(?=$|[\s;&|])"
)
REQUIRES = re.compile(r"\brequire\(\s*\\?[\"'](?P<file>\.{1,2}/[\w@./-]+)")
"""In code that stands in the script itself."""
CALLS = re.compile(r"\b(?:npm|yarn|pnpm)\s+(?:run(?:-script)?\s+)?(?P<script>[\w:.-]+)")
ENDINGS = ("", ".js", ".cjs", ".mjs", "/index.js")


def document(data: bytes) -> dict[str, object]:
    """What the file says; nothing where it cannot be read."""
    try:
        read = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def scripts(data: bytes) -> dict[str, str]:
    """Each script that runs at installation, with those that it calls by name."""
    every = document(data).get("scripts")
    if not isinstance(every, dict):
        return {}
    known = {name: text for name, text in every.items() if isinstance(text, str)}
    wanted = [name for name in AT_INSTALL if name in known]
    for name in wanted:  # grows while it is walked
        called = (found["script"] for found in CALLS.finditer(known[name]))
        wanted += [one for one in dict.fromkeys(called) if one in known and one not in wanted]
    return {name: known[name] for name in wanted}


def started(command: str, manifest: str) -> Iterator[str]:
    """Paths of the files that a script may mean, relative to the root of the tree."""
    for found in (*STARTS.finditer(command), *REQUIRES.finditer(command)):
        yield from named(found["file"], manifest)


def main(data: bytes, manifest: str) -> Iterator[str]:
    """Paths of the file that is loaded when the package is imported."""
    file = document(data).get("main")
    yield from named(file if isinstance(file, str) and file else "index.js", manifest)


def named(file: str, manifest: str) -> Iterator[str]:
    path = posixpath.normpath(posixpath.join(posixpath.dirname(manifest), file))
    yield from (path + ending for ending in ENDINGS)


def line_of(data: bytes, script: str) -> tuple[int, int]:
    """Where a script stands, as byte offsets."""
    key = re.search(rb'"%s"\s*:\s*"(?:[^"\\]|\\.)*"' % re.escape(script.encode()), data)
    return key.span() if key else (0, 0)
