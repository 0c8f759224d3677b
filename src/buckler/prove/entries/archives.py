"""Archives around the value: a tar or zip file with a member that is called what is sent, and a benign one.

The name of the member is the value, so what is known about paths that leave their folder serves here as well; whether the
code takes a path, a stream or bytes is found by trying.

Example::

    for approach in packed(approach, finding): ...
    # encoding: "on_disk(archive({}))"
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from buckler.finding.model import Finding
from buckler.prove.cutting import cut
from buckler.prove.model import EntryDriver, ProofRecipe
from buckler.prove.probe_file import PROBES, ProbeFile

KINDS = {"tar": PROBES / "tar_file.py", "zip": PROBES / "zip_file.py"}
ON_DISK = PROBES / "on_disk.py"
FORMS = ("on_disk(archive({}))", "io.BytesIO(archive({}))", "archive({})", "pathlib.Path(on_disk(archive({})))")


def concerned(finding: Finding, recipe: ProofRecipe) -> bool:
    """Whether what is untrusted is a member of an archive."""
    return recipe.archive or (finding.source is not None and finding.source.kind == "archive")


def kinds(finding: Finding) -> list[str]:
    """Which kinds of archive the code may be about, the likelier first."""
    words = " ".join((finding.facts.sink, finding.code, *(step.code for step in finding.flow))).lower()
    named = [kind for kind in KINDS if re.search(kind, words)]
    return named or [*KINDS]


def packed(
    approach: EntryDriver, finding: Finding, names: Sequence[str] = (), forms: Sequence[str] = FORMS
) -> Iterator[EntryDriver]:
    """The approach with an archive around the value, in every form the code may want it in.

    Where the code looks for files of certain `names`, also a folder in which the archive has that name.
    """
    folders = tuple(f"in_folder(archive({{}}), {name!r})" for name in names)
    for kind in kinds(finding):
        for form in (*forms, *folders):
            called = names_in(form)
            disk = cut(ProbeFile.load(ON_DISK), [], {"SUFFIX": f'".{kind}"'}, more=called & {"on_disk", "in_folder"})
            made = cut(ProbeFile.load(KINDS[kind]), [], more=["archive"])
            setup = "\n\n\n".join(code for code in (approach.setup, made.code, disk.code) if code)
            more = [f"import {name}" for name in ("io", "pathlib") if name in called]
            every = tuple(dict.fromkeys([*made.imports, *disk.imports, *more, *approach.imports]))
            yield replace(approach, encoding=form, setup=setup, imports=every)


def names_in(form: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(form.replace("{}", "_"))) if isinstance(node, ast.Name)}
