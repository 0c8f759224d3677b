"""`Pipfile`: what a project managed by Pipenv asks for.

Example::

    [packages]
    flask = "==2.0"
    tool = { git = "https://example.org/tool.git", ref = "main" }
    [dev-packages]
    pytest = "*"
"""

from __future__ import annotations

from buckler.dependencies.documents import toml
from buckler.dependencies.documents.shape import array, entries, string, table
from buckler.dependencies.manifests.draft import Draft
from buckler.dependencies.manifests.pyproject import poetry_row
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.model import Manifest, Scope
from buckler.dependencies.pep508 import group_scope

ECOSYSTEM = "PyPI"
NAMES = ("Pipfile",)
SETTINGS = frozenset({"source", "requires", "pipenv", "scripts"})
"""Tables that are no group of packages."""


def read(file: ManifestFile) -> Manifest:
    """Every package of every group."""
    draft = Draft(file, "pipfile", ECOSYSTEM)
    document = toml.parse(draft.text)
    for group, rows, _ in entries(document):
        if group not in SETTINGS:
            scope = group_scope(group, Scope.RUNTIME if group == "packages" else Scope.OPTIONAL)
            for name, value, line in entries(rows):
                poetry_row(draft, name, value, line, scope)
    for source in array(document.get("source")):
        draft.index(string(table(source).get("url")))
    return draft.manifest()
