"""Python: operators, calls, collections, comprehensions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from buckler.analysis.ir.ops import BUILD, CALC, CALL, EACH, FUNC, METHOD, Place
from buckler.analysis.languages.python.definitions import parameters
from buckler.analysis.languages.python.names import NO_MEANING, assign, bound_names, member, parts
from buckler.analysis.languages.shared import (
    Lowering,
    choose,
    collect,
    either,
    note_literal,
    produce,
    short_circuit,
    span_of,
)
from buckler.analysis.syntax.load import Node


def binary(low: Lowering, node: Node) -> Place:
    left = low.expr(node.child_by_field_name("left"))
    right = low.expr(node.child_by_field_name("right"))
    operator = node.child_by_field_name("operator")
    build = low.build
    return build.emit((CALC, build.temp(), operator.type if operator else "?", (left, right)), span_of(node))


def unary(low: Lowering, node: Node) -> Place:
    value = low.expr(node.child_by_field_name("argument"))
    operator = node.children[0].type
    return low.build.emit((CALC, low.build.temp(), "u" + operator, (value,)), span_of(node))


def not_(low: Lowering, node: Node) -> Place:
    value = low.expr(node.child_by_field_name("argument"))
    return low.build.emit((CALC, low.build.temp(), "not", (value,)), span_of(node))


def comparison(low: Lowering, node: Node) -> Place:
    """`a < b < c` is the conjunction of its neighbours."""
    operands: list[Place] = []
    operators: list[str] = []
    for child in node.children:
        if child.is_named and child.type not in NO_MEANING:
            operands.append(low.expr(child))
        elif child.type in ("not", "is") and operators and len(operators) > len(operands) - 1:
            operators[-1] += " " + child.type
        elif not child.is_named:
            operators.append(child.type)
    build, span = low.build, span_of(node)
    result: Place | None = None
    for number, operator in enumerate(operators[: len(operands) - 1]):
        pair = (operands[number], operands[number + 1])
        this = build.emit((CALC, build.temp(), operator, pair), span)
        result = this if result is None else build.emit((CALC, build.temp(), "and", (result, this)), span)
    return result if result is not None else operands[0]


def boolean(low: Lowering, node: Node) -> Place:
    operator = node.child_by_field_name("operator")
    return either(low, node, operator is not None and operator.type == "and", SIMPLE_VALUES)


SIMPLE_VALUES = frozenset({"string", "integer", "float", "true", "false", "none", "identifier", "list", "dictionary",
                           "tuple"})  # fmt: skip


def condition_either(low: Lowering, node: Node, then: int, otherwise: int) -> None:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    operator = node.child_by_field_name("operator")
    assert left is not None and right is not None and operator is not None
    short_circuit(low, left, right, then, otherwise, operator.type == "and")


def condition_not(low: Lowering, node: Node, then: int, otherwise: int) -> None:
    inner = node.child_by_field_name("argument")
    assert inner is not None
    low.condition(inner, otherwise, then)


def condition_inner(low: Lowering, node: Node, then: int, otherwise: int) -> None:
    low.condition(parts(node)[0], then, otherwise)


def inner(low: Lowering, node: Node) -> Place:
    children = parts(node)
    return low.expr(children[0]) if children else low.build.const(None, span_of(node))


def conditional(low: Lowering, node: Node) -> Place:
    then, test, otherwise = parts(node)
    return choose(low, test, then, otherwise)


def call(low: Lowering, node: Node) -> Place:
    children = node.children
    function: Node = children[0]
    arguments: Node | None = children[-1]
    if len(children) != 2:  # a comment between, or something missing
        called, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        assert called is not None
        function = called
    build, span = low.build, span_of(node)
    if function.type == "attribute":
        receiver, name = member(low, function)
        args, named = call_arguments(low, arguments)
        return build.emit((METHOD, build.temp(), receiver, name, args, named), span)
    callee = low.expr(function)
    args, named = call_arguments(low, arguments)
    return build.emit((CALL, build.temp(), callee, args, named), span)


MARKS = frozenset({"(", ")", ",", *NO_MEANING})


def call_arguments(low: Lowering, node: Node | None) -> tuple[tuple[Any, ...], tuple[tuple[str, Place], ...]]:
    if node is None or node.child_count == 2:
        return (), ()
    if node.type == "generator_expression":
        return (low.expr(node),), ()
    args: list[Any] = []
    named: list[tuple[str, Place]] = []
    for child in node.children:
        kind = child.type
        if kind in MARKS:
            continue
        if kind == "keyword_argument":
            named.append(keyword(low, child))
        elif kind == "list_splat":
            args.append((low.expr(child.named_children[0]),))
        elif kind == "dictionary_splat":
            named.append(("", low.expr(child.named_children[0])))
        else:
            args.append(low.expr(child))
    return tuple(args), tuple(named)


def keyword(low: Lowering, node: Node) -> tuple[str, Place]:
    children = node.children
    value: Node | None = children[-1]
    if len(children) != 3:  # a comment between, or something missing
        value = node.child_by_field_name("value")
    name = low.text(node.child_by_field_name("name") if len(children) != 3 else children[0])
    place = low.expr(value)
    note_literal(low, name, value, place)
    return name, place


def sequence(kind: str) -> Callable[[Lowering, Node], Place]:
    def handler(low: Lowering, node: Node) -> Place:
        items: list[Any] = []
        for child in node.children:
            if not child.is_named:
                continue
            if child.type in ("list_splat", "list_splat_pattern", "parenthesized_list_splat"):
                items.append((low.expr(child.named_children[0]),))
            elif child.type not in NO_MEANING:
                items.append(low.expr(child))
        return low.build.emit((BUILD, low.build.temp(), kind, tuple(items)), span_of(node))

    return handler


def dictionary(low: Lowering, node: Node) -> Place:
    items: list[tuple[Place, ...]] = []
    for child in node.children:
        if child.type == "pair":
            key_node, value_node = child.child_by_field_name("key"), child.child_by_field_name("value")
            key, value = low.expr(key_node), low.expr(value_node)
            items.append((key, value))
            note_literal(low, low.text(key_node), value_node, value)
        elif child.type == "dictionary_splat":
            items.append((low.expr(child.named_children[0]),))
    return low.build.emit((BUILD, low.build.temp(), "map", tuple(items)), span_of(node))


def comprehension(kind: str) -> Callable[[Lowering, Node], Place]:
    def handler(low: Lowering, node: Node) -> Place:
        saved: dict[str, Place | None] = {}
        body = node.child_by_field_name("body")
        clauses = [for_clause(low, c, saved) for c in node.named_children if c.type == "for_in_clause"]
        clauses += [if_clause(low, c) for c in node.named_children if c.type == "if_clause"]

        def element() -> object:
            if body is not None and body.type == "pair":
                return low.expr(body.child_by_field_name("key")), low.expr(body.child_by_field_name("value"))
            return low.expr(body)

        result = collect(low, kind, clauses, element, span_of(node))
        for name, place in saved.items():
            if place is None:
                del low.build.names[name]
            else:
                low.build.names[name] = place
        return result

    return handler


def for_clause(low: Lowering, node: Node, saved: dict[str, Place | None]) -> Callable[[int], None]:
    def run(_after: int) -> None:
        items = low.expr(node.child_by_field_name("right"))
        left = node.child_by_field_name("left")
        assert left is not None
        for name in bound_names(low, left):
            saved.setdefault(name, low.build.names.get(name))
            low.build.names[name] = low.build.hidden(name)
        each = low.build.emit((EACH, low.build.temp(), items), span_of(node))
        assign(low, left, each)

    return run


def if_clause(low: Lowering, node: Node) -> Callable[[int], None]:
    def run(after: int) -> None:
        then = low.build.block()
        low.condition(parts(node)[0], then, after)
        low.build.start(then)

    return run


def lambda_(low: Lowering, node: Node) -> Place:
    function = low.new_function(low.qualified(f"<lambda:{node.start_byte}>"), "lambda", node)
    defaults = parameters(low, function.params, node.child_by_field_name("parameters"))
    return low.build.emit((FUNC, low.build.temp(), function.index, defaults), span_of(node))


def await_(low: Lowering, node: Node) -> Place:
    return low.expr(parts(node)[0])


def yield_(low: Lowering, node: Node) -> Place:
    children = parts(node)
    value = low.expr(children[0]) if children else low.build.const(None, span_of(node))
    produce(low, value, span_of(node), any(c.type == "from" for c in node.children))
    return low.build.emit((CALC, low.build.temp(), "sent", ()), span_of(node))


def splat_expression(low: Lowering, node: Node) -> Place:
    return low.expr(parts(node)[0])
