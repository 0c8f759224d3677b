"""A conversation with the warm interpreter inside a sandbox.

Example::

    with Session.open(environment.cell(project)) as session:
        session.warm("import shop.app")
        answer = session.run("report(1 + 1)")
        assert answer.value == 2
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Self

from buckler.prove.answers import SeenRow, read_answer, shaped
from buckler.prove.sandbox.model import HARNESS, PROJECT, Ended, SandboxSpec
from buckler.prove.sandbox.mounts import environment, layers
from buckler.prove.sandbox.run import end, started, strongest_sandbox

MOST_ANSWER = 4 << 20
GRACE = 5.0
"""Seconds the interpreter inside has on top of what an order is given."""
Lines = Mapping[str, Sequence[int]]
"""Watched line numbers by path in the project."""


@dataclass(slots=True)
class Seen:
    """What was seen of the watched lines."""

    ran: dict[str, list[int]] = field(default_factory=dict)
    near: list[tuple[str, int, list[int]]] = field(default_factory=list)
    """Path, line, and the numbers of the marks that were in reach of it."""
    events: list[tuple[str, list[str]]] = field(default_factory=list)
    """What the audit hook saw done with a mark."""
    called: list[tuple[str, int, list[str]]] = field(default_factory=list)
    """Path, line, and the functions that it called."""
    compared: list[tuple[str, int, list[int]]] = field(default_factory=list)
    """Path, line, and which of its tests for equality were made."""


@dataclass(slots=True)
class Answer:
    """What came of an order."""

    value: Any = None
    error: dict[str, Any] | None = None
    ended: str = ""
    """`exit 0`, `exit 1`, `signal 11`, `time`, or `gone` when the whole sandbox ended."""
    seen: Seen = field(default_factory=Seen)
    printed: str = ""
    seconds: float = 0.0
    tests: dict[str, dict[str, Any]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    code: int = 0

    @property
    def failure(self) -> str:
        """Why it did not work, in words; empty if it did."""
        if self.error:
            return f"{self.error['type']}: {self.error['text']}".strip().rstrip(":")
        words = {
            "time": "ran out of time",
            "gone": "the sandbox ended",
            "answer": "answered too much",
            "odd": "gave an invalid answer",
        }
        if self.ended in words:
            return words[self.ended]
        return f"was ended by {self.ended}" if self.ended.startswith("signal") else ""


@dataclass(slots=True, frozen=True)
class Tried:
    """An entry driver that was tried: what it is called, what was sent, which watched lines ran, and how it ended."""

    entry: str
    sent: str
    ran: Lines
    failure: str


def asking(program: str, function: str, *given: object) -> str:
    """Statements that report what a function of a program in `inside/` gives."""
    return f"from buckler_harness import {program}\nreport({program}.{function}({', '.join(map(repr, given))}))"


class Session:
    """One sandbox with the project in it; close it when done."""

    __slots__ = ("_buffer", "_held", "cell", "process", "tier", "tried", "watch")

    def __init__(self, cell: SandboxSpec) -> None:
        python = str(cell.python.resolve())
        settings = {"path": environment(cell)["PYTHONPATH"], "tools": [*map(str, cell.tools)]}
        command = [python, "-S", "-B", f"{HARNESS}/control.py", json.dumps(settings)]
        self.cell = cell
        self.tier = strongest_sandbox().tier
        self.tried: list[Tried] = []
        """Entry points since this was last cleared."""
        self._buffer = bytearray()
        self._held = ExitStack()
        self.watch = self._held.enter_context(started(replace(cell, bare=True), command, stderr=subprocess.DEVNULL))
        self.process = self.watch.process

    @classmethod
    def open(cls, cell: SandboxSpec) -> Session:
        """Start a sandbox; raises `NoSandbox`."""
        return cls(cell)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._held.close()

    @property
    def cpu(self) -> float:
        """CPU seconds used inside so far."""
        return self.watch.cpu

    @property
    def over(self) -> bool:
        """Whether the sandbox has ended."""
        return self.process.poll() is not None

    def warm(self, code: str, seconds: float = 30) -> Answer:
        """Run statements in the interpreter that all later attempts are forks of."""
        return self._order({"do": "warm", "code": code, "seconds": seconds, "pytest": True})

    def run(self, code: str, seconds: float = 10, watch: Lines | None = None, marks: Sequence[str] = ()) -> Answer:
        """Run statements in a fork; `report(value)` in them sets the answer's value."""
        return self._order({"do": "run", "code": code, "seconds": seconds, "watch": _inside(watch), "marks": [*marks]})

    def test(self, files: Mapping[str, str], arguments: Sequence[str], seconds: float = 60,
             watch: Lines | None = None, marks: Sequence[str] = ()) -> Answer:  # fmt: skip
        """Write files into the copy of the project and run pytest in a fork."""
        return self._order({"do": "test", "files": dict(files), "arguments": [*arguments], "seconds": seconds,
                            "watch": _inside(watch), "marks": [*marks]})  # fmt: skip

    def judge(self, test: str, code: str, parts: Mapping[str, str], arguments: Sequence[str], seconds: float) -> Answer:
        """Run a test file in a process that never loads the project; `code` defines `send` beside the project.

        `parts` are expressions for what of an `answer` the test is shown. What the project's code does to its own
        process cannot change what the test sees or says.
        """
        return self._order({"do": "judge", "test": test, "code": code, "parts": dict(parts), "arguments": [*arguments],
                            "seconds": seconds})  # fmt: skip

    def restore(self) -> None:
        """Put the copy of the project back as it was."""
        self.run(asking("restore", "restore", layers(self.cell), PROJECT), seconds=30)

    def _order(self, order: dict[str, Any]) -> Answer:
        self.watch.began = time.monotonic()  # the cap on time is for one order
        try:
            stdin = self.process.stdin
            if stdin is None:
                return Answer(ended="gone")
            stdin.write(json.dumps(order).encode() + b"\n")
            stdin.flush()
            line = self._line(time.monotonic() + order["seconds"] + GRACE)
            return _answer(line) if line else self._gone()
        except (OSError, ValueError):
            return self._gone()

    def _gone(self) -> Answer:
        end(self.process)
        why = "time" if self.watch.ended is Ended.WALL else "gone"
        return Answer(ended=why)

    def _line(self, until: float) -> bytes:
        """The next line of the answer, or nothing when time is up or the other side is gone."""
        stdout = self.process.stdout
        if stdout is None:
            return b""
        while b"\n" not in self._buffer:
            left = until - time.monotonic()
            if left <= 0 or len(self._buffer) > MOST_ANSWER or not select.select([stdout], [], [], left)[0]:
                return b""
            chunk = os.read(stdout.fileno(), 1 << 16)
            if not chunk:
                return b""
            self._buffer += chunk
        line, _, rest = bytes(self._buffer).partition(b"\n")
        self._buffer = bytearray(rest)
        return line


def _inside(watch: Lines | None) -> dict[str, list[int]]:
    return {f"/project/{path}": sorted(set(lines)) for path, lines in (watch or {}).items()}


def _answer(line: bytes) -> Answer:
    """Answers come from a place where hostile code may have written them: only what has their shape is taken over."""
    reply = read_answer(line)
    if reply is None:
        return Answer(ended="odd")
    tests = {name: dict(row) for name, row in reply.tests.items()}
    error = dict(reply.error) if reply.error else None
    return Answer(
        reply.value,
        error,
        reply.ended,
        _seen(reply.seen),
        reply.printed,
        reply.seconds,
        tests,
        reply.errors,
        reply.code,
    )


def seen_of(data: object) -> Seen:
    """What was seen, with paths relative to the project."""
    return _seen(shaped(data, SeenRow) or SeenRow())


def _seen(row: SeenRow) -> Seen:
    near = [(_outside(path), line, marks) for path, line, marks in row.near]
    called = [(_outside(path), line, names) for path, line, names in row.called]
    compared = [(_outside(path), line, which) for path, line, which in row.compared]
    return Seen({_outside(path): lines for path, lines in row.ran.items()}, near, row.events, called, compared)


def _outside(path: str) -> str:
    return path.removeprefix("/project/")
