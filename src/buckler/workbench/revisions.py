"""The files of an older revision, for saying which findings a change introduced.

Objects are read by a library in a process with limits and git itself is never started, so there is nothing that filters,
hooks, monitors, remotes or transports of a hostile repository could be run by. Only committed files are compared; a new
untracked file is all new.

Example::

    old = read_revision("origin/main", current.root, Limits())
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from buckler.base.source import HEAD, SourceFile, language_of, language_of_script
from buckler.workbench.git.ask import ask
from buckler.workbench.selection import Inputs, Limits, looks_minified


def read_revision(revision: str, root: Path, limits: Limits, parts: Sequence[str] = (".",)) -> Inputs:
    """The files in some parts of `root` as they were, with paths as in the review of today."""
    order = {
        "do": "read",
        "root": str(root.absolute()),
        "revision": revision,
        "limits": asdict(limits),
        "parts": [*parts],
    }
    head, contents = ask(order)
    inputs = Inputs(root=root, name=revision)
    for path, number in head["files"]:
        language = language_of(path) or language_of_script(contents[number][:HEAD])
        if not looks_minified(language, contents[number]):
            inputs.files.append(SourceFile(path, language, data=contents[number]))
    return inputs
