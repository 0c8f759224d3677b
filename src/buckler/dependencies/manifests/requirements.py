"""pip's requirements files: `requirements.txt` and its relatives, with what they include.

A line is a requirement, an address, a path or an option. `-r` and `-c` lead to files of the same tree and no further; a
version that only a constraint pins is that of the requirement, and both places are cited. `pip-compile` writes who
asked for a release as a comment (`# via flask`): such a release is not asked for by the project itself.

Example::

    flask[async]>=2 ; python_version > "3.8" \\
        --hash=sha256:…
    -r base.txt
    -e git+https://example.org/tool.git@v1#egg=tool
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from buckler.dependencies.documents.text import Damaged, Text
from buckler.dependencies.manifests.draft import Draft, Facts, quoted
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.model import Manifest, Package, Requirement, Scope
from buckler.dependencies.pep508 import ADDRESS, Asked, archive, asked, group_scope, origin_of, version_in

ECOSYSTEM = "PyPI"
NAMES = ("*requirements*.txt", "*requirements*.in", "requirements/*.txt", "requirements/*.in",
         "requirements/*/*.txt", "requirements/*/*.in")  # fmt: skip
MOST_FILES = 200
"""Files that one may include."""
COMMENT = re.compile(r"(?:^|\s)#.*$")
HASH = re.compile(r"\s--hash[=\s]\s*(\w{1,20}:[0-9A-Fa-f]{1,128})")
OPTION = re.compile(r"\s--[a-z].*$")
"""What follows a requirement for the installer."""
INCLUDE = re.compile(r"(?:-r|--requirements?|-c|--constraints?)(?:\s*=\s*|\s+|(?=[^\s-]))(?P<path>.+)")
EDITABLE = re.compile(r"(?:-e|--editable)(?:\s*=\s*|\s+)(?P<what>.+)")
INDEX = re.compile(r"(?:-i|--index-url|--extra-index-url|--pypi-url|-f|--find-links)(?:\s*=\s*|\s+)(?P<address>\S+)")
QUOTED = re.compile(r"""^(["'])(.*)\1$""")
EGG = re.compile(r"#(?:.*&)?egg=([A-Za-z0-9._-]+)")
REVISION = re.compile(r"\.git@v?(\d[\w.]*)(?:#|$)")
VIA = re.compile(r"#\s*via\b:?\s*(?P<who>.*)$")
WHO = re.compile(r"\s*#\s{2,}(?P<who>\S.*)$")
SEPARATORS = re.compile(r"[\s,]+")


@dataclass(slots=True)
class _Line:
    """What pip reads as one line."""

    number: int
    text: str
    via: list[str] = field(default_factory=list)
    """Who asked for it, as the tool that wrote the file noted."""


@dataclass(slots=True)
class _Files:
    """The files that one includes, each read once."""

    draft: Draft
    seen: set[tuple[str, bool]] = field(default_factory=set)
    constraints: list[Requirement] = field(default_factory=list)
    via: list[tuple[str, Package]] = field(default_factory=list)


def read(file: ManifestFile) -> Manifest:
    """Everything the file and those it includes ask for."""
    draft = Draft(file, "requirements", ECOSYSTEM)
    files = _Files(draft)
    _read(file, draft.text, files, constraint=False)
    draft.requirements = _resolved(draft.requirements, files)
    return draft.manifest()


def _read(file: ManifestFile, text: Text, files: _Files, *, constraint: bool) -> None:
    files.seen.add((file.path, constraint))
    place = f"{posixpath.basename(file.folder)} {posixpath.basename(file.path)}"
    scope = group_scope(place, Scope.RUNTIME)
    for line in logical_lines(text):
        include = INCLUDE.fullmatch(line.text)
        index = INDEX.match(line.text)
        if include is not None:
            inner = constraint or line.text.startswith(("-c", "--c"))
            _include(file, include["path"].strip(), text, line.number, files, constraint=inner)
        elif index is not None:
            files.draft.index(index["address"].strip("\"'"))
        elif not line.text.startswith("-") or EDITABLE.match(line.text):
            _requirement(line, text, files, scope, constraint=constraint)


def logical_lines(text: Text) -> Iterator[_Line]:
    """Lines without comments, those that end in a backslash joined with the next, empty ones left out."""
    current: _Line | None = None
    parts: list[str] = []
    start = 0
    for number, row in enumerate(text.lines, 1):
        row = row.rstrip("\r")
        if not parts:
            start = number
        comment = row.lstrip().startswith("#")
        if row.endswith("\\") and not comment:
            parts.append(row[:-1])
            continue
        if comment and not parts:
            if current is not None:
                _note_via(current, row)
            continue
        parts.append(row if not comment else "")
        joined = " ".join(parts)
        parts = []
        bare = COMMENT.sub("", joined).strip()
        if bare:
            if current is not None:
                yield current
            current = _Line(start, bare)
            _note_via(current, joined[len(COMMENT.sub("", joined)) :].lstrip())
    if current is not None:
        yield current


def _note_via(line: _Line, comment: str) -> None:
    """Comments of `pip-compile` and its kind below or behind a requirement."""
    found = VIA.match(comment.strip()) or (WHO.match(comment) if line.via or line.via == [""] else None)
    if found is not None:
        line.via += [found["who"].strip()]


def _include(file: ManifestFile, path: str, text: Text, line: int, files: _Files, *, constraint: bool) -> None:
    option = "-c" if constraint else "-r"
    path = path.strip("\"'")
    target = file.resolve(path)
    if ADDRESS.match(path):
        files.draft.note(f"{option} {quoted(path)} is an address; addresses are not contacted", line, text)
    elif target is None:
        files.draft.note(f"{option} {quoted(path)} leads out of the project; not read", line, text)
    elif (target, constraint) in files.seen:
        return
    elif len(files.seen) >= MOST_FILES:
        files.draft.note(f"more than {MOST_FILES} files are included; the others were not read", line, text)
    else:
        other = file.other(path)
        if other is None:
            files.draft.note(f"{option} {quoted(path)} is not in the project; not read", line, text)
            return
        try:
            _read(other, Text.of(other.path, other.data), files, constraint=constraint)
        except Damaged as error:
            files.draft.note(f"{option} {quoted(path)} {error}; not read", line, text)


def _requirement(line: _Line, text: Text, files: _Files, scope: Scope, *, constraint: bool) -> None:
    found = named(line.text)
    if found is None:
        if not EDITABLE.match(line.text) and not _is_path(line.text):
            files.draft.note(f"{quoted(line.text)} is not a requirement; left out", line.number, text)
        return
    hashes = tuple(value.lower() for value in HASH.findall(line.text))
    facts: Facts = {
        "wanted": found.wanted, "scope": scope, "origin": found.origin, "address": found.address,
        "hashes": hashes, "marker": found.marker, "extras": found.extras, "locked": bool(hashes and found.version),
    }  # fmt: skip
    draft = files.draft
    package = draft.add(found.name, found.version, line=line.number, text=text, **facts)
    if package is None or not draft.requirements:
        return
    if constraint:
        files.constraints.append(draft.requirements.pop())
        return
    files.via += [(who, package) for who in _packages(line.via)]


def named(row: str) -> Asked | None:
    """What one line asks for, None if it is nothing with a name."""
    editable = EDITABLE.match(row)
    bare = editable["what"] if editable is not None else OPTION.sub("", row)
    bare = QUOTED.sub(r"\2", bare.strip())
    found = asked(bare)
    if found is not None and (found.address or not archive(bare)[0]):
        return found
    if editable is None and not ADDRESS.match(bare) and not _is_path(bare):
        return None
    address = bare.split(";")[0].strip()
    egg = EGG.search(address)
    name, version = archive(address)
    name = egg[1] if egg is not None else name
    revision = REVISION.search(address)
    version = version_in(address) or (revision[1] if revision is not None else "")
    return Asked(name, version, origin=origin_of(address), address=address) if name else None


def _is_path(text: str) -> bool:
    return "/" in text or text.startswith(".") or archive(text)[0] != ""


def _packages(notes: list[str]) -> list[str]:
    """The packages that asked, empty if the project itself did, too."""
    who = [word for note in notes for word in SEPARATORS.split(note) if word]
    if any(
        word.startswith("-") or "(" in word or "/" in word or word.endswith((".in", ".txt", ".toml")) for word in who
    ):
        return []
    return who


def _resolved(requirements: list[Requirement], files: _Files) -> list[Requirement]:
    """The requirements with the versions that constraints pin, and with what each brings in."""
    pins = {pin.package.name: pin for pin in files.constraints if pin.package.version}
    out = []
    for requirement in requirements:
        pin = pins.get(requirement.package.name)
        if pin is not None and not requirement.package.version and not requirement.address:
            out.append(replace(pin, direct=False, scope=requirement.scope))
            requirement = replace(requirement, package=pin.package)
        out.append(requirement)
    return _linked(out, files)


def _linked(requirements: list[Requirement], files: _Files) -> list[Requirement]:
    by_name = {requirement.package.name: requirement.package for requirement in requirements}
    requires: dict[str, list[Package]] = {}
    brought = set()
    for who, package in files.via:
        parent = files.draft.package(who.partition("[")[0])
        if parent is not None and parent.name in by_name and parent.name != package.name:
            requires.setdefault(parent.name, []).append(by_name[package.name])
            brought.add(package.name)
    return [
        replace(r, requires=tuple(requires.get(r.package.name, ())), direct=r.direct and r.package.name not in brought)
        for r in requirements
    ]
