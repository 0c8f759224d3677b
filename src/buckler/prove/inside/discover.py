"""Loads modules of the project and looks for web applications in them; what fails is reported with its reason."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import signal
import sys
import time
from types import ModuleType
from typing import Any, Callable, Iterator, NoReturn

from . import routes

FACTORIES = ("create", "make", "build", "get_app", "init_app", "factory", "application")
SECONDS = 8
ALL_SECONDS = 45
"""After which no further module is loaded; what was found until then counts."""


def found(names: list[str]) -> dict[str, Any]:
    out, failed, seen, parts = [], {}, set(), []
    until = time.monotonic() + ALL_SECONDS
    for name in names:
        if time.monotonic() > until:
            break
        module, why = tried(importlib.import_module, name)
        if module is None:
            failed[name] = why
            continue
        for attribute, value in sorted(vars(module).items()):
            if attribute.startswith("__") or id(value) in seen:
                continue
            foreign = inspect.isclass(value) and value.__module__ != name
            made = None if foreign else tried(routes.part_of, value)[0]
            if made:
                seen.add(id(value))
                parts.append((name, attribute, value, made))
                continue
            reply = tried(routes.described, value)[0]
            if reply:
                seen.add(id(value))
                out.append({"module": name, "attribute": attribute, "call": False, **reply})
        out += factories(module, name, failed)
    out += standing(out)
    covered = {(r["file"], r["line"]) for row in out for r in row["routes"]}
    for name, attribute, value, made in parts:
        reply = tried(around, attribute, value, made)[0]
        if reply and any((r["file"], r["line"]) not in covered for r in reply["routes"]):
            setup = made[1].format(attribute)
            out.append({"module": name, "attribute": attribute, "call": False, "made": [made[0], setup], **reply})
    return {"found": out, "failed": failed}


def loading(names: list[str], wanted: list[str]) -> list[list[str]]:
    """Why each of the modules cannot be loaded, empty for those that can; and which of those wanted are not there."""
    absent = [name for name in wanted if tried(importlib.util.find_spec, name)[0] is None]
    return [[tried(importlib.import_module, name)[1] for name in names], absent]


def factories(module: ModuleType, name: str, failed: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Applications that a function of the module makes when it is called without arguments."""
    for attribute, value in sorted(vars(module).items()):
        if not inspect.isfunction(value) or value.__module__ != name:
            continue
        if not any(word in attribute.lower() for word in FACTORIES) or inspect.iscoroutinefunction(value):
            continue
        wanted = [
            p
            for p in inspect.signature(value).parameters.values()
            if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
        ]
        if wanted:
            continue
        made, why = tried(value)
        reply = made is not None and tried(routes.described, made)[0]
        if reply:
            yield {"module": name, "attribute": attribute, "call": True, **reply}
        elif why:
            failed["%s.%s()" % (name, attribute)] = why


def standing(known: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The application that Bottle keeps for those who make none."""
    bottle = sys.modules.get("bottle")
    if bottle is None or any(row["framework"] == "bottle" and not row["call"] and row["routes"] for row in known):
        return
    reply = tried(lambda: routes.described(bottle.default_app()))[0]
    if reply and reply["routes"]:
        modules = sorted({r["module"] for r in reply["routes"] if r["module"]})
        yield {
            "module": "bottle",
            "attribute": "default_app",
            "call": True,
            "imports": ["import " + m for m in modules],
            **reply,
        }


def around(attribute: str, value: Any, made: tuple[str, str]) -> dict[str, Any] | None:
    space = {attribute: value, "__name__": "app"}
    exec(made[0] + "\n" + made[1].format(attribute), space)
    return routes.described(space["app"])


def tried(work: Callable[..., Any], *given: Any) -> tuple[Any, str]:
    """What it gives and an empty text, or None and why it failed; nothing takes long."""

    def late(*_: object) -> NoReturn:
        raise TimeoutError("took too long")

    signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    try:
        return work(*given), ""
    except BaseException as error:
        return None, ("%s: %s" % (type(error).__name__, error))[:300]
    finally:
        signal.alarm(0)
