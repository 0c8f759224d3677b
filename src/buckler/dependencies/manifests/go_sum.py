"""`go.sum`: hashes of modules; it also has those that were only looked at, so it counts where no `go.mod` is beside it.

Example::

    golang.org/x/text v0.3.0 h1:g61tztE5qeGQ89tm6NTjjM9VPIm088od1l6aSorWRWg=
    golang.org/x/text v0.3.0/go.mod h1:…
"""

from __future__ import annotations

from dataclasses import dataclass

from buckler.dependencies.documents.text import Text
from buckler.dependencies.manifests.draft import Draft
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.model import Manifest

ECOSYSTEM = "Go"
NAMES = ("go.sum",)


@dataclass(slots=True, frozen=True)
class Sum:
    """The hash of the code of one module."""

    digest: str
    line: int
    text: Text


Sums = dict[tuple[str, str], Sum]
"""By module and version."""


def sums_of(text: Text) -> Sums:
    """The modules of which the code was needed, and not only the `go.mod`."""
    found: Sums = {}
    for number, row in enumerate(text.lines, 1):
        words = row.split()
        if len(words) == 3 and not words[1].endswith("/go.mod"):
            found[words[0], words[1]] = Sum(words[2], number, text)
    return found


def read(file: ManifestFile) -> Manifest:
    """Every module, where nothing else says which are built."""
    draft = Draft(file, "go_sum", ECOSYSTEM)
    if file.beside("go.mod") is None:
        for (name, version), known in sums_of(draft.text).items():
            draft.add(name, version, line=known.line, locked=True, direct=False, hashes=(known.digest,))
    return draft.manifest()
