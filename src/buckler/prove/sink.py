"""What was seen when a mark travelled to the line of a finding: what attacks are cut to fit.

Example::

    seen_situation(bench, finding, reached).neighbours      # ("report.txt",)
"""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from pathlib import PurePosixPath

from buckler.finding.model import Finding
from buckler.prove.answers import shaped
from buckler.prove.bench import ProofContext
from buckler.prove.entries.reach import Reached
from buckler.prove.model import SinkContext
from buckler.prove.session import asking

OPENS = ("open", "os.listdir", "os.scandir", "os.mkdir", "os.remove", "os.stat")
PLAIN_NAME = re.compile(r"[\w. +@-]{1,100}")
"""Of a file, as it may stand in the code of a test."""


def seen_situation(bench: ProofContext, finding: Finding, reached: Reached) -> SinkContext:
    near = tuple(step.code for step in finding.flow[-4:])
    events = tuple((name, tuple(given)) for name, given in reached.answer.seen.events)
    source = (bench.project / finding.location.path).read_bytes()
    situation = SinkContext(
        reached.approach, reached.mark, events, finding.code, near, (), finding.location.path, finding.function,
        finding.facts.growth, finding.facts.growths, source.decode("utf-8", "replace"), literal_at(source, finding),
    )  # fmt: skip
    folder = folder_of(situation)
    return replace(situation, neighbours=neighbours(bench, folder)) if folder else situation


def folder_of(situation: SinkContext) -> str:
    """The folder the code puts before the name, as seen in the path it opened; empty if unknown."""
    for event, arguments in situation.events:
        if event in OPENS and arguments:
            path = arguments[0].strip("b'\"")
            if situation.mark in path:
                return str(PurePosixPath(path.split(situation.mark)[0] + "x").parent)
    return ""


def suffix_of(situation: SinkContext) -> str:
    """What the code puts after the name, as seen in the path it opened: `.txt`."""
    for _, arguments in situation.events:
        for argument in arguments[:1]:
            found = re.search(re.escape(situation.mark) + r"([\w.\-]{1,20})['\"]", argument)
            if found:
                return found[1]
    return ""


def neighbours(bench: ProofContext, folder: str) -> tuple[str, ...]:
    """Names of the files in a folder, as seen inside."""
    listed = bench.session.run(asking("folders", "names", folder)).value
    return tuple(name for name in shaped(listed, list[str]) or () if PLAIN_NAME.fullmatch(name))


def literal_at(source: bytes, finding: Finding) -> str | bytes | None:
    """The literal around the place of a finding."""
    place = finding.location
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return None
    line = source.splitlines()[place.line - 1].decode("utf-8", "replace") if place.line else ""
    at = (place.line, len(line[: place.column - 1].encode()))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            end = (node.end_lineno or 0, node.end_col_offset or 0)
            if (node.lineno, node.col_offset) <= at < end:
                return node.value
    return None
