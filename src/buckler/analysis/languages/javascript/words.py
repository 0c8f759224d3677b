"""How JavaScript and Node call what the analysis wants to know."""

from __future__ import annotations

import re

from buckler.analysis.languages.words import Words

PATTERN = re.compile(r"/(.*)/([a-z]*)", re.S)
END = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\$", re.S)
SHARED_FLAGS = frozenset("ims")
NORMALIZERS = frozenset({"resolve", "normalize", "join"})


def pattern(literal: str) -> str | None:
    """`/^a$/i` as Python writes it; None for what is no pattern.

    >>> pattern("/^a$/i")
    '(?i)^a\\\\Z'
    """
    match = PATTERN.fullmatch(literal)
    if match is None:
        return None
    source, flags = match[1], "".join(sorted(set(match[2]) & SHARED_FLAGS))
    if "m" not in flags:  # there `$` never lets a final line break pass
        source = END.sub(lambda m: m[0] if m[0] != "$" else r"\Z", source)
    return f"(?{flags}){source}" if flags else source


WORDS = Words(
    operators={"===": "==", "!==": "!=", "&&": "and", "||": "or", "!": "not", "u!": "not"},
    numeric=frozenset({"number"}),
    number_names=frozenset({"number", "boolean", "bigint"}),
    built_in=frozenset({
        "String", "Array", "Object", "RegExp", "JSON", "Math", "console", "process", "window", "document", "location",
        "globalThis", "Element", "jQuery", "$",
    }),
    makers=("constructor",),
    implicit=frozenset({"constructor"}),
    same_text=frozenset({"toLowerCase", "toUpperCase", "trim", "toString"}),
    forms=NORMALIZERS | {
        "replace", "replaceAll", "trim", "toLowerCase", "toUpperCase", "decodeURIComponent", "decodeURI", "normalize",
        "toString", "String",
    },
    endings=frozenset({"endsWith"}),
    finders=frozenset({"indexOf"}),
    splits=frozenset({"split"}),
    pieces={"split": (0,)},
    every_piece=frozenset({"split"}),
    replaces=frozenset({"replace"}),
    holds=frozenset({"includes", "has"}),
    lookups=frozenset({"get"}),
    length_parts=frozenset({"size", "length"}),
    type_name_of=frozenset({"typeof"}),
    pattern_given=frozenset({"match"}),
    pattern_asked=frozenset({"test", "exec"}),
    pattern_literals={"RegExp": pattern},
    normalizers=NORMALIZERS,
    folders=frozenset({"dirname"}),
    joins=("join",),
    origin_parts=frozenset({"hostname", "host", "origin"}),
    host_parts=frozenset({"hostname", "host", "origin"}),
    collection_methods={
        "push": "append", "add": "append", "unshift": "unshift", "pop": "pop", "shift": "shift", "get": "get",
        "values": "values", "keys": "keys", "entries": "items", "clear": "clear",
    },
    fillers=frozenset({"push", "unshift", "add"}),
    attributes_are_keys=True,
)  # fmt: skip
