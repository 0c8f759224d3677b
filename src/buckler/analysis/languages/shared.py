"""What all front ends share: scopes, control flow, and the walk that a language's table drives.

A language is a `Language`: a table from node kind to expression handler, one to statement handler, one to
condition handler, and a handful of hooks. Handlers take `(Lowering, Node)` and return a place (expressions) or
nothing (statements). Unknown kinds become OPAQUE operations and are counted.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from buckler.analysis.ir.builder import Builder, leave_out
from buckler.analysis.ir.ops import (
    BRANCH,
    BUILD,
    CALC,
    CONST,
    COPY,
    EACH,
    JUMP,
    NAME,
    OPAQUE,
    PUT,
    RAISE,
    RETURN,
    TEXT,
    ClassInfo,
    Function,
    Module,
    Place,
    literal,
)  # fmt: skip
from buckler.analysis.syntax.load import Node, parse, syntax_errors
from buckler.base.source import is_manifest

Expression = Callable[["Lowering", Node], Place]
Statement = Callable[["Lowering", Node], None]
Condition = Callable[["Lowering", Node, int, int], None]

Wanted = Callable[[bytes], bool]
"""Whether the body of a function with this text is worth lowering."""

MALFORMED = (ValueError, IndexError, AssertionError, AttributeError, StopIteration, TypeError, KeyError)
"""What a handler trips over when error recovery gave it a node without the parts its kind always has."""

MAX_NAME = 400
MAX_DEPTH = 200
"""Functions inside functions inside functions; what is deeper is not looked into."""

SECRET_NAME = re.compile(r"passw|secret|token|passphrase|api_?key|private_?key|access_?key|credential|pwd|auth", re.I)


@dataclass(slots=True)
class Language:
    """A front end as data."""

    name: str
    expressions: dict[str, Expression]
    statements: dict[str, Statement]
    conditions: dict[str, Condition]
    ignored: frozenset[str]
    """Kinds without meaning for the analysis: comments, punctuation, declarations of types."""
    children: frozenset[str]
    """Kinds only ever reached through their parent's handler."""
    function: Callable[[Lowering, Scope], None]
    """Lower the body of a function found earlier."""
    skim: Callable[[bytes, Wanted], bytes] = lambda source, _: source
    """The source with nothing moved and blanks for bodies that are not wanted, as far as they are easily found."""
    manifest: Callable[[str, str, bytes], Module] | None = None
    """Read a file that has no code and says by which names the files of a project are imported."""


LOCAL = "/"
"""Before the name of a module imported as a file of the project, in languages that tell files from packages."""


@dataclass(slots=True)
class Scope:
    """A function being lowered or waiting for it."""

    function: Function
    node: Node
    parent: Scope | None
    builder: Builder | None = None
    globals: set[str] = field(default_factory=set)
    outer: set[str] = field(default_factory=set)
    """Names declared to belong to an enclosing function."""
    yields: Place | None = None
    depth: int = 0
    renames: dict[str, str] = field(default_factory=dict)
    """Names that a block declared anew, and the local that stands for each while the block lasts."""
    layers: list[dict[str, str | None]] = field(default_factory=list)
    """Blocks being lowered, innermost last: names each declared and what they were renamed to before."""
    labels: dict[str, tuple[int, int] | int] = field(default_factory=dict)
    """Labelled statements being lowered: where to go, or the number of the loop in `Builder.loops`."""


class Lowering:
    """One file on its way from syntax tree to `Module`."""

    __slots__ = ("build", "conditions", "expressions", "language", "letters", "module", "queue", "scope", "source",
                 "statements")  # fmt: skip

    def __init__(self, language: Language, module: Module, source: bytes) -> None:
        self.language = language
        self.expressions = language.expressions
        self.statements = language.statements
        self.conditions = language.conditions
        self.module = module
        self.source = source
        self.letters = source.decode("latin-1")
        """The source with one letter per byte: slices of it are texts at once, unless they hold more than ASCII."""
        self.queue: deque[Scope] = deque()
        self.scope: Scope
        self.build: Builder

    # ---- text and positions

    def text(self, node: Node | None) -> str:
        if node is None:
            return ""
        text = self.letters[node.start_byte : node.end_byte]
        return text if text.isascii() else text.encode("latin-1").decode("utf-8", "replace")

    # ---- scopes and names

    def new_function(self, name: str, kind: str, node: Node, owner: int = -1) -> Function:
        """Register a function whose body is lowered once the enclosing one is done, so its names are known."""
        functions = self.module.functions
        parent = self.scope if functions else None
        index = len(functions)
        function = Function(name, kind, index, parent.function.index if parent else -1, owner, span=span_of(node))
        functions.append(function)
        scope = Scope(function, node, parent)
        if parent is not None:
            scope.depth = parent.depth + 1
            scope.renames = dict(parent.renames)
        self.queue.append(scope)
        return function

    def new_class(self, name: str, node: Node) -> ClassInfo:
        body = self.new_function(name, "class", node)
        info = ClassInfo(name, len(self.module.classes), body.index, span=span_of(node))
        body.owner = info.index
        self.module.classes.append(info)
        return info

    def qualified(self, name: str) -> str:
        prefix = self.scope.function.name[-MAX_NAME:]
        return f"{prefix}.{name}" if prefix else name

    def read(self, name: str, span: int) -> Place:
        scope = self.scope
        build = self.build
        if name not in scope.globals:
            place = build.names.get(name)
            if place is not None:
                return place
            up = scope.parent
            while up is not None:
                if up.function.kind not in ("class", "module") and up.builder and name in up.builder.names:
                    capture(up, name)
                    return build.emit((NAME, build.temp(), name, up.function.index), span)
                up = up.parent
        return build.emit((NAME, build.temp(), name, -1), span)

    def write(self, name: str, src: Place, span: int) -> None:
        scope = self.scope
        if name in scope.globals:
            self.module.globals_written.append(name)
            self.build.emit((PUT, name, -1, src), span)
            return
        if name in scope.outer:
            up = scope.parent
            while up is not None:
                if up.function.kind != "class" and up.builder and name in up.builder.names:
                    capture(up, name)
                    self.build.emit((PUT, name, up.function.index if up.parent else -1, src), span)
                    return
                up = up.parent
        self.build.emit((COPY, self.build.local(name), src), span)

    # ---- the walk

    def expr(self, node: Node | None) -> Place:
        if node is None:
            return self.build.const(None, 0)
        handler = self.expressions.get(node.type)
        if handler is None:
            return self.opaque(node)
        return handler(self, node)

    def stmt(self, node: Node) -> None:
        kind = node.type
        handler = self.statements.get(kind)
        try:
            if handler is not None:
                handler(self, node)
            elif kind not in self.language.ignored and node.is_named:
                self.expr(node)
        except MALFORMED:
            self.module.opaque[f"broken {kind}"] = self.module.opaque.get(f"broken {kind}", 0) + 1

    def block(self, node: Node | None) -> None:
        if node is not None:
            for child in node.children:  # all of them: the named alone take a time that grows with their square
                self.stmt(child)

    def condition(self, node: Node, then: int, otherwise: int) -> None:
        """Branch on `node`, with `and`, `or` and `not` turned into control flow."""
        handler = self.conditions.get(node.type)
        if handler is not None:
            handler(self, node, then, otherwise)
        else:
            self.build.branch(self.expr(node), then, otherwise, span_of(node))

    def opaque(self, node: Node) -> Place:
        """Count syntax nobody handles, and keep the data that flows through its parts."""
        kind = node.type
        self.module.opaque[kind] = self.module.opaque.get(kind, 0) + 1
        children = []
        for child in node.named_children:
            if child.type in self.expressions:
                children.append(self.expr(child))
            elif child.type in self.statements:
                self.stmt(child)
            elif child.type not in self.language.ignored:
                children.append(self.opaque(child))
        return self.build.emit((OPAQUE, self.build.temp(), kind, tuple(children)), span_of(node))

    def secret(self, name: str, node: Node, value: object) -> None:
        """Remember a literal bound to a telling name, for the search for credentials."""
        if isinstance(value, str) and len(value) > 3 and SECRET_NAME.search(name):
            self.module.literals.append((name, value[:500], node.start_byte))


def source_of(low: Lowering, node: Node) -> bytes:
    return low.source[node.start_byte : node.end_byte]


def span_of(node: Node) -> int:
    return node.start_byte << 32 | node.end_byte


def capture(scope: Scope, name: str) -> None:
    assert scope.builder is not None
    place = scope.builder.names[name]
    if place not in scope.function.captured:
        scope.function.captured.append(place)


def lower(language: Language, path: str, name: str, package: bool, source: bytes,
          wanted: Wanted | None = None) -> Module:  # fmt: skip
    """Lower one file; never raises on any input.

    Code nested deeper than the interpreter allows becomes one OPAQUE operation of its function, and so does the
    body of a function that is not `wanted`.
    """
    if language.manifest is not None and is_manifest(path):
        return language.manifest(path, name, source)
    module = Module(path, name, language.name, package)
    tree = parse(language.name, source if wanted is None else language.skim(source, wanted))
    if wanted is not None and tree.root_node.has_error:
        tree = parse(language.name, source)
    module.errors = syntax_errors(tree.root_node)
    module.lines = lines_of(source)
    low = Lowering(language, module, source)
    low.new_function("", "module", tree.root_node)
    while low.queue:
        scope = low.queue.popleft()
        function = scope.function
        if wanted is not None and function.kind not in ("module", "class") and not wanted(source_of(low, scope.node)):
            leave_out(function)
            continue
        low.scope = scope
        low.build = scope.builder = Builder(function)
        try:
            if scope.depth > MAX_DEPTH:
                raise RecursionError  # noqa: TRY301 - one way out for both
            language.function(low, scope)
        except RecursionError:
            module.opaque["nesting-too-deep"] = module.opaque.get("nesting-too-deep", 0) + 1
            function.params = []
            low.build = scope.builder = Builder(function)
        low.build.finish()
    return module


def unread(language: str, path: str, name: str, package: bool, source: bytes) -> Module:
    """A file that nobody will look into: its place in the program, and nothing in it."""
    body = Function("", "module", 0, -1)
    leave_out(body)
    return Module(path, name, language, package, [body], lines=lines_of(source))


def lines_of(source: bytes) -> int:
    return source.count(b"\n") + (not source.endswith(b"\n"))


# ---- literals, common to all languages


def text_of(low: Lowering, parts: list[str | Place], node: Node) -> Place:
    """A text from literals and places; a constant when it is all literals."""
    build = low.build
    if all(isinstance(p, str) for p in parts):
        return build.const("".join(map(str, parts)), span_of(node))
    return build.emit((TEXT, build.temp(), tuple(parts)), span_of(node))


def constant(value: object) -> Expression:
    return lambda low, node: low.build.const(value, span_of(node))


def note_literal(low: Lowering, name: str, value: Node | None, place: Place) -> None:
    """Text literals bound to telling names are looked at for credentials."""
    if value is not None and low.build.ops:
        op = low.build.ops[-1]
        if op[0] == CONST and op[1] == place and value.end_byte > value.start_byte:
            low.secret(name, value, literal(op))


# ---- control flow, common to all languages


def if_else(low: Lowering, condition: Node, then: Callable[[], None], otherwise: Callable[[], None] | None) -> None:
    build = low.build
    yes, after = build.block(), build.block()
    no = build.block() if otherwise else after
    low.condition(condition, yes, no)
    build.start(yes)
    then()
    build.jump(after, no)
    if otherwise:
        otherwise()
        build.jump(after)


def choose(low: Lowering, condition: Node, then: Node, otherwise: Node) -> Place:
    """A conditional expression."""
    result = low.build.hidden("<if>")

    def arm(node: Node) -> Callable[[], None]:
        return lambda: low.build.copy(result, low.expr(node), span_of(node))

    if_else(low, condition, arm(then), arm(otherwise))
    return result


def loop_while(low: Lowering, condition: Node | None, body: Callable[[], None], step: Callable[[], None] | None = None,
               otherwise: Callable[[], None] | None = None, first: bool = False) -> None:  # fmt: skip
    """`first`: the body runs before the condition is looked at."""
    build = low.build
    head, inside, after = build.block(), build.block(), build.block()
    done = build.block() if otherwise else after
    again = build.block() if step else head
    build.jump(inside if first else head)
    build.start(head)
    if condition is None:
        build.jump(inside)
    else:
        low.condition(condition, inside, done)
    build.start(inside)
    build.loops.append((again, after))
    body()
    build.loops.pop()
    build.jump(again)
    if step:
        step()
        build.jump(head)
    if otherwise:
        build.start(done)
        otherwise()
        build.jump(after)
    build.start(after)


def loop_each(low: Lowering, items: Place, span: int, bind: Callable[[Place], None], body: Callable[[], None],
              otherwise: Callable[[], None] | None = None) -> None:  # fmt: skip
    build = low.build
    head, inside, after = build.block(), build.block(), build.block()
    done = build.block() if otherwise else after
    build.jump(head)
    more = build.emit((CALC, build.temp(), "more", (items,)), span)
    build.branch(more, inside, done, span)
    bind(build.emit((EACH, build.temp(), items), span))
    build.loops.append((head, after))
    body()
    build.loops.pop()
    build.jump(head)
    if otherwise:
        build.start(done)
        otherwise()
        build.jump(after)
    build.start(after)


def leave_loop(low: Lowering, which: int, span: int) -> None:
    """which: 0 continue, 1 break."""
    if low.build.loops:
        low.build.end((JUMP, low.build.loops[-1][which]), span)


def attempt(low: Lowering, body: Callable[[], None], handlers: Sequence[Callable[[], None]],
            otherwise: Callable[[], None] | None, finally_: Callable[[], None] | None) -> None:  # fmt: skip
    """try/except/else/finally; the final part is lowered once, where the ways that do not raise meet."""
    build = low.build
    outer = build.handler
    dispatch, after = build.block(), build.block()
    inside = build.block()
    build.blocks[build.current].end = (JUMP, inside)
    if handlers or finally_:
        build.handler = dispatch
    build.start(inside)
    body()
    build.handler = outer
    tail = build.block()
    build.jump(tail)
    if otherwise:
        otherwise()
    build.jump(after)
    build.start(dispatch)
    for handler in handlers:
        this, following = build.block(), build.block()
        maybe = build.emit((CALC, build.temp(), "raised", ()), 0)
        build.branch(maybe, this, following, 0)
        handler()
        build.jump(after, following)
    if finally_ and not handlers:
        build.jump(after)
    else:
        build.blocks[build.current].end = (RAISE, None)
    build.start(after)
    if finally_:
        finally_()


def either(low: Lowering, node: Node, conjunction: bool, simple: frozenset[str]) -> Place:
    """`a and b`, `a or b` as values: the right side only runs when the left did not decide.

    `simple`: kinds so plain that it does not matter whether they run.
    """
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    operator = node.child_by_field_name("operator")
    assert left is not None and right is not None and operator is not None
    build = low.build
    if right.type in simple:
        pair = (low.expr(left), low.expr(right))
        return build.emit((CALC, build.temp(), operator.type, pair), span_of(node))
    result = build.hidden("<or>")
    first = low.expr(left)
    build.copy(result, first, span_of(left))
    more, after = build.block(), build.block()
    if conjunction:
        build.branch(first, more, after, span_of(left))
    else:
        build.branch(first, after, more, span_of(left))
        build.start(more)
    second = low.expr(right)
    joined = build.emit((CALC, build.temp(), operator.type, (first, second)), span_of(node))
    build.copy(result, joined, span_of(right))
    build.jump(after)
    return result


def short_circuit(low: Lowering, left: Node, right: Node, then: int, otherwise: int, conjunction: bool) -> None:
    middle = low.build.block()
    if conjunction:
        low.condition(left, middle, otherwise)
    else:
        low.condition(left, then, middle)
    low.build.start(middle)
    low.condition(right, then, otherwise)


def give(low: Lowering, value: Place | None, span: int) -> None:
    """return"""
    low.build.end((RETURN, value), span)


def produce(low: Lowering, value: Place, span: int, spread: bool = False) -> None:
    """yield: the function's result is the collection of what it yields."""
    build = low.build
    if low.scope.yields is None:
        low.scope.yields = build.hidden("<yield>")
        low.scope.function.flags |= 2
    place = low.scope.yields
    item = (value,) if spread else value
    build.copy(place, build.emit((BUILD, build.temp(), "list*", ((place,), item)), span), span)


def close_generator(low: Lowering) -> None:
    """Make every exit of a generator return what was yielded."""
    place = low.scope.yields
    if place is None:
        return
    for block in low.build.blocks:
        if block.end[0] == RETURN:
            block.end = (RETURN, place)


def collect(low: Lowering, kind: str, clauses: Iterable[Callable[[int], None]], element: Callable[[], object],
            span: int) -> Place:  # fmt: skip
    """A comprehension: run the clauses, each given the block to skip to, then build from one element."""
    build = low.build
    result = build.hidden("<collect>")
    after = build.block()
    build.copy(result, build.emit((BUILD, build.temp(), kind, ()), span), span)
    for clause in clauses:
        clause(after)
    build.copy(result, build.emit((BUILD, build.temp(), kind, (element(),)), span), span)
    build.jump(after)
    return result


__all__ = ["BRANCH", "Language", "Lowering", "Scope", "lower"]
