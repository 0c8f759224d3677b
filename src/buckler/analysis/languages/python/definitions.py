"""Python: imports, functions with their parameters, classes."""

from __future__ import annotations

import re

from buckler.analysis.ir.ops import (
    ASYNC,
    CALL,
    CLASS,
    CLASS_METHOD,
    FUNC,
    IMPORT,
    NAMED,
    NAMED_REST,
    POSITIONAL,
    PROPERTY,
    REST,
    STATIC,
    Param,
    Place,
)
from buckler.analysis.languages.python.names import NO_MEANING, annotation_text
from buckler.analysis.languages.shared import Lowering, note_literal, span_of
from buckler.analysis.syntax.load import Node


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
