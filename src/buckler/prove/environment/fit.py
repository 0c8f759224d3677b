"""An environment in which the flawed modules can be loaded: what their imports lack is installed, if it is well known.

What a project pins may be older than the interpreter, so that there is no wheel for it, or it uses what is no longer
there. Then older ones are tried.

Example::

    fitted(Path("shop"), EnvironmentOptions(cache), ["shop/app.py"])
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from buckler.base.config import MAX_FILE_SIZE
from buckler.base.files import read_in
from buckler.prove.answers import shaped
from buckler.prove.environment.build import (
    Environment,
    EnvironmentOptions,
    allowed,
    build,
    interpreters,
    version_of,
)
from buckler.prove.environment.dates import released
from buckler.prove.environment.imports import besides, imported
from buckler.prove.environment.layout import module_of, roots
from buckler.prove.environment.requirements import declared
from buckler.prove.session import Session, asking

OUTDATED = re.compile(r"cannot import name|has no attribute|No module named|invalid syntax")
"""Errors of code that was made for another interpreter, or for other packages."""
ROUNDS = 6
MOST_MODULES = 8


def fitted(project: Path, wishes: EnvironmentOptions, paths: Sequence[str]) -> Environment:
    """Build, load, see what is missing, build again; raises `NoSandbox`.

    An old release gets what there was in its day; if it cannot be loaded with that, what there is now may do better.
    """
    fixed = not wishes.install or wishes.given is not None or wishes.before is not None
    when = None if fixed else released(project, declared(project), wishes.cache)
    environment, failing = settled(project, replace(wishes, before=when), paths)
    if when is not None and (failing or environment.missing):
        other, left = settled(project, wishes, paths)
        if (len(left), len(other.missing)) < (len(failing), len(environment.missing)):
            return other
    elif not fixed and wishes.python is None and any(map(OUTDATED.search, failing)):
        return with_older(project, wishes, paths, environment, len(failing))
    return environment


def with_older(
    project: Path, wishes: EnvironmentOptions, paths: Sequence[str], environment: Environment, failing: int
) -> Environment:
    """The best that one of the older interpreters makes of it, the newest first; the same if none does better."""
    said = allowed(declared(project))
    known = {tuple(map(int, version_of(python).split(".")[:2])): python for python in interpreters()}
    now = tuple(map(int, environment.version.split(".")[:2]))
    best, least = environment, (failing, len(environment.missing))
    for version in sorted((v for v in known if v < now and said.contains(version_of(known[v]))), reverse=True):
        if least == (0, 0):
            break
        other, left = settled(project, replace(wishes, python=known[version]), paths)
        if (len(left), len(other.missing)) < least:
            best, least = other, (len(left), len(other.missing))
    return best


def settled(project: Path, wishes: EnvironmentOptions, paths: Sequence[str]) -> tuple[Environment, list[str]]:
    """The environment with everything that could be added, and why modules still cannot be loaded."""
    environment = build(project, wishes)
    folders = roots(project)
    names = [module_of(path, folders) for path in dict.fromkeys(paths) if path.endswith(".py")][:MOST_MODULES]
    names = [name for name in names if all(part.isidentifier() for part in name.split("."))]
    wanted = sorted({top for path in paths for top in imported(read_in(project, path, MAX_FILE_SIZE))})
    reasons: list[str] = []
    for _ in range(ROUNDS if wishes.install and wishes.given is None and names else 0):
        with Session.open(environment.cell(project)) as session:
            reply = session.run(asking("discover", "loading", names, wanted), 30).value
        failing, absent = shaped(reply, tuple[list[str], list[str]]) or (["nothing answered"], [])
        reasons = [str(reason) for reason in failing if reason]
        missing = [*reasons, *(f"No module named {str(name)!r}" for name in absent)]
        more = tuple(text for text in besides(project, missing) if text not in wishes.besides)
        if not more:
            break
        wishes = replace(wishes, besides=(*wishes.besides, *more))
        environment = build(project, wishes)
    return environment, reasons
