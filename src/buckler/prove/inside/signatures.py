"""What it takes to call a function of the project: found by importing its module and looking, never by calling it."""

from __future__ import annotations

import ast
import builtins
import contextlib
import dataclasses
import enum
import importlib
import inspect
import sys
import textwrap
import typing
from typing import Any, Iterable

from . import wanted


def described(module: str, qualified: str, modules: Iterable[str] = ()) -> dict[str, Any]:
    """Kind, parameters and those of the owner's constructor, in plain data; an exception if it is not to be had.

    Of `modules`, those that the project has loaded are named.
    """
    target: Any = importlib.import_module(module)
    owner: Any = None
    for name in qualified.split("."):
        owner, target = (
            target,
            inspect.getattr_static(target, name) if inspect.isclass(target) else getattr(target, name),
        )
    out: dict[str, Any] = {
        "static": isinstance(target, staticmethod),
        "class": isinstance(target, classmethod),
        "owner": None,
    }
    if isinstance(target, property):
        target, out["property"] = target.fget, True
    plain = getattr(target, "__func__", target)
    with contextlib.suppress(ValueError):
        plain = inspect.unwrap(plain)
    callback = getattr(plain, "callback", None)
    if callback is not None and hasattr(plain, "params"):  # a command of click
        return {
            "command": True,
            "options": [[p.name, list(p.opts), bool(p.required), p.param_type_name] for p in plain.params],
        }
    out["loaded"] = [name for name in modules if name in sys.modules]
    out["async"] = inspect.iscoroutinefunction(plain)
    out["generator"] = inspect.isgeneratorfunction(plain)
    out["async_generator"] = inspect.isasyncgenfunction(plain)
    out["parameters"] = parameters(plain)
    out.update(wanted.wanted(plain))
    if inspect.isclass(owner):
        out["owner"] = {
            "name": owner.__name__,
            "abstract": inspect.isabstract(owner),
            "parameters": parameters(owner.__init__),
        }
    return out


def parameters(function: Any) -> list[dict[str, Any]]:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return []
    seen = reads(function)
    return [
        {
            "name": p.name,
            "reads": seen.get(p.name, []),
            "kind": p.kind.name,
            "default": p.default is not p.empty,
            "annotation": annotation(p.annotation),
            "is": class_name(p.annotation, function),
            "flag": p.default if isinstance(p.default, bool) else None,
            "number": isinstance(p.default, (int, float)),
            **made(p.annotation, function),
        }
        for p in signature.parameters.values()
    ]


def reads(function: Any) -> dict[str, list[str]]:
    """The attributes that a function reads of each parameter, for those of which it does nothing else."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError, ValueError):
        return {}
    parts = [n for n in ast.walk(tree) if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name)]
    plain = {id(n.value) for n in parts}
    otherwise = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in plain}
    called = {id(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    named = [(part.value.id, part) for part in parts if isinstance(part.value, ast.Name)]
    otherwise |= {name for name, n in named if id(n) in called or not isinstance(n.ctx, ast.Load)}
    out: dict[str, list[str]] = {}
    for name, part in named:
        if name not in otherwise and part.attr not in out.setdefault(name, []):
            out[name].append(part.attr)
    return out


def annotation(value: Any) -> str:
    if value is inspect.Parameter.empty:
        return ""
    return value if isinstance(value, str) else getattr(value, "__name__", None) or str(value)


def class_name(hint: Any, function: Any) -> str:
    """The whole name of the class an annotation asks for, the first of several; empty where it is none."""
    if isinstance(hint, str):
        try:
            hint = eval(hint, dict(getattr(function, "__globals__", {})))
        except Exception:
            return ""
    for one in (hint, *typing.get_args(hint)):
        if inspect.isclass(one) and one.__module__ != "builtins" and one is not inspect.Parameter.empty:
            return f"{one.__module__}.{one.__qualname__}"
    return ""


def made(hint: Any, function: Any, depth: int = 2) -> dict[str, Any]:
    """How an object of the annotated class is made: class, module and an expression for each field it must have."""
    if isinstance(hint, str):
        hint = getattr(function, "__globals__", {}).get(hint)
    if not inspect.isclass(hint) or "<" in hint.__qualname__ or hint.__module__ == "builtins":
        return {}
    reply = {"class": hint.__qualname__.partition(".")[0], "module": hint.__module__}
    if issubclass(hint, enum.Enum):
        first = next(iter(hint), None)
        return {**reply, "expression": "%s.%s" % (hint.__qualname__, first.name)} if first is not None else {}
    fields = required(hint)
    if fields is None or not depth:
        return {}
    return {**reply, "fields": {name: plain(kind, function, depth) for name, kind in fields.items()}}


def required(owner: Any) -> Any:
    """Names and types of the fields that a data class wants, of whatever library; None for other classes."""
    if dataclasses.is_dataclass(owner):
        return {
            f.name: f.type
            for f in dataclasses.fields(owner)
            if f.init and f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
        }
    models = getattr(owner, "model_fields", None)
    if isinstance(models, dict):
        return {n: f.annotation for n, f in models.items() if f.is_required()}
    models = getattr(owner, "__fields__", None)
    if isinstance(models, dict):
        return {n: f.outer_type_ for n, f in models.items() if f.required}
    rows = getattr(owner, "__attrs_attrs__", None)
    if rows is not None:
        return {
            a.name.lstrip("_"): a.type
            for a in rows
            if (a.init and a.default.__class__.__name__ == "_Nothing") or (a.init and repr(a.default) == "NOTHING")
        }
    return None


def plain(kind: Any, function: Any, depth: int) -> str:
    """A plain value of a type, as code; empty where nobody could tell."""
    if isinstance(kind, str):
        kind = getattr(function, "__globals__", {}).get(kind) or getattr(builtins, kind, None)
    values: dict[Any, str] = {
        str: "'one'",
        int: "1",
        float: "1.0",
        bool: "False",
        bytes: "b'one'",
        list: "[]",
        dict: "{}",
        tuple: "()",
        set: "set()",
    }
    if kind in values:
        return values[kind]
    return str(made(kind, function, depth - 1).get("expression", ""))
