"""Settings of a project: `buckler.toml`, or `[tool.buckler]` in `pyproject.toml`.

An unknown key is an error naming the file and the nearest known key. A file found in the reviewed tree
was written by whoever wrote that tree: `workbench.trust` says what it may do and what is reported.
A file named with `--config` is trusted.

Example::

    fail-on = "high"
    exclude = ["migrations/"]

    [rules]
    disable = ["weak-hash"]
    severity = { open-redirect = "low" }

    [data]
    ecosystems = ["PyPI", "npm"]
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path

from buckler.base.errors import ConfigError, InputError
from buckler.base.files import read_regular, read_text

SEVERITIES = ("note", "low", "medium", "high", "critical")
MAX_FILE_SIZE = 2_000_000
MAX_JOBS = 256
MAX_CONFIG = 1_000_000
"""Bytes of a file of settings."""


@dataclass(slots=True, frozen=True)
class Config:
    """What a project asked for; `origin` is the file it stands in, None if there is none."""

    exclude: tuple[str, ...] = ()
    include_tests: bool = False
    fail_on: str = "medium"
    disable: tuple[str, ...] = ()
    severity: Mapping[str, str] = field(default_factory=dict)
    library_dirs: tuple[Path, ...] = ()
    rules_dirs: tuple[Path, ...] = ()
    jobs: int = 0
    """0: as many as there are cores."""
    max_file_size: int = MAX_FILE_SIZE
    baseline: Path | None = None
    data_from: str = ""
    """Base of the addresses from which advisories are downloaded; only that of a trusted file is ever contacted."""
    data_ecosystems: tuple[str, ...] = ()
    origin: Path | None = None
    trusted: bool = True
    """False when the file was found in the reviewed tree."""
    unread: str = ""
    """Why the file at `origin` was not read, if it was not."""


@dataclass(slots=True, frozen=True)
class Place:
    """Where a value stands, for messages and for relative folders."""

    file: Path
    key: str
    trusted: bool


Reader = Callable[[object, Place], object]


def _wrong(place: Place, wanted: str) -> ConfigError:
    return ConfigError(f"'{place.key}' must be {wanted}", where=str(place.file))


def _flag(value: object, place: Place) -> bool:
    if not isinstance(value, bool):
        raise _wrong(place, "true or false")
    return value


def _number(low: int, high: int) -> Reader:
    def read(value: object, place: Place) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise _wrong(place, f"a whole number from {low} to {high}")
        return value

    return read


def _size(value: object, place: Place) -> int:
    """An untrusted tree may lower the limit and not raise it."""
    size = _number(1, 1_000_000_000)(value, place)
    assert isinstance(size, int)
    return size if place.trusted else min(size, MAX_FILE_SIZE)


def _severity(value: object, place: Place) -> str:
    if not isinstance(value, str) or value not in SEVERITIES:
        raise _wrong(place, "one of " + ", ".join(SEVERITIES))
    return value


def _text(value: object, place: Place) -> str:
    if not isinstance(value, str):
        raise _wrong(place, "a string")
    return value


def _texts(value: object, place: Place) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _wrong(place, "a list of strings")
    return tuple(value)


def _path(value: object, place: Place) -> Path:
    if not isinstance(value, str) or not value or "\0" in value:
        raise _wrong(place, "a path")
    root = Path(os.path.realpath(place.file.parent))
    path = Path(os.path.realpath(root / value))  # a loop of links ends here, and is then no file
    if not place.trusted and not path.is_relative_to(root):
        raise ConfigError(
            f"'{place.key}' points outside the reviewed tree",
            where=str(place.file),
            remedy="name the configuration with --config if you trust it",
        )
    return path


def _paths(value: object, place: Place) -> tuple[Path, ...]:
    return tuple(_path(item, place) for item in _texts(value, place))


def _severities(value: object, place: Place) -> dict[str, str]:
    if not isinstance(value, dict):
        raise _wrong(place, "a table of rule = severity")
    return {
        rule: _severity(item, Place(place.file, f"{place.key}.{rule}", place.trusted)) for rule, item in value.items()
    }


KEYS: Mapping[str, tuple[str, Reader]] = {
    "exclude": ("exclude", _texts),
    "include-tests": ("include_tests", _flag),
    "fail-on": ("fail_on", _severity),
    "rules.disable": ("disable", _texts),
    "rules.severity": ("severity", _severities),
    "library-dirs": ("library_dirs", _paths),
    "rules-dirs": ("rules_dirs", _paths),
    "jobs": ("jobs", _number(0, MAX_JOBS)),
    "max-file-size": ("max_file_size", _size),
    "baseline": ("baseline", _path),
    "data.from": ("data_from", _text),
    "data.ecosystems": ("data_ecosystems", _texts),
}
TABLES = ("rules", "data")
"""Keys that hold keys."""

FORMER = {"knowledge-dirs": "library-dirs"}
"""Former spellings of keys, understood for one release."""


def _flatten(table: Mapping[str, object], file: Path) -> dict[str, object]:
    flat = {key: value for key, value in table.items() if key not in TABLES}
    for name in TABLES:
        inner = table.get(name, {})
        if not isinstance(inner, dict):
            raise ConfigError(f"'{name}' must be a table", where=str(file), remedy=f"write [{name}] and keys below it")
        flat |= {f"{name}.{key}": value for key, value in inner.items()}
    return flat


def read_config(table: Mapping[str, object], file: Path, *, trusted: bool) -> Config:
    """Check a table and turn it into a `Config`."""
    values: dict[str, object] = {}
    for written, value in _flatten(table, file).items():
        key = FORMER.get(written, written)
        if key not in KEYS:
            near = get_close_matches(key, KEYS, n=1) or get_close_matches(f"rules.{key}", KEYS, n=1)
            remedy = f"did you mean '{near[0]}'?" if near else "known keys: " + ", ".join(KEYS)
            raise ConfigError(f"unknown key '{key}'", where=str(file), remedy=remedy)
        name, reader = KEYS[key]
        values[name] = reader(value, Place(file, key, trusted))
    known = {f.name for f in fields(Config)}
    assert values.keys() <= known
    return Config(**values, origin=file, trusted=trusted)  # type: ignore[arg-type]


def _parse(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(read_text(file, MAX_CONFIG))
    except InputError as error:
        raise ConfigError(error.what, where=error.where, remedy=error.remedy) from error
    except ValueError as error:  # a number may have more digits than Python reads
        raise ConfigError(f"not valid TOML: {error}", where=str(file)) from error
    except RecursionError as error:
        raise ConfigError("is nested too deep", where=str(file)) from error


def load_config(file: Path, *, trusted: bool = True) -> Config | None:
    """Read one file; None if it is a `pyproject.toml` without `[tool.buckler]`."""
    table = _parse(file)
    if file.name == "pyproject.toml":
        tools = table.get("tool", {})
        section = tools.get("buckler") if isinstance(tools, dict) else None
        if section is None:
            return None
        if not isinstance(section, dict):
            raise ConfigError("'tool.buckler' must be a table", where=str(file))
        table = section
    return read_config(table, file, trusted=trusted)


def find_config(root: Path) -> Config:
    """The configuration in a reviewed folder, or the defaults."""
    own, shared = root / "buckler.toml", root / "pyproject.toml"
    if os.path.lexists(own):
        if unread := _unreadable(own):
            return Config(origin=own, trusted=False, unread=unread)
        return load_config(own, trusted=False) or Config()
    if not _unreadable(shared) and b"tool.buckler" in read_regular(shared, MAX_CONFIG):
        return load_config(shared, trusted=False) or Config()
    return Config()  # a broken file without our section is not our error


def _unreadable(file: Path) -> str:
    """Why a file that lies where settings are looked for is not read, empty if it can be."""
    if file.is_symlink():
        return "is a link"
    try:
        read_regular(file, MAX_CONFIG)
    except InputError as error:
        return error.what
    return ""


def hides(config: Config) -> list[str]:
    """What a configuration takes out of view, in words for a reader; empty if nothing."""
    said = []
    if config.exclude:
        said.append("excludes " + ", ".join(config.exclude))
    if config.disable:
        said.append("disables " + ", ".join(config.disable))
    if config.severity:
        said.append("regrades " + ", ".join(f"{rule} to {level}" for rule, level in config.severity.items()))
    if config.baseline:
        said.append(f"accepts the findings of {config.baseline.name}")
    if config.max_file_size < MAX_FILE_SIZE:
        said.append(f"skips files above {config.max_file_size} bytes")
    return said
