"""What JavaScript modules import and export, in both of its systems.

Names are dotted: `./db` in `routes/users.js` is the module `/routes.db`, where the slash says that it is a file of the
project; packages keep the name they are imported by, and no file is meant by a bare name. An export is a global of its
module. What `module.exports = value` makes of the whole module is the global `default`, and the binding `*` says so to
whoever uses the module itself as a value::

    const { exec } = require("child_process")      imports["exec"] = ("child_process", "exec")
    import db from "./db"                          imports["db"] = ("/db", "default")
    module.exports = router                        imports["*"] = (<this module>, "router")
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator

from buckler.analysis.ir.ops import COPY, IMPORT, PUT, Place
from buckler.analysis.languages.shared import LOCAL, Lowering, span_of
from buckler.analysis.syntax.load import Node

Writer = Callable[[Lowering, str, Place, int], None]

WHOLE = "*"
EXTENSIONS = (".js", ".mjs", ".cjs", ".jsx", ".json")
ROOTS = ("@/", "~/")
"""How bundlers abbreviate the root of the project."""


# ---- names of modules


def absolute(low: Lowering, text: str) -> str:
    """The dotted name of a file of the project after a slash, or the name of a package as written."""
    text = text.removeprefix("node:")
    if text.startswith(ROOTS):
        return LOCAL + dotted(text[2:])
    if text not in (".", "..") and not text.startswith(("./", "../", "/")):
        return text
    return LOCAL + dotted(posixpath.join(posixpath.dirname(low.module.path), text.lstrip("/")))


def own(low: Lowering) -> str:
    """How this module is imported."""
    return LOCAL + low.module.name


def dotted(path: str) -> str:
    names = [n for n in posixpath.normpath(path).split("/") if n not in (".", "..", "")]
    if names:
        names[-1] = next((names[-1].removesuffix(e) for e in EXTENSIONS if names[-1].endswith(e)), names[-1])
    if names and names[-1] == "index":
        names.pop()
    if names and names[0] == "src":
        names.pop(0)
    return ".".join(names) or "index"


def literal(low: Lowering, node: Node | None) -> str:
    return low.text(node)[1:-1] if node is not None and node.type == "string" else ""


def required(low: Lowering, node: Node) -> str | None:
    """The module that `require("x")` or `import("x")` loads; None for any other expression."""
    function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    if node.type != "call_expression" or function is None or arguments is None:
        return None
    if function.type != "import" and low.text(function) != "require":
        return None
    given = arguments.named_children
    name = literal(low, given[0]) if given else ""
    return absolute(low, name) if name else None


def member_of_required(low: Lowering, node: Node) -> tuple[str, str] | None:
    """`require("x")` is (x, ""), `require("x").y` is (x, y)."""
    module = required(low, node)
    if module is not None:
        return module, ""
    base = node.child_by_field_name("object") if node.type == "member_expression" else None
    module = required(low, base) if base is not None else None
    return (module, low.text(node.child_by_field_name("property"))) if module is not None else None


# ---- imports


def load(low: Lowering, module: str, name: str, span: int) -> Place:
    head = module.partition("/")[0]
    low.module.imported.append(module)
    if head not in (module, "") and not head.startswith("@"):
        low.module.imported.append(head)
    return low.build.emit((IMPORT, low.build.temp(), module, name), span)


def itself(low: Lowering, name: str, span: int) -> Place:
    """`exports` and `module`: this module as a value."""
    return low.build.emit((IMPORT, low.build.temp(), own(low), ""), span)


def bind_import(low: Lowering, local: str, module: str, name: str, span: int, write: Writer) -> None:
    if low.scope.parent is None:
        low.module.imports[local] = (module, name)
    write(low, local, load(low, module, name, span), span)


def bind_required(low: Lowering, target: Node, value: Node, write: Writer) -> bool:
    """`const cp = require("x")` and `const { exec: run } = require("x")`; False when it is something else."""
    found = member_of_required(low, value)
    if found is None:
        return False
    module, name = found
    if target.type == "identifier":
        bind_import(low, low.text(target), module, name, span_of(value), write)
        return True
    pairs = list(simple_pattern(low, target)) if target.type == "object_pattern" and not name else []
    if not pairs or any(not local for _, local in pairs):
        return False
    for member, local in pairs:
        bind_import(low, local, module, member, span_of(value), write)
    return True


def simple_pattern(low: Lowering, target: Node) -> Iterator[tuple[str, str]]:
    """(member, local name) of each part of an object pattern; no local name when it is not that simple."""
    for child in target.named_children:
        if child.type == "shorthand_property_identifier_pattern":
            yield low.text(child), low.text(child)
        elif child.type == "pair_pattern":
            key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
            simple = key is not None and key.type == "property_identifier"
            simple = simple and value is not None and value.type == "identifier"
            yield low.text(key), low.text(value) if simple else ""
        elif child.type != "comment":
            yield "", ""


def import_bindings(low: Lowering, node: Node) -> Iterator[tuple[str, str]]:
    """(local name, member) of each binding an import statement makes; member "" is the module itself."""
    clause = next((c for c in node.named_children if c.type == "import_clause"), None)
    whole = "default" if low.text(node.child_by_field_name("source"))[1:2] in (".", "~") else ""
    for child in clause.named_children if clause is not None else []:
        if child.type == "identifier":
            yield low.text(child), whole
        elif child.type == "namespace_import":
            yield low.text(child.named_children[0]), ""
        elif child.type == "named_imports":
            for item in child.named_children:
                name, alias = item.child_by_field_name("name"), item.child_by_field_name("alias")
                member = low.text(name).strip("'\"")
                yield low.text(alias or name), whole if member == "default" else member


def import_names(low: Lowering, node: Node) -> list[str]:
    return [local for local, _ in import_bindings(low, node) if local]


def import_statement(low: Lowering, node: Node, write: Writer) -> None:
    source = literal(low, node.child_by_field_name("source"))
    module = absolute(low, source)
    bindings = list(import_bindings(low, node))
    if not bindings:
        load(low, module, "", span_of(node))
    for local, name in bindings:
        if local:
            bind_import(low, local, module, name, span_of(node), write)


# ---- exports


def exported_name(low: Lowering, left: Node) -> str | None:
    """`f` of `exports.f` and `module.exports.f`, `*` of `module.exports`; None for any other target."""
    text = low.text(left)
    if text in ("module.exports", "exports"):
        return WHOLE if free(low, text.partition(".")[0]) else None
    if left.type not in ("member_expression", "subscript_expression"):
        return None
    base = low.text(left.child_by_field_name("object"))
    if base not in ("exports", "module.exports") or not free(low, base.partition(".")[0]):
        return None
    if left.type == "member_expression":
        return low.text(left.child_by_field_name("property"))
    return literal(low, left.child_by_field_name("index")) or None


def free(low: Lowering, name: str) -> bool:
    """Whether a name means what the module system gives it."""
    return name not in low.build.names


def export(low: Lowering, name: str, node: Node, place: Place, span: int) -> None:
    """Make `<module>.<name>` mean the value; `*` is what the module itself means."""
    module = low.module
    target = stands_for(low, node)
    if name == WHOLE:
        if node.type == "object":
            put_global(low, "default", place, span)
            return
        name = "default"
        module.imports[WHOLE] = target or (own(low), name)
    if target is not None and name not in module.imports and (name == target[1] or not top_level(low, name)):
        if target != (own(low), name):
            module.imports[name] = target
    elif not (target is not None and module.imports.get(name) == target):
        put_global(low, name, place, span)


def stands_for(low: Lowering, node: Node) -> tuple[str, str] | None:
    """The (module, member) an exported expression simply names."""
    found = member_of_required(low, node)
    if found is not None:
        return found
    if node.type not in ("identifier", "shorthand_property_identifier"):
        return None
    name = low.text(node)
    if low.scope.parent is not None and name in low.build.names:
        return None
    return low.module.imports.get(name, (own(low), name))


def top_level(low: Lowering, name: str) -> bool:
    scope = low.scope
    while scope.parent is not None:
        scope = scope.parent
    return scope.builder is not None and name in scope.builder.names


def put_global(low: Lowering, name: str, src: Place, span: int) -> None:
    build = low.build
    if low.scope.parent is None:
        build.emit((COPY, build.local(name), src), span)
    else:
        low.module.globals_written.append(name)
        build.emit((PUT, name, -1, src), span)


def export_declared(low: Lowering, name: str, local: str) -> None:
    """`export default function f() {}`"""
    if local and name != local:
        low.module.imports.setdefault(name, (own(low), local))


def export_names(low: Lowering, node: Node) -> None:
    """`export { a as b }`, `export { a } from "x"`, `export * from "x"`, `export * as x from "x"`."""
    source = node.child_by_field_name("source")
    module = absolute(low, literal(low, source)) if source is not None else ""
    if module:
        load(low, module, "", span_of(node))
    for child in node.named_children:
        if child.type == "namespace_export" and module:
            low.module.imports[low.text(child.named_children[0])] = (module, "")
        elif child.type == "export_clause":
            for item in child.named_children:
                export_name(low, item, module)
    if module and any(c.type == "*" for c in node.children):
        low.module.star_imports.append(module)


def export_name(low: Lowering, item: Node, module: str) -> None:
    name, alias = item.child_by_field_name("name"), item.child_by_field_name("alias")
    local, public = low.text(name).strip("'\""), low.text(alias or name).strip("'\"")
    if module:
        low.module.imports[public] = (module, local)
    elif local != public and public not in low.module.imports:
        low.module.imports[public] = low.module.imports.get(local, (own(low), local))


def base_text(low: Lowering, node: Node) -> str:
    """The dotted name of a base class, as far as it has one."""
    found = member_of_required(low, node)
    if found is not None:
        return ".".join(filter(None, found))
    return low.text(node)
