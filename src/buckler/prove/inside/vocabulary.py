"""The words a function knows: what it compares with, and the names in enumerations, tables and lists that it reads.

A program that takes the name of an engine, a unit or a table answers made-up words with a refusal; what it does with a
word of its own is what its users see.
"""

from __future__ import annotations

import enum
import importlib
import inspect
import re
from types import CodeType
from typing import Any

from . import routes

MOST = 12
PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,23}")


def words(module: str, qualified: str) -> list[str]:
    """Words of the function first, in the order in which the code has them."""
    loaded = importlib.import_module(module)
    target: Any = loaded
    for name in qualified.split("."):
        target = inspect.getattr_static(target, name) if inspect.isclass(target) else getattr(target, name)
    target = routes.unwrapped(getattr(target, "callback", None) or getattr(target, "__func__", target))
    named, compared = read(target.__code__)
    texts = [c for c in compared if isinstance(c, str)]
    spoken = [n for text in texts for n in re.findall(r"\b[A-Za-z_]\w*", text)]
    found = [w for c in compared if not isinstance(c, str) for w in c if isinstance(w, str)]
    for name in dict.fromkeys([*named, *spoken]):
        value = vars(loaded).get(name)
        if name in spoken or not inspect.isclass(value) or issubclass(value, enum.Enum):
            found += held(value)
    found += texts
    return [w for w in dict.fromkeys(found) if PLAIN.fullmatch(w)][:MOST]


def read(code: CodeType) -> tuple[list[str], list[Any]]:
    """Names a function reads from its module, and its constants, those of functions inside it included."""
    named, constants = list(code.co_names), []
    for value in code.co_consts:
        if hasattr(value, "co_names"):
            more, inner = read(value)
            named += more
            constants += inner
        elif isinstance(value, (str, tuple, frozenset)):
            constants.append(value)
    return named, constants


def held(value: Any) -> list[str]:
    """Names that can be looked up in an object."""
    if inspect.isclass(value) and issubclass(value, enum.Enum):
        return list(value.__members__)
    if inspect.isclass(value) and value.__module__ != "builtins":
        return [name for name in vars(value) if not name.startswith("_")]
    if isinstance(value, (dict, list, tuple, set, frozenset)) and len(value) <= 200:
        return [
            w for w in (sorted(value, key=str) if isinstance(value, (set, frozenset)) else value) if isinstance(w, str)
        ]
    return []
