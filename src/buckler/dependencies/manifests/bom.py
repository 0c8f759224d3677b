"""What every kind of SBOM has: components with package URLs, and which depends on which.

Example::

    bom = Bom(items={"a": Item("pkg:pypi/flask@2.0", line=3)}, edges={"root": ["a"]}, root="root")
    bom.put(draft)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from packageurl import PackageURL

from buckler.dependencies.ecosystems import of_purl
from buckler.dependencies.manifests.draft import Draft, quoted
from buckler.dependencies.model import Package, Scope


@dataclass(slots=True, frozen=True)
class Item:
    """One component."""

    purl: str
    line: int
    scope: Scope = Scope.RUNTIME
    hashes: tuple[str, ...] = ()


@dataclass(slots=True)
class Bom:
    """The components by what the document calls them."""

    items: dict[str, Item] = field(default_factory=dict)
    edges: dict[str, list[str]] = field(default_factory=dict)
    root: str = ""
    """What the document is about."""

    def put(self, draft: Draft) -> None:
        """Every component that is a package of an ecosystem with advisories."""
        numbers: dict[str, int] = {}
        unknown = 0
        for reference, item in self.items.items():
            package = self._package(draft, item)
            if package is None:
                unknown += 1
            elif reference != self.root:
                draft.put(package, item.line, scope=item.scope, hashes=item.hashes, locked=True)
                numbers[reference] = len(draft.requirements) - 1
        if unknown:
            draft.note(f"{unknown:,} components are of no ecosystem that is known; left out", partial=False)
        self._join(draft, numbers)

    def _package(self, draft: Draft, item: Item) -> Package | None:
        if not item.purl:
            return None
        try:
            found = PackageURL.from_string(item.purl)
        except ValueError:
            draft.note(f"{quoted(item.purl)} is not a package URL; left out", item.line)
            return None
        known = of_purl(found.type)
        if known is None:
            return None
        name = f"{found.namespace}{known.separator}{found.name}" if found.namespace else found.name
        package = draft.package(name, found.version or "", known.id)
        if package is None:
            draft.note(f"{quoted(item.purl)} is not the name of a package; left out", item.line)
        return package

    def _join(self, draft: Draft, numbers: dict[str, int]) -> None:
        def packages(references: Iterable[str]) -> tuple[Package, ...]:
            found = (draft.requirements[numbers[r]].package for r in references if r in numbers)
            return tuple(dict.fromkeys(found))

        asked = {reference for reference in self.edges.get(self.root, ()) if reference in numbers}
        brought = {target for source, targets in self.edges.items() if source in numbers for target in targets}
        draft.guessed = not asked
        for reference, number in numbers.items():
            direct = reference in asked if asked else reference not in brought
            requires = packages(self.edges.get(reference, ()))
            draft.requirements[number] = replace(draft.requirements[number], direct=direct, requires=requires)
