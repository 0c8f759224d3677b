"""`bun.lock`: JSON with comments and trailing commas, a row for each release.

A key is the name, behind the names of those that need another release of it than everybody else.

Example::

    "workspaces": {"": {"dependencies": {"express": "^4"}}},
    "packages": {
      "express": ["express@4.18.2", "", {"dependencies": {"qs": "6.11.0"}}, "sha512-…"],
      "express/qs": ["qs@6.11.0", "", {}, "sha512-…"],
    }
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from buckler.dependencies.documents import json
from buckler.dependencies.documents.shape import Table, array, entries, string, table
from buckler.dependencies.manifests.draft import Draft, Facts
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.manifests.yarn_lock import REQUEST, WORKSPACE
from buckler.dependencies.model import Manifest, Origin, Scope
from buckler.dependencies.npm import hashes_of, origin_of

ECOSYSTEM = "npm"
NAMES = ("bun.lock",)
SCOPES = {
    "dependencies": Scope.RUNTIME, "peerDependencies": Scope.RUNTIME,
    "optionalDependencies": Scope.OPTIONAL, "devDependencies": Scope.DEVELOPMENT,
}  # fmt: skip
DEEPEST = 64
"""Names in one key."""
NEEDED = ("dependencies", "optionalDependencies", "peerDependencies")


@dataclass(slots=True)
class _Row:
    """One release: the number of its requirement, and the names of what it needs."""

    number: int
    needs: list[str]


def read(file: ManifestFile) -> Manifest:
    """Every release of the file but the project's own parts."""
    draft = Draft(file, "bun_lock", ECOSYSTEM)
    document = json.parse(draft.text, loose=True)
    found: dict[str, _Row] = {}
    for key, value, line in entries(document.get("packages")):
        parts = array(value)
        details = next((part for part in parts if isinstance(part, Table)), Table())
        if _add(draft, [string(part) for part in parts], line):
            found[key] = _Row(len(draft.requirements) - 1, [n for g in NEEDED for n in table(details.get(g))])
    for key, row in found.items():
        targets = (target for name in row.needs if (target := _seen(key, name, found)) is not None)
        packages = dict.fromkeys(draft.requirements[target.number].package for target in targets)
        draft.requirements[row.number] = replace(draft.requirements[row.number], requires=tuple(packages))
    workspaces = table(document.get("workspaces"))
    _asked(draft, workspaces, found)
    draft.members = tuple(folder for path in workspaces if path and (folder := file.resolve(path)) is not None)
    return draft.manifest()


def _add(draft: Draft, parts: list[str], line: int) -> bool:
    """The release of a row: what it is, from where, what it needs, its hash; False for a part of the workspace."""
    request = REQUEST.match(parts[0] if parts else "")
    name, version = (request["name"], request["range"]) if request is not None else ("", "")
    if version.startswith(WORKSPACE):
        draft.part(name)
        return False
    facts: Facts = {"direct": False, "locked": True, "hashes": hashes_of(parts[-1] if len(parts) > 1 else "")}
    origin = origin_of(version)
    if origin is not Origin.REGISTRY or "://" in version:
        facts |= {"origin": origin, "address": version}
        version = ""
    return draft.add(name, version, line=line, **facts) is not None


def _seen(key: str, name: str, found: dict[str, _Row]) -> _Row | None:
    """The release that a name means below a key: the one nearest to it."""
    for _ in range(DEEPEST):
        row = found.get(f"{key}/{name}" if key else name)
        if row is not None or not key:
            return row
        key = _above(key)
    return found.get(name)


def _above(key: str) -> str:
    """A key without its last name, which may have a scope."""
    above = key.rpartition("/")[0]
    return above.rpartition("/")[0] if above.rpartition("/")[2].startswith("@") else above


def _asked(draft: Draft, workspaces: Table, found: dict[str, _Row]) -> None:
    """Marks what some part of the workspace asks for."""
    order = list(Scope)
    asked: dict[int, Scope] = {}
    for path, value, _ in entries(workspaces):
        part = table(value)
        key = string(part.get("name")) if path else ""
        for group, scope in SCOPES.items():
            for name in table(part.get(group)):
                row = _seen(key, name, found)
                if row is not None:
                    asked[row.number] = min(scope, asked.get(row.number, scope), key=order.index)
    for number, scope in asked.items():
        draft.requirements[number] = replace(draft.requirements[number], direct=True, scope=scope)
