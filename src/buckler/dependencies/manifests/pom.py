"""`pom.xml` of Maven, with its properties, managed versions and the parents that are in the tree.

Example::

    <dependency>
      <groupId>org.example</groupId>
      <artifactId>lib</artifactId>
      <version>${lib.version}</version>
      <scope>test</scope>
    </dependency>
"""

from __future__ import annotations

import re

from buckler.dependencies import maven
from buckler.dependencies.documents import xml
from buckler.dependencies.documents.xml import Element
from buckler.dependencies.manifests.draft import Draft, Facts
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.maven import Project
from buckler.dependencies.model import Manifest, Origin, Scope

ECOSYSTEM = "Maven"
NAMES = ("pom.xml", "*.pom")
SCOPES = {"test": Scope.DEVELOPMENT, "import": Scope.BUILD}
PINNED = re.compile(r"\[\s*([^,\[\]()\s]+)\s*\]")
PLUGINS = "org.apache.maven.plugins"
"""The group of a plugin that names none."""


def read(file: ManifestFile) -> Manifest:
    """Every dependency and plugin, and every version that is managed for what comes in by others."""
    draft = Draft(file, "pom", ECOSYSTEM)
    root = xml.parse(draft.text)
    project = maven.effective(file, root)
    for at in (root, *root.all("profiles", "profile")):
        for row in at.all("dependencies", "dependency"):
            _dependency(draft, row, project)
        for row in at.all("dependencyManagement", "dependencies", "dependency"):
            _dependency(draft, row, project, direct=False)
        for row in at.all("build", "plugins", "plugin"):
            _plugin(draft, row, project)
        for address in (
            *at.all("repositories", "repository", "url"),
            *at.all("pluginRepositories", "pluginRepository", "url"),
        ):
            draft.index(project.resolved(address.text.strip()))
    own = f"{project.properties.get('project.groupId', '')}:{root.text_of('artifactId')}"
    draft.project = draft.package(own, project.resolved(project.properties.get("project.version", "")))
    return draft.manifest()


def _dependency(draft: Draft, row: Element, project: Project, *, direct: bool = True) -> None:
    name = project.resolved(maven.name_of(row))
    wanted = project.resolved(row.text_of("version") or project.managed.get(name, ""))
    scope = SCOPES.get(project.resolved(row.text_of("scope")), Scope.RUNTIME)
    if row.text_of("optional") == "true":
        scope = Scope.OPTIONAL
    facts: Facts = {"direct": direct, "scope": scope}
    if row.text_of("scope") == "system":
        facts |= {"origin": Origin.PATH, "address": row.text_of("systemPath")}
    _put(draft, name, wanted, row, facts)


def _plugin(draft: Draft, row: Element, project: Project) -> None:
    group = row.text_of("groupId") or PLUGINS
    name = project.resolved(f"{group}:{row.text_of('artifactId')}")
    _put(draft, name, project.resolved(row.text_of("version")), row, {"scope": Scope.BUILD})


def _put(draft: Draft, name: str, wanted: str, row: Element, facts: Facts) -> None:
    if "${" in name:
        draft.note(f"the name {name[:80]} has a property that nothing in the project sets; left out", row.line)
        return
    pinned = PINNED.fullmatch(wanted)
    version = pinned[1] if pinned is not None else wanted
    artifact = row.child("artifactId")
    line = artifact.line if artifact is not None else row.line
    facts["wanted"] = wanted
    draft.add(name, "" if version[:1] in {"[", "("} or "${" in version else version, line=line, **facts)
