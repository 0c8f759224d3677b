"""Expressions for arguments that are not known: from annotations, from names, else an object that answers anything.

Example::

    argument({"name": "timeout", "annotation": "int", "default": False, "kind": "POSITIONAL_OR_KEYWORD"})   # ("1", "")
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

BY_TYPE = {
    "str": "'one'", "int": "1", "float": "1.0", "bool": "False", "bytes": "b'one'", "dict": "{}", "list": "[]", "tuple": "()",
    "set": "set()", "Path": "pathlib.Path('.')", "PathLike": "'.'", "Sequence": "[]", "Iterable": "[]", "Mapping": "{}",
    "List": "[]", "Dict": "{}", "Any": "'one'", "Callable": "lambda *given, **named: None", "Optional": "None", "Union": "'one'",
    "BytesIO": "io.BytesIO()", "StringIO": "io.StringIO()", "BinaryIO": "io.BytesIO()", "TextIO": "io.StringIO()", "None": "None",
}  # fmt: skip
BY_NAME = (
    (re.compile(r"(^|_)(host|hostname|bind)(_|$)"), "'localhost'"),
    (re.compile(r"(^|_)port(_|$)"), "0"),
    (re.compile(r"(^|_)(dir|directory|folder|root|cwd|base|prefix)s?(_|$)"), "'.'"),
    (re.compile(r"(^|_)(path|file|filename|name|key|title|text|url|uri|host|user|username|password|id|token|value|query|"
                r"string|message|pattern|mode|format|encoding|locale|lang|language|method|type|table|column|command|cmd)(_|$)"), "'one'"),
    (re.compile(r"(^|_)(count|size|port|limit|timeout|number|index|width|height|length|num|max|min|n|i|x|y)(_|$)"), "1"),
    (re.compile(r"(^|_)(options|config|settings|kwargs|params|headers|context|environ|env|data|metadata|attrs)(_|$)"), "{}"),
    (re.compile(r"(^|_)(args|items|values|names|files|paths|lines|rows|keys)(_|$)"), "[]"),
)  # fmt: skip
MOCK = "mock.MagicMock()"


def argument(parameter: dict[str, Any]) -> str:
    """An expression for a parameter without a default."""
    kind = re.split(r"[\[\s|]", str(parameter["annotation"]).replace("typing.", "").replace("t.", "", 1))[0].rpartition(
        "."
    )[2]
    if known := known_object(parameter):
        return known
    if parameter.get("class"):
        return built(parameter, {})
    if kind in BY_TYPE and BY_TYPE[kind] not in ("'one'", "1"):
        return BY_TYPE[kind]
    if reads := parameter.get("reads"):
        return plain_object({str(name): by_name(str(name)) for name in reads})
    if kind and kind[:1].isupper():
        return MOCK
    text = by_name(str(parameter["name"]))
    plain = BY_TYPE.get(kind)
    return text if plain is None or ((text[:1] == "'") == (plain == "'one'") and text != MOCK) else plain


@cache
def objects() -> tuple[dict[str, Any], ...]:
    """Rows of the table of objects that functions want, by their class and by the names of parameters."""
    rows = tomllib.loads(Path(__file__).with_name("objects.toml").read_text("utf-8"))["object"]
    return tuple(rows)


def modules() -> list[str]:
    """The modules of those objects."""
    return list(dict.fromkeys(str(row["module"]) for row in objects()))


def known_object(parameter: dict[str, Any]) -> str:
    """What to hand over where the class, or the name of a parameter without annotation, is in the table."""
    signature, name = str(parameter.get("is", "")), str(parameter["name"]).lower()
    for row in objects():
        loaded = row["module"] in parameter.get("loaded", ())
        by_its_name = not parameter["annotation"] and loaded and re.fullmatch(row.get("named", "(?!)"), name)
        if signature in row["class"] or by_its_name:
            return str(row["make"])
    return ""


def without_objects(code: str) -> str:
    """Stand-ins in place of those objects."""
    for row in objects():
        code = code.replace(row["make"], MOCK)
    return MADE.sub(MOCK, code)


def by_name(name: str) -> str:
    return next((text for pattern, text in BY_NAME if pattern.search(name.lower())), MOCK)


PLAIN_OBJECT = "types.SimpleNamespace"
MADE = re.compile(rf"{PLAIN_OBJECT}\((?:\w+=(?:{re.escape(MOCK)}|'[^']*'|[\d.]+|\{{\}}|\[\])(?:, )?)*\)")
"""An object of which nobody knows more than what is read of it."""


def plain_object(fields: dict[str, str]) -> str:
    return f"{PLAIN_OBJECT}({', '.join(f'{name}={text}' for name, text in fields.items())})"


def built(parameter: dict[str, Any], given: dict[str, str]) -> str:
    """An object of a data class or an enumeration, with some of its fields given."""
    if "expression" in parameter:
        return str(parameter["expression"])
    fields = {name: given.get(name) or text or MOCK for name, text in {**parameter.get("fields", {}), **given}.items()}
    return f"{parameter['class']}({', '.join(f'{name}={text}' for name, text in fields.items())})"


def classes(parameters: Iterable[dict[str, Any]], code: str) -> tuple[str, ...]:
    """The imports of the classes that a call mentions."""
    rows = [p for p in parameters if p.get("class") and re.search(rf"\b{p['class']}\b", code)]
    return tuple(dict.fromkeys(f"from {p['module']} import {p['class']}" for p in rows))


def call(parameters: Iterable[dict[str, Any]], given: dict[str, str]) -> str:
    """The arguments of a call: those given by name, and something for whatever has no default."""
    positional: list[str] = []
    keywords: list[str] = []
    by_name = False
    parameters = list(parameters)
    known = {str(p["name"]) for p in parameters}
    for parameter in parameters:
        name, kind = str(parameter["name"]), str(parameter["kind"])
        if kind == "VAR_POSITIONAL":
            if name in given:
                positional.append(given[name])
            by_name = True
        elif kind == "VAR_KEYWORD":
            if name in given:
                keywords.append(f"**{{'one': {given[name]}}}")
            keywords += [f"{other}={text}" for other, text in given.items() if other not in known]
        elif name in given:
            _place(positional, keywords, name, given[name], kind, by_name=by_name)
        elif parameter["default"]:
            by_name = by_name or kind != "POSITIONAL_ONLY"
        else:
            _place(positional, keywords, name, argument(parameter), kind, by_name=by_name)
    return ", ".join([*positional, *keywords])


def _place(positional: list[str], keywords: list[str], name: str, text: str, kind: str, *, by_name: bool) -> None:
    if by_name or kind == "KEYWORD_ONLY":
        keywords.append(f"{name}={text}")
    else:
        positional.append(text)


def imports_for(code: str) -> tuple[str, ...]:
    """What an expression made here needs."""
    needed = {"mock.": "from unittest import mock", "pathlib.": "import pathlib", "io.": "import io", "types.": "import types",
              "asyncio.": "import asyncio", "tempfile.": "import tempfile", "os.path.": "import os"}  # fmt: skip
    made = [f"import {row['module']}" for row in objects() if row["make"] in code]
    return (*(line for word, line in needed.items() if re.search(rf"\b{re.escape(word)}", code)), *made)
