"""A project with some files changed, running in a sandbox of its own.

Example::

    with patched(bench, {"shop/catalog.py": data}) as changed:
        run_test(changed, text, headline)
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from buckler.prove.attack import Bench
from buckler.prove.session import Session


class DoesNotStart(Exception):
    """The changed project cannot be loaded; the words say why."""


@contextmanager
def patched(bench: Bench, files: Mapping[str, bytes]) -> Iterator[Bench]:
    """The same bench over a copy with these files; raises `DoesNotStart`."""
    folder = Path(tempfile.mkdtemp(prefix="buckler-patch-"))
    try:
        for path, data in files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        _readable(folder)
        cell = replace(bench.session.cell, overlays=(*bench.session.cell.overlays, folder))
        with Session.open(cell) as session:
            answer = session.warm(bench.warmth)
            if answer.failure:
                raise DoesNotStart(answer.failure)
            yield replace(bench, session=session, tests=None)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _readable(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
