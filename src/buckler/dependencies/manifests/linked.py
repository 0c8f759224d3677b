"""Joins the entries of a lockfile that says what each needs by name.

Example::

    needs = Needs()
    needs.of(draft, ["markupsafe"])    # the requirement that was added last needs it
    needs.join(draft)                  # it now brings in the locked MarkupSafe
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from buckler.dependencies.ecosystems import ecosystem
from buckler.dependencies.manifests.draft import Draft
from buckler.dependencies.model import Package

MOST_RELEASES = 50
"""Releases of one name that are told apart; more are in no lockfile that a tool wrote."""


@dataclass(slots=True)
class Needs:
    """What each requirement needs, by its number in the draft."""

    rows: dict[int, list[tuple[str, str]]] = field(default_factory=dict)

    def of(self, draft: Draft, names: Iterable[str | tuple[str, str]]) -> None:
        """What the requirement that was added last needs: names, or names with versions."""
        row = [(name, "") if isinstance(name, str) else name for name in names]
        self.rows.setdefault(len(draft.requirements) - 1, []).extend(row)

    def join(self, draft: Draft, *, guess: bool = True) -> None:
        """Gives each requirement the packages it needs.

        With `guess`, the file does not say what the project asks for: it is what no other entry needs.
        """
        canonical = ecosystem(draft.ecosystem).canonical
        by_name: dict[str, list[Package]] = {}
        for requirement in draft.requirements:
            by_name.setdefault(requirement.package.name, []).append(requirement.package)
        brought: set[Package] = set()
        for number, requirement in enumerate(draft.requirements):
            found: dict[Package, None] = {}
            for name, version in self.rows.get(number, ()):
                every = by_name.get(canonical(name), [])[:MOST_RELEASES]
                found |= dict.fromkeys([p for p in every if p.version == version] or every)
            found.pop(requirement.package, None)
            brought.update(found)
            draft.requirements[number] = replace(requirement, requires=tuple(found))
        if guess:
            draft.guessed = True
            draft.requirements = [replace(r, direct=r.package not in brought) for r in draft.requirements]
