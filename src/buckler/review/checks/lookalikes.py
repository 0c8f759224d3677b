"""Checks that look complete and are not: lists of key formats, hosts cut by hand, operators refused one level deep."""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.analysis.flow.solve import Misuse
from buckler.analysis.ir.ops import BUILD, CALC, CALL, COPY, EACH, ITEM, LOAD, METHOD, Place, arguments
from buckler.review.checks.view import Code, ProgramView, argument

FORMATS, HOST, OPERATORS = "key-confusion", "unsafe-host-parsing", "nosql-injection"
KEY_TEXTS = (
    "-----BEGIN PUBLIC KEY-----", "-----BEGIN RSA PUBLIC KEY-----", "-----BEGIN CERTIFICATE-----",
    "-----BEGIN EC PUBLIC KEY-----", "-----BEGIN X509 CERTIFICATE-----", "-----BEGIN DSA PUBLIC KEY-----",
    "ssh-rsa AAAA", "ssh-ed25519 AAAA", "ssh-dss AAAA", "ecdsa-sha2-nistp256 AAAA",
)  # fmt: skip
"""How public keys begin, which everybody may know and which therefore must not serve as a shared secret."""
MARKER = re.compile(r"^(?:-+\s*)?BEGIN |^ssh-|^ecdsa-sha2")
SHORTEST_LIST = 2
KEYS = re.compile(r"KEY|CERTIFICATE|^ssh-|^ecdsa")
"""Markers of keys, as against messages and signatures that begin alike."""


def find(view: ProgramView) -> Iterator[Misuse]:
    for code in view.codes("BEGIN ", "ssh-rsa"):
        yield from key_formats(code)
    for code in view.codes("netloc"):
        yield from cut_host(code)
    for code in view.codes("'$'", '"$"', "'$')", '"$")'):
        yield from shallow(code)


# Lists of key formats.


def key_formats(code: Code) -> Iterator[Misuse]:
    """A list of what must not be in a key that forgets a kind of public key."""
    for number, op in enumerate(code.ops):
        if op[0] != BUILD or op[2] not in ("list", "tuple", "set") or len(op[3]) < SHORTEST_LIST:
            continue
        texts = [code.constant(i) for i in op[3] if isinstance(i, int)]
        markers = [t for t in texts if isinstance(t, str) and MARKER.match(t)]
        if len(markers) < SHORTEST_LIST or len(markers) != len(op[3]) or not refuses(code):
            continue
        if not any(KEYS.search(m) for m in markers):
            continue
        if any(not any(m in known for m in markers) for known in meant(markers)):
            yield Misuse(FORMATS, code.name, number, "list of key formats")


def meant(markers: list[str]) -> list[str]:
    """The keys a list is about: all of them, unless it names one family only."""
    families = {"BEGIN" in m for m in markers}
    return [k for k in KEY_TEXTS if ("BEGIN" in k) in families]


def refuses(code: Code) -> bool:
    """The function tests membership and raises."""
    within = (
        any(op[0] == CALC and op[2] == "in" for op in code.ops) or b" in " in code.text or b"includes(" in code.text
    )
    return within and any(w in code.text for w in (b"raise ", b"throw ", b"return False", b"return false"))


# Hosts.


def cut_host(code: Code) -> Iterator[Misuse]:
    """The part of `netloc` before the first colon, which a user name before `@` can pose as."""
    if b"'@'" in code.text or b'"@"' in code.text:
        return
    for number, op in enumerate(code.ops):
        if op[0] != METHOD or op[3] not in ("split", "partition", "rsplit", "rpartition") or not is_netloc(code, op[2]):
            continue
        mark = argument(op, 0, "sep")
        text = code.constant(mark)
        if mark is None or (isinstance(text, str) and text != ":"):
            continue
        if taken_first(code, op[1]):
            yield Misuse(HOST, code.name, number, "netloc.split")


def is_netloc(code: Code, place: Place) -> bool:
    op = code.define(place)
    return op is not None and op[0] == LOAD and op[3] == "netloc"


def taken_first(code: Code, place: Place) -> bool:
    """The first piece is used, by index or by unpacking."""
    holders = {place} | {op[1] for op in code.ops if op[0] == COPY and op[2] == place}
    return any(op[0] == ITEM and op[2] in holders and code.constant(op[3]) == 0 for op in code.ops)


# Operators of a query language.


def shallow(code: Code) -> Iterator[Misuse]:
    """Keys that begin with `$` are refused at the top and in its values, but not below."""
    name = code.routine.function.name.rsplit(".", 1)[-1]
    if code.routine.function.kind not in ("function", "method") or any(True for _ in code.calls(name)):
        return
    for number, op in enumerate(code.ops):
        if op[0] not in (CALL, METHOD):
            continue
        args = arguments(op)[0]
        element = code.define(args[0]) if len(args) == 1 and isinstance(args[0], int) else None
        if element is not None and element[0] == EACH and values_of(code, element[2]) and twice(code, op[2], number):
            yield Misuse(OPERATORS, code.name, number, "a check one level deep")


def values_of(code: Code, place: Place) -> bool:
    op = code.define(place)
    return op is not None and op[0] == METHOD and op[3] == "values" and bool(code.roots(op[2]))


def twice(code: Code, callee: Place, number: int) -> bool:
    """The same check was made on the whole before."""
    words = code.words(callee)
    return any(op[0] == CALL and code.words(op[2]) == words for op in code.ops[:number])
