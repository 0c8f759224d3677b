"""Tables that say how the reports of one tool are read: `tables/<tool>.toml`, one file a tool and no code.

Example::

    name = "Trivy"                              # what alerts carry as their tool
    kind = "package"
    [recognize]
    shape = "json"                              # json (lines of JSON, too), xml, csv
    has = ["Results", "ArtifactName"]           # paths into the document that lead to something
    [coverage]
    version = "Trivy.Version"
    scope = "ArtifactName"
    [[alerts]]
    each = "Results[].Vulnerabilities[]"
    rule = "VulnerabilityID"
    ids = "VulnerabilityID"
    severity = "Severity"
    package = { type = "^Type", name = "PkgName", version = "InstalledVersion" }
    unless = { Status = ["not_affected"] }      # these are counted as skipped

A value is a path (`paths.py`), or a path with what is done to it: `{ from = "Location", match = "^(.*):(\\d+)$" }` is
the first group that matched, `{ from = "Result", words = { pass = "fixed" } }` looks a word up. `each` may be a list of
places, where versions of the tool differ.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from buckler.base.errors import ConfigError
from buckler.triage.alert import FIELDS, KINDS, Columns, Reading
from buckler.triage.importers import packages, values
from buckler.triage.importers.paths import Batch, Column, Get, Step, as_text, compile_path, expand, steps

SHAPES = ("json", "xml", "csv")
PARTS = ("each", "only", "unless", "severity_words", "package", "vector")
HAVE_HOSTS = ("web", "host", "runtime", "other")
"""Kinds of alerts whose address is that of what is in danger."""
TOP = ("name", "about", "kind", "recognize", "coverage", "alerts", "severity")

Convert = Callable[[Column], Sequence[Any]]
CONVERT: Mapping[str, Convert] = {
    "path": values.places,
    "title": values.memo(values.plain),
    "message": values.prose,
    "said": values.memo(values.plain),
    "line": values.memo(values.integer),
    "end_line": values.memo(values.integer),
    "port": values.memo(values.integer),
    "score": values.memo(values.score),
    "cwe": values.memo(values.cwes),
    "ids": values.memo(values.advisories),
    "technique": values.memo(values.techniques),
    "time": values.memo(values.moment),
    "status": values.memo(values.state),
}
"""By field of an alert; everything else is text."""


@dataclass(slots=True, frozen=True)
class Condition:
    """A record counts only if a value is one of some words, or none of them; in lower case."""

    get: Get
    words: frozenset[str]
    wanted: bool
    why: str


@dataclass(slots=True, frozen=True)
class Part:
    """One kind of entries of a report."""

    each: tuple[Step, ...]
    where: str
    constants: Mapping[str, str]
    fields: Mapping[str, Get]
    package: Mapping[str, Get]
    vector: Get | None
    conditions: tuple[Condition, ...]


@dataclass(slots=True, frozen=True)
class Recognition:
    """What a document must have to be a report of the tool."""

    shape: str
    has: tuple[tuple[Step, ...], ...]
    equal: tuple[tuple[tuple[Step, ...], re.Pattern[str]], ...]

    @property
    def weight(self) -> int:
        """The table that asks for more is the better one."""
        return len(self.has) + 2 * len(self.equal)

    def fits(self, shape: str, documents: Column) -> bool:
        return (
            shape == self.shape
            and all(found(documents, path) is not None for path in self.has)
            and all(pattern.search(as_text(found(documents, path))) for path, pattern in self.equal)
        )


@dataclass(slots=True, frozen=True)
class Table:
    """How the reports of one tool are read."""

    id: str
    name: str
    recognitions: tuple[Recognition, ...]
    parts: tuple[Part, ...]
    severity: Mapping[str, str]
    coverage: Mapping[str, Get] = field(default_factory=dict)


def found(documents: Column, path: Sequence[Step]) -> Any:
    """The first thing that a path leads to, or None; an empty list is something."""
    here = documents[:1]
    for step in path:
        if isinstance(step, str) and step in ("[]", "{}"):
            here = [x for value in here for x in _inside(value, step)][:50]
        elif isinstance(step, int):
            here = [value[step] for value in here if isinstance(value, list) and -len(value) <= step < len(value)]
        else:
            here = [value[step] for value in here if isinstance(value, dict) and step in value]
    return next((value for value in here if value is not None), None)


def _inside(value: Any, step: str) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())[:50] if step == "{}" else [value]
    return value[:50] if isinstance(value, list) and step == "[]" else []


# ---- reading a table


def parse(text: str, name: str) -> Table:
    """Raises `ConfigError` with the key that is wrong."""
    try:
        data = tomllib.loads(text)
        _check(data, TOP)
        recognize = data.get("recognize", [])
        given = recognize if isinstance(recognize, list) else [recognize]
        parts = tuple(
            _part(part, where, data.get("kind", "other"))
            for part in data["alerts"]
            for where in _places(part.get("each", "."))
        )
        severity = {str(k).lower(): str(v) for k, v in data.get("severity", {}).items()}
        coverage = {key: compile_path(path) for key, path in data.get("coverage", {}).items()}
        return Table(name, data["name"], tuple(map(_recognition, given)), parts, severity, coverage)
    except (tomllib.TOMLDecodeError, ValueError, TypeError, AttributeError) as error:
        raise ConfigError(f"is no table of an importer: {error}", where=name) from error
    except KeyError as error:
        raise ConfigError(f"is no table of an importer: {error.args[0]!r} is missing", where=name) from error


def _check(data: Mapping[str, Any], allowed: Sequence[str]) -> None:
    for key in data:
        if key not in allowed:
            raise ValueError(f"unknown key {key!r}")


def _recognition(data: Mapping[str, Any]) -> Recognition:
    _check(data, ("shape", "has", "equal"))
    if data["shape"] not in SHAPES:
        raise ValueError(f"unknown shape {data['shape']!r}")
    equal = tuple((tuple(steps(path)), re.compile(pattern)) for path, pattern in data.get("equal", {}).items())
    return Recognition(data["shape"], tuple(tuple(steps(path)) for path in data.get("has", ())), equal)


def _places(each: str | list[str]) -> list[str]:
    """The same entries may stand at several places, by the version of the tool."""
    return each if isinstance(each, list) else [each]


def _part(data: Mapping[str, Any], where: str, kind: str) -> Part:
    _check(data, (*FIELDS, *PARTS))
    constants = {"kind": data.get("kind", kind)}
    if constants["kind"] not in KINDS:
        raise ValueError(f"unknown kind {constants['kind']!r}")
    fields = {name: value_of(data[name]) for name in FIELDS if name in data and name not in ("kind", "package")}
    package = data.get("package", {})
    package = {"purl": package} if isinstance(package, str) else package
    _check(package, ("purl", "type", "namespace", "name", "version"))
    conditions = tuple(
        Condition(
            compile_path(path),
            frozenset(str(w).lower() for w in words),
            wanted,
            f"{path} says otherwise" if wanted else path,
        )
        for key, wanted in (("only", True), ("unless", False))
        for path, words in data.get(key, {}).items()
    )
    vector = value_of(data["vector"]) if "vector" in data else None
    parts = {key: value_of(path) for key, path in package.items()}
    return Part(tuple(steps("" if where == "." else where)), where, constants, fields, parts, vector, conditions)


def value_of(data: str | Mapping[str, Any]) -> Get:
    """A value of a table: a path, or a path and what is done to what it leads to."""
    if isinstance(data, str):
        return compile_path(data)
    _check(data, ("from", "match", "words", "default"))
    get = compile_path(data["from"])
    if "match" in data:
        get = _matched(get, re.compile(data["match"], re.S))
    if "words" in data:
        get = _looked_up(get, {str(k).lower(): v for k, v in data["words"].items()})
    return _or(get, data["default"]) if "default" in data else get


def _matched(get: Get, pattern: re.Pattern[str]) -> Get:
    def matched(value: Any) -> str:
        match = pattern.search(as_text(value)[: values.MOST])
        return next((group for group in match.groups() if group), "") if match is not None else ""

    convert = values.memo(matched)
    return lambda batch: convert(get(batch))


def _looked_up(get: Get, known: Mapping[str, str]) -> Get:
    return lambda batch: [known.get(as_text(value).strip().lower(), "") for value in get(batch)]


def _or(get: Get, default: str) -> Get:
    return lambda batch: [default if value in (None, "", []) else value for value in get(batch)]


# ---- applying it


def apply(table: Table, documents: Column, reading: Reading) -> Iterator[Columns]:
    """The alerts of some documents, as columns, one part after the other; says in `reading` what is left out."""
    for part in table.parts:
        batch = expand(documents, part.each)
        batch = _wanted(part, batch, reading)
        if len(batch):
            columns = _columns(table, part, batch)
            yield _named(columns, part, reading)


def covered(table: Table, documents: Column, reading: Reading) -> None:
    """What the report says it looked at."""
    batch = Batch([documents], list(range(len(documents))))
    said = {
        key: [as_text(x) for v in get(batch) for x in (v if isinstance(v, list) else (v,))]
        for key, get in table.coverage.items()
    }
    version = next(filter(None, said.get("version", ())), "")
    if version or table.name not in reading.coverage.tools:
        reading.coverage.tools[table.name] = version
    reading.coverage.rules.update(filter(None, said.get("rules", ())))
    reading.coverage.scopes.update(filter(None, said.get("scope", ())))


def _wanted(part: Part, batch: Batch, reading: Reading) -> Batch:
    for condition in part.conditions:
        said = [as_text(value).strip().lower() for value in condition.get(batch)]
        keep = [row for row, word in enumerate(said) if (word in condition.words) == condition.wanted]
        if len(keep) == len(batch):
            continue
        kept = set(keep)
        first = next(row for row in range(len(said)) if row not in kept)
        why = (
            f"{condition.why.strip('^/')} is {said[first] or 'not there'!r}: nothing to act on"
            if not condition.wanted
            else (f"{said[first] or 'no word'!r} is not what an alert says")
        )
        reading.skip(f"{part.where} {first + 1}", why, len(batch) - len(keep))
        batch = Batch([[level[row] for row in keep] for level in batch.levels], [batch.keys[row] for row in keep])
    return batch


def _columns(table: Table, part: Part, batch: Batch) -> Columns:
    size = len(batch)
    out: Columns = {"tool": [table.name] * size, "kind": [part.constants["kind"]] * size}
    raw = {name: get(batch) for name, get in part.fields.items()}
    for name, column in raw.items():
        out[name] = column if name == "severity" else CONVERT.get(name, values.texts)(column)
    if part.vector is not None:
        vectors = values.memo(values.score)(part.vector(batch))
        out["score"] = [max(a, b) for a, b in zip(out.get("score", vectors), vectors, strict=True)]
    out["tool"] = [name or table.name for name in out["tool"]]
    if part.package:
        out["package"] = packages.purls({key: values.texts(get(batch)) for key, get in part.package.items()})
    _severities(table, out, raw.get("severity"))
    if "url" in out and "host" not in out and part.constants["kind"] in HAVE_HOSTS:
        out["host"] = values.memo(values.host_of)(list(out["url"]))
    if part.constants["kind"] == "other":
        out["kind"] = _kinds(out, size)
    if "record" not in out:
        out["record"] = range(1, size + 1)
    return out


def _kinds(out: Columns, size: int) -> list[str]:
    """By what each alert names, where no table says it."""
    absent: list[Any] = [None] * size
    columns = (out.get(name, absent) for name in ("package", "url", "line", "path", "host", "time"))
    return [
        "package" if package
        else "code" if path and (line or not host)
        else "web" if url
        else ("runtime" if time else "host") if host
        else "other"
        for package, url, line, path, host, time in zip(*columns, strict=True)
    ]  # fmt: skip


def _severities(table: Table, out: Columns, raw: Column | None) -> None:
    """In our words; where a tool says a score only, the words are those of CVSS."""
    if raw is not None:
        said = values.texts(raw)
        out["said"] = out.get("said", said)
        out["severity"] = values.memo(lambda value: values.severity(value, table.severity))(said)
    if "score" in out:
        known = out.get("severity", ["unknown"] * len(out["tool"]))
        out["severity"] = [
            values.by_score(score) if word == "unknown" else word
            for word, score in zip(known, out["score"], strict=True)
        ]


def _named(out: Columns, part: Part, reading: Reading) -> Columns:
    """Without entries that say nothing."""
    size = len(out["tool"])
    empty = [""] * size
    rules, titles, messages, ids = (out.get(name, empty) for name in ("rule", "title", "message", "ids"))
    if any(not a and not b and not c and not d for a, b, c, d in zip(rules, titles, messages, ids, strict=True)):
        said = [bool(a or b or c or d) for a, b, c, d in zip(rules, titles, messages, ids, strict=True)]
        reading.skip(
            f"{part.where} {said.index(False) + 1}", "says neither a rule nor a title nor a message", said.count(False)
        )
        out = {name: [v for v, keep in zip(column, said, strict=True) if keep] for name, column in out.items()}
        return _named(out, part, reading)
    return out
