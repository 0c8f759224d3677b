"""Tables on disk → `LibraryModels`.

Every TOML file of a language is read, in order of its name, then those of the user's own folders;
callables, assignments and parameters add up, values, types and aliases of a later folder replace earlier
ones. What a row may say is in `rows` and `grammar`; here is the gathering, and the place of every mistake:

    python/flask.toml:41: unknown key 'sink'; known are name, when, returns, …
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable as Function
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from buckler.analysis.libraries.grammar import LibraryError
from buckler.analysis.libraries.model import (
    Assign,
    Callable,
    Example,
    LibraryModels,
    Parameter,
    Result,
    Type,
    Value,
)
from buckler.analysis.libraries.rows import KINDS, Complaint, Resolve, Row, current_rules, read_alias, read_row
from buckler.base.languages import LANGUAGES

HERE = Path(__file__).parent

_HEADER = re.compile(r"^\[\[\s*(\w+)\s*\]\]", re.MULTILINE)
_TOML_LINE = re.compile(r"\(at line (\d+)")

__all__ = ["LibraryError", "Resolve", "find_libraries", "load_libraries"]


def as_written(rule: str) -> str:
    """The rule an id stands for where nobody says which rules there are."""
    return rule


class Unread(LibraryModels):
    """Tables that are taken in when somebody looks into them: a tree that is known already needs but their digest."""

    __slots__ = ("read",)

    def __init__(self, language: str, digest: str, read: Function[[], LibraryModels]) -> None:
        self.language = language
        self.digest = digest
        self.read = read

    def __getattr__(self, name: str) -> Any:
        known = self.read()
        for field_ in fields(LibraryModels):
            setattr(self, field_.name, getattr(known, field_.name))
        return getattr(self, name)


def find_libraries(language: str, extra: Sequence[Path] = (), resolve: Resolve = as_written) -> LibraryModels:
    """Like `load_libraries`, but the tables are read later, and what is wrong with them is said then."""
    digest = hashlib.blake2b(digest_size=16)
    for files in _files(language, extra):
        for path in files:
            digest.update(_marked(path, _read_text(path)))
    return Unread(language, digest.hexdigest(), lambda: load_libraries(language, extra, resolve))


def load_libraries(language: str, extra: Sequence[Path] = (), resolve: Resolve = as_written) -> LibraryModels:
    """Everything known about the libraries of a language; `extra` are the user's own folders.

    `resolve` gives the present id of a rule that a row speaks of, or a `LibraryError` where there is no such rule.
    """
    gathered = _Gathered(LibraryModels(language), resolve)
    digest = hashlib.blake2b(digest_size=16)
    for files in _files(language, extra):
        gathered.described = {}
        for path in files:
            text = _read_text(path)
            digest.update(_marked(path, text))
            _add_file(gathered, path, text)
    gathered.libraries.digest = digest.hexdigest()
    return gathered.finish()


def _files(language: str, extra: Sequence[Path]) -> list[list[Path]]:
    return [_built_in(language), *(_of_user(folder, language) for folder in extra)]


def _marked(path: Path, text: str) -> bytes:
    return f"{path.name}\0{len(text)}\0{text}".encode()


# Files.


def _built_in(language: str) -> list[Path]:
    folder = HERE / language
    if language not in LANGUAGES:
        raise LibraryError(f"{language}: not a language of Buckler; known are {', '.join(LANGUAGES)}")
    return sorted(folder.glob("*.toml"))


def _of_user(folder: Path, language: str) -> list[Path]:
    """`DIR/python/*.toml` if the folder is divided by language, else `DIR/*.toml`."""
    if not folder.is_dir():
        raise LibraryError(f"{folder}: not a folder; --libraries takes a folder of TOML tables")
    divided = any((folder / name).is_dir() for name in LANGUAGES)
    found = sorted((folder / language if divided else folder).glob("*.toml"))
    patterns = ("*.toml", *(f"{name}/*.toml" for name in LANGUAGES))
    if not any(path for pattern in patterns for path in folder.glob(pattern)):
        deeper = next(iter(sorted(folder.rglob("*.toml"))), None)
        hint = f"give {deeper.parent}" if deeper is not None else "put *.toml into it, or into a folder for a language"
        raise LibraryError(f"{folder}: no library models in this folder; {hint}")
    return found


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LibraryError(f"{path}: cannot be read ({error}); it must be UTF-8 text") from None


def _add_file(gathered: _Gathered, path: Path, text: str) -> None:
    source = _Source(f"{path.parent.name}/{path.name}", text)
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = _TOML_LINE.search(str(error))
        raise source.error(int(at[1]) if at else 1, f"not valid TOML: {error}") from None
    if not isinstance(tables.pop("package", None), str):
        raise source.error(1, "'package' is missing; begin with package = \"its name\"")
    for kind, rows in tables.items():
        if kind not in KINDS or not isinstance(rows, list):
            known = ", ".join(f"[[{name}]]" for name in KINDS)
            raise source.error(source.line_of_key(0, kind), f"unknown table {kind!r}; known are {known}")
        sample: Example | None = None
        for number, raw in enumerate(rows):
            try:
                sample = _add_row(gathered, kind, raw, sample, source, number)
            except Complaint as complaint:
                line = source.line_of_key(source.headers(kind)[number], complaint.key, complaint.quoted)
                raise source.error(line, f"[[{kind}]] {complaint.what}") from None


@dataclass(slots=True)
class _Source:
    """A table's text, asked where things stand in it; `tomllib` does not say."""

    shown: str
    text: str
    starts: dict[str, list[int]] = field(default_factory=dict)

    def error(self, line: int, what: str) -> LibraryError:
        return LibraryError(f"{self.shown}:{line}: {what}")

    def headers(self, kind: str) -> list[int]:
        """Where the `[[kind]]` headers begin, in the order in which `tomllib` gives their tables."""
        if not self.starts:
            for header in _HEADER.finditer(self.text):
                self.starts.setdefault(header[1], []).append(header.start())
        return self.starts[kind]

    def line_of_row(self, kind: str, number: int) -> int:
        return self.text.count("\n", 0, self.headers(kind)[number]) + 1

    def line_of_key(self, start: int, key: str, quoted: str = "") -> int:
        """Line of `key = …` in the row that begins at `start`, of a text `quoted` in it, or of the row itself."""
        after = _HEADER.search(self.text, start + 1)
        end = after.start() if after and self.text.startswith("[[", start) else len(self.text)
        form = re.compile(rf'^[\[ \t]*"?{re.escape(key)}\b', re.MULTILINE)
        found = form.search(self.text, start, end)
        if found and quoted:
            found = re.compile(rf"""["']{re.escape(quoted)}["']""").search(self.text, found.start(), end) or found
        return self.text.count("\n", 0, found.start() if found else start) + 1


# Rows.


@dataclass(slots=True)
class _Gathered:
    """What has been read so far; `described` are the values and types of the present folder."""

    libraries: LibraryModels
    resolve: Resolve
    described: dict[tuple[str, str], str] = field(default_factory=dict)
    callables: defaultdict[str, list[Callable]] = field(default_factory=lambda: defaultdict(list))
    assigns: defaultdict[str, list[Assign]] = field(default_factory=lambda: defaultdict(list))
    parameters: defaultdict[str, list[Parameter]] = field(default_factory=lambda: defaultdict(list))

    def finish(self) -> LibraryModels:
        libraries = self.libraries
        libraries.callables = {name: tuple(rows) for name, rows in self.callables.items()}
        libraries.assigns = {name: tuple(rows) for name, rows in self.assigns.items()}
        libraries.parameters = {name: tuple(rows) for name, rows in self.parameters.items()}
        loose: defaultdict[str, list[Callable]] = defaultdict(list)
        for name, rows in self.callables.items():
            for row in rows:
                if row.loose:
                    loose[name.rpartition(".")[2]].append(row)
        libraries.loose = {last: tuple(rows) for last, rows in loose.items()}
        return libraries


def _add_row(
    gathered: _Gathered,
    kind: str,
    raw: dict[str, Any],
    above: Example | None,
    source: _Source,
    number: int,
) -> Example | None:
    """Add one row; returns its sample, for a row below that says `example = "above"`."""
    if kind == "alias":
        gathered.libraries.aliases.update(read_alias(raw))
        return None
    for row in read_row(kind, current_rules(raw, gathered.resolve)):
        _file_row(gathered, kind, row, source.shown)
    code = raw.get("example", "")
    if code == "above" and above is None:
        raise Complaint("example", "'above' needs an example in an earlier row of this kind; write one")
    if code in ("", "above"):
        return above
    origin = f"{source.shown}:{source.line_of_row(kind, number)}"
    sample = Example(origin, code, raw.get("example_file", ""), raw.get("example_template", ""))
    gathered.libraries.examples.append(sample)
    return sample


def _file_row(gathered: _Gathered, kind: str, row: Row, file: str) -> None:
    match row:
        case Callable():
            gathered.callables[row.name].append(row)
        case Assign():
            gathered.assigns[row.name].append(row)
        case Result():
            gathered.libraries.results.append(row)
        case Parameter():
            gathered.parameters[row.name].append(row)
        case Value():
            _describe_once(gathered, kind, row.name, file)
            gathered.libraries.values[row.name] = row
        case Type():
            _describe_once(gathered, kind, row.name, file)
            gathered.libraries.types[row.name] = row


def _describe_once(gathered: _Gathered, kind: str, name: str, file: str) -> None:
    """Values and types are described once in a folder; a user's folder may replace them."""
    if first := gathered.described.get((kind, name)):
        raise Complaint("name", f"{name!r} is already described in {first}; keep one of the two")
    gathered.described[kind, name] = file
