"""The range in a manifest, changed as little as lets one more version in and keeps lower ones out.

Operators, spaces, quotes and the order of the clauses are the author's and stay. A pin and a lower bound move to the
version; an upper bound moves only if it shuts the version out, to the next bound of its own shape.

Example::

    raised("==2.10", "2.10.1")            # "==2.10.1"
    raised(">=2,<3", "3.1.6")             # ">=3.1.6,<4"
    raised("^4.17.15", "4.17.21")         # "^4.17.21"
    raised("2.*", "3.1.6")                # "3.*"
"""

from __future__ import annotations

import re

CLAUSE = re.compile(r"(?P<op>===|==|!=|~=|~>|>=|<=|\^|~|>|<|=)?\s*(?P<version>v?\d(?:[\w+!-]|\.(?!\*))*(?:\.\*)?)")
NUMBERS = re.compile(r"v?(?:\d+!)?(\d+(?:\.\d+)*)")
ANY = re.compile(r"\s*[xX*]?\s*")
WILD = re.compile(r"\.[xX*]$")


def raised(wanted: str, version: str) -> str | None:
    """The range with this version in it and no lower one; None where the text is no range that is understood."""
    if ANY.fullmatch(wanted):
        return wanted
    found = list(CLAUSE.finditer(wanted))
    if not found or "||" in wanted:
        return None
    out, last = [], 0
    for clause in found:
        out += [wanted[last : clause.start("version")], _moved(clause["op"] or "", clause["version"], version)]
        last = clause.end()
    return "".join([*out, wanted[last:]])


def _moved(operator: str, bound: str, version: str) -> str:
    """What takes the place of the version in a clause."""
    if operator in ("!=", ">"):
        return bound
    if operator == "<":
        return bound if _numbers(version) < _numbers(bound) else _above(version, bound)
    if operator == "<=":
        return bound if _numbers(version) <= _numbers(bound) else version
    if wild := WILD.search(bound):
        return ".".join(map(str, _numbers(version, bound.count(".")))) + wild[0]
    if operator == ">=" and _numbers(bound) > _numbers(version):
        return bound
    return f"v{version}" if bound.startswith("v") and not version.startswith("v") else version


def _numbers(version: str, length: int = 0) -> tuple[int, ...]:
    """The release numbers without the zeros at their end, or exactly so many."""
    found = NUMBERS.match(version)
    numbers = [int(part) for part in found[1].split(".")] if found else []
    if length:
        return tuple([*numbers, *([0] * length)][:length])
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _above(version: str, bound: str) -> str:
    """The next bound of the same shape: `<3` becomes `<4`, `<2.11` becomes `<3.2`, `<3.0.0` becomes `<4.0.0`."""
    found = NUMBERS.match(bound)
    length = found[1].count(".") + 1 if found else 1
    said = max(1, len(_numbers(bound)))
    numbers = list(_numbers(version, length))
    numbers[said - 1] += 1
    return ".".join(map(str, [*numbers[:said], *([0] * (length - said))]))
