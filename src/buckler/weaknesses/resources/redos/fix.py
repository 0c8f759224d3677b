"""Slow regular expressions: written so that each text can be matched in one way only, or kept from long texts.

Each rewriting below means the same for every text; `A` and `B` stand for one character or class of characters.

    (A+)+     (A+)        a run is one piece already
    (A+B?)*   (A+(?:BA+)*B?)?     between two runs there is a B, or they are one
    A+…       (?<!A)A+…   where a search would begin in the middle of a run, it has begun at its start before
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.analysis.syntax.load import Node
from buckler.fix.patch import FixRecipe
from buckler.fix.refusal import refusing
from buckler.fix.site import (
    Declined,
    Draft,
    File,
    Site,
    callee,
    enclosing_function,
    enclosing_statement,
    every,
    positional,
)
from buckler.fix.untrusted import in_block

ATOM = r"(?:\\[a-zA-Z]|\\[^\w\s]|\[\^?(?:\\.|[^\]\\])+\]|[\w ,;:@/-])"
NESTED = re.compile(rf"\((\?:)?({ATOM})([+*])\)([+*])(?![+?])")
SEPARATED = re.compile(rf"\((\?:)?({ATOM})\+({ATOM})\?\)([+*])(?![+?])")
LEADING = re.compile(rf"({ATOM})([+*])(?![+?])(?=.)")
READ = re.compile(r"\bgroups?\b|groupdict|\bsub\(|subn\(|findall|finditer|split\(|lastindex")
"""Signs that somebody looks at what the groups matched."""
SEARCHES = ("search", "sub", "subn", "findall", "finditer", "split")
LONGEST = {2: 1000, 3: 200}
"""By the power of its length with which the time grows, so many characters of a string still take no time."""
ONE_LINE = re.compile(
    r"name|mail|address|user|login|key|code|title|url|uri|host|phone|date|slug|path|version|token|agent|header", re.I
)
"""Names of texts that nobody expects to be long."""


def unambiguous(site: Site) -> Iterator[Draft]:
    """The expression rewritten, where one of the rewritings applies."""
    file, call = site.call(site.finding.location)
    literal, method = expression(file, call)
    text = file.text(literal)
    searched = method in SEARCHES
    for new, why in rewritten(file, text, searches=searched):
        yield Draft(
            "Write the expression so that a string matches in one way only",
            f"It accepts the same strings as before. {why}",
            (file.replace(literal, new),),
        )


def rewritten(file: File, text: str, *, searches: bool) -> Iterator[tuple[str, str]]:
    """The literal with a rewriting that means the same, and why it does."""
    new = NESTED.sub(flattened, text)
    if new != text:
        yield new, "A run of characters is now one piece, instead of being cut into pieces in every possible way."
    whole = file.data.decode("utf-8", "replace")
    new = SEPARATED.sub(joined, text)
    if new != text and not READ.search(whole) and all(disjoint(m[2], m[3]) for m in SEPARATED.finditer(text)):
        yield new, "Between two runs there is now always what separates them, so that a run cannot be cut in two."
    quoted = re.match(r"([rR]?)(['\"]{3}|['\"])", text)
    if quoted is not None and searches and "|" not in text:
        head, body = quoted[0], text[quoted.end() :]
        found = LEADING.match(body)
        if found is not None and found[2] == "+":
            raw = head[:1] in "rR" or "\\" not in found[1]
            if raw:
                made = f"{head}(?<!{found[1]}){body}"
                yield made, "A search no longer begins in the middle of a run whose start it has tried already."


def flattened(found: re.Match[str]) -> str:
    """`(A+)+` → `(A+)`, and the other three likewise."""
    end = "?" if (found[3], found[4]) == ("+", "*") else ""
    return f"({found[1] or ''}{found[2]}{found[3]}){end}"


def joined(found: re.Match[str]) -> str:
    """`(A+B?)*` → `(A+(?:BA+)*B?)?`."""
    inner = f"{found[2]}+(?:{found[3]}{found[2]}+)*{found[3]}?"
    return f"({found[1] or ''}{inner}){'?' if found[4] == '*' else ''}"


def disjoint(one: str, other: str) -> bool:
    """No character belongs to both, as far as ASCII goes."""
    letters = [chr(n) for n in range(128)]
    return not any(re.fullmatch(one, c) and re.fullmatch(other, c) for c in letters)


def expression(file: File, call: Node) -> tuple[Node, str]:
    """The literal of the expression that a call uses, and how it is used."""
    name = callee(call, file)
    owner, _, method = name.rpartition(".")
    first = positional(call, 0)
    if first is not None and first.type == "string" and owner in ("re", "regex", ""):
        return first, used_as(file, call) if method == "compile" else method
    for node in every(file.root):
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if node.type == "assignment" and left is not None and right is not None and file.text(left) == owner:
            literal = positional(right, 0) if right.type == "call" else None
            if literal is not None and literal.type == "string":
                return literal, method
    raise Declined("the expression is not one string literal")


def used_as(file: File, compiled: Node) -> str:
    """The one method by which a compiled expression is used; empty if there are several."""
    statement = enclosing_statement(compiled)
    assignment = statement.named_children[0] if statement.named_children else None
    left = assignment.child_by_field_name("left") if assignment is not None else None
    if left is None:
        return ""
    found = set(re.findall(rf"\b{re.escape(file.text(left))}\.(\w+)\(", file.data.decode("utf-8", "replace")))
    return found.pop() if len(found) == 1 else ""


def kept_short(site: Site) -> Iterator[Draft]:
    """Refuse texts that are longer than anybody needs, where the time grows with a power of the length."""
    growth = site.finding.facts.growth
    most = LONGEST.get(growth.degree, 0) if growth is not None else 0
    if not most:
        raise Declined(
            "the time doubles with each repetition, so no length is short enough; the expression has to be rewritten"
        )
    file, call = site.call(site.finding.location)
    method = callee(call, file).rpartition(".")[2]
    direct = callee(call, file).startswith(("re.", "regex."))
    text = positional(
        call, (2 if method in ("sub", "subn") else 1) if direct else 1 if method in ("sub", "subn") else 0
    )
    if method == "compile" or text is None or text.type != "identifier":
        raise Declined("the string has no name by which its length could be checked at this line")
    name = file.text(text)
    if not ONE_LINE.search(name):
        raise Declined(f"how long `{name}` may be, only the author knows; a limit on its length would cure it")
    statement = enclosing_statement(call)
    if not in_block(statement) or enclosing_function(call) is None:
        raise Declined("there is no place for a line before the string is used")
    refusal = refusing(site, file, statement, f"the {name} is too long")
    lines = [f"if len({name}) > {most}:", f"    {refusal.line}"]
    yield Draft(
        f"Refuse strings of more than {most} characters",
        "The time grows with a power of the length, so it is negligible for a short string.",
        (file.before(statement, lines),),
        refusal.imports,
        f"`{name}` is never longer than {most} characters",
    )


FIX = FixRecipe(
    {
        "python": (
            unambiguous,
            kept_short,
        )
    }
)
