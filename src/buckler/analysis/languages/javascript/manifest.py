"""What a `package.json` says of names: by which bare names the files of this project are imported.

A bare import means a package from elsewhere, unless a manifest of the project gives the name away: the `name` of a
package that lies in the tree (a workspace, or the project itself), or an entry of its `imports`::

    packages/db/package.json: {"name": "@shop/db", "main": "lib/db.js", "imports": {"#pool": "./lib/pool.js"}}
    imports["@shop/db"] = ("/packages.db.lib.db", "")     imports["#pool"] = ("/packages.db.lib.pool", "")
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator
from typing import Any

from buckler.analysis.ir.ops import Module
from buckler.analysis.languages.javascript.modules import dotted
from buckler.analysis.languages.shared import LOCAL, unread

BUILT = ("dist", "build")
"""Folders of what is made from `src`, which is what a review reads."""
CONDITIONS = ("source", "import", "require", "node", "default")


def manifest(path: str, name: str, source: bytes) -> Module:
    """A module without code that only declares names; whatever cannot be read declares none."""
    module = unread("javascript", path, name, True, source)
    module.lines = 0
    try:
        said = json.loads(source)
    except (ValueError, RecursionError):
        said = None
    folder = posixpath.dirname(path)
    for local, file in declared(said) if isinstance(said, dict) else ():
        module.imports[local] = (LOCAL + dotted(posixpath.join(folder, in_source(file))), "")
    return module


def declared(said: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each name and the file it means."""
    name, exported = said.get("name"), said.get("exports")
    if isinstance(name, str) and name and not name.startswith((".", "/")):
        whole = exported.get(".", exported) if isinstance(exported, dict) else exported
        yield name, next(filter(None, map(file_of, (said.get("main"), said.get("module"), whole))), "index.js")
    aliases = said.get("imports")
    for alias, target in aliases.items() if isinstance(aliases, dict) else ():
        if (file := file_of(target)) and "*" not in alias:
            yield alias, file


def file_of(target: object) -> str:
    """The file of an entry, which may depend on conditions."""
    if isinstance(target, dict):
        target = next((target[one] for one in CONDITIONS if isinstance(target.get(one), str)), None)
    return target if isinstance(target, str) else ""


def in_source(file: str) -> str:
    """`src/index.js` for `dist/index.js`."""
    first, _, rest = posixpath.normpath(file).partition("/")
    return posixpath.join("src", rest) if first in BUILT and rest else file
