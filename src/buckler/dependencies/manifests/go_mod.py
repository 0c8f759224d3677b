"""`go.mod`: since Go 1.17 it lists every module that is built, before that only what the project asks for.

A replaced module is the one it is replaced by. The standard library has advisories of its own; its version is that of
the toolchain the file names.

Example::

    module example.org/shop
    go 1.22.1
    require (
        golang.org/x/text v0.3.7
        golang.org/x/sys v0.1.0 // indirect
    )
    replace golang.org/x/sys => ../sys
"""

from __future__ import annotations

from buckler.dependencies.documents.text import Damaged, Text
from buckler.dependencies.golang import STANDARD_LIBRARY, Directive, directives, is_release, version_of
from buckler.dependencies.manifests.draft import Draft, Facts
from buckler.dependencies.manifests.go_sum import Sums, sums_of
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.model import Manifest, Origin

ECOSYSTEM = "Go"
NAMES = ("go.mod",)
ARROW = "=>"
COMPLETE = (1, 17)
"""From this version of Go on the file lists every module."""
Replaced = dict[tuple[str, str], tuple[str, str]]
"""What a module is replaced by: a module and its version, or a path. An empty version stands for every one."""


def read(file: ManifestFile) -> Manifest:
    """Every module that is built, as far as the file and the sums beside it say."""
    draft = Draft(file, "go_mod", ECOSYSTEM)
    rows = list(directives(draft.text))
    sums = _sums(file)
    replaced = _replaced(rows)
    languages = [version_of(row.words[0]) for row in rows if row.verb == "go" and row.words]
    for row in rows:
        if row.verb == "require" and len(row.words) >= 2:
            _require(draft, row, replaced, sums)
        elif row.verb == "module" and row.words:
            draft.project = draft.package(row.words[0])
    if not any(_numbers(language) >= COMPLETE for language in languages):
        _unlisted(draft, sums)
    standard_library(draft, rows)
    return draft.manifest()


def _require(draft: Draft, row: Directive, replaced: Replaced, sums: Sums) -> None:
    name, version = row.words[:2]
    facts: Facts = {"direct": not row.indirect, "locked": True}
    target = replaced.get((name, version)) or replaced.get((name, ""))
    if target is not None:
        if not target[1]:
            facts |= {"origin": Origin.PATH, "address": target[0]}
        name, version = target if target[1] else (name, version)
    known = sums.get((name, version))
    facts["hashes"] = (known.digest,) if known is not None else ()
    draft.add(name, version, line=row.line, **facts)


def _replaced(rows: list[Directive]) -> Replaced:
    found: Replaced = {}
    for row in rows:
        if row.verb == "replace" and ARROW in row.words:
            at = row.words.index(ARROW)
            old, new = row.words[:at], row.words[at + 1 :]
            if old and new:
                found[old[0], old[1] if len(old) > 1 else ""] = (new[0], new[1] if len(new) > 1 else "")
    return found


def _sums(file: ManifestFile) -> Sums:
    other = file.other("go.sum")
    try:
        return sums_of(Text.of(other.path, other.data)) if other is not None else {}
    except Damaged:
        return {}


def _unlisted(draft: Draft, sums: Sums) -> None:
    """What an older file leaves to its sums: every module of which the code was needed."""
    listed = {requirement.package.name for requirement in draft.requirements}
    for (name, version), known in sums.items():
        if name not in listed:
            facts: Facts = {"direct": False, "locked": True, "hashes": (known.digest,)}
            draft.add(name, version, line=known.line, text=known.text, **facts)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit() and len(part) < 9)


def standard_library(draft: Draft, rows: list[Directive]) -> None:
    """The standard library of the toolchain that the file names; a version of the language is only the least."""
    for verb in ("toolchain", "go"):
        for row in rows:
            version = version_of(row.words[0]) if row.verb == verb and row.words else ""
            if version:
                exact = version if is_release(version) else ""
                draft.add(STANDARD_LIBRARY, exact, line=row.line, wanted="" if exact else f">={version}")
                return
