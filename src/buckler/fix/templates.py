"""Templates: what somebody sends becomes a variable instead of a part of the template, and is put out escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.finding.evidence import Edit
from buckler.fix.site import Declined, Draft, Site, arguments, callee, free_name
from buckler.fix.texts import parts_of
from buckler.fix.untrusted import mixes


def variables(site: Site) -> Iterator[Draft]:
    """`render_template_string("Hello " + name)` → `render_template_string("Hello {{ name }}", name=name)`."""
    file, call = site.call()
    if callee(call, file).rpartition(".")[2] not in ("render_template_string", "from_string", "Template"):
        raise Declined("what renders the template is not known")
    found = [m for m in mixes(site) if m.file is file and call.start_byte <= m.node.start_byte < call.end_byte]
    if not found or callee(call, file).rpartition(".")[2] != "render_template_string":
        raise Declined("the template is put together somewhere else than it is rendered")
    mix = found[0]
    text = ""
    given: list[str] = []
    for part in parts_of(mix.node, file):
        if isinstance(part, str):
            text += part
            continue
        code = file.text(part)
        name = code if re.fullmatch(r"[A-Za-z_]\w*", code) else free_name(file, call, f"value{len(given) or ''}")
        text += "{{ " + name + " }}"
        given.append(f"{name}={code}")
    quote = '"' if '"' not in text else "'''" if "\n" not in text and "'" in text else "'"
    end = arguments(call)[-1].end_byte
    yield Draft(
        "Give the value to the template as a variable",
        "The template is fixed text; what is sent is shown by it, escaped, and can no longer be a part of it.",
        (file.replace(mix.node, f"{quote}{text}{quote}"), Edit(file.path, end, end, ", " + ", ".join(given))),
    )


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
