"""Environment files of conda.

Example::

    dependencies:
      - numpy=1.20.3=py38h
      - conda-forge::scipy>=1.6
      - pip:
          - flask==2.0
"""

from __future__ import annotations

import re

from buckler.dependencies.documents import yaml
from buckler.dependencies.documents.shape import Table, rows, string, strings
from buckler.dependencies.manifests.draft import Draft, quoted
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.manifests.requirements import named
from buckler.dependencies.manifests.standard import facts_of
from buckler.dependencies.model import Manifest, Scope

ECOSYSTEM = "conda"
NAMES = ("environment.y*ml", "environment[-_.]*.y*ml", "*[-_.]environment.y*ml")
SPEC = re.compile(r"(?:[^\s:]+::)?(?P<name>[A-Za-z0-9_.-]+)\s*(?P<range>[^\s\[;#]*(?:\s*[,|]\s*[^\s\[;#]+)*)")
PINNED = re.compile(r"==(?P<exact>[^=*,|]+)$|=(?P<build>[^=*,|]+)=[^=]+$|=(?P<full>\d+(?:\.\w+){2,})$")


def read(file: ManifestFile) -> Manifest:
    """Every package of the environment, those of pip included."""
    draft = Draft(file, "conda", ECOSYSTEM)
    document = yaml.parse(draft.text)
    for value, line in rows(document.get("dependencies")):
        if isinstance(value, Table):
            for row, at in rows(value.get("pip")):
                _pip(draft, string(row), at)
        else:
            _conda(draft, string(value), line)
    for channel in strings(document.get("channels")):
        if "://" in channel:
            draft.index(channel)
    return draft.manifest()


def _conda(draft: Draft, spec: str, line: int) -> None:
    found = SPEC.match(spec.strip())
    if found is None:
        draft.note(f"{quoted(spec)} is not a package of conda; left out", line)
        return
    pinned = PINNED.fullmatch(found["range"])
    version = next((text for text in pinned.groups() if text), "") if pinned is not None else ""
    draft.add(found["name"], version, line=line, wanted=found["range"])


def _pip(draft: Draft, row: str, line: int) -> None:
    """A line as in a requirements file; its options are left out."""
    if row.startswith("-") and not row.startswith("-e"):
        return
    found = named(row)
    if found is None:
        draft.note(f"{quoted(row)} is not a requirement; left out", line)
        return
    draft.add(found.name, found.version, line=line, of="PyPI", **facts_of(found, Scope.RUNTIME))
