"""Archives around the value: a tar or zip file with a member that is called what is sent, and an ordinary one.

The name of the member is the value, so what is known about paths that leave their folder serves here as well; whether the
code takes a path, a stream or bytes is found by trying.

Example::

    for approach in packed(approach, finding): ...
    # encoding: "on_disk(archive({}))"
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from buckler.finding.model import Finding
from buckler.prove.model import EntryDriver

TAR = '''

def archive(name):
    """A tar file with a member of that name; after `link:` it is written through a link that leads to its folder."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        if name.startswith("link:"):
            link = tarfile.TarInfo("link")
            link.type, link.linkname = tarfile.SYMTYPE, os.path.dirname(name[5:])
            tar.addfile(link)
            name = "link/" + os.path.basename(name)
        for each in (name, "4711.txt"):
            member = tarfile.TarInfo(each)
            member.size = 4
            tar.addfile(member, io.BytesIO(b"0815"))
    return data.getvalue()
'''
ZIP = '''

def archive(name):
    """A zip file with a member of that name."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        for each in (name, "4711.txt"):
            file.writestr(zipfile.ZipInfo(each), b"0815")
    return data.getvalue()
'''
ON_DISK = '''

def on_disk(data):
    """The path of a file that holds an archive."""
    handle, path = tempfile.mkstemp(SUFFIX)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    return path
'''
IN_FOLDER = '''

def in_folder(data, name):
    """The path of a folder in which an archive has that name."""
    folder = tempfile.mkdtemp()
    with open(os.path.join(folder, name), "wb") as file:
        file.write(data)
    return folder
'''
KINDS = {
    "tar": (TAR, ("import io", "import os", "import tarfile")),
    "zip": (ZIP, ("import io", "import os", "import zipfile")),
}
FORMS = ("on_disk(archive({}))", "io.BytesIO(archive({}))", "archive({})", "pathlib.Path(on_disk(archive({})))")
RULES = frozenset({"archive-traversal"})


def concerned(finding: Finding) -> bool:
    """Whether what is untrusted is a member of an archive."""
    return finding.rule in RULES or (finding.source is not None and finding.source.kind == "archive")


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
        helper, imports = KINDS[kind]
        for form in (*forms, *folders):
            disk = ON_DISK.replace("SUFFIX", f'".{kind}"') if "on_disk" in form else ""
            disk = IN_FOLDER if "in_folder" in form else disk
            more = [*(["import tempfile"] if disk else []), *(["import pathlib"] if "pathlib" in form else [])]
            setup = f"{approach.setup}\n{helper}{disk}".strip("\n")
            every = tuple(dict.fromkeys([*imports, *more, *approach.imports]))
            yield replace(approach, encoding=form, setup=setup, imports=every)
