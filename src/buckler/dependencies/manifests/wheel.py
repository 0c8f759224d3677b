"""A wheel that lies in the tree: a vendored release with its own metadata. Nothing of it is unpacked to disk.

Example::

    wheels/flask-2.0-py3-none-any.whl      # flask 2.0, which needs what its METADATA says
"""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib

from buckler.dependencies.documents.headers import headers
from buckler.dependencies.documents.text import Damaged, Text
from buckler.dependencies.manifests.draft import Draft
from buckler.dependencies.manifests.reading import ManifestFile
from buckler.dependencies.model import Manifest, Origin
from buckler.dependencies.pep508 import archive, asked

ECOSYSTEM = "PyPI"
NAMES = ("*.whl",)
LARGEST = 1_000_000
"""Bytes of metadata that are read."""
MOST_MEMBERS = 100_000
METADATA = ".dist-info/METADATA"


def read(file: ManifestFile) -> Manifest:
    """The release the file is, and what it needs."""
    name, version = archive(file.path)
    if not name:
        raise Damaged("has no name of a wheel")
    text = Text(file.path, "")
    draft = Draft(ManifestFile(file.path, b"", file.tree), "wheel", ECOSYSTEM)
    needed = [
        asked(value) for key, value, _ in headers(Text.of(text.path, _metadata(file.data))) if key == "requires-dist"
    ]
    packages = [draft.package(found.name) for found in needed if found is not None and not found.optional]
    draft.add(
        name, version, line=1, locked=True, origin=Origin.VENDORED, address=file.path,
        hashes=(f"sha256:{hashlib.sha256(file.data).hexdigest()}",),
        requires=tuple(package for package in packages if package is not None),
    )  # fmt: skip
    return draft.manifest()


def _metadata(data: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as wheel:
            names = wheel.namelist()
            found = next((n for n in names[:MOST_MEMBERS] if n.endswith(METADATA) and n.count("/") == 1), None)
            if found is None:
                raise Damaged("is a wheel without metadata")
            with wheel.open(found) as member:
                return member.read(LARGEST)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        if isinstance(error, Damaged):
            raise
        raise Damaged("is not a wheel that can be read") from error
