"""A line of a manifest → the smallest edit that asks for another version.

The reader of the manifest says on which lines a requirement stands and which range it found there; only that range's
text is replaced, so comments, order, quotes and everything else stay. Hashes that pin the old archives go with it.

Example::

    edits_of(requirement, data, "2.10.1", ("sha256:9f2c…",))    # [Edit("requirements.txt", 8, 12, "2.10.1"), …]
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from buckler.dependencies.model import Requirement
from buckler.dependencies.upgrade.ranges import raised
from buckler.finding.evidence import Edit

HASHES = re.compile(
    rb"(?P<first>\s*\\?\s*)--hash[= ](?P<hash>[\w-]+:[0-9a-fA-F]+)(?P<more>(?:\s*\\?\s*--hash[= ][\w-]+:[0-9a-fA-F]+)*)"
)


class NotEdited(Exception):
    """The line cannot be changed by itself; the words say why."""


def edits_of(line: Requirement, data: bytes, version: str, hashes: Sequence[str] = ()) -> list[Edit]:
    """The edits of one requirement, none if its range allows the version already and pins nothing.

    `data` is the file of the line, `hashes` those of the new archives, as `algorithm:hex`; raises `NotEdited`.
    """
    start, end = _span(data, line.location.line, line.location.end_line)
    text = data[start:end]
    edits = []
    after = raised(line.wanted, version)
    if after is None:
        raise NotEdited(f"its range `{line.wanted}` is none that can be raised by itself")
    if after != line.wanted:
        at = _found(text, line)
        if at < 0 and _allows(line.wanted, version):  # Poetry's `^1.2` is read as a range of Python's
            return []
        if at < 0:
            raise NotEdited(f"its version is set elsewhere than on line {line.location.line}")
        edits.append(Edit(line.location.path, start + at, start + at + len(line.wanted.encode()), after))
    if line.hashes and edits and (pinned := HASHES.search(text)) is not None:
        if not hashes:
            raise NotEdited("its archives are pinned by hashes, and those of the new release are not known")
        edits.append(Edit(line.location.path, start + pinned.start(), start + pinned.end(), _hashes(pinned, hashes)))
    return edits


def _allows(wanted: str, version: str) -> bool:
    try:
        return SpecifierSet(wanted).contains(version, prereleases=True)
    except InvalidSpecifier:
        return False


def _span(data: bytes, first: int, last: int) -> tuple[int, int]:
    """Byte offsets of some lines, counted from 1, without the end of the last."""
    starts = [0, *(match.end() for match in re.finditer(rb"\r\n|\n|\r", data)), len(data)]
    start = starts[min(first - 1, len(starts) - 1)]
    end = starts[min(max(first, last), len(starts) - 1)]
    return start, len(data[:end].rstrip(b"\r\n")) if end > start else start


def _found(text: bytes, line: Requirement) -> int:
    """Where the range stands, after the name of the package if that is on the line as well; -1 if it does not."""
    wanted = line.wanted.encode()
    last = re.split(r"[/:]", line.package.name)[-1]
    pattern = b"[-_.]+".join(re.escape(part.encode()) for part in re.split(r"[-_.]+", last) if part)
    for name in re.finditer(pattern, text, re.I):
        if (at := text.find(wanted, name.end())) >= 0:
            return at
    return text.find(wanted)


def _hashes(pinned: re.Match[bytes], hashes: Sequence[str]) -> str:
    """The new hashes, one below the other where the old ones were."""
    gap = pinned["first"].decode("utf-8", "replace")
    between = gap if "\n" in gap else " "
    return gap + between.join(f"--hash={mark}" for mark in sorted(hashes))
