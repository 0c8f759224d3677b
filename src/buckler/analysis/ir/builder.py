"""Makes one function's blocks, one operation at a time.

>>> build = Builder(Function("f", "function", 0, -1))
>>> t = build.emit((CONST, build.temp(), 1), 0)
"""

from __future__ import annotations

import marshal

from buckler.analysis.ir.ops import (
    BRANCH,
    CONST,
    COPY,
    IMPORT,
    JUMP,
    LOAD,
    METHOD,
    NAME,
    OPAQUE,
    PUT,
    RETURN,
    SETKEY,
    STORE,
    Block,
    Function,
    Op,
    Place,
)  # fmt: skip

FILLERS = frozenset({"add", "append", "appendleft", "extend", "insert", "push", "put", "set", "setdefault", "unshift",
                     "update"})  # fmt: skip
"""Methods that put something into the collection they are called on."""


class Builder:
    """Cursor into the function being made: emits into the current block, which `dead` code may lack."""

    __slots__ = ("blocks", "current", "ends", "function", "handler", "locals", "loops", "names", "ops", "places",
                 "spans", "temps")  # fmt: skip

    def __init__(self, function: Function) -> None:
        self.function = function
        self.locals = [p.name for p in function.params]
        self.names: dict[str, int] = {name: i for i, name in enumerate(self.locals)}
        self.temps = 0
        self.blocks: list[Block] = []
        self.spans: list[list[int]] = []
        self.ends: list[int] = []
        self.handler = -1
        self.loops: list[tuple[int, int]] = []
        """(continue target, break target), innermost last."""
        self.current = -1
        self.ops: list[Op] = []
        self.places: list[int] = []
        """Spans of the current block, one per operation."""
        self.start(self.block())

    def temp(self) -> Place:
        self.temps += 1
        return -self.temps

    def local(self, name: str) -> Place:
        place = self.names.get(name)
        if place is None:
            place = self.names[name] = self.hidden(name)
        return place

    def hidden(self, name: str) -> Place:
        """A local that no source text can name: results of branches, comprehension variables."""
        self.locals.append(name)
        return len(self.locals) - 1

    def emit(self, op: Op, span: int) -> Place:
        """Append an operation and return its destination."""
        self.ops.append(op)
        self.places.append(span)
        return op[1]  # type: ignore[no-any-return]

    def const(self, value: object, span: int) -> Place:
        self.temps += 1
        self.ops.append((CONST, -self.temps, value))
        self.places.append(span)
        return -self.temps

    def copy(self, dst: Place, src: Place, span: int) -> None:
        self.emit((COPY, dst, src), span)

    def block(self) -> int:
        """A new, empty block; control reaches it once something jumps there."""
        self.blocks.append(Block(handler=self.handler))
        self.spans.append([])
        self.ends.append(0)
        return len(self.blocks) - 1

    def start(self, block: int) -> None:
        self.current = block
        self.blocks[block].handler = self.handler
        self.ops = self.blocks[block].ops
        self.places = self.spans[block]

    def end(self, terminator: Op, span: int) -> None:
        """Close the current block and go on in a fresh one that nothing reaches yet."""
        self.blocks[self.current].end = terminator
        self.ends[self.current] = span
        self.start(self.block())

    def jump(self, target: int, then: int | None = None) -> None:
        """Close the current block with a jump and continue in `then` (by default the target)."""
        self.blocks[self.current].end = (JUMP, target)
        self.start(target if then is None else then)

    def branch(self, condition: Place, then: int, otherwise: int, span: int) -> None:
        self.blocks[self.current].end = (BRANCH, condition, then, otherwise)
        self.ends[self.current] = span
        self.start(then)

    def finish(self) -> Function:
        """Number the operations and hand the function over."""
        function = self.function
        first = 0
        flat: list[int] = []
        for block, spans in zip(self.blocks, self.spans, strict=True):
            block.first = first
            first += len(spans)
            flat += spans
        function.mentions, function.stores = named(self.blocks)
        function.body = self.blocks
        function.places = flat + self.ends
        function.temps = self.temps
        function.locals = self.locals
        return function


LEFT_OUT = marshal.dumps(([([(OPAQUE, -1, "left out", ())], (RETURN, -1), -1, 0)], [0, 0]))


def leave_out(function: Function) -> None:
    """Give a function that nobody will look into a body that does nothing, one for all of them."""
    function.locals = [p.name for p in function.params]
    function.temps = 1
    function.packed = LEFT_OUT


NAMING = frozenset({NAME, PUT, LOAD, STORE, SETKEY, METHOD, IMPORT})
"""Operations that name something outside the function."""


def named(blocks: list[Block]) -> tuple[list[str], list[str]]:
    """Names a function mentions, and attributes and outside names it writes, both sorted."""
    mentions: set[str] = set()
    stores: set[str] = set()
    read: dict[Place, str] = {}
    for block in blocks:
        for op in block.ops:
            code = op[0]
            if code not in NAMING:
                continue
            if code == NAME:
                mentions.add(op[2])
                read[op[1]] = op[2]
            elif code == METHOD:
                mentions.add(op[3])
                if op[2] in read and op[3] in FILLERS:
                    stores.add(read[op[2]])
            elif code == LOAD:
                mentions.add(op[3])
                read[op[1]] = op[3]
            elif code == SETKEY:
                if op[1] in read:
                    stores.add(read[op[1]])
            elif code == IMPORT:
                mentions.add(op[3] or op[2])
            elif code == STORE:
                stores.add(op[2])
                if op[1] in read:
                    stores.add(read[op[1]])
            else:
                stores.add(op[1])
    return sorted(mentions), sorted(stores)
