"""One requirement in Python's standard notation, wherever a file has it.

Example::

    add(draft, "flask>=2; extra == 'web'", line=3, scope=Scope.RUNTIME)     # an optional requirement
"""

from __future__ import annotations

from buckler.dependencies.documents.text import Text
from buckler.dependencies.manifests.draft import Draft, Facts, quoted
from buckler.dependencies.model import Package, Scope
from buckler.dependencies.pep508 import Asked, asked


def add(draft: Draft, text: str, line: int, scope: Scope, place: Text | None = None) -> Package | None:
    """The requirement; what is none becomes a notice. `place` is the file it stands in, if that is another."""
    found = asked(text)
    if found is None:
        draft.note(f"{quoted(text)} is not a requirement; left out", line, place)
        return None
    return draft.add(found.name, found.version, line=line, text=place, **facts_of(found, scope))


def facts_of(found: Asked, scope: Scope) -> Facts:
    """What a requirement says besides its name and version."""
    return {
        "wanted": found.wanted, "scope": Scope.OPTIONAL if found.optional and scope is Scope.RUNTIME else scope,
        "origin": found.origin, "address": found.address, "marker": found.marker, "extras": found.extras,
    }  # fmt: skip
