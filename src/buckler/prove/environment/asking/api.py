"""What of a package's interface two releases differ in, as far as somebody uses it: an order as JSON comes in.

{"old": FOLDER, "new": FOLDER, "modules": ["jinja2"], "names": ["jinja2.Template"], "attributes": ["render"]}
"""

import contextlib
import json
import logging
import sys
from collections.abc import Collection, Iterator

from griffe import AliasResolutionError, Breakage, BreakageKind, GriffeLoader, Module, Object, find_breaking_changes

BREAKING = {
    BreakageKind.OBJECT_REMOVED,
    BreakageKind.PARAMETER_REMOVED,
    BreakageKind.PARAMETER_ADDED_REQUIRED,
    BreakageKind.PARAMETER_CHANGED_REQUIRED,
    BreakageKind.PARAMETER_CHANGED_KIND,
    BreakageKind.PARAMETER_MOVED,
}
Row = tuple[str, str, str]
"""Name, kind of difference, parameter."""


def loaded(folder: str, module: str) -> Module:
    loader = GriffeLoader(search_paths=[folder], allow_inspection=False)
    found = loader.load(module)
    with contextlib.suppress(Exception):
        loader.resolve_aliases(implicit=True, external=False)
    assert isinstance(found, Module)
    return found


def has(package: Module, name: str) -> bool:
    """Whether a dotted name is there; one that leads into another package counts as there."""
    try:
        place: Object = package
        for part in name.split(".")[1:]:
            place = place[part]
    except AliasResolutionError:
        return True
    except KeyError:
        return False
    return True


def concerns(path: str, names: Collection[str], attributes: Collection[str]) -> bool:
    """A used name itself, or a member of one that somebody reads by this name."""
    return path in names or (path.rpartition(".")[2] in attributes and any(path.startswith(f"{n}.") for n in names))


def changed(old: Module, new: Module, names: Collection[str], attributes: Collection[str]) -> Iterator[Row]:
    for breakage in find_breaking_changes(old, new):
        if breakage.kind not in BREAKING:
            continue
        with contextlib.suppress(Exception):
            yield from rows_of(breakage, names, attributes)


def rows_of(breakage: Breakage, names: Collection[str], attributes: Collection[str]) -> Iterator[Row]:
    for path in {breakage.obj.path, breakage.obj.canonical_path}:
        if concerns(path, names, attributes):
            yield path, breakage.kind.name.lower(), parameter(breakage)


def parameter(breakage: Breakage) -> str:
    if breakage.kind is BreakageKind.OBJECT_REMOVED:
        return ""
    named = (getattr(value, "name", "") for value in (breakage.old_value, breakage.new_value))
    return next((str(name) for name in named if name), "")


def main() -> None:
    logging.disable(logging.CRITICAL)
    order = json.load(sys.stdin)
    names, attributes = frozenset(order["names"]), frozenset(order["attributes"])
    rows: set[Row] = set()
    for module in order["modules"]:
        try:
            old, new = loaded(order["old"], module), loaded(order["new"], module)
        except Exception as error:
            rows.add((module, "unread", type(error).__name__))
            continue
        own = [name for name in names if name.partition(".")[0] == module]
        rows |= {(name, "object_removed", "") for name in own if has(old, name) and not has(new, name)}
        rows |= set(changed(old, new, names, attributes))
    found = [{"name": name, "kind": kind, "detail": detail} for name, kind, detail in sorted(rows)]
    sys.stdout.write(f"api {json.dumps(found)}\n")


main()
