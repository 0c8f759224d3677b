"""What it takes to call a function of the project: found by importing its module and looking, never by calling it."""

import ast
import builtins
import dataclasses
import enum
import importlib
import inspect
import sys
import textwrap
import typing

from buckler_harness import wanted


def described(module, qualified, modules=()):
    """Kind, parameters and those of the owner's constructor, in plain data; an exception if it is not to be had.

    Of `modules`, those that the project has loaded are told.
    """
    target = importlib.import_module(module)
    owner = None
    for name in qualified.split("."):
        owner, target = (
            target,
            inspect.getattr_static(target, name) if inspect.isclass(target) else getattr(target, name),
        )
    out = {"static": isinstance(target, staticmethod), "class": isinstance(target, classmethod), "owner": None}
    if isinstance(target, property):
        target, out["property"] = target.fget, True
    plain = getattr(target, "__func__", target)
    try:
        plain = inspect.unwrap(plain)
    except ValueError:
        pass
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


def parameters(function):
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


def reads(function):
    """The attributes that a function reads of each parameter, for those of which it does nothing else."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError, ValueError):
        return {}
    parts = [n for n in ast.walk(tree) if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name)]
    plain = {id(n.value) for n in parts}
    otherwise = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in plain}
    otherwise |= {n.func.value.id for n in ast.walk(tree) if isinstance(n, ast.Call) and n.func in parts}
    otherwise |= {n.value.id for n in parts if not isinstance(n.ctx, ast.Load)}
    out = {}
    for part in parts:
        if part.value.id not in otherwise and part.attr not in out.setdefault(part.value.id, []):
            out[part.value.id].append(part.attr)
    return out


def annotation(value):
    if value is inspect.Parameter.empty:
        return ""
    return value if isinstance(value, str) else getattr(value, "__name__", None) or str(value)


def class_name(hint, function):
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


def made(hint, function, depth=2):
    """How an object of the annotated class is made: the class, its module and an expression for each field it must have."""
    if isinstance(hint, str):
        hint = getattr(function, "__globals__", {}).get(hint)
    if not inspect.isclass(hint) or "<" in hint.__qualname__ or hint.__module__ == "builtins":
        return {}
    told = {"class": hint.__qualname__.partition(".")[0], "module": hint.__module__}
    if issubclass(hint, enum.Enum):
        first = next(iter(hint), None)
        return {**told, "expression": "%s.%s" % (hint.__qualname__, first.name)} if first is not None else {}
    fields = required(hint)
    if fields is None or not depth:
        return {}
    return {**told, "fields": {name: plain(kind, function, depth) for name, kind in fields.items()}}


def required(owner):
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
            if a.init and a.default.__class__.__name__ == "_Nothing" or a.init and repr(a.default) == "NOTHING"
        }
    return None


def plain(kind, function, depth):
    """A plain value of a type, as code; empty where nobody could tell."""
    if isinstance(kind, str):
        kind = getattr(function, "__globals__", {}).get(kind) or getattr(builtins, kind, None)
    values = {
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
    inner = made(kind, function, depth - 1)
    return inner.get("expression", "")
