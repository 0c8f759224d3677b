"""Strings made of what the functions look for that differ between two releases: repeated, they may take long or nest too deep.

What a fix has to do with is seldom a regular expression alone. A loop that looks for `;` in what is left takes the square
of the time on many of them; a parser that calls itself for each `[` runs out of stack.

Example::

    literals(before, after)                  # ["&", ";"]
    repetitions(["&", ";"])[0].expression    # "'&' * n"
"""

from __future__ import annotations

import ast
import string
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import product

from buckler.dependencies.reach.sources import skipped
from buckler.dependencies.releases import Release
from buckler.finding.model import Growth
from buckler.workbench.slow_patterns import parsed

LONGEST = 12
"""Characters of a literal that is taken for something that is looked for."""
MOST = 5
USUAL = ("a", "1", " ", "\n", *string.punctuation)
"""What texts of most formats are made of."""


def literals(before: Release, after: Release) -> list[str]:
    """Short strings in the functions that are not the same in both, those of the smaller functions first."""
    found: Counter[str] = Counter()
    for path, data in before.files.items():
        if not path.endswith(".py") or after.files.get(path) == data or skipped(path, before.files):
            continue
        old, new = (functions(files.get(path, b"")) for files in (before.files, after.files))
        for name in dict.fromkeys([*old, *new]):
            if old.get(name) != new.get(name):
                found.update(dict.fromkeys([*strings(old.get(name, "")), *strings(new.get(name, ""))], 1))
    return [text for text, _ in found.most_common()]


def functions(data: bytes) -> dict[str, str]:
    """The functions of a file by their names, as code without comments."""
    tree = parsed(data)
    nodes = ast.walk(tree) if tree else ()
    return {n.name: ast.unparse(n) for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}


def strings(code: str) -> Iterator[str]:
    """The short literals of a function; names and words of a sentence are none."""
    for node in ast.walk(ast.parse(code)) if code else ():
        value = node.value if isinstance(node, ast.Constant) else None
        text = value.decode("latin-1") if isinstance(value, bytes) else value
        if isinstance(text, str) and 0 < len(text) <= LONGEST and not text.isidentifier():
            yield text


def repetitions(found: Sequence[str]) -> list[Growth]:
    """Each by itself, then behind and before each other."""
    known = found[:MOST]
    alone = dict.fromkeys([*known, *USUAL])
    pairs = [(one, other) for one, other in product(known, repeat=2) if one != other]
    return [
        *(Growth(text, degree=2) for text in alone),
        *(Growth(other, one, degree=2) for one, other in pairs),
        *(Growth(one + other, degree=2) for one, other in pairs),
    ]
