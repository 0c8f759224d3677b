"""What a program takes on its command line: asked of click, typer, argparse or optparse themselves.

Rows of plain data: how the command is called, and for each parameter how it is written, whether it is required, and
whether it holds text.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import optparse
import sys
from typing import Any, Iterator, NoReturn, Sequence

from . import routes

MOST = 24
GIVEN = {"argv", "args", "arguments", "params", "cli_args"}
NUMBERS = ("int", "float", "integer", "INT", "FLOAT")


def clicks(names: list[str]) -> list[dict[str, Any]]:
    """Commands of click and typer that hang on objects of these modules, with the function behind each."""
    out = []
    for name in names:
        try:
            module = importlib.import_module(name)
        except BaseException:
            continue
        groups = sorted(vars(module).items(), key=lambda row: not hasattr(row[1], "commands"))
        for attribute, value in groups:
            kind, command = command_of(value)
            if command is not None:
                out += [{"module": name, "attribute": attribute, "kind": kind, **leaf} for leaf in leaves(command, [])]
    return out[:MOST]


def command_of(value: Any) -> tuple[str, Any]:
    top = type(value).__module__.partition(".")[0]
    if top == "typer" and type(value).__name__ == "Typer":
        import typer.main  # type: ignore[import-not-found]  # of the project

        return "typer", typer.main.get_command(value)
    if hasattr(value, "callback") and hasattr(value, "params") and hasattr(value, "main"):
        return "click", value
    return "", None


def leaves(command: Any, path: list[str]) -> Iterator[dict[str, Any]]:
    inner = getattr(command, "commands", None)
    if inner:
        for name, sub in sorted(inner.items()):
            yield from leaves(sub, [*path, name])
        return
    if command.callback is None:
        return
    plain = routes.unwrapped(command.callback)
    code = getattr(plain, "__code__", None)
    if code is not None:
        yield {
            "path": path,
            "file": code.co_filename,
            "line": code.co_firstlineno,
            "end": routes.last_line(code),
            "parameters": [option(p) for p in command.params],
        }


def option(parameter: Any) -> dict[str, Any]:
    taken = getattr(parameter, "type", None) or getattr(parameter, "param_type", None)
    kind = getattr(taken, "name", "") or "text"
    choices = getattr(taken, "choices", None)
    flag = bool(getattr(parameter, "is_flag", False))
    words = sorted(parameter.opts, key=len)[-1:] if parameter.param_type_name == "option" else []
    return row(parameter.name, words, parameter.required, "flag" if flag else kind, list(choices or ())[:1])


def row(name: str, words: list[str], required: object, kind: str, choices: Sequence[object]) -> dict[str, Any]:
    text = kind not in (*NUMBERS, "flag", "boolean") and not choices
    return {
        "name": name,
        "words": words,
        "required": bool(required),
        "text": text,
        "flag": kind == "flag",
        "filler": str(choices[0]) if choices else "1",
    }


class Understood(BaseException):
    """Carries the description of a parser out of the program that was about to use it."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        super().__init__()
        self.rows = rows


def understood(module: str, function: str) -> list[Any]:
    """Whether a function takes the command line, and which ones it understands; None where it has nothing to say."""
    takes = takes_arguments(module, function)
    return [takes, None if takes is None else parsed(module, function, takes)]


def parsed(module: str, function: str, takes: bool) -> list[dict[str, Any]] | None:
    """The command lines a function understands, read from the parser it makes; None if it makes none."""

    def tell(parser: argparse.ArgumentParser, *given: Any, **named: Any) -> NoReturn:
        raise Understood(list(lines(parser, [])))

    def tell_old(parser: optparse.OptionParser, *given: Any, **named: Any) -> NoReturn:
        options = [old(o) for o in parser.option_list if o.get_opt_string() != "--help"]
        raise Understood(
            [{"path": [], "parameters": [*options, *(row("argument", [], True, "str", ()) for _ in range(2))]}]
        )

    argparse.ArgumentParser.parse_known_args = tell  # type: ignore[method-assign, assignment]
    optparse.OptionParser.parse_args = tell_old  # type: ignore[method-assign, assignment]
    sys.argv = ["program"]
    try:
        work = getattr(importlib.import_module(module), function)
        work([]) if takes else work()
    except Understood as found:
        return found.rows
    except BaseException:
        return None
    return None


def old(o: optparse.Option) -> dict[str, Any]:
    kind = "flag" if o.action not in ("store", "append") else (o.type or "string")
    return row(o.dest or "", [o.get_opt_string()], False, kind, list(o.choices or ())[:1])


def lines(parser: argparse.ArgumentParser, path: list[str]) -> Iterator[dict[str, Any]]:
    """One row for each command that takes no further command."""
    rows, inner = [], None
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            inner = action
        elif not isinstance(action, (argparse._HelpAction, argparse._VersionAction)):
            kind = "flag" if action.nargs == 0 else getattr(action.type, "__name__", "str")
            words = sorted(action.option_strings, key=len)[-1:]
            required = action.required and (bool(words) or action.nargs not in ("?", "*"))
            rows.append(row(action.dest, words, required, kind, list(action.choices or ())[:1]))
    if inner is None:
        yield {"path": path, "parameters": rows}
        return
    before = [text for r in rows if r["required"] for text in [*r["words"], r["filler"]]]
    for name, sub in inner.choices.items():
        yield from lines(sub, [*path, *before, name])


def takes_arguments(module: str, function: str) -> bool | None:
    """Whether a function wants the arguments given to it, rather than from the system."""
    work = getattr(importlib.import_module(module), function, None)
    if not inspect.isfunction(work):
        return None
    wanted = [
        p
        for p in inspect.signature(work).parameters.values()
        if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    named = [p.name for p in inspect.signature(work).parameters.values()]
    listed = bool(GIVEN & set(named[:1]))
    return listed if len(wanted) <= listed else None
