"""`Gemfile.lock` of Bundler.

Example::

    GEM
      remote: https://example.org/
      specs:
        rails (7.0.0)
          rack (~> 2.2)
        rack (2.2.0)

    DEPENDENCIES
      rails
"""

from __future__ import annotations

import re
from dataclasses import replace

from buckler.dependencies.manifests.draft import Draft, Facts
from buckler.dependencies.manifests.linked import Needs
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.model import Manifest, Origin

ECOSYSTEM = "RubyGems"
NAMES = ("Gemfile.lock", "gems.locked", "*.gemfile.lock")
SECTION = re.compile(r"[A-Z][A-Z ]+$")
SPEC = re.compile(r" {4}(?P<name>\S+) \((?P<version>[^)-]+)[^)]*\)$")
NEED = re.compile(r" {6}(?P<name>\S+)")
REMOTE = re.compile(r" {2}remote: (?P<address>\S+)")
ASKED = re.compile(r" {2}(?P<name>[^\s!]+)")
CHECKSUM = re.compile(r" {2}(?P<name>\S+) \((?P<version>[^)]+)\) sha256=(?P<digest>[0-9a-f]+)")
ORIGINS = {"GIT": Origin.REPOSITORY, "PATH": Origin.PATH}


def read(file: ManifestFile) -> Manifest:
    """Every gem of every source."""
    draft = Draft(file, "gemfile_lock", ECOSYSTEM)
    needs = Needs()
    section = address = ""
    asked: set[str] = set()
    digests: dict[str, list[str]] = {}
    for number, row in enumerate(draft.text.lines, 1):
        row = row.rstrip()
        if SECTION.match(row):
            section, address = row, ""
        elif (found := REMOTE.match(row)) is not None:
            address = found["address"]
            if section == "GEM":
                draft.index(address)
        elif section == "DEPENDENCIES" and (found := ASKED.match(row)) is not None:
            asked.add(found["name"])
        elif section == "CHECKSUMS" and (found := CHECKSUM.match(row)) is not None:
            digests.setdefault(found["name"], []).append(f"sha256:{found['digest']}")
        elif (found := SPEC.match(row)) is not None:
            facts: Facts = {"locked": True}
            if section in ORIGINS:
                facts |= {"origin": ORIGINS[section], "address": address}
            draft.add(found["name"], found["version"], line=number, **facts)
        elif (found := NEED.match(row)) is not None and draft.requirements:
            needs.of(draft, [found["name"]])
    needs.join(draft, guess=False)
    draft.requirements = [
        replace(r, direct=r.package.name in asked, hashes=tuple(digests.get(r.package.name, ())))
        for r in draft.requirements
    ]
    return draft.manifest()
