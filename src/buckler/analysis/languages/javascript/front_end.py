"""JavaScript: every node kind of its grammar, ES5 to ES2024, CommonJS and ES modules, JSX tolerated.

This file has the statements and the tables. Names, members and patterns are in `names`, expressions in
`values`, imports and exports in `modules`.

>>> from buckler.analysis.languages.shared import lower
>>> lower(JAVASCRIPT, "a.js", "a", False, b"const f = (x) => x").functions[1].name
'f'
"""

from __future__ import annotations

from collections.abc import Callable

from buckler.analysis.ir.ops import (
    BUILD,
    CALC,
    CALL,
    COPY,
    FUNC,
    JUMP,
    METHOD,
    NAME,
    RAISE,
    Place,
)  # fmt: skip
from buckler.analysis.languages.javascript import modules
from buckler.analysis.languages.javascript.manifest import manifest
from buckler.analysis.languages.javascript.names import (
    FUNCTIONS,
    HOISTED,
    bind,
    child_of,
    declare,
    declare_all,
    has_word,
    identifier,
    inner,
    member,
    number,
    parts,
    private_name,
    regex,
    string,
    super_,
    template,
    this,
    with_default,
    write_declared,
    write_existing,
)
from buckler.analysis.languages.javascript.values import (
    anonymous,
    array,
    assignment,
    augmented,
    binary,
    call,
    class_body,
    class_declaration,
    class_expression,
    condition_binary,
    condition_inner,
    condition_unary,
    declaration,
    field,
    hoist,
    instance_fields,
    new,
    object_,
    parameter_nodes,
    plain,
    sequence,
    ternary,
    unary,
    update,
    uses,
    value_named,
    yield_,
)
from buckler.analysis.languages.shared import (
    Language,
    Lowering,
    Scope,
    attempt,
    close_generator,
    constant,
    give,
    if_else,
    leave_loop,
    loop_each,
    loop_while,
    span_of,
)  # fmt: skip
from buckler.analysis.syntax.load import Node

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
    endless = test is None or test.type == "empty_statement"
    after = (lambda: low.stmt(step)) if step is not None else None
    loop_while(low, None if endless else test, body_of(low, node.child_by_field_name("body")), after)
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

LANGUAGE = Language(
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
    manifest=manifest,
)  # fmt: skip

__all__ = ["LANGUAGE"]
