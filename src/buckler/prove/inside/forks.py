"""Work done in a fork: its answer is collected until it is over or time is up, and what it left running is ended."""

from __future__ import annotations

import contextlib
import io
import json
import os
import resource
import select
import signal
import sys
import time
import traceback
from typing import Any, Callable

MOST_ANSWER = 1 << 20
MOST_OUTPUT = 1 << 14
PRINTED = "/tmp/printed"


def write(descriptor: int, answer: Any) -> None:
    """An answer as one line, or a line that is one already."""
    data = answer if isinstance(answer, bytes) else json.dumps(answer, default=str).encode()
    if len(data) > MOST_ANSWER:
        data = json.dumps({"error": {"type": "TooMuch", "text": "the answer is too long", "where": []}}).encode()
    view = memoryview(data + b"\n")
    while view:
        view = view[os.write(descriptor, view) :]


def forked(
    order: dict[str, Any], ours: tuple[int, ...], work: Callable[[dict[str, Any]], dict[str, Any]]
) -> dict[str, Any]:
    """Run `work` in a fork, which has none of the descriptors in `ours`; what it reports, and how it ended."""
    reading, writing = os.pipe()
    new = [name for name in order.get("files", ()) if not os.path.exists(name)]
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        os.setsid()
        for descriptor in (*ours, reading):
            os.close(descriptor)
        out = os.open(PRINTED, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(out, 1)
        os.dup2(out, 2)
        sys.stdout = io.TextIOWrapper(os.fdopen(1, "wb", closefd=False), "utf-8", "replace", line_buffering=True)
        sys.stderr = io.TextIOWrapper(os.fdopen(2, "wb", closefd=False), "utf-8", "replace", line_buffering=True)
        code = 0
        try:
            most = resource.getrlimit(resource.RLIMIT_CPU)[1]
            seconds = min(int(order["seconds"]) + 1, most)
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, min(seconds + 1, most)))
            answer = work(order)
        except BaseException as error:
            answer = {"error": described(error)}
            code = 1
        try:
            write(writing, answer)
        finally:
            os._exit(code)
    os.close(writing)
    answer, ended = collect(child, reading, began + order["seconds"])
    for name in order.get("files", ()):
        if name in new:
            discard(name)
    answer["ended"] = ended
    answer["seconds"] = time.monotonic() - began
    answer["printed"] = head(PRINTED)
    return answer


def collect(child: int, reading: int, until: float) -> tuple[dict[str, Any], str]:
    """Read the fork's answer until the fork is over or time is up; what it left behind is ended with it."""
    data = bytearray()
    status = None
    ended = ""
    while True:
        left = until - time.monotonic()
        if left <= 0 or len(data) > MOST_ANSWER:
            ended = "time" if left <= 0 else "answer"
            break
        ready = select.select([reading], [], [], 0 if status is not None else min(left, 0.02))[0]
        if ready:
            chunk = os.read(reading, 1 << 16)
            data += chunk
            if chunk:
                continue
            if status is None:
                _, status = os.waitpid(child, 0) if data else (0, wait_until(child, until))
            break
        if status is not None:
            break
        done, code = os.waitpid(child, os.WNOHANG)
        status = code if done else None
    os.close(reading)
    kill(child)
    if status is None:
        _, status = os.waitpid(child, 0)
    if not ended:
        ended = "signal %d" % os.WTERMSIG(status) if os.WIFSIGNALED(status) else "exit %d" % os.WEXITSTATUS(status)
    try:
        return json.loads(bytes(data)), ended
    except ValueError:
        return {}, ended


def wait_until(child: int, until: float) -> int | None:
    """The fork's status, or None if it goes on without an answer until time is up."""
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status
        time.sleep(0.01)
    return None


def kill(child: int) -> None:
    for number in (-child, child):
        with contextlib.suppress(OSError):
            os.kill(number, signal.SIGKILL)


def discard(name: str) -> None:
    """A test of ours is gone when the project's own tests are run."""
    with contextlib.suppress(OSError):
        os.remove(name)


def head(name: str) -> str:
    try:
        with open(name, "rb") as file:
            return file.read(MOST_OUTPUT).decode("utf-8", "replace")
    except OSError:
        return ""


def described(error: BaseException) -> dict[str, Any]:
    """An exception in plain data: its type, its words, the lines of the project it passed through."""
    frames = traceback.extract_tb(error.__traceback__)
    where = ["%s:%s %s" % (f.filename, f.lineno, f.name) for f in frames if not f.filename.startswith("/.buckler")]
    return {"type": type(error).__name__, "text": str(error)[:500], "where": where[-8:]}
