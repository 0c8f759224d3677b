"""`package.json`: what a JavaScript project asks for.

Example::

    {"dependencies": {"express": "^4.18"}, "devDependencies": {"jest": "29.0.0"}, "workspaces": ["packages/*"]}
"""

from __future__ import annotations

from buckler.dependencies.documents import json
from buckler.dependencies.documents.shape import entries, string
from buckler.dependencies.manifests.draft import Draft, Facts, quoted
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.model import Manifest, Origin, Scope
from buckler.dependencies.npm import alias, exact, origin_of

ECOSYSTEM = "npm"
NAMES = ("package.json",)
GROUPS = (
    ("dependencies", Scope.RUNTIME),
    ("peerDependencies", Scope.RUNTIME),
    ("optionalDependencies", Scope.OPTIONAL),
    ("devDependencies", Scope.DEVELOPMENT),
)


def read(file: ManifestFile) -> Manifest:
    """Every dependency the file names."""
    draft = Draft(file, "package_json", ECOSYSTEM)
    document = json.parse(draft.text)
    for key, scope in GROUPS:
        for name, value, line in entries(document.get(key)):
            if isinstance(value, str):
                _add(draft, name, value, line, scope)
            else:
                draft.note(f"the version of {quoted(name)} is not a string; left out", line)
    draft.project = draft.package(string(document.get("name")), string(document.get("version")))
    return draft.manifest()


def _add(draft: Draft, name: str, wanted: str, line: int, scope: Scope) -> None:
    real, range_ = alias(wanted)
    facts: Facts = {"scope": scope, "wanted": range_ if real else wanted}
    origin = origin_of(wanted)
    if origin is not Origin.REGISTRY:
        facts |= {"wanted": "", "origin": origin, "address": wanted}
    draft.add(real or name, exact(facts["wanted"]), line=line, **facts)
