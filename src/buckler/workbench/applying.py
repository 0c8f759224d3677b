"""A fix into the working tree, or onto a new branch; the repository's own settings are never obeyed.

Example::

    ready(Path("shop"), "fix-it")
    apply_fix(Path("shop"), patch, "fix-it", test)
"""

from __future__ import annotations

from pathlib import Path

from buckler.base.errors import InputError
from buckler.base.files import inside, read_regular
from buckler.base.writing import write_all
from buckler.finding.evidence import Patch, TestFile
from buckler.fix.patch import apply
from buckler.workbench.git.ask import ask

LARGEST = 1 << 28


def ready(root: Path, branch: str = "") -> bool:
    """Whether the folder is in git; raises `InputError` if writing there could lose work or the branch cannot be made."""
    head, _ = ask({"do": "ready", "root": str(root.absolute()), "branch": branch})
    if head["why"]:
        raise InputError(head["why"], where=str(root))
    if branch and not head["git"]:
        raise InputError("is no git repository, so there is no branch to make", where=str(root), remedy="use --apply")
    return bool(head["git"])


def apply_fix(root: Path, patch: Patch, branch: str = "", test: TestFile | None = None) -> list[str]:
    """Write a patch and its test into the working tree, or onto a new branch as a commit; raises `InputError`."""
    ready(root, branch)
    paths = dict.fromkeys(edit.path for edit in patch.edits)
    new = {path: apply(patch.edits, path, read_regular(inside(root, path), LARGEST)) for path in paths}
    if test is not None and not inside(root, test.path).exists():
        new[test.path] = test.text.encode()
    commit = _commit(root, patch, new) if branch else ""
    undo = write_all(root, new)
    if branch:
        try:
            ask({"do": "switch", "root": str(root.absolute()), "branch": branch, "commit": commit, "paths": [*new]})
        except BaseException:
            undo()
            raise
    return list(new)


def _commit(root: Path, patch: Patch, new: dict[str, bytes]) -> str:
    """A commit to which no branch leads yet."""
    files = {path: data.decode("utf-8", "surrogateescape") for path, data in new.items()}
    message = f"{patch.title}\n\n{patch.explanation}"
    head, _ = ask({"do": "commit", "root": str(root.absolute()), "message": message, "files": files})
    return str(head["commit"])
