"""Python: names, members and keys, read and written."""

from __future__ import annotations

import re

from buckler.analysis.ir.ops import BUILD, CALC, DELKEY, ITEM, LOAD, SETKEY, SLICE, STORE, Place
from buckler.analysis.languages.shared import Lowering, note_literal, span_of
from buckler.analysis.syntax.load import Node

WRAPPERS = re.compile(
    r"^(?:typing\.|t\.|typing_extensions\.)?"
    r"(?:Optional|Annotated|Union|Final|ClassVar|Required|NotRequired|Awaitable|Mapped)\[(.*)\]$", re.S)  # fmt: skip

NO_MEANING = frozenset({"comment", "line_continuation", "ERROR"})


def parts(node: Node) -> list[Node]:
    """Children that mean something where the grammar allows comments anywhere."""
    return [c for c in node.children if c.is_named and c.type not in NO_MEANING]


def identifier(low: Lowering, node: Node) -> Place:
    start, end = node.start_byte, node.end_byte
    name = low.letters[start:end]
    return low.read(name if name.isascii() else low.text(node), start << 32 | end)


def attribute(low: Lowering, node: Node) -> Place:
    base, name = member(low, node)
    return low.build.emit((LOAD, low.build.temp(), base, name), span_of(node))


def member(low: Lowering, node: Node) -> tuple[Place, str]:
    """The object and the name of `object.name`."""
    children = node.children
    if len(children) == 3:
        return low.expr(children[0]), low.text(children[2])
    return low.expr(node.child_by_field_name("object")), low.text(node.child_by_field_name("attribute"))


def subscript(low: Lowering, node: Node) -> Place:
    base = low.expr(node.child_by_field_name("value"))
    keys = node.children_by_field_name("subscript")
    build = low.build
    if len(keys) == 1 and keys[0].type == "slice":
        low_, high = slice_bounds(low, keys[0])
        return build.emit((SLICE, build.temp(), base, low_, high), span_of(node))
    return build.emit((ITEM, build.temp(), base, subscript_key(low, keys, node)), span_of(node))


def subscript_key(low: Lowering, keys: list[Node], node: Node) -> Place:
    if len(keys) == 1:
        return low.expr(keys[0])
    items = tuple(low.expr(k) for k in keys)
    return low.build.emit((BUILD, low.build.temp(), "tuple", items), span_of(node))


def slice_bounds(low: Lowering, node: Node) -> tuple[Place | None, Place | None]:
    bounds: list[Place | None] = [None, None]
    position = 0
    for child in node.children:
        if child.type == ":":
            position += 1
        elif position < 2:
            bounds[position] = low.expr(child)
    return bounds[0], bounds[1]


def slice_value(low: Lowering, node: Node) -> Place:
    parts = tuple(p for p in slice_bounds(low, node) if p is not None)
    return low.build.emit((BUILD, low.build.temp(), "tuple", parts), span_of(node))


def walrus(low: Lowering, node: Node) -> Place:
    value = low.expr(node.child_by_field_name("value"))
    low.write(low.text(node.child_by_field_name("name")), value, span_of(node))
    return value


def bound_names(low: Lowering, node: Node) -> list[str]:
    if node.type == "identifier":
        return [low.text(node)]
    return [
        name for c in node.named_children if c.type not in ("attribute", "subscript") for name in bound_names(low, c)
    ]


def assign(low: Lowering, target: Node, value: Place) -> None:
    kind = target.type
    span = span_of(target)
    if kind == "identifier":
        low.write(low.text(target), value, span)
    elif kind == "attribute":
        base = low.expr(target.child_by_field_name("object"))
        low.build.emit((STORE, base, low.text(target.child_by_field_name("attribute")), value), span)
    elif kind == "subscript":
        base = low.expr(target.child_by_field_name("value"))
        key = subscript_key(low, target.children_by_field_name("subscript"), target)
        low.build.emit((SETKEY, base, key, value), span)
    elif kind in UNPACKS:
        unpack(low, parts(target), value, span)
    elif target.named_children:
        assign(low, target.named_children[0], value)


UNPACKS = frozenset({"pattern_list", "tuple_pattern", "list_pattern", "tuple", "list", "expression_list"})

SPLATS = frozenset({"list_splat_pattern", "list_splat"})


def unpack(low: Lowering, targets: list[Node], value: Place, span: int) -> None:
    build = low.build
    star = next((n for n, t in enumerate(targets) if t.type in SPLATS), len(targets))
    for number, target in enumerate(targets):
        if number == star:
            start, stop = build.const(number, span), build.const(number - len(targets) + 1 or None, span)
            item = build.emit((SLICE, build.temp(), value, start, stop), span)
            assign(low, target.named_children[0], item)
            continue
        key = build.const(number if number < star else number - len(targets), span)
        assign(low, target, build.emit((ITEM, build.temp(), value, key), span))


def assignment(low: Lowering, node: Node) -> None:
    assignment_value(low, node)


def assignment_value(low: Lowering, node: Node) -> Place:
    children = node.children
    if len(children) == 3 and children[1].type == "=":
        value = assigned_value(low, node, children[0], children[2])
        assign(low, children[0], value)
        return value
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    assert left is not None
    value = assigned_value(low, node, left, right)
    annotation = node.child_by_field_name("type")
    if annotation is not None and low.scope.function.kind == "class" and left.type == "identifier":
        low.module.classes[low.scope.function.owner].fields[low.text(left)] = annotation_text(low, annotation)
    if right is not None:
        assign(low, left, value)
    return value


def assigned_value(low: Lowering, node: Node, left: Node, right: Node | None) -> Place:
    if right is None:
        return low.build.const(None, span_of(node))
    value = assignment_value(low, right) if right.type == "assignment" else low.expr(right)
    if left.type in ("identifier", "attribute", "subscript"):
        note_literal(low, low.text(left), right, value)
    return value


def augmented(low: Lowering, node: Node) -> None:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    operator = node.child_by_field_name("operator")
    assert left is not None and operator is not None
    pair = (low.expr(left), low.expr(right))
    result = low.build.emit((CALC, low.build.temp(), operator.type[:-1], pair), span_of(node))
    assign(low, left, result)


def delete(low: Lowering, node: Node) -> None:
    targets = node.named_children
    if targets and targets[0].type == "expression_list":
        targets = targets[0].named_children
    for target in targets:
        if target.type == "subscript":
            base = low.expr(target.child_by_field_name("value"))
            key = subscript_key(low, target.children_by_field_name("subscript"), target)
            low.build.emit((DELKEY, base, key), span_of(target))


def annotation_text(low: Lowering, node: Node | None) -> str:
    """The one dotted type name that matters in an annotation: `Optional["a.B"]` is `a.B`."""
    if node is None:
        return ""
    text = low.text(node).strip().strip("\"'").strip()
    while match := WRAPPERS.match(text):
        text = match.group(1).strip().strip("\"'")
    for part in re.split(r"\||,", re.sub(r"\[[^\[\]]*(\[[^\[\]]*\][^\[\]]*)*\]", "", text)):
        part = part.strip().strip("\"'")
        if part and part != "None" and re.fullmatch(r"[\w.]+", part):
            return part
    return ""
