"""What the engine found out in an earlier run, per file, and which of it still holds.

Tapes are addressed by what a file contains, the rules and the tables, so that any number of trees, branches and
processes can share them: whatever is found is only ever believed if the program around it gives the same answers.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from buckler.analysis.flow.codec import Row
from buckler.analysis.flow.engine import Engine
from buckler.analysis.flow.packing import Kept, pack, unpack
from buckler.analysis.flow.tape import ReplayTrace
from buckler.analysis.program.signature import Signatures, outdated
from buckler.review.memo import Memo
from buckler.review.memory import Cache

LAYER = "tapes"
BATCH = 200
LAST = "last"
"""What a path held when it was reviewed last: the address of its tapes."""


@dataclass(slots=True)
class History:
    """The tapes of the files of one program, in a cache."""

    cache: Cache
    keys: dict[str, bytes]
    """Address of each file's tapes, by path."""
    last: dict[str, bytes]
    """Where the address of each path's last tapes is."""
    signatures: Signatures
    kept: dict[str, Kept] = field(default_factory=dict)

    def recall(self, engine: Engine) -> None:
        """Give the engine every tape whose names still mean the same, and the old summaries of changed files."""
        found = self.cache.get_many(LAYER, list(self.keys.values()))
        interned: dict[object, object] = {}
        changed: list[str] = []
        for module in engine.program.modules.values():
            blob = found.get(self.keys[module.path])
            kept = unpack(blob, interned) if blob else None
            if kept is not None and kept.module == module.name:
                self.kept[module.path] = kept
                self.signatures.local.update(kept.local)
            else:
                changed.append(module.path)
        if self.kept:
            self.recall_changed(engine, changed, interned)
        routines = engine.program.routines
        for kept in self.kept.values():
            stale = outdated(self.signatures, kept.names)
            for tape in kept.tapes:
                if tape.key[0] in routines and stale.isdisjoint(tape.asked):
                    engine.past[tape.key] = tape

    def memo(self, layer: str, engine: Engine) -> Memo:
        """Results of another kind about the same files."""
        memo = Memo(layer, self.cache, engine, self.signatures, self.keys)
        memo.recall()
        return memo

    def recall_changed(self, engine: Engine, paths: list[str], interned: dict[object, object]) -> None:
        last = self.cache.get_many(LAST, [self.last[path] for path in paths])
        for blob in self.cache.get_many(LAYER, list(last.values())).values():
            kept = unpack(blob, interned)
            for tape in kept.tapes if kept is not None else ():
                engine.before[tape.key] = tape.result

    def remember(self, engine: Engine) -> None:
        """Keep the tapes of every file that has one that is new."""
        by_module: dict[str, list[ReplayTrace]] = defaultdict(list)
        new: set[str] = set()
        for key, tape in engine.tapes.items():
            module = engine.program.routines[key[0]].module
            if tape.sound:
                by_module[module.name].append(tape)
            if engine.past.get(key) is not tape:
                new.add(module.name)
        for name in engine.asked:
            self.signatures.of(name)  # finds out what the files' own functions look like, too
        engine.tapes.clear()
        blobs: dict[bytes, bytes] = {}
        made: dict[int, tuple[object, Row]] = {}
        for name in sorted(new):
            path = engine.program.modules[name].path
            own = self.signatures.used.get(path, {})
            blobs[self.keys[path]] = pack(name, by_module.pop(name, []), self.signatures.of, own, made)
            if len(blobs) == BATCH:
                self.cache.put_many(LAYER, blobs)
                blobs.clear()
        self.cache.put_many(LAYER, blobs)
        paths = [engine.program.modules[name].path for name in new]
        self.cache.put_many(LAST, {self.last[path]: self.keys[path] for path in paths})


def history(cache: Cache, digest: bytes, keys: Mapping[str, bytes], signatures: Signatures) -> History:
    """The history of files with these keys under these rules and tables."""

    def address(part: bytes) -> bytes:
        return hashlib.blake2b(digest + part, digest_size=20).digest()

    last = {path: address(path.encode("utf-8", "surrogateescape")) for path in keys}
    return History(cache, {path: address(key) for path, key in keys.items()}, last, signatures)
