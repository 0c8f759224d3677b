"""Scaffolds what people add most: `./do new weakness files/zip-slip`, with an example beside it and its test.

Each kind is a row in KINDS: the files to write, made from scripts/templates/ by replacing `@NAME@`,
`@FOLDER@`, `@MODULE@` and `@CLASS@`. Nothing is ever overwritten.

Example::

    ./do new weakness files/zip-slip
    ./do new library python/httpx
    ./do new language java
    ./do new format tsv
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
NAME = re.compile(r"[a-z][a-z0-9_-]*")


class Wrong(Exception):
    """The request cannot be met."""


@dataclass(slots=True, frozen=True)
class Kind:
    """What `new` can make: template → file, whether a folder is named, what to do next."""

    files: dict[str, str]
    folder: bool
    hint: str
    room: bool = False
    """Whether it goes into the room of a weakness that is there."""


ROOM = "src/buckler/weaknesses/@FOLDER@/@MODULE@"
FIX = {"fix.py.txt": f"{ROOM}/fix.py"}
PROOF = {"proof.py.txt": f"{ROOM}/proof.py", "probe.py.txt": f"{ROOM}/probe.py"}
EXAMPLE = {"example.py.txt": f"{ROOM}/examples/@MODULE@.py"}
PACKAGE = {"package.py.txt": f"{ROOM}/__init__.py"}

KINDS = {
    "rule": Kind(
        {"rule.md": f"{ROOM}/rule.md", **PACKAGE},
        folder=True,
        hint="name the rule in the sinks or misuse of a library model; its samples are its test",
    ),
    "weakness": Kind(
        {"weakness.md": f"{ROOM}/rule.md", "check.py.txt": f"{ROOM}/check.py", **FIX, **PROOF, **EXAMPLE, **PACKAGE},
        folder=True,
        hint="write what is looked for, fixed and shown; ./do bless writes the patch for its example",
    ),
    "fixer": Kind(
        FIX,
        folder=True,
        room=True,
        hint="put a small vulnerable file into its examples/, then ./do bless writes the patch beside it",
    ),
    "oracle": Kind(
        PROOF, folder=True, room=True, hint="put a small vulnerable file into its examples/, then ./do bench shapes"
    ),
    "library": Kind(
        {"library.toml": "src/buckler/analysis/libraries/@FOLDER@/@NAME@.toml"},
        folder=True,
        hint="every row with an effect needs an example, which is its test",
    ),
    "language": Kind(
        {
            "language.toml.txt": "src/buckler/analysis/languages/@MODULE@/language.toml",
            "front_end.py.txt": "src/buckler/analysis/languages/@MODULE@/front_end.py",
            "words.py.txt": "src/buckler/analysis/languages/@MODULE@/words.py",
            "package.py.txt": "src/buckler/analysis/languages/@MODULE@/__init__.py",
            "suite.md": "tests/suites/@NAME@/first.md",
        },
        folder=False,
        hint="pin tree-sitter-@NAME@ in pyproject.toml; ./do test lists the kinds of nodes that are in no table yet",
    ),
    "importer": Kind(
        {
            "importer.toml": "src/buckler/triage/importers/tables/@NAME@.toml",
            "importer_sample.json": "tests/triage/importers/samples/@NAME@/report.json",
        },
        folder=False,
        hint="make the sample a small report of the tool; ./do bless writes the alerts that are read beside it",
    ),
    "claims": Kind(
        {
            "claims.py.txt": "src/buckler/triage/claims/formats/@MODULE@.py",
            "test_claims.py.txt": "tests/triage/claims/test_@MODULE@.py",
        },
        folder=False,
        hint="put a real report beside the test, with the number of its claims",
    ),
    "manifest": Kind(
        {
            "manifest.py.txt": "src/buckler/dependencies/manifests/@MODULE@.py",
            "test_manifest.py.txt": "tests/dependencies/manifests/test_@MODULE@.py",
        },
        folder=False,
        hint="give NAMES, and a sample with everything the format can say",
    ),
    "format": Kind(
        {
            "format.py.txt": "src/buckler/report/formats/@MODULE@.py",
            "test_format.py.txt": "tests/report/test_@MODULE@.py",
        },
        folder=False,
        hint="write render(), then ./do bless makes its golden files",
    ),
}


def parse(kind: str, name: str) -> tuple[Kind, str, str]:
    """The kind, the folder and the name asked for."""
    if kind not in KINDS:
        raise Wrong(f"no kind '{kind}'; there are {', '.join(KINDS)}")
    known = KINDS[kind]
    folder, _, last = name.rpartition("/")
    if known.folder != bool(folder):
        raise Wrong(f"a {kind} is named FOLDER/NAME" if known.folder else f"a {kind} is named by one word")
    if not all(NAME.fullmatch(part) for part in name.split("/")):
        raise Wrong("names are lower-case letters, digits, - and _")
    return known, folder, last


def scaffold(root: Path, kind: str, name: str) -> tuple[list[Path], str]:
    """Write the files below `root`; which they are, and what to do next."""
    known, folder, last = parse(kind, name)
    values = {
        "@NAME@": last,
        "@FOLDER@": folder,
        "@MODULE@": last.replace("-", "_"),
        "@CLASS@": last.replace("-", "_").upper(),
    }

    def fill(text: str) -> str:
        for mark, value in values.items():
            text = text.replace(mark, value)
        return text

    targets = {root / fill(target): template for template, target in known.files.items()}
    if known.room and not (page := root / fill(f"{ROOM}/rule.md")).is_file():
        raise Wrong(f"there is no {page.relative_to(root)}; begin with ./do new weakness {name}")
    for target in targets:
        if target.exists():
            raise Wrong(f"{target} is there already")
    for target, template in targets.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(fill((HERE / "templates" / template).read_text("utf-8")), "utf-8")
    return list(targets), fill(known.hint)


def main(arguments: list[str]) -> int:
    """Scaffold, and say what was written."""
    if len(arguments) != 2:
        sys.stderr.write(f"usage: ./do new KIND NAME, where KIND is {', '.join(KINDS)}\n")
        return 2
    try:
        written, hint = scaffold(ROOT, *arguments)
    except Wrong as problem:
        sys.stderr.write(f"new: {problem}\n")
        return 2
    sys.stdout.write("".join(f"wrote {file.relative_to(ROOT)}\n" for file in written) + f"next: {hint}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
