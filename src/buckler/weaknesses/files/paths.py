"""Paths that leave their folder: any use of a file outside it is seen in the interpreter's audit events.

The events carry the path before the system is asked, so the test also works where the folder of the application does
not exist; the path is normalized in the way the system would. Looking whether a file exists makes no event: there the
file is taken away between two equal requests, and an answer that changes with it gives it away.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePosixPath

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Attack, Oracle, Probe, SinkContext
from buckler.prove.sink import folder_of, suffix_of

PROBE = Path(__file__).with_name("paths_probe.py")
UP = "../" * 12


def attacks(situation: SinkContext) -> list[Attack]:
    suffix = suffix_of(situation)
    plain = f"str(secret)[:-{len(suffix)}]" if suffix else "str(secret)"
    rows = [
        (f"{UP!r} + {plain}[1:]", "climbs to the root"),
        (plain, "an absolute path"),
        (f"'x/' + {UP!r} + {plain}[1:]", "climbs out of a folder that does not exist"),
        (f"{UP.replace('../', '....//')!r} + {plain}[1:]", "survives one removal of ../"),
        (f"{UP.replace('../', '%2e%2e/')!r} + {plain}[1:]", "dots in percent notation"),
        (f"{UP.replace('../', '%2e%2e%2f')!r} + {plain}[1:].replace('/', '%2f')", "slashes in percent notation"),
        (f"'/' + {plain}", "two slashes first"),
        (f"'file://' + {plain}", "a file URL"),
        (f"{UP!r} + {plain}[1:] + '\\0.txt'", "cut off by a zero byte"),
        (f"os.path.relpath({plain})", "relative to the current folder"),
    ]
    folder = PurePosixPath(folder_of(situation)).name
    if folder:
        rows.append((repr(f"../{folder}-4711/x{suffix}"), "a folder beside it whose name begins alike"))
        rows.append((repr(f"./../{folder}-4711/x{suffix}"), "the same folder, from the folder itself"))
        rows.append((repr(f"x/../../{folder}-4711/x{suffix}"), "the same folder, through one that does not exist"))
    return [Attack(value, label) for value, label in rows]


def names(situation: SinkContext) -> list[Attack]:
    """Names that exist in the folder, then one that does not."""
    suffix = suffix_of(situation)
    known = [name.removesuffix(suffix) for name in situation.neighbours if name.endswith(suffix)]
    return [Attack(repr(name), "a name in the folder") for name in (*known[:2], "report.txt", "report")]


def members(situation: SinkContext) -> list[Attack]:
    """Names of members; where the archive is a tar file, also one that is written through a link."""
    rows = attacks(situation)
    if "link:" in situation.approach.setup:
        rows.insert(1, Attack("'link:' + str(secret)", "through a link that leads out of the folder"))
    return rows


def values(situation: SinkContext) -> dict[str, str]:
    folder = PurePosixPath(folder_of(situation))
    nested = folder.name in folder.parts[:-1]
    return {"SUFFIX": repr(suffix_of(situation)), "FOLDER": repr(folder.name), "NESTED": repr(nested)}


def used(situation: SinkContext) -> Oracle:
    """A file outside that is used."""
    return Oracle(
        ProofKind.EXPLOIT, "a file outside the intended folder was used", Probe(PROBE, values=values(situation)),
        attacks, names, ("import os",), domain=r"[a-z]{1,8}(\.txt)?",
    )  # fmt: skip


def archive(situation: SinkContext) -> Oracle:
    """A file outside that is used, or overwritten, while an archive is unpacked."""
    probe = Probe(PROBE, "attack_archive", values=values(situation))
    effect = "a member of the archive was written outside the folder"
    return replace(used(situation), effect=effect, probe=probe, attacks=members)


def existence(situation: SinkContext) -> Oracle:
    """For code that only looks whether a file is there."""
    probe = Probe(PROBE, "attack_existence", values=values(situation))
    effect = "the answer revealed whether a file outside the intended folder exists"
    return replace(used(situation), effect=effect, probe=probe)
