"""From drafts to patches: imports added once, edits put in order, the difference printed.

Example::

    patches = patches_for(finding, read, recipe)      # or Declined
    print(patches[0].diff)
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from buckler.analysis.syntax.load import parse, syntax_errors
from buckler.base import source
from buckler.finding.evidence import Edit, Patch
from buckler.finding.model import Finding
from buckler.fix.imports import import_edit, short_names, together
from buckler.fix.site import Declined, Draft, Read, Site
from buckler.fix.unused import left_over

Fixer = Callable[[Site], Iterator[Draft]]


@dataclass(slots=True, frozen=True)
class FixRecipe:
    """How one weakness is fixed: its fixers per language, the better one first, or why it has none."""

    fixers: Mapping[str, tuple[Fixer, ...]] = field(default_factory=dict)
    declined: str = ""
    """Why nothing is changed, where more can be said than that there is no fixer."""


def patches_for(finding: Finding, read: Read, recipe: FixRecipe | None) -> list[Patch]:
    """Candidates for a finding, the best first; raises `Declined` with the reason when there is none."""
    fixers = recipe.fixers.get(language_of(finding), ()) if recipe is not None else ()
    if fixers:
        return write(finding, read, fixers)
    if recipe is not None and recipe.declined:
        raise Declined(recipe.declined)
    if recipe is not None and recipe.fixers:
        raise Declined(f"there are no fixers for {finding.language or 'this kind of file'} yet")
    raise Declined(f"`{finding.rule}` has no fixer: the right change depends on what the code is for")


def language_of(finding: Finding) -> str:
    """The language of the file; a finding that needed no parsing says none."""
    return finding.language or source.language_of(finding.location.path)


def write(finding: Finding, read: Read, fixers: Sequence[Fixer]) -> list[Patch]:
    """Every candidate the fixers have, each printed and parsed; raises `Declined` with the first reason if none."""
    site = Site(finding, read)
    out: list[Patch] = []
    reasons: list[str] = []
    for fixer in fixers:
        try:
            for draft in fixer(site):
                patch = printed(draft, read)
                if patch.diff and patch.diff not in {p.diff for p in out}:
                    out.append(patch)
        except Declined as declined:
            reasons.append(str(declined))
    if not out:
        raise Declined(reasons[0] if reasons else "no fixer knows this shape of code")
    return out


def printed(draft: Draft, read: Read) -> Patch:
    """A draft with its imports and its difference; raises `Declined` if the result cannot be parsed."""
    edits = list(draft.edits)
    imports: list[Edit] = []
    for path, statement in dict.fromkeys(draft.imports):
        shorter = short_names(read(path), statement, [e.text for e in edits if e.path == path])
        if shorter is not None:
            edits = [replace(e, text=shorter(e.text)) if e.path == path else e for e in edits]
            continue
        added = import_edit(path, read(path), statement)
        if added is not None:
            imports.append(added)
    edits += together(imports)
    edits = [edit for path in dict.fromkeys(e.path for e in edits) for edit in tidied(path, edits, read)]
    ordered = tuple(sorted(edits, key=lambda e: (e.path, e.start, e.end)))
    diff = "".join(
        difference(path, read(path), apply(ordered, path, read(path)))
        for path in dict.fromkeys(e.path for e in ordered)
    )
    for path in {e.path for e in ordered if e.path.endswith(".py")}:
        if not sound(apply(ordered, path, read(path)), read(path)):
            raise Declined("the changed file could not be parsed")
    return Patch(draft.title, draft.explanation, ordered, diff, draft.intent)


def tidied(path: str, edits: Sequence[Edit], read: Read) -> list[Edit]:
    """The edits of one file, with those that take out the imports nobody needs after them.

    They are found in the changed text and given for the text as it was, as all edits are.
    """
    own = [edit for edit in edits if edit.path == path]
    old = read(path)
    if not path.endswith(".py"):
        return own
    out = [*own]
    for extra in left_over(path, old, apply(own, path, old)):
        before = [e for e in own if placed_after(e, own) <= extra.start]
        shift = sum(len(e.text.encode()) - (e.end - e.start) for e in before)
        start, end = extra.start - shift, extra.end - shift
        if not any(e.start < end and start < e.end for e in own):
            out.append(replace(extra, start=start, end=end))
    return out


def placed_after(edit: Edit, edits: Sequence[Edit]) -> int:
    """Where the text of an edit ends in the changed file."""
    shift = sum(len(e.text.encode()) - (e.end - e.start) for e in edits if (e.start, e.end) < (edit.start, edit.end))
    return edit.start + shift + len(edit.text.encode())


def sound(new: bytes, old: bytes) -> bool:
    """The new text has no more syntax errors than the old."""
    return len(syntax_errors(parse("python", new).root_node)) <= len(syntax_errors(parse("python", old).root_node))


def apply(edits: Sequence[Edit], path: str, data: bytes) -> bytes:
    """The file with the edits that belong to it; edits may touch but not overlap."""
    out = bytearray()
    at = 0
    for edit in sorted((e for e in edits if e.path == path), key=lambda e: (e.start, e.end)):
        if edit.start < at:
            raise Declined("two changes overlap")
        out += data[at : edit.start] + edit.text.encode()
        at = edit.end
    return bytes(out + data[at:])


def difference(path: str, old: bytes, new: bytes) -> str:
    """A unified diff of one file, as `git apply` takes it."""
    lines = difflib.unified_diff(
        old.decode("utf-8", "replace").splitlines(keepends=True),
        new.decode("utf-8", "replace").splitlines(keepends=True),
        f"a/{path}",
        f"b/{path}",
    )
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
