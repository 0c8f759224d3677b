"""Names that may not be what somebody meant: lookalikes of popular packages, private names that a public index answers.

Only what the project asks for itself is judged. What another of its packages needs was chosen by somebody else, and
what many people use is what it seems.

Example::

    lookalikes(inventory)       # [(component, "requests")]
    confusable(files, inventory)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.model import Component, Inventory, Origin, Requirement
from buckler.dependencies.names.known import popular
from buckler.dependencies.names.similar import taken_for
from buckler.finding.model import Location

MOST_NAMES = 5
BOTH_ASKED = re.compile(
    r"^\s*(?:--extra-index-url[=\s]+|extra-index-url\s*=\s*\[?\s*)[\"']?(?P<address>[a-z][\w+.-]*://[^\s\"',\]]+)", re.M
)
"""How pip and uv are told to ask one more index for every name."""
CREDENTIALS = re.compile(r"(?<=://)[^/@\s]*@")


@dataclass(slots=True, frozen=True)
class Confusable:
    """A line that adds an index, and the names that only it should answer."""

    location: Location
    code: str
    address: str
    """Without credentials."""
    names: tuple[str, ...]


def lookalikes(inventory: Inventory) -> Iterator[tuple[Component, str]]:
    """What the project asks for under a name that is easily taken for a popular one, with that one."""
    needed = {package.name for c in inventory.components for line in c.requirements for package in line.requires}
    own = {manifest.project.name for manifest in inventory.manifests if manifest.project is not None}
    for component in inventory.components:
        package = component.package
        asked = component.direct and all(line.origin is Origin.REGISTRY for line in component.requirements)
        if asked and package.name not in needed | own:
            meant = taken_for(package.name, package.ecosystem)
            if meant is not None and meant not in own:
                yield component, meant


def confusable(files: Iterable[ManifestFile], inventory: Inventory) -> Iterator[Confusable]:
    """Lines that add an index beside the public one, where names stand that nobody knows and no hash pins."""
    known = frozenset(popular("PyPI"))
    lines: dict[str, list[Requirement]] = {}
    for component in inventory.components:
        for line in component.requirements if component.package.ecosystem == "PyPI" else ():
            lines.setdefault(line.location.path, []).append(line)
    for file in files:
        text = file.data.decode("utf-8", "replace")
        added = BOTH_ASKED.search(text)
        if added is None:
            continue
        private = sorted({line.package.name for line in lines.get(file.path, ()) if _may_be_private(line, known)})
        if private:
            number = text.count("\n", 0, added.start("address")) + 1
            code = CREDENTIALS.sub("", text.splitlines()[number - 1].strip())
            place = Location(file.path, number, 1, number, 1)
            yield Confusable(place, code, CREDENTIALS.sub("", added["address"]), tuple(private))


def _may_be_private(line: Requirement, known: frozenset[str]) -> bool:
    return line.origin is Origin.REGISTRY and not line.hashes and line.package.name not in known
