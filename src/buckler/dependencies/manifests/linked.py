"""Joins the entries of a lockfile that names what each needs by name alone.

Example::

    link(draft, {0: ["markupsafe"]})    # the first requirement brings in the locked MarkupSafe
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from buckler.dependencies.ecosystems import ecosystem
from buckler.dependencies.manifests.draft import Draft
from buckler.dependencies.model import Package, Requirement


def link(draft: Draft, needs: Mapping[int, Sequence[str]], *, roots: bool = True) -> list[Requirement]:
    """The requirements with what each brings in; `needs` has names by the number of the requirement.

    With `roots`, what some other entry needs counts as not asked for by the project itself.
    """
    canonical = ecosystem(draft.ecosystem).canonical
    by_name: dict[str, list[Package]] = {}
    for requirement in draft.requirements:
        by_name.setdefault(requirement.package.name, []).append(requirement.package)
    brought: set[str] = set()
    out = []
    for number, requirement in enumerate(draft.requirements):
        names = [canonical(name) for name in needs.get(number, ())]
        packages = dict.fromkeys(p for name in names for p in by_name.get(name, ()) if p != requirement.package)
        brought |= {package.name for package in packages}
        out.append(replace(requirement, requires=tuple(packages)))
    if roots:
        out = [replace(r, direct=r.package.name not in brought) for r in out]
    return out
