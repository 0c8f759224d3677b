"""What it takes to call a function of the project: found by importing its module and looking, never by calling it."""

import importlib
import inspect


def described(module, qualified):
    """Kind, parameters and those of the owner's constructor, in plain data; an exception if it is not to be had."""
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
    out["async"] = inspect.iscoroutinefunction(plain)
    out["generator"] = inspect.isgeneratorfunction(plain)
    out["async_generator"] = inspect.isasyncgenfunction(plain)
    out["parameters"] = parameters(plain)
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
    return [
        {
            "name": p.name,
            "kind": p.kind.name,
            "default": p.default is not p.empty,
            "annotation": annotation(p.annotation),
        }
        for p in signature.parameters.values()
    ]


def annotation(value):
    if value is inspect.Parameter.empty:
        return ""
    return value if isinstance(value, str) else getattr(value, "__name__", None) or str(value)
