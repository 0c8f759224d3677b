"""Work that a process of its own does, because nobody can say how much it takes.

A grammar's native code cannot be interrupted, gives no memory back, and may crash. So nothing that a reviewed tree
contains is parsed in the process of the review: a worker asks the kernel, before each piece of work, for a limit on
its own processor time and memory, and whatever goes over it ends the worker and nothing else. Its parent learns from
the pipe that it has ended, and from the answers that came which piece it was.

A worker ends with its parent, however that ends: it watches a pipe of which nobody but the parent holds the other end.

::

    crew = Crew(answer, weight)          # answer(number) gives bytes, weight(number) their size in bytes
    for number, found in crew.run([[0, 1], [2]], workers=2): ...      # bytes, or the reason why there is no answer
"""

from __future__ import annotations

import faulthandler
import gc
import os
import resource
import select
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

SECONDS = 3
"""Processor time that any piece may take, however small."""
BYTES_A_SECOND = 50_000
"""A second more for so many bytes: code that is merely large takes a fiftieth of that."""
MEMORY = 1 << 30
"""What a piece may need beside what the process has."""
TOO_LARGE = f"takes more than {MEMORY >> 20} MB of memory"
HEAD = 8
"""Bytes that give the length of an answer."""
CHUNK = 1 << 20
STATUS = Path("/proc/self/statm")


class Refused(Exception):
    """A piece that cannot be done; says why."""


@dataclass(slots=True)
class Worker:
    """A process and what it has been told to do; the first of `todo` is what it is at."""

    pid: int
    pipe: int
    todo: deque[int]
    buffer: bytearray = field(default_factory=bytearray)


@dataclass(slots=True)
class Crew:
    """Workers for pieces of work that are known by their numbers."""

    answer: Callable[[int], bytes]
    weight: Callable[[int], int]
    killed: set[int] = field(default_factory=set)
    """Pieces whose worker was killed from outside; each gets a second one."""

    def run(self, batches: Sequence[Sequence[int]], workers: int) -> Iterator[tuple[int, bytes | Refused]]:
        """The answers as they come."""
        waiting = deque(deque(batch) for batch in batches)
        busy: dict[int, Worker] = {}
        watched, life = os.pipe()
        poll = select.poll()
        try:
            while waiting or busy:
                while waiting and len(busy) < workers:
                    worker = self.hire(waiting.popleft(), watched, life)
                    busy[worker.pipe] = worker
                    poll.register(worker.pipe, select.POLLIN)
                for pipe, _ in poll.poll():
                    worker = busy[pipe]
                    data = os.read(pipe, CHUNK)
                    if data:
                        worker.buffer += data
                        yield from answers(worker)
                        continue
                    poll.unregister(pipe)
                    yield from self.dismiss(busy.pop(pipe), waiting)
        finally:
            os.close(life)
            os.close(watched)
            for worker in busy.values():
                os.close(worker.pipe)
                os.kill(worker.pid, signal.SIGKILL)
                os.waitpid(worker.pid, 0)

    def hire(self, todo: deque[int], watched: int, life: int) -> Worker:
        pipe, out = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if not pid:
            status = 1
            try:
                os.close(life)
                os.close(pipe)
                self.serve(todo, out, watched)
                status = 0
            finally:
                os._exit(status)  # nothing of what the parent would do at its end
        os.close(out)
        return Worker(pid, pipe, todo)

    def dismiss(self, worker: Worker, waiting: deque[deque[int]]) -> Iterator[tuple[int, Refused]]:
        """A worker has ended: with its work done, or because of the piece it was at."""
        os.close(worker.pipe)
        ended = os.waitstatus_to_exitcode(os.waitpid(worker.pid, 0)[1])
        if not worker.todo:
            return
        lost = worker.todo[0]
        if ended == -signal.SIGKILL and lost not in self.killed:
            self.killed.add(lost)
        else:
            worker.todo.popleft()
            yield lost, Refused(reason(ended, self.weight(lost)))
        if worker.todo:
            waiting.appendleft(worker.todo)

    def serve(self, todo: Sequence[int], out: int, watched: int) -> None:
        """In the worker: do what there is to do, within limits."""
        gc.disable()
        faulthandler.disable()
        threading.Thread(target=end_with_parent, args=(watched,), daemon=True).start()
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)  # a grammar that gets no memory would say so on the user's screen
        lower(resource.RLIMIT_CORE, 0)
        for number in todo:
            limit(self.weight(number))
            data = self.answer(number)
            write_all(out, len(data).to_bytes(HEAD, "big") + data)


def answers(worker: Worker) -> Iterator[tuple[int, bytes]]:
    """What has come whole."""
    while len(worker.buffer) >= HEAD:
        end = HEAD + int.from_bytes(worker.buffer[:HEAD], "big")
        if len(worker.buffer) < end:
            return
        data = bytes(worker.buffer[HEAD:end])
        del worker.buffer[:end]
        yield worker.todo.popleft(), data


def write_all(out: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(out, rest) :]


def end_with_parent(watched: int) -> None:
    """Nothing is ever written to this pipe: reading it ends when its other end is closed, at once if it was before."""
    os.read(watched, 1)
    os._exit(1)


def seconds(size: int) -> int:
    return SECONDS + size // BYTES_A_SECOND


def limit(size: int) -> None:
    """From here on so much processor time and memory for a piece of this size."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    lower(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + 1 + seconds(size))
    with suppress(OSError):  # other systems than Linux do not keep this limit anyway
        pages = int(STATUS.read_bytes().split()[0])
        lower(resource.RLIMIT_AS, pages * resource.getpagesize() + MEMORY)


def lower(which: int, wanted: int) -> None:
    """Set a limit for this process, not above what it was given itself."""
    _, most = resource.getrlimit(which)
    soft = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    resource.setrlimit(which, (soft, most))


def reason(ended: int, size: int) -> str:
    """Why a worker ended, in words for the reader of a report."""
    if ended == -signal.SIGXCPU:
        return f"takes more than {seconds(size)} s of processor time"
    if ended in (-signal.SIGABRT, 1):
        return TOO_LARGE
    return f"ends the process that reads it ({ended})"
