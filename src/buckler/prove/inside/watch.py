"""Watches named lines of the project: did they run, and was a mark we sent in reach of them?

Whether a comparison in such a line was made, and which functions the line called, is reported as well: a line may run
without doing what it is watched for, because something before it in the same line decided.

A mark is looked for in the variables of the function at the moment a watched line runs, and in the arguments of
whatever that line calls. Only plain text, bytes and containers are looked into: a request object holds everything that
was sent and would prove nothing. The audit hook notes what the interpreter did with a mark.
"""

from __future__ import annotations

import dis
import io
import linecache
import os
import re
import sys
import threading
from types import CodeType, FrameType
from typing import Any, Callable, Collection, Dict, List

Lines = Dict[str, List[int]]
"""Line numbers by file."""

MOST_EVENTS = 60
DEEPEST = 40
MOST_TEXT = 100_000
EVENTS = ("open", "os.", "shutil.", "subprocess.", "exec", "compile", "socket.", "urllib.", "sqlite3.", "pickle.",
          "import", "tempfile.", "glob.", "pathlib.", "http.", "ftplib.", "smtplib.", "pty.", "marshal.")  # fmt: skip
EQUALITY = ("==", "!=", "bool(==)", "bool(!=)")
NAME = re.compile(r"(?<![\w.])[^\W\d]\w*")
ATTRIBUTE = re.compile(r"(?<![\w.])([^\W\d]\w*)\.([^\W\d]\w*)")


class Seen:
    """What was seen of the watched lines so far."""

    def __init__(self, lines: Lines, marks: list[str]) -> None:
        self.lines = {os.path.realpath(path): set(numbers) for path, numbers in lines.items()}
        self.marks = [(mark, mark.encode("utf-8", "surrogateescape")) for mark in marks]
        self.ran: dict[str, set[int]] = {}
        self.near: dict[tuple[str, int], set[int]] = {}
        self.events: list[list[Any]] = []
        self.called: dict[tuple[str, int], set[str]] = {}
        self.compared: dict[tuple[str, int], set[int]] = {}
        self.spots: dict[CodeType, dict[int, tuple[int, int]]] = {}
        self.files: dict[str, tuple[str, Collection[int]]] = {}
        self.mentioned: dict[tuple[str, int], tuple[set[str], set[tuple[str, str]]]] = {}
        self.on = True

    def as_row(self) -> dict[str, Any]:
        return {
            "ran": {path: sorted(numbers) for path, numbers in self.ran.items()},
            "near": [[path, line, sorted(found)] for (path, line), found in self.near.items()],
            "events": self.events,
            "called": [[path, line, sorted(names)] for (path, line), names in self.called.items()],
            "compared": [[path, line, sorted(which)] for (path, line), which in self.compared.items()],
        }

    def watched(self, code: CodeType) -> tuple[str, Collection[int]]:
        """The watched lines of a file, by the name its code carries."""
        name = code.co_filename
        known = self.files.get(name)
        if known is None:
            path = os.path.realpath(name)
            known = self.files[name] = (path, self.lines.get(path, ()))
        return known

    def found(self, value: Any, depth: int = 4) -> set[int]:
        """Indexes of the marks in a plain value."""
        kind = type(value)
        if kind is str:
            lower = value.lower()  # names of headers come back in capitals
            return {i for i, (text, _) in enumerate(self.marks) if text in lower}
        if kind in (bytes, bytearray):
            lower = bytes(value).lower()
            return {i for i, (_, data) in enumerate(self.marks) if data in lower}
        if not depth:
            return set()
        if kind in (list, tuple, set, frozenset):
            return set().union(*(self.found(v, depth - 1) for v in list(value)[:50]))
        if kind is dict:
            items = list(value.items())[:50]
            return set().union(*(self.found(k, 1) | self.found(v, depth - 1) for k, v in items))
        if kind in (io.StringIO, io.BytesIO):
            return set() if value.closed else self.found(value.getvalue()[:MOST_TEXT], 0)
        if kind in (io.TextIOWrapper, io.BufferedReader):
            return self.found(getattr(value, "name", None), 0)
        if isinstance(value, os.PathLike):
            try:
                return self.found(os.fspath(value), 0)
            except Exception:
                return set()
        if isinstance(value, (str, bytes)):
            return self.found(str.__str__(value) if isinstance(value, str) else bytes(value), 0)
        return set()

    def comparisons(self, code: CodeType, numbers: Collection[int]) -> dict[int, tuple[int, int]]:
        """Where the code tests for equality in watched lines: (line, which of the line's tests) by instruction."""
        known = self.spots.get(code)
        if known is None:
            known, line = {}, 0
            count: dict[int, int] = {}
            starts = dict(dis.findlinestarts(code))
            for step in dis.get_instructions(code):
                line = starts.get(step.offset) or line
                if step.opname == "COMPARE_OP" and step.argrepr in EQUALITY:
                    if line in numbers:
                        known[step.offset] = (line, count.get(line, 0))
                    count[line] = count.get(line, 0) + 1
            self.spots[code] = known
        return known

    def names(self, path: str, line: int) -> tuple[set[str], set[tuple[str, str]]]:
        """The names a line mentions, and the attributes it reads of them."""
        known = self.mentioned.get((path, line))
        if known is None:
            text = linecache.getline(path, line)
            known = self.mentioned[path, line] = (set(NAME.findall(text)), set(ATTRIBUTE.findall(text)))
        return known

    def note(self, path: str, line: int, variables: dict[str, Any], *, every: bool = False) -> None:
        """The line ran; look for marks in the variables it mentions, or in all of them."""
        self.ran.setdefault(path, set()).add(line)
        names, attributes = self.names(path, line)
        found = set()
        for name, value in list(variables.items())[:200]:
            if every or name in names:
                found |= self.found(value)
        for name, attribute in () if every else attributes:
            held = getattr(variables.get(name), "__dict__", None)
            if type(held) is dict:
                found |= self.found(held.get(attribute))
        if found:
            self.near.setdefault((path, line), set()).update(found)

    def above(self, frame: FrameType | None, found: set[int]) -> None:
        """Something was done with a mark: it was in reach of the watched line that asked for it."""
        for _ in range(DEEPEST):
            if frame is None:
                return
            path, numbers = self.watched(frame.f_code)
            if frame.f_lineno in numbers:
                self.near.setdefault((path, frame.f_lineno), set()).update(found)
                return
            frame = frame.f_back


CURRENT: list[Seen] = []


def start(lines: Lines, marks: list[str]) -> Seen:
    seen = Seen(lines, marks)
    CURRENT[:] = [seen]
    if lines:
        threading.settrace(trace)  # test clients run applications in threads of their own
        sys.settrace(trace)
    if not HOOKED:
        HOOKED.append(True)
        sys.addaudithook(audit)
        tell_of_looks()
    return seen


def tell_of_looks() -> None:
    """Looking whether a file is there makes no audit event; it is told of like one."""
    for name in ("stat", "lstat"):
        setattr(os, name, looking(getattr(os, name)))


def looking(plain: Callable[..., Any]) -> Callable[..., Any]:
    def look(path: Any, *arguments: Any, **named: Any) -> Any:
        audit("os.stat", (path,))
        return plain(path, *arguments, **named)

    return look


def since() -> dict[str, list[int]]:
    """The watched lines that ran since this was last asked."""
    if not CURRENT:
        return {}
    ran = {path: sorted(numbers) for path, numbers in CURRENT[0].ran.items()}
    CURRENT[0].ran.clear()
    return ran


def stop() -> None:
    threading.settrace(None)
    sys.settrace(None)
    if CURRENT:
        CURRENT[0].on = False


HOOKED: list[bool] = []


def trace(frame: FrameType, event: str, argument: Any) -> Any:
    seen = CURRENT[0]
    path, numbers = seen.watched(frame.f_code)
    caller = frame.f_back
    asked = False
    if caller is not None:
        above, lines = seen.watched(caller.f_code)
        asked = caller.f_lineno in lines
        if asked:
            seen.called.setdefault((above, caller.f_lineno), set()).add(frame.f_code.co_name)
            seen.note(above, caller.f_lineno, frame.f_locals, every=True)
    if not numbers:
        frame.f_trace_lines = not asked
        return answered if asked else None
    if frame.f_lineno in numbers:
        seen.note(path, frame.f_lineno, frame.f_locals)
    frame.f_trace_opcodes = bool(seen.comparisons(frame.f_code, numbers))
    return local


def answered(frame: FrameType, event: str, argument: Any) -> Any:
    """What a watched line asked for is handed to it."""
    seen = CURRENT[0]
    if event == "return" and (found := seen.found(argument)):
        seen.above(frame.f_back, found)
    return answered


def local(frame: FrameType, event: str, argument: Any) -> Any:
    seen = CURRENT[0]
    path, numbers = seen.watched(frame.f_code)
    if event == "opcode":
        spot = seen.comparisons(frame.f_code, numbers).get(frame.f_lasti)
        if spot is not None:
            seen.compared.setdefault((path, spot[0]), set()).add(spot[1])
        return local
    if frame.f_lineno in numbers:
        seen.note(path, frame.f_lineno, frame.f_locals)
        if event == "return":
            found = seen.found(argument)
            if found:
                seen.near.setdefault((path, frame.f_lineno), set()).update(found)
    return local


def audit(event: str, arguments: tuple[Any, ...]) -> None:
    if not CURRENT or not CURRENT[0].on or not event.startswith(EVENTS):
        return
    seen = CURRENT[0]
    if len(seen.events) >= MOST_EVENTS:
        return
    try:
        found = set()
        for value in arguments:
            found |= seen.found(value, 2)
        if found:
            seen.events.append([event, [repr(a)[:200] for a in arguments][:4]])
            seen.above(sys._getframe(1), found)
    except Exception:
        return
