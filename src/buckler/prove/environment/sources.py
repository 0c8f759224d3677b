"""Packages there are no wheels of: source distributions of plain Python, unpacked as they are and never built.

Many old releases were published as sources only. Building one would run its build script; its packages, copied from
where they lie, are all that a plain one would install. What has parts to be compiled beside its modules is left alone.

Example::

    unpacked(folder, "pyyaml<5.1", "3.9.18", Asked(cache))     # ("pyyaml", ()): its name, and what it needs besides
"""

from __future__ import annotations

import shutil
from email.parser import HeaderParser
from itertools import islice
from pathlib import Path

from packaging.requirements import Requirement

from buckler.base.files import files_below
from buckler.prove.environment.installer import Asked, fetched
from buckler.prove.environment.requirements import declared, package_name, package_version, text_of

FOLDERS = ("lib3", "python3", "src", "lib", "python", ".")
"""Where a source distribution keeps its packages, the more particular first: `lib` beside `lib3` is for Python 2."""
NEVER = frozenset(
    {"tests", "test", "testing", "docs", "doc", "examples", "example", "build", "scripts", "tools", "benchmarks"}
)
ASIDE = frozenset(
    {"setup.py", "conftest.py", "versioneer.py", "ez_setup.py", "distribute_setup.py", "tasks.py", "noxfile.py"}
)
COMPILED = (".c", ".cc", ".cpp", ".pyx", ".pxd", ".rs", ".f90")
MOST_FILES = 5000


def unpacked(target: Path, text: str, version: str, asked: Asked) -> tuple[str, ...] | None:
    """Put the packages of a source distribution into a folder; what it needs besides, or None if that cannot be."""
    requirement = Requirement(text)
    work = target.parent / "sources"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    root = fetched(work, requirement.name, str(requirement.specifier), version, asked)
    packages = plain_packages(root) if root else []
    if root is None or not packages:
        return None
    target.mkdir(exist_ok=True)
    for package in packages:
        for file in files_below(package) if package.is_dir() else (package,):
            place = target / file.relative_to(package.parent)
            place.parent.mkdir(parents=True, exist_ok=True)
            if package.is_dir() or not place.exists():
                shutil.copyfile(file, place, follow_symlinks=False)
    described(target, root)
    return declared(root).needed


def plain_packages(root: Path) -> list[Path]:
    """The packages and modules it would install; none if something beside them has to be compiled."""
    named = {line for file in root.rglob("top_level.txt") for line in text_of(root, file).split()}
    for folder in (root / name for name in FOLDERS):
        found = [p for p in packages_in(folder) if not named or p.stem in named] if folder.is_dir() else []
        if found:
            return [] if any(has_compiled(p) for p in found) else found
    return []


def packages_in(folder: Path) -> list[Path]:
    inside = sorted(p for p in folder.iterdir() if not p.is_symlink())
    packages = [p for p in inside if p.is_dir() and p.name not in NEVER and (p / "__init__.py").is_file()]
    return [*packages, *(p for p in inside if p.suffix == ".py" and p.name not in ASIDE and p.is_file())]


def has_compiled(package: Path) -> bool:
    return package.is_dir() and any(p.suffix in COMPILED for p in islice(package.rglob("*"), MOST_FILES))


def described(target: Path, root: Path) -> None:
    """The name and version by which `importlib.metadata` finds it."""
    text = text_of(root, root / "PKG-INFO")
    head = HeaderParser().parsestr(text)
    name, version = package_name(head["Name"]), package_version(head["Version"])
    if name and version:
        folder = target / f"{name.replace('-', '_')}-{version}.dist-info"
        folder.mkdir(exist_ok=True)
        (folder / "METADATA").write_text(text)
