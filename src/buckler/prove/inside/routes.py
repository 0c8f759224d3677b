"""What a loaded web application answers to: every address with the function behind it.

`described(application)` gives the framework's name and rows of plain data: methods, address, parameters of the address,
and the function with its file, line, name and text constants. Each framework is asked in its own way, at run time, so
factories, blueprints and functions nested in functions need no guessing.
"""

from __future__ import annotations

import contextlib
import dis
import importlib.util
import inspect
import types
from types import CodeType
from typing import Any, Iterable, Iterator

from . import schemas

MOST_CONSTANTS = 60
VERBS = ("get", "post", "put", "delete", "patch")


def described(application: Any) -> dict[str, Any] | None:
    names = {f"{c.__module__.partition('.')[0]}.{c.__name__}" for c in type(application).__mro__}
    for name, read in FRAMEWORKS:
        if name in names:
            return {"framework": name.partition(".")[0].lower(), "routes": list(read(application))}
    return None


def flask(application: Any) -> Iterator[dict[str, Any]]:
    for rule in application.url_map.iter_rules():
        view = application.view_functions.get(rule.endpoint)
        methods = sorted(rule.methods - {"HEAD", "OPTIONS"}) or ["GET"]
        owner = getattr(view, "view_class", None)
        kinds = {n: kind_of(c) for n, c in getattr(rule, "_converters", {}).items()}
        yield from rows(view, owner, rule.rule, methods, kinds)


def rows(
    view: Any, owner: Any, address: str, methods: Iterable[str], kinds: dict[str, str]
) -> Iterator[dict[str, Any]]:
    """One row for a function; one for each method of a class that answers."""
    if owner is None:
        yield row(view, address, methods, kinds)
        return
    for verb in VERBS:
        function = getattr(owner, verb, None)
        if function is not None and (verb.upper() in methods or "*" in methods):
            out = row(function, address, [verb.upper()], kinds)
            out["wrappers"] += wrappers(view)
            out["owner"] = [file_of(owner), owner.__qualname__]
            yield out


def file_of(owner: type) -> str:
    try:
        return inspect.getfile(owner)
    except (TypeError, OSError):
        return ""


def kind_of(converter: Any) -> str:
    return type(converter).__name__.replace("Converter", "").replace("Convertor", "").lower()


def starlette(application: Any, prefix: str = "") -> Iterator[dict[str, Any]]:
    yield from starlette_routes(application, prefix, schemas.operations(application))


def starlette_routes(application: Any, prefix: str, operations: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for route in getattr(application, "routes", ()):
        path = prefix + getattr(route, "path", "")
        endpoint = getattr(route, "endpoint", None)
        if endpoint is None:
            yield from starlette_routes(route, path, operations)
            continue
        kinds = {n: kind_of(c) for n, c in getattr(route, "param_convertors", {}).items()}
        methods = sorted((getattr(route, "methods", None) or {"*"}) - {"HEAD"})
        owner = endpoint if inspect.isclass(endpoint) else None
        if owner is None and methods == ["*"]:
            methods = ["GET"]
        for out in rows(endpoint, owner, path, methods, kinds):
            template = getattr(route, "path_format", path)
            out["parameters"] = schemas.parameters(operations, prefix + template, out["methods"][0])
            out["dependencies"] = dependencies(getattr(route, "dependant", None))
            yield out


def dependencies(dependant: Any) -> list[list[str]]:
    """Functions of the project that run before the handler, the outermost first."""
    out: list[list[str]] = []
    for sub in getattr(dependant, "dependencies", ()):
        call = sub.call
        if inspect.isfunction(call):
            out.append([call.__module__, call.__qualname__, str(getattr(call.__code__, "co_filename", ""))])
        out += dependencies(sub)
    return out


def bottle(application: Any) -> Iterator[dict[str, Any]]:
    for route in application.routes:
        yield row(getattr(route, "callback", None), route.rule, [route.method], {})


def aiohttp(application: Any) -> Iterator[dict[str, Any]]:
    for route in application.router.routes():
        if route.resource is not None:
            owner = route.handler if inspect.isclass(route.handler) else None
            method = "GET" if route.method == "*" and owner is None else route.method
            yield from rows(route.handler, owner, route.resource.canonical, [method], {})


def tornado(application: Any) -> Iterator[dict[str, Any]]:
    for rules in [application.wildcard_router.rules, application.default_router.rules]:
        yield from tornado_rules(rules)


def tornado_rules(rules: Any) -> Iterator[dict[str, Any]]:
    for rule in rules:
        target = rule.target
        if hasattr(target, "rules"):
            yield from tornado_rules(target.rules)
            continue
        pattern = getattr(getattr(rule.matcher, "regex", None), "pattern", "")
        for verb in VERBS:
            function = getattr(target, verb, None)
            if function is not None and "_unimplemented_method" not in getattr(function, "__qualname__", ""):
                pattern = "/(.*)" if pattern.rstrip("$") == ANYTHING else pattern
                yield row(function, pattern, [verb.upper()], {})


def django(_: Any = None) -> Iterator[dict[str, Any]]:
    from django.urls import get_resolver

    yield from django_patterns(get_resolver().url_patterns, "")


def site() -> list[Any]:
    """The rows of a Django site, and whether it is tested with pytest-django."""
    return [list(django()), importlib.util.find_spec("pytest_django") is not None]


def django_patterns(patterns: Any, prefix: str) -> Iterator[dict[str, Any]]:
    for pattern in patterns:
        text = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from django_patterns(pattern.url_patterns, text)
            continue
        view = pattern.callback
        owner = getattr(view, "view_class", None) or getattr(view, "cls", None)
        kinds = {n: kind_of(c) for n, c in getattr(pattern.pattern, "converters", {}).items()}
        actions = getattr(view, "actions", None)  # of a view set of Django REST framework
        if actions:
            for verb, name in actions.items():
                yield row(getattr(owner, name), "/" + text, [verb.upper()], kinds)
        else:
            yield from rows(view, owner, "/" + text, ["*"] if owner else ["GET", "POST"], kinds)


FRAMEWORKS = (
    ("flask.Flask", flask), ("quart.Quart", flask), ("fastapi.FastAPI", starlette), ("starlette.Starlette", starlette),
    ("bottle.Bottle", bottle), ("aiohttp.Application", aiohttp), ("tornado.Application", tornado),
)  # fmt: skip


def part_of(value: Any) -> tuple[str, str] | None:
    """For what is only a part of an application: its framework, and how one is made around it; else None."""
    if inspect.isclass(value):
        return handler_of(value)
    for name in (f"{c.__module__.partition('.')[0]}.{c.__name__}" for c in type(value).__mro__):
        if name in PARTS:
            return PARTS[name]
    return None


def handler_of(owner: Any) -> tuple[str, str] | None:
    """A class of Tornado's that answers requests, at an address with as many parts as its methods take."""
    if not any(f"{c.__module__}.{c.__name__}" == "tornado.web.RequestHandler" for c in owner.__mro__[1:]):
        return None
    verbs = [vars(owner)[verb] for verb in VERBS if inspect.isfunction(vars(owner).get(verb))]
    if not verbs:
        return None
    count = max(len(inspect.signature(verb).parameters) - 1 for verb in verbs)
    pattern = "/" + "/".join(["([^/]*)"] * (count - 1) + ["(.*)"]) if count else ANYTHING
    return "from tornado.web import Application", 'app = Application([(r"%s", {})])' % pattern


ANYTHING = "/(?:.*)"
PARTS = {
    "flask.Blueprint": (
        "from flask import Flask",
        "app = Flask(__name__)\napp.secret_key = 'for the tests'\napp.register_blueprint({})",
    ),
    "quart.Blueprint": ("from quart import Quart", "app = Quart(__name__)\napp.register_blueprint({})"),
    "fastapi.APIRouter": ("from fastapi import FastAPI", "app = FastAPI()\napp.include_router({})"),
    "aiohttp.RouteTableDef": ("from aiohttp import web", "app = web.Application()\napp.add_routes({})"),
    "starlette.Router": ("from starlette.applications import Starlette", "app = Starlette()\napp.mount('/', {})"),
}


def row(function: Any, address: str, methods: Iterable[str], kinds: dict[str, str]) -> dict[str, Any]:
    plain = unwrapped(function)
    code = getattr(plain, "__code__", None)
    return {
        "address": address, "methods": methods, "kinds": kinds,
        "file": getattr(code, "co_filename", ""), "line": getattr(code, "co_firstlineno", 0),
        "end": last_line(code), "name": getattr(plain, "__qualname__", str(plain)), "constants": constants(code),
        "module": getattr(plain, "__module__", ""), "wrappers": wrappers(function),
    }  # fmt: skip


def wrappers(function: Any) -> list[list[Any]]:
    """The functions around a handler, the outermost first: module, file, first and last line of each."""
    out: list[list[Any]] = []
    while function is not None and len(out) < 8:
        plain = getattr(function, "__func__", function)
        code = getattr(plain, "__code__", None)
        inner = getattr(function, "__wrapped__", None)
        if inner is not None and code is not None:
            module = str(getattr(plain, "__globals__", {}).get("__name__", ""))
            out.append([module, code.co_filename, code.co_firstlineno, last_line(code)])
        function = inner
    return out


def unwrapped(function: Any) -> Any:
    with contextlib.suppress(ValueError):
        function = inspect.unwrap(function) if function is not None else None
    function = getattr(function, "func", function)
    return getattr(function, "__func__", function)


def last_line(code: CodeType | None) -> int:
    if code is None:
        return 0
    lines = [line for _, line in dis.findlinestarts(code) if line]
    nested = [last_line(c) for c in code.co_consts if isinstance(c, types.CodeType)]
    return max(lines + nested + [code.co_firstlineno])


def constants(code: CodeType | None, depth: int = 3) -> list[str]:
    """Short texts in a function and the functions inside it: names of parameters are among them."""
    out: list[str] = []
    for value in getattr(code, "co_consts", ()):
        if isinstance(value, str) and 0 < len(value) <= 60 and "\n" not in value:
            out.append(value)
        elif isinstance(value, tuple):
            out += [v for v in value if isinstance(v, str) and 0 < len(v) <= 60]
        elif isinstance(value, types.CodeType) and depth:
            out += constants(value, depth - 1)
    return list(dict.fromkeys(out))[:MOST_CONSTANTS]
