"""Untrusted data that gets into a package by any of the project's calls, for trying what it does there.

The engine that follows data is given a library model in which these calls are sinks, and nothing else is.

Example::

    flows_into(["markdown2"], {"convert"}, files, cache)[0].flow      # Steps from `request.args` to `markdown2.markdown(text)`
"""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import replace

from buckler.analysis.libraries.load import find_libraries
from buckler.base.progress import Silent
from buckler.base.scratch import passing
from buckler.base.source import SourceFile
from buckler.dependencies.upgrade.names import used
from buckler.finding.model import Finding, Rule, Severity
from buckler.review.memory import Cache
from buckler.review.rulebook import RuleBook, book_of
from buckler.weaknesses.registry import rulebook
from buckler.workbench.engine import Order, run_engine

SINK = "vulnerable-call"
SINKS = f'sinks = [{{ arg = "*", rule = "{SINK}" }}, {{ arg = "self", rule = "{SINK}" }}]\nexample = "call(data)  #! {SINK}"'
"""Every row with sinks has to have an example; nobody tries it."""
LANGUAGE = "python"
"""The one whose calls are looked up by their syntax."""
MOST_NAMES = 60
"""Calls that are followed; each more costs time and memory."""
NAME = re.compile(r"[A-Za-z_][\w.]{0,200}")


def flows_into(
    modules: Sequence[str], methods: Container[str], files: Sequence[SourceFile], cache: Cache
) -> list[Finding]:
    """Untrusted data that gets to any call of these modules of a package, or of a method that it has.

    A way by calls may not have been found, because a package builds its objects when it is imported; whether such a
    call matters, only trying it can tell.
    """
    own = [file for file in files if file.language == LANGUAGE]
    calls = used({file.path: file.read() for file in own}, modules).calls
    known = find_libraries(LANGUAGE).values
    dotted = [name for name in sorted(calls) if not name.startswith(".")]
    members = [name for name in sorted(calls) if name.startswith(".") and name[1:] in methods]
    typed = [
        f"{known[owner].type}.{last}" for owner, _, last in (name.rpartition(".") for name in dotted) if owner in known
    ]
    names = [name for name in (*dotted, *members, *typed) if NAME.fullmatch(name.removeprefix("."))]
    return _followed(names[:MOST_NAMES], own, cache)


def _followed(names: Sequence[str], files: Sequence[SourceFile], cache: Cache) -> list[Finding]:
    """The flows to calls of these functions and methods."""
    if not names:
        return []
    with passing("buckler-sinks-") as folder:
        (folder / LANGUAGE).mkdir()
        (folder / LANGUAGE / "vulnerable.toml").write_text("\n".join(_model(names)), "utf-8")
        order = Order(_book(), (folder,), cache, 1, Silent())
        return [finding for finding in run_engine(files, order).findings if finding.flow]


def _model(names: Sequence[str]) -> Iterator[str]:
    """A library model in which these functions and methods are sinks, and what the functions give has these methods."""
    yield 'package = "vulnerable"'
    made = [name for name in names if not name.startswith(".")]
    members = [name for name in names if name.startswith(".")]
    for name in names:
        loose = "loose = true" if name.startswith(".") else f"returns = {json.dumps(name)}"
        yield f"\n[[callable]]\nname = {json.dumps(name.removeprefix('.'))}\n{loose}\n{SINKS}"
    of_made = [f"{owner}{member}" for owner in made for member in (".__call__", *members)]
    if of_made:
        yield f"\n[[callable]]\nname = {json.dumps(of_made)}\n{SINKS}"


def _book() -> RuleBook:
    """One rule, about these calls; the others are known and left out."""
    rule = Rule(
        id=SINK,
        title="Vulnerable call: untrusted data reaches it",
        family="dependencies",
        cwe=(1395,),
        severity=Severity.HIGH,
        kind="taint",
        message="{source} reaches {sink}.",
        attacker="",
        fix="",
        prose="",
        text=False,
        api="never",
        safe_characters=None,
    )
    known = rulebook()
    own = book_of([rule])
    return replace(own, left_out=frozenset({*known.rules}), aliases=known.aliases, digest=known.digest)
