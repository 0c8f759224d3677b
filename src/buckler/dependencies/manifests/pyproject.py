"""`pyproject.toml`: the standard's own tables, and those of Poetry, PDM, uv, Hatch and Flit.

Example::

    [project]
    dependencies = ["flask>=2"]
    [dependency-groups]
    test = ["pytest", {include-group = "lint"}]
    [tool.poetry.dependencies]
    requests = {version = "^2.28", extras = ["socks"]}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from buckler.dependencies.documents import toml
from buckler.dependencies.documents.shape import Table, array, entries, rows, string, strings, table
from buckler.dependencies.manifests.draft import Draft, Facts, quoted
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.manifests.standard import facts_of
from buckler.dependencies.model import Manifest, Origin, Scope
from buckler.dependencies.pep508 import asked, group_scope, pinned_by, poetry_range

ECOSYSTEM = "PyPI"
NAMES = ("pyproject.toml",)
NOT_PACKAGES = frozenset({"python"})
"""What Poetry writes among the dependencies and is none."""


def read(file: ManifestFile) -> Manifest:
    """Everything the file asks for, whoever's table it stands in."""
    draft = Draft(file, "pyproject", ECOSYSTEM)
    document = toml.parse(draft.text)
    tool = table(document.get("tool"))
    sources = table(table(tool.get("uv")).get("sources"))
    for value, line, scope in _written(document, tool):
        _standard(draft, value, line, scope, sources)
    _poetry(draft, table(tool.get("poetry")))
    for address in _indexes(tool):
        draft.index(address)
    project = table(document.get("project")) or table(tool.get("poetry"))
    draft.project = draft.package(string(project.get("name")), string(project.get("version")))
    return draft.manifest()


def _written(document: Table, tool: Table) -> Iterator[tuple[Any, int, Scope]]:
    """Every requirement in the standard's notation, with its line and what it is for."""
    project = table(document.get("project"))
    flit = table(table(tool.get("flit")).get("metadata"))
    yield from _group(table(document.get("build-system")).get("requires"), Scope.BUILD)
    yield from _group(project.get("dependencies"), Scope.RUNTIME)
    yield from _group(flit.get("requires"), Scope.RUNTIME)
    yield from _group(table(tool.get("uv")).get("dev-dependencies"), Scope.DEVELOPMENT)
    for extras in (project.get("optional-dependencies"), flit.get("requires-extra")):
        for name, group, _ in entries(extras):
            yield from _group(group, group_scope(name, Scope.OPTIONAL))
    for groups in (document.get("dependency-groups"), table(tool.get("pdm")).get("dev-dependencies")):
        for _, group, _ in entries(groups):
            yield from _group(group, Scope.DEVELOPMENT)
    for _, environment, _ in entries(table(tool.get("hatch")).get("envs")):
        for key in ("dependencies", "extra-dependencies"):
            yield from _group(table(environment).get(key), Scope.DEVELOPMENT)


def _group(group: object, scope: Scope) -> Iterator[tuple[Any, int, Scope]]:
    return ((value, line, scope) for value, line in rows(group))


def _standard(draft: Draft, value: Any, line: int, scope: Scope, sources: Table) -> None:
    if isinstance(value, Table):
        return  # {include-group = …}: the group is read where it stands
    text = string(value)
    found = asked(text.removeprefix("-e ").strip())
    if found is None:
        draft.note(f"{quoted(str(value))} is not a requirement; left out", line)
        return
    facts = facts_of(found, scope)
    facts.update(place_of(_source(sources, found.name)))
    draft.add(found.name, found.version, line=line, **facts)


def _source(sources: Table, name: str) -> Table:
    """Where uv gets a package instead of from the registry."""
    found = sources.get(name)
    return table(found) or table(next(iter(array(found)), None))


def place_of(row: Table) -> Facts:
    """Where a package comes from if its row names another place than the registry."""
    if string(row.get("git")):
        return {"origin": Origin.REPOSITORY, "address": string(row.get("git"))}
    if string(row.get("url")):
        return {"origin": Origin.URL, "address": string(row.get("url"))}
    if string(row.get("path")) or row.get("workspace"):
        return {"origin": Origin.PATH, "address": string(row.get("path"))}
    return {}


def _poetry(draft: Draft, poetry: Table) -> None:
    extras = {name.lower() for group in table(poetry.get("extras")).values() for name in strings(group)}
    groups = [(poetry.get("dependencies"), Scope.RUNTIME), (poetry.get("dev-dependencies"), Scope.DEVELOPMENT)]
    groups += [
        (table(group).get("dependencies"), Scope.DEVELOPMENT if name != "main" else Scope.RUNTIME)
        for name, group, _ in entries(poetry.get("group"))
    ]
    for group, scope in groups:
        for name, value, line in entries(group):
            if name.lower() not in NOT_PACKAGES:
                optional = Scope.OPTIONAL if name.lower() in extras else scope
                for row in array(value) or [value]:
                    poetry_row(draft, name, row, line, optional)


def poetry_row(draft: Draft, name: str, value: Any, line: int, scope: Scope) -> None:
    """One dependency in Poetry's notation: a range, or a table with one."""
    row = table(value)
    wanted = poetry_range(string(value) or string(row.get("version")))
    facts: Facts = {
        "wanted": wanted, "scope": Scope.OPTIONAL if row.get("optional") is True else scope,
        "marker": string(row.get("markers")), "extras": strings(row.get("extras")),
    }  # fmt: skip
    facts.update(place_of(row))
    draft.add(name, pinned_by(wanted), line=line, **facts)


def _indexes(tool: Table) -> Iterator[str]:
    """Registries that some tool's table names."""
    uv = table(tool.get("uv"))
    for key in ("index-url", "extra-index-url", "find-links"):
        yield from [string(uv.get(key)), *strings(uv.get(key))]
    for sources in (uv.get("index"), table(tool.get("poetry")).get("source"), table(tool.get("pdm")).get("source")):
        for source in array(sources):
            yield string(table(source).get("url"))
