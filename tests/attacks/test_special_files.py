"""A pipe, a device, a folder, a link or a giant where a file of a fixed name is looked for: no hang, one clear line."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

BUCKLER = str(Path(sys.executable).with_name("buckler"))
CANARY = "canary-0815"


def giant(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2 << 30)


def deep(path: Path) -> None:
    path.write_text("[tool.buckler]\ntool.buckler = " + "[" * 100_000)


def digits(path: Path) -> None:
    path.write_text("jobs = " + "9" * 10_000 + "\n[tool.buckler]\njobs = " + "9" * 10_000)


KINDS: dict[str, Callable[[Path], object]] = {
    "pipe": os.mkfifo,
    "folder": Path.mkdir,
    "zeros": lambda path: path.symlink_to("/dev/zero"),
    "terminal": lambda path: path.symlink_to("/dev/tty"),
    "memory": lambda path: path.symlink_to("/proc/self/mem"),
    "loop": lambda path: path.symlink_to(path.name),
    "giant": giant,
    "bytes": lambda path: path.write_bytes(b"\xff\xfe\x00" * 99),
    "deep": deep,
    "digits": digits,
}
NAMES = [
    "pyproject.toml", "buckler.toml", ".gitignore", "requirements.txt", "setup.cfg", "setup.py", "poetry.lock", "Pipfile.lock",
    "PKG-INFO", "pyvenv.cfg", "conftest.py", "manage.py", "settings.py", "urls.py", "known.json", "other.py", "page.html",
]  # fmt: skip
READ = """
import sys
from pathlib import Path
from buckler.prove.entries.django import settings_modules, urls_of
from buckler.prove.entries.explore import candidates
from buckler.prove.entries.fixtures import fixtures
from buckler.prove.entries.place import last_line
from buckler.prove.entries.samples import callers, calls_of
from buckler.base.files import read_in
from buckler.prove.environment.build import described
from buckler.prove.environment.dates import release_of
from buckler.prove.environment.imports import besides
from buckler.prove.environment.layout import roots
from buckler.prove.environment.metadata import overlay
from buckler.prove.environment.requirements import declared, optional
root, name = Path(sys.argv[1]), sys.argv[2]
said = described(root)
print(said, optional(root), fixtures(root), candidates(root, [name]), list(calls_of(root, "load")), callers(root, name, "load"),
      settings_modules(root, ()), urls_of(root, [name]), last_line(root, name, 1), read_in(root, name, 9999),
      besides(root, ["No module named 'load'"]), release_of(root, said), roots(root), overlay(said, root, root.parent / "cache"))
"""


GROUPS = [("buckler.toml",), ("pyproject.toml",), ("known.json",), tuple(NAMES[2:])]


def project(tmp_path: Path, kind: str, *names: str) -> Path:
    root = tmp_path / "p"
    root.mkdir()
    (root / "app.py").write_text("import hashlib, sys, os\nos.system(sys.argv[1])\n")
    if names == ("known.json",):
        (root / "buckler.toml").write_text('baseline = "known.json"\n')
    for name in names:
        KINDS[kind](root / name)
    return root


@pytest.mark.attack(
    "special files", "a pipe, device, folder, link loop or 2 GB where settings or requirements are looked for"
)
@pytest.mark.parametrize("names", GROUPS, ids=lambda names: names[0])
@pytest.mark.parametrize("kind", KINDS)
def test_a_review_goes_on_or_says_why_not(tmp_path: Path, names: tuple[str, ...], kind: str) -> None:
    root = project(tmp_path, kind, *names)
    done = subprocess.run(
        [BUCKLER, "review", str(root), "--no-cache", "--format", "json"],
        check=False,
        timeout=60,
        capture_output=True,
        text=True,
    )
    assert done.returncode in (0, 1, 2, 3, 4), done.stderr
    if done.returncode == 2:
        assert done.stderr.count("\n") == 1
        assert names[0] in done.stderr or "'baseline'" in done.stderr


@pytest.mark.attack("special files", "the same, where `defend` looks for requirements, fixtures, settings and examples")
@pytest.mark.parametrize("kind", KINDS)
def test_what_defend_reads_of_a_tree(tmp_path: Path, kind: str) -> None:
    root = project(tmp_path, kind, *NAMES)
    done = subprocess.run(
        [sys.executable, "-c", READ, str(root), "settings.py"], check=False, timeout=60, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-600:]


@pytest.mark.attack("special files", "a link in the tree makes `defend` read a file of the host")
@pytest.mark.parametrize("name", [*NAMES, "requirements/base.txt", "p-1.0.dist-info/METADATA", "tests/conftest.py"])
def test_links_out_of_the_tree_are_not_read(tmp_path: Path, name: str) -> None:
    root = project(tmp_path, "bytes", "x")
    secret = tmp_path / "home" / Path(name).name
    secret.parent.mkdir()
    secret.write_text(
        f"{CANARY}==1\nload('{CANARY}')\n" if secret.suffix in (".py", ".txt")
        else f'[project]\nname = "x"\ndependencies = ["{CANARY}"]\n' if secret.suffix == ".toml"
        else f"Metadata-Version: 2.1\nName: {CANARY}\nVersion: 1\nRequires-Dist: {CANARY}\n"
    )  # fmt: skip
    if "/" in name:
        (root / name).parent.symlink_to(secret.parent)
    else:
        (root / name).symlink_to(secret)
    done = subprocess.run(
        [sys.executable, "-c", READ, str(root), name], check=False, timeout=60, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-600:]
    assert CANARY not in done.stdout
