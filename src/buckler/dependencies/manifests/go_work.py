"""`go.work`: the modules that are built together; each has a `go.mod` of its own.

Example::

    go 1.22.1
    use (
        ./api
        ./tools
    )
"""

from __future__ import annotations

from buckler.dependencies.golang import directives
from buckler.dependencies.manifests.draft import Draft, quoted
from buckler.dependencies.manifests.go_mod import standard_library
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.model import Manifest

ECOSYSTEM = "Go"
NAMES = ("go.work",)


def read(file: ManifestFile) -> Manifest:
    """The standard library of the workspace, and the folders of its modules."""
    draft = Draft(file, "go_work", ECOSYSTEM)
    rows = list(directives(draft.text))
    standard_library(draft, rows)
    members = []
    for row in rows:
        if row.verb == "use" and row.words:
            folder = file.resolve(row.words[0])
            if folder is None:
                draft.note(f"{quoted(row.words[0])} leads out of the project; not read", row.line)
            else:
                members.append(folder)
    draft.members = tuple(members)
    return draft.manifest()
