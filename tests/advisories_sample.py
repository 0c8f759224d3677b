"""A database of advisories about packages that exist nowhere, for tests of what is known of a project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from buckler.dependencies.advisories.database import Source, updating
from buckler.dependencies.advisories.importing import documents, import_into


def advisory(name: str, package: str, fixed: str = "", ecosystem: str = "PyPI", **more: Any) -> dict[str, Any]:
    """What a database says: affected from the beginning until `fixed`, or for good."""
    events = [{"introduced": "0"}, *([{"fixed": fixed}] if fixed else [])]
    about = {"package": {"ecosystem": ecosystem, "name": package}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
    return {"schema_version": "1.6.0", "id": name, "modified": "2026-01-02T00:00:00Z", "affected": [about], **more}


def database(folder: Path, *advisories: dict[str, Any]) -> Path:
    """A file with these advisories."""
    source = folder / "osv"
    source.mkdir(parents=True, exist_ok=True)
    for one in advisories:
        (source / f"{one['id']}.json").write_text(json.dumps(one))
    file = folder / "advisories.sqlite"
    with updating(file) as writer:
        import_into(writer, Source("sample", str(source)), documents(source))
    return file
