"""Secrets compared with an operator that stops at the first difference.

`expected == signature` is reported when one side is named like a secret (or is a keyed digest) and the other is no
constant. Two fields of one form, types, lengths, and comparisons inside `__eq__` are left alone; names that
also mean other things (token, signature, digest) need some sign of authentication around them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.analysis.flow.solve import Misuse
from buckler.analysis.ir import ops
from buckler.analysis.ir.ops import BUILD, CALC, CALL, CONST, ITEM, LOAD, METHOD, TEXT, Op, Place, operands
from buckler.review.checks.model import Check
from buckler.review.checks.names import again, last, password, secret, split, token
from buckler.review.checks.view import Code, ProgramView, argument

RULE = "timing-comparison"
EQUALITY = frozenset({"==", "!=", "===", "!=="})
WORDS = (
    "assw", "ASSW", "asscode", "assphrase", "_pass", "pwd", "ecret", "ECRET", "oken", "OKEN", "ignature", "hmac",
    "HMAC", "digest", "csrf", "api_key", "apikey", "apiKey", "API_KEY",
)  # fmt: skip
GETTERS = frozenset({"get", "getenv", "pop", "header", "get_header", "getlist", "param", "cookie"})
CHANGES = frozenset({
    "changed", "update", "diff", "merge", "dirty", "sync", "migrate", "save", "eq", "ne", "equals", "compare", "lt",
    "clean", "parse", "tokenize", "lex", "next",
})  # fmt: skip
SURROUNDINGS = re.compile(
    rb"hmac|compare_digest|hashlib|headers|cookies|[aA]uthenti|[uU]nauthori|webhook|[Ff]orbidden|session|"
    rb"[lL]ogin|40[13]"
)
GRAMMAR = re.compile(
    rb"[tT]okeni[sz]e|[lL]exer|[pP]arser\b|tokens\b|next_token|inspect\.signature|TokenType|token_type|tok_"
)
KINDS = frozenset(
    {"type", "kind", "name", "status", "state", "version", "scheme", "algorithm", "alg", "length", "size"}
)
"""Attributes of a secret that are none themselves: `token.type`."""
ROTATED = re.compile(r"(?:next|new|old|previous|prev|former|refreshed|rotated)_(?!pass|pw)")
"""One secret and the one that follows it."""
PARSED = re.compile(r"(?:ur[il]|origin|parsed|parts|address)\w*\.", re.I)
"""What holds the parts of an address, a user and a password among them."""
KEYED_DIGESTS = frozenset({"hmac.new", "hmac.digest", "hmac.HMAC", "crypto.createHmac"})
PLAIN = frozenset({"int", "float", "bool", "str", "bytes", "list", "dict"})


def find(view: ProgramView) -> Iterator[Misuse]:
    for code in view.codes(*WORDS):
        if code.routine.function.name.rsplit(".", 1)[-1] in ("__eq__", "__ne__", "__lt__"):
            continue
        for number, op in enumerate(code.ops):
            if (
                op[0] == CALC
                and ops.operator(op) in EQUALITY
                and len(ops.terms(op)) == 2
                and leaks(code, *ops.terms(op))
                and decides(code, op[1])
            ):
                yield Misuse(RULE, code.name, number, "comparison")


def leaks(code: Code, left: Place, right: Place) -> bool:
    """Whether these two compared tell the attacker about a secret."""
    names = name(code, left), name(code, right)
    if not any(names) or harmless(code, left) or harmless(code, right):
        return False
    if any(again(n) for n in names) or same_thing(*names) or made_of(code, left, right) or made_of(code, right, left):
        return False
    if any(secret(n) for n in names):
        return not changes(code) or any(keyed(code, p) for p in (left, right))
    if keyed(code, left) or keyed(code, right):
        return True
    doubtful = [n for n in names if token(n)]
    return bool(doubtful) and not changes(code) and authenticates(code, names)


def decides(code: Code, result: Place) -> bool:
    """The outcome is used as a truth value: conditions of a query are given to a call instead."""
    users = [op for op in code.ops if result in operands(op)]
    return not any(op[0] in (CALL, METHOD) or (op[0] == CALC and ops.operator(op) in ("&", "|")) for op in users)


def same_thing(left: str, right: str) -> bool:
    """One attribute of two objects, as when looking for a change or a duplicate."""
    if ROTATED.match(left) or ROTATED.match(right):
        return True
    addresses = PARSED.search(left) is not None and PARSED.search(right) is not None
    return last(left) == last(right) and "." in left and "." in right and (addresses or not password(left))


def name(code: Code, place: Place) -> str:
    """What a side is called; a value taken out by a constant key is called like the key."""
    op = code.define(place)
    if place >= 0 and (
        op is None or (last(code.local(place)) and (secret(code.local(place)) or token(code.local(place))))
    ):
        return code.local(place)
    if op is not None and op[0] in (CALL, METHOD):
        if code.callee(op) in GETTERS:
            key = code.constant(argument(op, 0))
            return key if isinstance(key, str) else ""
        if op[0] == METHOD and ops.member(op) in ("encode", "decode", "strip", "lower", "upper", "hexdigest", "digest"):
            return name(code, ops.callee(op))
        return ""
    if op is not None and op[0] == ITEM and not isinstance(code.constant(ops.key(op)), str):
        return ""
    return code.local(place) if place >= 0 else code.words(place)


def harmless(code: Code, place: Place) -> bool:
    """Constants, names of kinds, lengths, and whatever else is no text to guess."""
    op = code.define(place)
    if op is None:
        return False
    if op[0] in (CONST, BUILD, CALC) or (op[0] == TEXT and not any(isinstance(p, int) for p in ops.parts(op))):
        return True
    if op[0] == CALL and code.callee(op) in (
        "len",
        "type",
        "id",
        "int",
        "count",
        "float",
        "bool",
        "ord",
        "hash",
        "set",
    ):
        return True
    words = code.words(place)
    tail = words.rsplit(".", 1)[-1]
    return (tail.isupper() and not told_apart(tail)) or enumerated(op, tail) or ("." in words and tail.lower() in KINDS)


def told_apart(tail: str) -> bool:
    """A constant that is a secret, rather than the mark of a file format (`PACK_SIGNATURE`) or an error's name."""
    words = split(tail)
    if words[0] in ("no", "err", "error", "invalid", "missing", "bad", "wrong"):
        return False
    return secret(tail) or (len(words) > 1 and token(tail) and words[-1] not in ("signature", "digest", "sig"))


def enumerated(op: Op, tail: str) -> bool:
    """`Kind.PASSWORD`: a member of an enumeration, recognized by its single word in capitals."""
    return op[0] == LOAD and tail.isupper() and len(split(tail)) == 1


def made_of(code: Code, made: Place, origin: Place) -> bool:
    """`body = token.removeprefix("t_")`, `body == token`: whether something was there to take away."""
    op = code.define(made)
    return (
        op is not None
        and op[0] == METHOD
        and bool(code.words(origin))
        and code.words(ops.callee(op)) == code.words(origin)
    )


def keyed(code: Code, place: Place) -> bool:
    """A digest made with a key; a salt, which stands beside its digest, is none."""
    for op in code.inside(place):
        if op[0] in (CALL, METHOD) and code.called(op) in KEYED_DIGESTS:
            key = argument(op, 1 if op[0] == METHOD and code.called(op).startswith("crypto.") else 0, "key")
            if key is None or "salt" not in split(code.words(key)):
                return True
    return False


def changes(code: Code) -> bool:
    """The function is about differences or grammar rather than about letting somebody in."""
    return not CHANGES.isdisjoint(split(code.routine.function.name.rsplit(".", 1)[-1])) and not any(
        password(w) for w in split(code.routine.function.name)
    )


def authenticates(code: Code, names: tuple[str, str]) -> bool:
    """Signs that a token or signature is one of authentication, not of grammar."""
    text = code.text
    if GRAMMAR.search(text):
        return False
    if all(token(n) for n in names):
        return True
    return SURROUNDINGS.search(text) is not None


CHECKS = (Check(find),)
