"""The manifests and lockfiles of a tree, wherever it lies: in a folder, in an archive, in an old revision.

They are chosen by name and read apart from code, because they may be larger than any file a person writes. Nothing here
follows a link, and what is left out of a review is left out here.

Example::

    tree = collect_manifests([Path("services/shop")], Limits())
    [file.path for file in tree.files]      # ["requirements.txt", "web/package-lock.json"]
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from buckler.base.errors import InputError
from buckler.base.files import read_in, read_regular
from buckler.base.source import SourceFile
from buckler.dependencies.manifests import reader_of
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.workbench.archives import Meter, is_archive, reading
from buckler.workbench.folders import walk
from buckler.workbench.git.ask import ask
from buckler.workbench.inputs import root_of, shown_path
from buckler.workbench.members import Members
from buckler.workbench.selection import Inputs, Limits, Selection, too_large

MOST = 64_000_000
"""Bytes of one manifest; lockfiles of large projects have some millions."""


@dataclass(slots=True)
class ManifestTree:
    """What was found, and what there is to say about the rest."""

    root: Path
    files: list[ManifestFile] = field(default_factory=list)
    sources: list[SourceFile] = field(default_factory=list)
    """The same, for whoever reads comments in them."""
    inputs: Inputs = field(init=False)
    """Collects the notices."""

    def __post_init__(self) -> None:
        self.inputs = Inputs(self.root, "")

    def add(self, path: str, data: bytes, absolute: Path) -> None:
        """One more file of the disk, as are the files beside it."""
        self.files.append(ManifestFile(path, data, self._on_disk))
        self.sources.append(SourceFile(path, "", absolute))

    def add_members(self, held: dict[str, bytes]) -> None:
        """The files of an archive or an old revision, which know only each other."""
        for path, data in held.items():
            self.files.append(ManifestFile(path, data, held.get))
            self.sources.append(SourceFile(path, "", data=data))

    def _on_disk(self, path: str) -> bytes | None:
        return read_in(self.root, path, MOST) or None


def collect_manifests(paths: Sequence[Path], limits: Limits) -> ManifestTree:
    """All manifests under these paths, in path order, each once; a file that is named directly has to be one."""
    tree = ManifestTree(root_of(paths))
    limits = replace(limits, max_file_size=MOST)
    for path in paths:
        absolute, shown = Path(os.path.normpath(path.absolute())), shown_path(path, tree.root)
        if path.is_dir():
            _add_folder(absolute, tree, limits)
        elif is_archive(path.name):
            _add_archive(absolute, "" if absolute.parent == tree.root else f"{shown}/", tree, limits)
        elif reader_of(shown) is not None:
            _add_file(absolute, shown, tree)
    files = {file.path: file for file in tree.files}
    sources = {file.path: file for file in tree.sources}
    tree.files = [files[key] for key in sorted(files)]
    tree.sources = [sources[key] for key in sorted(files)]
    return tree


def manifests_before(revision: str, root: Path, limits: Limits, parts: Sequence[str]) -> ManifestTree:
    """The same of an older revision."""
    limits = replace(limits, max_file_size=MOST)
    order = {"do": "read", "root": str(root.absolute()), "revision": revision, "limits": asdict(limits),
             "parts": [*parts], "manifests": True}  # fmt: skip
    head, contents = ask(order)
    held = {path: contents[number] for path, number in head["files"]}
    tree = ManifestTree(root)
    tree.add_members(held)
    return tree


def _add_folder(folder: Path, tree: ManifestTree, limits: Limits) -> None:
    selection = Selection(limits)
    prefix = "" if folder == tree.root else folder.relative_to(tree.root).as_posix() + "/"
    for entry, path in walk(folder, prefix, selection, Inputs(tree.root, ""), [], ignore_files=limits.ignore_files):
        if reader_of(path) is not None and not selection.excludes_file(path):
            _add_file(Path(entry.path), path, tree)


def _add_file(file: Path, path: str, tree: ManifestTree) -> None:
    try:
        tree.add(path, read_regular(file, MOST), file)
    except InputError as error:
        tree.inputs.note("unreadable", path, error.what, partial=True)


@dataclass(slots=True)
class _Unpacking:
    """Keeps the manifests among the members of an archive."""

    prefix: str
    limits: Limits
    inputs: Inputs
    meter: Meter
    selection: Selection
    kept: dict[str, bytes] = field(default_factory=dict)
    members: Members = field(default_factory=Members)

    def wants(self, name: str, size: int) -> str:
        if reader_of(name) is None or self.selection.excludes(name):
            return ""
        if size > self.limits.max_file_size:
            self.inputs.notices.append(too_large(self.prefix + name, size, self.limits))
            return ""
        return name

    def keep(self, name: str, language: str, data: bytes) -> None:
        self.kept[self.prefix + name] = data

    def drop(self, name: str) -> None:
        self.kept.pop(self.prefix + name, None)


def _add_archive(archive: Path, prefix: str, tree: ManifestTree, limits: Limits) -> None:
    """What is damaged in the archive, or no file at all, the review of its code says."""
    if not archive.is_file():
        return
    try:
        meter = Meter(archive.stat().st_size, limits)
    except OSError:
        return
    work = _Unpacking(prefix, limits, Inputs(tree.root, ""), meter, Selection(limits))
    reading(archive, work)
    tree.add_members(work.kept)
