"""Values that a program could take for an option: put behind `--`, or refused."""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.analysis.syntax.load import Node
from buckler.finding.evidence import Edit
from buckler.fix.guards import checked
from buckler.fix.patch import FixRecipe
from buckler.fix.refusal import refusing
from buckler.fix.site import Declined, Draft, File, Site, arguments, enclosing_statement, every
from buckler.fix.untrusted import Spot, as_text, in_block, is_container, tainted
from buckler.weaknesses.injection.commands import ENDS_OPTIONS

ENDS_OPTIONS_OF_GIT = frozenset(
    f"git {name}" for name in ("ls-remote", "clone", "fetch", "pull", "push", "init", "remote add", "remote set-url")
)
"""Where `--` ends the options and says nothing else; for `git checkout` and `git log` it makes paths of what follows.

From the synopses in the manual of git 2.43.
"""
LITERAL = re.compile(r"[rbu]?(['\"])([\w./-]*)\1")


def program_of(words: list[str]) -> str:
    """The program as it is written in a list, for git with the command that is asked for: `git ls-remote`."""
    plain = [m[2] for word in words if (m := LITERAL.fullmatch(word)) and not m[2].startswith("-")]
    name = plain[0].rpartition("/")[2] if plain else ""
    if name != "git":
        return name
    longer = " ".join(["git", *plain[1:3]])
    return longer if longer in ENDS_OPTIONS_OF_GIT else " ".join(["git", *plain[1:2]])


def behind_the_end(site: Site) -> Iterator[Draft]:
    """`["cat", name]` → `["cat", "--", name]`, for programs that are known to understand it."""
    file, call = site.call()
    rows = next((node for node in every(call) if node.type == "list" and node.named_children), None)
    words = [*rows.named_children] if rows is not None else []
    program = program_of([file.text(word) for word in words])
    if program not in ENDS_OPTIONS and program not in ENDS_OPTIONS_OF_GIT:
        raise Declined("the program is not known to take what follows `--` as no option")
    at = first_value(site, file, words)
    rest = [file.text(word) for word in words[at:]]
    if any(re.match(r"[brf]*['\"]-", text) for text in rest) or any(
        "'--'" in file.text(w) or '"--"' in file.text(w) for w in words
    ):
        raise Declined("options follow the value")
    start = words[at].start_byte
    yield Draft(
        "Say where the options end",
        f"`{program}` takes nothing that follows `--` for an option, whatever it begins with.",
        (Edit(file.path, start, start, '"--", '),),
    )


def first_value(site: Site, file: File, words: list[Node]) -> int:
    """The position of the first word that holds the value."""
    marked = tainted(words[1:], site.names(file.path), file)
    if not marked:
        raise Declined("the value is not a word of its own")
    return words.index(marked[0])


def refused(site: Site) -> Iterator[Draft]:
    """Refuse values that begin with a dash."""
    spot, given = whole_word(site) or checked(site)
    refusal = refusing(site, spot.file, spot.statement, "the value looks like an option")
    value = as_text(spot.name, spot.statement, spot.file)
    yield Draft(
        "Refuse values that look like an option",
        "What begins with a dash is refused before the program is started.",
        (*given, spot.lines([f'if {value}.startswith("-"):', f"    {refusal.line}"])),
        refusal.imports,
        "no name or URL begins with a dash",
    )


def whole_word(site: Site) -> tuple[Spot, tuple[Edit, ...]] | None:
    """The value as a word of its own in the call; what stands behind something else in a word is no option."""
    file, call = site.call(site.finding.location)
    lists = [node for node in arguments(call) if node.type in ("list", "tuple")]
    words = [*arguments(call), *(word for node in lists for word in node.named_children)]
    names = [file.text(word) for word in words if word.type == "identifier"]
    name = next((name for name in site.names(file.path) if name in names), "")
    statement = enclosing_statement(call)
    return (Spot(file, statement, name), ()) if name and in_block(statement) and not is_container(site, name) else None


FIX = FixRecipe(
    {
        "python": (
            behind_the_end,
            refused,
        )
    }
)
