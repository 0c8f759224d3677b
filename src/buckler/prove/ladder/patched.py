"""A project with some files changed, running in a sandbox of its own.

Example::

    with patched(bench, {"shop/catalog.py": data}) as changed:
        run_test(changed, text, headline)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from buckler.base.scratch import passing
from buckler.prove.bench import ProofContext
from buckler.prove.session import Session

READ = re.compile(rb"""\benviron\[["'](\w+)["']\]""")
SET = "0815-4711-from-the-environment"
"""What a variable is set to that a patch asks for."""


class DoesNotStart(Exception):
    """The changed project cannot be loaded; the words say why."""


@contextmanager
def patched(bench: ProofContext, files: Mapping[str, bytes]) -> Iterator[ProofContext]:
    """The same bench over a copy with these files; raises `DoesNotStart`."""
    with passing("buckler-patch-") as folder:
        for path, data in files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        _readable(folder)
        cell = replace(bench.session.cell, overlays=(*bench.session.cell.overlays, folder))
        names = asked_for(bench, files)
        setting = f"import os\nos.environ.update({dict.fromkeys(names, SET)!r})\n" if names else ""
        with Session.open(cell) as session:
            answer = session.warm(setting + bench.warmth)
            if answer.failure:
                raise DoesNotStart(answer.failure)
            yield replace(bench, session=session, tests=None)


def asked_for(bench: ProofContext, files: Mapping[str, bytes]) -> list[str]:
    """Variables of the environment that the changed files cannot do without and the files before could."""
    new = {name for path, data in files.items() if path.endswith(".py") for name in READ.findall(data)}
    old = {name for path in files if (bench.project / path).is_file()
           for name in READ.findall((bench.project / path).read_bytes())}  # fmt: skip
    return sorted(name.decode() for name in new - old)


def _readable(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
