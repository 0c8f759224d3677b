"""`verification-metadata.xml` of Gradle: every artifact that a build may use, with its hashes.

Example::

    <component group="org.example" name="lib" version="1.2">
      <artifact name="lib-1.2.jar"><sha256 value="…"/></artifact>
    </component>
"""

from __future__ import annotations

from buckler.dependencies.documents import xml
from buckler.dependencies.manifests.draft import Draft
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.model import Manifest

ECOSYSTEM = "Maven"
NAMES = ("verification-metadata.xml",)
HASHES = frozenset({"md5", "sha1", "sha256", "sha512"})


def read(file: ManifestFile) -> Manifest:
    """Every release that is listed."""
    draft = Draft(file, "gradle_verification", ECOSYSTEM)
    for row in xml.parse(draft.text).all("components", "component"):
        group, name, version = (row.attributes.get(key, "") for key in ("group", "name", "version"))
        sums = [digest for artifact in row.all("artifact") for digest in artifact.children if digest.name in HASHES]
        hashes = tuple(f"{digest.name}:{digest.attributes.get('value', '')}" for digest in sums)
        draft.add(f"{group}:{name}", version, line=row.line, direct=False, locked=True, hashes=hashes)
    return draft.manifest()
