"""Run a command in a sandbox and watch over it: time, memory, output.

The watch looks at the whole family of processes. Ending the first one ends them all, because it is the first of its
own process namespace; nothing outlives it.

Example::

    ran = run(SandboxSpec(python, project=Path("shop")), [str(python), "-m", "pytest"])
"""

from __future__ import annotations

import os
import selectors
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import IO

import psutil

from buckler.base.errors import UserError
from buckler.prove.sandbox.groups import Group, entering, group
from buckler.prove.sandbox.model import Ended, Ran, SandboxSpec
from buckler.prove.sandbox.tiers import Walls, strongest

GLANCE = 0.1
"""Seconds between two looks at the processes."""
CHUNK = 1 << 16


class NoSandbox(UserError):
    """Nothing on this machine can hold code under review."""

    def __init__(self) -> None:
        super().__init__(
            "no sandbox works on this machine, so nothing of the project was run",
            remedy="install bubblewrap, or allow unprivileged user namespaces",
        )


def strongest_sandbox() -> Walls:
    """The strongest tier here; raises `NoSandbox`."""
    found = strongest()
    if found is None:
        raise NoSandbox
    return found


def run(cell: SandboxSpec, command: Sequence[str], given: bytes = b"") -> Ran:
    """Run to the end, or to a cap; raises `NoSandbox`."""
    with started(cell, command, stderr=subprocess.PIPE) as watch:
        process = watch.process
        feeder = threading.Thread(target=_feed, args=(process, given), daemon=True)
        feeder.start()
        try:
            out, err = _collect(process, watch)
            process.wait()
        finally:
            end(process)
            feeder.join()
    return Ran(watch.ended, process.returncode, out, err, watch.seconds, watch.cpu)


@contextmanager
def started(cell: SandboxSpec, command: Sequence[str], stderr: int) -> Iterator[Watch]:
    """A command in a sandbox, in a control group of its own where there can be one; all of it is ended afterwards."""
    with group(cell.limits) as held:
        process = subprocess.Popen(
            entering(held, strongest_sandbox().command(cell, command)),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, env={},
        )  # fmt: skip
        watch = Watch(process, cell, held)
        watch.start()
        try:
            yield watch
        finally:
            end(process)
            watch.stop()
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream is not None:
                    with suppress(OSError):
                        stream.close()


def end(process: subprocess.Popen[bytes]) -> None:
    """End the sandbox and everything in it; the first process of the namespace takes the rest along."""
    if process.poll() is not None:
        return
    try:
        family = psutil.Process(process.pid).children(recursive=True)
    except psutil.Error:
        family = []
    process.kill()
    for member in family[:2]:
        with suppress(psutil.Error):
            member.kill()
    process.wait()


@dataclass(slots=True)
class Watch:
    """A thread that ends a sandbox which goes over its caps."""

    process: subprocess.Popen[bytes]
    cell: SandboxSpec
    group: Group | None = None
    ended: Ended = Ended.EXIT
    seconds: float = 0.0
    cpu: float = 0.0
    began: float = field(default_factory=time.monotonic)
    _done: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._done.set()
        if self._thread is not None:
            self._thread.join()
        if self.ended is Ended.EXIT and self.group is not None and self.group.starved:
            self.ended = Ended.MEMORY
        self.seconds = time.monotonic() - self.began

    def stopped(self, why: Ended) -> None:
        self.ended = why
        end(self.process)

    def _look(self) -> None:
        limits = self.cell.limits
        while not self._done.wait(GLANCE):
            memory, self.cpu = _used(self.process.pid, self.cpu)
            if memory > limits.memory:
                self.stopped(Ended.MEMORY)
                return
            if time.monotonic() - self.began > limits.wall:
                self.stopped(Ended.WALL)
                return


def _used(number: int, before: float) -> tuple[int, float]:
    """Resident bytes of a family of processes now, and its CPU seconds so far as seen."""
    memory, seconds = 0, 0.0
    try:
        top = psutil.Process(number)
        family = [top, *top.children(recursive=True)]
    except psutil.Error:
        return 0, before
    for process in family:
        try:
            memory += process.memory_info().rss
            times = process.cpu_times()
        except psutil.Error:
            continue
        seconds += times.user + times.system + times.children_user + times.children_system
    return memory, max(before, seconds)


def _feed(process: subprocess.Popen[bytes], given: bytes) -> None:
    stdin = process.stdin
    if stdin is None:
        return
    with suppress(OSError):  # a program that ends without reading is fine
        stdin.write(given)
    with suppress(OSError):
        stdin.close()


def _collect(process: subprocess.Popen[bytes], watch: Watch) -> tuple[bytes, bytes]:
    """Read both outputs until they close, keeping the beginnings."""
    limits = watch.cell.limits
    kept: dict[int, bytearray] = {}
    total = 0
    with selectors.DefaultSelector() as selector:
        for number, stream in enumerate((process.stdout, process.stderr)):
            if stream is not None:
                selector.register(stream, selectors.EVENT_READ, number)
                kept[number] = bytearray()
        while selector.get_map():
            for key, _ in selector.select(timeout=1):
                data = _read(key.fileobj)  # type: ignore[arg-type]
                if not data:
                    selector.unregister(key.fileobj)
                    continue
                total += len(data)
                room = limits.output - len(kept[key.data])
                kept[key.data] += data[: max(room, 0)]
                if total > limits.output_total:
                    watch.stopped(Ended.OUTPUT)
    return bytes(kept[0]), bytes(kept[1])


def _read(stream: IO[bytes]) -> bytes:
    return os.read(stream.fileno(), CHUNK)
