"""What a sandbox is asked for and what came of it.

A `SandboxSpec` says what the code inside may see and use; a `Ran` says how a command in it ended. Code under review
runs nowhere else, and where no tier of isolation is to be had it does not run at all.

Example::

    cell = SandboxSpec(python=Path(sys.executable), project=Path("shop"))
    ran = run(cell, ["python", "-c", "print(1)"])
    assert ran.ended is Ended.EXIT and ran.code == 0
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

PROJECT = "/project"
"""Where the copy of the project lies inside."""
INSIDE = "/.buckler"
"""Where our own programs lie inside, read-only."""
HARNESS = f"{INSIDE}/buckler_harness"
"""The one package they make up; nothing else there can be imported."""


class Tier(StrEnum):
    """How strong the walls are, strongest first; reports name it."""

    BUBBLEWRAP = "bubblewrap"
    BUNDLED = "bubblewrap (bundled)"
    UNSHARE = "unshare"


@dataclass(slots=True, frozen=True)
class Limits:
    """Caps on what runs inside; sizes in bytes, times in seconds."""

    wall: float = 60
    cpu: int = 120
    """Of one process."""
    memory: int = 4 << 30
    """Address space of one process, and memory of all together: by a control group, or else as resident memory that is
    looked at ten times a second."""
    file: int = 64 << 20
    """The largest file."""
    disk: int = 768 << 20
    """Everything written, the copy of the project included."""
    processes: int = 96
    open_files: int = 512
    output: int = 1 << 20
    """Bytes kept of each of standard output and error; the rest is read and dropped."""
    output_total: int = 64 << 20
    """Bytes of output after which the cell is ended."""


@dataclass(slots=True, frozen=True)
class SandboxSpec:
    """What code inside can see: an interpreter, folders to read, a copy of the project, nothing else."""

    python: Path
    """The interpreter; the tree it is installed in is readable inside."""
    project: Path | None = None
    """Copied to `/project`, where the command starts; the original is never written."""
    reads: tuple[Path, ...] = ()
    """Further files and folders to read, at their own paths: installed dependencies."""
    path: tuple[Path, ...] = ()
    """Folders for `PYTHONPATH`, after the project itself."""
    tools: tuple[Path, ...] = ()
    """Folders, often among those of `path`, that hold nothing the project asked for: what a verdict is made with."""
    overlays: tuple[Path, ...] = ()
    """Folders whose files join the project's in the copy or take their place: compiled code, a patch under test."""
    bare: bool = False
    """Without `PYTHONPATH`, for a first program of ours that must load nothing of the project."""
    environment: dict[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    network: bool = False
    """The host's network; only for the installer, which runs nothing of the project."""
    writes: Path | None = None
    """One folder of the host that may be written, at its own path; only for the installer."""


class Ended(StrEnum):
    """Why a command is over."""

    EXIT = "exit"
    WALL = "time"
    MEMORY = "memory"
    OUTPUT = "output"


@dataclass(slots=True)
class Ran:
    """How a command ended; times in seconds."""

    ended: Ended
    code: int
    """Exit status; minus the signal's number if one ended it."""
    out: bytes = b""
    err: bytes = b""
    seconds: float = 0.0
    cpu: float = 0.0

    @property
    def reason(self) -> str:
        """In words, empty when it ended by itself with status 0."""
        words = {
            Ended.WALL: "ran out of time",
            Ended.MEMORY: "used too much memory",
            Ended.OUTPUT: "printed too much",
        }
        if self.ended in words:
            return words[self.ended]
        if self.code < 0:
            return f"was ended by signal {-self.code}"
        return f"ended with status {self.code}" if self.code else ""
