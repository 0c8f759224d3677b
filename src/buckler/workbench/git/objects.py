"""Commits, trees and blobs of a repository, read without running anything; every object is held against its name.

Example::

    objects = Objects(repository)
    commit = objects.commit("origin/main~2")
    for path, mode, blob in objects.files(commit.tree): ...
"""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path

from dulwich.object_store import BaseObjectStore, DiskObjectStore
from dulwich.objects import ObjectID, parse_tree
from dulwich.refs import DiskRefsContainer, Ref, SymrefLoop, check_ref_format

from buckler.base.errors import InputError
from buckler.workbench.git.folder import Repository, alternates

KINDS = {1: "commit", 2: "tree", 3: "blob", 4: "tag"}
MOST_DEPTH = 1000
MOST_ENTRIES = 1_000_000
MOST_STEPS = 1_000_000
LARGEST = 1 << 29
SUFFIX = re.compile(r"(?P<rest>.*)(?P<kind>\^\{(?:commit)?\}|~\d{0,9}|\^\d{0,4})", re.S)
SPECIAL = re.compile(r"[A-Z]+_HEAD|HEAD")
NAMED = ("{}", "refs/{}", "refs/tags/{}", "refs/heads/{}", "refs/remotes/{}", "refs/remotes/{}/HEAD")
SHORT = re.compile(r"[0-9a-f]{4,40}")
ENTRY = {stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK, 0o160000}
REMEDY = "give a branch, tag or commit of the repository the path lies in"


class Missing(InputError):
    """An object that is not there, in a shallow or partial clone."""


@dataclass(slots=True, frozen=True)
class Commit:
    name: str
    tree: str
    parents: tuple[str, ...]


class Store(DiskObjectStore):
    """Loose objects and packs; what is borrowed from other folders was found before, without going round in circles."""

    def __init__(self, path: Path, borrowed: Sequence[Path] = ()) -> None:
        super().__init__(str(path), loose_object_size_limit=LARGEST)
        self.borrowed = [Store(other) for other in borrowed]

    @property
    def alternates(self) -> list[BaseObjectStore]:
        return [*self.borrowed]


class Objects:
    """The objects and refs of one repository."""

    __slots__ = ("refs", "repository", "store")

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.store = Store(repository.common / "objects", alternates(repository.common / "objects"))
        self.refs = DiskRefsContainer(str(repository.common), str(repository.own))

    def read(self, name: str, kind: str) -> bytes:
        """The contents of an object; raises `InputError` for one that is missing, damaged or of another kind."""
        try:
            number, data = self.store.get_raw(ObjectID(name.encode()))
        except KeyError:
            raise Missing(
                f"object {name[:12]} is missing", where=str(self.repository.top), remedy="fetch the whole history first"
            ) from None
        found = KINDS.get(number, "")
        if sha1(f"{found} {len(data)}\0".encode() + data, usedforsecurity=False).hexdigest() != name or found != kind:
            raise self.damaged(name)
        return data

    def damaged(self, name: str) -> InputError:
        return InputError(f"object {name[:12]} is damaged", where=str(self.repository.top))

    def kind(self, name: str) -> str:
        return KINDS.get(self.store.get_raw(ObjectID(name.encode()))[0], "")

    def resolve(self, revision: str) -> Commit:
        """The commit a revision names: a ref, a name of an object, and steps back from it."""
        steps: list[str] = []
        rest = revision
        while match := SUFFIX.fullmatch(rest):
            rest = match["rest"]
            steps.append(match["kind"])
            if len(steps) > MOST_DEPTH:
                raise self.none(revision)
        commit = self._start(rest, revision)
        for step in reversed(steps):
            commit = self._step(commit, step, revision)
        return commit

    def none(self, revision: str, why: str = "") -> InputError:
        return InputError(f"no revision '{revision}'{why}", where=str(self.repository.top), remedy=REMEDY)

    def _start(self, name: str, revision: str) -> Commit:
        found = self.ref("HEAD" if name == "@" else name) or self._short(name.lower())
        if not found:
            raise self.none(revision)
        for _ in range(MOST_DEPTH):
            kind = self._kind(found, revision)
            if kind == "commit":
                return self.commit(found)
            if kind != "tag":
                raise self.none(revision)
            found = _header(self.read(found, "tag"), b"object")[0]
        raise self.damaged(found)

    def _kind(self, name: str, revision: str) -> str:
        try:
            return self.kind(name)
        except KeyError:
            raise self.none(revision, f": object {name[:12]} is missing") from None

    def ref(self, name: str) -> str:
        """The object a branch, a tag or HEAD leads to, empty if there is no such name."""
        for form in NAMED:
            full = form.format(name)
            if not SPECIAL.fullmatch(full) and not (full.startswith("refs/") and check_ref_format(_ref(full))):
                continue
            try:
                return self.refs[_ref(full)].decode("ascii")
            except (KeyError, SymrefLoop):
                continue
        return ""

    def _short(self, name: str) -> str:
        """The commit whose name begins so, if there is one only."""
        if not SHORT.fullmatch(name):
            return ""
        if len(name) == 40:
            return name
        found = {full.decode() for full in self.store.iter_prefix(name.encode())}
        commits = [full for full in found if self.kind(full) == "commit"]
        return commits[0] if len(commits) == 1 else ""

    def _step(self, commit: Commit, step: str, revision: str) -> Commit:
        if step.startswith("^{") or step == "^0":
            return commit
        if step.startswith("^"):
            number = int(step[1:] or 1)
            if number > len(commit.parents):
                raise self.none(revision, self._end())
            return self._parent(commit, number - 1, revision)
        count = int(step[1:] or 1)
        if count > MOST_STEPS:
            raise self.none(revision)
        for _ in range(count):
            commit = self._parent(commit, 0, revision)
        return commit

    def _parent(self, commit: Commit, number: int, revision: str) -> Commit:
        try:
            return self.commit(commit.parents[number])
        except (IndexError, Missing):
            raise self.none(revision, self._end()) from None

    def _end(self) -> str:
        shallow = (self.repository.common / "shallow").exists()
        return ", the history of this shallow clone ends before" if shallow else ""

    def commit(self, name: str) -> Commit:
        data = self.read(name, "commit")
        try:
            return Commit(name, _header(data, b"tree")[0], tuple(_header(data, b"parent")))
        except IndexError:
            raise self.damaged(name) from None

    def files(self, tree: str, wanted: Callable[[str], bool] = lambda _: True) -> Iterator[tuple[str, int, str]]:
        """Path, mode and name of all that is no folder, leaving out folders that are not wanted."""
        waiting = [(tree, "", 0)]
        entries = 0
        known: dict[str, list[tuple[str, int, str]]] = {}
        while waiting:
            name, prefix, depth = waiting.pop()
            if depth > MOST_DEPTH:
                raise InputError(f"has folders more than {MOST_DEPTH} deep", where=str(self.repository.top))
            if name not in known:
                known[name] = [*self.entries(name)]
            for part, mode, inner in known[name]:
                entries += 1
                if entries > MOST_ENTRIES:
                    raise InputError(f"holds more than {MOST_ENTRIES:,} files", where=str(self.repository.top))
                path = prefix + part
                if not stat.S_ISDIR(mode):
                    yield path, mode, inner
                elif wanted(path):
                    waiting.append((inner, f"{path}/", depth + 1))

    def entries(self, tree: str) -> Iterator[tuple[str, int, str]]:
        """What stands in one tree; raises `InputError` for a name that no checkout could have."""
        data = self.read(tree, "tree")
        try:
            rows = list(parse_tree(data, sha_len=20))
        except ValueError as error:
            raise self.damaged(tree) from error
        for raw, mode, name in rows:
            part = raw.decode("utf-8", "surrogateescape")
            if part.lower() in ("", ".", "..", ".git") or "/" in part:
                raise InputError(f"tree {tree[:12]} holds a file of the name {part!a}", where=str(self.repository.top))
            if stat.S_IFMT(mode) not in ENTRY:
                raise self.damaged(tree)
            yield part, mode, name.decode("ascii")


def _ref(name: str) -> Ref:
    return Ref(name.encode("utf-8", "surrogateescape"))


def _header(data: bytes, key: bytes) -> list[str]:
    """The names of objects that lines before the message give."""
    rows = [line.split(b" ", 1) for line in data.split(b"\n\n", 1)[0].splitlines() if b" " in line]
    names = [value.decode("ascii", "replace") for name, value in rows if name == key]
    return [name for name in names if SHORT.fullmatch(name) and len(name) == 40]
