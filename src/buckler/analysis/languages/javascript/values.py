"""JavaScript: operators, calls, containers, functions, classes, and what is assigned to what."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from buckler.analysis.ir.ops import (
    ASYNC,
    BUILD,
    CALC,
    CALL,
    CLASS,
    DELKEY,
    FUNC,
    METHOD,
    NAME,
    POSITIONAL,
    PROPERTY,
    REST,
    STATIC,
    STORE,
    Function,
    Param,
    Place,
)  # fmt: skip
from buckler.analysis.languages.javascript import modules
from buckler.analysis.languages.javascript.names import (
    ARGUMENTS,
    DECISIONS,
    DOTTED,
    FUNCTIONS,
    HOISTED,
    NUMERIC,
    OPERATORS,
    PLAIN_DEFAULTS,
    SIMPLE_VALUES,
    bind,
    child_of,
    declare,
    declare_all,
    has_word,
    identifier,
    inner,
    key_of,
    member_name,
    parts,
    property_name,
    read_and_write,
    receiver,
    super_,
    template_parts,
    write_declared,
    write_existing,
)
from buckler.analysis.languages.shared import (
    Lowering,
    choose,
    either,
    note_literal,
    produce,
    short_circuit,
    span_of,
)  # fmt: skip
from buckler.analysis.syntax.load import Node

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
    held, write = read_and_write(low, argument)
    before = build.emit((CALC, build.temp(), "u+", (held,)), span)
    pair = (before, build.const(1, span))
    after = build.emit((CALC, build.temp(), operator_of(node)[0], pair), span)
    write(after)
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


# ---- declarations and assignments


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
    held, write = read_and_write(low, left)
    result = calculate(low, operator, held, low.expr(right), span_of(node))
    write(result)
    return result
