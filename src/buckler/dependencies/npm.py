"""How npm and its kind write versions, aliases, places and hashes.

Example::

    alias("npm:@scope/lib@^2")                      # ("@scope/lib", "^2")
    origin_of("git+ssh://git@example.org/a.git")    # Origin.REPOSITORY
    hashes_of("sha1-AAE=")                          # ("sha1:0001",)
    exact("v1.2.3")                                 # "1.2.3"; "" for "^1.2.3"
    version_in("https://example.org/a/-/a-1.0.tgz", "a")    # "1.0"
"""

from __future__ import annotations

import base64
import binascii
import re

from buckler.dependencies.model import Origin

EXACT = re.compile(r"=?\s*v?(\d{1,20}\.\d{1,20}\.\d{1,20}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)$")
REPOSITORY = re.compile(r"(?:git\+|git:|git@|github:|gitlab:|bitbucket:|gist:|ssh:)|\S+\.git(?:#|$)")
SHORT = re.compile(r"[\w-][\w.-]*/[\w.-]+(?:#\S*)?$", re.A)
"""`owner/name`, a repository of the best known host."""
PATH = re.compile(r"(?:file|link|portal|workspace|patch):|\.{0,2}/|~/")
ARCHIVE = re.compile(r"(\S+)\.(?:tgz|tar\.gz)(?:[?#]\S*)?$")
BETWEEN = "/-/"
"""Stands before the archive in the addresses of registries."""


def exact(wanted: str) -> str:
    """The only version that fits, if there is one."""
    found = EXACT.fullmatch(wanted)
    return found[1] if found is not None else ""


def alias(wanted: str) -> tuple[str, str]:
    """Name and range of the package that is installed under another name; empty if it is under its own."""
    if not wanted.startswith("npm:"):
        return "", ""
    name, at, version = wanted[4:].rpartition("@")
    return (name, version) if name else (at + version, "")


def origin_of(place: str) -> Origin:
    """What kind of place a version or an address names."""
    if PATH.match(place):
        return Origin.PATH
    if REPOSITORY.match(place) or SHORT.match(place):
        return Origin.REPOSITORY
    if place.startswith(("http:", "https:")) and not (BETWEEN in place and ARCHIVE.match(place)):
        return Origin.URL
    return Origin.REGISTRY


def version_in(place: str, name: str) -> str:
    """The version of the archive of a package of a registry; empty for every other address."""
    bare = name.rpartition("/")[2]
    file = place.rpartition(BETWEEN)[2].rpartition("/")[2]
    found = ARCHIVE.match(file) if BETWEEN in place else None
    return found[1][len(bare) + 1 :] if found is not None and file.startswith(f"{bare}-") else ""


def hashes_of(integrity: str) -> tuple[str, ...]:
    """`algorithm:hex` of each hash of a subresource integrity string."""
    out = []
    for part in integrity.split():
        algorithm, dash, value = part.partition("-")
        try:
            digest = base64.b64decode(value, validate=True).hex()
        except (binascii.Error, ValueError):
            continue
        if dash and digest:
            out.append(f"{algorithm}:{digest}")
    return tuple(out)
