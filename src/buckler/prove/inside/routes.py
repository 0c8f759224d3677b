"""What a loaded web application answers to: every address with the function behind it.

`described(application)` gives the framework's name and rows of plain data: methods, address, parameters of the address,
and the function with its file, line, name and text constants. Each framework is asked in its own way, at run time, so
factories, blueprints and functions nested in functions need no guessing.
"""

import inspect
import types

MOST_CONSTANTS = 60


def described(application):
    names = {f"{c.__module__.partition('.')[0]}.{c.__name__}" for c in type(application).__mro__}
    for name, read in FRAMEWORKS:
        if name in names:
            return {"framework": name.partition(".")[0].lower(), "routes": list(read(application))}
    return None


def flask(application):
    for rule in application.url_map.iter_rules():
        view = application.view_functions.get(rule.endpoint)
        methods = sorted(rule.methods - {"HEAD", "OPTIONS"}) or ["GET"]
        yield row(view, rule.rule, methods, converters(rule))


def converters(rule):
    kinds = getattr(rule, "_converters", {})
    return {name: type(kind).__name__.replace("Converter", "").lower() for name, kind in kinds.items()}


def starlette(application, prefix=""):
    for route in getattr(application, "routes", ()):
        path = prefix + getattr(route, "path", "")
        if hasattr(route, "routes") and route.routes and not hasattr(route, "endpoint"):
            yield from starlette(route, path)
        elif getattr(route, "endpoint", None) is not None:
            kinds = {
                n: type(c).__name__.replace("Convertor", "").lower()
                for n, c in getattr(route, "param_convertors", {}).items()
            }
            out = row(route.endpoint, path, sorted((getattr(route, "methods", None) or {"GET"}) - {"HEAD"}), kinds)
            out["parameters"] = fastapi_parameters(route)
            yield out


def fastapi_parameters(route):
    dependant = getattr(route, "dependant", None)
    if dependant is None:
        return []
    out = []
    for kind in ("path", "query", "header", "cookie", "body"):
        for field in getattr(dependant, kind + "_params", ()):
            info = field.field_info
            out.append(
                {
                    "in": kind,
                    "name": getattr(field, "alias", field.name),
                    "type": str(getattr(info, "annotation", "")),
                    "form": type(info).__name__,
                    "required": bool(getattr(info, "is_required", lambda: False)()),
                }
            )
    for sub in getattr(dependant, "dependencies", ()):
        out += fastapi_parameters(types.SimpleNamespace(dependant=sub))
    return out


def bottle(application):
    for route in application.routes:
        yield row(getattr(route, "callback", None), route.rule, [route.method], {})


def aiohttp(application):
    for route in application.router.routes():
        resource = route.resource
        if resource is not None:
            method = "GET" if route.method == "*" else route.method
            yield row(route.handler, resource.canonical, [method], {})


def tornado(application):
    for rules in [application.wildcard_router.rules, application.default_router.rules]:
        yield from tornado_rules(rules)


def tornado_rules(rules):
    for rule in rules:
        target = rule.target
        if hasattr(target, "rules"):
            yield from tornado_rules(target.rules)
            continue
        pattern = getattr(getattr(rule.matcher, "regex", None), "pattern", "")
        for method in ("get", "post", "put", "delete", "patch"):
            function = getattr(target, method, None)
            if function is not None and getattr(function, "__qualname__", "") != "RequestHandler._unimplemented_method":
                yield row(function, pattern, [method.upper()], {})


def django(_):
    from django.urls import get_resolver

    yield from django_patterns(get_resolver().url_patterns, "")


def django_patterns(patterns, prefix):
    for pattern in patterns:
        text = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from django_patterns(pattern.url_patterns, text)
            continue
        view = pattern.callback
        owner = getattr(view, "view_class", None) or getattr(view, "cls", None)
        kinds = {
            n: type(c).__name__.replace("Converter", "").lower()
            for n, c in getattr(pattern.pattern, "converters", {}).items()
        }
        if owner is None:
            yield row(view, "/" + text, ["GET", "POST"], kinds)
            continue
        for method in ("get", "post", "put", "delete", "patch"):
            function = getattr(owner, method, None)
            if function is not None:
                yield row(function, "/" + text, [method.upper()], kinds)


FRAMEWORKS = (
    ("flask.Flask", flask), ("quart.Quart", flask), ("fastapi.FastAPI", starlette), ("starlette.Starlette", starlette),
    ("bottle.Bottle", bottle), ("aiohttp.Application", aiohttp), ("tornado.Application", tornado),
    ("django.WSGIHandler", django),
)  # fmt: skip


def row(function, address, methods, kinds):
    plain = unwrapped(function)
    code = getattr(plain, "__code__", None)
    return {
        "address": address, "methods": methods, "kinds": kinds,
        "file": getattr(code, "co_filename", ""), "line": getattr(code, "co_firstlineno", 0),
        "end": last_line(code), "name": getattr(plain, "__qualname__", str(plain)), "constants": constants(code),
    }  # fmt: skip


def unwrapped(function):
    try:
        function = inspect.unwrap(function) if function is not None else None
    except ValueError:
        pass
    function = getattr(function, "func", function)
    return getattr(function, "__func__", function)


def last_line(code):
    if code is None:
        return 0
    lines = [line for _, _, line in code.co_lines() if line]
    nested = [last_line(c) for c in code.co_consts if isinstance(c, types.CodeType)]
    return max(lines + nested + [code.co_firstlineno])


def constants(code, depth=3):
    """Short texts in a function and the functions inside it: names of parameters are among them."""
    out = []
    for value in getattr(code, "co_consts", ()):
        if isinstance(value, str) and 0 < len(value) <= 60 and "\n" not in value:
            out.append(value)
        elif isinstance(value, tuple):
            out += [v for v in value if isinstance(v, str) and 0 < len(v) <= 60]
        elif isinstance(value, types.CodeType) and depth:
            out += constants(value, depth - 1)
    return list(dict.fromkeys(out))[:MOST_CONSTANTS]
