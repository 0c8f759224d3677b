"""Which versions a range in a manifest allows, as spans, in each ecosystem's own notation.

What comes out may allow more than the range does, never less: it is used to say that *no* version which may be
installed is free of a flaw. So an exclusion (`!=`) is dropped, and a notation that is not understood allows everything.

Example::

    allowed("npm", "^1.2.3 || 2.x")         # 1.2.3 up to 2.0.0, and 2.0.0 up to 3.0.0
    allowed("PyPI", ">=1.0,<2.0")
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import reduce

from packaging.specifiers import InvalidSpecifier, Specifier, SpecifierSet

from buckler.dependencies.advisories.ranges import Span
from buckler.dependencies.advisories.versions import Key, key

EVERYTHING = Span(None, None)
MOST = 2_000
"""Characters of a range, and the alternatives it may have are fewer still."""

COMPARATOR = re.compile(r"\s*(\^|~>|~|>=|<=|==|!=|>|<|=)?\s*v?([0-9xX*][\w.*+-]*)\s*,?", re.A)
HYPHEN = re.compile(r"\s*v?(\d[\w.*+-]*)\s+-\s+v?(\d[\w.*+-]*)\s*", re.A)
BRACKETS = re.compile(r"\s*([\[(])\s*([^,\[\]()]*?)\s*(?:(,)\s*([^,\[\]()]*?)\s*)?([\])])\s*,?", re.A)
ANY = frozenset({"x", "X", "*", ""})


def allowed(ecosystem: str, wanted: str) -> list[Span]:
    """The versions that may be installed, or more; never empty."""
    reader = READERS.get(ecosystem)
    found = reader(ecosystem, wanted.strip()) if reader is not None and 0 < len(wanted.strip()) <= MOST else None
    kept = [span for span in found or [] if not span.empty]
    return kept or [EVERYTHING]


def covered(inner: Iterable[Span], outer: Iterable[Span]) -> bool:
    """Whether every version of the first spans lies in one of the others."""
    joined = _joined(outer)
    return all(any(_within(span, one) for one in joined) for span in inner)


def _joined(spans: Iterable[Span]) -> list[Span]:
    """In order, those that meet made one."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda one: one.low or ()):
        last = found[-1] if found else None
        if last is None or (last.high is not None and span.low is not None and span.low > last.high):
            found.append(span)
        elif last.high is not None and (span.high is None or (span.high, span.closed) > (last.high, last.closed)):
            found[-1] = Span(last.low, span.high, span.closed)
    return found


def _within(inner: Span, outer: Span) -> bool:
    if outer.low is not None and (inner.low is None or inner.low < outer.low):
        return False
    if outer.high is None:
        return True
    return inner.high is not None and (inner.high, inner.closed) <= (outer.high, outer.closed)


def _meet(one: Span, other: Span) -> Span:
    """What lies in both."""
    lows = [low for low in (one.low, other.low) if low is not None]
    highs = [(span.high, span.closed) for span in (one, other) if span.high is not None]
    high, closed = min(highs, default=(None, False))
    return Span(max(lows, default=None), high, closed)


def _all_of(spans: Iterable[Span]) -> Span:
    return reduce(_meet, spans, EVERYTHING)


def _pypi(ecosystem: str, text: str) -> list[Span] | None:
    try:
        return [_all_of(_specifier(one) for one in SpecifierSet(text))]
    except InvalidSpecifier:
        return None


def _specifier(one: Specifier) -> Span:
    """`<2.0` leaves 2.0rc1 out too, as PEP 440 has it."""
    version, wildcard = one.version.removesuffix(".*"), one.version.endswith(".*")
    at = key("PyPI", version)
    if at is None or one.operator == "!=":
        return EVERYTHING
    if wildcard:
        return Span(key("PyPI", f"{version}.dev0"), key("PyPI", f"{_next(version, 0)}.dev0"))
    if one.operator == "~=":
        return Span(at, key("PyPI", f"{_next(_release(version), 1)}.dev0"))
    if one.operator == "<":
        return Span(None, at if re.search("[a-z]", version) else key("PyPI", f"{version}.dev0"))
    return _compared(one.operator, at)


def _release(version: str) -> str:
    found = re.match(r"(?:\d+!)?\d+(?:\.\d+)*", version)
    return found[0] if found is not None else version


def _next(version: str, dropped: int) -> str:
    """The version after all that begin like this one without its last parts."""
    parts = version.split(".")
    parts = parts[: len(parts) - dropped]
    epoch, mark, last = parts[-1].rpartition("!")
    return ".".join([*parts[:-1], f"{epoch}{mark}{int(last) + 1}"])


def _compared(operator: str, at: Key) -> Span:
    if operator in (">", ">="):
        return Span(at, None)
    if operator in ("<", "<="):
        return Span(None, at, operator == "<=")
    return Span(at, at, closed=True)


def _comparators(ecosystem: str, text: str) -> list[Span] | None:
    """Alternatives between `|`, each a number of comparators that all hold: npm, Cargo, Composer, RubyGems."""
    found = [_alternative(ecosystem, part) for part in re.split(r"\|\|?", text)]
    return None if None in found else [span for span in found if span is not None]


def _alternative(ecosystem: str, text: str) -> Span | None:
    if not text.strip():
        return EVERYTHING
    hyphen = HYPHEN.fullmatch(text)
    if hyphen is not None:
        low, high = hyphen[1], _numbers(hyphen[2])
        whole = len(high) > 2
        return Span(key(ecosystem, low), key(ecosystem, hyphen[2]) if whole else _after(ecosystem, high), whole)
    spans: list[Span] = []
    at = 0
    while at < len(text):
        found = COMPARATOR.match(text, at)
        if found is None:
            return EVERYTHING if not text[at:].strip() else None
        spans.append(_comparator(ecosystem, found[1] or DEFAULTS.get(ecosystem, "="), found[2]))
        at = found.end()
    return _all_of(spans)


DEFAULTS = {"crates.io": "^"}
"""What a version without an operator means, where that is not this very version."""


def _comparator(ecosystem: str, operator: str, version: str) -> Span:
    parts = _numbers(version)
    at = key(ecosystem, version) if "x" not in version.lower() and "*" not in version else _at(ecosystem, parts)
    if at is None or not parts or operator == "!=":
        return EVERYTHING
    if operator in ("^", "~", "~>"):
        return Span(at, _after(ecosystem, _kept(ecosystem, operator, parts)))
    if operator in ("=", "==") and _partial(ecosystem, version, parts):
        return Span(at, _after(ecosystem, parts))
    if operator == "<=" and _partial(ecosystem, version, parts):
        return Span(None, _after(ecosystem, parts))
    return _compared(operator, at)


def _partial(ecosystem: str, version: str, parts: list[int]) -> bool:
    """Whether it names a family of versions: `1.2` in npm, `1.2.*` elsewhere."""
    return version.lower().endswith((".x", ".*")) or (ecosystem in ("npm", "crates.io") and len(parts) < 3)


def _kept(ecosystem: str, operator: str, parts: list[int]) -> list[int]:
    """The numbers that must stay as they are."""
    if operator == "^":
        first = next((at for at, number in enumerate(parts) if number), len(parts) - 1)
        return parts[: first + 1]
    if operator == "~" and ecosystem != "Packagist":
        return parts[:2]
    return parts[: max(1, len(parts) - 1)]


def _numbers(version: str) -> list[int]:
    """The leading numbers, up to the first that is left open or a pre-release."""
    parts = re.split(r"[-+]", version, maxsplit=1)[0].split(".")
    known: list[int] = []
    for part in parts:
        if part in ANY or not part.isdecimal():
            break
        known.append(int(part))
    return known


def _at(ecosystem: str, parts: list[int]) -> Key | None:
    return key(ecosystem, ".".join(map(str, parts))) if parts else None


def _after(ecosystem: str, parts: list[int]) -> Key | None:
    """The first version beyond all that begin with these numbers."""
    return key(ecosystem, ".".join(map(str, [*parts[:-1], parts[-1] + 1]))) if parts else None


def _brackets(ecosystem: str, text: str) -> list[Span] | None:
    """Intervals as Maven and NuGet write them; a bare version is a wish in Maven and the lowest one in NuGet."""
    if not text.startswith(("[", "(")):
        at = key(ecosystem, text)
        return None if ecosystem == "Maven" or at is None else [Span(at, None)]
    return list(_intervals(ecosystem, text)) if not BRACKETS.sub("", text).strip() else None


def _intervals(ecosystem: str, text: str) -> Iterator[Span]:
    for _, low, comma, high, end in BRACKETS.findall(text):
        if not comma:
            at = key(ecosystem, low)
            yield EVERYTHING if at is None else Span(at, at, closed=True)
        else:
            yield Span(key(ecosystem, low) if low else None, key(ecosystem, high) if high else None, end == "]")


READERS: dict[str, Callable[[str, str], list[Span] | None]] = {
    "PyPI": _pypi,
    "npm": _comparators,
    "crates.io": _comparators,
    "Packagist": _comparators,
    "RubyGems": _comparators,
    "Maven": _brackets,
    "NuGet": _brackets,
}
