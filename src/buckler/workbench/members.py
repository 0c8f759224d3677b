"""The names of an archive's members, read in one way by whoever reads the archive.

A name may stand in an archive twice, in another case or another form of the same letters, or once as a file and once as a
folder. Programs that unpack it disagree about what is there then, and so could a review and what is run. Here the last member
of a name counts, as it does when an archive is unpacked, a file stays a file, and each clash is said.

Example::

    members = Members()
    members.take("a.py")     # "" : a new name
    members.take("A.py")     # "a.py": the member that this one replaces
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field


class Clash(Exception):
    """The member cannot be there together with one before it; the words name that one."""


@dataclass(slots=True)
class Members:
    """The names seen so far, by what they are where case and form of letters do not count."""

    files: dict[str, str] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)

    def take(self, name: str) -> str:
        """Note a file and give back the name of the member it replaces, if there is one; raises `Clash`."""
        key = same(name)
        if key in self.folders:
            raise Clash(self.folders[key])
        self.take_folder(name.rpartition("/")[0])
        before = self.files.get(key, "")
        self.files[key] = name
        return before

    def take_folder(self, name: str) -> None:
        """Note a folder and those it lies in; raises `Clash` if one of them is a file."""
        parts = name.split("/") if name else []
        paths = ["/".join(parts[: depth + 1]) for depth in range(len(parts))]
        for path in paths:
            if same(path) in self.files:
                raise Clash(self.files[same(path)])
        for path in paths:
            self.folders.setdefault(same(path), path)


def same(name: str) -> str:
    """What is alike for names that some file systems take for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKD", name).casefold())
