"""Remembered results: one SQLite file, private to the user, that can fail without anybody noticing much.

A cache is a promise to be faster, never a reason to stop. Whatever goes wrong (file corrupt, locked,
read-only, disk full, owned by somebody else) the cache turns itself off, leaves one `Notice`, and every
later call is a miss. Values are opaque bytes, some of which are unsafe to load if they are not what was written:
that is why the folder is 0700, a file of another owner is refused, and every value is kept with a digest of itself and
its place, without which it is a miss.

Example::

    cache = open_cache(default_path(), stamp="engine 3")
    known = cache.get_many("summary", keys)
    cache.put_many("summary", {key: value})
    cache.close()
"""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from buckler.base.digest import SIZE, digest
from buckler.base.errors import InputError
from buckler.finding.model import Notice

APPLICATION = 0x42554B4C  # "BUKL": tells our file from somebody else's database
LAYOUT = 3
PAGE = 32768
"""Values are kilobytes; in small pages each becomes a chain, and writing them took most of the time."""
MAX_BYTES = 1_000_000_000
BATCH = 500
WAIT_SECONDS = 2.0
FRESH = 16
"""Runs after which an entry in use is marked as used once more; to mark is to write it anew."""

FAILURES = (sqlite3.Error, TypeError, ValueError, OverflowError, MemoryError)
"""What a damaged file makes SQLite say, or hand out instead of what was asked for."""

TABLES = """
CREATE TABLE IF NOT EXISTS stamp (text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS entry (
    layer TEXT NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL, used INTEGER NOT NULL,
    PRIMARY KEY (layer, key)
);
CREATE INDEX IF NOT EXISTS entry_used ON entry (used);
"""


class Cache:
    """An open cache, or one that has given up; it never raises."""

    __slots__ = ("_damaged", "_db", "_limit", "_turn", "notices", "path")

    def __init__(self, path: Path | None, db: sqlite3.Connection | None, limit: int = MAX_BYTES) -> None:
        self.path = path
        self.notices: list[Notice] = []
        self._db = db
        self._limit = limit
        self._turn = 0
        self._damaged = 0

    @property
    def usable(self) -> bool:
        return self._db is not None

    def get_many(self, layer: str, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """The values known for these keys."""
        found: dict[bytes, bytes] = {}
        for batch in _batches(keys):
            if self._db is None:
                return {}
            marks = ",".join("?" * len(batch))
            query = f"SELECT key, value, used FROM entry WHERE layer = ? AND key IN ({marks})"  # noqa: S608
            try:
                rows = self._db.execute(query, (layer, *batch)).fetchall()
                self._touch(self._db, layer, [row[0] for row in rows if row[2] + FRESH <= self._turn])
            except FAILURES as error:
                self._give_up(error)
                return {}
            whole = {key: value[SIZE:] for key, value, _ in rows if _is_whole(layer, key, value)}
            self._damaged += len(rows) - len(whole)
            found.update(whole)
        return found

    def put_many(self, layer: str, items: Mapping[bytes, bytes]) -> None:
        """Remember; what is written survives an interruption right after."""
        if self._db is None or not items:
            return
        rows = [(layer, key, _mark(layer, key, value) + value, self._turn) for key, value in items.items()]
        try:
            with self._db:
                self._db.executemany("INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?)", rows)
        except FAILURES as error:
            self._give_up(error)

    def close(self) -> None:
        """Forget what was longest unused if the file has grown past its limit, then let go of it."""
        if self._damaged:
            what = "entry of the cache was" if self._damaged == 1 else "entries of the cache were"
            text = f"{self._damaged} damaged {what} not used"
            self.notices.append(Notice("cache", str(self.path or ""), text, partial=False))
            self._damaged = 0
        if self._db is None:
            return
        try:
            _prune(self._db, self._limit)
            self._db.close()
        except FAILURES as error:
            self._give_up(error)
        self._db = None

    def begin(self, stamp: str) -> None:
        """Check the file is ours, lay its tables, and drop entries of another version."""
        if self._db is None:
            return
        try:
            self._turn = _prepare(self._db, stamp)
        except FAILURES as error:
            self._give_up(error)

    def refuse(self, reason: str) -> None:
        """Go on without a cache and say why, once."""
        if self._db is not None:
            with suppress(sqlite3.Error):
                self._db.close()
        self._db = None
        text = f"reviewing without a cache: {reason}; 'buckler cache clear' makes a new one"
        self.notices.append(Notice("cache", str(self.path or ""), text, partial=False))

    def _give_up(self, error: Exception) -> None:
        self.refuse(str(error) if isinstance(error, sqlite3.Error) else "the file is damaged")

    def _touch(self, db: sqlite3.Connection, layer: str, keys: Sequence[bytes]) -> None:
        """Mark as used in this run; a file we may read but not write stays useful."""
        if not keys:
            return
        statement = "UPDATE entry SET used = ? WHERE layer = ? AND key = ? AND used <> ?"
        with suppress(sqlite3.Error), db:
            db.executemany(statement, [(self._turn, layer, key, self._turn) for key in keys])


def _mark(layer: str, key: bytes, value: bytes) -> bytes:
    return digest(layer.encode(), key, value)


def _is_whole(layer: str, key: bytes, value: object) -> bool:
    """Whether a row is just what was written there; nothing else may be loaded."""
    return isinstance(value, bytes) and value[:SIZE] == _mark(layer, key, value[SIZE:])


def _batches(keys: Iterable[bytes]) -> Iterator[list[bytes]]:
    rest = iter(keys)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _prepare(db: sqlite3.Connection, stamp: str) -> int:
    """Lay the tables; the number of this run comes back."""
    (owner,) = db.execute("PRAGMA application_id").fetchone()
    (layout,) = db.execute("PRAGMA user_version").fetchone()
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and owner != APPLICATION:
        raise sqlite3.DatabaseError("the file is a database of another program")
    if tables and layout != LAYOUT:
        db.executescript("DROP TABLE IF EXISTS entry; DROP TABLE IF EXISTS stamp;")
    db.execute(f"PRAGMA page_size = {PAGE}")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute(f"PRAGMA application_id = {APPLICATION}")
    db.execute(f"PRAGMA user_version = {LAYOUT}")
    db.executescript(TABLES)
    with db:
        if db.execute("SELECT text FROM stamp").fetchone() != (stamp,):
            db.execute("DELETE FROM entry")
            db.execute("DELETE FROM stamp")
            db.execute("INSERT INTO stamp VALUES (?)", (stamp,))
    (last,) = db.execute("SELECT coalesce(max(used), 0) FROM entry").fetchone()
    return int(last) + 1


def _prune(db: sqlite3.Connection, limit: int) -> None:
    size = "SELECT coalesce(sum(length(value) + length(key)), 0) FROM entry"
    (total,) = db.execute(size).fetchone()
    if total <= limit:
        return
    oldest_kept = """
        SELECT max(used) FROM (
            SELECT used, sum(length(value) + length(key)) OVER (ORDER BY used DESC, layer, key) AS total
            FROM entry
        ) WHERE total > ?
    """
    (oldest,) = db.execute(oldest_kept, (limit * 4 // 5,)).fetchone()
    with db:
        db.execute("DELETE FROM entry WHERE used <= ?", (oldest,))
    db.execute("VACUUM")


OFF = "off"
"""In place of a file: no cache."""


def default_path(given: Path | None = None) -> Path | None:
    """Where the cache lives: what was given, else `BUCKLER_CACHE` (a file or `off`), else the user's cache folder."""
    chosen = os.environ.get("BUCKLER_CACHE", "") if given is None else str(given)
    if chosen == OFF:
        return None
    if chosen:
        return Path(chosen).absolute()  # what lies beside it is named to interpreters that run elsewhere
    return user_folder() / "cache.sqlite"


def user_folder() -> Path:
    """Where the user keeps what can be made again."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    folder = Path(base) if Path(base).is_absolute() else Path.home() / ".cache"
    return folder / "buckler"


def open_cache(path: Path | None, stamp: str, limit: int = MAX_BYTES) -> Cache:
    """Open or create the file; `None` is no cache at all."""
    if path is None:
        return Cache(None, None)
    cache = Cache(path, None, limit)
    try:
        _private_folder(path)
        if reason := _foreign(path):
            cache.refuse(reason)
            return cache
        db = sqlite3.connect(path, timeout=WAIT_SECONDS)
    except (OSError, ValueError, sqlite3.Error) as error:
        cache.refuse(str(getattr(error, "strerror", None) or error))
        return cache
    cache = Cache(path, db, limit)
    cache.begin(stamp)
    return cache


def _private_folder(path: Path) -> None:
    if not path.parent.exists():
        path.parent.mkdir(mode=0o700, parents=True)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _foreign(path: Path) -> str:
    """Why this file cannot be trusted with bytes we will load, empty if it can."""
    for companion in _companions(path):
        if companion.exists() and not stat.S_ISREG(companion.stat().st_mode):
            return f"{companion.name} is not a regular file"
    if not hasattr(os, "geteuid"):
        return ""
    status = path.stat()
    if status.st_uid != os.geteuid():
        return "the file belongs to another user"
    if status.st_mode & 0o022:
        return "other users may write the file"
    return ""


def clear_cache(path: Path) -> bool:
    """Delete the file and its companions; False if there was none. Another program's file is left alone."""
    if not path.exists():
        return False
    if not path.is_file():
        raise InputError("is not a regular file", where=str(path), remedy="name another cache")
    with path.open("rb") as file:
        head = file.read(72)
    if head[68:72] not in (APPLICATION.to_bytes(4, "big"), b"") and head[:15] == b"SQLite format 3":
        return False
    for companion in _companions(path):
        companion.unlink(missing_ok=True)
    return True


def _companions(path: Path) -> tuple[Path, ...]:
    """The file and those that SQLite keeps beside it."""
    return path, Path(f"{path}-wal"), Path(f"{path}-shm"), Path(f"{path}-journal")
