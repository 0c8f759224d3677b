"""Lockfiles of Gradle: a release and the configurations that use it on each line.

Example::

    org.example:lib:1.2=compileClasspath,runtimeClasspath
    org.example:check:3.0=testCompileClasspath
    empty=annotationProcessor
"""

from __future__ import annotations

from buckler.dependencies.manifests.draft import Draft
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.model import Manifest, Scope

ECOSYSTEM = "Maven"
NAMES = ("gradle.lockfile", "*-gradle.lockfile", "dependency-locks/*.lockfile")


def read(file: ManifestFile) -> Manifest:
    """Every release of every configuration."""
    draft = Draft(file, "gradle_lock", ECOSYSTEM)
    build = file.path.rpartition("/")[2].startswith("buildscript")
    for number, row in enumerate(draft.text.lines, 1):
        row = row.strip()
        release, _, configurations = row.partition("=")
        parts = release.split(":")
        if not row or row.startswith("#") or release == "empty":
            continue
        if len(parts) < 3:
            draft.note("is not a release; left out", number)
            continue
        scope = Scope.BUILD if build else _scope(configurations.split(","))
        draft.add(":".join(parts[:2]), parts[2], line=number, scope=scope, direct=False, locked=True)
    return draft.manifest()


def _scope(configurations: list[str]) -> Scope:
    """Development where only tests use it, as the names of Gradle's configurations have it."""
    tests = all("test" in name.lower() for name in configurations)
    return Scope.DEVELOPMENT if tests else Scope.RUNTIME
