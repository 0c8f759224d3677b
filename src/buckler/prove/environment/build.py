"""Builds what a project runs with: an interpreter that understands it and its dependencies, from wheels only.

A wheel is unpacked, never run, so installing needs trust in nobody; a source distribution would run its build script
and is refused. The installer itself runs in a sandbox that sees its own settings and one empty folder. What was built
is kept by the digest of what was asked for.

Example::

    made = build(Path("shop"), EnvironmentOptions(cache=Path("~/.cache/buckler")))
    made.cell(Path("shop"))     # ready for `sandbox.run`
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache as cached
from itertools import islice
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from buckler.base.config import MAX_FILE_SIZE
from buckler.base.errors import ConfigError, InputError
from buckler.base.files import files_below, read_text
from buckler.base.programs import folders
from buckler.base.scratch import passing, sweep
from buckler.prove.environment.dates import fitting, release_of
from buckler.prove.environment.fill import filled
from buckler.prove.environment.installer import Asked
from buckler.prove.environment.kept import FOLDER, NOTE
from buckler.prove.environment.layout import roots
from buckler.prove.environment.metadata import lost, overlay
from buckler.prove.environment.requirements import Declared, declared
from buckler.prove.sandbox.model import Limits, SandboxSpec
from buckler.prove.sandbox.run import run

TOOLS = ("pytest==9.2.0", "httpx==0.28.1", "python-multipart==0.0.20")
"""What the tests we write are run with, where the project does not bring its own."""
OLD_TOOLS = ("pytest==8.3.5", *TOOLS[1:])
"""The last that the oldest interpreters understand."""
TOOLS_OF_THE_DAY = ("pytest>=5", "httpx", "requests", "python-multipart")
"""For an old release: newer ones would bring newer packages than it can live with, and what it pins may be too old."""
OLDEST = (3, 8)
"""The first whose audit events tell what is opened and run."""
NEWEST = (3, 13)


@dataclass(slots=True, frozen=True)
class EnvironmentOptions:
    """What the user decided about environments."""

    cache: Path
    given: Path | None = None
    """A virtual environment to use as it is."""
    python: Path | None = None
    install: bool = True
    besides: tuple[str, ...] = ()
    """Packages that the project turned out to import without saying so."""
    apart: bool = False
    """Whether our own tools are wanted in any case, for tests that share no process with the code."""
    before: date | None = None
    """The last day whose releases are installed: that of the project's own."""


@dataclass(slots=True, frozen=True)
class Environment:
    """What a project runs with."""

    python: Path
    version: str
    folders: tuple[Path, ...]
    """For `PYTHONPATH`: dependencies, then our tools."""
    missing: tuple[str, ...] = ()
    """Requirements that could not be had as wheels, each with the installer's reason."""
    files: tuple[str, ...] = ()
    """Where the requirements were read."""
    digest: str = ""
    packages: tuple[str, ...] = field(default=())
    """`name==version` of what was installed."""
    overlays: tuple[Path, ...] = ()
    """What the project would have if it were installed: its own name and version."""
    tools: tuple[Path, ...] = ()
    """The folders that hold our tools and nothing the project asked for."""

    def cell(self, project: Path, limits: Limits | None = None, overlays: tuple[Path, ...] = ()) -> SandboxSpec:
        """A sandbox with this environment and a copy of the project with the overlays on it."""
        own = tuple(Path("/project") / name for name in roots(project))
        return SandboxSpec(
            self.python, project, (), (*own, *self.folders), self.tools, (*self.overlays, *overlays),
            limits=limits or Limits(),
        )  # fmt: skip


def build(project: Path, wishes: EnvironmentOptions) -> Environment:
    """Find or make the environment; raises `ConfigError` when the one given cannot be used."""
    sweep(wishes.cache / FOLDER)
    said = described(project)
    if wishes.given is not None:
        return _given(wishes.given, wishes, said)
    python = wishes.python.resolve() if wishes.python else suited(project, said, wishes.before)
    version = version_of(python)
    tools, _ = _installed(tools_for(version, wishes.before), python, version, wishes)
    if tools is None or not (tools / "pytest").is_dir():
        tools, _ = _installed(tools_for(version, None), python, version, replace(wishes, before=None))
    for_tests = [t for t in said.for_tests if not wishes.before or canonicalize_name(Requirement(t).name) != "pytest"]
    wanted = (*said.needed, *for_tests, *wishes.besides)
    folder, missing = _installed(wanted, python, version, wishes, said) if wishes.install else (None, ())
    folders = tuple(f for f in (folder, tools) if f is not None)
    over = overlay(said, project, wishes.cache) + (lost(said, project, folder, wishes.cache) if folder else ())
    made = _described(python, version, folders, missing, said)
    return replace(made, overlays=over, tools=(tools,) if tools else ())


def described(project: Path) -> Declared:
    """What the project says; of a release that was unpacked without any description, its own requirements."""
    said = declared(project)
    named = release_of(project, said) if not said.needed and not said.files else None
    if named is None:
        return said
    text = "==".join(named)
    return replace(said, needed=(text,), name=named[0], version=named[1], release=text)


def _described(
    python: Path, version: str, folders: tuple[Path, ...], missing: tuple[str, ...], said: Declared
) -> Environment:
    names = sorted(
        {d.name.removesuffix(".dist-info").replace("-", "==", 1) for f in folders for d in f.glob("*.dist-info")}
    )
    digest = hashlib.sha256(json.dumps([version, names]).encode()).hexdigest()[:16]
    return Environment(python, version, folders, missing, said.files, digest, tuple(names))


def _given(prefix: Path, wishes: EnvironmentOptions, said: Declared) -> Environment:
    python = next((p for p in (prefix / "bin" / "python", prefix / "bin" / "python3") if p.exists()), None)
    if python is None:
        raise ConfigError(
            "is not a virtual environment", where=str(prefix), remedy="give the folder that holds bin/python"
        )
    version = version_of(python)
    packages = prefix / "lib" / f"python{version.rpartition('.')[0]}" / "site-packages"
    if not packages.resolve().is_relative_to(prefix.resolve()):
        raise ConfigError("holds a link that leads out of it", where=str(packages), remedy="make the environment anew")
    own = (packages / "pytest").is_dir()
    needed = not own or (wishes.apart and wishes.install)
    tools = _installed(tools_for(version, None), python, version, wishes)[0] if needed else None
    folders = tuple(f for f in (packages, *([] if own else [tools])) if f is not None and f.is_dir())
    made = _described(python.resolve(), version, folders, (), said)
    return replace(made, tools=(tools,) if tools else ())


VERSION = "import sys; print('.'.join(map(str, sys.version_info[:3])))"


@cached
def version_of(python: Path) -> str:
    """`3.12.1`; raises `ConfigError` when it does not answer, and `NoSandbox`.

    Asked in the sandbox: an interpreter may come with the project, whose word it is no more than any other file's.
    """
    ran = run(SandboxSpec(python, limits=Limits(wall=20)), [str(python.resolve()), "-I", "-S", "-c", VERSION])
    said = ran.out.decode("ascii", "replace").strip()
    if ran.code or not re.fullmatch(r"\d+\.\d+\.\d+", said):
        raise ConfigError("is no Python interpreter that runs", where=str(python))
    return said


@cached
def interpreters() -> tuple[Path, ...]:
    """Interpreters on this machine, our own version first, then the newer ones."""
    found: dict[str, Path] = {}
    for python in _places():
        try:
            version = version_of(python)
        except ConfigError:
            continue
        if OLDEST <= _numbers(version) <= NEWEST:
            found.setdefault(version.rpartition(".")[0], python)
    own = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return tuple(found[v] for v in sorted(found, key=lambda v: (v != own, [-n for n in _numbers(v)])))


def _places() -> Iterator[Path]:
    yield Path(sys.executable).resolve()
    for folder in folders():
        for minor in range(OLDEST[1], NEWEST[1] + 1):
            file = folder / f"python3.{minor}"
            if os.access(file, os.X_OK) and "shims" not in file.parts:
                yield file.resolve()
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    if os.access(root, os.R_OK | os.X_OK):
        yield from (p.resolve() for p in sorted(root.glob("versions/3.*/bin/python3"), reverse=True))


def _numbers(version: str) -> tuple[int, int]:
    major, minor = version.split(".")[:2]
    return int(major), int(minor)


def tools_for(version: str, before: date | None) -> tuple[str, ...]:
    return TOOLS_OF_THE_DAY if before else TOOLS if _numbers(version) >= (3, 10) else OLD_TOOLS


def allowed(said: Declared) -> SpecifierSet:
    """The interpreters that a project says it can run with."""
    try:
        return SpecifierSet(said.python or "")
    except InvalidSpecifier:
        return SpecifierSet()


def suited(project: Path, said: Declared, before: date | None = None) -> Path:
    """The first interpreter that the project allows and that understands its files; of its own day, if known."""
    every = interpreters()
    if before is not None:
        known = {_numbers(version_of(p)): p for p in every}
        every = tuple(known[v] for v in fitting([*known], before))
    fitting_range = allowed(said)
    choice = [p for p in every if fitting_range.contains(version_of(p))] or list(every)
    broken = [(refused(p, project), number) for number, p in enumerate(choice)]
    return choice[min(broken)[1]]


REFUSED = """
import os, pathlib, sys, warnings
warnings.simplefilter("ignore")
count = 0
for name in map(os.fsdecode, sys.stdin.buffer.read().split(b"\\0")):
    try:
        compile(pathlib.Path(name).read_bytes(), name, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        count += 1
    except (OSError, RecursionError, MemoryError):
        pass
print(count)
"""
MOST_FILES = 400
MOST_LISTED = 100_000
MOST_BYTES = 4_000_000


def small(path: Path) -> bool:
    """Whether a file is no larger than one that is reviewed; larger ones, mostly data, take long to compile."""
    try:
        return path.lstat().st_size <= MAX_FILE_SIZE
    except OSError:
        return False


def refused(python: Path, project: Path) -> int:
    """How many of the project's files an interpreter does not understand; compiled in a sandbox, never run."""
    files = [
        p.relative_to(project).as_posix()
        for p in islice(files_below(project), MOST_LISTED)
        if p.suffix == ".py" and small(p)
    ]
    files = files[:MOST_FILES]
    names = "\0".join(files).encode("utf-8", "surrogateescape")
    ran = run(SandboxSpec(python, project), [str(python), "-I", "-S", "-c", REFUSED], names)
    try:
        return int(ran.out)
    except ValueError:
        return len(files)


def _installed(wanted: Sequence[str], python: Path, version: str, wishes: EnvironmentOptions,
               said: Declared | None = None) -> tuple[Path | None, tuple[str, ...]]:  # fmt: skip
    """A folder with the packages, and what could not be had; first all at once, then one by one."""
    if not wanted:
        return None, ()
    day = [str(wishes.before)] if wishes.before else []
    mark = hashlib.sha256(json.dumps([version.rpartition(".")[0], *day, *wanted]).encode()).hexdigest()[:20]
    folder = wishes.cache / FOLDER / mark
    note = folder / NOTE
    if note.is_file() and (kept := still_true(note)) is not None:
        return folder, kept
    folder.parent.mkdir(parents=True, exist_ok=True)
    with passing("making-", folder.parent) as work:
        made = work / "packages"
        asked = Asked(wishes.cache, wishes.before)
        needed = (*wishes.besides, *said.needed) if said else wanted
        missing = filled(made, wanted, needed, version, asked, sources=said is not None)
        made.mkdir(exist_ok=True)
        compiled(made, python)
        (made / note.name).write_text(json.dumps({"recipe": RECIPE, "missing": missing}))
        made.chmod(0o755)
        if note.is_file() and still_true(note) is None:
            folder.rename(work / "before")
        if not folder.exists():  # somebody else may have been faster, and be at work in it
            made.rename(folder)
    return folder, tuple(missing)


RECIPE = 5
"""Goes up when environments are made in a better way, so that those that lack something are made again."""
PATIENCE = 24 * 3600
"""Seconds after which what could not be had is asked for again: a network or a disk may have been the reason."""


def still_true(note: Path) -> tuple[str, ...] | None:
    """What an environment lacks, unless another try may do better."""
    try:
        kept = json.loads(read_text(note, MOST_BYTES))
        rows = tuple(map(str, kept["missing"] if isinstance(kept, dict) else kept))
    except (InputError, ValueError, KeyError, TypeError, RecursionError):
        return None  # damaged: made again
    current = isinstance(kept, dict) and kept.get("recipe") == RECIPE and time.time() - note.stat().st_mtime < PATIENCE
    return rows if current or not rows else None


LARGE = f"""
import compileall, os, pathlib, shutil, sys
class Large:
    def search(self, name):
        return os.path.isfile(name) and os.path.getsize(name) > {MAX_FILE_SIZE}
"""
"""Stands where `compileall` expects a pattern of what to leave out."""
COMPILE = f"{LARGE}compileall.compile_dir(sys.argv[1], quiet=2, workers=0, rx=Large())"


def compiled(folder: Path, python: Path) -> None:
    """Leave compiled code beside the modules, so that no sandbox has to make it again; nothing of it is run."""
    cell = SandboxSpec(python, writes=folder, limits=Limits(wall=300, cpu=600))
    run(cell, [str(python), "-I", "-S", "-c", COMPILE, str(folder)])


KEEP = f"""{LARGE}
compileall.compile_dir("/project", quiet=2, workers=0, rx=Large())
for made in pathlib.Path("/project").rglob("__pycache__"):
    shutil.copytree(made, pathlib.Path(sys.argv[1]) / made.relative_to("/project"), dirs_exist_ok=True)
"""


def compiled_project(project: Path, target: Path, python: Path) -> None:
    """The same for a project, whose own folder stays as it is: `target` becomes an overlay with the compiled code."""
    target.mkdir(parents=True, exist_ok=True)
    cell = SandboxSpec(python, project, writes=target, limits=Limits(wall=300, cpu=600))
    run(cell, [str(python), "-I", "-S", "-c", KEEP, str(target)])
