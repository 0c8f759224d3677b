"""The process that reads repositories: whatever an object makes of memory and time ends here, not in the review.

One order comes in as JSON, one answer goes out: a line of JSON, then the contents of files. The library that reads packs is
not ours and objects are written by anybody; a process of its own with limits turns every bomb, circle and crash into one line.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from dulwich.file import FileLocked

from buckler.base.errors import InputError
from buckler.base.source import HEAD, bare, language_of, language_of_script
from buckler.dependencies.manifests import reader_of
from buckler.workbench.git.changes import finish, prepare, uncommitted, unfit
from buckler.workbench.git.folder import Repository, repository_of
from buckler.workbench.git.objects import Objects
from buckler.workbench.selection import Limits, Selection

MEMORY = 3 << 30
SECONDS = 100
REGULAR = 0o100000
Answer = tuple[dict[str, Any], list[bytes]]


def opened(order: Mapping[str, Any]) -> tuple[Objects, str]:
    """The repository of a folder, and the way from its root to the folder, ending in a slash if there is one."""
    root = Path(order["root"])
    repository = repository_of(root)
    if repository is None:
        raise InputError("is in no git repository", where=str(root))
    below = root.resolve().relative_to(repository.top).as_posix()
    return Objects(repository), "" if below == "." else f"{below}/"


def read(order: Mapping[str, Any]) -> Answer:
    """The files of a revision that a review wants, with their contents, each content once."""
    objects, below = opened(order)
    limits = Limits(**{**order["limits"], "exclude": tuple(order["limits"]["exclude"])})
    selection = Selection(limits)
    parts = [below if part == "." else below + part for part in order["parts"]]
    named = _manifest if order.get("manifests") else _code
    files: list[tuple[str, int]] = []
    contents: dict[str, int] = {}
    data: list[bytes] = []
    total = 0

    def folder(path: str) -> bool:
        near = any(
            f"{path}/".startswith(f"{part.rstrip('/')}/") or part.startswith(f"{path}/") or not part for part in parts
        )
        return near and (not path.startswith(below) or not selection.excludes_folder(path[len(below) :]))

    for path, mode, name in objects.files(objects.resolve(order["revision"]).tree, folder):
        shown = path[len(below) :]
        inner = any(path == part or path.startswith(f"{part.rstrip('/')}/") or not part for part in parts)
        if mode & 0o170000 != REGULAR or not inner or not named(shown):
            continue
        if selection.excludes_file(shown):
            continue
        if name not in contents:
            blob = objects.read(name, "blob")
            if named is _code and not language_of(shown) and not language_of_script(blob[:HEAD]):
                continue
            total += len(blob)
            if total > limits.max_total:
                raise InputError(f"holds more than {limits.max_total:,} bytes to review", where=order["revision"])
            contents[name] = len(data)
            data.append(blob)
        if len(data[contents[name]]) <= limits.max_file_size:
            files.append((shown, contents[name]))
    return {"files": sorted(files)}, data


def _code(path: str) -> bool:
    return bool(language_of(path)) or bare(path)


def _manifest(path: str) -> bool:
    return reader_of(path) is not None


def ready(order: Mapping[str, Any]) -> Answer:
    """Whether there is a repository, and why nothing may be written there, empty if it may."""
    repository = repository_of(Path(order["root"]))
    if repository is None:
        return {"git": False, "why": ""}, []
    objects = Objects(repository)
    why = _foreign(repository)
    if not why and (path := uncommitted(objects)):
        why = f"has changes that are not committed ({path}); commit or stash them first"
    if not why and order["branch"]:
        why = unfit(objects, order["branch"])
    return {"git": True, "why": why}, []


def _foreign(repository: Repository) -> str:
    return f"its repository {repository.common} {repository.foreign}; use --patch-dir" if repository.foreign else ""


def commit(order: Mapping[str, Any]) -> Answer:
    objects, below = opened(order)
    files = {below + path: text.encode("utf-8", "surrogateescape") for path, text in order["files"].items()}
    return {"commit": prepare(objects, order["message"], files)}, []


def switch(order: Mapping[str, Any]) -> Answer:
    objects, below = opened(order)
    finish(objects, order["branch"], order["commit"], [below + path for path in order["paths"]])
    return {}, []


ORDERS: Mapping[str, Callable[[Mapping[str, Any]], Answer]] = {
    "read": read, "ready": ready, "commit": commit, "switch": switch,
}  # fmt: skip


def answer(order: Mapping[str, Any]) -> Answer:
    """What comes of an order; never raises, because what a repository makes of a library is unknown."""
    try:
        return ORDERS[order["do"]](order)
    except InputError as error:
        return {"error": [error.what, error.where, error.remedy]}, []
    except FileLocked as error:
        return {
            "error": ["another program works on the repository", os.fsdecode(error.lockfilename), "try again later"]
        }, []
    except OSError as error:
        return {"error": [f"cannot be used: {error.strerror}", str(error.filename or order["root"]), ""]}, []
    except MemoryError:
        return {"error": ["takes more memory than it may", order["root"], "its repository may be damaged"]}, []
    except Exception as error:  # noqa: BLE001 - the process edge
        return {"error": [f"has a damaged repository ({type(error).__name__}: {error})"[:200], order["root"], ""]}, []


def main() -> None:
    for limit, most in ((resource.RLIMIT_DATA, MEMORY), (resource.RLIMIT_CPU, SECONDS), (resource.RLIMIT_CORE, 0)):
        with suppress(OSError, ValueError):  # lower already
            resource.setrlimit(limit, (most, resource.getrlimit(limit)[1]))
    head, data = answer(json.load(sys.stdin))
    out = sys.stdout.buffer
    out.write(json.dumps({**head, "sizes": [len(part) for part in data]}).encode() + b"\n")
    for part in data:
        out.write(part)
    out.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
