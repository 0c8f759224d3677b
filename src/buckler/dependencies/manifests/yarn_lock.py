"""`yarn.lock`, of Yarn 1 and of the later ones, which write the same shape with colons.

An entry is headed by every request it answers, so a dependency is found by its name and range. Later versions have the
parts of the workspace among the entries; version 1 does not say what the project asks for.

Example::

    "@babel/core@^7.0.0", "@babel/core@^7.1.0":
      version "7.9.0"
      dependencies:
        json5 "^2.1.2"
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from buckler.dependencies.documents.text import Damaged, Text
from buckler.dependencies.manifests.draft import Draft, Facts
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.model import Manifest, Origin, Package
from buckler.dependencies.npm import alias, hashes_of, origin_of

ECOSYSTEM = "npm"
NAMES = ("yarn.lock",)
GROUPS = ("dependencies", "optionalDependencies")
ROW = re.compile(r'(?P<indent> *)(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s":]\S*?))(?::?\s+(?P<value>\S.*?)|:)?\s*$')
REQUEST = re.compile(r"(?P<name>(?:@[^/@\s]+/)?[^/@\s]+)@(?P<range>.*)$", re.S)
METADATA = "__metadata"
"""The entry about the file itself."""
WORKSPACE = "workspace:"
CONFLICT = re.compile(r"^(?:<{7}|>{7}|={7})", re.M)


@dataclass(slots=True)
class _Entry:
    """One release, with the requests that it answers."""

    requests: list[str]
    line: int
    values: dict[str, str] = field(default_factory=dict)
    needs: list[tuple[str, str]] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return "version" in self.values and self.requests != [METADATA]

    @property
    def resolution(self) -> tuple[str, str]:
        """Name and place of what was chosen."""
        written = self.values.get("resolution", "") or self.requests[0]
        found = REQUEST.match(written)
        if found is None:
            return written, ""
        name, _ = alias(found["range"]) if "resolution" not in self.values else ("", "")
        return name or found["name"], found["range"]


def read(file: ManifestFile) -> Manifest:
    """Every release that was chosen but the project's own parts."""
    draft = Draft(file, "yarn_lock", ECOSYSTEM)
    if CONFLICT.search(draft.text.text):
        raise Damaged("has marks of a merge that was not finished")
    answers: dict[str, Package] = {}
    needs: list[tuple[list[tuple[str, str]], int]] = []
    own: list[_Entry] = []
    for entry in _entries(draft.text):
        if entry.resolution[1].startswith(WORKSPACE):
            own.append(entry)
            draft.part(entry.resolution[0])
            continue
        package = _add(draft, entry)
        if package is not None:
            answers |= dict.fromkeys(entry.requests, package)
            needs.append((entry.needs, len(draft.requirements) - 1))
    for names, number in needs:
        found = dict.fromkeys(p for name in names if (p := _answer(name, answers)) is not None)
        draft.requirements[number] = replace(draft.requirements[number], requires=tuple(found))
    _asked(draft, own, answers)
    folders = (file.resolve(entry.resolution[1].removeprefix(WORKSPACE)) for entry in own)
    draft.members = tuple(folder for folder in folders if folder is not None)
    return draft.manifest()


def _entries(text: Text) -> Iterator[_Entry]:
    """The entries of a file; lines of another shape are left out."""
    entry: _Entry | None = None
    group = ""
    for number, row in enumerate(text.lines, 1):
        row = row.rstrip("\r")
        if not row.strip() or row.lstrip().startswith("#"):
            continue
        if not row[0].isspace():
            if entry is not None and entry.complete:
                yield entry
            entry, group = _Entry(_requests(row), number), ""
            continue
        found = ROW.match(row)
        if found is None or entry is None:
            continue
        key, value = found["quoted"] or found["bare"] or "", (found["value"] or "").strip('"')
        if len(found["indent"]) <= 2:
            group = "" if value else key
            if value:
                entry.values[key] = value
        elif group in GROUPS and len(found["indent"]) == 4:
            entry.needs.append((key, value))
    if entry is not None and entry.complete:
        yield entry


def _requests(row: str) -> list[str]:
    """What an entry is headed by: `a@^1, a@^2:`."""
    return [part.strip().strip('"') for part in row.strip().rstrip(":").replace('"', "").split(",")]


def _add(draft: Draft, entry: _Entry) -> Package | None:
    name, place = entry.resolution
    resolved = entry.values.get("resolved", "")
    facts: Facts = {"locked": True, "hashes": hashes_of(entry.values.get("integrity", ""))}
    origin = next((o for p in (place, resolved) if (o := origin_of(p)) is not Origin.REGISTRY), Origin.REGISTRY)
    if origin is not Origin.REGISTRY and not place.startswith(("npm:", "patch:")):
        facts |= {"origin": origin, "address": resolved or place}
    return draft.add(name, entry.values["version"], line=entry.line, **facts)


def _answer(need: tuple[str, str], answers: dict[str, Package]) -> Package | None:
    name, wanted = need
    return answers.get(f"{name}@{wanted}") or answers.get(f"{name}@npm:{wanted}")


def _asked(draft: Draft, own: list[_Entry], answers: dict[str, Package]) -> None:
    """Marks what the project asks for: what its parts need, or what no other entry does."""
    asked = {_answer(need, answers) for entry in own for need in entry.needs}
    brought = {package for requirement in draft.requirements for package in requirement.requires}
    draft.guessed = not own
    draft.requirements = [
        replace(r, direct=r.package in asked if own else r.package not in brought) for r in draft.requirements
    ]
