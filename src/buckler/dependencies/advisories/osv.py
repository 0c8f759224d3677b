"""One advisory in OSV's format, as text, into an `Advisory`, and what of it could not be understood.

Everything is as hostile as a stranger's file may be: nothing here raises. A part that has the wrong type, a package of
an ecosystem nobody here knows, a range that can hold no version is left out and becomes a `Problem`; the rest counts.

Example::

    read_json(b'{"id": "GHSA-…", "affected": [{"package": {"ecosystem": "PyPI", "name": "flask"}, …}]}')
    # Reading(advisory=Advisory(id='GHSA-…', …), problems=())
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, get_args, get_origin

import msgspec
import yaml

from buckler.dependencies.advisories.ranges import impossible, spans
from buckler.dependencies.advisories.scores import severity_of
from buckler.dependencies.advisories.symbols import named_symbols
from buckler.dependencies.ecosystems import Ecosystem, ecosystem
from buckler.dependencies.model import Advisory, Affected, Bound, Event

MOST = 20_000_000
"""Bytes of one advisory; the largest real ones list every version of hundreds of packages."""
MOST_NODES = 2_000_000
"""Values in one YAML file after its aliases are written out."""


class Kind(StrEnum):
    """Why a part of an advisory, or all of it, is not used."""

    NOT_OSV = "not an advisory in OSV's format"
    WRONG_TYPE = "a field of the wrong type"
    ECOSYSTEM = "an ecosystem that is not known"
    RANGE = "an impossible range"
    COMMITS = "only ranges of commits"
    NOTHING = "no version is named"


@dataclass(slots=True, frozen=True)
class Problem:
    kind: Kind
    detail: str = ""


@dataclass(slots=True, frozen=True)
class Reading:
    """What came of one text; without an advisory there is at least one problem."""

    advisory: Advisory | None
    problems: tuple[Problem, ...] = ()


class _Package(msgspec.Struct):
    ecosystem: str
    name: str


class _Range(msgspec.Struct):
    type: str
    events: list[dict[str, str]] = []


class _Score(msgspec.Struct):
    score: str


class _Affected(msgspec.Struct):
    package: _Package
    ranges: list[_Range] = []
    versions: list[str] = []
    severity: list[_Score] = []
    ecosystem_specific: Any = None
    database_specific: Any = None


class _Link(msgspec.Struct):
    url: str


class _Document(msgspec.Struct):
    id: str
    affected: list[_Affected] = []
    aliases: list[str] = []
    published: str = ""
    modified: str = ""
    withdrawn: str | None = None
    summary: str = ""
    details: str = ""
    severity: list[_Score] = []
    references: list[_Link] = []
    database_specific: Any = None


_DECODER = msgspec.json.Decoder(_Document)
IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,127}", re.A)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.A)
CWE = re.compile(r"CWE-(\d{1,6})", re.A)
NO_DAY = "0001-01-01"
SUMMARY = 200
LINKS = 8


def read_json(data: bytes) -> Reading:
    """One advisory in JSON."""
    try:
        return _reading(_DECODER.decode(data), [])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        return _salvaged_json(data, error)


def read_yaml(data: bytes) -> Reading:
    """One advisory in YAML; every scalar is taken as text, so `fixed: 1.10` is not the number 1.1."""
    try:
        value = yaml.load(data, yaml.CBaseLoader)  # noqa: S506 - the base loader makes texts, lists and tables only
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        return _unreadable(error)
    if _nodes(value) > MOST_NODES:
        return Reading(None, (Problem(Kind.NOT_OSV, "its aliases stand for too many values"),))
    try:
        return _reading(msgspec.convert(value, _Document), [])
    except (msgspec.MsgspecError, RecursionError):
        return _salvaged(value)


def _salvaged_json(data: bytes, error: Exception) -> Reading:
    try:
        return _salvaged(msgspec.json.decode(data))
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return _unreadable(error)


def _unreadable(error: Exception) -> Reading:
    return Reading(None, (Problem(Kind.NOT_OSV, str(error).split("\n", 1)[0][:SUMMARY]),))


def _nodes(value: object) -> int:
    """How many values a document holds when aliases are written out, or just more than is allowed."""
    count, rest = 0, [value]
    while rest and count <= MOST_NODES:
        item = rest.pop()
        count += 1
        if isinstance(item, dict):
            rest.extend(item.values())
        elif isinstance(item, list):
            rest.extend(item)
    return count


def _salvaged(value: object) -> Reading:
    """Field by field, without those of the wrong type."""
    if not isinstance(value, dict) or not isinstance(value.get("id"), str):
        return Reading(None, (Problem(Kind.NOT_OSV, "without an 'id'"),))
    document = _Document(value["id"])
    problems: list[Problem] = []
    for field in msgspec.structs.fields(_Document):
        given = value.get(field.name)
        if given is not None and field.name != "id":
            for converted in _convertible(given, field, problems):
                setattr(document, field.name, converted)
    return _reading(document, problems)


def _convertible(given: object, field: msgspec.structs.FieldInfo, problems: list[Problem]) -> Iterator[object]:
    """The value if it has the type of the field; of a list those items that have the right one."""
    if get_origin(field.type) is list and isinstance(given, list):
        (inner,) = get_args(field.type)
        yield [item for each in given for item in _converted(each, inner, field.name, problems)]
    else:
        yield from _converted(given, field.type, field.name, problems)


def _converted(given: object, wanted: object, name: str, problems: list[Problem]) -> Iterator[object]:
    try:
        yield msgspec.convert(given, wanted)
    except (msgspec.MsgspecError, RecursionError) as error:
        problems.append(Problem(Kind.WRONG_TYPE, f"{name}: {error}"[:SUMMARY]))


def _reading(document: _Document, problems: list[Problem]) -> Reading:
    if not IDENTIFIER.fullmatch(document.id):
        return Reading(None, (Problem(Kind.NOT_OSV, f"its 'id' is {document.id[:SUMMARY]!r}"),))
    affected = tuple(one for given in document.affected if (one := _affected(given, problems)) is not None)
    if not affected and not problems:
        problems.append(Problem(Kind.NOTHING))
    vectors = tuple(dict.fromkeys(score.score for score in _scores(document)))
    word = _text(document.database_specific, "severity") or _informational(document)
    advisory = Advisory(
        id=document.id,
        aliases=tuple(dict.fromkeys(name for name in document.aliases if IDENTIFIER.fullmatch(name))),
        affected=affected,
        published=_day(document.published),
        modified=_day(document.modified),
        withdrawn=_withdrawn(document.withdrawn),
        severity=severity_of(vectors, word),
        vectors=vectors,
        cwe=_weaknesses(document),
        malicious=_is_malicious(document),
        summary=(document.summary or document.details.split("\n", 1)[0])[:SUMMARY],
        links=tuple(link.url for link in document.references[:LINKS]),
    )
    return Reading(advisory, tuple(problems))


def _affected(given: _Affected, problems: list[Problem]) -> Affected | None:
    """What is said of one package, None if nothing of it can be used."""
    known = _ecosystem(given.package.ecosystem)
    if known is None:
        problems.append(Problem(Kind.ECOSYSTEM, given.package.ecosystem[:SUMMARY]))
        return None
    ranges = tuple(_ranges(given, known, problems))
    if not ranges and not given.versions:
        if given.ranges and all(one.type == "GIT" for one in given.ranges):
            problems.append(Problem(Kind.COMMITS, given.package.name))
        elif not given.ranges:
            problems.append(Problem(Kind.NOTHING, given.package.name))
        return None
    symbols = named_symbols(known.id, given.package.name, given.ecosystem_specific, given.database_specific)
    return Affected(known.id, known.canonical(given.package.name), ranges, tuple(given.versions), symbols)


def _ecosystem(name: str) -> Ecosystem | None:
    """The one named, without what OSV puts behind a colon (a registry or a release of it)."""
    try:
        return ecosystem(name.split(":", 1)[0])
    except KeyError:
        return None


def _ranges(given: _Affected, known: Ecosystem, problems: list[Problem]) -> Iterator[tuple[Event, ...]]:
    for one in given.ranges:
        if one.type == "GIT":
            continue
        events = tuple(_events(one))
        if reason := impossible(known.id, events):
            problems.append(Problem(Kind.RANGE, f"{given.package.name}: {reason}"[:SUMMARY]))
        if spans(known.id, events):
            yield events


def _events(given: _Range) -> Iterator[Event]:
    for event in given.events:
        for bound, version in event.items():
            if bound in _BOUNDS:
                yield Event(_BOUNDS[bound], version)


_BOUNDS = {bound.value: bound for bound in Bound}


def _scores(document: _Document) -> Iterator[_Score]:
    yield from document.severity
    for affected in document.affected:
        yield from affected.severity


def _text(value: object, field: str) -> str:
    found = value.get(field) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def _informational(document: _Document) -> str:
    """RustSec's word for what is no flaw: `unmaintained` or `notice`."""
    words = {_text(affected.database_specific, "informational") for affected in document.affected}
    return words.pop() if len(words) == 1 else ""


def _day(moment: str) -> str:
    found = DAY.match(moment)
    return found[0] if found is not None and found[0] != NO_DAY else ""


def _withdrawn(moment: str | None) -> str:
    """The day; one that is written in no known way still says that it was withdrawn."""
    return (_day(moment) or NO_DAY) if moment else ""


def _weaknesses(document: _Document) -> tuple[int, ...]:
    """CWE numbers, by the fields in which GitHub and the Python database have them."""
    found: dict[int, None] = {}
    specifics = (document.database_specific, *(affected.database_specific for affected in document.affected))
    for specific in specifics:
        if not isinstance(specific, dict):
            continue
        for each in (*_items(specific.get("cwe_ids")), *_items(specific.get("cwes"))):
            name = CWE.fullmatch(each if isinstance(each, str) else _text(each, "cweId"))
            if name is not None:
                found[int(name[1])] = None
    return tuple(found)


def _items(value: object) -> Iterable[object]:
    return value if isinstance(value, list) else ()


def _is_malicious(document: _Document) -> bool:
    """By the identifiers that the database of malicious packages hands out."""
    return any(name.startswith("MAL-") for name in (document.id, *document.aliases))
