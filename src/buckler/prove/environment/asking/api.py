"""What of a package's interface two releases differ in, as far as somebody uses it: an order as JSON comes in.

{"old": FOLDER, "new": FOLDER, "modules": ["jinja2"], "names": ["jinja2.Template"], "attributes": ["render"],
 "calls": {".render": [0, ["name"]]}}
"""

import contextlib
import json
import logging
import sys
from collections.abc import Collection, Iterator

from griffe import Breakage, BreakageKind, GriffeLoader, Module, Object, find_breaking_changes

LOST = {BreakageKind.PARAMETER_REMOVED, BreakageKind.PARAMETER_CHANGED_KIND, BreakageKind.PARAMETER_MOVED}
"""What matters to whoever gives the parameter."""
NEEDED = {BreakageKind.PARAMETER_ADDED_REQUIRED, BreakageKind.PARAMETER_CHANGED_REQUIRED}
"""What matters to whoever does not."""
Row = tuple[str, str, str]
"""Name, kind of difference, parameter."""
Calls = dict[str, tuple[int, list[str]]]
"""By dotted name, or `.name` of a method of something unknown: most positional arguments, and keywords."""


def loaded(folder: str, module: str) -> Module:
    loader = GriffeLoader(search_paths=[folder], allow_inspection=False)
    package = loader.load(module)
    with contextlib.suppress(Exception):
        loader.resolve_aliases(implicit=True, external=False)
    assert isinstance(package, Module)
    return package


def found(package: Module, name: str) -> Object | None:
    """What a dotted name is; raises `AliasResolutionError` for one that leads into another package."""
    try:
        place: Object = package
        for part in name.split(".")[1:]:
            place = place[part]
    except KeyError:
        return None
    return place


class Asked:
    """What somebody uses."""

    def __init__(self, names: Collection[str], attributes: Collection[str], calls: Calls) -> None:
        self.names, self.attributes, self.calls = frozenset(names), frozenset(attributes), calls

    def by(self, thing: Object, path: str) -> str | None:
        """The used name that a changed thing is part of: its own, or that of the class it is a member of."""
        above, _, last = path.rpartition(".")
        if path in self.names or (last == "__init__" and above in self.names):
            return path
        parent = thing.parent
        member = parent is not None and parent.is_class and last in self.attributes
        return path if member and any(path.startswith(f"{name}.") for name in self.names) else None

    def call(self, path: str) -> tuple[int, list[str]]:
        above, _, last = path.rpartition(".")
        none: tuple[int, list[str]] = (0, [])
        return self.calls.get(path) or self.calls.get(above if last == "__init__" else f".{last}") or none


def on_demand(package: Module, name: str) -> bool:
    """Whether the module that should have a name makes it when it is asked for, and has it as a text to do so."""
    above, _, last = name.rpartition(".")
    home = found(package, above)
    if home is None or not home.is_module or "__getattr__" not in home.members:
        return False
    text = "\n".join(home.source.splitlines())
    return f'"{last}"' in text or f"'{last}'" in text


def changed(old: Module, new: Module, name: str, asked: Asked) -> Iterator[Row]:
    """How one used name differs, with its members where it is a class."""
    before, after = found(old, name), found(new, name)
    if before is not None and after is None and not on_demand(new, name):
        yield name, "object_removed", ""
    elif before is not None and after is not None and not before.is_module:
        for breakage in find_breaking_changes(before, after):
            yield from rows_of(breakage, asked)


def rows_of(breakage: Breakage, asked: Asked) -> Iterator[Row]:
    for path in {breakage.obj.path, breakage.obj.canonical_path}:
        name = asked.by(breakage.obj, path)
        if name is not None and matters(breakage, asked, path):
            yield name, breakage.kind.name.lower(), parameter(breakage)


def matters(breakage: Breakage, asked: Asked, path: str) -> bool:
    """Whether a change of a parameter touches any of the calls."""
    if breakage.kind is BreakageKind.OBJECT_REMOVED:
        return True
    positional, keywords = asked.call(path)
    named = parameter(breakage)
    if breakage.kind in NEEDED:
        return bool(positional or keywords) and named not in keywords
    return breakage.kind in LOST and (named in keywords or position(breakage, named) < positional)


def position(breakage: Breakage, named: str) -> int:
    """Where a parameter stands, the instance left out; far away where that is unknown."""
    parameters = [item.name for item in getattr(breakage.obj, "parameters", ()) if item.name not in ("self", "cls")]
    return parameters.index(named) if named in parameters else 1000


def parameter(breakage: Breakage) -> str:
    if breakage.kind is BreakageKind.OBJECT_REMOVED:
        return ""
    named = (getattr(value, "name", "") for value in (breakage.old_value, breakage.new_value))
    return next((str(name) for name in named if name), "")


def main() -> None:
    logging.disable(logging.CRITICAL)
    order = json.load(sys.stdin)
    asked = Asked(order["names"], order["attributes"], order["calls"])
    rows: set[Row] = set()
    for module in order["modules"]:
        try:
            old, new = loaded(order["old"], module), loaded(order["new"], module)
        except Exception as error:
            rows.add((module, "unread", type(error).__name__))
            continue
        for name in sorted(name for name in asked.names if name.partition(".")[0] == module):
            with contextlib.suppress(Exception):  # a name of another package, or one that nobody can follow
                rows |= set(changed(old, new, name, asked))
    told = [{"name": name, "kind": kind, "detail": detail} for name, kind, detail in sorted(rows)]
    sys.stdout.write(f"api {json.dumps(told)}\n")


main()
