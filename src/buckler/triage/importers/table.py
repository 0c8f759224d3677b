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
the first group that matched, `{ from = "Result", words = { pass = "fixed" } }` looks a word up, and
`{ from = "ref", in = "components[]", by = "bom-ref", take = "purl" }` finds what another part of the document says of
it; `in = "//osv"` looks in all documents that were read with it. A list of values is the first that is not empty.

`each` may be a list of places, where versions of the tool differ. `when = { type = ["sast"] }` and `not_when` part
entries among several `[[alerts]]`, while `only` and `unless` leave them out of all. Where one list holds all kinds of
alerts, `kind` is a value with `words`, too. Where a report lists an entry in several chapters, `once = "@id"` takes the
first.

A report of plain text is told by `line`, a pattern that one of its first lines has, and cut into records by `lines`, a
pattern for one or several lines; its named groups are the members::

    lines = '^(?P<path>[^:]+): (?P<rule>\\S+) FOUND$'
    [recognize]
    shape = "text"
    line = ' FOUND$'
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from buckler.base.errors import ConfigError
from buckler.triage.alert import FIELDS, KINDS, Columns, Reading
from buckler.triage.importers import packages, values
from buckler.triage.importers.paths import (
    CONSTANT,
    EACH,
    VALUES,
    Batch,
    Column,
    Get,
    Step,
    as_text,
    compile_path,
    elements,
    expand,
    first,
    steps,
    walk,
)

ANY = "*"
SHAPES = ("json", "xml", "csv", "text")
SAMPLE = 50
"""Documents and elements of a list that are looked at to recognize a format."""
MOST_TITLE = 200
FIRST_LINES = 500
"""Of a text, in which its format shows."""
PARTS = ("each", "when", "not_when", "only", "unless", "once", "package", "vector")
HAVE_HOSTS = frozenset(("web", "host", "runtime", "other"))
"""Kinds of alerts whose address is that of what is in danger."""
CONDITIONS = (("when", True, False), ("not_when", False, False), ("only", True, True), ("unless", False, True))
"""Key of a table, whether one of the words is wanted, and whether the rest counts as skipped."""
TOP = ("name", "about", "kind", "lines", "recognize", "coverage", "alerts", "severity")

Convert = Callable[[Column], Sequence[Any]]
CONVERT: Mapping[str, Convert] = {
    "path": values.places,
    "title": values.memo(values.heading),
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
    """A record counts only if a value is one of some words, or none of them; in lower case. `*` is any word."""

    get: Get
    words: frozenset[str]
    wanted: bool
    why: str
    """Empty if others take the rest."""

    def holds(self, word: str) -> bool:
        return (word in self.words or (word != "" and ANY in self.words)) == self.wanted


@dataclass(slots=True, frozen=True)
class Part:
    """One kind of entries of a report."""

    each: tuple[Step, ...]
    where: str
    kind: str
    """Empty if each entry says its own."""
    fields: Mapping[str, Get]
    package: Mapping[str, Get]
    vector: Get | None
    conditions: tuple[Condition, ...]
    once: Get | None = None
    """What tells an entry that stands in the report several times."""


@dataclass(slots=True, frozen=True)
class Recognition:
    """What a document must have to be a report of the tool."""

    shape: str
    has: tuple[tuple[Step, ...], ...]
    equal: tuple[tuple[tuple[Step, ...], re.Pattern[str]], ...]
    line: re.Pattern[str] | None = None

    @property
    def weight(self) -> int:
        """The table that asks for more is the better one."""
        return len(self.has) + 2 * len(self.equal) + 2 * (self.line is not None)

    def fits(self, shape: str, documents: Column) -> bool:
        return (
            shape == self.shape
            and (self.line is None or any(self.line.search(as_text(line)) for line in documents[:FIRST_LINES]))
            and all(reaches(documents, path) for path in self.has)
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
    lines: re.Pattern[str] | None = None

    def records(self, documents: Column, reading: Reading) -> Column:
        """What the lines of a text say, by the names of the groups; the rest is counted."""
        if self.lines is None:
            return documents
        found = list(self.lines.finditer("\n".join(map(as_text, documents))))
        rest = len(documents) - sum(match[0].strip("\n").count("\n") + 1 for match in found)
        if rest > 0:
            reading.skip("some lines", "say nothing of what was found", rest)
        return [match.groupdict() for match in found]


def found(documents: Column, path: Sequence[Step]) -> Any:
    """The first thing that a path leads to, or None; an empty list is something."""
    return next((value for value in _found(documents, path) if value is not None), None)


def reaches(documents: Column, path: Sequence[Step]) -> bool:
    """Whether a path leads to something; a member of nothing is one, as tools without findings write `null`."""
    return bool(_found(documents, path))


def _found(documents: Column, path: Sequence[Step]) -> Column:
    here = documents[:SAMPLE]
    for step in path:
        if isinstance(step, str) and step in (EACH, VALUES):
            here = [x for value in here for _, x in islice(elements(value, step), SAMPLE)][:SAMPLE]
        elif isinstance(step, str):
            here = [value[step] for value in here if isinstance(value, dict) and step in value]
        else:
            here = [x for x in walk(here, [step]) if x is not None]
    return here


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
        lines = re.compile(data["lines"], re.M) if "lines" in data else None
        return Table(name, data["name"], tuple(map(_recognition, given)), parts, severity, coverage, lines)
    except (ValueError, TypeError, AttributeError, re.error) as error:
        raise ConfigError(f"is no table of an importer: {error}", where=name) from error
    except KeyError as error:
        raise ConfigError(f"is no table of an importer: {error.args[0]!r} is missing", where=name) from error


def _check(data: Mapping[str, Any], allowed: Sequence[str]) -> None:
    for key in data:
        if key not in allowed:
            raise ValueError(f"unknown key {key!r}")


def _recognition(data: Mapping[str, Any]) -> Recognition:
    _check(data, ("shape", "has", "equal", "line"))
    if data["shape"] not in SHAPES:
        raise ValueError(f"unknown shape {data['shape']!r}")
    equal = tuple((tuple(steps(path)), re.compile(pattern)) for path, pattern in data.get("equal", {}).items())
    line = re.compile(data["line"]) if "line" in data else None
    return Recognition(data["shape"], tuple(tuple(steps(path)) for path in data.get("has", ())), equal, line)


def _places(each: str | list[str]) -> list[str]:
    """The same entries may stand at several places, by the version of the tool."""
    return each if isinstance(each, list) else [each]


def _part(data: Mapping[str, Any], where: str, kind: str) -> Part:
    _check(data, (*FIELDS, *PARTS))
    said = data.get("kind", kind)
    kinds = [said] if isinstance(said, str) else [*said["words"].values(), said["default"]]
    for name in kinds:
        if name not in KINDS:
            raise ValueError(f"unknown kind {name!r}")
    fields = {name: value_of(data[name]) for name in FIELDS if name in data and name not in ("kind", "package")}
    if not isinstance(said, str):
        fields["kind"] = value_of(said)
    if CONSTANT.fullmatch(str(data.get("severity", ""))):  # our word, and nothing that the tool said
        fields.setdefault("said", value_of("''"))
    package = data.get("package", {})
    package = {"purl": package} if isinstance(package, str) else package
    _check(package, ("purl", "type", "namespace", "name", "version"))
    conditions = tuple(
        Condition(compile_path(path), frozenset(str(w).lower() for w in words), wanted, path if counted else "")
        for key, wanted, counted in CONDITIONS
        for path, words in data.get(key, {}).items()
    )
    vector = value_of(data["vector"]) if "vector" in data else None
    parts = {key: value_of(path) for key, path in package.items()}
    place = tuple(steps("" if where == "." else where))
    once = value_of(data["once"]) if "once" in data else None
    return Part(place, where, said if isinstance(said, str) else "", fields, parts, vector, conditions, once)


def value_of(data: str | list[Any] | Mapping[str, Any]) -> Get:
    """A value of a table: a path, a path and what is done to what it leads to, or several of these."""
    if isinstance(data, str):
        return compile_path(data)
    if isinstance(data, list):
        choices = [value_of(part) for part in data]
        return lambda batch: first(choices, batch)
    _check(data, ("from", "in", "by", "take", "match", "words", "default"))
    get = compile_path(data["from"])
    if "in" in data:
        by, take, everywhere = compile_path(data["by"]), compile_path(data["take"]), data["in"].startswith("//")
        get = _elsewhere(get, tuple(steps(data["in"].removeprefix("//"))), by, take, everywhere)
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


def _elsewhere(get: Get, each: tuple[Step, ...], by: Get, take: Get, everywhere: bool) -> Get:
    """What the entry of another part of the same document says whose `by` is the value; for a list, all of them."""

    def known(documents: Column) -> dict[str, Any]:
        others = expand(documents, each)
        return dict(zip(map(as_text, by(others)), take(others), strict=True))

    def taken(batch: Batch) -> Column:
        tables: dict[int, dict[str, Any]] = {}
        shared = known(batch.documents) if everywhere else None
        out: Column = []
        for document, value in zip(batch.levels[0], get(batch), strict=True):
            table = shared if shared is not None else tables.get(id(document))
            if table is None:
                table = tables[id(document)] = known([document])
            out.append(
                [found for x in value if (found := table.get(as_text(x))) is not None]
                if isinstance(value, list)
                else table.get(as_text(value))
            )
        return out

    return taken


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
            columns = _named(_columns(table, part, batch, reading.alerts), part, reading)
            if columns["tool"]:
                yield columns


def covered(table: Table, documents: Column, reading: Reading) -> None:
    """What the report says it looked at."""
    batch = expand(documents, ())
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
        keep = [row for row, word in enumerate(said) if condition.holds(word)]
        if len(keep) == len(batch):
            continue
        if condition.why:
            kept = set(keep)
            first = next(row for row in range(len(said)) if row not in kept)
            why = f"{condition.why.strip('^/')} is {said[first][:80] or 'not there'!r}: nothing to act on"
            reading.skip(f"{part.where} {first + 1}", why, len(batch) - len(keep))
        batch = batch.only(keep)
    return batch if part.once is None else _once(part, part.once, batch, reading)


def _once(part: Part, get: Get, batch: Batch, reading: Reading) -> Batch:
    """The first of the entries that say the same of what tells them; all that say nothing."""
    said = values.texts(get(batch))
    first = {word: row for row, word in reversed(list(enumerate(said)))}
    keep = [row for row, word in enumerate(said) if not word or first[word] == row]
    if len(keep) == len(said):
        return batch
    reading.skip(part.where, "stands in the report several times", len(said) - len(keep))
    return batch.only(keep)


def _columns(table: Table, part: Part, batch: Batch, before: int) -> Columns:
    """The values of the alerts, of which there were so many before in the report."""
    size = len(batch)
    out: Columns = {"tool": [table.name] * size, "kind": [part.kind] * size}
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
    if part.kind == "other" and "kind" not in part.fields:
        out["kind"] = _kinds(out, size)
    if "url" in out and "host" not in out and HAVE_HOSTS & set(out["kind"]):
        hosts = values.memo(values.host_of)(list(out["url"]))
        out["host"] = [host if kind in HAVE_HOSTS else "" for host, kind in zip(hosts, out["kind"], strict=True)]
    if "record" not in out:
        out["record"] = range(before + 1, before + size + 1)
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
    if "title" in out:
        out["title"] = [t if len(t) <= MOST_TITLE else values.shortened(t, MOST_TITLE) for t in out["title"]]
    return out
