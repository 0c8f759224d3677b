"""A lockfile written anew by its own tool, in a sandbox that sees copies of the manifests and nothing else.

The tool may ask its registry, as the installer may; it is told to build nothing and to run no script. Only manifests
lie there, so nothing of the project could be run.

Example::

    after = relocked({"pyproject.toml": data, "uv.lock": data}, "uv.lock", Task(commands, "pyproject.toml"))
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from buckler.base.scratch import passing
from buckler.prove.environment.installer import settings, variables
from buckler.prove.sandbox.model import Limits, SandboxSpec
from buckler.prove.sandbox.run import run

SECONDS = 300
MOST = 64_000_000
CAUSE = "cause:"
IN_FOLDER = ("/bin/sh", "-c", 'cd "$1" && shift && exec "$@"', "sh")
"""Starts a command in a folder."""


class NotLocked(Exception):
    """The lockfile could not be written; the words say why."""


@dataclass(slots=True, frozen=True)
class Task:
    """What to run, and the manifest that a step `("restore",)` puts back."""

    steps: Sequence[Sequence[str]]
    manifest: str
    tools: tuple[Path, ...] = ()
    """Programs that come with us, beside those of the system."""


def relocked(files: Mapping[str, bytes], lock: str, task: Task) -> bytes:
    """The lockfile after the commands; raises `NotLocked`, and `NoSandbox`."""
    with passing("buckler-lock-") as folder:
        work = folder / "work"
        for path, data in files.items():
            _put(work, path, data)
        place = work / PurePosixPath(lock).parent
        for step in task.steps:
            if tuple(step) == ("restore",):
                _put(work, task.manifest, files[task.manifest])
                continue
            in_network(step, place, folder, task.tools)
        written = work / lock
        if not written.is_file() or written.is_symlink() or written.stat().st_size > MOST:
            raise NotLocked(f"{step_name(task)} left no lockfile")
        return written.read_bytes()


def step_name(task: Task) -> str:
    return task.steps[0][0]


def _put(folder: Path, path: str, data: bytes) -> None:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def in_network(step: Sequence[str], place: Path, folder: Path, tools: Sequence[Path]) -> None:
    """Run a package manager in a folder below `folder`, which is all it sees; raises `NotLocked`."""
    ours = next((tool for tool in tools if tool.name == step[0]), None)
    found = ours or shutil.which(step[0])
    if found is None:
        raise NotLocked(f"{step[0]} is not installed here")
    program = Path(found).resolve()
    installed = () if ours else installation(program)
    python = Path(sys.executable).absolute()
    temporary = folder / "temporary"
    temporary.mkdir(exist_ok=True)
    home = {
        "HOME": str(temporary),
        "TMPDIR": str(temporary),
        "UV_CACHE_DIR": str(temporary / "uv"),
        "UV_PYTHON": str(python.resolve()),
        "npm_config_cache": str(temporary / "npm"),
    }
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    cell = SandboxSpec(
        python,
        None,
        (*settings(), *tools, *installed),
        environment={**variables(), **home},
        network=True,
        writes=folder,
        limits=Limits(wall=SECONDS, cpu=SECONDS, memory=8 << 30, file=1 << 30),
    )
    ran = run(cell, [*IN_FOLDER, str(place), str(program), *step[1:]])
    if ran.reason:
        raise NotLocked(f"{step[0]} {ran.reason}: {_last(ran.err or ran.out)}")


def installation(program: Path) -> tuple[Path, ...]:
    """What a program needs beside the system: its virtual environment with the Python below that, or Node's modules.

    Nothing if it lies elsewhere: a folder like the user's home is not shown for the sake of one file in it.
    """
    with suppress(OSError, UnicodeDecodeError):
        head = program.read_bytes()[:512].partition(b"\n")[0].decode()
        python = Path(head[2:].strip().partition(" ")[0])
        about = python.parent.parent / "pyvenv.cfg"
        if head.startswith("#!/") and about.is_file():
            base = re.search(r"^home\s*=\s*(.+)$", about.read_text("utf-8"), re.M)
            below = (Path(base[1].strip()).parent,) if base is not None else ()
            return (about.parent, *(folder for folder in below if folder != Path("/usr")))
    if "node_modules" in program.parts:
        return (Path(*program.parts[: program.parts.index("node_modules")]).parent,)
    return ()


def _last(said: bytes) -> str:
    """What a tool says is wrong: the first cause it names, else its last line."""
    lines = [line.strip() for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
    cause = next((line for line in lines if line.startswith(CAUSE)), "")
    return (cause.removeprefix(CAUSE).strip() or (lines[-1] if lines else "it says nothing"))[:300]
