"""Values that no escaping makes harmless are held against what they may look like, in a line before their use.

Redirects stay on the site, XPath values hold no quotes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from buckler.finding.evidence import Edit
from buckler.fix.refusal import refusing
from buckler.fix.site import Declined, Draft, File, Site, enclosing_statement, free_name
from buckler.fix.texts import open_quote, parts_of
from buckler.fix.untrusted import Mix, Spot, argument_holding, as_text, in_block, mixes, value_at

LOCAL = r'r"/(\w[^\\\s]*)?"'
PLAIN = r'r"[\w .-]*"'
WORD = r'r"\w*"'


def plain_part(site: Site) -> Iterator[Draft]:
    """The same, where the value is only a part of what is run."""
    found = mixes(site)
    if not found:
        raise Declined("all of it comes from outside; code that is meant to be run cannot be made harmless")
    with suppress(Declined):
        yield from every_part(site, found[0])
    yield from plain_text(site, WORD)


def every_part(site: Site, mix: Mix) -> Iterator[Draft]:
    """Where a text has several holes, all of them: the reported flow is one of those that lead there."""
    file, before = mix.file, ""
    checks: list[str] = []
    for piece in parts_of(mix.node, file):
        if isinstance(piece, str):
            before += piece
        elif piece.type in ("identifier", "attribute"):
            name = file.text(piece)
            value = as_text(name, piece, file) if piece in mix.holes else f"str({name})"
            checks.append(f"re.fullmatch({PLAIN if open_quote(before) else WORD}, {value})")
        else:
            return
    statement = enclosing_statement(mix.node)
    if len(checks) < 2 or not in_block(statement):
        return
    refusal = refusing(site, file, statement, "unexpected characters")
    rows = [f"    {'and ' if n else ''}{check}" for n, check in enumerate(dict.fromkeys(checks))]
    yield Draft(
        "Refuse values with characters that could have a meaning",
        "Every value that goes into the string is checked: between quotes letters, digits and a few marks pass, elsewhere only one word.",
        (file.before(statement, ["if not (", *rows, "):", f"    {refusal.line}"]),),
        ((file.path, "import re"), *refusal.imports),
        "the values are words or numbers",
    )


def plain_text(site: Site, pattern: str = PLAIN) -> Iterator[Draft]:
    """Letters, digits and a few marks; nothing that has a meaning in the language the value goes into."""
    spot, given = checked(site)
    value = as_text(spot.name, spot.statement, spot.file)
    refusal = refusing(site, spot.file, spot.statement, "unexpected characters")
    lines = [f"if not re.fullmatch({pattern}, {value}):", f"    {refusal.line}"]
    yield Draft(
        "Refuse values with characters that could have a meaning",
        f"Only what matches `{pattern[2:-1]}` passes; quotes, brackets and operators are refused before the string is built.",
        (*given, spot.lines(lines)),
        ((spot.file.path, "import re"), *refusal.imports),
        "the values are words or numbers",
    )


def checked(site: Site, call_it: str = "value") -> tuple[Spot, tuple[Edit, ...]]:
    """Where the value can be checked, and the edits that give it a name there if it has none."""
    given: tuple[Edit, ...] = ()
    try:
        spot = value_at(site)
    except Declined:
        file, node = argument_holding(site)
        if node.type in ("identifier", "list", "tuple", "dictionary"):
            raise
        spot = Spot(file, enclosing_statement(node), free_name(file, node, call_it))
        given = (spot.lines([f"{spot.name} = {file.text(node)}"]), file.replace(node, spot.name))
    if not in_block(spot.statement):
        raise Declined("there is no place for a line before the value is used")
    return spot, given


def top_level(file: File, at: int) -> int:
    """Where the statement at the top of the file begins that holds this place."""
    node = next(n for n in file.root.children if n.start_byte <= at < n.end_byte or n.start_byte >= at)
    start = node.start_byte
    while True:
        line = file.data.rfind(b"\n", 0, max(0, start - 1)) + 1
        if line < start and file.data[line:start].lstrip().startswith(b"#"):
            start = line
            continue
        return start
