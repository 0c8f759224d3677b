"""`setup.cfg` of setuptools.

Example::

    [options]
    install_requires =
        flask>=2
    [options.extras_require]
    test = pytest; coverage
"""

from __future__ import annotations

from buckler.dependencies.documents.ini import settings, value
from buckler.dependencies.manifests.draft import Draft
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.manifests.standard import add
from buckler.dependencies.model import Manifest, Scope
from buckler.dependencies.pep508 import asked, group_scope

ECOSYSTEM = "PyPI"
NAMES = ("setup.cfg",)
GROUPS = {"install_requires": Scope.RUNTIME, "tests_require": Scope.DEVELOPMENT, "setup_requires": Scope.BUILD}
EXTRAS = "options.extras_require"
DIRECTIVE = "file:"
"""A value that another file holds; that file is read as what it is."""


def read(file: ManifestFile) -> Manifest:
    """Every requirement the file lists."""
    draft = Draft(file, "setup_cfg", ECOSYSTEM)
    found = settings(draft.text)
    for (section, key), rows in found.items():
        scope = GROUPS.get(key) if section == "options" else None
        if section == EXTRAS:
            scope = group_scope(key, Scope.OPTIONAL)
        if scope is not None:
            for row, line in rows:
                for part in row.split(";") if _is_list(row) else [row]:
                    if part.strip() and not part.startswith(DIRECTIVE):
                        add(draft, part.strip(), line, scope)
    draft.project = draft.package(value(found, "metadata", "name"), value(found, "metadata", "version"))
    if draft.project is None:  # `attr:` and `file:` are no version
        draft.project = draft.package(value(found, "metadata", "name"))
    return draft.manifest()


def _is_list(row: str) -> bool:
    """Whether a semicolon divides requirements; in one requirement a condition follows it."""
    return ";" in row and asked(row) is None
