"""Every example in the rooms of weaknesses: the patch that is written, beside the one that was looked at and kept.

`./do bench shapes` puts each to the ladder; here only the text is held, so that a change in a fixer is seen.
"""

import pytest

from buckler.analysis.libraries.load import load_libraries
from buckler.base.source import SourceFile
from buckler.fix.patch import apply, patches_for
from buckler.fix.site import Declined
from buckler.review.run import review_tree
from buckler.weaknesses.registry import examples, fix_of, rulebook
from golden import check

FILES = examples()


def reviewed(path):
    files = [SourceFile(path.name, "python", data=path.read_bytes())]
    files += [
        SourceFile(p.relative_to(path.parent).as_posix(), "template", absolute=p) for p in path.parent.rglob("*.html")
    ]
    return review_tree(files, book=rulebook(), tables={"python": load_libraries("python")}).findings


def candidates(path):
    """Finding → its patches or the reason why there is none."""
    for finding in sorted(reviewed(path), key=lambda f: (f.location, f.rule)):
        try:
            yield finding, patches_for(finding, lambda name: (path.parent / name).read_bytes(), fix_of(finding.rule))
        except Declined as declined:
            yield finding, str(declined)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_patches(path):
    parts = []
    for finding, found in candidates(path):
        head = f"## {finding.rule} at line {finding.location.line}"
        if isinstance(found, str):
            parts.append(f"{head}\n\ndeclined: {found}\n")
        else:
            parts += [f"{head}\n\n{p.title}\n\n{p.diff}" for p in found]
    check(path.with_suffix(".txt"), "\n".join(parts))


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_patched_files_compile_and_the_diff_says_the_same(path):
    for _, found in candidates(path):
        for patch in found if isinstance(found, list) else []:
            new = b""
            for name in dict.fromkeys(edit.path for edit in patch.edits):
                new += apply(patch.edits, name, (path.parent / name).read_bytes())
                if name.endswith(".py"):
                    compile(apply(patch.edits, name, (path.parent / name).read_bytes()), name, "exec")
            added = [
                line[1:] for line in patch.diff.splitlines() if line.startswith("+") and not line.startswith("+++")
            ]
            assert all(line in new.decode().splitlines() for line in added)
