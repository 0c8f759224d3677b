"""Paths that leave their folder: any use of a file outside it is told by the interpreter's audit events.

The events carry the path before the system is asked, so the test also works where the folder of the application does
not exist; the path is normalised in the way the system would. Looking whether a file exists makes no event: there the
file is taken away between two equal requests, and an answer that changes with it gives it away.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePosixPath

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Attack, Oracle, SinkContext

HELPERS = '''
USES = {"open", "os.listdir", "os.scandir", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.chmod", "os.link",
        "os.symlink", "os.truncate", "os.utime", "shutil.rmtree", "shutil.copyfile", "shutil.move", "shutil.copytree"}
WATCHING = []


def _watch(event, arguments):
    if WATCHING and event in USES:
        paths = [os.fsdecode(a) for a in arguments[:2] if isinstance(a, (str, bytes, os.PathLike))]
        WATCHING[0].extend(os.path.abspath(path) for path in paths if "\\0" not in path)  # no system opens those


sys.addaudithook(_watch)


@pytest.fixture
def secret(tmp_path):
    """A file that nobody was meant to reach, outside every folder of the application."""
    file = tmp_path / "outside" / "4711SUFFIX"
    file.parent.mkdir()
    file.write_text("0815-4711")
    return file


@pytest.fixture
def used():
    """Every path that is opened, listed, made, moved or removed from here on."""
    WATCHING.insert(0, [])
    yield WATCHING[0]
    WATCHING.clear()
'''

ATTACK = """
answer = attempt(VALUE)
touched = [path for path in used if path.startswith(str(secret.parent))BESIDE]
assert not touched, f"EXPLOITED: a file outside the folder was used: {touched[0]}"
assert "0815-4711" not in text(answer), "EXPLOITED: the content of a file outside the folder came back"
"""

PROBING_HELPERS = '''
@pytest.fixture
def secret(tmp_path):
    """A file that nobody was meant to know of, outside every folder of the application."""
    file = tmp_path / "outside" / "4711SUFFIX"
    file.parent.mkdir()
    file.write_text("0815-4711")
    return file


def told(answer):
    """What the caller learns."""
    return type(answer).__name__ if isinstance(answer, BaseException) else text(answer)
'''

PROBING_ATTACK = """
there, again = told(attempt(VALUE)), told(attempt(VALUE))
secret.unlink()
gone = told(attempt(VALUE))
assert there != again or there == gone, "EXPLOITED: the answer tells whether a file outside the folder exists"
"""

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
        (f"'file://' + {plain}", "an address of a file"),
        (f"{UP!r} + {plain}[1:] + '\\0.txt'", "cut off by a zero byte"),
        (f"os.path.relpath({plain})", "relative to the current folder"),
    ]
    folder = PurePosixPath(folder_of(situation)).name
    if folder:
        rows.append((repr(f"../{folder}-4711/x{suffix}"), "a folder beside it whose name begins alike"))
        rows.append((repr(f"./../{folder}-4711/x{suffix}"), "the same folder, from the folder itself"))
        rows.append((repr(f"x/../../{folder}-4711/x{suffix}"), "the same folder, through one that does not exist"))
    return [Attack(value, label) for value, label in rows]


def suffix_of(situation: SinkContext) -> str:
    """What the code puts after the name, as seen in the path it opened: `.txt`."""
    for _, arguments in situation.events:
        for argument in arguments[:1]:
            found = re.search(re.escape(situation.mark) + r"([\w.\-]{1,20})['\"]", argument)
            if found:
                return found[1]
    return ""


def names(situation: SinkContext) -> list[Attack]:
    """Names that exist in the folder, then one that does not."""
    suffix = suffix_of(situation)
    known = [name.removesuffix(suffix) for name in situation.neighbours if name.endswith(suffix)]
    return [Attack(repr(name), "a name in the folder") for name in (*known[:2], "report.txt", "report")]


def folder_of(situation: SinkContext) -> str:
    """The folder the code puts before the name, as seen in the path it opened; empty if unknown."""
    for event, arguments in situation.events:
        if event in ("open", "os.listdir", "os.scandir", "os.mkdir", "os.remove") and arguments:
            path = arguments[0].strip("b'\"")
            if situation.mark in path:
                return str(PurePosixPath(path.split(situation.mark)[0] + "x").parent)
    return ""


def probing(situation: SinkContext) -> Oracle:
    """For code that only looks whether a file is there."""
    return Oracle("existence", ProofKind.EXPLOIT, "the answer told whether a file outside the intended folder exists", ("import os", "import pytest"),
                  PROBING_HELPERS.replace("SUFFIX", suffix_of(situation)), ("secret",), PROBING_ATTACK, attacks, names,
                  domain=r"[a-z]{1,8}(\.txt)?")  # fmt: skip


ARCHIVE_ATTACK = (
    ATTACK
    + """
assert secret.read_text() == "0815-4711", "EXPLOITED: a file outside the folder was overwritten"
""".lstrip("\n")
)


def members(situation: SinkContext) -> list[Attack]:
    """Names of members; where the archive is a tar file, also one that is written through a link."""
    rows = attacks(situation)
    if "link:" in situation.approach.setup:
        rows.insert(1, Attack("'link:' + str(secret)", "through a link that leads out of the folder"))
    return rows


def archive(situation: SinkContext) -> Oracle:
    """A file outside that is used, or overwritten, while an archive is unpacked."""
    return replace(oracle(situation), name="archive", effect="a member of the archive was written outside the folder",
                   attack=ARCHIVE_ATTACK.replace("BESIDE", beside(situation)), attacks=members)  # fmt: skip


def traversal(situation: SinkContext) -> Oracle:
    """The oracle for a path, or for the names in an archive."""
    return archive(situation) if "archive(" in situation.approach.encoding else oracle(situation)


def beside(situation: SinkContext) -> str:
    """The condition for a file in the folder beside the intended one; a folder of that name further in is no way out."""
    folder = PurePosixPath(folder_of(situation))
    known = folder.name not in folder.parts[:-1]
    inside = f' and "/{folder.name}/" not in path.partition("-4711/")[0]' if known else ""
    return f' or ("-4711/" in path{inside})' if folder.name else ""


def oracle(situation: SinkContext) -> Oracle:
    attack = ATTACK.replace("BESIDE", beside(situation))
    return Oracle("files", ProofKind.EXPLOIT, "a file outside the intended folder was used", ("import os", "import sys", "import pytest"),
                  HELPERS.replace("SUFFIX", suffix_of(situation)), ("secret", "used"), attack, attacks, names,
                  domain=r"[a-z]{1,8}(\.txt)?")  # fmt: skip
