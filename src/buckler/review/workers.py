"""Lowers files, in processes that cannot take more than they are allowed; loaded only when there is a file that is not
known."""

from __future__ import annotations

import gc
import marshal
import os
import sys
from collections.abc import Mapping

from buckler.analysis.flow.relevance import Telling
from buckler.analysis.ir.ops import Module
from buckler.analysis.languages.registry import front_end
from buckler.analysis.languages.shared import Wanted, lower, unread
from buckler.base.progress import Progress
from buckler.finding.model import Notice
from buckler.review.confined import TOO_LARGE, Crew, Refused
from buckler.review.tasks import Made, Task, Work, stored
from buckler.review.words import words_of

RECURSION = 4000
BATCH_BYTES = 400_000
ROUNDS = 8
"""Batches for each process, so that none waits long for the last; each costs a fork."""


Mades = dict[str, Made]
"""By path."""


def run_tasks(work: Work, jobs: int, progress: Progress, notices: list[Notice]) -> tuple[Mades, Mades]:
    """Modules by path, encoded, their facts beside them; and empty ones for files that took too much, with a notice."""
    tasks = work.tasks
    for language in {task.language for task in tasks}:
        front_end(language)  # loaded once, for all processes
    total = sum(len(t.data) for t in tasks)
    workers = min(jobs or os.cpu_count() or 1, max(1, total // BATCH_BYTES))
    crew = Crew(lambda n: answer(tasks[n], work.careless), lambda n: len(tasks[n].data))
    made: Mades = {}
    lost: Mades = {}
    for number, found in crew.run(batches(tasks, max(BATCH_BYTES, total // (ROUNDS * workers))), workers):
        task = tasks[number]
        out = found if isinstance(found, Refused) else marshal.loads(found)
        if isinstance(out, tuple):
            made[task.path] = out
        else:
            lost[task.path] = nothing_of(task)
            notices.append(Notice("budget", task.path, f"{out}; not reviewed", True))
        progress.advance()
    notices.sort(key=lambda n: n.path)
    return made, lost


def answer(task: Task, careless: Mapping[str, Telling]) -> bytes:
    """A module with its facts, or the reason why there is none."""
    try:
        return marshal.dumps(stored(lowered(task, careless)))
    except MemoryError:
        return marshal.dumps(TOO_LARGE)
    except Exception as error:  # noqa: BLE001 - one file must not cost the review of all others
        return marshal.dumps(f"cannot be read ({type(error).__name__}: {error})")


def nothing_of(task: Task) -> Module:
    return unread(task.language, task.path, task.name, task.package, task.data)


def batches(tasks: list[Task], full: int) -> list[list[int]]:
    """Numbers of tasks in groups of similar size, largest files first, so that no worker is left with a giant."""
    out: list[list[int]] = []
    size = full
    for number in sorted(range(len(tasks)), key=lambda n: (-len(tasks[n].data), tasks[n].path)):
        if size >= full:
            out.append([])
            size = 0
        out[-1].append(number)
        size += len(tasks[number].data)
    return out


def lowered(task: Task, careless: Mapping[str, Telling]) -> Module:
    """Lower one file with the collector off: trees are large, acyclic and short-lived."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, RECURSION))
    on = gc.isenabled()
    gc.disable()
    try:
        wanted = None
        if task.test and task.language in careless:
            wanted = worth_reading(task.data, careless[task.language])
            if wanted is None:
                return nothing_of(task)
        return lower(front_end(task.language), task.path, task.name, task.package, task.data, wanted)
    finally:
        sys.setrecursionlimit(limit)
        if on:
            gc.enable()


def worth_reading(source: bytes, careless: Telling) -> Wanted | None:
    """Functions that mention something wrong in itself, of a package that the file mentions too; None if none can."""
    everywhere, packages = careless
    words = set(words_of(source))
    telling = words & everywhere.union(*(packages[p] for p in words & packages.keys()))
    if not telling:
        return None
    letters = [word.encode() for word in telling]
    return lambda text: any(map(text.__contains__, letters)) and not telling.isdisjoint(words_of(text))
