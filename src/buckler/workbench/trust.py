"""Whose word counts: the caller's always; the reviewed tree's only as far as it is said what it takes away.

A configuration found in the tree, and comments in its code, were written by whoever wrote the code. They are obeyed,
because most trees are the caller's own, but the review is made as if they were not there and they are applied to its
findings: so every report can say what would have been found. Tables and rules of the tree are not used at all, for they
would have to be believed before anything is found. What nobody but the tree has accepted makes the review partial.
`--config FILE` accepts a configuration; `--untrusted`, archives and packages that somebody else published use nothing
of the tree.

Example::

    tree = tree_config([Path("services/shop")])
    findings, taken = hide(findings, files, tree)
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from buckler.base.config import MAX_FILE_SIZE, SEVERITIES, Config, find_config, hides, load_config
from buckler.base.errors import ConfigError
from buckler.base.source import SourceFile
from buckler.finding.model import HIDDEN, Finding, Notice, Review, Severity, Suppressed
from buckler.workbench.archives import is_archive
from buckler.workbench.inputs import root_of
from buckler.workbench.selection import tree_patterns

INSTALLED = frozenset({"site-packages", "dist-packages", "node_modules"})


def published(path: Path) -> bool:
    """Whether a path is a package that somebody published: an archive, an unpacked release, something installed."""
    if is_archive(path.name) and not path.is_dir():
        return True
    folder = path if path.is_dir() else path.parent
    if INSTALLED & set(folder.absolute().parts):
        return True
    return (folder / "PKG-INFO").is_file() or any(folder.glob("*.dist-info"))


def accepted(file: Path | None) -> Config:
    """The configuration that the caller named."""
    config = load_config(file) if file else Config()
    if config is None:
        raise ConfigError("there is no [tool.buckler]", where=str(file))
    return config


def tree_config(paths: Sequence[Path]) -> Config:
    """The configuration that the reviewed tree brings."""
    return find_config(root_of(paths))


def threshold(asked: str | None, accepted: Config, tree: Config) -> Severity:
    """The least severity that fails a review; of itself a tree can only make it stricter."""
    if asked is None and not tree.trusted and SEVERITIES.index(tree.fail_on) < SEVERITIES.index(accepted.fail_on):
        asked = tree.fail_on
    return Severity[(asked or accepted.fail_on).upper()]


def jobs(accepted: Config, tree: Config) -> int:
    """How many processes to use; a tree does not get more than there are cores."""
    return accepted.jobs or min(tree.jobs, os.cpu_count() or 1)


def hide(
    findings: Sequence[Finding], files: Sequence[SourceFile], tree: Config
) -> tuple[list[Finding], list[Suppressed]]:
    """What is left when the tree's configuration is obeyed, and everything that it took away."""
    if tree.origin is None:
        return list(findings), []
    where = tree.origin.name
    outside = left_out(files, tree)
    members = {file.path for file in files if file.absolute is None}  # of archives, of which the tree has no say
    kept: list[Finding] = []
    taken: list[Suppressed] = []
    for finding in findings:
        if finding.location.path in members:
            kept.append(finding)
            continue
        reason = (
            f"disables `{finding.rule}`" if finding.rule in tree.disable else outside.get(finding.location.path, "")
        )
        if reason:
            taken.append(Suppressed(finding, f"{where} {reason}", "configuration", where))
            continue
        level = Severity[tree.severity.get(finding.rule, finding.severity.name).upper()]
        if level < finding.severity:
            reason = f"{where} lowers `{finding.rule}` to {level.name.lower()}"
            taken.append(Suppressed(finding, reason, "configuration", where))
        kept.append(replace(finding, severity=level))
    return kept, taken


def by_tree(item: Suppressed, tree: Config) -> Suppressed:
    """A decision as that of the tree."""
    where = tree.origin.name if tree.origin else "the tree"
    return replace(item, where=where, reason=f"{where} accepts it: {item.reason}")


def left_out(files: Iterable[SourceFile], tree: Config) -> dict[str, str]:
    """Files that the tree's configuration leaves out, each with the reason."""
    if not tree.exclude and tree.max_file_size >= MAX_FILE_SIZE:
        return {}
    spec, _ = tree_patterns(tree.exclude)
    out: dict[str, str] = {}
    for file in files:
        if file.absolute is None:
            continue  # in an archive
        if spec.match_file(file.path):
            out[file.path] = "excludes the file"
        elif tree.max_file_size < MAX_FILE_SIZE and _size(file) > tree.max_file_size:
            out[file.path] = f"skips files above {tree.max_file_size} bytes"
    return out


def _size(file: SourceFile) -> int:
    try:
        return file.absolute.stat().st_size if file.absolute else 0
    except OSError:
        return 0


def about(tree: Config) -> Iterator[Notice]:
    """What the tree's configuration asks for, before anything is found."""
    if tree.origin is None or tree.trusted:
        return
    name = tree.origin.name

    def say(text: str) -> Notice:
        return Notice("configuration", name, text, partial=False)

    if tree.unread:
        yield say(f"the configuration in the reviewed tree {tree.unread} and was not read")
    if said := hides(tree):
        yield say(f"the configuration in the reviewed tree {'; '.join(said)}; --no-config reviews without it")
    if tree.library_dirs or tree.rules_dirs:
        yield say(
            f"the reviewed tree asks for its own tables and rules, which were not used; {accepts(tree)} uses them"
        )
    if SEVERITIES.index(tree.fail_on) > SEVERITIES.index(Config().fail_on):
        yield say(f"the reviewed tree asks to fail at {tree.fail_on} only, which does not count; {accepts(tree)} or --fail-on does")  # fmt: skip
    if refused := tree_patterns(tree.exclude)[1]:
        yield say(f"exclude pattern not used, it has too many stars: {refused[0][:80]}")


def accepts(tree: Config) -> str:
    return f"--config {tree.origin.name}" if tree.origin else "--config FILE"


def amounts(items: Iterable[Suppressed]) -> dict[str, int]:
    """How many per severity, worst first."""
    counts = Counter(item.finding.severity for item in items)
    return {severity.name.lower(): counts[severity] for severity in sorted(counts, reverse=True)}


def hidden_notices(review: Review, tree: Config, fail_on: Severity) -> Iterator[Notice]:
    """What the tree took out of view, in a sentence for each way of doing it."""
    by_file = [item for item in review.hidden if item.by != "inline"]
    if by_file and tree.origin is not None:
        serious = any(item.finding.severity >= fail_on for item in by_file)
        ways = ", ".join(dict.fromkeys(item.reason for item in by_file[:20]))
        text = f"{_counted(by_file)} hidden by the tree's own configuration ({ways}); --no-config reviews without it, {accepts(tree)} accepts it"  # fmt: skip
        yield Notice(HIDDEN, tree.origin.name, text, partial=serious)
    inline = [item for item in review.hidden if item.by == "inline"]
    if inline:
        places = len({(item.finding.location.path, item.finding.location.line) for item in inline})
        text = f"{_counted(inline)} hidden by {'a comment' if places == 1 else f'{places} comments'} in the reviewed tree; --untrusted reviews without them"  # fmt: skip
        yield Notice(HIDDEN, "", text, partial=False)


def _counted(items: Sequence[Suppressed]) -> str:
    found = amounts(items)
    if len(found) == 1:
        (word,) = found
        return f"{len(items)} {word} finding{'s are' if len(items) != 1 else ' is'}"
    return f"{len(items)} findings ({', '.join(f'{n} {word}' for word, n in found.items())}) are"
