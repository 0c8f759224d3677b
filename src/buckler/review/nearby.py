"""What the lines around a place say: the words beside it, and the conditions it stands under.

Read from the text by its indentation, so that it serves every language; only severities depend on it.

    >>> lines = ["def get(url, verify):", "    if not verify:", "        check = False"]
    >>> conditions(lines, 3)
    'if not verify:'
    >>> beside(lines, 3)
    'if not verify: check = False'
"""

from __future__ import annotations

import re
from collections.abc import Sequence

FURTHEST = 80
"""Lines looked back."""
CONDITION = re.compile(r"^(?:\}\s*)?(?:if|elif|else|case|when|unless)\b")
OUTSIDE = re.compile(r"^(?:async\s+)?(?:def|class|function)\b")


def conditions(lines: Sequence[str], line: int) -> str:
    """The conditions around a line (from 1), with those of the branches before an `else`."""
    out: list[str] = []
    depth = indent(lines[line - 1])
    otherwise = False
    for number in range(line - 2, max(-1, line - 2 - FURTHEST), -1):
        text = lines[number].strip()
        here = indent(lines[number])
        if not text or here > depth or (here == depth and not otherwise):
            continue
        head = CONDITION.match(text) is not None
        if here < depth:
            depth, otherwise = here, text.startswith(")")  # the end of a condition in several lines
            if OUTSIDE.match(text):
                break
        if head:
            out.append(" ".join(t.strip() for t in lines[number : closing(lines, number) + 1]))
            otherwise = re.match(r"(?:\}\s*)?(?:el|case)", text) is not None
    return " ".join(reversed(out))


def closing(lines: Sequence[str], number: int) -> int:
    """Where a condition ends that begins in this line (from 0) with an open bracket."""
    if not lines[number].rstrip().endswith("("):
        return number
    ends = (n for n in range(number + 1, min(len(lines), number + 20)) if lines[n].lstrip().startswith(")"))
    return next(ends, number)


def beside(lines: Sequence[str], line: int) -> str:
    """The line with its neighbours."""
    return " ".join(text.strip() for text in lines[max(0, line - 2) : line + 1])


def restored(lines: Sequence[str], line: int) -> bool:
    """The attribute set here is put back to what it was before: `old = x.a`, `x.a = False`, `x.a = old`.

    >>> restored(["old = ctx.check", "ctx.check = False", "yield", "ctx.check = old"], 2)
    True
    """
    target = lines[line - 1].partition("=")[0].strip()
    if "." not in target:
        return False
    kept = re.compile(rf"^\s*(\w+)\s*=\s*{re.escape(target)}\s*$")
    names = [m[1] for text in lines[max(0, line - 1 - FURTHEST) : line] if (m := kept.match(text))]
    back = re.compile(rf"^\s*{re.escape(target)}\s*=\s*(\w+)\s*$")
    return any((m := back.match(text)) and m[1] in names for text in lines[line : line + FURTHEST])


def indent(line: str) -> int:
    return len(line) - len(line.lstrip())
