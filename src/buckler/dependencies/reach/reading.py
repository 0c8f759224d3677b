"""One file → what its functions use: one look at each operation, those of functions around others first.

>>> uses_of(lower(front_end("python"), "a.py", "a", False, b"def f(x): return x.go()")).uses[1]
[Use(kind=4, text='go', name='', span=...)]
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from buckler.analysis.ir import ops as ir
from buckler.analysis.ir.ops import (
    BUILD,
    CALC,
    CALL,
    CLASS,
    CONST,
    COPY,
    FUNC,
    IMPORT,
    ITEM,
    LOAD,
    METHOD,
    NAME,
    PUT,
    RAISE,
    RETURN,
    SETKEY,
    STATIC,
    STORE,
    TEXT,
    Function,
    Module,
    Op,
    Place,
)
from buckler.analysis.languages.registry import ATTRIBUTES_ARE_KEYS
from buckler.dependencies.reach.decorators import keeps_nothing
from buckler.dependencies.reach.uses import (
    ABOVE,
    ANY,
    BUILT,
    DECORATED,
    DYNAMIC,
    DYNAMIC_LOAD,
    FUNCTION,
    GLOBALS,
    KEPT,
    LOADS,
    NAMED,
    OF,
    PLAIN,
    SELF,
    SUBCLASSES,
    TEXTUAL,
    UNKNOWN,
    FileUses,
    Ref,
    Refs,
    Use,
)

OWN_NAMES = frozenset({"__name__", "__package__"})
MOST = 4
"""Things one variable may be before nobody knows what it is."""
NEVER_CALLED = frozenset({"isinstance", "issubclass", "hasattr", "cast", "getLogger"})
"""Functions that call nothing of what they are given, and make no name of it."""
GETTERS = frozenset({"getattr"})
PICKERS = frozenset({"attrgetter", "=operator.attrgetter", "operator.attrgetter", "methodcaller",
                     "=operator.methodcaller", "operator.methodcaller"})  # fmt: skip
LOADERS = frozenset({"import", "require", "__import__", "import_module", "importlib.import_module",
                     "=importlib.import_module", "=importlib.__import__"})  # fmt: skip
DELEGATES = frozenset({"__getattr__", "__getattribute__"})
"""They pass on names that somebody else has named."""
NAMESPACES = frozenset({"vars", "locals"})
SPELLED = re.compile(r"[A-Za-z_@][\w@/-]*(?:[.:][A-Za-z_]\w*)*")
"""What could be the name of a module, of something in it, or of a command."""
LONGEST = 120
TEXTS = 4000
"""Such strings of one file; a file with more is a table of words."""


def uses_of(module: Module) -> FileUses:
    """Look through every function once; those around others come before them."""
    out = FileUses(module, [[] for _ in module.functions])
    reader = Reader(module, out.uses)
    for function in module.functions:
        reader.read(function)
    out.values = {n: refs for n, refs in reader.variables.get(0, {}).items() if refs != UNKNOWN}
    out.held = reader.held
    out.passive = {f.index for f in module.functions if f.kind != "module" and keeps_nothing(module, f)}
    for name in module.globals_written:
        if name in out.values:
            out.values[name] = joined(out.values[name], UNKNOWN)
    return out


def joined(one: Refs, other: Refs) -> Refs:
    both = tuple(dict.fromkeys((*one, *other)))
    return both if len(both) <= MOST else (*both[: MOST - 1], None)


class Reader:
    """One file being looked through."""

    def __init__(self, module: Module, uses: list[list[Use]]) -> None:
        self.module = module
        self.uses = uses
        self.keys = module.language in ATTRIBUTES_ARE_KEYS
        self.variables: dict[int, dict[str, Refs]] = {}
        """Per function what its variables hold."""
        self.temporary: dict[int, dict[Place, Refs]] = {}
        self.held: dict[str, list[Use]] = {}
        self.texts = 0
        self.parts = {name: tuple(m for m in module.imported if m.startswith(f"{name}.")) for name in
                      {m.partition(".")[0] for m in module.imported}}  # fmt: skip

    def read(self, function: Function) -> None:
        self.function = function
        self.env: dict[Place, Refs] = {}
        self.constants: dict[Place, object] = {}
        self.own: set[Place] = set()
        """Places that hold the name of this module or package."""
        self.out = self.uses[function.index]
        self.defined = {f.name.rpartition(".")[2]: f.index for f in self.module.functions
                        if f.parent == function.index and f.kind in ("function", "method")}  # fmt: skip
        """Functions that are defined right here."""
        self.pending: dict[Place, list[Use]] = {}
        """Collections being made, with what they hold."""
        owner = self.instance_of(function)
        for number in range(len(function.params)):
            self.env[number] = (Ref("self", owner),) if number == 0 and owner else UNKNOWN
        start = 0
        for block in function.peek():
            for number, op in enumerate(block.ops, start):
                self.span = function.spans[number] if number < len(function.spans) else function.span
                self.step(op)
            start += len(block.ops)
            self.ended(block.end)
        for place in [*self.pending]:
            self.flush(place)
        names: dict[str, Refs] = {}
        for place, refs in self.env.items():
            if 0 <= place < len(function.locals):
                names[function.locals[place]] = refs
        self.variables[function.index] = names
        self.temporary[function.index] = self.env

    def instance_of(self, function: Function) -> str:
        """The class whose instance, or which itself, the first parameter is."""
        if function.kind != "method" or function.owner < 0 or function.flags & STATIC or not function.params:
            return ""
        return self.module.classes[function.owner].name

    def ended(self, end: Op) -> None:
        if end[0] in (RETURN, RAISE) and ir.handed(end) is not None:
            self.consume([ir.handed(end) or 0])

    # ---- places

    def refs(self, place: Place) -> Refs:
        known = self.env.get(place)
        if known is not None:
            return known
        if self.function.kind == "module" and 0 <= place < len(self.function.locals):
            return (Ref("name", self.function.locals[place]),)
        return UNKNOWN

    def put(self, place: Place, refs: Refs) -> None:
        known = self.env.get(place)
        self.env[place] = refs if known is None else joined(known, refs)

    def use(self, kind: int, text: str, name: str = "") -> None:
        self.out.append(Use(kind, text, name, self.span))

    def consume(self, places: Iterable[Place]) -> None:
        """Whoever gets these may call them."""
        for place in places:
            self.flush(place)
            if place in self.own:
                self.use(BUILT, str(self.constants[place]))
            for ref in self.refs(place):
                self.hand_on(ref)

    def flush(self, place: Place) -> None:
        """A collection goes somewhere: whoever has it may call what it holds."""
        self.out.extend(self.pending.pop(place, ()))

    def hand_on(self, ref: Ref | None) -> None:
        if ref is None:
            return
        if ref.what == "name":
            self.use(NAMED, ref.text)
        elif ref.what == "func":
            self.use(FUNCTION, ref.text)
        elif ref.what == "class":
            self.use(NAMED, self.module.classes[int(ref.text)].name)

    def begun(self, place: Place, parts: Iterable[str | Place]) -> None:
        """A string is made of parts; one that begins as this package may name a module of it."""
        made, whole = "", True
        for part in parts:
            known = part if isinstance(part, str) else self.constants.get(part)
            made += str(known) if isinstance(known, str) else ""
            if not isinstance(known, str) or isinstance(known, Beginning):
                whole = False
                break
        self.constants[place] = made if whole else Beginning(made)
        if made.partition(".")[0] == self.module.name.partition(".")[0]:
            self.use(BUILT, made)

    def filled(self, place: Place, form: object, hole: str) -> None:
        """A string is made from a form of which the beginning stands there."""
        if isinstance(form, str):
            self.constants[place] = Beginning(form.partition(hole)[0])

    def name_of(self, ref: Ref) -> str:
        """How the module calls a thing."""
        if ref.what == "func":
            function = self.module.functions[int(ref.text)]
            return "" if function.parent > 0 or "<" in function.name else function.name
        if ref.what == "class":
            return self.module.classes[int(ref.text)].name
        return ref.text if ref.what == "name" else ""

    def own_name(self, ref: Ref) -> str:
        number = int(ref.text)
        known = self.module.functions if ref.what == "func" else self.module.classes
        return known[number].name.rsplit(".", 1)[-1]

    # ---- operations

    def step(self, op: Op) -> None:
        code = op[0]
        handler = STEPS.get(code)
        if handler is not None:
            handler(self, op)
            return
        self.consume(ir.operands(op))
        if code in ir.WRITES:
            self.put(ir.target(op), UNKNOWN)


def constant(reader: Reader, op: Op) -> None:
    value = ir.literal(op)
    reader.constants[ir.target(op)] = value
    reader.put(ir.target(op), PLAIN)
    if isinstance(value, str) and len(value) <= LONGEST and SPELLED.fullmatch(value.partition(" ")[0]):
        reader.texts += 1
        if reader.texts <= TEXTS:
            reader.use(TEXTUAL, value.partition(" ")[0])


def import_(reader: Reader, op: Op) -> None:
    _, place, module, name = op
    reader.use(LOADS, module, name)
    for longer in reader.parts.get(module, ()) if not name else ():
        reader.use(LOADS, longer)
    reader.put(place, (Ref("name", f"={module}.{name}" if name else f"={module}"),))


def copied(reader: Reader, op: Op) -> None:
    place, source = ir.target(op), ir.copied(op)
    if source in reader.constants:
        reader.constants[place] = reader.constants[source]
    if source in reader.own:
        reader.use(BUILT, str(reader.constants[source]))
    refs = reader.refs(source)
    if place >= 0 and reader.function.kind in ("module", "class"):
        named = reader.function.locals[place]
        if reader.function.kind == "module" and source in reader.pending:
            reader.held.setdefault(named, []).extend(reader.pending.pop(source))
        for ref in refs:
            called_otherwise(reader, ref, named)
        if named in reader.defined:  # whatever a decorator made of it
            refs = joined(refs, (Ref("func", str(reader.defined[named])),))
    reader.put(place, refs)


def called_otherwise(reader: Reader, ref: Ref | None, name: str) -> None:
    """A function or class gets a name: in a module that is what `values` are for, in a class it is a member."""
    if ref is None:
        return
    if ref.what == "func" and (reader.keys or reader.function.kind == "class"):
        if reader.keys or reader.own_name(ref) != name:
            reader.use(KEPT, ref.text, name)
    elif reader.function.kind == "class":
        reader.hand_on(ref)


def name_read(reader: Reader, op: Op) -> None:
    _, place, name, owner = op
    if name in OWN_NAMES and owner < 0:
        reader.constants[place] = reader.module.name if name == "__name__" else package_of(reader.module)
        reader.own.add(place)
    if owner > 0:
        reader.put(place, reader.variables.get(owner, {}).get(name, UNKNOWN))
    else:
        reader.put(place, (Ref("name", name),))


def package_of(module: Module) -> str:
    return module.name if module.package else module.name.rpartition(".")[0]


def members(reader: Reader, base: Place, name: str) -> Refs:
    """Use a member of what a place holds; what that may be."""
    out: list[Ref | None] = []
    for ref in reader.refs(base):
        if ref is None:
            reader.use(ANY, name)
            out.append(None)
        elif ref.what == "name":
            out.append(Ref("name", f"{ref.text}.{name}"))
        elif ref.what == "made":
            reader.use(OF, ref.text, name)
            out.append(None)
        elif ref.what in ("self", "above"):
            reader.use(SELF if ref.what == "self" else ABOVE, ref.text, name)
            out.append(None)
        else:
            out.append(None)
    if name == "__subclasses__":
        for ref in reader.refs(base):
            reader.use(SUBCLASSES, ref.text if ref is not None else "")
    if name == "__dict__":
        for ref in reader.refs(base):
            if ref is not None and ref.what == "name":
                reader.use(DYNAMIC, "", f"name:{ref.text}")
    return tuple(out)


def load(reader: Reader, op: Op) -> None:
    reader.put(ir.target(op), members(reader, ir.base(op), ir.attribute(op)))


def item(reader: Reader, op: Op) -> None:
    reader.consume(ir.operands(op))
    key = reader.constants.get(ir.key(op))
    if reader.keys:
        if isinstance(key, str):
            reader.put(ir.target(op), members(reader, ir.base(op), key))
            return
        if ir.key(op) not in reader.constants:
            reader.use(DYNAMIC, "")
    reader.put(ir.target(op), UNKNOWN)


def store(reader: Reader, op: Op) -> None:
    """An attribute: whoever names it may call what is put there, or a setter."""
    name = ir.attribute(op)
    members(reader, ir.base(op), name)
    keep(reader, ir.stored(op), name)


def keep(reader: Reader, place: Place, name: str) -> None:
    for ref in reader.refs(place):
        if ref is not None and ref.what == "func":
            reader.use(KEPT, ref.text, name)
        else:
            reader.hand_on(ref)


def set_key(reader: Reader, op: Op) -> None:
    key = reader.constants.get(ir.key(op))
    reader.consume((ir.key(op),))
    if reader.keys and isinstance(key, str):
        keep(reader, ir.stored(op), key)
    else:
        reader.consume((ir.stored(op),))


def build(reader: Reader, op: Op) -> None:
    reader.put(ir.target(op), UNKNOWN if reader.keys else PLAIN)
    if not reader.keys and reader.function.kind == "module":
        reader.out, out = [], reader.out
        reader.consume(ir.operands(op))
        reader.out, reader.pending[ir.target(op)] = out, reader.out
        return
    if not (reader.keys and ir.kind(op) == "map"):
        reader.consume(ir.operands(op))
        return
    for entry in ir.items(op):
        key = reader.constants.get(entry[0]) if len(entry) == 2 else None
        if isinstance(key, str):
            keep(reader, entry[1], key)
        else:
            reader.consume(entry)


def put(reader: Reader, op: Op) -> None:
    _, name, owner, source = op
    keep(reader, source, name)
    known = reader.variables.get(max(owner, 0))
    if known is not None and name in known:
        known[name] = joined(known[name], reader.refs(source))


def calculate(reader: Reader, op: Op) -> None:
    """A handler asks whether an exception is of a class: that makes none."""
    if ir.operator(op) not in ("caught", "raised"):
        reader.consume(place for place in ir.operands(op) if place not in reader.own)
    if ir.operator(op) == "+":
        reader.begun(ir.target(op), ir.terms(op))
    if ir.operator(op) == "%" and ir.terms(op)[0] in reader.constants:
        reader.filled(ir.target(op), reader.constants[ir.terms(op)[0]], "%")
    reader.put(ir.target(op), UNKNOWN)


class Beginning(str):
    """A string of which only the beginning is known."""

    __slots__ = ()


def text(reader: Reader, op: Op) -> None:
    reader.consume(place for place in ir.operands(op) if place not in reader.own)
    reader.begun(ir.target(op), ir.parts(op))
    reader.put(ir.target(op), PLAIN)


def function_made(reader: Reader, op: Op) -> None:
    _, place, index, defaults = op
    reader.put(place, (Ref("func", str(index)),))
    inner = reader.uses[index]
    for _, default in defaults_of(defaults):
        for ref in reader.refs(default):
            if ref is not None and ref.what == "name":
                inner.append(Use(NAMED, ref.text, "", reader.span))
            else:
                reader.hand_on(ref)
    if reader.function.kind not in ("module", "class"):
        reader.use(FUNCTION, str(index))


def defaults_of(defaults: object) -> Iterator[tuple[object, Place]]:
    for entry in defaults if isinstance(defaults, tuple | list) else ():
        if isinstance(entry, tuple) and len(entry) == 2:
            yield entry
        elif isinstance(entry, int):
            yield None, entry


def class_made(reader: Reader, op: Op) -> None:
    _, place, index, _ = op
    reader.put(place, (Ref("class", str(index)),))
    if reader.function.kind not in ("module", "class"):
        reader.use(NAMED, reader.module.classes[index].name)


def method_called(reader: Reader, op: Op) -> None:
    called = members(reader, ir.callee(op), ir.member(op))
    call(reader, op, called)
    if ir.member(op) == "format" and ir.callee(op) in reader.constants:
        reader.filled(ir.target(op), reader.constants[ir.callee(op)], "{")


def called_(reader: Reader, op: Op) -> None:
    call(reader, op, reader.refs(ir.callee(op)))


def call(reader: Reader, op: Op, called: Refs) -> None:
    """What is called, and what it is given."""
    names = [name for ref in called if ref is not None and (name := reader.name_of(ref))]
    for ref in called:
        reader.hand_on(ref)
    given = [p for p in ir.operands(op) if p != ir.callee(op)]
    found = special(reader, op, names)
    if not names or not {name.rpartition(".")[2] for name in names} <= NEVER_CALLED:
        handed = [r for p in given for r in reader.refs(p) if r is not None and r.what == "func"]
        decorated = [r for r in handed if reader.module.functions[int(r.text)].kind != "lambda"]
        if len(given) == 1 and decorated and reader.function.kind in ("module", "class"):
            said = names or [f"{r.text}()" for r in called if r is not None and r.what == "made"] or [""]
            for ref in decorated:
                reader.use(DECORATED, ref.text, said[0])
        else:
            reader.consume(given)
    made = found or tuple(super_of(reader) if name == "super" else Ref("made", name) for name in names)
    reader.put(ir.target(op), made if found or (made and len(made) == len(called)) else (*made, None))


def super_of(reader: Reader) -> Ref | None:
    function: Function | None = reader.function
    while function is not None:
        if function.kind == "method" and function.owner >= 0:
            return Ref("above", reader.module.classes[function.owner].name)
        function = reader.module.functions[function.parent] if function.parent > 0 else None
    return None


def special(reader: Reader, op: Op, names: list[str]) -> Refs:
    """Calls that reach what they do not name, and what these give."""
    args = ir.given(op)
    out: Refs = ()
    for name in names:
        if name in GETTERS and len(args) > 1:
            if reader.function.name.rpartition(".")[2] not in DELEGATES:
                out = joined(out, member_read(reader, args[0], reader.constants.get(args[1])))
        elif name in PICKERS and args:
            member_read(reader, None, reader.constants.get(args[0]))
        elif name in LOADERS and args:
            out = joined(out, module_loaded(reader, args[0]))
        elif name == "globals" or (name in NAMESPACES and not args and reader.function.kind == "module"):
            reader.use(GLOBALS, "")
    return out


def member_read(reader: Reader, base: Place | None, name: object) -> Refs:
    """A member read by its name as a string."""
    if not isinstance(name, str) or isinstance(name, Beginning):
        for ref in reader.refs(base) if base is not None else UNKNOWN:
            whose = f"{ref.what}:{ref.text}" if ref is not None and ref.what in ("name", "made", "self") else ""
            reader.use(DYNAMIC, str(name) if isinstance(name, str) else "", whose)
        return UNKNOWN
    if base is None:
        for part in name.split("."):
            reader.use(ANY, part)
        return UNKNOWN
    found = members(reader, base, name)
    for ref in found:
        reader.hand_on(ref)
    return found


def module_loaded(reader: Reader, place: Place) -> Refs:
    """A module; a name of which nothing is known here was put together, or stands as a whole, somewhere else."""
    name = reader.constants.get(place)
    if not isinstance(name, str) or isinstance(name, Beginning):
        beginning = from_here(reader.module, str(name)) if isinstance(name, str) else ""
        reader.use(DYNAMIC_LOAD, beginning)
        return UNKNOWN
    full = from_here(reader.module, name)
    reader.use(LOADS, full)
    return (Ref("name", f"={full}"),)


def from_here(module: Module, name: str) -> str:
    """The full name of a module that may be named relative to this one."""
    rest = name.lstrip(".")
    up = len(name) - len(rest) - (1 if module.package else 0)
    if len(name) == len(rest):
        return name
    base = module.name.split(".")
    return ".".join([*base[: len(base) - up if up else None], rest])


STEPS = {
    CONST: constant,
    IMPORT: import_,
    COPY: copied,
    NAME: name_read,
    LOAD: load,
    ITEM: item,
    STORE: store,
    SETKEY: set_key,
    BUILD: build,
    PUT: put,
    CALC: calculate,
    TEXT: text,
    FUNC: function_made,
    CLASS: class_made,
    METHOD: method_called,
    CALL: called_,
}
