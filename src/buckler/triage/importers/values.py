"""From what a tool wrote to the values of an `Alert`: one function for each kind of field, on a whole column.

Example::

    severities(["HIGH", "moderate", 7.5], {})       # ["high", "medium", "unknown"]
    places(["file:///src/a.py", "b\\\\c.py"])         # ["/src/a.py", "b/c.py"]
"""

from __future__ import annotations

import html
import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from cvss import CVSS2, CVSS3, CVSS4, CVSSError

from buckler.triage.alert import NO_SCORE, NO_TIME
from buckler.triage.importers.paths import Column, as_text

MOST = 20_000
"""Characters of one text that are kept."""
IDS = re.compile(
    r"\b(?:CVE-\d{4}-\d{4,19}|GHSA(?:-[23456789cfghjmpqrvwx]{4}){3}|(?:PYSEC|GO|RUSTSEC|OSV|MAL|DSA|DLA|USN|RHSA|ALAS|ELSA|SNYK|GMS|CAN"
    r"|OSVDB|VAR|CNVD|JVNDB)-[\w.:-]*\w|TEMP-\d+-\w+|npm:[\w.@/-]+:\d+|SNYK-[\w-]+)",
    re.I,
)
CWE = re.compile(r"CWE[-_: ]*0*(\d{1,4})", re.I)
NUMBERS = re.compile(r"\d{1,4}(?:\s*[,;/]\s*\d{1,4})*")
TECHNIQUE = re.compile(r"\bT\d{4}(?:\.\d{3})?\b")
ISO = re.compile(r"\d{4}-\d\d-\d\dT")
INTEGER = re.compile(r"-?\d{1,15}")
NUMBER = re.compile(r"-?\d{1,15}(?:\.\d+)?")
SHORT_YEAR = re.compile(r"(\d\d)/(\d\d)(?:/(\d{2,4}))?[- ](.*)")
BOLD = re.compile(r" ?</?(?:b|i|u|em|strong|code|tt|br|p|span|a|font)(?: [^<>]{0,200})?/?> ?", re.I)
SPACES = re.compile(r"[ \t\r\f\v]+")
T = TypeVar("T")


@cache
def words(name: str) -> Mapping[str, Any]:
    """A table of `words.toml`."""
    table: Mapping[str, Any] = tomllib.loads(files(__package__).joinpath("words.toml").read_text("utf-8"))[name]
    return table


class _Known(dict[Any, T]):
    """What was converted; asking for something else converts it."""

    def __init__(self, convert: Callable[[Any], T]) -> None:
        self.convert = convert

    def __missing__(self, value: Any) -> T:
        self[value] = made = self.convert(value)
        return made


def memo(convert: Callable[[Any], T]) -> Callable[[Column], list[T]]:
    """The same for a column, where what comes again is converted once."""

    def column(values: Column) -> list[T]:
        known = _Known(convert)
        try:
            return [known[value] for value in values]
        except TypeError:  # a list or an object is no key
            return [_unhashed(v, known, convert) if isinstance(v, list | dict) else known[v] for v in values]

    return column


def _unhashed(value: Any, known: dict[Any, T], convert: Callable[[Any], T]) -> T:
    """A list of texts is known by these; an object, or a list of them, is converted each time."""
    if type(value) is not list:
        return convert(value)
    try:
        key = (list, *value)
        return known[key] if key in known else known.setdefault(key, convert(value))
    except TypeError:
        return convert(value)


def texts(values: Column) -> list[str]:
    """Most values are short texts already, or nothing."""
    return [v if type(v) is str and len(v) < MOST else "" if v is None else text(v) for v in values]


def places(values: Column) -> list[str]:
    """Paths; most of a long report are different ones, and need nothing."""
    return [v if type(v) is str and v[:1] != "." and v[:5] != "file:" and "\\" not in v else place(v) for v in values]


def prose(values: Column) -> list[str]:
    """Messages; most have no marks."""
    return [
        v if type(v) is str and "<" not in v and "&" not in v and "\r" not in v and len(v) < MOST else unescaped(v)
        for v in values
    ]


def text(value: Any) -> str:
    return as_text(value)[:MOST].strip()


def plain(value: Any) -> str:
    """Text on one line."""
    return SPACES.sub(" ", text(value).replace("\n", " "))


def place(value: Any) -> str:
    """A path with `/` separators, without what only says that it is one."""
    said = text(value)
    if said.startswith("file:"):
        said = unquote(urlsplit(said).path) if said.startswith("file://") else unquote(said[5:])
    said = said.replace("\\", "/")
    while said.startswith("./"):
        said = said[2:].lstrip("/")
    return said


def integer(value: Any) -> int:
    """The first whole number in a text, not below 0."""
    if type(value) is int:
        return max(value, 0) if value.bit_length() < 63 else 0
    found = INTEGER.search(as_text(value))
    return max(int(found[0]), 0) if found is not None else 0


def severity(value: Any, own: Mapping[str, str]) -> str:
    """On our scale; a tool's own words come first."""
    said = plain(value).lower()
    if said in own:
        return own[said]
    known = words("severity")
    if said in known:
        return str(known[said])
    return (
        next((str(known[part]) for part in re.split(r"[^a-z]+", said) if part in known), "unknown")
        if said
        else "unknown"
    )


def by_score(score: float) -> str:
    """The words of CVSS 3 for a base score."""
    bounds = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.1, "low"), (0.0, "note"))
    return next((word for bound, word in bounds if score >= bound), "unknown")


def score(value: Any) -> float:
    """A base score from a number or a vector; -1 for neither."""
    if isinstance(value, list):
        return max((score(part) for part in value), default=NO_SCORE)
    said = as_text(value)
    if "/" in said:
        return vector_score(said.strip())
    found = NUMBER.search(said)
    number = float(found[0]) if found is not None else NO_SCORE
    return number if 0 <= number <= 10 else NO_SCORE


@cache
def vector_score(vector: str) -> float:
    kind: type[CVSS2 | CVSS3 | CVSS4] = (
        CVSS3 if vector.startswith("CVSS:3") else CVSS4 if vector.startswith("CVSS:4") else CVSS2
    )
    try:
        return float(kind(vector.strip("()")).scores()[0] or 0.0)
    except (CVSSError, ValueError, ArithmeticError, KeyError, AttributeError):
        return NO_SCORE


def cwes(value: Any) -> tuple[int, ...]:
    said = as_text(value)
    if not said:
        return ()
    found = CWE.findall(said) or (re.findall(r"\d+", said) if NUMBERS.fullmatch(said.strip()) else ())
    return tuple(dict.fromkeys(int(n) for n in found if 0 < int(n) < 2000))


def advisories(value: Any) -> tuple[str, ...]:
    """Names of published flaws, CVE first."""
    found = dict.fromkeys(canonical(name) for name in IDS.findall(as_text(value)))
    return tuple(sorted(found, key=lambda name: (not name.startswith("CVE"), name)))


def canonical(name: str) -> str:
    """As the databases write it: `CVE-2021-1`, `GHSA-xxxx-…`."""
    head, dash, rest = name.partition("-")
    head = head.upper()
    if head == "CAN":
        head = "CVE"
    return f"{head}-{rest.lower()}" if head == "GHSA" else f"{head}{dash}{rest}" if dash else name


def techniques(value: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(TECHNIQUE.findall(as_text(value))))


def moment(value: Any) -> float:
    """Seconds since 1970; times without a zone are UTC, as nobody can know better."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _epoch(float(value))
    said = as_text(value).strip()
    if not said:
        return NO_TIME
    if ISO.match(said):
        try:
            found = datetime.fromisoformat(said)
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            pass
    if NUMBER.fullmatch(said):
        return _epoch(float(said))
    for read in (_iso, _suricata, _mail, *(_by(form) for form in words("time")["forms"])):
        try:
            found = read(said)
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
        try:
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            continue
    return NO_TIME


def _epoch(number: float) -> float:
    """Seconds, or thousandths, millionths, or less."""
    for unit in (1.0, 1e3, 1e6, 1e9):
        if 0 < number / unit < 4e9:
            return number / unit
    return NO_TIME


def _iso(said: str) -> datetime:
    return datetime.fromisoformat(said)


def _suricata(said: str) -> datetime:
    """`05/01/2021-10:21:33.123456`, as Snort and Suricata write fast logs."""
    found = SHORT_YEAR.fullmatch(said)
    if found is None:
        raise ValueError(said)
    year = found[3] or str(datetime.now(UTC).year)
    return datetime.fromisoformat(f"{'20' if len(year) == 2 else ''}{year}-{found[1]}-{found[2]}T{found[4]}")


def _mail(said: str) -> datetime:
    return parsedate_to_datetime(said)


def _by(form: str) -> Callable[[str], datetime]:
    return lambda said: datetime.strptime(said, form)  # noqa: DTZ007 - the zone is added by the caller


def host_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def unescaped(value: Any) -> str:
    """Text from which the marks of HTML are taken, as many scanners put it into XML."""
    said = text(value).replace("\r\n", "\n")
    return (
        html.unescape(re.sub(r"<(?:br|/p|/li)\s*/?>", "\n", re.sub(r"<(?!br|/p|/li)[a-zA-Z/][^<>]{0,200}>", "", said)))
        if "<" in said or "&" in said
        else said
    )


def heading(value: Any) -> str:
    """Text on one line, without the marks that make parts of it bold."""
    said = plain(value)
    return html.unescape(BOLD.sub(" ", said)).strip() if "<" in said or "&" in said else said


def state(value: Any) -> str:
    """What a tool says about an alert's life, in our four words."""
    said = plain(value).lower()
    return str(words("status").get(said, "open" if said else ""))


def shortened(value: str, most: int) -> str:
    """The beginning of a text, whole words of it."""
    line = value.strip().partition("\n")[0].strip()
    return line if len(line) <= most else f"{line[: most - 1].rsplit(' ', 1)[0]} …"
