"""`uv.lock`: one resolution for every platform, with the parts of the workspace among its packages.

Example::

    [[package]]
    name = "shop"
    source = { editable = "." }
    dependencies = [{ name = "jinja2" }]
    [package.dev-dependencies]
    test = [{ name = "pytest" }]

    [[package]]
    name = "jinja2"
    version = "2.10"
    source = { registry = "https://example.org/simple" }
"""

from __future__ import annotations

from buckler.dependencies.documents import toml
from buckler.dependencies.documents.shape import Table, array, entries, string, strings, table
from buckler.dependencies.manifests.draft import Draft, Facts
from buckler.dependencies.manifests.linked import Needs
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.model import Manifest, Origin, Package, Scope
from buckler.dependencies.pep508 import group_scope

ECOSYSTEM = "PyPI"
NAMES = ("uv.lock",)
FOLDERS = ("editable", "virtual", "directory")
"""How a source is written that is a folder, as those of the project's own parts are."""
ORIGINS = {"git": Origin.REPOSITORY, "url": Origin.URL, "path": Origin.PATH} | dict.fromkeys(FOLDERS, Origin.PATH)


def read(file: ManifestFile) -> Manifest:
    """Every release the file names but the project's own parts."""
    draft = Draft(file, "uv_lock", ECOSYSTEM)
    document = toml.parse(draft.text)
    members = {*strings(table(document.get("manifest")).get("members"))}
    rows = [table(row) for row in array(document.get("package"))]
    own = [row for row in rows if _is_own(row, members)]
    asked = _asked(own)
    needs = Needs()
    for row in rows:
        if not _is_own(row, members) and _package(draft, row, asked):
            groups = [row.get("dependencies"), *table(row.get("optional-dependencies")).values()]
            needs.of(draft, [_named(item) for group in groups for item in array(group)])
    needs.join(draft, guess=False)
    for row in own:
        draft.part(string(row.get("name")), string(row.get("version")))
    draft.project = next(iter(draft.parts), None)
    draft.members = tuple(folder for row in own if (folder := file.resolve(_folder(row))) is not None)
    return draft.manifest()


def _is_own(row: Table, members: set[str]) -> bool:
    """Part of the project: a member of the workspace, or what lies beside the lockfile."""
    return string(row.get("name")) in members if members else _folder(row) == "."


def _folder(row: Table) -> str:
    source = table(row.get("source"))
    return next((string(source.get(key)) for key in FOLDERS if key in source), "")


def _named(item: object) -> tuple[str, str]:
    row = table(item)
    return string(row.get("name")), string(row.get("version"))


def _asked(own: list[Table]) -> dict[str, Scope]:
    """What the project's own parts ask for by name, and what for."""
    asked: dict[str, Scope] = {}
    order = list(Scope)
    for row in own:
        groups = [(row.get("dependencies"), Scope.RUNTIME)]
        groups += [
            (group, group_scope(name, Scope.OPTIONAL)) for name, group, _ in entries(row.get("optional-dependencies"))
        ]
        groups += [(group, Scope.DEVELOPMENT) for _, group, _ in entries(row.get("dev-dependencies"))]
        for group, scope in groups:
            for name, _ in map(_named, array(group)):
                asked[name] = min(scope, asked.get(name, scope), key=order.index)
    return asked


def _package(draft: Draft, row: Table, asked: dict[str, Scope]) -> Package | None:
    name = string(row.get("name"))
    source = table(row.get("source"))
    kind = next((key for key in ORIGINS if key in source), "")
    files = [table(file) for file in (row.get("sdist"), *array(row.get("wheels")))]
    facts: Facts = {
        "direct": name in asked, "scope": asked.get(name, Scope.RUNTIME), "locked": True,
        "hashes": tuple(digest for file in files if (digest := string(file.get("hash")))),
    }  # fmt: skip
    if kind:
        facts |= {"origin": ORIGINS[kind], "address": string(source.get(kind))}
    draft.index(string(source.get("registry")))
    return draft.add(name, string(row.get("version")), line=row.line("name"), **facts)
