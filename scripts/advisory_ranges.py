"""Ranges as npm, Cargo, RubyGems and Composer write them, as intervals between versions, and as OSV's events.

Example::

    osv_ranges("npm", intervals("npm", ">=1.0.0 <1.3.2 || =2.0.0"))
    # [{… introduced 1.0.0, fixed 1.3.2}, {… introduced 2.0.0, last_affected 2.0.0}]
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile

from buckler.dependencies.advisories.versions import Key, key

COMPARATOR = re.compile(r"(\^|~>|~|>=|<=|>|<|=)?\s*v?([0-9x*][\w.*+-]*)\s*,?\s*", re.A)
FIRST = "0"


@dataclass(slots=True, frozen=True)
class Interval:
    """From one version to another; an empty one is open towards that side."""

    low: str = ""
    high: str = ""
    low_closed: bool = True
    high_closed: bool = False


def intervals(ecosystem: str, text: str) -> list[Interval]:
    """Raises `ValueError` for what is not understood: facts are not guessed."""
    return [_alternative(ecosystem, part) for part in text.split("||")] if text.strip() else []


def _alternative(ecosystem: str, text: str) -> Interval:
    found = Interval()
    at = len(text) - len(text.lstrip())
    while at < len(text):
        match = COMPARATOR.match(text, at)
        if match is None:
            raise ValueError(text)
        found = _meet(ecosystem, found, _comparator(match[1] or ("^" if ecosystem == "crates.io" else "="), match[2]))
        at = match.end()
    return found


def _comparator(operator: str, version: str) -> Interval:
    if version in ("*", "x"):
        return Interval()
    parts = [part for part in version.split(".") if part not in ("x", "*")]
    family = len(parts) < 3 and operator in ("=", "~", "^")
    version = ".".join([*parts, "0", "0"][: max(3, len(parts))])
    if operator == "~>":
        numbers = list(takewhile(str.isdecimal, parts))
        kept = numbers[: max(1, len(numbers) - 1)]
        return Interval(version, ".".join([*kept[:-1], str(int(kept[-1]) + 1)]))
    if operator in ("^", "~") or family:
        fixed = (
            next((at for at, part in enumerate(parts) if part != "0"), len(parts) - 1)
            if operator == "^"
            else min(1, len(parts) - 1)
        )
        return Interval(version, ".".join([*parts[:fixed], str(int(parts[fixed]) + 1), "0", "0"][:3]))
    if operator in (">", ">="):
        return Interval(low=version, low_closed=operator == ">=")
    if operator in ("<", "<="):
        return Interval(high=version, high_closed=operator == "<=")
    return Interval(version, version, high_closed=True)


def _meet(ecosystem: str, one: Interval, other: Interval) -> Interval:
    low = max(one, other, key=lambda each: _low(ecosystem, each))
    high = min(one, other, key=lambda each: _high(ecosystem, each))
    return Interval(low.low, high.high, low.low_closed, high.high_closed)


def _low(ecosystem: str, one: Interval) -> tuple[Key, bool]:
    return (_key(ecosystem, one.low) if one.low else (), not one.low_closed)


def _high(ecosystem: str, one: Interval) -> tuple[bool, Key, bool]:
    return (not one.high, _key(ecosystem, one.high) if one.high else (), one.high_closed)


def _key(ecosystem: str, version: str) -> Key:
    found = key(ecosystem, version)
    if found is None:
        raise ValueError(version)
    return found


def complement(ecosystem: str, safe: Iterable[Interval]) -> list[Interval]:
    """What lies in none of the intervals."""
    found: list[Interval] = []
    low, closed = "", True
    for one in sorted(safe, key=lambda one: _low(ecosystem, one)):
        gap = Interval(low, one.low, closed, not one.low_closed)
        if one.low and not _empty(ecosystem, gap):
            found.append(gap)
        if not one.high:
            return found
        after = Interval(one.high, "", not one.high_closed)
        if _low(ecosystem, after) > _low(ecosystem, gap):
            low, closed = after.low, after.low_closed
    return [*found, Interval(low, "", closed)]


def _empty(ecosystem: str, one: Interval) -> bool:
    """Whether an interval with an upper end holds nothing."""
    if not one.low or _key(ecosystem, one.low) < _key(ecosystem, one.high):
        return False
    return one.low != one.high or not (one.low_closed and one.high_closed)


def joined(ecosystem: str, affected: Iterable[Interval]) -> list[Interval]:
    """Those that meet made one."""
    found: list[Interval] = []
    for one in sorted(affected, key=lambda one: _low(ecosystem, one)):
        last = found[-1] if found else None
        if last is None or (last.high and (not one.low or not _meets(ecosystem, last, one))):
            found.append(one)
        elif _high(ecosystem, one) > _high(ecosystem, last):
            found[-1] = Interval(last.low, one.high, last.low_closed, one.high_closed)
    return found


def _meets(ecosystem: str, one: Interval, other: Interval) -> bool:
    """Whether nothing lies between the end of one and the beginning of another that does not begin before it."""
    end, begin = _key(ecosystem, one.high), _key(ecosystem, other.low)
    return begin < end or (begin == end and (one.high_closed or other.low_closed))


def osv_ranges(ecosystem: str, affected: Iterable[Interval], fixes: Iterable[str] = ()) -> list[dict[str, object]]:
    """One range each, because one must not hold both `fixed` and `last_affected`."""
    known = sorted(fixes, key=lambda version: _key(ecosystem, version))
    return [{"type": "SEMVER", "events": _events(ecosystem, one, known)} for one in affected]


def _events(ecosystem: str, one: Interval, fixes: list[str]) -> list[dict[str, str]]:
    events = [{"introduced": (one.low if one.low_closed else _next(one.low)) or FIRST}]
    if one.high_closed:
        fix = next((fix for fix in fixes if _key(ecosystem, fix) > _key(ecosystem, one.high)), "")
        events.append({"fixed": fix} if fix and one.low != one.high else {"last_affected": one.high})
    elif one.high:
        events.append({"fixed": one.high})
    return events


def _next(version: str) -> str:
    """The version after a release, as RustSec counts it."""
    start, _, patch = version.rpartition(".")
    return f"{start}.{int(patch) + 1}" if patch.isdecimal() else f"{version}.0"
