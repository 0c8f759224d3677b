"""Values that go into a language of their own are escaped for it where they are mixed in.

One row per language: the function that escapes for it, and what it promises.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from buckler.analysis.syntax.load import Node
from buckler.finding.evidence import Edit
from buckler.fix.site import Declined, Draft, File, Site, holes
from buckler.fix.texts import open_quote, parts_of
from buckler.fix.untrusted import Mix, argument_holding, as_text, in_block, mixes, takes_apart, value_at


@dataclass(slots=True, frozen=True)
class Escape:
    """How a value is made harmless in one language."""

    title: str
    explanation: str
    pattern: str
    """Expression with `{}` for the value."""
    imports: str
    unquoted: bool = False
    """The function brings quotes of its own, so quotes around the hole go."""


LINE = Escape("Keep the value on one line", "Line breaks in the value are removed, so it cannot begin a line of its own.",
              'str({}).replace("\\r", "").replace("\\n", "")', "")  # fmt: skip


def line(site: Site) -> Iterator[Draft]:
    yield from escaped(site, LINE)


def escaped(site: Site, escape: Escape) -> Iterator[Draft]:
    """Around the holes of each text on the way; else around the argument at the sink; else under the value's name."""
    tries: list[Callable[[], Draft]] = [lambda m=mix: in_text(m, escape) for mix in mixes(site)]  # type: ignore[misc]
    if not (escape.unquoted and any(quoted_holes(mix) for mix in mixes(site))):
        tries += [lambda: renamed(site, escape)]
    if not mixes(site) and not escape.unquoted:
        tries.insert(0, lambda: at_sink(site, escape))
    reason = ""
    done = False
    for attempt in tries:
        try:
            yield attempt()
            done = True
        except Declined as declined:
            reason = reason or str(declined)
    if not done:
        raise Declined(reason or "the value is not part of a string here")


def in_text(mix: Mix, escape: Escape) -> Draft:
    chosen = holes(mix.node, mix.file) if escape.unquoted else mix.holes  # one bare word in a command is one too many
    if takes_apart(mix):
        raise Declined("a whole collection is put into the string")
    texts = [shown(mix, hole) if escape.unquoted else mix.file.text(hole) for hole in chosen]
    edits = [
        wrap(mix.file, hole.start_byte, hole.end_byte, text, escape) for hole, text in zip(chosen, texts, strict=True)
    ]
    if escape.unquoted:
        edits = [bare(mix.file, edit) for edit in edits]
        if quoted_holes(mix) > sum(edit.start < hole.start_byte for edit, hole in zip(edits, chosen, strict=True)):
            raise Declined("the value stands inside quotes, where quotes of its own would end them")
    return draft(escape, edits, mix.file)


def shown(mix: Mix, hole: Node) -> str:
    """The value of a hole as the text that a shell quote takes."""
    text = mix.file.text(hole)
    return as_text(text, hole, mix.file) if hole in mix.holes else f"str({text})"


def wrap(file: File, start: int, end: int, text: str, escape: Escape) -> Edit:
    new = escape.pattern.replace("{}", text)
    opening = file.data[start - 1 : start]
    if opening == b"{" and file.data[end : end + 1] != b"}" and file.data[end : end + 1] not in (b"!", b":", b"="):
        raise Declined("the placeholder is not closed where it was expected")
    if "\\" in new and enclosing_quote(file, start):
        raise Declined("interpreters before 3.12 take no backslash inside a replacement field of an f-string")
    if '"' in new and enclosing_quote(file, start) == '"' and not file.data[start - 1 : start].isspace():
        new = new.replace('"', "'")
    return Edit(file.path, start, end, new)


def enclosing_quote(file: File, at: int) -> str:
    node = file.root.descendant_for_byte_range(at, at)
    while node is not None and node.type != "string":
        node = node.parent
    return file.text(node.children[0])[-1:] if node is not None and node.children else ""


def bare(file: File, edit: Edit) -> Edit:
    """Quotes of the shell right around a hole would be inside those the function brings."""
    start, end = edit.start - 1, edit.end + 1
    if file.data[start : start + 1] != b"{" or file.data[end - 1 : end] != b"}":
        return edit
    if file.data[start - 1 : start] in (b"'", b'"') and file.data[start - 1 : start] == file.data[end : end + 1]:
        literal = file.root.descendant_for_byte_range(start - 1, start - 1)
        if literal is not None and literal.type == "string_content":
            return Edit(edit.path, start - 1, end + 1, "{" + edit.text + "}")
    return edit


def quoted_holes(mix: Mix) -> int:
    """How many values stand inside quotes of the text they are put into."""
    before, found = "", 0
    for piece in parts_of(mix.node, mix.file):
        if isinstance(piece, str):
            before += re.sub(r"\\.", "", piece)
        elif open_quote(before):
            found += 1
    return found


def at_sink(site: Site, escape: Escape) -> Draft:
    file, node = argument_holding(site)
    if node.type in ("string", "concatenated_string") and not holes(node, file):
        raise Declined("the finding does not say which argument holds the value")
    return draft(escape, [file.wrap(node, escape.pattern)], file)


def renamed(site: Site, escape: Escape) -> Draft:
    """A line of its own before the value is used."""
    spot = value_at(site)
    if not in_block(spot.statement):
        raise Declined("there is no place for a line before the value is used")
    value = as_text(spot.name, spot.statement, spot.file) if escape.unquoted else spot.name
    return draft(escape, [spot.lines([f"{spot.name} = {escape.pattern.replace('{}', value)}"])], spot.file)


def draft(escape: Escape, edits: list[Edit], file: File) -> Draft:
    imports = ((file.path, escape.imports),) if escape.imports else ()
    return Draft(escape.title, escape.explanation, tuple(edits), imports)
