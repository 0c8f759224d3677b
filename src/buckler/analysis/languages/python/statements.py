"""Python: statements that decide where control goes."""

from __future__ import annotations

from collections.abc import Callable

from buckler.analysis.ir.ops import CALC, CALL, METHOD, NAME, RAISE
from buckler.analysis.languages.python.names import NO_MEANING, assign, parts
from buckler.analysis.languages.shared import (
    Lowering,
    attempt,
    give,
    if_else,
    leave_loop,
    loop_each,
    loop_while,
    span_of,
)
from buckler.analysis.syntax.load import Node


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
