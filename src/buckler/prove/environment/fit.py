"""An environment in which the flawed modules can be loaded: what their imports lack is installed, if it is well known.

Example::

    fitted(Path("shop"), Wishes(cache), ["shop/app.py"])
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from buckler.prove.environment.build import Environment, Wishes, build
from buckler.prove.environment.imports import besides
from buckler.prove.environment.layout import module_of, roots
from buckler.prove.session import Session

ROUNDS = 6
MOST_MODULES = 8
LOAD = "import discover\nreport([discover.tried(lambda: __import__(name))[1] for name in {names!r}])"


def fitted(project: Path, wishes: Wishes, paths: Sequence[str]) -> Environment:
    """Build, load, see what is missing, build again; raises `NoSandbox`."""
    environment = build(project, wishes)
    folders = roots(project)
    names = [module_of(path, folders) for path in dict.fromkeys(paths) if path.endswith(".py")][:MOST_MODULES]
    names = [name for name in names if all(part.isidentifier() for part in name.split("."))]
    for _ in range(ROUNDS if wishes.install and wishes.given is None and names else 0):
        with Session.open(environment.cell(project)) as session:
            told = session.run(LOAD.format(names=names), 30).value
        reasons = [str(reason) for reason in told if reason] if isinstance(told, list) else []
        more = tuple(text for text in besides(project, reasons) if text not in wishes.besides)
        if not more:
            break
        wishes = replace(wishes, besides=(*wishes.besides, *more))
        environment = build(project, wishes)
    return environment
