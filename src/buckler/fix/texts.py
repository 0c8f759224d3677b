"""A text put together from parts, taken apart: plain pieces and the expressions between them.

Example::

    parts_of(node, file)     # of `f"ping {host}"`: ["ping ", <node of host>]
"""

from __future__ import annotations

import re

from buckler.analysis.syntax.load import Node
from buckler.fix.site import Declined, File, arguments, operands


def parts_of(node: Node, file: File) -> list[str | Node]:
    """A text as plain pieces and holes, left to right; raises `Declined` where the notation is not known."""
    if node.type == "binary_operator":
        operator = node.child_by_field_name("operator")
        if operator is not None and operator.type == "%":
            return percent(node, file)
        out: list[str | Node] = []
        for part in operands(node):
            out += parts_of(part, file) if part.type in ("string", "concatenated_string") else [part]
        return merged(out)
    if node.type == "concatenated_string":
        return merged([p for child in node.named_children for p in parts_of(child, file)])
    if node.type == "call":
        return formatted(node, file)
    return merged(string_parts(node, file))


def string_parts(node: Node, file: File) -> list[str | Node]:
    out: list[str | Node] = []
    begin = file.text(node.children[0]) if node.children else ""
    if "b" in begin.lower().rstrip("'\"") or "r" in begin.lower().rstrip("'\""):
        raise Declined("raw and byte strings are left as they are")
    for child in node.children:
        if child.type == "string_content":
            text = file.text(child)
            if "\\" in text.replace("\\'", "").replace('\\"', "").replace("\\n", ""):
                raise Declined("the string holds escapes")
            plain = text.replace("\\'", "'").replace('\\"', '"').replace("\\n", "\n")
            out.append(plain.replace("{{", "{").replace("}}", "}") if "f" in begin.lower().rstrip("'\"") else plain)
        elif child.type == "interpolation":
            inner = child.child_by_field_name("expression")
            if inner is None or child.child_by_field_name("format_specifier") is not None:
                raise Declined("a value is formatted on its way into the string")
            out.append(inner)
    return out


def percent(node: Node, file: File) -> list[str | Node]:
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None or left.type not in ("string", "concatenated_string"):
        raise Declined("the string is formatted in an unknown way")
    values = [*right.named_children] if right.type == "tuple" else [right]
    return filled("".join(p for p in parts_of(left, file) if isinstance(p, str)), re.compile(r"%[sd]"), values)


def formatted(node: Node, file: File) -> list[str | Node]:
    function = node.child_by_field_name("function")
    text = function.child_by_field_name("object") if function is not None else None
    rows = arguments(node)
    if text is None or any(a.type == "keyword_argument" for a in rows):
        raise Declined("the string is filled in by names")
    return filled("".join(p for p in parts_of(text, file) if isinstance(p, str)), re.compile(r"\{\d?\}"), rows)


def filled(text: str, hole: re.Pattern[str], values: list[Node]) -> list[str | Node]:
    pieces = hole.split(text)
    if len(pieces) != len(values) + 1:
        raise Declined("the placeholders of the string and the values do not match")
    out: list[str | Node] = [pieces[0]]
    for value, piece in zip(values, pieces[1:], strict=True):
        out += [value, piece]
    return merged(out)


def merged(parts: list[str | Node]) -> list[str | Node]:
    out: list[str | Node] = []
    for part in parts:
        if isinstance(part, str) and out and isinstance(out[-1], str):
            out[-1] += part
        else:
            out.append(part)
    return out


def open_quote(text: str) -> bool:
    """Whether a quote is open at the end of a text."""
    quote = ""
    for char in text:
        if char == quote:
            quote = ""
        elif not quote and char in "'\"":
            quote = char
    return bool(quote)
