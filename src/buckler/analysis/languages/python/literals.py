"""Python: texts with their escapes and interpolations, and numbers."""

from __future__ import annotations

import re
from typing import Any

from buckler.analysis.ir.ops import CALC, CONST, Place
from buckler.analysis.languages.shared import Lowering, span_of, text_of
from buckler.analysis.syntax.load import Node

ESCAPE = re.compile(r"\\(\n|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]*\}|[0-7]{1,3}|.)", re.S)

SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "\n": ""}

NUMERIC_SPEC = re.compile(r":.*[bcdeEfFgGnoxX%]$")


def unescape(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        body = match.group(1)
        if body in SIMPLE:
            return SIMPLE[body]
        try:
            if body[0] in "xuU":
                return chr(int(body[1:], 16))
            if body[0] in "01234567":
                return chr(int(body, 8))
        except (ValueError, OverflowError):
            pass
        return body if body[0] in "\\'\"" else match.group(0)

    return ESCAPE.sub(one, text)


def string_parts(low: Lowering, node: Node) -> list[str | Place]:
    """Literal texts and places of interpolated expressions."""
    children = node.children
    prefix = low.text(children[0]).lower() if children else ""
    raw = "r" in prefix
    formatted = "f" in prefix or "t" in prefix.rstrip("'\"")
    parts: list[str | Place] = []
    for child in children[1:-1]:
        if child.type == "interpolation":
            parts.append(interpolation(low, child))
        elif child.type in ("string_content", "escape_interpolation"):
            text = low.text(child)
            if not raw and "\\" in text:
                text = unescape(text)
            if formatted:
                text = text.replace("{{", "{").replace("}}", "}")
            parts.append(text)
    return parts


def interpolation(low: Lowering, node: Node) -> Place:
    value = low.expr(node.child_by_field_name("expression"))
    spec = node.child_by_field_name("format_specifier")
    if spec is not None and NUMERIC_SPEC.match(low.text(spec)):
        return low.build.emit((CALC, low.build.temp(), "number", (value,)), span_of(node))
    if any(c.type == "type_conversion" and low.text(c) in ("!r", "!a") for c in node.named_children):
        return low.build.emit((CALC, low.build.temp(), "shown", (value,)), span_of(node))
    return value


def string(low: Lowering, node: Node) -> Place:
    start, end = node.start_byte, node.end_byte
    text = low.letters[start:end]
    quote = text[:1]
    if quote in {'"', "'"} and "\\" not in text and text.isascii():  # most are plain, and quickly read
        wide = 3 if text.startswith(quote * 3) else 1
        if len(text) >= 2 * wide and text.endswith(quote * wide):
            return low.build.const(text[wide:-wide], start << 32 | end)
    return text_of(low, string_parts(low, node), node)


def concatenated(low: Lowering, node: Node) -> Place:
    parts: list[str | Place] = []
    for child in node.named_children:
        if child.type == "string":
            parts += string_parts(low, child)
    return text_of(low, parts, node)


def integer(low: Lowering, node: Node) -> Place:
    text = low.text(node).replace("_", "").rstrip("lLjJ")
    try:
        value: Any = int(text, 0) if len(text) < 400 else None
    except ValueError:
        value = int(text, 8) if re.fullmatch(r"0[0-7]+", text) else None
    return low.build.emit((CONST, low.build.temp(), value), span_of(node))


def float_(low: Lowering, node: Node) -> Place:
    try:
        value: Any = float(low.text(node).replace("_", "").rstrip("jJ"))
    except ValueError:
        value = None
    return low.build.emit((CONST, low.build.temp(), value), span_of(node))
