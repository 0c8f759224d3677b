"""The analysis of a whole program: summaries on demand, cells, entry points.

`Engine.summary(routine)` analyses a function the first time somebody asks, callees before callers because the
caller asks. A function met again while it is being analysed answers with what is known so far and is repeated
until that no longer changes anything.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from buckler.analysis.flow.board import GlobalState
from buckler.analysis.flow.cells import Cell
from buckler.analysis.flow.codec import Row, container_row, told_callers, value_row
from buckler.analysis.flow.function import analyse, context_sensitive_params, prepare, same
from buckler.analysis.flow.lookup import Validator
from buckler.analysis.flow.meter import TICK, Meter, OverBudget
from buckler.analysis.flow.packing import Remembered, route_of, route_row, thawed
from buckler.analysis.flow.rules import RuleBits
from buckler.analysis.flow.state import Context, Prepared, Record
from buckler.analysis.flow.summary import EMPTY, Summary
from buckler.analysis.flow.tape import (
    ASK,
    BOX,
    ENTER,
    GATE,
    MAY,
    PUT,
    READ,
    ROUND,
    WRITE,
    Event,
    Key,
    ReplayLog,
    ReplayMismatch,
    ReplayTrace,
)
from buckler.analysis.flow.value import UNKNOWN, Container
from buckler.analysis.libraries.model import LibraryModels
from buckler.analysis.program.modules import Program, Routine

MAX_ROUNDS = 2
MAX_DEPTH = 1500
"""Functions that wait for each other's summaries; a level takes about ten frames of the interpreter."""
MAX_CONTEXTS = 4
MAX_CONTEXT_OPS = 400


class Engine(GlobalState):
    def __init__(self, program: Program, libraries: Mapping[str, LibraryModels], rules: RuleBits, validator: Validator):
        super().__init__(program, libraries, rules, validator)
        self.summaries: dict[Key, Summary] = {}
        self.running: dict[Key, bool] = {}
        """Functions being analysed, and whether somebody asked for them meanwhile."""
        self.contexts: dict[str, int] = {}
        self.depth = 0
        self.late: dict[Key, Summary] = {}
        """Summaries of functions first asked for when all was settled."""
        self.tapes: dict[Key, ReplayTrace] = {}
        self.past: dict[Key, ReplayTrace] = {}
        """Tapes of an earlier run whose names still mean the same."""
        self.before: dict[Key, Summary] = {}
        """Summaries of functions in files that have changed since."""
        self.failures: dict[str, str] = {}
        """Functions whose analysis broke, with the error; each becomes a notice."""
        self.meter = Meter({})
        self.ticks = TICK
        self.at = ""
        """The file that is being looked at."""
        self.shallow: set[str] = set()
        """Files with functions that were called too deep down to be looked at from there."""
        self.demanded: set[Cell] = set()
        """Cells that lead to a sink."""
        self._prepared: dict[str, Prepared] = {}
        self._choosy: dict[str, frozenset[int]] = {}
        self.shown: frozenset[str] | None = None
        """What package files hand on from modules of their own, once somebody asks."""
        self.asked: dict[object, object] = {}
        """Names that were asked about, each once."""

    # ---- summaries

    def summary(self, routine: Routine, context: Context | None = None) -> Summary:
        key = (routine.name, context)
        log = self.log
        if log.script:
            scripted = log.scripted(ASK, routine.name, context)
            done: Summary = self.summaries.get(key, EMPTY) if scripted else log.recall(key)
            log.seen[key] = done
            log.asked.add(routine.name)
            return done
        if self.frozen:
            return self._as_it_is(key, routine)
        done = self._settled(key, routine)
        if log.seen.get(key) is not done:
            log.asked.add(routine.name)
            log.note(key, done, (ASK, routine.name, context, done))
        return done

    def _settled(self, key: Key, routine: Routine) -> Summary:
        """What is known of a function, found out now if nobody asked before."""
        done = self.summaries.get(key)
        if done is not None:
            if key in self.running:
                self.running[key] = True
            return done
        if self.depth > MAX_DEPTH:
            self.shallow.add(routine.module.path)
            return EMPTY
        if routine.module.path in self.meter.over:
            return EMPTY
        outer = self.log
        self.depth += 1
        self.summaries[key] = EMPTY
        self.running[key] = False
        tape = self.past.get(key)
        if tape is not None and key[1] is not None and repr(tape.key[1]) != repr(key[1]):
            tape = None  # `True` and `1` are one key, and two constants
        if tape is not None:
            done = self._replayed(tape, routine)
        else:
            done = self._analysed(key, routine, ReplayLog(), 0)
            if key in self.before:
                self._compare(done, self.before[key])
        del self.running[key]
        self.depth -= 1
        self.log, self.program.asked = outer, outer.asked
        return done

    def _as_it_is(self, key: Key, routine: Routine) -> Summary:
        """What is known of a function when all is settled; one nobody asked for before is looked at in passing."""
        log = self.log
        done = self.summaries.get(key)
        if key not in log.seen:
            log.asked.add(routine.name)
            log.note(key, done, (ASK, routine.name, key[1], done))
        if done is not None:
            return done
        late = self.late.get(key)
        if late is None and self.depth <= MAX_DEPTH:
            self.depth += 1
            self.late[key] = EMPTY
            try:
                late = self.late[key] = analyse(self, routine, key[1])
            except OverBudget:
                pass
            except Exception as error:  # noqa: BLE001 - as when it is asked for in earnest
                self.failures.setdefault(routine.name, f"{type(error).__name__}: {error}")
            self.depth -= 1
        return late or EMPTY

    def observe(self, routine: Routine, context: Context | None, record: Record) -> tuple[Summary, ReplayLog]:
        """Analyse a function once more when all is settled, only to watch it; nothing changes by it."""
        self.frozen = True
        self.depth = 0
        self.late = {}
        self.log = log = ReplayLog()
        outer, self.program.asked = self.program.asked, log.asked
        log.asked.add(routine.name)
        try:
            summary = analyse(self, routine, context, record)
        except OverBudget:  # what was seen until then has to do
            summary = Summary()
        self.program.asked = outer
        return summary, log

    def holds(self, event: Event, rows: Sequence[Row]) -> bool:
        """Whether a question asked when all was settled has the same answer now that all is settled again."""
        kind = event[0]
        if kind == READ:
            return value_row(self.cells.get(event[1], UNKNOWN)) == rows[event[2]]
        if kind == BOX:
            box = self.boxes.get(event[1])
            return bool((box and container_row(box)) == rows[event[2]])
        if kind == GATE:
            return bool(route_row(self.entries.get(event[1])) == event[2])
        known = self.summaries.get((event[1], event[2]))
        return (known is not None) is event[3] if kind == MAY else (known and known.mark) == event[3]

    def _replayed(self, tape: ReplayTrace, routine: Routine) -> Summary:
        """The remembered summary if every answer is as it was, or a fresh one from the first that is not."""
        key = tape.key
        good = self._play(tape)
        if good < 0:
            self.tapes[key] = tape
            self.summaries[key] = tape.result
            return tape.result
        rounds = [n for n, event in enumerate(tape.events[:good], 1) if event[0] == ROUND]
        start = rounds[-1] if rounds else 0
        log = ReplayLog(thawed(tape, start, good), thawed(tape, 0, start), {}, set(tape.asked) if start else set())
        done = self._analysed(key, routine, log, len(rounds))
        self._compare(done, tape.result)
        return done

    def _play(self, tape: ReplayTrace) -> int:
        """Do again what a tape says up to the first answer that differs, whose number comes back; -1 if none does."""
        cells, table = self.cells, tape.table
        for number, event in enumerate(tape.events):
            kind = event[0]
            if kind == READ:
                value, before = cells.get(event[1], UNKNOWN), table[event[2]]
                if value is not before and value_row(value) != value_row(before):
                    return number
            elif kind == WRITE:
                known = cells.get(event[1])
                if known is table[event[2]]:
                    cells[event[1]] = table[event[4]]
                else:
                    self.joined(event[1], known, table[event[3]])
            elif not self._again(event, tape.key, table):
                return number
        return -1 if self.running[tape.key] is tape.again else len(tape.events)

    @staticmethod
    def _compare(done: Summary, before: Summary) -> None:
        """A summary that tells callers nothing new counts as the one before, and they need not look again."""
        if not done.mark and told_callers(done) == told_callers(before):
            done.mark = before.mark

    def _again(self, event: Event, key: Key, table: Sequence[Any]) -> bool:
        """Do one of the rarer events of a tape again; whether the answer is the same."""
        kind = event[0]
        if kind == ASK:
            return bool(self._settled((event[1], event[2]), self.program.routines[event[1]]).mark == event[3])
        if kind == MAY:
            return self.grant(self.program.routines[event[1]], event[2]) is event[3]
        if kind == BOX:
            return same_box(self.boxes.get(event[1]), table[event[2]])
        if kind == PUT:
            self.put_box(event[1], table[event[2]])
        elif kind == ENTER:
            self.enter(event[1], route_of(event[2]), event[3])
        elif kind == GATE:
            return bool(route_row(self.entries.get(event[1])) == event[2])
        elif self.running[key] is not event[1]:
            return False
        else:
            self.summaries[key] = Remembered(*event[2])
            self.running[key] = False
        return True

    def _analysed(self, key: Key, routine: Routine, log: ReplayLog, rounds: int) -> Summary:
        """Analyse until callers could not tell the difference, `rounds` of it being done already."""
        self.log, self.program.asked = log, log.asked
        log.asked.add(routine.name)
        result = self.summaries[key]
        sound = True
        outer, self.at = self.at, routine.module.path
        while True:
            before = result
            try:
                result = analyse(self, routine, key[1])
            except ReplayMismatch:
                raise
            except OverBudget:
                result = EMPTY
                sound = False
            except Exception as error:  # noqa: BLE001 - one function must not cost the review of all others
                self.failures.setdefault(routine.name, f"{type(error).__name__}: {error}")
                result = EMPTY
                sound = False
            rounds += 1
            again = self.running[key]
            self.summaries[key] = result
            if log.script and sound:
                raise ReplayMismatch(routine.name)
            if not again or same(before, result) or rounds >= MAX_ROUNDS:
                break
            self.running[key] = False
            log.events.append((ROUND, again, result))
            log.seen.clear()
        self.at = outer
        asked = tuple(map(self.asked.setdefault, log.asked, log.asked))
        self.tapes[key] = ReplayTrace(key, tuple(log.events), asked, result, again, sound)
        return result

    def charge(self, routine: Routine) -> None:
        """Put the steps since the last time on the account of the file that is being looked at."""
        self.ticks = TICK
        self.meter.charge(routine.module.path)

    def may_specialise(self, routine: Routine, context: Context) -> bool:
        log = self.log
        if (routine.name, context) in log.seen:
            return True
        if log.script:
            event = log.scripted(MAY, routine.name, context)
            if event is None:
                raise ReplayMismatch(routine.name)
            return bool(event[3])
        answer = (routine.name, context) in self.summaries if self.frozen else self.grant(routine, context)
        log.events.append((MAY, routine.name, context, answer))
        return answer

    def grant(self, routine: Routine, context: Context) -> bool:
        """Whether a function may be analysed for this context too."""
        if (routine.name, context) in self.summaries:
            return True
        used = self.contexts.get(routine.name, 0)
        if used >= MAX_CONTEXTS or self.depth > 12 or len(routine.function.spans) > MAX_CONTEXT_OPS:
            return False
        self.contexts[routine.name] = used + 1
        return True

    def prepared(self, routine: Routine) -> Prepared:
        known = self._prepared.get(routine.name)
        if known is None:
            known = self._prepared[routine.name] = prepare(self, routine)
        return known

    def context_sensitive_params(self, routine: Routine) -> frozenset[int]:
        """Parameters of a function about which facts from a caller would help."""
        known = self._choosy.get(routine.name)
        if known is None:
            known = self._choosy[routine.name] = context_sensitive_params(routine.function)
        return known


def same_box(box: Container | None, before: Container | None) -> bool:
    return box is before or bool(box and before and container_row(box) == container_row(before))


def with_deep_recursion(run: Callable[[], None], look: Callable[[int], None] = lambda _: None) -> None:
    """Summaries are computed by recursion, which needs more room than the default; `look` is given the thread that does
    it, five times a second."""
    limit = sys.getrecursionlimit()
    size = threading.stack_size(512 * 1024 * 1024)
    failure: list[BaseException] = []

    def guarded() -> None:
        try:
            run()
        except BaseException as error:  # noqa: BLE001 - handed on to the caller's thread
            failure.append(error)

    sys.setrecursionlimit(60_000)
    try:
        worker = threading.Thread(target=guarded, daemon=True)
        worker.start()
        while worker.is_alive():
            worker.join(0.2)
            if worker.ident is not None and worker.is_alive():
                look(worker.ident)
    finally:
        threading.stack_size(size)
        sys.setrecursionlimit(limit)
    if failure:
        raise failure[0]
