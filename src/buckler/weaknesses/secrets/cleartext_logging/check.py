"""Secrets in logs: arguments of log calls that are named like a secret, or that are dumps known to hold some.

    log.debug("trying %s with %s", name, password)        # named
    log.error(json.dumps(dict(request.headers)))          # holds the Authorization header and the cookies

A value that was cut to its length, its type, or a hash is no longer the secret; a message about a secret is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.analysis.flow.solve import Misuse
from buckler.analysis.ir import ops
from buckler.analysis.ir.ops import BUILD, CALC, CALL, COPY, ITEM, LOAD, METHOD, NAME, TEXT, Op, Place, arguments
from buckler.review.checks.model import Check
from buckler.review.checks.names import last, password, secret, split
from buckler.review.checks.view import Code, ProgramView

RULE = "cleartext-logging"
LEVELS = frozenset({
    "debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log", "trace", "verbose",
    "notice", "msg",
})  # fmt: skip
LOGGERS = re.compile(r"(?:^|[._])(?:log|logs|logger|logging|console|_?log(?:ger)?)(?:\(\))?$", re.I)
PRINTERS = frozenset({"print", "pprint", "echo", "secho"})
ABOUT = re.compile(
    r"^log(?:_?(?:method|func|fn|msg|message|line|debug|info|error|warning))?$|^(?:debug|info|warn|"
    r"error)_?log$",
    re.I,
)
WORDS = ("log", "LOG", "print", "echo", "console")
SECRET_WORDS = (
    "assw", "ASSW", "pwd", "assphrase", "ecret", "ECRET", "oken", "api_key", "apikey", "apiKey", "API_KEY",
    "rivate_key", "access_key", "redentials", "eaders", "environ", "process.env", "META", "__dict__", "vars(",
)  # fmt: skip
PASSING = frozenset({
    "str", "repr", "dict", "list", "tuple", "dumps", "pformat", "format", "join", "encode", "decode", "strip",
    "copy", "items", "values", "lower", "upper", "replace", "text_type", "stringify", "to_dict", "get_all", "vars",
    "rstrip", "sorted", "safe_str", "toString", "b64encode",
})  # fmt: skip
GETTERS = frozenset({"get", "getenv", "pop", "get_secret_value", "setdefault"})
DUMPS = re.compile(
    r"(?:^|\.)(?:request|req|_request|http_request)\.(?:headers|META|environ|cookies|COOKIES)(?:\.(?:copy|"
    r"items|values|to_dict|get_all)\(\))?$|^(?:os\.)?environ(?:\.(?:copy|items|values)\(\))?$|"
    r"^process\.env$|(?:^|\.)(?:settings|config|credentials)\.__dict__$"
)
AUTHORISING = re.compile(rb"Authorization|[Xx]-[Aa]pi-[Kk]ey|[Bb]earer ")
MASKED = re.compile(
    rb"redact|sanitiz|sanitis|mask|scrub|obfuscat|hide_|censor|strip_sensitive|filter_headers|"
    rb"remove_sensitive",
    re.I,
)
MAX_DEPTH = 12


def find(view: ProgramView) -> Iterator[Misuse]:
    for code in view.codes(*SECRET_WORDS):
        if code.routine.function.kind == "class" or not any(w.encode() in code.text for w in WORDS):
            continue
        for number, op in enumerate(code.ops):
            if op[0] in (CALL, METHOD) and logs(code, op):
                found = revealed(code, op)
                if found:
                    yield Misuse(RULE, code.name, number, found)


def logs(code: Code, op: Op) -> bool:
    """Whether a call writes a log line or prints."""
    name = code.callee(op)
    if op[0] == METHOD:
        return (name in LEVELS and LOGGERS.search(code.words(ops.callee(op))) is not None) or (
            name in PRINTERS and code.words(ops.callee(op)) in ("click", "typer", "pprint")
        )
    return name in PRINTERS or ABOUT.match(name) is not None


def revealed(code: Code, op: Op) -> str:
    """The secret among a log call's arguments, or empty text."""
    if hidden(code, op):
        return ""
    args, named = arguments(op)
    places = [a[0] if isinstance(a, tuple) else a for a in args] + [
        p for n, p in named if n not in ("file", "end", "exc_info")
    ]
    for place in places:
        for found in leaves(code, place, MAX_DEPTH):
            if names_secret(code, found):
                return "log"
    return ""


def hidden(code: Code, op: Op) -> bool:
    """The line says that it hides what it names."""
    span = code.routine.function.spans[code.number(op)]
    return MASKED.search(code.view.texts[code.routine.module.path][span >> 32 : span & 0xFFFFFFFF]) is not None


def names_secret(code: Code, name: str) -> bool:
    tail = name.rsplit(".", 1)[-1]
    if DUMPS.search(name):
        return MASKED.search(code.text) is None
    if last(name) and last(name)[-1] == "headers" and not tail.endswith("()"):
        return AUTHORISING.search(code.text) is not None and MASKED.search(code.text) is None
    if tail.isupper() and "." in name:
        return False
    return named_secret(tail)


def named_secret(tail: str) -> bool:
    words = split(tail)
    if (
        not words
        or tail.endswith("()")
        or words[0]
        in (
            "no",
            "has",
            "is",
            "num",
            "max",
            "min",
            "show",
            "use",
            "with",
            "need",
            "hashed",
            "encrypted",
            "masked",
            "msg",
            "error",
            "message",
            "hash",
        )
    ):
        return False
    if password(tail):
        return words[-1] not in ("pass", "pw") or (
            len(words) > 1 and words[-2] in ("user", "admin", "db", "smtp", "ftp", "auth")
        )
    return secret(tail) and words[-1] not in ("csrf", "xsrf", "credentials") and words[-2:] != ("session", "key")


def leaves(code: Code, place: Place, depth: int) -> Iterator[str]:
    """Names of the values a message is put together from."""
    if place >= 0:
        yield code.local(place)
        op = code.defs.get(place)
        if op is not None and op[0] == COPY and depth:
            yield from leaves(code, ops.copied(op), depth - 1)
        return
    op = code.defs.get(place)
    if op is None or not depth:
        return
    kind = op[0]
    if kind in (TEXT, BUILD, CALC):
        for inner in parts(op):
            yield from leaves(code, inner, depth - 1)
    elif kind in (NAME, LOAD):
        yield code.words(place)
    elif kind == ITEM:
        key = code.constant(ops.key(op))
        if isinstance(key, str):
            yield f"{code.words(ops.base(op))}.{key}"
    elif kind in (CALL, METHOD):
        yield from through(code, op, depth - 1)


def parts(op: Op) -> list[Place]:
    if op[0] == TEXT:
        return [p for p in ops.parts(op) if isinstance(p, int)]
    if op[0] == CALC:
        return list(ops.terms(op)) if ops.operator(op) in ("+", "%", "||", "or", "??") else []
    if ops.kind(op) == "map":
        return [item[1] if len(item) > 1 else item[0] for item in ops.items(op)]
    return [item[0] if isinstance(item, tuple) else item for item in ops.items(op)]


def through(code: Code, op: Op, depth: int) -> Iterator[str]:
    """What a call inside a message passes on: everything, the value of a key, or nothing we know."""
    name = code.callee(op)
    args, named = arguments(op)
    places = [a[0] if isinstance(a, tuple) else a for a in args] + [p for _, p in named]
    if name in PASSING:
        for place in places:
            yield from leaves(code, place, depth)
        if op[0] == METHOD:
            yield from leaves(code, ops.callee(op), depth)
    elif name in GETTERS and places:
        key = code.constant(places[0])
        if isinstance(key, str):
            yield f"{code.words(ops.callee(op))}.{key}"


CHECKS = (Check(find),)
