"""Values that a page puts out as they are: escaped by the template."""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.finding.evidence import Edit
from buckler.fix.site import Declined, Draft, Site


def put_out_escaped(site: Site) -> Iterator[Draft]:
    """`{{ text|safe }}` → `{{ text }}`, in the template where the way of the value ends."""
    place = site.sink
    if place.path.endswith(".py"):
        return  # not a template: nothing to say about it
    data = site.read(place.path)
    start = offset(data, place.line, place.column)
    end = offset(data, place.line, place.end_column)
    text = data[start:end].decode("utf-8", "replace")
    new = escaped_here(data, start, end, text)
    yield Draft(
        "Let the template escape the value",
        "The template writes the characters that begin markup as entities, so a browser shows the text instead of running it.",
        (Edit(place.path, start, end, new),),
        (),
        "the value is text, not markup",
    )


def escaped_here(data: bytes, start: int, end: int, text: str) -> str:
    """The same expression so that nothing in its value can become markup where it stands."""
    marked = re.sub(r"\s*\|\s*(?:safe|safeseq|n)(?=\s*[-}])", "", text)
    if marked != text:
        return marked
    if text.startswith("{{!"):
        return "{{" + text[3:]
    if text.startswith("{%"):
        return re.sub(r"^\{%\s*raw\s+(.*?)\s*%\}$", r"{{ \1 }}", text)
    if data[start - 1 : start] == b"=" and re.match(rb"[\s>/]", data[end : end + 1]):
        return f'"{text}"'
    if switched_off(data[:start]):
        return re.sub(r"\s*-?\}\}$", "|escape }}", text)
    raise Declined("what is safe at this place of the page depends on what the value is")


def switched_off(before: bytes) -> bool:
    """Whether the last switch of escaping before a place put it off."""
    found = re.findall(rb"\{%-?\s*(?:autoescape\s+(\w+)|(endautoescape))", before)
    return bool(found) and found[-1][0] in (b"false", b"off")


def offset(data: bytes, line: int, column: int) -> int:
    """Line and column, which count characters from 1, as a place in the bytes."""
    lines = data.split(b"\n")
    before = sum(len(row) + 1 for row in lines[: line - 1])
    return before + len(lines[line - 1].decode("utf-8", "replace")[: column - 1].encode())
