"""Names, attributes and fields: what a dotted name or `base.attribute` stands for, and writing to them."""

from __future__ import annotations

from collections.abc import Callable

from buckler.analysis.flow import cells, containers, origins, rows
from buckler.analysis.flow.cells import Cell
from buckler.analysis.flow.state import NUMERIC, Frame
from buckler.analysis.flow.value import MAX_ITEMS, UNKNOWN, Container, Value, join, with_taint
from buckler.analysis.ir.ops import ITEM, LOAD, NAME, PROPERTY, Module, Place
from buckler.analysis.languages.registry import ATTRIBUTES_ARE_KEYS, WORDS
from buckler.analysis.libraries.model import Value as ValueRow
from buckler.analysis.program.modules import WHOLE, Class, Routine

MAX_NAME = 300
"""Letters of a dotted name; nobody's library nests that deep, and looking one up takes time with its square."""


Compute = Callable[[Frame, Routine, Value], Value]
"""Calls a property of a value; members are looked up on the way to a call too, so calls hand this in."""


def global_name(f: Frame, name: str) -> Value:
    """A name that is not local: of the module, imported, or built in."""
    module = f.routine.module
    program = f.engine.program
    own = f"{module.name}.{name}"
    if program.routine(own) is not None or program.class_(own) is not None:
        return Value(refs=(own,))
    bound = module.imports.get(name)
    if bound is not None:
        return dotted(f, f"{bound[0]}.{bound[1]}" if bound[1] else bound[0])
    if has_global(f, module, name):
        return global_value(f, module, name)
    if module.star_imports:
        found = program.in_module(module, name)
        if found != name:
            return dotted(f, found)
    return Value(refs=(name,))


def has_global(f: Frame, module: Module, name: str) -> bool:
    return f.engine.program.has_global(module, name)


def global_value(f: Frame, module: Module, name: str) -> Value:
    """Demand the module's body, then read the cell; settled constants need no label."""
    key = cells.variable(module.name, name)
    if f.routine.module is not module or f.function.kind != "module":
        f.engine.summary(f.engine.program.of_function[module.name, 0])
    facts = f.engine.cell(key)
    settled = facts.consts or facts.refs or facts.types
    if settled and not facts.objs and not f.engine.reassigned(module.name, name):
        return facts if facts.consts or facts.refs else f.read_cell(key)
    return f.read_cell(key)


def dotted(f: Frame, name: str) -> Value:
    """What a full dotted name stands for."""
    if len(name) > MAX_NAME:
        return UNKNOWN
    program = f.engine.program
    entity = program.entity(name)
    if isinstance(entity, Module) and WHOLE in entity.imports:
        return whole(f, entity)
    if entity is not None:
        return Value(refs=(entity.name,))
    name = program.canonical(name)
    owner, _, last = name.rpartition(".")
    holder = program.entity(owner) if owner else None
    if isinstance(holder, Module) and has_global(f, holder, last):
        return global_value(f, holder, last)
    if isinstance(holder, Class):
        return class_attribute(f, holder, last)
    if holder is None or not isinstance(holder, Routine):
        return external(f, name)
    return Value(refs=(name,))


def whole(f: Frame, module: Module) -> Value:
    """A module that stands for a value: `module.exports = router`."""
    owner, member = module.imports[WHOLE]
    home = f.engine.program.module(owner)
    if home is None or not has_global(f, home, member):
        return Value(refs=(module.name,))
    if f.routine.module is home and f.function.kind == "module":
        return f.read_cell(cells.variable(home.name, member))
    value = global_value(f, home, member)
    return join(value, Value(refs=(module.name,))) if value.refs else value


def external(f: Frame, name: str) -> Value:
    """A name of a library: a source, something of a known type, or just itself."""
    name = f.engine.name(f.language, name)
    row = f.engine.libraries[f.language].values.get(name)
    if row is None:
        return Value(refs=(name,))
    return rows.read(f, row, UNKNOWN, name)


def class_attribute(f: Frame, entry: Class, name: str) -> Value:
    method = f.engine.program.method(entry.name, name)
    if method is not None:
        return Value(refs=(method.name,))
    for parent in f.engine.program.line(entry.name):
        if isinstance(parent, Class):
            f.engine.summary(f.engine.program.of_function[parent.module.name, parent.info.body])
    owner = f.engine.field_owner(entry.name, name)
    return settled_field(f, cells.field(owner, name))


def settled_field(f: Frame, key: Cell) -> Value:
    facts = f.engine.cell(key)
    if facts.refs and not facts.consts and not facts.objs:
        return facts
    return f.read_cell(key)


def load(f: Frame, base: Value, name: str, compute: Compute) -> Value:
    """`base.name`"""
    found: Value | None = None
    for ref in base.refs:
        value = dotted(f, f"{ref}.{name}")
        found = value if found is None else join(found, value)
    for number in base.objs:
        box = f.box(number)
        if box is not None and name in box.items:
            found = box.items[name] if found is None else join(found, box.items[name])
    if found is not None:
        return found
    if base.objs and f.language in ATTRIBUTES_ARE_KEYS and all(only_keys(f, n) for n in base.objs):
        return UNKNOWN
    for kind in base.types:
        member = member_of(f, base, kind, name, compute)
        if member is not None:
            found = member if found is None else join(found, member)
    if found is not None:
        return found
    taint = f.deep(base)
    return Value(taint) if taint else UNKNOWN


def only_keys(f: Frame, number: int) -> bool:
    """Whether this is an object made here of which every key is known."""
    box = f.box(number)
    return box is not None and number >= 0 and box.kind == "map" and box.rest is None and not box.keys


def member_of(f: Frame, base: Value, kind: str, name: str, compute: Compute) -> Value | None:
    """The attribute of an instance of `kind`; None when nothing is known about it."""
    program = f.engine.program
    for entry in program.line(kind):
        if isinstance(entry, Class):
            described = f.engine.own_sources.get((entry.name, name))
            if described is not None:
                return rows.read(f, f.engine.libraries[f.language].values[described], base, described)
            method = entry.methods.get(name)
            if method is not None and method.function.flags & PROPERTY:
                return compute(f, method, base)
            if method is not None:
                return Value(base.taint, refs=(method.name,), bound=base)
            if name in f.engine.stores(entry):
                return field(f, base, kind, entry, name)
        else:
            row = value_row(f, entry, name)
            if row is not None:
                return rows.read(f, row[0], base, row[1])
            if f.engine.rows(f.language, f"{entry}.{name}"):
                return Value(base.taint, refs=(f"{entry}.{name}",), bound=base)
            if f.engine.keeps(f.language, entry):
                return f.read_cell(cells.kept(entry, name))
            if made := f.engine.inner_type(f.language, entry, "attributes"):
                return Value(base.taint, types=(made,))
    return subclass_field(f, base, kind, name)


def subclass_field(f: Frame, base: Value, kind: str, name: str) -> Value | None:
    start = f.engine.program.class_(kind)
    for entry in start.subclasses[:8] if start else ():
        f.engine.program.asked.add(entry.name)
        if name in f.engine.stores(entry):
            return field(f, base, entry.name, entry, name)
    return None


def value_row(f: Frame, kind: str, name: str) -> tuple[ValueRow, str] | None:
    table = f.engine.libraries[f.language].values
    for parent in f.engine.bases(f.language, kind):
        row = table.get(f"{parent}.{name}")
        if row is not None:
            return row, f"{parent}.{name}"
    return None


def field(f: Frame, base: Value, kind: str, entry: Class, name: str) -> Value:
    """A field through its cell, once the constructors that fill it have been looked at."""
    engine = f.engine
    made = False
    for parent in engine.program.line(kind):
        if isinstance(parent, Class):
            engine.summary(engine.program.of_function[parent.module.name, parent.info.body])
            maker = maker_of(parent)
            if maker is not None:
                made = True
                engine.summary(maker)
    value = settled_field(f, cells.field(engine.field_owner(kind, name), name))
    annotation = entry.info.fields.get(name)
    if annotation and not value.types:
        annotated = engine.program.in_module(entry.module, annotation)
        value = Value(value.taint, value.consts, value.refs, (annotated,), value.objs, value.shape, value.facts)
    if base.taint and not made:  # a record somebody else fills: pydantic, dataclass, named tuple
        kinds = engine.all & ~engine.text if annotation in NUMERIC else engine.all
        value = join(value, Value(base.taint & (kinds * engine.repeat)))
    return value


def maker_of(entry: Class) -> Routine | None:
    """What fills a new instance of a class, if the class says so itself."""
    return next((maker for name in WORDS.makers if (maker := entry.methods.get(name)) is not None), None)


def store(f: Frame, base_place: Place, name: str, src: Place) -> None:
    """`base.name = src`"""
    base, value = f.get(base_place), f.get(src)
    program = f.engine.program
    for number in base.objs:
        put_item(f, number, name, value, len(base.objs) == 1)
    own = own_parameter(f, base_place)
    if own is not None and not base.objs:
        put_item(f, own, name, value, True)
    for kind in base.types:
        if program.class_(kind) is not None:
            f.write_cell(cells.field(f.engine.field_owner(kind, name), name), value)
        elif f.engine.keeps(f.language, kind):
            f.write_cell(cells.kept(kind, name), value)
    for ref in base.refs:
        if program.module(ref) is not None:
            f.write_cell(cells.variable(ref, name), value)
        elif program.class_(ref) is not None:
            f.write_cell(cells.field(f.engine.field_owner(ref, name), name), value)
    taint = f.deep(value)
    if taint and f.language in ATTRIBUTES_ARE_KEYS:
        spill(f, base, base_place, with_taint(value, taint))
    rows.assigned(f, base, name, None, (value, src))


def own_parameter(f: Frame, place: Place) -> int | None:
    """Heap number of what is written on a parameter, when the place is one that was never reassigned."""
    if 0 <= place < len(f.function.params) and place not in f.prepared.assigned:
        return (1 << 40) + place
    return None


def checked(place: Place) -> int:
    """Heap number of what conditions have shown about attributes of a parameter; never told to callers."""
    return (1 << 41) + place


def put_item(f: Frame, number: int, key: object, value: Value, certain: bool) -> None:
    if number < 0:
        return
    box = f.heap.get(number) or Container("object")
    before = box.items.get(key)
    if before is None and len(box.items) >= MAX_ITEMS:
        rest = value if box.rest is None else join(box.rest, value)
        f.heap[number] = Container(box.kind, box.items, rest, box.size, box.keys)
        return
    items = dict(box.items)
    items[key] = value if certain or before is None else join(before, value)
    f.heap[number] = Container(box.kind, items, box.rest, box.size, box.keys)


def store_key(f: Frame, base_place: Place, key_place: Place, src: Place) -> None:
    """`base[key] = src`"""
    base, key, value = f.get(base_place), f.get(key_place), f.get(src)
    if base.objs:
        containers.write_key(f, base, key, value)
    own = own_parameter(f, base_place)
    if own is not None and not base.objs:
        wanted = key.consts[0] if len(key.consts) == 1 else None
        if isinstance(wanted, str | int):
            put_item(f, own, wanted, value, True)
        else:
            box = f.heap.get(own) or Container("object")
            rest = value if box.rest is None else join(box.rest, value)
            f.heap[own] = Container(box.kind, box.items, rest, box.size, box.keys | f.deep(key))
    taint = f.deep(value) | f.deep(key)
    if taint:
        spill(f, base, base_place, with_taint(value, taint))
    rows.assigned(f, base, "", (key, key_place), (value, src))


def fill(f: Frame, place: Place, values: list[Value]) -> None:
    """A collection that came in as a parameter is given more items."""
    own = own_parameter(f, place)
    if own is None or f.get(place).objs:
        return
    box = f.heap.get(own) or Container("object")
    rest = box.rest
    for value in values:
        rest = value if rest is None else join(rest, value)
    f.heap[own] = Container(box.kind, box.items, rest, box.size, box.keys)


def spill(f: Frame, base: Value, place: Place, value: Value) -> None:
    """What is put into a collection that lives in a cell also reaches the cell.

    Only for what was read from the cell by name, attribute or key; a copy, or a value merely computed from it, is
    something else.
    """
    op = origins.definition(f, place)
    if op is None or op[0] not in (NAME, LOAD, ITEM):
        return
    taint = base.taint
    number = 0
    while taint:
        if taint & f.engine.all and f.labels[number][0] == "cell":
            f.write_cell(Cell(f.labels[number][1]), Value(f.deep(value)))
        taint >>= f.engine.width
        number += 1
