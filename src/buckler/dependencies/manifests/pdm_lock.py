"""`pdm.lock`.

The file has a package once more for each set of extras, and does not say what the project itself asks for.

Example::

    [[package]]
    name = "jinja2"
    version = "2.10"
    groups = ["default"]
    dependencies = ["MarkupSafe>=0.23"]
"""

from __future__ import annotations

from buckler.dependencies.documents import toml
from buckler.dependencies.documents.shape import Table, array, string, strings, table
from buckler.dependencies.manifests.draft import Draft, Facts
from buckler.dependencies.manifests.linked import Needs
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.model import Manifest, Origin, Package, Scope
from buckler.dependencies.pep508 import asked, group_scope

ECOSYSTEM = "PyPI"
NAMES = ("pdm.lock", "pdm.*.lock")
ORIGINS = {"git": Origin.REPOSITORY, "url": Origin.URL, "path": Origin.PATH}


def read(file: ManifestFile) -> Manifest:
    """Every release the file names."""
    draft = Draft(file, "pdm_lock", ECOSYSTEM)
    document = toml.parse(draft.text)
    metadata = table(document.get("metadata"))
    files = table(metadata.get("files"))
    needs = Needs()
    for row in map(table, array(document.get("package"))):
        older = files.get(f"{string(row.get('name'))} {string(row.get('version'))}")
        if _package(draft, row, array(row.get("files")) or array(older)):
            found = map(asked, strings(row.get("dependencies")))
            needs.of(draft, [requirement.name for requirement in found if requirement is not None])
    needs.join(draft)
    return draft.manifest()


def _package(draft: Draft, row: Table, files: list[object]) -> Package | None:
    facts: Facts = {
        "scope": _scope(strings(row.get("groups"))), "marker": string(row.get("marker")), "locked": True,
        "extras": strings(row.get("extras")),
        "hashes": tuple(digest for file in files if (digest := string(table(file).get("hash")))),
    }  # fmt: skip
    kind = next((key for key in ORIGINS if key in row), "")
    if kind:
        facts |= {"origin": ORIGINS[kind], "address": string(row.get(kind))}
    return draft.add(string(row.get("name")), string(row.get("version")), line=row.line("name"), **facts)


def _scope(groups: tuple[str, ...]) -> Scope:
    """By the groups that need it; older versions wrote none."""
    if not groups or "default" in groups:
        return Scope.RUNTIME
    return min((group_scope(group, Scope.OPTIONAL) for group in groups), key=list(Scope).index)
