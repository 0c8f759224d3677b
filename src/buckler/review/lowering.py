"""Files → modules through the cache; `workers` makes those that are not in it.

A file that cannot be read, is not text, or breaks the worker that reads it becomes a notice; the rest goes on.
"""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from buckler.analysis.flow.relevance import TEST, careless
from buckler.analysis.ir.codec import decode
from buckler.analysis.ir.ops import Module
from buckler.analysis.languages.registry import LANGUAGES
from buckler.analysis.libraries.model import LibraryModels
from buckler.analysis.program.modules import module_name
from buckler.base.progress import Progress
from buckler.base.source import SourceFile, in_tests
from buckler.finding.model import Notice
from buckler.review.memory import Cache, NoCache, engine_version
from buckler.review.tasks import Facts, Made, Task, Work, facts_of, stored

LAYER, FACTS = "ir", "facts"


@dataclass(slots=True)
class Lowered:
    made: list[Module | bytes | None] = field(default_factory=list)
    """Modules in the order of their paths: as they are, encoded, or still in the cache (None)."""
    fetch: Callable[[list[bytes]], dict[bytes, bytes]] = lambda wanted: {}
    facts: list[Facts] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)
    sources: dict[str, bytes] = field(default_factory=dict)
    """Bytes by path, for findings to quote."""
    others: list[tuple[SourceFile, bytes]] = field(default_factory=list)
    """Files of languages without a front end (templates)."""
    notices: list[Notice] = field(default_factory=list)

    def modules(self) -> list[Module] | None:
        """Every module, once; None if the cache has lost one since its facts were read."""
        stored = self.fetch([key for key, made in zip(self.keys, self.made, strict=True) if made is None])
        out: list[Module] = []
        for number, key in enumerate(self.keys):
            made, self.made[number] = self.made[number], None  # both forms of everything need not fit into memory
            one = stored.pop(key, None) if made is None else made
            if one is None:
                return None
            out.append(decode(one) if isinstance(one, bytes) else one)
        return out


def lower_all(files: Sequence[SourceFile], tables: Mapping[str, LibraryModels], cache: Cache, jobs: int,
              progress: Progress) -> Lowered:  # fmt: skip
    """Lower every file, in the order of their paths whatever the number of jobs."""
    out = Lowered()
    tasks = read_all(files, out)
    keys = {task.path: key_of(task, tables) for task in tasks}
    known = cache.get_many(FACTS, list(keys.values()))
    todo = [t for t in tasks if keys[t.path] not in known]
    progress.start(len(todo), "reading code")
    fresh: dict[str, Made] = {}
    lost: dict[str, Made] = {}
    if todo:
        from buckler.review.workers import run_tasks  # noqa: PLC0415 - parsers and processes take their time to load

        work = Work(todo, {language: careless(table) for language, table in tables.items()})
        fresh, lost = run_tasks(work, jobs, progress, out.notices)
    progress.finish()
    if fresh and not isinstance(cache, NoCache):
        remember(cache, keys, fresh)
    out.fetch = lambda wanted: cache.get_many(LAYER, wanted)
    for task in tasks:
        made = fresh.get(task.path) or lost.get(task.path)
        if made is None:
            out.facts.append(Facts(*marshal.loads(known[keys[task.path]])))
            out.made.append(None)
        elif isinstance(made, tuple):
            out.facts.append(Facts(*made[0]))
            out.made.append(made[1])
        else:
            out.facts.append(facts_of(made))
            out.made.append(made)
        out.keys.append(lost_key(keys[task.path]) if task.path in lost else keys[task.path])
        out.sources[task.path] = task.data
    return out


def lost_key(key: bytes) -> bytes:
    """The address of what is found out beside a file that took too much: nothing of it holds once the file is read."""
    return hashlib.blake2b(key + b"lost", digest_size=20).digest()


def remember(cache: Cache, keys: Mapping[str, bytes], fresh: Mapping[str, Made]) -> None:
    """Facts and modules in layers of their own: an unchanged tree needs only the former."""
    packed = {path: made if isinstance(made, tuple) else stored(made) for path, made in fresh.items()}
    cache.put_many(LAYER, {keys[path]: module for path, (_, module) in packed.items()})
    cache.put_many(FACTS, {keys[path]: marshal.dumps(row) for path, (row, _) in packed.items()})


def read_all(files: Sequence[SourceFile], out: Lowered) -> list[Task]:
    tasks: list[Task] = []
    markers = ("__init__.py", "__init__.pyi")
    packages = frozenset(f.path.rpartition("/")[0] for f in files if f.path.rpartition("/")[2] in markers)
    for file in sorted(files, key=lambda f: f.path):
        try:
            data = file.text()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            out.notices.append(Notice("unreadable", file.path, f"cannot be read: {reason}", True))
            continue
        if file.language not in LANGUAGES:
            out.others.append((file, data))
            continue
        if b"\0" in data[:4096]:
            out.notices.append(Notice("undecodable", file.path, "is not text; left out", True))
            continue
        name, package = module_name(file.path, packages)
        test = TEST.search(file.path) is not None and in_tests(file.path)
        tasks.append(Task(file.path, file.language, name, package, data, test))
    return tasks


def key_of(task: Task, tables: Mapping[str, LibraryModels]) -> bytes:
    known = tables[task.language].digest if task.test and task.language in tables else ""
    head = f"{task.path}\0{task.name}\0{task.language}\0{task.package}\0{known}\0".encode("utf-8", "surrogateescape")
    return hashlib.blake2b(engine_version() + head + task.data, digest_size=20).digest()
