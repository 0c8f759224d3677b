"""Command lines that carry a value to a finding's line: click and typer through their runner, others through `main`.

Example::

    for reached in command_approaches(session, project, surface, finding): ...
    # send: 'return CliRunner().invoke(tool, ["ping", value, "--count", "1"], catch_exceptions=False)'
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from buckler.base.files import read_in
from buckler.finding.evidence import Exposure
from buckler.finding.model import Finding
from buckler.prove.answers import CommandRow, LineRow, rows_of, shaped
from buckler.prove.entries.encodings import adapted
from buckler.prove.entries.reach import MARK, Reached, arrived, code_of, marks_seen, reach, watched
from buckler.prove.entries.surface import LARGEST, Surface
from buckler.prove.environment.layout import module_of
from buckler.prove.model import EntryDriver, ProofRecipe
from buckler.prove.session import Session, asking

RUN = re.compile(rb"\b(click|typer)\b")
READ = re.compile(rb"\b(argparse|optparse|ArgumentParser|OptionParser|argv)\b")
MAIN = re.compile(rb"^def (main|cli|run|_main|start|entry_point|command|execute)\(", re.M)
MOST_LINES = 12
POSITIONS = [
    {"name": f"argument {n}", "words": [], "required": True, "text": True, "flag": False, "filler": "1"}
    for n in (1, 2, 3)
]
RUNNERS = {"click": "from click.testing import CliRunner", "typer": "from typer.testing import CliRunner"}


@dataclass(slots=True, frozen=True)
class Command:
    """One way to start the program: what carries the words, and which words it understands."""

    title: str
    carry: str
    """Statements, with WORDS for the list of words."""
    imports: tuple[str, ...]
    path: tuple[str, ...]
    parameters: tuple[dict[str, Any], ...]
    text: str = "str(answer)"
    status: str = ""


def command_approaches(
    session: Session, project: Path, surface: Surface, finding: Finding, recipe: ProofRecipe
) -> Iterator[Reached]:
    """Command lines that reach the finding's line."""
    files = dict.fromkeys([*(step.location.path for step in finding.flow), finding.location.path])
    texts = {path: read_in(project, path, LARGEST) for path in files if path.endswith(".py")}
    run = [path for path, text in texts.items() if RUN.search(text)]
    own = [path for path, text in texts.items() if READ.search(text)]
    for command in [*clicks(session, surface, finding, run), *mains(session, project, surface, finding, own)][
        :MOST_LINES
    ]:
        yield from carried(session, finding, recipe, command)


def clicks(session: Session, surface: Surface, finding: Finding, files: Sequence[str]) -> Iterator[Command]:
    modules = [module_of(path, surface.roots) for path in files]
    reply = session.run(asking("commands", "clicks", modules), 20).value if modules else None
    rows = [row for row in rows_of(reply, CommandRow) if row["kind"] in RUNNERS]
    places = [(s.location.path, s.location.line) for s in finding.flow] + [
        (finding.location.path, finding.location.line)
    ]
    found: set[tuple[str, int]] = set()
    for row in rows:
        file, first = str(row["file"]).removeprefix("/project/"), int(row["line"])
        if (file, first) in found or not any(file == p and first <= n <= int(row["end"]) for p, n in places):
            continue
        found.add((file, first))
        carry = f"return CliRunner().invoke({row['attribute']}, WORDS, catch_exceptions=False)"
        words = " ".join([str(row["attribute"]), *row["path"]])
        yield Command(words, carry, (RUNNERS[row["kind"]], f"from {row['module']} import {row['attribute']}"), tuple(row["path"]),
                      tuple(row["parameters"]), "answer.output", "answer.exit_code")  # fmt: skip


def mains(
    session: Session, project: Path, surface: Surface, finding: Finding, files: Sequence[str]
) -> Iterator[Command]:  # fmt: skip
    """Functions that read the command line themselves."""
    for path in files:
        started = [
            s.function for s in finding.flow[:1] if s.location.path == path and "." not in s.function and s.function
        ]
        named = [m.decode() for m in MAIN.findall(read_in(project, path, LARGEST))]
        module = module_of(path, surface.roots)
        for function in dict.fromkeys([*started, *named]):
            reply = session.run(asking("commands", "understood", module, function), 10).value
            takes, understood = shaped(reply, tuple[bool | None, list[Any] | None]) or (None, None)
            if takes is None:
                continue
            imports = ["import sys", "from unittest import mock", f"from {module} import {function}"]
            carry = f'with mock.patch.object(sys, "argv", ["{function}", *WORDS]):\n    return {function}()'
            if takes:
                imports, carry = imports[2:], f"return {function}(WORDS)"
            for row in rows_of(understood, LineRow) or [{"path": [], "parameters": POSITIONS}]:
                yield Command(" ".join([f"{module}.{function}", *row["path"]]), carry, tuple(imports), tuple(row["path"]),
                              tuple(row["parameters"]))  # fmt: skip


def carried(session: Session, finding: Finding, recipe: ProofRecipe, command: Command) -> Iterator[Reached]:
    """Marks in every parameter that holds text; then the shortest command line for those that travel."""
    slots = [p for p in command.parameters if p["text"]]
    needed = [p for p in slots if p["required"]]
    for chosen in (slots, needed, *([*needed, p] for p in slots if p not in needed)):
        given = {str(p["name"]): repr(MARK.format(n)) for n, p in enumerate(chosen)}
        code = code_of(approach(command, given, "")) + "\nreport(text(send(None)))"
        answer = session.run(code, 10, watched(finding), [MARK.format(n) for n in range(len(chosen))])
        seen = marks_seen(answer, finding, len(chosen))
        for number, exact in seen:
            if found := narrowed(session, finding, command, given, str(chosen[number]["name"]), exact=exact):
                yield found
        if not seen and arrived(answer, finding, recipe):
            first = str(chosen[0]["name"]) if chosen else ""
            way = approach(command, {**given, first: "value"} if first else {}, first)
            yield Reached(way, answer, MARK.format(777), exact=True)
        if seen or arrived(answer, finding, recipe):
            return


def narrowed(
    session: Session, finding: Finding, command: Command, given: dict[str, str], name: str, *, exact: bool
) -> Reached | None:  # fmt: skip
    mark, lines = MARK.format(777), watched(finding)
    others: dict[str, str]
    for others in ({}, {n: "'one'" for n in given if n != name}):
        way = approach(command, {**others, name: "value"}, name)
        answer = reach(session, way, mark, lines)
        seen = marks_seen(answer, finding, 1, exact_only=exact)
        if seen and not seen[0][1] and (better := adapted(session, way, mark, lines, finding)):
            return Reached(*better, mark, exact=True)
        if seen:
            return Reached(way, answer, mark, seen[0][1])
    return None


def approach(command: Command, given: dict[str, str], name: str) -> EntryDriver:
    entry = f"the command line `{command.title}`" + (f", `{name}`" if name else "")
    send = command.carry.replace("*WORDS", ", ".join(words(command, given))).replace(
        "WORDS", f"[{', '.join(words(command, given))}]")  # fmt: skip
    return EntryDriver(entry, Exposure.CLI, command.imports, send, text=command.text, status=command.status)


def words(command: Command, given: dict[str, str]) -> list[str]:
    """The command line: options first, a value that might look like one bound to its option or after `--`."""
    options: list[str] = []
    arguments: list[str] = []
    for p in command.parameters:
        value = given.get(str(p["name"])) or (repr(str(p["filler"])) if p["required"] else "")
        if not value or p["flag"]:
            continue
        if p["words"]:
            options += [repr(str(p["words"][0])), value]
        else:
            arguments.append(value)
    return [*map(repr, command.path), *options, *arguments]
