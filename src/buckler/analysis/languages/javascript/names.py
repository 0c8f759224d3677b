"""JavaScript: literals, names with their blocks, members, and the patterns that bind them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from buckler.analysis.ir.ops import (
    BUILD,
    CALC,
    CALL,
    ITEM,
    LOAD,
    NAME,
    POSITIONAL,
    PUT,
    SETKEY,
    SLICE,
    STATIC,
    STORE,
    Op,
    Place,
)  # fmt: skip
from buckler.analysis.languages.javascript import modules
from buckler.analysis.languages.shared import (
    Lowering,
    Scope,
    capture,
    span_of,
    text_of,
)  # fmt: skip
from buckler.analysis.syntax.load import Node

Writer = Callable[[Lowering, str, Place, int], None]
"""Binds a name: by declaring it here or by assigning to whatever it means."""

NO_MEANING = frozenset({"comment", "html_comment", "ERROR"})
FUNCTIONS = frozenset({"arrow_function", "function_expression", "generator_function"})
HOISTED = frozenset({"function_declaration", "generator_function_declaration"})
SIMPLE_VALUES = frozenset({"string", "number", "true", "false", "null", "undefined", "identifier", "array", "object"})
PLAIN_DEFAULTS = frozenset({"string", "number", "true", "false", "null", "undefined"})
DECISIONS = frozenset({"&&", "||", "??"})
OPERATORS = {"instanceof": "instance", ">>>": ">>"}
NUMERIC = frozenset({"*", "/", "%", "&", "|"})
"""Operators that make a number of anything here, and texts or paths in other languages."""
ESCAPE = re.compile(r"\\(\r?\n|u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[0-7]{1,3}|.)", re.S)
SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "\n": "", "\r\n": ""}
DOTTED = re.compile(r"[\w$]+(\.[\w$]+)*")
OCTAL = re.compile(r"0[0-7]+")
WHOLE = re.compile(r"0[xob][0-9a-f]+|[1-9][0-9]*|0")
ARGUMENTS = "<arguments>"


def parts(node: Node) -> list[Node]:
    """Children that mean something where the grammar allows comments anywhere."""
    return [c for c in node.named_children if c.type not in NO_MEANING]


def inner(low: Lowering, node: Node) -> Place:
    children = parts(node)
    return low.expr(children[0]) if children else low.build.const(None, span_of(node))


def child_of(node: Node, kind: str) -> Node | None:
    return next((c for c in node.named_children if c.type == kind), None)


def has_word(node: Node, word: str) -> bool:
    """Whether a keyword such as `async` or `static` stands in front."""
    return any(c.type == word for c in node.children)


# ---- literals


def unescape(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        body = match.group(1)
        if body in SIMPLE:
            return SIMPLE[body]
        try:
            if body[0] in "xu":
                return chr(int(body[1:].strip("{}"), 16))
            if body[0] in "01234567":
                return chr(int(body, 8))
        except (ValueError, OverflowError):
            pass
        return body

    out = ESCAPE.sub(one, text)
    return out if out.isascii() else out.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def literal_text(low: Lowering, node: Node) -> str:
    text = low.text(node)[1:-1]
    return unescape(text) if "\\" in text else text


def string(low: Lowering, node: Node) -> Place:
    return low.build.const(literal_text(low, node), span_of(node))


def template_parts(low: Lowering, node: Node) -> list[str | Place]:
    out: list[str | Place] = []
    for child in node.named_children:
        if child.type == "template_substitution":
            out.append(inner(low, child))
        elif child.type == "string_fragment":
            out.append(low.text(child))
        elif child.type == "escape_sequence":
            out.append(unescape(low.text(child)))
    return out


def template(low: Lowering, node: Node) -> Place:
    return text_of(low, template_parts(low, node), node)


def number(low: Lowering, node: Node) -> Place:
    text = low.text(node).replace("_", "").rstrip("n").lower()
    value: Any = None
    try:
        if OCTAL.fullmatch(text):
            value = int(text, 8)
        elif WHOLE.fullmatch(text):
            value = int(text, 0) if len(text) < 400 else None
        else:
            value = float(text)
            value = int(value) if value.is_integer() and abs(value) < 1 << 53 else value
    except (ValueError, OverflowError):
        value = None
    return low.build.const(value, span_of(node))


def regex(low: Lowering, node: Node) -> Place:
    """A call of `RegExp`, so that the library models can say what it makes."""
    build, span = low.build, span_of(node)
    pattern, flags = node.child_by_field_name("pattern"), node.child_by_field_name("flags")
    low.module.patterns += 1
    callee = build.emit((NAME, build.temp(), "RegExp", -1), span)
    args = (build.const(low.text(pattern), span), build.const(low.text(flags), span))
    return build.emit((CALL, build.temp(), callee, args, ()), span)


# ---- names


def declare(low: Lowering, name: str, layer: int = -1) -> None:
    """Make `name` a local of this function from here on: of the innermost block, or of the whole for layer 0.

    A name that an enclosing block or function already uses gets a local of its own.
    """
    scope = low.scope
    names = scope.layers[layer]
    if name in names:
        return
    names[name] = scope.renames.get(name)
    inside = layer and len(scope.layers) > 1
    if inside and (any(name in known for known in scope.layers[:-1]) or outer(low, name) is not None):
        scope.renames[name] = f"{name}'{len(low.build.locals)}"
    else:
        scope.renames.pop(name, None)
    low.build.local(scope.renames.get(name, name))


def outer(low: Lowering, name: str) -> Scope | None:
    """The enclosing function that has a local of this name."""
    up = low.scope.parent
    while up is not None:
        if up.function.kind != "class" and up.builder and name in up.builder.names:
            return up
        up = up.parent
    return None


def write_declared(low: Lowering, name: str, src: Place, span: int) -> None:
    low.build.copy(low.build.local(low.scope.renames.get(name, name)), src, span)


def write_existing(low: Lowering, name: str, src: Place, span: int) -> None:
    """Assign to the local, the captured or, failing both, the global variable of that name."""
    build = low.build
    name = low.scope.renames.get(name, name)
    if name in build.names or low.scope.parent is None:
        build.copy(build.local(name), src, span)
        return
    up = outer(low, name)
    if up is not None and up.parent is not None:
        capture(up, name)
        build.emit((PUT, name, up.function.index, src), span)
    else:
        low.module.globals_written.append(name)
        build.emit((PUT, name, -1, src), span)


def identifier(low: Lowering, node: Node) -> Place:
    name = low.text(node)
    build, span = low.build, span_of(node)
    if name == "arguments" and ARGUMENTS in build.names:
        items = tuple(i if p.kind == POSITIONAL else (i,) for i, p in enumerate(low.scope.function.params)
                      if p.name != "this")  # fmt: skip
        return build.emit((BUILD, build.temp(), "list", items), span)
    if name in ("exports", "module") and name not in build.names and outer(low, name) is None:
        return modules.itself(low, name, span)
    return low.read(low.scope.renames.get(name, name), span)


def this(low: Lowering, node: Node) -> Place:
    function = low.scope.function
    if function.kind == "method" and function.flags & STATIC:
        return low.read(low.module.classes[function.owner].name.rpartition(".")[2], span_of(node))
    return low.read("this", span_of(node))


def private_name(low: Lowering, node: Node) -> Place:
    """`#name in object`"""
    return low.build.const(low.text(node), span_of(node))


# ---- members


def property_name(low: Lowering, node: Node | None) -> str:
    """The constant name a key stands for; empty when it is computed."""
    if node is None:
        return ""
    if node.type == "string":
        return literal_text(low, node)
    if node.type == "computed_property_name":
        children = parts(node)
        return literal_text(low, children[0]) if children and children[0].type == "string" else ""
    return low.text(node)


def key_of(low: Lowering, node: Node) -> Place:
    """The key of a property or an entry of an object, as a value."""
    if node.type == "computed_property_name":
        return inner(low, node)
    return number(low, node) if node.type == "number" else low.build.const(property_name(low, node), span_of(node))


def member_name(low: Lowering, node: Node) -> str:
    """`name` of `a.name` and of `a["name"]`; empty for other subscripts."""
    if node.type == "member_expression":
        return low.text(node.child_by_field_name("property"))
    index = node.child_by_field_name("index")
    text = literal_text(low, index) if index is not None and index.type == "string" else ""
    return text if DOTTED.fullmatch(text) and "." not in text else ""


def receiver(low: Lowering, node: Node) -> Place:
    """The object a member is taken of."""
    base = node.child_by_field_name("object")
    return super_(low, base) if base is not None and base.type == "super" else low.expr(base)


def super_(low: Lowering, node: Node) -> Place:
    """The same object, seen as an instance of the class above."""
    build, span = low.build, span_of(node)
    callee = build.emit((NAME, build.temp(), "super", -1), span)
    return build.emit((CALL, build.temp(), callee, (), ()), span)


def member(low: Lowering, node: Node) -> Place:
    if node.end_byte - node.start_byte == len("module.exports") and low.text(node) == "module.exports":
        return modules.itself(low, "exports", span_of(node))
    base = receiver(low, node)
    name = member_name(low, node)
    build, span = low.build, span_of(node)
    if name:
        return build.emit((LOAD, build.temp(), base, name), span)
    return build.emit((ITEM, build.temp(), base, low.expr(node.child_by_field_name("index"))), span)


# ---- binding: declarations, assignments, patterns


def bind(low: Lowering, target: Node, value: Place, write: Writer) -> None:
    kind, span = target.type, span_of(target)
    build = low.build
    if kind in ("identifier", "shorthand_property_identifier_pattern", "undefined"):
        write(low, low.text(target), value, span)
    elif kind in ("member_expression", "subscript_expression"):
        base, name = receiver(low, target), member_name(low, target)
        if name:
            build.emit((STORE, base, name, value), span)
        else:
            build.emit((SETKEY, base, low.expr(target.child_by_field_name("index")), value), span)
    elif kind == "object_pattern":
        bind_object(low, target, value, write)
    elif kind == "array_pattern":
        bind_array(low, target, value, write)
    elif kind in ("assignment_pattern", "object_assignment_pattern"):
        left = target.child_by_field_name("left")
        assert left is not None
        bind(low, left, with_default(low, value, target.child_by_field_name("right")), write)
    elif kind in ("rest_pattern", "parenthesized_expression"):
        bind(low, parts(target)[0], value, write)


def read_and_write(low: Lowering, target: Node) -> tuple[Place, Callable[[Place], None]]:
    """The value that `x += 1` or `x++` begins with, and how to write the new one; what is inside runs once."""
    while target.type == "parenthesized_expression" and len(parts(target)) == 1:
        target = parts(target)[0]
    if target.type not in ("member_expression", "subscript_expression"):
        return low.expr(target), lambda value: bind(low, target, value, write_existing)
    base, name, span = receiver(low, target), member_name(low, target), span_of(target)
    if name:
        held = low.build.emit((LOAD, low.build.temp(), base, name), span)
        return held, lambda value: emit(low, (STORE, base, name, value), span)
    key = low.expr(target.child_by_field_name("index"))
    held = low.build.emit((ITEM, low.build.temp(), base, key), span)
    return held, lambda value: emit(low, (SETKEY, base, key, value), span)


def emit(low: Lowering, op: Op, span: int) -> None:
    low.build.emit(op, span)


def bind_object(low: Lowering, target: Node, value: Place, write: Writer) -> None:
    build = low.build
    for child in parts(target):
        span = span_of(child)
        if child.type == "rest_pattern":
            bind(low, child, build.emit((BUILD, build.temp(), "map", ((value,),)), span), write)
            continue
        key = child.child_by_field_name("key") or child.child_by_field_name("left") or child
        inside = child.child_by_field_name("value") or child
        name = property_name(low, key)
        if name and key.type != "number":
            held = build.emit((LOAD, build.temp(), value, name), span)
        else:
            held = build.emit((ITEM, build.temp(), value, key_of(low, key)), span)
        bind(low, inside, held, write)


def bind_array(low: Lowering, target: Node, value: Place, write: Writer) -> None:
    build, position = low.build, 0
    for child in target.children:
        span = span_of(child)
        if child.type == ",":
            position += 1
        elif child.type == "rest_pattern":
            rest = build.emit((SLICE, build.temp(), value, build.const(position, span), None), span)
            bind(low, child, rest, write)
        elif child.is_named and child.type not in NO_MEANING:
            key = build.const(position, span)
            bind(low, child, build.emit((ITEM, build.temp(), value, key), span), write)


def with_default(low: Lowering, value: Place, default: Node | None) -> Place:
    """The value, or the default where it is undefined."""
    build, span = low.build, span_of(default) if default is not None else 0
    result = build.hidden("<default>")
    build.copy(result, value, span)
    missing, after = build.block(), build.block()
    test = build.emit((CALC, build.temp(), "===", (value, build.const(None, span))), span)
    build.branch(test, missing, after, span)
    build.copy(result, low.expr(default), span)
    build.jump(after)
    return result


def bound_names(low: Lowering, node: Node) -> list[str]:
    if node.type in ("identifier", "shorthand_property_identifier_pattern"):
        return [low.text(node)]
    if node.type in ("assignment_pattern", "object_assignment_pattern"):
        node = node.child_by_field_name("left") or node
        return bound_names(low, node)
    if node.type == "pair_pattern":
        value = node.child_by_field_name("value")
        return bound_names(low, value) if value is not None else []
    return [name for c in parts(node) for name in bound_names(low, c)]


def declare_all(low: Lowering, target: Node, kind: str) -> None:
    for name in bound_names(low, target):
        declare(low, name, 0 if kind == "var" else -1)
