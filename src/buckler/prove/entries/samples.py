"""How a project calls its own functions: in its tests, its examples and the examples in its docstrings.

What a function wants with its arguments is best known to those who wrote it; only calls with plain values are taken.

Example::

    samples(Path("petl"), "fromxml", signature["parameters"])     # [{"source": "'example.xml'", "args": "'tr', 'td'"}]
    callers(Path("petl"), "petl/io/xml.py", "XmlView")       # [("fromxml", 22)]
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from buckler.base.files import read_in

MOST_FILES = 1500
MOST_SAMPLES = 4
LARGEST = 400_000
DOCTEST = re.compile(r"^\s*>>> (.*(?:\n\s*\.\.\. .*)*)", re.M)


def samples(project: Path, function: str, parameters: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
    """Arguments by parameter, of calls of the function by its last name."""
    name = function.rpartition(".")[2]
    out: list[dict[str, str]] = []
    for call in calls_of(project, name):
        given = by_parameter(call, parameters)
        if given and given not in out:
            out.append(given)
        if len(out) >= MOST_SAMPLES:
            break
    return out


def calls_of(project: Path, name: str) -> Iterator[ast.Call]:
    mention = f"{name}(".encode()
    for file in sorted(project.rglob("*.py"), key=lambda p: ("test" not in p.as_posix(), str(p)))[:MOST_FILES]:
        data = read_in(project, file, LARGEST)
        if mention not in data:
            continue
        text = data.decode("utf-8", "replace")
        shown = (re.sub(r"\n\s*\.\.\. ?", "\n", found) for found in DOCTEST.findall(text))
        for tree in parsed([text, *shown]):
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == name:
                    yield node


def parsed(texts: Iterable[str]) -> Iterator[ast.Module]:
    for text in texts:
        try:
            yield ast.parse(text)
        except (SyntaxError, ValueError, RecursionError):
            continue


def by_parameter(call: ast.Call, parameters: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Which parameter gets what; values that are not plain are left to be made up."""
    out: dict[str, str] = {}
    plain = [p for p in parameters if p["kind"] in ("POSITIONAL_ONLY", "POSITIONAL_OR_KEYWORD") and p["name"] != "self"]
    rest = next((str(p["name"]) for p in parameters if p["kind"] == "VAR_POSITIONAL"), "")
    for number, value in enumerate(call.args):
        if number < len(plain):
            put(out, str(plain[number]["name"]), value)
        elif rest and literal(value):
            out[rest] = ", ".join(filter(None, [out.get(rest, ""), ast.unparse(value)]))
    for keyword in call.keywords:
        if keyword.arg in {p["name"] for p in parameters}:
            put(out, str(keyword.arg), keyword.value)
    return out


def put(out: dict[str, str], name: str, value: ast.expr) -> None:
    if literal(value):
        out[name] = ast.unparse(value)


def literal(value: ast.expr) -> bool:
    try:
        ast.literal_eval(value)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return False
    return True


def callers(project: Path, path: str, name: str) -> list[tuple[str, int]]:
    """Public functions at the top of a file that call the one that is named, or make an object of that class."""
    for tree in parsed([read_in(project, path, LARGEST).decode("utf-8", "replace")]):
        return [
            (node.name, node.lineno)
            for node in tree.body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_")
            if any(isinstance(n, ast.Call) and ast.unparse(n.func) == name for n in ast.walk(node))
        ]
    return []
