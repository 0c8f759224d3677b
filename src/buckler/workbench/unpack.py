"""An sdist, wheel or zip as a folder, for work that needs one: every member by the rules of `archives`, nothing else.

Example::

    with as_folder(Path("shop-1.0.tar.gz"), Limits()) as folder: ...     # a folder is given back as it is
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from buckler.base.errors import InputError
from buckler.base.scratch import passing
from buckler.base.source import language_of
from buckler.finding.model import Notice
from buckler.workbench.archives import DAMAGE, ZIPS, Meter, TooMuch, is_archive, read_tar, read_zip
from buckler.workbench.members import Members
from buckler.workbench.selection import Inputs, Limits, too_large


@dataclass(slots=True)
class Writing:
    """Members on their way to a folder."""

    folder: Path
    limits: Limits
    inputs: Inputs
    meter: Meter
    prefix: str = ""
    members: Members = field(default_factory=Members)

    def wants(self, name: str, size: int) -> str:
        """Every file that is not larger than one that would be reviewed."""
        if size <= self.limits.max_file_size:
            return "file"
        notice = too_large(name, size, self.limits)
        self.inputs.notices.append(replace(notice, partial=bool(language_of(name))))
        return ""

    def keep(self, name: str, language: str, data: bytes) -> None:
        target = self.folder / name
        try:
            for folder in reversed(Path(name).parents):
                (self.folder / folder).mkdir(exist_ok=True)
                (self.folder / folder).chmod(0o755)  # whatever the umask: what runs in the sandbox runs as nobody
            target.write_bytes(data)
            target.chmod(0o644)
        except OSError as error:  # a name that is too long here, or a file where a system sees a folder
            reason = error.strerror or "cannot be written"
            self.inputs.note("archive", name, f"not unpacked: {reason}", partial=True)

    def drop(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)


@contextmanager
def as_folder(path: Path, limits: Limits, notices: list[Notice] | None = None) -> Iterator[Path]:
    """The folder itself, or a temporary one with what the archive holds; raises `InputError` for anything else.

    What of an archive is not in that folder is added to `notices`.
    """
    if path.is_dir():
        yield path
        return
    if not is_archive(path.name) or not path.is_file():
        raise InputError(
            "is neither a folder nor an archive",
            where=str(path),
            remedy="give the project's folder, sdist, wheel or zip",
        )
    with passing("buckler-unpacked-") as base:
        said = unpack(path, base, limits)
        if notices is not None:
            notices += said
        inside = list(base.iterdir())
        yield inside[0] if len(inside) == 1 and inside[0].is_dir() else base


def unpack(path: Path, folder: Path, limits: Limits) -> list[Notice]:
    """Write the members and say which were not; raises `InputError` where the archive is damaged, or a bomb."""
    try:
        work = Writing(folder, limits, Inputs(root=folder, name=path.name), Meter(path.stat().st_size, limits))
        (read_zip if path.name.lower().endswith(ZIPS) else read_tar)(path, work)
    except TooMuch as reason:
        raise InputError(f"{reason}; nothing was done", where=str(path)) from None
    except DAMAGE as error:
        raise InputError(f"is damaged or not what its name says ({type(error).__name__})", where=str(path)) from None
    return work.inputs.notices
