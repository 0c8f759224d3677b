"""A unified diff that somebody else wrote, applied in memory: nothing of it touches the disk.

A diff is hostile input. It may make links, change modes, name files outside the project or carry binary data; each is refused
in one sentence. What is left is text for plain files inside the project, put in place by its context alone, without fuzz.

Example::

    change = patched_files(Path("shop"), Path("theirs.diff"))
    change.new["shop/db.py"]
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from buckler.base.errors import InputError
from buckler.base.files import inside, read_regular
from buckler.prove.ladder.model import Change

LARGEST_DIFF = 5_000_000
LARGEST_FILE = 20_000_000
MOST_HUNKS = 3000
HUNK = re.compile(rb"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")
MODE = re.compile(rb"(old|new|deleted file|new file) mode (\d+)")
INDEX = re.compile(rb"index [0-9a-f]+\.\.[0-9a-f]+ (\d+)")
MOVED = re.compile(rb"(rename|copy) (from|to) (.+)")
PREFIX = re.compile(r"[abciow12]/")
ESCAPE = re.compile(rb"\\([0-7]{3}|.)")
ESCAPED = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}
NOWHERE = "/dev/null"
PLAIN = (b"100644", b"100755")
KINDS = {b"120000": "makes or changes a symbolic link", b"160000": "changes a submodule"}
NO_NEWLINE = b"\\ No newline"


@dataclass(slots=True)
class Hunk:
    """Lines before and after, each with its line break."""

    line: int
    before: bytes
    after: bytes


@dataclass(slots=True)
class Section:
    """What a diff does to one file; an empty name is no file."""

    old: str = ""
    new: str = ""
    moved: str = ""
    """`rename` or `copy`, if it is one."""
    hunks: list[Hunk] = field(default_factory=list)


def patched_files(root: Path, diff: Path) -> Change:
    """Files before and after a diff, a deleted one as an empty one; raises `InputError` with what is wrong."""
    try:
        return applied(root, read_regular(diff, LARGEST_DIFF))
    except InputError as error:
        if error.where == str(diff):
            raise
        place = f"{error.where}: " if error.where else ""
        raise InputError(f"does not apply: {place}{error.what}", where=str(diff), remedy=error.remedy) from error


def applied(root: Path, diff: bytes) -> Change:
    """The same for the text of a diff."""
    change = Change(old := {}, new := {})
    for section in sections(diff):
        for path in dict.fromkeys(name for name in (section.old, section.new) if name):
            if path in new:
                raise InputError("is named twice", where=ascii(path), remedy="give one patch")
        before = b""
        if section.old:
            before = old[section.old] = _read(root, section.old)
        if section.new and section.new != section.old and inside(root, _checked(section.new)).exists():
            raise InputError("is there already", where=ascii(section.new))
        after = patched(before, section)
        if section.old and section.old != section.new and section.moved != "copy":
            new[section.old] = b""
        if section.new:
            new[section.new] = after
        elif after:
            raise InputError("is deleted, but not all of it", where=ascii(section.old))
    if not new:
        raise InputError("holds no change that can be read", remedy="give a unified diff")
    return change


def _checked(path: str) -> str:
    if any(part.lower() == ".git" for part in path.split("/")):
        raise InputError("is a file of git itself", where=ascii(path))
    return path


def _read(root: Path, path: str) -> bytes:
    file = inside(root, _checked(path))
    if not file.exists():
        raise InputError("there is no such file", where=ascii(path))
    return read_regular(file, LARGEST_FILE)


def patched(before: bytes, section: Section) -> bytes:
    """The contents of a file after all its hunks."""
    out = bytearray()
    at = 0
    starts = _line_starts(before) if section.hunks else []
    for hunk in section.hunks:
        # Without lines before, the number says after which line.
        wanted = hunk.line if not hunk.before else hunk.line - 1
        expected = starts[min(max(wanted, 0), len(starts) - 1)]
        place = _found(before, hunk.before, at, expected) if hunk.before else expected
        if place < at:
            raise InputError(f"the lines at line {hunk.line} are others", where=ascii(section.old or section.new))
        out += before[at:place] + hunk.after
        at = place + len(hunk.before)
    return bytes(out + before[at:])


def _line_starts(data: bytes) -> list[int]:
    return [0, *(match.end() for match in re.finditer(rb"\n", data) if match.end() < len(data)), len(data)]


def _found(data: bytes, lines: bytes, least: int, expected: int) -> int:
    """Where these lines stand, as near as can be to where they should; -1 if nowhere. Whole lines only."""
    if data.startswith(lines, expected) and expected >= least and _whole(data, lines, expected):
        return expected
    text, wanted = b"\n" + data, b"\n" + lines
    after = text.find(wanted, max(expected, least))
    before = text.rfind(wanted, least, expected + len(wanted))
    places = [place for place in (before, after) if place >= 0 and _whole(data, lines, place)]
    return min(places, key=lambda place: abs(place - expected), default=-1)


def _whole(data: bytes, lines: bytes, place: int) -> bool:
    """A line without a break is the last one of its file."""
    starts = place == 0 or data[place - 1 : place] == b"\n"
    return starts and (lines.endswith(b"\n") or place + len(lines) == len(data))


def sections(diff: bytes) -> Iterator[Section]:
    """What a diff does, file by file; raises `InputError` for all that is no text in a plain file."""
    lines = diff.splitlines(keepends=True) if b"\r" not in diff else re.findall(rb"[^\n]*\n|[^\n]+\Z", diff)
    at, hunks = 0, 0
    section: Section | None = None
    while at < len(lines):
        line = lines[at].rstrip(b"\r\n")
        at += 1
        if line.startswith(b"diff "):
            if section is not None:
                yield _complete(section)
            section = _headed(line)
        elif line.startswith(b"--- ") and at < len(lines) and lines[at].startswith(b"+++ "):
            if section is not None and section.hunks:
                yield _complete(section)
                section = None
            section = _named(section, line, lines[at].rstrip(b"\r\n"))
            at += 1
        elif match := HUNK.match(line):
            if section is None:
                raise InputError(f"line {at} changes no file")
            hunk, at = _hunk(match, lines, at)
            section.hunks.append(hunk)
            hunks += 1
            if hunks > MOST_HUNKS:
                raise InputError(f"has more than {MOST_HUNKS} parts")
        elif line.startswith(b"@@"):
            raise InputError(f"has a line that is no part of a diff (line {at})")
        elif section is not None and not section.hunks:
            _header(section, line)
    if section is not None:
        yield _complete(section)


def _headed(line: bytes) -> Section:
    """The head of a file's part. Its two names matter only where nothing else names the file."""
    if not line.startswith(b"diff --git "):
        if line.startswith((b"diff --cc", b"diff --combined")):
            raise InputError("is the diff of a merge", remedy="give a diff against one commit")
        return Section()
    names = line.removeprefix(b"diff --git ")
    middle = len(names) // 2
    first, second = _name(names[:middle]), _name(names[middle + 1 :])
    same = PREFIX.match(first) and PREFIX.match(second) and first[2:] == second[2:]
    return Section(first[2:], second[2:]) if same else Section()


def _named(section: Section | None, minus: bytes, plus: bytes) -> Section:
    """The names that `---` and `+++` give, without what git puts before them."""
    names = [_name(line[4:].split(b"\t")[0]) for line in (minus, plus)]
    given = [name for name in names if name != NOWHERE]
    if given and all(PREFIX.match(name) for name in given):
        given = [name[2:] for name in given]
        names = [name if name == NOWHERE else name[2:] for name in names]
    old, new = ("" if name == NOWHERE else name for name in names)
    if section is not None and section.moved:
        if (old, new) != (section.old, section.new):
            raise InputError("is named differently in one part", where=ascii(old or new))
        return section
    if old and new and old != new:
        raise InputError("is given another name without saying so", where=ascii(new), remedy="make the diff with git")
    return Section(old, new)


def _header(section: Section, line: bytes) -> None:
    """One line between the head of a part and its first hunk."""
    if line.startswith((b"GIT binary patch", b"Binary files ")):
        raise InputError("is a binary change, which cannot be judged", where=ascii(section.new or section.old))
    if match := MODE.fullmatch(line):
        what, mode = match[1], match[2]
        if mode not in PLAIN:
            raise InputError(
                KINDS.get(mode, f"makes a file of mode {mode.decode()}"), where=ascii(section.new or section.old)
            )
        if what in (b"old", b"new"):
            raise InputError(
                "changes the mode of a file, which cannot be judged", where=ascii(section.new or section.old)
            )
        if what == b"new file":
            section.old = ""
        else:
            section.new = ""
    elif match := INDEX.fullmatch(line):
        if match[1] not in PLAIN:
            raise InputError(KINDS.get(match[1], "is no plain file"), where=ascii(section.new or section.old))
    elif match := MOVED.fullmatch(line):
        section.moved = match[1].decode()
        if match[2] == b"from":
            section.old = _name(match[3])
        else:
            section.new = _name(match[3])


def _complete(section: Section) -> Section:
    if not section.old and not section.new:
        raise InputError("has a part that names no file")
    if section.old == section.new and (section.moved or not section.hunks):
        raise InputError("has a part without a change", where=ascii(section.old))
    return section


def _hunk(match: re.Match[bytes], lines: list[bytes], at: int) -> tuple[Hunk, int]:
    """A hunk with as many lines as its head says, and where it ends."""
    left, right = int(match[2] or 1), int(match[4] or 1)
    before: list[bytes] = []
    after: list[bytes] = []
    while left > 0 or right > 0:
        if at >= len(lines):
            raise InputError("is cut short")
        line = lines[at]
        at += 1
        sign, rest = (b" ", line) if line in (b"\n", b"\r\n") else (line[:1], line[1:])
        if rest.startswith(b"Subproject commit "):
            raise InputError(KINDS[b"160000"])
        sides = {b" ": (before, after), b"-": (before,), b"+": (after,)}.get(sign)
        if sides is None:
            raise InputError(f"has a line that is no part of a diff (line {at})")
        ends = at < len(lines) and lines[at].startswith(NO_NEWLINE)
        at += ends
        for side in sides:
            side.append(rest.removesuffix(b"\n") if ends else rest if rest.endswith(b"\n") else rest + b"\n")
        left -= sign in b" -"
        right -= sign in b" +"
    if left or right:
        raise InputError(f"has a part with other lines than its head says (line {at})")
    return Hunk(int(match[1]), b"".join(before), b"".join(after)), at


def _name(name: bytes) -> str:
    """A file name, which git quotes if it has odd characters."""
    name = name.strip()
    if len(name) > 1 and name.startswith(b'"') and name.endswith(b'"'):
        name = ESCAPE.sub(
            lambda m: bytes([int(m[1], 8) & 255]) if len(m[1]) == 3 else ESCAPED.get(m[1], m[1]), name[1:-1]
        )
    return name.decode("utf-8", "surrogateescape")
