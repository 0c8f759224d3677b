"""JavaScript: every node kind of its grammar, ES5 to ES2024, CommonJS and ES modules, JSX tolerated.

What modules import and export is in `javascript_modules`.

>>> from buckler.analysis.languages.shared import lower
>>> lower(JAVASCRIPT, "a.js", "a", False, b"const f = (x) => x").functions[1].name
'f'
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from buckler.analysis.ir.ops import (
    ASYNC,
    BUILD,
    CALC,
    CALL,
    CLASS,
    COPY,
    DELKEY,
    FUNC,
    ITEM,
    JUMP,
    LOAD,
    METHOD,
    NAME,
    POSITIONAL,
    PROPERTY,
    PUT,
    RAISE,
    REST,
    SETKEY,
    SLICE,
    STATIC,
    STORE,
    Function,
    Param,
    Place,
)  # fmt: skip
from buckler.analysis.languages import javascript_modules as modules
from buckler.analysis.languages.shared import (
    Language,
    Lowering,
    Scope,
    attempt,
    capture,
    choose,
    close_generator,
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
    """A call of `RegExp`, so that knowledge can say what it makes."""
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
    if low.text(node) == "module.exports":
        return modules.itself(low, "exports", span_of(node))
    base = receiver(low, node)
    name = member_name(low, node)
    build, span = low.build, span_of(node)
    if name:
        return build.emit((LOAD, build.temp(), base, name), span)
    return build.emit((ITEM, build.temp(), base, low.expr(node.child_by_field_name("index"))), span)


# ---- operators


def binary(low: Lowering, node: Node) -> Place:
    """Long sums lean to the left; they are walked, not recursed into."""
    chain = [node]
    while (left := chain[-1].child_by_field_name("left")) is not None and left.type == "binary_expression":
        if operator_of(left) in DECISIONS:
            break
        chain.append(left)
    if operator_of(node) in DECISIONS:
        return either(low, node, operator_of(node) == "&&", SIMPLE_VALUES)
    place = low.expr(chain[-1].child_by_field_name("left"))
    for link in reversed(chain):
        right = low.expr(link.child_by_field_name("right"))
        place = calculate(low, operator_of(link), place, right, span_of(link))
    return place


def operator_of(node: Node) -> str:
    operator = node.child_by_field_name("operator")
    return operator.type if operator is not None else "?"


def calculate(low: Lowering, operator: str, left: Place, right: Place, span: int) -> Place:
    build = low.build
    result = build.emit((CALC, build.temp(), OPERATORS.get(operator, operator), (left, right)), span)
    return build.emit((CALC, build.temp(), "u+", (result,)), span) if operator in NUMERIC else result


def unary(low: Lowering, node: Node) -> Place:
    argument, operator = node.child_by_field_name("argument"), operator_of(node)
    build, span = low.build, span_of(node)
    if operator == "delete" and argument is not None:
        return delete(low, argument, span)
    value = low.expr(argument)
    if operator == "typeof":
        callee = build.emit((NAME, build.temp(), "typeof", -1), span)
        return build.emit((CALL, build.temp(), callee, (value,), ()), span)
    if operator == "void":
        return build.const(None, span)
    return build.emit((CALC, build.temp(), "u" + operator, (value,)), span)


def delete(low: Lowering, target: Node, span: int) -> Place:
    if target.type in ("member_expression", "subscript_expression"):
        base, name = receiver(low, target), member_name(low, target)
        key = low.build.const(name, span) if name else low.expr(target.child_by_field_name("index"))
        low.build.emit((DELKEY, base, key), span)
    return low.build.const(True, span)


def update(low: Lowering, node: Node) -> Place:
    """`x++`, `--x`"""
    build, span = low.build, span_of(node)
    argument = node.child_by_field_name("argument")
    assert argument is not None
    before = build.emit((CALC, build.temp(), "u+", (low.expr(argument),)), span)
    pair = (before, build.const(1, span))
    after = build.emit((CALC, build.temp(), operator_of(node)[0], pair), span)
    bind(low, argument, after, write_existing)
    return after if node.children[0].type in ("++", "--") else before


def condition_binary(low: Lowering, node: Node, then: int, otherwise: int) -> None:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    operator = operator_of(node)
    if operator in ("&&", "||") and left is not None and right is not None:
        short_circuit(low, left, right, then, otherwise, operator == "&&")
    else:
        low.build.branch(binary(low, node), then, otherwise, span_of(node))


def condition_unary(low: Lowering, node: Node, then: int, otherwise: int) -> None:
    argument = node.child_by_field_name("argument")
    if operator_of(node) == "!" and argument is not None:
        low.condition(argument, otherwise, then)
    else:
        low.build.branch(unary(low, node), then, otherwise, span_of(node))


def condition_inner(low: Lowering, node: Node, then: int, otherwise: int) -> None:
    low.condition(parts(node)[0], then, otherwise)


def inner(low: Lowering, node: Node) -> Place:
    children = parts(node)
    return low.expr(children[0]) if children else low.build.const(None, span_of(node))


def ternary(low: Lowering, node: Node) -> Place:
    test, then = node.child_by_field_name("condition"), node.child_by_field_name("consequence")
    otherwise = node.child_by_field_name("alternative")
    assert test is not None
    assert then is not None
    assert otherwise is not None
    return choose(low, test, then, otherwise)


def sequence(low: Lowering, node: Node) -> Place:
    places = [low.expr(c) for c in parts(node)]
    return places[-1]


def yield_(low: Lowering, node: Node) -> Place:
    produce(low, inner(low, node), span_of(node), has_word(node, "*"))
    return low.build.emit((CALC, low.build.temp(), "sent", ()), span_of(node))


# ---- calls


def call(low: Lowering, node: Node) -> Place:
    function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    build, span = low.build, span_of(node)
    assert function is not None
    while function.type == "parenthesized_expression" and len(parts(function)) == 1:
        function = parts(function)[0]
    module = modules.required(low, node)
    if module is not None:
        return modules.load(low, module, "", span)
    if function.type in ("member_expression", "subscript_expression") and (name := member_name(low, function)):
        return call_member(low, function, name, arguments, span)
    if function.type == "super":
        base, name = super_(low, function), "constructor"
        return build.emit((METHOD, build.temp(), base, name, call_arguments(low, arguments), ()), span)
    callee = build.emit((NAME, build.temp(), "import", -1), span) if function.type == "import" else low.expr(function)
    return build.emit((CALL, build.temp(), callee, call_arguments(low, arguments), ()), span)


def call_member(low: Lowering, function: Node, name: str, arguments: Node | None, span: int) -> Place:
    build = low.build
    target = function.child_by_field_name("object")
    given = parts(arguments) if arguments is not None and arguments.type == "arguments" else []
    if name in ("call", "apply", "bind") and target is not None and given and about_this(low, target, given[0]):
        callee = low.expr(target)
        if name == "bind":
            return callee
        args = call_arguments(low, arguments)[1:]
        if name == "apply":
            args = tuple((a,) if isinstance(a, int) else a for a in args)
        return build.emit((CALL, build.temp(), callee, args, ()), span)
    base = receiver(low, function)
    return build.emit((METHOD, build.temp(), base, name, call_arguments(low, arguments), ()), span)


def about_this(low: Lowering, target: Node, first: Node) -> bool:
    """Whether `target.call(first, …)` calls the function `target`, not a method named `call`."""
    text = low.text(target)
    return (first.type in ("this", "null", "undefined") or target.type in FUNCTIONS or ".prototype." in text
            or text.startswith(low.text(first) + "."))  # fmt: skip


def call_arguments(low: Lowering, node: Node | None) -> tuple[Any, ...]:
    if node is None:
        return ()
    if node.type == "template_string":
        return tag_arguments(low, node)
    return tuple(elements(low, node))


def tag_arguments(low: Lowering, node: Node) -> tuple[Place, ...]:
    """A tag gets the list of literals, then the values between them."""
    pieces, places = [""], []
    for part in template_parts(low, node):
        if isinstance(part, str):
            pieces[-1] += part
        else:
            pieces.append("")
            places.append(part)
    literals = tuple(low.build.const(p, span_of(node)) for p in pieces)
    return low.build.emit((BUILD, low.build.temp(), "list", literals), span_of(node)), *places


def new(low: Lowering, node: Node) -> Place:
    callee = low.expr(node.child_by_field_name("constructor"))
    arguments = call_arguments(low, node.child_by_field_name("arguments"))
    return low.build.emit((CALL, low.build.temp(), callee, arguments, ()), span_of(node))


# ---- containers


def elements(low: Lowering, node: Node) -> list[Any]:
    return [(inner(low, c),) if c.type == "spread_element" else low.expr(c) for c in parts(node)]


def array(low: Lowering, node: Node) -> Place:
    return low.build.emit((BUILD, low.build.temp(), "list", tuple(elements(low, node))), span_of(node))


def object_(low: Lowering, node: Node) -> Place:
    return object_named(low, node, "")


def object_named(low: Lowering, node: Node, prefix: str, exported: bool = False) -> Place:
    """An object literal; functions in it are called after `prefix` and their key."""
    items: list[tuple[Place, ...]] = []
    for child in parts(node):
        kind = child.type
        if kind == "spread_element":
            items.append((inner(low, child),))
            if exported and (module := modules.required(low, parts(child)[0])):
                low.module.star_imports.append(module)
        elif kind == "shorthand_property_identifier":
            items.append((low.build.const(low.text(child), span_of(child)), identifier(low, child)))
        elif kind in ("pair", "method_definition"):
            items.append(pair(low, child, prefix, exported))
    return low.build.emit((BUILD, low.build.temp(), "map", tuple(items)), span_of(node))


def pair(low: Lowering, node: Node, prefix: str, exported: bool) -> tuple[Place, Place]:
    """A key with its value, or a method."""
    is_method = node.type == "method_definition"
    key, value = node.child_by_field_name("name" if is_method else "key"), node.child_by_field_name("value")
    assert key is not None
    name = property_name(low, key)
    place = key_of(low, key)
    full = name if exported else inside_object(low, prefix, name, key)
    if not is_method:
        held = value_named(low, value, full, True)
        note_literal(low, name, value, held)
    else:
        held = closure(low, function_of(low, node, full, "function"), node)
        if has_word(node, "get"):
            held = low.build.emit((CALL, low.build.temp(), held, (), ()), span_of(node))
    if exported and name:
        modules.export(low, name, value or node, held, span_of(node))
    return place, held


def inside_object(low: Lowering, prefix: str, name: str, key: Node) -> str:
    return f"{prefix}.{name}" if prefix else low.qualified(f"<{name or 'object'}:{key.start_byte}>")


# ---- functions and classes


def function_of(low: Lowering, node: Node, name: str, kind: str, owner: int = -1, flags: int = 0) -> Function:
    function = low.new_function(name, kind, node, owner)
    function.flags = flags | (ASYNC if has_word(node, "async") else 0)
    if kind == "method" and not flags & STATIC:
        function.params.append(Param("this"))
    for position, target in enumerate(parameter_nodes(node)):
        core = target.child_by_field_name("left") if target.type == "assignment_pattern" else target
        if core is not None and core.type == "rest_pattern":
            core = parts(core)[0] if parts(core) else None
        named = core is not None and core.type in ("identifier", "undefined")
        kind_ = REST if target.type == "rest_pattern" else POSITIONAL
        function.params.append(Param(low.text(core) if named else f"<{position}>", kind_))
    rest = any(p.kind == REST for p in function.params)
    if node.type != "arrow_function" and not rest and uses(low, node, "arguments"):
        function.params.append(Param(ARGUMENTS, REST))
    return function


def uses(low: Lowering, node: Node, word: str) -> bool:
    return low.source.find(word.encode(), node.start_byte, node.end_byte) >= 0


def parameter_nodes(node: Node) -> list[Node]:
    single = node.child_by_field_name("parameter")
    if single is not None:
        return [single]
    listed = node.child_by_field_name("parameters")
    return parts(listed) if listed is not None else []


def closure(low: Lowering, function: Function, node: Node) -> Place:
    """The value of a function; plain defaults are evaluated here, others when it runs."""
    first = 1 if function.params and function.params[0].name == "this" else 0
    defaults: list[tuple[int, Place]] = []
    for position, target in enumerate(parameter_nodes(node), first):
        value = target.child_by_field_name("right") if target.type == "assignment_pattern" else None
        if value is not None and plain(value):
            place = low.expr(value)
            function.params[position].default = place
            note_literal(low, function.params[position].name, value, place)
            defaults.append((position, place))
    return low.build.emit((FUNC, low.build.temp(), function.index, tuple(defaults)), span_of(node))


def plain(value: Node) -> bool:
    return value.type in PLAIN_DEFAULTS or (value.type in ("object", "array") and not value.named_children)


def anonymous(low: Lowering, node: Node) -> Place:
    name = low.text(node.child_by_field_name("name")) or f"<lambda:{node.start_byte}>"
    return closure(low, function_of(low, node, low.qualified(name), "lambda"), node)


def value_named(low: Lowering, node: Node | None, name: str, full: bool = False) -> Place:
    """A value that gets a name of its own when it is a function, a class or an object of functions.

    `full`: the name is not to be put under the name of the enclosing function.
    """
    if node is None or not name:
        return low.expr(node)
    kind = node.type
    if kind not in FUNCTIONS and kind not in ("class", "object"):
        return low.expr(node)
    name = name if full else low.qualified(name)
    if kind == "class":
        return class_named(low, node, name)
    if kind == "object":
        return object_named(low, node, name)
    return closure(low, function_of(low, node, name, "lambda" if "<" in name else "function"), node)


def hoist(low: Lowering, nodes: Iterable[Node]) -> None:
    """Function declarations are there before the first statement runs."""
    found = []
    for node in nodes:
        target = node
        if node.type == "export_statement":
            target = node.child_by_field_name("declaration") or node
        if target.type in HOISTED:
            declare(low, low.text(target.child_by_field_name("name")))
            found.append(target)
    for target in found:
        name = low.text(target.child_by_field_name("name"))
        function = function_of(low, target, low.qualified(name), "function")
        write_declared(low, name, closure(low, function, target), span_of(target))


def class_named(low: Lowering, node: Node, name: str) -> Place:
    info = low.new_class(name, node)
    heritage = child_of(node, "class_heritage")
    bases: tuple[Place, ...] = ()
    if heritage is not None and parts(heritage):
        base = parts(heritage)[0]
        info.bases.append(modules.base_text(low, base))
        bases = (low.expr(base),)
    decorators = [c for c in node.named_children if c.type == "decorator"]
    info.decorators = [low.text(d)[1:] for d in decorators]
    values = [inner(low, d) for d in decorators]
    place = low.build.emit((CLASS, low.build.temp(), info.index, bases), span_of(node))
    return decorate(low, values, place, span_of(node))


def decorate(low: Lowering, values: list[Place], place: Place, span: int) -> Place:
    for value in reversed(values):
        place = low.build.emit((CALL, low.build.temp(), value, (place,), ()), span)
    return place


def class_expression(low: Lowering, node: Node) -> Place:
    name = low.text(node.child_by_field_name("name")) or f"<class:{node.start_byte}>"
    return class_named(low, node, low.qualified(name))


def class_declaration(low: Lowering, node: Node) -> None:
    name = low.text(node.child_by_field_name("name"))
    declare(low, name)
    write_declared(low, name, class_named(low, node, low.qualified(name)), span_of(node))


def class_body(low: Lowering, node: Node) -> None:
    """Methods and static fields; the others are the business of the constructor."""
    owner = low.scope.function.owner
    body = node.child_by_field_name("body")
    for child in parts(body) if body is not None else []:
        if child.type == "method_definition":
            method(low, child, owner)
        elif child.type == "field_definition" and has_word(child, "static"):
            field(low, child)
        elif child.type == "class_static_block":
            low.block(child.child_by_field_name("body"))
    methods = low.module.classes[owner].methods
    if body is not None and "constructor" not in methods and instance_fields(body):
        made = low.new_function(low.qualified("constructor"), "method", body, owner)
        made.params = [Param("this"), Param(ARGUMENTS, REST)]
        methods["constructor"] = made.index
        place = low.build.emit((FUNC, low.build.temp(), made.index, ()), span_of(body))
        write_declared(low, "constructor", place, span_of(body))


def method(low: Lowering, node: Node, owner: int) -> None:
    name = property_name(low, node.child_by_field_name("name")) or f"<computed:{node.start_byte}>"
    name += "=" if has_word(node, "set") else ""
    flags = (STATIC if has_word(node, "static") else 0) | (PROPERTY if has_word(node, "get") else 0)
    function = function_of(low, node, low.qualified(name), "method", owner, flags)
    low.module.classes[owner].methods.setdefault(name, function.index)
    decorators = [c for c in node.named_children if c.type == "decorator"]
    function.decorators = [low.text(d)[1:] for d in decorators]
    values = [inner(low, d) for d in decorators]
    place = decorate(low, values, closure(low, function, node), span_of(node))
    write_declared(low, name, place, span_of(node))


def instance_fields(body: Node) -> list[Node]:
    return [c for c in parts(body) if c.type == "field_definition" and not has_word(c, "static")]


def field(low: Lowering, node: Node) -> None:
    """A static field is a name of the class body, another is written on the receiver of the constructor."""
    name = property_name(low, node.child_by_field_name("property"))
    value = node.child_by_field_name("value")
    place = value_named(low, value, name)
    note_literal(low, name, value, place)
    if low.scope.function.kind == "class":
        write_declared(low, name, place, span_of(node))
    elif name:
        low.build.emit((STORE, 0, name, place), span_of(node))


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


def declaration(low: Lowering, node: Node) -> None:
    kind = "var" if node.type == "variable_declaration" else "let"
    for child in node.named_children:
        if child.type == "variable_declarator":
            declarator(low, child, kind)


def declarator(low: Lowering, node: Node, kind: str) -> None:
    target, value = node.child_by_field_name("name"), node.child_by_field_name("value")
    assert target is not None
    declare_all(low, target, kind)
    if value is None:
        if kind != "var":
            write_declared(low, low.text(target), low.build.const(None, span_of(node)), span_of(node))
        return
    if modules.bind_required(low, target, value, write_declared):
        return
    name = low.text(target) if target.type == "identifier" else ""
    place = value_named(low, value, name)
    note_literal(low, name, value, place)
    bind(low, target, place, write_declared)


def assignment(low: Lowering, node: Node) -> Place:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    assert left is not None
    assert right is not None
    exported = modules.exported_name(low, left)
    if exported is not None:
        place = export_value(low, exported, right)
        if left.type != "identifier":
            modules.export(low, exported, right, place, span_of(node))
        return place
    text = low.text(left) if left.type in ("identifier", "member_expression", "subscript_expression") else ""
    place = value_named(low, right, text.replace(".prototype.", ".") if DOTTED.fullmatch(text) else "")
    if text:
        note_literal(low, text, right, place)
    bind(low, left, place, write_existing)
    return place


def export_value(low: Lowering, name: str, node: Node) -> Place:
    """What is exported gets the name it is exported under, from inside any function."""
    if name == modules.WHOLE and node.type == "object":
        return object_named(low, node, "", True)
    return value_named(low, node, "default" if name == modules.WHOLE else name, True)


def augmented(low: Lowering, node: Node) -> Place:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    assert left is not None
    operator = operator_of(node)[:-1]
    result = calculate(low, operator, low.expr(left), low.expr(right), span_of(node))
    bind(low, left, result, write_existing)
    return result


# ---- statements


def in_block(low: Lowering, nodes: list[Node]) -> None:
    """Statements with a scope of their own."""
    scope = low.scope
    scope.layers.append({})
    hoist(low, nodes)
    for node in nodes:
        low.stmt(node)
    restore(scope)


def restore(scope: Scope) -> None:
    for name, before in scope.layers.pop().items():
        if before is None:
            scope.renames.pop(name, None)
        else:
            scope.renames[name] = before


def block(low: Lowering, node: Node) -> None:
    in_block(low, node.named_children)


def body_of(low: Lowering, node: Node | None) -> Callable[[], None]:
    """The body of a loop or branch: a block or a bare statement."""
    return lambda: in_block(low, [node] if node is not None else [])


def expression_statement(low: Lowering, node: Node) -> None:
    for child in parts(node):
        if child.type != "string":
            low.expr(child)


def return_(low: Lowering, node: Node) -> None:
    give(low, inner(low, node) if parts(node) else None, span_of(node))


def throw(low: Lowering, node: Node) -> None:
    low.build.end((RAISE, inner(low, node)), span_of(node))


def if_(low: Lowering, node: Node) -> None:
    test, clause = node.child_by_field_name("condition"), node.child_by_field_name("alternative")
    assert test is not None
    otherwise = body_of(low, parts(clause)[0]) if clause is not None and parts(clause) else None
    if_else(low, test, body_of(low, node.child_by_field_name("consequence")), otherwise)


def while_(low: Lowering, node: Node) -> None:
    loop_while(low, node.child_by_field_name("condition"), body_of(low, node.child_by_field_name("body")))


def do(low: Lowering, node: Node) -> None:
    test = node.child_by_field_name("condition")
    body = body_of(low, node.child_by_field_name("body"))
    if test is not None:
        do_while(low, test, body)


def do_while(low: Lowering, test: Node, body: Callable[[], None]) -> None:
    build = low.build
    inside, again, after = build.block(), build.block(), build.block()
    build.jump(inside)
    build.loops.append((again, after))
    body()
    build.loops.pop()
    build.jump(again)
    low.condition(test, inside, after)
    build.start(after)


def for_(low: Lowering, node: Node) -> None:
    scope = low.scope
    scope.layers.append({})
    first, step = node.child_by_field_name("initializer"), node.child_by_field_name("increment")
    test = node.child_by_field_name("condition")
    if first is not None:
        low.stmt(first)
    loop_while(low, None if test is None or test.type == "empty_statement" else test,
               body_of(low, node.child_by_field_name("body")), (lambda: low.stmt(step)) if step is not None else None)  # fmt: skip
    restore(scope)


def for_in(low: Lowering, node: Node) -> None:
    """`for (x of items)`; `for (key in object)` goes over the keys."""
    left, kind = node.child_by_field_name("left"), low.text(node.child_by_field_name("kind"))
    assert left is not None
    items = low.expr(node.child_by_field_name("right"))
    scope = low.scope
    scope.layers.append({})
    if kind:
        declare_all(low, left, kind)
    write = write_declared if kind else write_existing
    loop_each(low, items, span_of(node), lambda each: bind(low, left, each, write),
              body_of(low, node.child_by_field_name("body")))  # fmt: skip
    restore(scope)


def jump_out(low: Lowering, node: Node, which: int) -> None:
    """which: 0 continue, 1 break; with or without a label."""
    label = node.child_by_field_name("label")
    target = low.scope.labels.get(low.text(label)) if label is not None else None
    if isinstance(target, int):
        target = low.build.loops[target] if target < len(low.build.loops) else None
    if target is not None:
        low.build.end((JUMP, target[which]), span_of(node))
    else:
        leave_loop(low, which, span_of(node))


def break_(low: Lowering, node: Node) -> None:
    jump_out(low, node, 1)


def continue_(low: Lowering, node: Node) -> None:
    jump_out(low, node, 0)


LOOPS = frozenset({"for_statement", "for_in_statement", "while_statement", "do_statement"})


def labelled(low: Lowering, node: Node) -> None:
    label, body = low.text(node.child_by_field_name("label")), node.child_by_field_name("body")
    if body is None:
        return
    if body.type in LOOPS:
        low.scope.labels[label] = len(low.build.loops)
        low.stmt(body)
    else:
        after = low.build.block()
        low.scope.labels[label] = (after, after)
        in_block(low, [body])
        low.build.jump(after)
    del low.scope.labels[label]


def switch(low: Lowering, node: Node) -> None:
    """Tests in order, each against the subject; bodies fall through to the next."""
    build = low.build
    subject = low.expr(node.child_by_field_name("value"))
    listed = node.child_by_field_name("body")
    cases = [c for c in parts(listed) if c.type in ("switch_case", "switch_default")] if listed is not None else []
    low.scope.layers.append({})
    for case in cases:
        hoist(low, case.children_by_field_name("body"))
    bodies, after = [build.block() for _ in cases], build.block()
    default = after
    for case, target in zip(cases, bodies, strict=True):
        if case.type == "switch_default":
            default = target
            continue
        following = build.block()
        value = low.expr(case.child_by_field_name("value"))
        test = build.emit((CALC, build.temp(), "===", (subject, value)), span_of(case))
        build.branch(test, target, following, span_of(case))
        build.start(following)
    build.jump(default)
    build.loops.append((build.loops[-1][0] if build.loops else after, after))
    for case, target, following in zip(cases, bodies, [*bodies[1:], after], strict=True):
        build.start(target)
        for statement in case.children_by_field_name("body"):
            low.stmt(statement)
        build.jump(following)
    build.loops.pop()
    build.start(after)
    restore(low.scope)


def try_(low: Lowering, node: Node) -> None:
    handler, final = node.child_by_field_name("handler"), node.child_by_field_name("finalizer")
    handlers = [lambda: catch(low, handler)] if handler is not None else []
    last = body_of(low, final.child_by_field_name("body")) if final is not None else None
    attempt(low, body_of(low, node.child_by_field_name("body")), handlers, None, last)


def catch(low: Lowering, node: Node) -> None:
    parameter = node.child_by_field_name("parameter")
    low.scope.layers.append({})
    if parameter is not None:
        declare_all(low, parameter, "let")
        caught = low.build.emit((CALC, low.build.temp(), "caught", ()), span_of(parameter))
        bind(low, parameter, caught, write_declared)
    body_of(low, node.child_by_field_name("body"))()
    restore(low.scope)


def with_(low: Lowering, node: Node) -> None:
    low.expr(node.child_by_field_name("object"))
    body_of(low, node.child_by_field_name("body"))()


def export_statement(low: Lowering, node: Node) -> None:
    inside, value = node.child_by_field_name("declaration"), node.child_by_field_name("value")
    if inside is not None:
        if inside.type not in HOISTED:
            low.stmt(inside)
        if has_word(node, "default"):
            modules.export_declared(low, "default", low.text(inside.child_by_field_name("name")))
    elif value is not None:
        modules.export(low, "default", value, value_named(low, value, "default", True), span_of(node))
    else:
        modules.export_names(low, node)


# ---- JSX


def element(low: Lowering, node: Node) -> Place:
    """`<div a={b}>c</div>` calls `jsx("div", {a: b}, c)`; `<Thing a={b}/>` calls `Thing({a: b})`."""
    build, span = low.build, span_of(node)
    opening = child_of(node, "jsx_opening_element") or node
    tag = opening.child_by_field_name("name")
    attributes = [attribute(low, c) for c in opening.children_by_field_name("attribute")]
    properties = [pair for pair in attributes if pair]
    children = [low.expr(c) for c in node.named_children if c.type in JSX_CHILDREN]
    if tag is not None and (tag.type == "member_expression" or low.text(tag)[:1].isupper()):
        if children:
            held = build.emit((BUILD, build.temp(), "list", tuple(children)), span)
            properties.append((build.const("children", span), held))
        callee, args = low.expr(tag), []
    else:
        callee, args = build.emit((NAME, build.temp(), "jsx", -1), span), [build.const(low.text(tag), span)]
    args.append(build.emit((BUILD, build.temp(), "map", tuple(properties)), span))
    given = (*args, *children) if len(args) > 1 else tuple(args)
    return build.emit((CALL, build.temp(), callee, given, ()), span)


JSX_CHILDREN = frozenset({"jsx_expression", "jsx_element", "jsx_self_closing_element"})


def attribute(low: Lowering, node: Node) -> tuple[Place, ...]:
    children = parts(node)
    if node.type == "jsx_expression":
        return (inner(low, children[0]),) if children and children[0].type == "spread_element" else ()
    key = low.build.const(low.text(children[0]), span_of(node))
    value = low.expr(children[1]) if len(children) > 1 else low.build.const(True, span_of(node))
    return key, value


# ---- bodies


def function_body(low: Lowering, scope: Scope) -> None:
    node, function = scope.node, scope.function
    scope.layers.append({})
    for param in function.params:
        scope.layers[0][param.name] = None
        scope.renames.pop(param.name, None)
    if function.kind == "module":
        hoist(low, node.named_children)
        low.block(node)
    elif function.kind == "class":
        class_body(low, node)
    elif node.type == "class_body":
        made_constructor(low, scope)
    else:
        plain_body(low, scope)
    close_generator(low)


def made_constructor(low: Lowering, scope: Scope) -> None:
    """The constructor a class with fields but without one gets."""
    build, span = low.build, span_of(scope.node)
    if low.module.classes[scope.function.owner].bases:
        base = super_(low, scope.node)
        build.emit((METHOD, build.temp(), base, "constructor", ((1,),), ()), span)
    for child in instance_fields(scope.node):
        field(low, child)


def plain_body(low: Lowering, scope: Scope) -> None:
    node, function = scope.node, scope.function
    first = 1 if function.params and function.params[0].name == "this" else 0
    name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    assert body is not None
    if node.type in FUNCTIONS and name is not None and uses(low, body, low.text(name)):
        declare(low, low.text(name))
        write_declared(low, low.text(name), low.build.emit((FUNC, low.build.temp(), function.index, ()), 0), 0)
    for position, target in enumerate(parameter_nodes(node), first):
        parameter(low, target, position)
    if function.kind == "method" and name is not None and low.text(name) == "constructor" and node.parent is not None:
        for child in instance_fields(node.parent):
            field(low, child)
    if body.type == "statement_block":
        hoist(low, body.named_children)
        low.block(body)
    else:
        give(low, low.expr(body), span_of(body))


def parameter(low: Lowering, target: Node, place: Place) -> None:
    """Take a pattern apart; give a default that is not plain when nothing came in."""
    value = target.child_by_field_name("right") if target.type == "assignment_pattern" else None
    core = target.child_by_field_name("left") if target.type == "assignment_pattern" else target
    if core is None:
        return
    if core.type == "rest_pattern":
        core = parts(core)[0]
    source = place
    if value is not None and not plain(value):
        source = with_default(low, place, value)
    if core.type == "identifier":
        if source != place:
            low.build.emit((COPY, place, source), span_of(target))
        return
    declare_all(low, core, "var")
    bind(low, core, source, write_declared)


def import_statement(low: Lowering, node: Node) -> None:
    for name in modules.import_names(low, node):
        declare(low, name, 0)
    modules.import_statement(low, node, write_declared)


def nothing(low: Lowering, node: Node) -> None:
    """Function declarations were hoisted."""


EXPRESSIONS: dict[str, Callable[[Lowering, Node], Place]] = {
    "identifier": identifier,
    "this": this,
    "super": super_,
    "member_expression": member,
    "subscript_expression": member,
    "call_expression": call,
    "new_expression": new,
    "string": string,
    "template_string": template,
    "number": number,
    "regex": regex,
    "true": constant(True),
    "false": constant(False),
    "null": constant(None),
    "undefined": constant(None),
    "meta_property": constant(None),
    "import": constant(None),
    "binary_expression": binary,
    "unary_expression": unary,
    "update_expression": update,
    "ternary_expression": ternary,
    "parenthesized_expression": inner,
    "sequence_expression": sequence,
    "spread_element": inner,
    "assignment_expression": assignment,
    "augmented_assignment_expression": augmented,
    "array": array,
    "object": object_,
    "arrow_function": anonymous,
    "function_expression": anonymous,
    "generator_function": anonymous,
    "class": class_expression,
    "await_expression": inner,
    "yield_expression": yield_,
    "jsx_element": element,
    "jsx_self_closing_element": element,
    "jsx_expression": inner,
    "private_property_identifier": private_name,
}

STATEMENTS: dict[str, Callable[[Lowering, Node], None]] = {
    "expression_statement": expression_statement,
    "lexical_declaration": declaration,
    "variable_declaration": declaration,
    "using_declaration": declaration,
    "function_declaration": nothing,
    "generator_function_declaration": nothing,
    "class_declaration": class_declaration,
    "return_statement": return_,
    "throw_statement": throw,
    "if_statement": if_,
    "while_statement": while_,
    "do_statement": do,
    "for_statement": for_,
    "for_in_statement": for_in,
    "break_statement": break_,
    "continue_statement": continue_,
    "labeled_statement": labelled,
    "switch_statement": switch,
    "try_statement": try_,
    "with_statement": with_,
    "statement_block": block,
    "import_statement": import_statement,
    "export_statement": export_statement,
}

JAVASCRIPT = Language(
    name="javascript",
    expressions=EXPRESSIONS,
    statements=STATEMENTS,
    conditions={
        "binary_expression": condition_binary,
        "unary_expression": condition_unary,
        "parenthesized_expression": condition_inner,
    },
    ignored=frozenset({
        "comment", "html_comment", "hash_bang_line", "empty_statement", "debugger_statement", "jsx_text",
        "html_character_reference", "import_attribute",
    }),
    children=frozenset({
        "program", "arguments", "array_pattern", "assignment_pattern", "catch_clause", "class_body", "class_heritage",
        "class_static_block", "computed_property_name", "decorator", "else_clause", "escape_sequence", "export_clause",
        "export_specifier", "field_definition", "finally_clause", "formal_parameters", "import_clause",
        "import_specifier", "jsx_attribute", "jsx_closing_element", "jsx_namespace_name", "jsx_opening_element",
        "method_definition", "named_imports", "namespace_export", "namespace_import", "object_assignment_pattern",
        "object_pattern", "optional_chain", "pair", "pair_pattern",
        "property_identifier", "regex_flags", "regex_pattern", "rest_pattern", "shorthand_property_identifier",
        "shorthand_property_identifier_pattern", "statement_identifier", "string_fragment", "switch_body",
        "switch_case", "switch_default", "template_substitution", "variable_declarator",
    }),
    function=function_body,
    extensions=(".js", ".mjs", ".cjs", ".jsx"),
)  # fmt: skip

__all__ = ["JAVASCRIPT"]
