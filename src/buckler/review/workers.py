"""Lowers files, in as many processes as there are cores; loaded only when there is a file that is not known."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from buckler.analysis.flow.relevance import Telling
from buckler.analysis.ir.ops import Module
from buckler.analysis.languages.registry import front_end
from buckler.analysis.languages.shared import Wanted, lower, unread
from buckler.base.progress import Progress
from buckler.finding.model import Notice
from buckler.review.lowering import Made, Task, Work, stored
from buckler.review.words import words_of

RECURSION = 4000
BATCH_BYTES = 400_000


def run_tasks(work: Work, jobs: int, progress: Progress, notices: list[Notice]) -> dict[str, Made]:
    """Modules by path; those made in another process come back encoded, their facts beside them."""
    total = sum(len(t.data) for t in work.tasks)
    workers = min(jobs or os.cpu_count() or 1, max(1, total // BATCH_BYTES))
    out: dict[str, Made] = {}
    if workers > 1:
        try:
            with ProcessPoolExecutor(workers, initializer=begin, initargs=(work,)) as pool:
                for future in as_completed([pool.submit(lower_batch, batch) for batch in batches(work.tasks)]):
                    for path, blob in future.result():
                        out[path] = blob
                        progress.advance()
        except BrokenProcessPool:
            notices.append(Notice("worker", "", "a worker process died; its files were read again here", False))
    for task in work.tasks:
        if task.path not in out:
            out[task.path] = lowered(task, work.careless)
            progress.advance()
    return out


def batches(tasks: list[Task]) -> list[list[int]]:
    """Numbers of tasks in groups of similar size, largest files first, so that no worker is left with a giant."""
    out: list[list[int]] = []
    size = BATCH_BYTES
    for number in sorted(range(len(tasks)), key=lambda n: (-len(tasks[n].data), tasks[n].path)):
        if size >= BATCH_BYTES:
            out.append([])
            size = 0
        out[-1].append(number)
        size += len(tasks[number].data)
    return out


_WORK: list[Work] = []
"""In a worker process, what it shares with the others: a forked process has it without a byte being sent."""


def begin(work: Work) -> None:
    gc.disable()
    _WORK[:] = [work]


def lower_batch(batch: list[int]) -> list[tuple[str, tuple[tuple[Any, ...], bytes]]]:
    work = _WORK[0]
    return [(task.path, stored(lowered(task, work.careless))) for task in (work.tasks[n] for n in batch)]


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
                return unread(task.language, task.path, task.name, task.package, task.data)
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
