"""Python: every node kind of its grammar, from 2.7's leftovers to 3.13.

>>> from buckler.analysis.languages.shared import lower
>>> lower(PYTHON, "a.py", "a", False, b"def f(x): return x").functions[1].name
'f'
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from buckler.analysis.ir.ops import (
    ASYNC,
    BUILD,
    CALC,
    CALL,
    CLASS,
    CLASS_METHOD,
    CONST,
    DELKEY,
    EACH,
    FUNC,
    IMPORT,
    ITEM,
    LOAD,
    METHOD,
    NAME,
    NAMED,
    NAMED_REST,
    POSITIONAL,
    PROPERTY,
    RAISE,
    REST,
    SETKEY,
    SLICE,
    STATIC,
    STORE,
    Op,
    Param,
    Place,
)  # fmt: skip
from buckler.analysis.languages.shared import (
    Language,
    Lowering,
    Scope,
    Wanted,
    attempt,
    choose,
    close_generator,
    collect,
    constant,
    either,
    give,
    if_else,
    leave_loop,
    loop_each,
    loop_while,
    note_literal,
    produce,
    short_circuit,
    span_of,
    text_of,
)  # fmt: skip
from buckler.analysis.syntax.load import Node

WRAPPERS = re.compile(
    r"^(?:typing\.|t\.|typing_extensions\.)?"
    r"(?:Optional|Annotated|Union|Final|ClassVar|Required|NotRequired|Awaitable|Mapped)\[(.*)\]$", re.S)  # fmt: skip
ESCAPE = re.compile(r"\\(\n|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]*\}|[0-7]{1,3}|.)", re.S)
SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "\n": ""}
NUMERIC_SPEC = re.compile(r":.*[bcdeEfFgGnoxX%]$")


NO_MEANING = frozenset({"comment", "line_continuation", "ERROR"})


def parts(node: Node) -> list[Node]:
    """Children that mean something where the grammar allows comments anywhere."""
    return [c for c in node.children if c.is_named and c.type not in NO_MEANING]


# ---- literals


def unescape(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        body = match.group(1)
        if body in SIMPLE:
            return SIMPLE[body]
        try:
            if body[0] in "xuU":
                return chr(int(body[1:], 16))
            if body[0] in "01234567":
                return chr(int(body, 8))
        except (ValueError, OverflowError):
            pass
        return body if body[0] in "\\'\"" else match.group(0)

    return ESCAPE.sub(one, text)


def string_parts(low: Lowering, node: Node) -> list[str | Place]:
    """Literal texts and places of interpolated expressions."""
    children = node.children
    prefix = low.text(children[0]).lower() if children else ""
    raw = "r" in prefix
    formatted = "f" in prefix or "t" in prefix.rstrip("'\"")
    parts: list[str | Place] = []
    for child in children[1:-1]:
        if child.type == "interpolation":
            parts.append(interpolation(low, child))
        elif child.type in ("string_content", "escape_interpolation"):
            text = low.text(child)
            if not raw and "\\" in text:
                text = unescape(text)
            if formatted:
                text = text.replace("{{", "{").replace("}}", "}")
            parts.append(text)
    return parts


def interpolation(low: Lowering, node: Node) -> Place:
    value = low.expr(node.child_by_field_name("expression"))
    spec = node.child_by_field_name("format_specifier")
    if spec is not None and NUMERIC_SPEC.match(low.text(spec)):
        return low.build.emit((CALC, low.build.temp(), "number", (value,)), span_of(node))
    if any(c.type == "type_conversion" and low.text(c) in ("!r", "!a") for c in node.named_children):
        return low.build.emit((CALC, low.build.temp(), "shown", (value,)), span_of(node))
    return value


def string(low: Lowering, node: Node) -> Place:
    start, end = node.start_byte, node.end_byte
    text = low.letters[start:end]
    quote = text[:1]
    if quote in {'"', "'"} and "\\" not in text and text.isascii():  # most are plain, and quickly read
        wide = 3 if text.startswith(quote * 3) else 1
        if len(text) >= 2 * wide and text.endswith(quote * wide):
            return low.build.const(text[wide:-wide], start << 32 | end)
    return text_of(low, string_parts(low, node), node)


def concatenated(low: Lowering, node: Node) -> Place:
    parts: list[str | Place] = []
    for child in node.named_children:
        if child.type == "string":
            parts += string_parts(low, child)
    return text_of(low, parts, node)


def integer(low: Lowering, node: Node) -> Place:
    text = low.text(node).replace("_", "").rstrip("lLjJ")
    try:
        value: Any = int(text, 0) if len(text) < 400 else None
    except ValueError:
        value = int(text, 8) if re.fullmatch(r"0[0-7]+", text) else None
    return low.build.emit((CONST, low.build.temp(), value), span_of(node))


def float_(low: Lowering, node: Node) -> Place:
    try:
        value: Any = float(low.text(node).replace("_", "").rstrip("jJ"))
    except ValueError:
        value = None
    return low.build.emit((CONST, low.build.temp(), value), span_of(node))


# ---- names, members, operators


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


def walrus(low: Lowering, node: Node) -> Place:
    value = low.expr(node.child_by_field_name("value"))
    low.write(low.text(node.child_by_field_name("name")), value, span_of(node))
    return value


# ---- calls and containers


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


def bound_names(low: Lowering, node: Node) -> list[str]:
    if node.type == "identifier":
        return [low.text(node)]
    return [
        name for c in node.named_children if c.type not in ("attribute", "subscript") for name in bound_names(low, c)
    ]


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


# ---- assignment


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


# ---- statements


def expression_statement(low: Lowering, node: Node) -> None:
    for child in node.children:
        low.stmt(child)


def decides(node: Node) -> bool:
    """An expression of `and`, `or`, `not` whose value is used as yes or no: it ends in a comparison."""
    kind = node.type
    if kind == "parenthesized_expression":
        return decides(parts(node)[0])
    if kind != "boolean_operator":
        return kind in ("comparison_operator", "not_operator", "true", "false")
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    return left is not None and right is not None and decides(right) and (decides(left) or left.type == "call")


def return_decision(low: Lowering, node: Node) -> None:
    """`return a and b` as branches, so that what a caller may conclude from either answer is known."""
    build, span = low.build, span_of(node)
    yes, no = build.block(), build.block()
    low.condition(node, yes, no)
    build.start(yes)
    give(low, build.const(True, span), span)
    build.start(no)
    give(low, build.const(False, span), span)


def return_(low: Lowering, node: Node) -> None:
    children = parts(node)
    if children and children[0].type in ("boolean_operator", "parenthesized_expression") and decides(children[0]):
        return_decision(low, children[0])
        return
    give(low, low.expr(children[0]) if children else None, span_of(node))


def raise_(low: Lowering, node: Node) -> None:
    values = [low.expr(c) for c in parts(node)]
    low.build.end((RAISE, values[0] if values else None), span_of(node))


def if_(low: Lowering, node: Node) -> None:
    clauses = node.children_by_field_name("alternative")

    def rest(position: int) -> Callable[[], None] | None:
        if position >= len(clauses):
            return None
        clause = clauses[position]
        if clause.type == "else_clause":
            return lambda: low.block(clause.child_by_field_name("body"))
        return lambda: arm(clause, position + 1)

    def arm(clause: Node, position: int) -> None:
        test = clause.child_by_field_name("condition")
        assert test is not None
        if_else(low, test, lambda: low.block(clause.child_by_field_name("consequence")), rest(position))

    arm(node, 0)


def while_(low: Lowering, node: Node) -> None:
    loop_while(low, node.child_by_field_name("condition"), lambda: low.block(node.child_by_field_name("body")),
               otherwise=else_body(low, node))  # fmt: skip


def else_body(low: Lowering, node: Node) -> Callable[[], None] | None:
    clause = node.child_by_field_name("alternative")
    return None if clause is None else lambda: low.block(clause.child_by_field_name("body"))


def for_(low: Lowering, node: Node) -> None:
    left = node.child_by_field_name("left")
    assert left is not None
    items = low.expr(node.child_by_field_name("right"))
    loop_each(low, items, span_of(node), lambda each: assign(low, left, each),
              lambda: low.block(node.child_by_field_name("body")), else_body(low, node))  # fmt: skip


def break_(low: Lowering, node: Node) -> None:
    leave_loop(low, 1, span_of(node))


def continue_(low: Lowering, node: Node) -> None:
    leave_loop(low, 0, span_of(node))


def try_(low: Lowering, node: Node) -> None:
    handlers: list[Callable[[], None]] = []
    otherwise = final = None
    for child in node.named_children:
        if child.type == "except_clause":
            handlers.append(lambda c=child: except_(low, c))  # type: ignore[misc]
        elif child.type == "else_clause":
            otherwise = lambda c=child: low.block(c.child_by_field_name("body"))  # noqa: E731
        elif child.type == "finally_clause":
            final = lambda c=child: low.block(next(b for b in c.named_children if b.type == "block"))  # noqa: E731
    attempt(low, lambda: low.block(node.child_by_field_name("body")), handlers, otherwise, final)


def except_(low: Lowering, node: Node) -> None:
    for child in node.named_children:
        if child.type == "block":
            low.block(child)
        elif child.type == "as_pattern":
            caught = low.expr(child.named_children[0])
            alias = child.child_by_field_name("alias")
            value = low.build.emit((CALC, low.build.temp(), "caught", (caught,)), span_of(child))
            if alias is not None and alias.named_children:
                assign(low, alias.named_children[0], value)
        elif child.type not in NO_MEANING:
            low.expr(child)


def with_(low: Lowering, node: Node) -> None:
    clause = next((c for c in node.named_children if c.type == "with_clause"), None)
    for item in clause.named_children if clause else []:
        value_node = item.child_by_field_name("value")
        if value_node is None:
            continue
        alias = None
        if value_node.type == "as_pattern":
            alias = value_node.child_by_field_name("alias")
            value_node = value_node.named_children[0]
        value = low.expr(value_node)
        entered = low.build.emit((METHOD, low.build.temp(), value, "__enter__", (), ()), span_of(value_node))
        if alias is not None and alias.named_children:
            assign(low, alias.named_children[0], entered)
    low.block(node.child_by_field_name("body"))


def assert_(low: Lowering, node: Node) -> None:
    build = low.build
    test, *message = parts(node)
    passed, failed = build.block(), build.block()
    low.condition(test, passed, failed)
    build.start(failed)
    for child in message:
        low.expr(child)
    build.blocks[build.current].end = (RAISE, None)
    build.start(passed)


def global_(low: Lowering, node: Node) -> None:
    if low.scope.parent is not None:
        low.scope.globals |= {low.text(c) for c in node.named_children}


def nonlocal_(low: Lowering, node: Node) -> None:
    low.scope.outer |= {low.text(c) for c in node.named_children}


def print_(low: Lowering, node: Node) -> None:
    """Python 2's print and exec statements are calls."""
    build, span = low.build, span_of(node)
    name = "exec" if node.type == "exec_statement" else "print"
    callee = build.emit((NAME, build.temp(), name, -1), span)
    args = tuple(low.expr(c) for c in node.named_children if c.type in low.expressions)
    build.emit((CALL, build.temp(), callee, args, ()), span)


# ---- imports


def import_(low: Lowering, node: Node) -> None:
    for child in node.children_by_field_name("name"):
        if child.type == "aliased_import":
            module = low.text(child.child_by_field_name("name"))
            bind_import(low, low.text(child.child_by_field_name("alias")), module, "", node)
        else:
            module = low.text(child)
            bind_import(low, module.split(".")[0], module.split(".")[0], "", node)
            low.module.imported.append(module)


def import_from(low: Lowering, node: Node) -> None:
    module = low.text(node.child_by_field_name("module_name")).replace(" ", "")
    for child in node.children_by_field_name("name"):
        name, alias = low.text(child), low.text(child)
        if child.type == "aliased_import":
            name = low.text(child.child_by_field_name("name"))
            alias = low.text(child.child_by_field_name("alias"))
        bind_import(low, alias, absolute(low, module), name, node)
    if any(c.type == "wildcard_import" for c in node.children):
        low.module.star_imports.append(absolute(low, module))
        low.module.imported.append(absolute(low, module))


def bind_import(low: Lowering, alias: str, module: str, name: str, node: Node) -> None:
    low.module.imported.append(module)
    if low.scope.parent is None:
        low.module.imports.setdefault(alias, (module, name))  # of a try and its fallback the first
    span = span_of(node)
    low.write(alias, low.build.emit((IMPORT, low.build.temp(), module, name), span), span)


def absolute(low: Lowering, module: str) -> str:
    """Resolve a relative import against the module's own dotted name."""
    if not module.startswith("."):
        return module
    rest = module.lstrip(".")
    up = len(module) - len(rest) - (1 if low.module.package else 0)
    base = low.module.name.split(".")
    base = base[: len(base) - up] if up else base
    return ".".join([*base, rest] if rest else base)


# ---- definitions


def definition(low: Lowering, node: Node, decorators: tuple[Node, ...] = ()) -> None:
    name = low.text(node.child_by_field_name("name"))
    in_class = low.scope.function.kind == "class"
    owner = low.scope.function.owner if in_class else -1
    function = low.new_function(low.qualified(name), "method" if in_class else "function", node, owner)
    if node.children[0].type == "async":
        function.flags |= ASYNC
    function.returns = annotation_text(low, node.child_by_field_name("return_type"))
    function.decorators = [low.text(d.named_children[0]) for d in decorators]
    function.flags |= decorator_flags(function.decorators)
    if in_class:
        low.module.classes[owner].methods.setdefault(name, function.index)
    values = [low.expr(d.named_children[0]) for d in decorators]
    defaults = parameters(low, function.params, node.child_by_field_name("parameters"))
    place = low.build.emit((FUNC, low.build.temp(), function.index, defaults), span_of(node))
    low.write(name, decorate(low, values, decorators, place), span_of(node))


def decorator_flags(texts: list[str]) -> int:
    flags = 0
    for text in texts:
        last = text.rsplit(".", 1)[-1]
        flags |= {"staticmethod": STATIC, "classmethod": CLASS_METHOD, "property": PROPERTY,
                  "cached_property": PROPERTY, "abstractproperty": PROPERTY}.get(last, 0)  # fmt: skip
    return flags


def decorate(low: Lowering, values: list[Place], nodes: tuple[Node, ...], place: Place) -> Place:
    for value, node in zip(reversed(values), reversed(nodes), strict=True):
        place = low.build.emit((CALL, low.build.temp(), value, (place,), ()), span_of(node))
    return place


def class_(low: Lowering, node: Node, decorators: tuple[Node, ...] = ()) -> None:
    name = low.text(node.child_by_field_name("name"))
    info = low.new_class(low.qualified(name), node)
    info.decorators = [low.text(d.named_children[0]) for d in decorators]
    values = [low.expr(d.named_children[0]) for d in decorators]
    arguments = node.child_by_field_name("superclasses")
    bases: list[Place] = []
    for child in arguments.named_children if arguments else []:
        if child.type == "keyword_argument":
            low.expr(child.child_by_field_name("value"))
        elif child.type not in NO_MEANING:
            info.bases.append(re.sub(r"\[.*", "", low.text(child), flags=re.S))
            bases.append(low.expr(child))
    place = low.build.emit((CLASS, low.build.temp(), info.index, tuple(bases)), span_of(node))
    low.write(name, decorate(low, values, decorators, place), span_of(node))


def decorated(low: Lowering, node: Node) -> None:
    decorators = tuple(c for c in node.named_children if c.type == "decorator")
    inner_node = node.child_by_field_name("definition")
    if inner_node is not None:
        (class_ if inner_node.type == "class_definition" else definition)(low, inner_node, decorators)


def parameters(low: Lowering, params: list[Param], node: Node | None) -> tuple[tuple[int, Place], ...]:
    """Fill `params`; the values of defaults, evaluated where the function is defined, come back."""
    defaults: list[tuple[int, Place]] = []
    keyword_only = False
    for child in node.children if node else []:
        kind = child.type
        if kind == "identifier":
            params.append(Param(low.text(child), NAMED if keyword_only else POSITIONAL))
            continue
        if not child.is_named:
            continue
        target, annotation, value = child, child.child_by_field_name("type"), child.child_by_field_name("value")
        if kind in ("typed_default_parameter", "default_parameter"):
            target = child.child_by_field_name("name") or child
        elif kind == "typed_parameter":
            target = child.named_children[0]
        if kind == "keyword_separator":
            keyword_only = True
        if target.type in ("list_splat_pattern", "dictionary_splat_pattern"):
            star = REST if target.type == "list_splat_pattern" else NAMED_REST
            keyword_only = True
            name = low.text(target.named_children[0]) if target.named_children else ""
            params.append(Param(name, star))
        elif target.type in ("identifier", "tuple_pattern"):
            place = NAMED if keyword_only else POSITIONAL
            params.append(Param(low.text(target), place, annotation_text(low, annotation)))
            if value is not None:
                default = low.expr(value)
                params[-1].default = default
                note_literal(low, params[-1].name, value, default)
                defaults.append((len(params) - 1, default))
    return tuple(defaults)


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


def function_body(low: Lowering, scope: Scope) -> None:
    node, function = scope.node, scope.function
    if function.kind == "lambda":
        body = node.child_by_field_name("body")
        give(low, low.expr(body), span_of(body) if body else 0)
    elif function.kind == "module":
        low.block(node)
    else:
        low.block(node.child_by_field_name("body"))
    close_generator(low)


SKIMMED = re.compile(
    rb"""^([ \t]*)(?:async[ \t]+)?def[ \t]+\w+\([^()\n"'#]*\)[^()\n"'#:]*:[ \t]*\n"""
    rb"""(?P<body>(?:\1[ \t]+[^\n]*\n|[ \t]*(?:\#[^\n]*)?\n)+)"""
    rb"""|\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\#[^\n]*""",
    re.MULTILINE | re.DOTALL,
)
"""A function whose head is one line, or what may look like one and is a text or comment."""
BLANK = bytes(c if c in b"\n" else ord(" ") for c in range(256))


def skim(source: bytes, wanted: Wanted) -> bytes:
    """The source without the bodies of functions nobody wants: parsing those takes most of the time a test takes.

    Bodies are told by their indentation alone; where that misleads, what is left does not parse.
    """
    out: list[bytes] = []
    end = 0
    for function in SKIMMED.finditer(source):
        body = function["body"]
        if body is None or wanted(function[0]):
            continue
        if body.count(b'"""') % 2 or body.count(b"'''") % 2:  # a text goes on further to the left
            return source
        kept = len(body.rstrip())
        last = body[body.rfind(b"\n", 0, kept) + 1 : kept].lstrip()
        if kept and not last.startswith(b"#") and not last.endswith(b"\\"):
            start = function.start("body")
            out += (source[end:start], body[: kept - 1].translate(BLANK), b"0")
            end = start + kept
    return b"".join((*out, source[end:]))


# ---- match


def match_(low: Lowering, node: Node) -> None:
    subject = low.expr(node.child_by_field_name("subject"))
    build = low.build
    after = build.block()
    body = node.child_by_field_name("body")
    for case in body.named_children if body else []:
        if case.type != "case_clause":
            continue
        matched, following = build.block(), build.block()
        patterns = [c for c in case.named_children if c.type == "case_pattern"]
        if len(patterns) > 1:
            sequence_pattern(low, patterns, subject, following, span_of(case))
        else:
            pattern(low, patterns[0] if patterns else case, subject, following)
        guard = case.child_by_field_name("guard")
        if guard is not None:
            low.condition(guard.named_children[0], matched, following)
        else:
            build.jump(matched)
        build.start(matched)
        low.block(case.child_by_field_name("consequence"))
        build.jump(after, following)
    build.jump(after)


def pattern(low: Lowering, node: Node, subject: Place, miss: int) -> None:
    """Continue in the current block when the pattern matches, else go to `miss`."""
    build, span = low.build, span_of(node)
    kind = node.type
    children = parts(node)

    def need(operator: str, *operands: Place) -> None:
        hit = build.block()
        test = build.emit((CALC, build.temp(), operator, (subject, *operands)), span)
        build.branch(test, hit, miss, span)

    if kind == "case_pattern":
        if children:
            pattern(low, children[0], subject, miss)
    elif kind == "dotted_name" and len(children) == 1:
        low.write(low.text(children[0]), subject, span)
    elif kind == "as_pattern":
        pattern(low, children[0], subject, miss)
        low.write(low.text(children[-1]), subject, span)
    elif kind == "union_pattern":
        union_pattern(low, children, subject, miss)
    elif kind in ("list_pattern", "tuple_pattern"):
        sequence_pattern(low, children, subject, miss, span)
    elif kind == "dict_pattern":
        need("matches")
        keys, values = node.children_by_field_name("key"), node.children_by_field_name("value")
        for key, value in zip(keys, values, strict=False):
            item = build.emit((ITEM, build.temp(), subject, low.expr(key)), span)
            pattern(low, value, item, miss)
    elif kind == "class_pattern":
        class_name = low.expr(children[0])
        need("instance", class_name)
        for child in children[1:]:
            inner_node = child.named_children[0] if child.type == "case_pattern" and child.named_children else child
            pattern(low, inner_node, subject, miss)
    elif kind == "keyword_pattern":
        field = build.emit((LOAD, build.temp(), subject, low.text(children[0])), span)
        pattern(low, children[-1], field, miss)
    elif kind == "splat_pattern":
        if children:
            low.write(low.text(children[0]), subject, span)
    elif kind == "complex_pattern" or kind not in low.expressions:
        if children or kind == "complex_pattern":
            need("matches")
    else:
        need("==", low.expr(node))


def union_pattern(low: Lowering, children: list[Node], subject: Place, miss: int) -> None:
    build = low.build
    hit = build.block()
    for number, child in enumerate(children):
        following = build.block() if number < len(children) - 1 else miss
        pattern(low, child, subject, following)
        build.jump(hit, following)
    build.start(hit)


def sequence_pattern(low: Lowering, children: list[Node], subject: Place, miss: int, span: int) -> None:
    build = low.build
    hit = build.block()
    build.branch(build.emit((CALC, build.temp(), "matches", (subject,)), span), hit, miss, span)
    for number, child in enumerate(children):
        key = build.const(number, span)
        pattern(low, child, build.emit((ITEM, build.temp(), subject, key), span), miss)


EXPRESSIONS: dict[str, Callable[[Lowering, Node], Place]] = {
    "identifier": identifier,
    "attribute": attribute,
    "call": call,
    "string": string,
    "concatenated_string": concatenated,
    "integer": integer,
    "float": float_,
    "true": constant(True),
    "false": constant(False),
    "none": constant(None),
    "ellipsis": constant(None),
    "subscript": subscript,
    "slice": slice_value,
    "binary_operator": binary,
    "boolean_operator": boolean,
    "comparison_operator": comparison,
    "not_operator": not_,
    "unary_operator": unary,
    "parenthesized_expression": inner,
    "conditional_expression": conditional,
    "named_expression": walrus,
    "list": sequence("list"),
    "tuple": sequence("tuple"),
    "set": sequence("set"),
    "expression_list": sequence("tuple"),
    "pattern_list": sequence("tuple"),
    "tuple_pattern": sequence("tuple"),
    "list_pattern": sequence("list"),
    "dictionary": dictionary,
    "list_comprehension": comprehension("list*"),
    "generator_expression": comprehension("list*"),
    "set_comprehension": comprehension("set*"),
    "dictionary_comprehension": comprehension("map*"),
    "lambda": lambda_,
    "await": await_,
    "yield": yield_,
    "list_splat": splat_expression,
    "dictionary_splat": splat_expression,
    "list_splat_pattern": splat_expression,
    "parenthesized_list_splat": splat_expression,
    "as_pattern": inner,
    "assignment": assignment_value,
    "type": inner,
    "dotted_name": identifier,
    "case_pattern": inner,
    "chevron": inner,
}

STATEMENTS: dict[str, Callable[[Lowering, Node], None]] = {
    "expression_statement": expression_statement,
    "assignment": assignment,
    "augmented_assignment": augmented,
    "return_statement": return_,
    "if_statement": if_,
    "for_statement": for_,
    "while_statement": while_,
    "break_statement": break_,
    "continue_statement": continue_,
    "try_statement": try_,
    "with_statement": with_,
    "raise_statement": raise_,
    "assert_statement": assert_,
    "delete_statement": delete,
    "global_statement": global_,
    "nonlocal_statement": nonlocal_,
    "import_statement": import_,
    "import_from_statement": import_from,
    "function_definition": definition,
    "class_definition": class_,
    "decorated_definition": decorated,
    "match_statement": match_,
    "print_statement": print_,
    "exec_statement": print_,
    "block": lambda low, node: low.block(node),
}

PYTHON = Language(
    name="python",
    expressions=EXPRESSIONS,
    statements=STATEMENTS,
    conditions={
        "boolean_operator": condition_either,
        "not_operator": condition_not,
        "parenthesized_expression": condition_inner,
    },
    ignored=frozenset({
        "comment", "line_continuation", "pass_statement", "future_import_statement", "type_alias_statement",
        "positional_separator", "keyword_separator", "type_parameter", "generic_type", "union_type", "splat_type",
        "constrained_type", "member_type", "escape_sequence", "ERROR_COMMENT",
    }),
    children=frozenset({
        "string_start", "string_content", "string_end", "interpolation", "escape_interpolation", "type_conversion",
        "format_specifier", "format_expression", "module", "import_prefix", "relative_import", "aliased_import",
        "wildcard_import", "elif_clause", "else_clause", "case_clause", "except_clause", "finally_clause",
        "with_clause", "with_item", "parameters", "lambda_parameters", "argument_list", "decorator",
        "union_pattern", "dict_pattern", "keyword_pattern", "splat_pattern", "class_pattern", "complex_pattern",
        "default_parameter", "typed_default_parameter", "typed_parameter", "dictionary_splat_pattern",
        "keyword_argument", "pair", "for_in_clause", "if_clause", "as_pattern_target",
    }),
    function=function_body,
    skim=skim,
    extensions=(".py", ".pyw", ".pyi"),
)  # fmt: skip

__all__ = ["PYTHON", "Op"]
