"""Python: `match`, whose patterns are tests and assignments."""

from __future__ import annotations

from buckler.analysis.ir.ops import CALC, ITEM, LOAD, Place
from buckler.analysis.languages.python.names import parts
from buckler.analysis.languages.shared import Lowering, span_of
from buckler.analysis.syntax.load import Node


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
