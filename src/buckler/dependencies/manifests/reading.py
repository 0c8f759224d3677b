"""What a reader of manifests is given: one file, and the way to the files beside it.

A reader never opens a file, follows a link, runs or contacts anything. What another file says it gets from `beside`,
which knows only files of the same tree.

Example::

    file = ManifestFile("api/requirements.txt", b"-r base.txt\n", tree.get)
    file.beside("base.txt")         # b"flask==2.0\n", or None where the tree has no api/base.txt
    file.beside("../../etc/passwd") # None
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass

KIND = "manifest"
"""Of every notice about a file that says what a project depends on."""


@dataclass(slots=True, frozen=True)
class ManifestFile:
    """One file to read; `path` is relative to the root of the tree with `/` separators."""

    path: str
    data: bytes
    tree: Callable[[str], bytes | None]
    """The bytes of a file of the tree by its path, None where there is none that may be read."""

    @property
    def folder(self) -> str:
        return posixpath.dirname(self.path)

    def resolve(self, relative: str) -> str | None:
        """The path in the tree that a name in this file means; None if it leads out of the tree."""
        if posixpath.isabs(relative) or "\\" in relative or "\0" in relative:
            return None
        path = posixpath.normpath(posixpath.join(self.folder, relative))
        return None if path == ".." or path.startswith("../") else path

    def beside(self, relative: str) -> bytes | None:
        """What a file that this one names says."""
        path = self.resolve(relative)
        return None if path is None else self.tree(path)

    def other(self, relative: str) -> ManifestFile | None:
        """The same as a file to read."""
        path, data = self.resolve(relative), self.beside(relative)
        return None if path is None or data is None else ManifestFile(path, data, self.tree)
