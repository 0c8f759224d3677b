"""Control groups: one cap on all the memory of a sandbox together, where the kernel lets us make one.

Resident memory that is looked at now and then misses what no process has mapped (files in memory, page caches); a
group counts every page. Groups of both versions are used: the unified tree wherever a folder above our own group can
be written and hands memory down (root, or a user to whom systemd delegates), the older tree of memory as root. Where
there is none, the sandbox is watched instead, and the report says so.

Example::

    with group(Limits()) as held:
        subprocess.Popen(entering(held, ["bwrap", …]))
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from itertools import count, pairwise
from pathlib import Path

import psutil

from buckler.prove.sandbox.model import Limits

TREE = Path("/sys/fs/cgroup")
PREFIX = "buckler-"
PATIENCE = 2.0
"""Seconds for the kernel to see that a group is empty."""
ENTER = 'echo $$ > "$0/cgroup.procs" || exit 125; exec "$@"'
EVENTS = ("memory.events", "memory.oom_control")
_NUMBERS = count()


@dataclass(slots=True, frozen=True)
class Group:
    """One group."""

    folder: Path

    @property
    def starved(self) -> bool:
        """Whether a process was ended because the group's memory was used up."""
        return any(_killed(self.folder / name) for name in EVENTS)


def entering(group: Group | None, command: Sequence[str]) -> list[str]:
    """A command line that puts itself into a group before it runs."""
    if group is None:
        return list(command)
    return ["/bin/sh", "-c", ENTER, str(group.folder), *command]


@contextmanager
def group(limits: Limits) -> Iterator[Group | None]:
    """A new group with these limits, gone when all is over; None where there can be none."""
    made = make(limits)
    try:
        yield made
    finally:
        if made is not None:
            remove(made)


def make(limits: Limits) -> Group | None:
    """A new group, or None; leftovers of processes that are gone are taken away."""
    parent = place()
    if parent is None:
        return None
    made = Group(parent / f"{PREFIX}{os.getpid()}-{next(_NUMBERS)}")
    try:
        made.folder.mkdir()
        limit(made.folder, limits)
    except OSError:
        remove(made)
        return None
    return made


def limit(folder: Path, limits: Limits) -> None:
    """Set what this folder's controllers cap; memory must be one of them in the unified tree."""
    processes = limits.processes + 8  # our own first programs
    rows = {
        "memory.max": limits.memory, "memory.swap.max": 0, "pids.max": processes,
        "memory.limit_in_bytes": limits.memory, "memory.memsw.limit_in_bytes": limits.memory,
    }  # fmt: skip
    for name, value in rows.items():
        if (folder / name).exists():
            (folder / name).write_text(str(value))


def remove(group: Group) -> None:
    """Take it away as soon as it is empty; what stays is taken by a later run."""
    until = time.monotonic() + PATIENCE
    while group.folder.is_dir() and time.monotonic() < until:
        try:
            group.folder.rmdir()
        except OSError:
            time.sleep(0.005)


@cache
def place() -> Path | None:
    """The folder in which groups can be made here, tried by making one; None where there can be none."""
    try:
        rows = [line.split(":", 2) for line in Path("/proc/self/cgroup").read_text("utf-8").splitlines()]
    except OSError:
        return None
    found = next((folder for row in rows if row[0] == "0" and (folder := unified(row[2]))), None) or older(rows)
    if found is not None:
        tidy(found)
    return found


def unified(own: str) -> Path | None:
    """The nearest folder above our group that hands memory down and can be written."""
    here = TREE / own.lstrip("/")
    for parent in (*here.parents, here):
        if not parent.is_relative_to(TREE):
            continue
        with suppress(OSError):
            if "memory" in (parent / "cgroup.subtree_control").read_text("utf-8").split() and writable(parent):
                return parent
    return None


def older(rows: Sequence[Sequence[str]]) -> Path | None:
    """The same for the older tree of memory; each further tree would cost tens of milliseconds to enter."""
    own = {controller: path for row in rows for controller in row[1].split(",") for path in row[2:]}
    folder = TREE / "memory" / own.get("memory", "").lstrip("/")
    good = "memory" in own and (folder / "memory.limit_in_bytes").exists() and writable(folder)
    return folder if good else None


def writable(folder: Path) -> bool:
    """Whether a group can be made there and processes moved into it."""
    trial = folder / f"{PREFIX}{os.getpid()}-trial"
    try:
        trial.mkdir()
    except OSError:
        return False
    try:
        return os.access(folder / "cgroup.procs", os.W_OK)
    finally:
        with suppress(OSError):
            trial.rmdir()


def tidy(parent: Path) -> None:
    """Remove empty groups of ours whose process is gone; one that is in use cannot be removed."""
    for folder in parent.glob(f"{PREFIX}*-*"):
        number = folder.name.removeprefix(PREFIX).partition("-")[0]
        if number.isdigit() and not psutil.pid_exists(int(number)):
            with suppress(OSError):
                folder.rmdir()


def _killed(file: Path) -> bool:
    try:
        words = file.read_text("utf-8").split()
    except OSError:
        return False
    return any(name == "oom_kill" and number != "0" for name, number in pairwise(words))
