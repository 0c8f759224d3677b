"""How code says that it will not take a value: a handler answers "bad request", everything else raises ValueError.

Example::

    refusal = refusing(site, file, statement, "unexpected characters")
    refusal.line        # 'abort(400, "unexpected characters")'
    refusal.imports     # (("shop/app.py", "from flask import abort"),)
"""

from __future__ import annotations

import functools
import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from buckler.analysis.syntax.load import Node
from buckler.fix.site import File, Site, enclosing_function


@dataclass(slots=True, frozen=True)
class Refusal:
    """One statement, and the imports it needs."""

    line: str
    imports: tuple[tuple[str, str], ...] = ()


@functools.cache
def rows() -> tuple[tuple[str, str, str], ...]:
    """(package, statement, import), in the order of the table."""
    text = Path(__file__).with_name("refusals.toml").read_text("utf-8")
    return tuple((row["imports"], row["line"], row["needs"]) for row in tomllib.loads(text)["refusal"])


def refusing(site: Site, file: File, statement: Node, words: str) -> Refusal:
    """The refusal for a line before `statement`."""
    said = json.dumps(words, ensure_ascii=False)
    if in_handler(site, file, statement):
        text = file.data.decode("utf-8", "replace")
        for package, line, needs in rows():
            if re.search(rf"^\s*(?:from|import)\s+{package}\b", text, re.M):
                return Refusal(line.replace("{}", said), ((file.path, needs),))
    return Refusal(f"raise ValueError({said})")


def in_handler(site: Site, file: File, statement: Node) -> bool:
    """Whether a request comes in, in the very function that the statement is in."""
    flow = site.finding.flow
    function = enclosing_function(statement)
    if (
        not flow
        or function is None
        or flow[0].location.path != file.path
        or site.finding.source is None
        or site.finding.source.kind != "remote"
    ):
        return False
    source = enclosing_function(file.node_at(flow[0].location))
    return source is not None and source.id == function.id
