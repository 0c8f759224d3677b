"""The intermediate representation every language lowers to: small operations over numbered places.

A function is a list of basic blocks; a block is straight-line operations, one terminator, and optionally a
handler block that receives control when anything inside raises. Languages disappear here: comprehensions are
loops, `with` is enter/exit calls, destructuring is item reads, decorators are calls.

A **place** is an int: `>= 0` is a named local (parameters first), `< 0` a temporary assigned exactly once.

An operation is a plain tuple whose first member is its code. Tuples were chosen over dataclasses because they
are twice as quick to make, marshal as they are into the cache, and hash without positions (which live in
`Function.spans`, one entry per operation). Unpack them, or ask for an operand by its name; a number says nothing
to a reader, so none stands behind an operation outside this package::

    _, dst, base, key = op
    if op[0] == METHOD and member(op) == "format": ...

====== =====================================  ==================================================
code   members after the code                 meaning
====== =====================================  ==================================================
CONST  dst value                              a literal
COPY   dst src                                dst = src
NAME   dst name owner                         read a name of function `owner`, or a global if -1
PUT    name owner src                         write such a name from inside another function
LOAD   dst base attribute                     attribute read
STORE  base attribute src                     attribute write
ITEM   dst base key                           subscript read
SLICE  dst base low high                      subscript by range; members may be None
SETKEY base key src                           subscript write
DELKEY base key                               subscript removal
EACH   dst src                                one element while iterating `src`
CALC   dst operator operands                  arithmetic, comparison, logic
TEXT   dst parts                              text built from literals (str) and places (int)
BUILD  dst kind items                         list, tuple, set: places, `(place,)` spreads;
                                              map: `(key, value)` pairs, `(place,)` spreads
CALL   dst callee args named                  args: places or `(place,)` spreads;
                                              named: `(name, place)`, name "" spreads a map
METHOD dst receiver name args named           call of a member
FUNC   dst index defaults                     closure of the module's function `index`
CLASS  dst index bases                        class `index` of the module
IMPORT dst module name                        name "" imports the module itself
OPAQUE dst kind children                      syntax not understood, with what could be lowered
====== =====================================  ==================================================

Terminators: `(JUMP, block)`, `(BRANCH, condition, then, otherwise)`, `(RETURN, place)`,
`(RAISE, place or None)`.
"""

from __future__ import annotations

import marshal
from dataclasses import dataclass, field
from typing import Any

Place = int
Op = tuple[Any, ...]

(CONST, COPY, NAME, PUT, LOAD, STORE, ITEM, SLICE, SETKEY, DELKEY, EACH, CALC, TEXT, BUILD, CALL, METHOD, FUNC,
 CLASS, IMPORT, OPAQUE) = range(20)  # fmt: skip
JUMP, BRANCH, RETURN, RAISE = range(20, 24)

NAMES = ["const", "copy", "name", "put", "load", "store", "item", "slice",
         "setkey", "delkey", "each", "calc", "text", "build", "call",
         "method", "func", "class", "import", "opaque", "jump", "branch", "return", "raise"]  # fmt: skip

WRITES = frozenset({CONST, COPY, NAME, LOAD, ITEM, SLICE, EACH, CALC, TEXT, BUILD, CALL, METHOD, FUNC, CLASS, IMPORT,
                    OPAQUE})  # fmt: skip
"""Codes whose second member is the destination place."""


def target(op: Op) -> Place:
    """The place an operation of `WRITES` makes."""
    return op[1]  # type: ignore[no-any-return]


def changed(op: Op) -> Place | None:
    """The place an operation makes, or what it changes: None for PUT, which writes to another function's."""
    return None if op[0] == PUT else op[1]


def literal(op: Op) -> Any:
    """The value of a CONST."""
    return op[2]


def copied(op: Op) -> Place:
    """What COPY and EACH read."""
    return op[2]  # type: ignore[no-any-return]


def read_name(op: Op) -> str:
    """The name that NAME reads."""
    return op[2]  # type: ignore[no-any-return]


def base(op: Op) -> Place:
    """The thing that LOAD, ITEM and SLICE read from, and STORE, SETKEY and DELKEY change."""
    return op[1] if op[0] in (STORE, SETKEY, DELKEY) else op[2]  # type: ignore[no-any-return]


def attribute(op: Op) -> str:
    """The attribute of LOAD and STORE."""
    return op[2] if op[0] == STORE else op[3]  # type: ignore[no-any-return]


def key(op: Op) -> Place:
    """The key of ITEM, SETKEY and DELKEY."""
    return op[3] if op[0] == ITEM else op[2]  # type: ignore[no-any-return]


def stored(op: Op) -> Place:
    """The value that STORE, SETKEY and PUT write."""
    return op[3]  # type: ignore[no-any-return]


def bounds(op: Op) -> tuple[Place | None, Place | None]:
    """Where SLICE begins and ends."""
    return op[3], op[4]


def operator(op: Op) -> str:
    """The operator of CALC."""
    return op[2]  # type: ignore[no-any-return]


def terms(op: Op) -> tuple[Place, ...]:
    """What CALC works on, left to right."""
    return op[3]  # type: ignore[no-any-return]


def parts(op: Op) -> tuple[str | Place, ...]:
    """The literals and places of TEXT."""
    return op[2]  # type: ignore[no-any-return]


def kind(op: Op) -> str:
    """What BUILD makes, and which syntax OPAQUE stands for."""
    return op[2]  # type: ignore[no-any-return]


def items(op: Op) -> tuple[Any, ...]:
    """The items of BUILD and the children of OPAQUE."""
    return op[3]  # type: ignore[no-any-return]


def callee(op: Op) -> Place:
    """The callee of CALL, the receiver of METHOD."""
    return op[2]  # type: ignore[no-any-return]


def member(op: Op) -> str:
    """The name of the member that METHOD calls."""
    return op[3]  # type: ignore[no-any-return]


def index(op: Op) -> int:
    """Which function FUNC, and which class CLASS makes, by its number in the module."""
    return op[2]  # type: ignore[no-any-return]


def asked(end: Op) -> Place:
    """The condition of BRANCH."""
    return end[1]  # type: ignore[no-any-return]


def handed(end: Op) -> Place | None:
    """What RETURN gives back and RAISE throws, if anything."""
    return end[1]  # type: ignore[no-any-return]


def arguments(op: Op) -> tuple[tuple[Place | tuple[Place], ...], tuple[tuple[str, Place], ...]]:
    """Positional and named arguments of a call or method call."""
    return (op[3], op[4]) if op[0] == CALL else (op[4], op[5])


def given(op: Op) -> list[Place]:
    """Positional arguments of a call or method call without spreads."""
    return [arg for arg in arguments(op)[0] if isinstance(arg, int)]


def first(op: Op) -> Place | None:
    """The first argument, if it is a positional one and no spread."""
    args, _ = arguments(op)
    return args[0] if args and isinstance(args[0], int) else None


def operands(op: Op) -> list[Place]:
    """Places that the result of an operation is made from, the receiver or callee first."""
    code = op[0]
    if code in (COPY, EACH, LOAD):
        return [op[2]]
    if code == ITEM:
        return [op[2], op[3]]
    if code == SLICE:
        return [p for p in op[2:] if p is not None]
    if code in (CALC, OPAQUE):
        return list(op[3])
    if code == TEXT:
        return [p for p in op[2] if isinstance(p, int)]
    if code == BUILD:
        return [p for item in op[3] for p in (item if isinstance(item, tuple) else (item,))]
    if code in (CALL, METHOD):
        args, named = arguments(op)
        return [op[2], *(a[0] if isinstance(a, tuple) else a for a in args), *(p for _, p in named)]
    return []


POSITIONAL, REST, NAMED, NAMED_REST = range(4)


@dataclass(slots=True)
class Param:
    name: str
    kind: int = POSITIONAL
    annotation: str = ""
    """Dotted text of the annotated type with wrappers such as Optional removed; empty if none."""
    default: Place | None = None
    """Place in the *enclosing* function that holds the default value."""


@dataclass(slots=True)
class Block:
    ops: list[Op] = field(default_factory=list)
    end: Op = (RETURN, None)
    handler: int = -1
    first: int = 0
    """Number of the first operation, so that `first + i` indexes `Function.spans`."""


@dataclass(slots=True)
class Function:
    """One function, method, lambda, class body (`kind` "class") or module body (`kind` "module")."""

    name: str
    """Qualified inside its module: `Class.method`, `outer.inner`; the module body is empty text."""
    kind: str
    index: int
    parent: int
    """Index of the enclosing function; -1 for the module body."""
    owner: int = -1
    """Index of the class whose body directly holds it, or -1."""
    params: list[Param] = field(default_factory=list)
    locals: list[str] = field(default_factory=list)
    temps: int = 0
    body: list[Block] | None = None
    places: list[int] | None = None
    captured: list[int] = field(default_factory=list)
    """Locals that inner functions use."""
    returns: str = ""
    """Annotation of the result, like `Param.annotation`."""
    flags: int = 0
    decorators: list[str] = field(default_factory=list)
    """Dotted text of each decorator, for facts such as staticmethod; their effect is in the operations."""
    span: int = 0
    mentions: list[str] = field(default_factory=list)
    """Every global, attribute and method it names, sorted: decides which functions can matter at all."""
    stores: list[str] = field(default_factory=list)
    """Attributes and outside names it writes, sorted."""
    packed: bytes = b""
    """Body and places as the cache has them; most functions are never looked into."""

    @property
    def blocks(self) -> list[Block]:
        if self.body is None:
            self._unpack()
        return self.body or []

    @property
    def spans(self) -> list[int]:
        """Per operation and, after those, per block terminator: `start byte << 32 | end byte`."""
        if self.places is None:
            self._unpack()
        return self.places or []

    def peek(self) -> list[Block]:
        """The blocks for one look; a packed body stays packed."""
        if self.body is None and self.packed:
            return [Block(*row) for row in marshal.loads(self.packed)[0]]
        return self.blocks

    def _unpack(self) -> None:
        if self.packed:
            rows, self.places = marshal.loads(self.packed)
            self.body = [Block(*row) for row in rows]
            self.packed = b""


ASYNC, GENERATOR, STATIC, CLASS_METHOD, PROPERTY = 1, 2, 4, 8, 16


@dataclass(slots=True)
class ClassInfo:
    name: str
    """Qualified inside its module."""
    index: int
    body: int
    """Index of the function that is the class body."""
    bases: list[str] = field(default_factory=list)
    """Dotted texts as written."""
    methods: dict[str, int] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    """Annotated attributes and their annotation text, in order."""
    decorators: list[str] = field(default_factory=list)
    span: int = 0


@dataclass(slots=True)
class Module:
    """Everything one file lowers to."""

    path: str
    name: str
    """Dotted module name."""
    language: str
    package: bool
    """True when the file is its package (`__init__`), which changes relative imports."""
    functions: list[Function] = field(default_factory=list)
    classes: list[ClassInfo] = field(default_factory=list)
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Module-level bindings: local name → (module, member or "")."""
    imported: list[str] = field(default_factory=list)
    """Every module named by any import anywhere in the file."""
    star_imports: list[str] = field(default_factory=list)
    globals_written: list[str] = field(default_factory=list)
    """Globals that functions of this module assign to."""
    literals: list[tuple[str, str, int]] = field(default_factory=list)
    """(name it is bound to, text, byte offset) of literals worth a look for secrets."""
    patterns: int = 0
    opaque: dict[str, int] = field(default_factory=dict)
    errors: list[int] = field(default_factory=list)
    """Byte offsets of syntax errors the parser recovered from."""
    lines: int = 0
