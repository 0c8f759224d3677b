"""Git repositories that try to run something, made by the real git; each trap leaves a file with its name."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

VULNERABLE = '''"""People."""

import sqlite3


def find(name):
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE person (name TEXT, age INTEGER)")
    connection.execute("INSERT INTO person VALUES ('anna', 7)")
    return connection.execute("SELECT age FROM person WHERE name = '" + name + "'").fetchall()
'''
IDENTITY = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "protocol.file.allow=always")


def git(folder: Path, *arguments: str, given: bytes | None = None) -> str:
    """The real git, with nobody's settings."""
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        ["git", *IDENTITY, *arguments], cwd=folder, env=env, input=given, capture_output=True, check=True, timeout=60
    )
    return done.stdout.decode().strip()


def made(folder: Path, **files: str) -> Path:
    """A repository with these files committed; `__` in a name is a slash."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q", "-b", "main")
    return committed(folder, "one", **(files or {"people": VULNERABLE}))


def committed(folder: Path, message: str, **files: str) -> Path:
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", message)
    return folder


RUNS = (
    "core.fsmonitor", "core.sshCommand", "core.gitProxy", "core.pager", "core.editor", "core.askPass", "core.alternateRefsCommand",
    "filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "diff.evil.textconv", "diff.evil.command", "diff.external",
    "gpg.program", "gpg.ssh.program", "gpg.x509.program", "gpg.openpgp.program", "gpg.ssh.defaultKeyCommand",
    "merge.evil.driver", "uploadpack.packObjectsHook",
    "remote.origin.uploadpack", "remote.origin.receivepack", "remote.origin.vcs", "credential.helper", "sequence.editor",
    "interactive.diffFilter", "pager.status", "pager.branch", "trailer.evil.command", "hook.evil.command", "submodule.sub.update",
    "includeIf.onbranch:**.path",
)  # fmt: skip
"""Settings by which a repository names a program."""
ALIASES = (
    "status",
    "rev-parse",
    "ls-tree",
    "cat-file",
    "switch",
    "add",
    "commit",
    "apply",
    "branch",
    "check-ref-format",
)
HOOKS = (
    "pre-commit", "commit-msg", "prepare-commit-msg", "post-commit", "post-checkout", "post-index-change",
    "reference-transaction", "fsmonitor-watchman", "pre-auto-gc", "applypatch-msg", "post-rewrite",
)  # fmt: skip


def set_traps(repository: Path, canaries: Path) -> Path:
    """Every way known by which a repository makes git run something, all at once."""
    canaries.mkdir(exist_ok=True)
    (repository / ".gitattributes").write_text("* filter=evil diff=evil merge=evil\n")
    git(repository, "add", ".gitattributes")
    git(repository, "commit", "-qm", "attributes")
    for hook in HOOKS:
        file = repository / ".git/hooks" / hook
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"#!/bin/sh\ntouch '{canaries}/hook-{hook}'\n")
        file.chmod(0o755)
    rows = [(key, _trap(canaries, key)) for key in RUNS if not key.startswith("includeIf")]
    rows += [(f"alias.{name}", f"!touch '{canaries}/alias-{name}'") for name in ALIASES]
    rows += [
        ("commit.gpgSign", "true"), ("gpg.format", "openpgp"), ("user.signingKey", "A"), ("core.untrackedCache", "true"),
        ("protocol.allow", "always"), ("protocol.ext.allow", "always"), ("protocol.file.allow", "always"),
        ("remote.origin.url", f"ext::touch '{canaries}/ext'"), ("remote.origin.promisor", "true"),
        ("remote.origin.partialclonefilter", "blob:none"), ("extensions.partialClone", "origin"),
        ("core.repositoryFormatVersion", "1"), ("core.hooksPath", ".git/hooks"), ("filter.evil.required", "true"),
        ("safe.directory", "*"),
    ]  # fmt: skip
    (canaries.parent / "included").write_text(f"[core]\n\tfsmonitor = \"touch '{canaries}/included'\"\n")
    rows += [("include.path", str(canaries.parent / "included"))]
    with (repository / ".git/config").open("a") as file:
        for key, value in rows:
            section, _, name = key.rpartition(".")
            first, _, rest = section.partition(".")
            head = f'[{first} "{rest}"]' if rest else f"[{first}]"
            quoted = value.replace("\\", "\\\\").replace('"', '\\"')
            file.write(f'{head}\n\t{name} = "{quoted}"\n')
    touched(repository)
    return repository


def _trap(canaries: Path, key: str) -> str:
    return f"sh -c \"touch '{canaries}/{key}'; cat\""


def touched(repository: Path) -> None:
    """Times that no index knows, so that contents have to be compared."""
    for file in repository.glob("*.py"):
        os.utime(file, (1, 1))


def sprung(canaries: Path) -> Sequence[str]:
    return sorted(file.name for file in canaries.iterdir())


def without_blobs(repository: Path) -> None:
    """As a partial clone is: commits and trees are there, the contents of files are not."""
    for line in git(
        repository, "rev-list", "--objects", "--all", "--filter=blob:none", "--filter-print-omitted"
    ).splitlines():
        if line.startswith("~"):
            name = line[1:]
            (repository / ".git/objects" / name[:2] / name[2:]).unlink()
