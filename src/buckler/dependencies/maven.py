"""What a `pom.xml` means together with its parents, as far as they are in the tree.

Properties and managed versions come from the parents; those of a child win. A parent that is not in the tree, or a
version that nobody in the tree says, stays unknown.

Example::

    project = effective(file, root)
    project.resolved("${spring.version}")       # "5.3.1"
    project.managed["org.example:lib"]          # "1.2"
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field

from buckler.dependencies.documents import xml
from buckler.dependencies.documents.text import Damaged, Text
from buckler.dependencies.documents.xml import Element
from buckler.dependencies.manifests.reading import ManifestFile

PROPERTY = re.compile(r"\$\{([^${}]{1,200})\}")
MOST_PARENTS = 20
MOST_ROUNDS = 20
LONGEST = 500
"""Letters of a value: properties may name each other."""


@dataclass(slots=True)
class Project:
    """A file and its parents, joined."""

    properties: dict[str, str] = field(default_factory=dict)
    managed: dict[str, str] = field(default_factory=dict)
    """Versions by `group:artifact`, as they are written."""

    def resolved(self, text: str) -> str:
        """A value without properties; one that nobody sets stays as it is written."""
        for _ in range(MOST_ROUNDS):
            put = PROPERTY.sub(lambda found: self.properties.get(found[1].strip(), found[0]), text)
            if put == text or len(put) > LONGEST:
                break
            text = put
        return text


def effective(file: ManifestFile, root: Element) -> Project:
    """What counts for a file, the nearest first."""
    project = Project()
    for at in _lineage(file, root):
        for row in at.all("properties"):
            for item in row.children:
                project.properties.setdefault(item.name, item.text.strip())
        _own(project, at)
        for row in at.all("dependencyManagement", "dependencies", "dependency"):
            project.managed.setdefault(name_of(row), row.text_of("version"))
    project.managed = {project.resolved(name): version for name, version in project.managed.items()}
    return project


def name_of(row: Element) -> str:
    """`group:artifact` as it is written."""
    return f"{row.text_of('groupId')}:{row.text_of('artifactId')}"


def _own(project: Project, root: Element) -> None:
    """The properties that every project has; a child inherits group and version."""
    for key, name in (("groupId", "groupId"), ("version", "version"), ("artifactId", "artifactId")):
        own, parent = root.text_of(key), root.text_of("parent", key)
        inherited = parent if key != "artifactId" else ""
        for prefix in ("project", "pom"):
            if own or inherited:
                project.properties.setdefault(f"{prefix}.{name}", own or inherited)
        if parent:
            project.properties.setdefault(f"project.parent.{name}", parent)


def _lineage(file: ManifestFile, root: Element) -> list[Element]:
    """A file and its parents in the tree, each once."""
    found, at, seen = [root], file, {file.path}
    for _ in range(MOST_PARENTS):
        parent = root.child("parent")
        if parent is None:
            break
        relative = parent.child("relativePath")
        path = relative.text.strip() if relative is not None else "../pom.xml"
        target = at.other(path if path.endswith(".xml") else posixpath.join(path, "pom.xml")) if path else None
        if target is None or target.path in seen:
            break
        try:
            root = xml.parse(Text.of(target.path, target.data))
        except Damaged:
            break
        if root.text_of("artifactId") != parent.text_of("artifactId"):
            break
        seen.add(target.path)
        found.append(root)
        at = target
    return found
