"""The database of advisories as a user handles it: made from what ships, updated, filled from files, and shown.

Each source is one change of the database: what fails for one leaves the others, and all that was known, as they are.

Example::

    with open_database(default_database()) as database: ...
    for outcome in update(path, DEFAULT_ADDRESS, ("PyPI", "npm"), progress): ...
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from buckler.base.errors import ConfigError, InputError
from buckler.base.progress import Progress
from buckler.base.scratch import scratch
from buckler.dependencies import exploitation
from buckler.dependencies.advisories import snapshot
from buckler.dependencies.advisories.archives import Document, archived
from buckler.dependencies.advisories.database import Count, Source, Unused, Writer, is_outdated, open_database, updating
from buckler.dependencies.advisories.download import Known, Patience, check_address, download
from buckler.dependencies.advisories.importing import Tally, documents, import_into, now
from buckler.store.cache import default_path, user_folder

DEFAULT_ADDRESS = "https://osv-vulnerabilities.storage.googleapis.com"
"""Where OSV publishes an archive for each ecosystem."""
DEFAULT_ECOSYSTEMS = ("PyPI", "npm", "Maven", "Go", "crates.io", "NuGet", "RubyGems", "Packagist")
FILE = "advisories.sqlite"
VARIABLE = "BUCKLER_ADVISORIES"
DOWNLOADS = "downloads"
SHRUNK = 2
"""A new state with fewer than one part in so many of what was known is no update."""


@dataclass(slots=True, frozen=True)
class Outcome:
    """What came of one source; one of the last three says which."""

    source: str
    tally: Tally | None = None
    error: InputError | None = None

    @property
    def unchanged(self) -> bool:
        return self.tally is None and self.error is None


@dataclass(slots=True, frozen=True)
class Status:
    """What a database holds."""

    path: Path
    sources: list[Source]
    counts: list[Count]
    unused: list[Unused]

    @property
    def reasons(self) -> Counter[tuple[str, str]]:
        """How many documents of which source were not used in whole, by the reason."""
        return Counter((one.source, one.problem.kind.value) for one in self.unused)


def database_file(given: Path | None = None) -> Path:
    """Where the database is: what was given, else `BUCKLER_ADVISORIES`, else beside the cache."""
    chosen = os.environ.get(VARIABLE, "") if given is None else str(given)
    if chosen:
        return Path(chosen).absolute()
    cache = default_path()
    return (cache.parent if cache is not None else user_folder()) / FILE


def default_database() -> Path:
    """The user's database; where none can be kept, one for this run."""
    path = database_file()
    try:
        return ready(path)
    except InputError:
        if path.exists():
            raise
        return ready(scratch("buckler-advisories-") / FILE)


def ready(path: Path) -> Path:
    """The database with what ships, unless something newer took its place."""
    if is_outdated(path) or _is_older(path):
        with updating(path, wait=True) as writer:
            snapshot.load(writer)
    return path


def _is_older(path: Path) -> bool:
    """Whether a later release of Buckler ships newer facts than those in the database."""
    with open_database(path) as database:
        return bool(snapshot.newer(database.sources()))


def update(
    path: Path, address: str, ecosystems: Iterable[str], progress: Progress, patience: Patience | None = None
) -> Iterator[Outcome]:
    """Download what is new, one ecosystem after the other."""
    base, wanted = check_address(address), _known(ecosystems)
    ready(path)
    confirmed = []
    for ecosystem in wanted:
        try:
            outcome = Outcome(ecosystem, _update(path, base, ecosystem, progress, patience))
        except InputError as error:
            outcome = Outcome(ecosystem, error=error)
        if outcome.unchanged:
            confirmed.append(ecosystem)
        yield outcome
    if confirmed:
        with updating(path) as writer:
            for ecosystem in confirmed:
                writer.confirm(ecosystem, now())


def _known(ecosystems: Iterable[str]) -> list[str]:
    wanted = list(dict.fromkeys(ecosystems))
    for name in wanted:
        if name not in DEFAULT_ECOSYSTEMS:
            raise ConfigError(
                "is no ecosystem that is known", where=ascii(name), remedy="known are " + ", ".join(DEFAULT_ECOSYSTEMS)
            )
    return wanted


def _update(path: Path, base: str, ecosystem: str, progress: Progress, patience: Patience | None) -> Tally | None:
    """None where the server has nothing newer."""
    address = f"{base}/{quote(ecosystem)}/all.zip"
    known = _already(path, ecosystem, address)
    folder = path.parent / DOWNLOADS
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = folder / f"{ecosystem}.zip"
    got = download(address, target, known, progress, patience)
    if not got.changed:
        return None
    try:
        with updating(path) as writer:
            source = Source(ecosystem, address, ecosystem, etag=got.known.etag, changed=got.known.changed)
            return _replace(writer, source, target)
    finally:
        target.unlink(missing_ok=True)


def _already(path: Path, ecosystem: str, address: str) -> Known:
    """What is known of the state that the same address gave last."""
    with open_database(path) as database:
        for source in database.sources():
            if source.name == ecosystem and source.origin == address:
                return Known(source.etag, source.changed)
    return Known()


def _replace(writer: Writer, source: Source, archive: Path) -> Tally:
    """A download in place of what was known of its ecosystem; raises `InputError` for one that cannot be right."""
    former = [one for one in writer.sources() if one.name == source.name or _ships(one, source.ecosystem)]
    before = max((writer.count(one) for one in former), default=0)
    for one in former:
        writer.forget(one.name)
    tally = import_into(writer, source, _whole(archive, source.origin))
    after = writer.count(source)
    if not after:
        raise InputError(
            f"holds no advisory about {source.ecosystem}", where=source.origin, remedy="nothing was changed"
        )
    if after * SHRUNK < before:
        raise InputError(
            f"holds less than half of what was known about {source.ecosystem} ({after:,} instead of {before:,})",
            where=source.origin,
            remedy="nothing was changed; if that is right, delete the database and update again",
        )
    return tally


def _ships(source: Source, ecosystem: str) -> bool:
    return source.shipped and source.ecosystem == ecosystem


def _whole(archive: Path, address: str) -> Iterator[Document]:
    """The members of a download, none of which may be damaged."""
    try:
        for document in archived(archive):
            if document.refused:
                reason = f"is damaged: {document.name} {document.refused}"
                break
            yield document
        else:
            return
    except InputError as error:
        reason = error.what
    raise InputError(reason, where=address, remedy="nothing was changed")


def import_from(path: Path, given: Path, progress: Progress) -> Tally:
    """Everything that a file, folder or archive holds, in place of what the same one said before."""
    ready(path)
    progress.start(0, "reading advisories")
    try:
        with updating(path) as writer:
            tally = import_into(
                writer, Source(given.name or str(given), str(given)), _shown(documents(given), progress)
            )
            if not tally.kept and not tally.older:
                raise InputError("holds no advisory in OSV's format", where=str(given), remedy="nothing was changed")
    finally:
        progress.finish()
    return tally


def _shown(found: Iterable[Document], progress: Progress) -> Iterator[Document]:
    for document in found:
        progress.advance()
        yield document


def exploitation_file(path: Path) -> Path:
    """What is known of attacks lies beside the advisories."""
    return path.with_name(exploitation.FILE)


def status(path: Path) -> Status:
    """What the database holds; the facts that ship are put there if there is none yet."""
    with open_database(ready(path)) as database:
        return Status(path, database.sources(), database.counts(), database.unused())
