"""Whether work would be lost by writing, and a fix as a commit on a new branch; nothing of the repository is run.

A file is held against the index byte by byte. Where a filter or other line endings stand between the two, what is on disk
is another form of what git keeps, and nothing is committed.

Example::

    name = uncommitted(objects)                  # "shop/db.py", or empty
    commit = prepare(objects, "fix-it", "Bind the value", {"shop/db.py": data})
    finish(objects, "fix-it", commit, ["shop/db.py"])
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable, Mapping
from hashlib import sha1
from io import BytesIO
from pathlib import Path

from dulwich.config import StackedConfig
from dulwich.file import GitFile
from dulwich.index import (
    ConflictedIndexEntry,
    IndexChecksumWriter,
    IndexEntry,
    index_entry_from_stat,
    read_index_dict_with_version,
    write_index_dict,
)
from dulwich.object_store import commit_tree_changes
from dulwich.objects import Blob, Commit, ObjectID
from dulwich.refs import Ref, check_ref_format

from buckler.base.errors import InputError
from buckler.base.files import inside, read_regular
from buckler.workbench.git.objects import Objects

LARGEST = 1 << 30
LEFT_ALONE = 0x8000
"""A file which the user asked git to take for unchanged."""
NOT_HERE = 0x4000
"""A file that a sparse checkout leaves out."""
LINK, MODULE, FOLDER = 0o120000, 0o160000, 0o040000
UNFINISHED = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply", "BISECT_LOG")
Entries = dict[bytes, IndexEntry | ConflictedIndexEntry]


def read_index(objects: Objects) -> tuple[Entries, int]:
    """The index and its version; raises `InputError` if it is damaged or of a form that is not read."""
    file = objects.repository.own / "index"
    if not file.exists():
        return {}, 2
    data = read_regular(file, LARGEST)
    if sha1(data[:-20], usedforsecurity=False).digest() != data[-20:] and any(data[-20:]):
        raise InputError("is damaged", where=str(file), remedy="git reset makes it anew")
    try:
        entries, version, _ = read_index_dict_with_version(BytesIO(data))
    except (ValueError, AssertionError, IndexError, KeyError, OverflowError) as error:
        raise InputError("is damaged", where=str(file), remedy="git reset makes it anew") from error
    if any(objects.repository.own.glob("sharedindex.*")) or any(_mode(e) == FOLDER for e in entries.values()):
        raise InputError("is split or sparse, which is not read", where=str(file), remedy="use --patch-dir")
    return entries, version


def _mode(entry: IndexEntry | ConflictedIndexEntry) -> int:
    return stat.S_IFMT(entry.mode) if isinstance(entry, IndexEntry) else 0


def uncommitted(objects: Objects) -> str:
    """The first tracked file whose contents, or whose place in the index, are not those of the commit; empty if none."""
    entries, _ = read_index(objects)
    head = objects.ref("HEAD")
    known = {p: (m, n) for p, m, n in objects.files(objects.commit(head).tree)} if head else {}
    since = (objects.repository.own / "index").stat().st_mtime_ns if entries else 0
    real: set[Path] = {objects.repository.top}
    for name in sorted({*entries, *(os.fsencode(path) for path in known)}):
        path = os.fsdecode(name)
        entry = entries.get(name)
        if not isinstance(entry, IndexEntry) or known.get(path) != (entry.mode, entry.sha.decode("ascii")):
            return path
        left = entry.flags & LEFT_ALONE or entry.extended_flags & NOT_HERE or _mode(entry) == MODULE
        if not left and not _same(objects.repository.top, path, entry, since, real):
            return path
    return ""


def _same(top: Path, path: str, entry: IndexEntry, since: int, real: set[Path]) -> bool:
    """Whether a file is what the index holds: by size and time as git does it, otherwise by its bytes."""
    file = top / path
    try:
        if file.parent not in real:
            inside(top, path.rpartition("/")[0])
            real.add(file.parent)
        status = file.lstat()
        if stat.S_IFMT(status.st_mode) != _mode(entry):
            return False
        time_ns = _nanoseconds(entry.mtime)
        if status.st_size & 0xFFFFFFFF == entry.size and status.st_mtime_ns == time_ns < since:
            return True
        data = os.fsencode(file.readlink()) if _mode(entry) == LINK else read_regular(file, LARGEST)
    except (OSError, InputError):
        return False
    return blob_name(data) == entry.sha.decode("ascii")


def _nanoseconds(moment: float | tuple[int, int]) -> int:
    return moment[0] * 10**9 + moment[1] if isinstance(moment, tuple) else int(moment * 10**9)


def blob_name(data: bytes) -> str:
    return sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def unfit(objects: Objects, branch: str) -> str:
    """Why no branch of this name can be made, empty if it can."""
    full = Ref(f"refs/heads/{branch}".encode("utf-8", "surrogateescape"))
    if branch.startswith("-") or branch in ("HEAD", "@") or not check_ref_format(full) or branch != branch.strip():
        return f"'{branch}' is no name for a branch"
    if branch.startswith("refs/"):
        return f"'{branch}' is the full name of a reference; leave out 'refs/heads/' to name a branch"
    if not objects.ref("HEAD"):
        return "there is no commit yet from which a branch could start"
    for other in objects.refs.keys(Ref(b"refs/heads/")):  # names, without the beginning
        if full == b"refs/heads/" + other:
            return f"the branch '{branch}' exists"
        if full.startswith(b"refs/heads/" + other + b"/") or (b"refs/heads/" + other).startswith(full + b"/"):
            return f"a branch '{os.fsdecode(other)}' is in the way of '{branch}'"
    if unfinished := [name for name in UNFINISHED if (objects.repository.own / name).exists()]:
        return f"a merge or rebase is not finished ({unfinished[0]}), so no branch can be made"
    return ""


def prepare(objects: Objects, message: str, files: Mapping[str, bytes]) -> str:
    """Write a commit on top of HEAD in which these files are so; nothing leads to it yet. Gives back its name."""
    entries, _ = read_index(objects)
    changes: list[tuple[bytes, int | None, ObjectID | None]] = []
    for path, data in files.items():
        entry = entries.get(os.fsencode(path))
        file = inside(objects.repository.top, path)
        if file.exists() and (
            not isinstance(entry, IndexEntry) or blob_name(read_regular(file, LARGEST)) != entry.sha.decode("ascii")
        ):
            raise InputError(
                "is not in git, or kept there in another form by a filter or other line endings",
                where=path,
                remedy="use --apply and commit it yourself",
            )
        blob = Blob.from_string(data)
        objects.store.add_object(blob)
        changes.append((os.fsencode(path), entry.mode if isinstance(entry, IndexEntry) else 0o100644, blob.id))
    head = objects.ref("HEAD")
    commit = Commit()
    commit.tree = commit_tree_changes(objects.store, ObjectID(objects.commit(head).tree.encode()), changes)
    commit.parents = [ObjectID(head.encode())]
    settings = StackedConfig([objects.repository.config, *StackedConfig.default_backends()])
    commit.author, commit.committer = (identity(settings, kind) for kind in ("AUTHOR", "COMMITTER"))
    now = int(time.time())
    offset = -(time.altzone if time.localtime(now).tm_isdst else time.timezone)
    commit.author_time = commit.commit_time = now
    commit.author_timezone = commit.commit_timezone = offset
    commit.encoding = b"UTF-8"
    commit.message = f"{message}\n".encode()
    objects.store.add_object(commit)
    return commit.id.decode("ascii")


def identity(settings: StackedConfig, kind: str) -> bytes:
    """Who makes a commit, by the environment or the configuration; raises `InputError` if nobody is named.

    Nothing is guessed, since that asks the network for the name of the machine.
    """
    parts: list[bytes] = []
    for name in ("name", "email"):
        given = os.environ.get(f"GIT_{kind}_{name.upper()}")
        try:
            value = os.fsencode(given) if given else settings.get((b"user",), name.encode())
        except KeyError:
            raise InputError(
                f"git knows no {name} to commit with", remedy=f"git config --global user.{name} sets it"
            ) from None
        # A line break or a bracket would write more of the commit than a name.
        parts.append(b" ".join(bytes(byte for byte in value if byte not in b"<>\0").split()))
    return parts[0] + b" <" + parts[1] + b">"


def finish(objects: Objects, branch: str, commit: str, paths: Iterable[str]) -> None:
    """Let index, branch and HEAD say what the files say by now."""
    entries, version = read_index(objects)
    for path in paths:
        data = read_regular(inside(objects.repository.top, path), LARGEST)
        name = ObjectID(blob_name(data).encode())
        old = entries.get(os.fsencode(path))
        mode = old.mode if isinstance(old, IndexEntry) else 0o100644
        entries[os.fsencode(path)] = index_entry_from_stat((objects.repository.top / path).lstat(), name, mode)
    full = Ref(f"refs/heads/{branch}".encode("utf-8", "surrogateescape"))
    # The index takes effect when all else has: its lock is taken first and given up last.
    with GitFile(str(objects.repository.own / "index"), "wb") as file:
        # Extensions hold what was known of the old index; git makes them again.
        writer = IndexChecksumWriter(file)
        write_index_dict(writer, entries, version=version)
        writer.write_checksum()
        if not objects.refs.add_if_new(full, ObjectID(commit.encode())):
            raise InputError(
                f"the branch '{branch}' exists", where=str(objects.repository.top), remedy="give another name"
            )
        try:
            objects.refs.set_symbolic_ref(Ref(b"HEAD"), full)
        except BaseException:
            objects.refs.remove_if_equals(full, ObjectID(commit.encode()))
            raise
