"""Which tool writes which lockfile, as rows: a lockfile is never edited by hand, it is written anew by its own tool.

The commands resolve and write; they build and run nothing of the project or of its packages. `{name}` and `{version}`
are those of the package that is to move.

Example::

    locker_for("uv_lock").direct     # (("uv", "lock", …, "--upgrade-package", "{name}=={version}"),)
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True, frozen=True)
class Locker:
    """One tool: what it is called, which files it needs, and the commands for a direct and an indirect dependency."""

    format: str
    """The lockfile's format, by the name of its reader."""
    manifest: str
    """The file beside it that people edit."""
    direct: tuple[tuple[str, ...], ...]
    """Run after the manifest was edited; a step `("restore",)` puts the edited manifest back."""
    indirect: tuple[tuple[str, ...], ...]
    hint: str
    """What a person types where the tool is not at hand."""

    @property
    def tool(self) -> str:
        return self.direct[0][0]


RESTORE = ("restore",)
"""The step that puts back the manifest as it was edited: some tools write their own idea of it."""
_UV = (("uv", "lock", "--no-build", "--quiet", "--upgrade-package", "{name}=={version}"),)
_NPM = ("npm", "install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")

LOCKERS: tuple[Locker, ...] = (
    Locker("uv_lock", "pyproject.toml", _UV, _UV, "uv lock --upgrade-package {name}=={version}"),
    Locker(
        "package_lock", "package.json",
        ((*_NPM, "{name}@{version}"), RESTORE, _NPM),
        (("npm", "update", "{name}", *_NPM[2:]), RESTORE),
        "npm install --package-lock-only {name}@{version}",
    ),
    Locker(
        "poetry_lock", "pyproject.toml",
        (("poetry", "update", "--lock", "--no-interaction", "{name}"),),
        (("poetry", "update", "--lock", "--no-interaction", "{name}"),),
        "poetry update --lock {name}",
    ),
    Locker(
        "pdm_lock", "pyproject.toml",
        (("pdm", "lock", "--update-reuse"),),
        (("pdm", "update", "--no-sync", "{name}"),),
        "pdm update --no-sync {name}",
    ),
    Locker(
        "cargo_lock", "Cargo.toml",
        (("cargo", "update", "--quiet", "--package", "{name}", "--precise", "{version}"),),
        (("cargo", "update", "--quiet", "--package", "{name}", "--precise", "{version}"),),
        "cargo update --package {name} --precise {version}",
    ),
)  # fmt: skip
_BY_FORMAT = {known.format: known for known in LOCKERS}


def locker_for(format_: str) -> Locker | None:
    """The tool that writes lockfiles of a format; None if none of ours does."""
    return _BY_FORMAT.get(format_)
