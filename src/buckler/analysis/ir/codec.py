"""Modules to bytes and back, for the cache and for passing between processes.

Marshal is several times quicker than pickle here; it is only ever used on files Buckler itself wrote into
the user's private cache, never on anything from the reviewed tree.
"""

from __future__ import annotations

import marshal
from typing import Any

from buckler.analysis.ir.ops import ClassInfo, Function, Module, Param


def encode(module: Module) -> bytes:
    """The module as bytes; bodies of functions are inner blobs, decoded when somebody looks into them."""
    return marshal.dumps(
        (module.path, module.name, module.language, module.package, [_function_row(f) for f in module.functions],
         [_class_row(c) for c in module.classes], module.imports, module.imported, module.star_imports,
         module.globals_written, module.literals, module.patterns, module.opaque, module.errors, module.lines)
    )  # fmt: skip


def decode(data: bytes) -> Module:
    path, name, language, package, functions, classes, *rest = marshal.loads(data)
    return Module(path, name, language, package, [_function(row) for row in functions],
                  [ClassInfo(*row) for row in classes], *rest)  # fmt: skip


def _function_row(f: Function) -> list[Any]:
    body = f.packed or marshal.dumps(([(b.ops, b.end, b.handler, b.first) for b in f.blocks], f.spans))
    return [f.name, f.kind, f.index, f.parent, f.owner, [(p.name, p.kind, p.annotation, p.default) for p in f.params],
            f.locals, f.temps, None, None, f.captured, f.returns, f.flags, f.decorators, f.span, f.mentions,
            f.stores, body]  # fmt: skip


def _function(row: list[Any]) -> Function:
    row[5] = [Param(*p) for p in row[5]]
    return Function(*row)


def _class_row(c: ClassInfo) -> tuple[Any, ...]:
    return (c.name, c.index, c.body, c.bases, c.methods, c.fields, c.decorators, c.span)
