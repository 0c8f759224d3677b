"""The use case with an engine of one rule: every line that says `md5` is a finding."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from buckler.base.config import Config
from buckler.base.digest import text_digest
from buckler.base.errors import ConfigError, InputError
from buckler.base.source import SourceFile
from buckler.finding.evidence import Assessment
from buckler.finding.model import Review, Severity
from buckler.review.rulebook import RuleBook
from buckler.store.baseline import write_baseline
from buckler.workbench import review as module
from buckler.workbench.engine import Order
from buckler.workbench.review import Options, review_paths
from review_sample import at, rule, weak_hash


def engine(files: Sequence[SourceFile], order: Order) -> Review:
    found = Review("", files=len(files))
    for file in files:
        for number, text in enumerate(file.read().decode().splitlines(), 1):
            if "md5" in text:
                mark = text_digest("weak-hash", file.path, text)
                found.findings.append(replace(weak_hash(), location=at(file.path, number), fingerprint=mark))
    return found


@pytest.fixture(autouse=True)
def rules(monkeypatch: pytest.MonkeyPatch) -> None:
    book = RuleBook(rules={name: rule(name, 327) for name in ("weak-hash", "ssrf")})
    monkeypatch.setattr(module, "read_rules", lambda _: book)


def run(path: Path, options: Options | None = None) -> Assessment:
    return review_paths([path], options or Options(), engine=engine)


def lines(outcome: Assessment) -> list[int]:
    return [finding.location.line for finding in outcome.review.findings]


def said(outcome: Assessment) -> str:
    return "; ".join(notice.text for notice in outcome.review.notices)


@pytest.fixture
def app(tmp_path: Path) -> Path:
    (tmp_path / "a.py").write_text("md5(1)\nx = 1\nmd5(2)  # buckler: ignore[weak-hash] cache key\nmd5(3)\n")
    return tmp_path


def test_comments_are_honoured_unless_told_not_to(app: Path) -> None:
    outcome = run(app)
    assert lines(outcome) == [1, 4]
    assert [item.reason for item in outcome.review.suppressed] == ["cache key"]
    assert lines(run(app, Options(honor_comments=False))) == [1, 3, 4]


def test_severity_overrides_come_before_the_smallest_shown(app: Path) -> None:
    config = Config(severity={"weak-hash": "high"})
    assert lines(run(app, Options(config, min_severity=Severity.HIGH))) == [1, 4]
    hidden = run(app, Options(min_severity=Severity.HIGH))
    assert lines(hidden) == []
    assert "2 findings below high" in said(hidden)


def test_disabled_and_chosen_rules(app: Path) -> None:
    assert lines(run(app, Options(Config(disable=("weak-hash",))))) == []
    assert lines(run(app, Options(only_rules=("ssrf",)))) == []
    with pytest.raises(ConfigError, match="no rule 'weak-hsah'; did you mean 'weak-hash'?"):
        run(app, Options(only_rules=("weak-hsah",)))


RULED = RuleBook(
    {"weak-hash": replace(rule("weak-hash", 328), aliases=("broken-hash",))}, aliases={"broken-hash": "weak-hash"}
)


@pytest.mark.parametrize("config", [Config(disable=("broken-hash",)), Config(severity={"broken-hash": "note"})])
def test_former_ids_count_everywhere(app: Path, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "read_rules", lambda _: RULED)
    (app / "a.py").write_text(
        "md5(1)\nmd5(2)  # buckler: ignore[broken-hash] cache key\nmd5(3)  # buckler: ignore[weak-hsah] x\n"
    )
    assert lines(run(app, Options(only_rules=("broken-hash",)))) == [1, 3]
    assert "suppression names no rule 'weak-hsah'; did you mean 'weak-hash'?" in said(run(app))
    assert lines(run(app, Options(config, min_severity=Severity.LOW))) == []
    tree = replace(config, origin=app / "buckler.toml", trusted=False)
    assert lines(run(app, Options(tree=tree, min_severity=Severity.LOW))) == []


def test_baseline(app: Path) -> None:
    file = app / "baseline.json"
    run(app, Options(write_baseline=file))
    (app / "a.py").write_text("\n\nmd5(1)\nmd5(9)\n")
    outcome = run(app, Options(Config(baseline=file)))
    assert lines(outcome) == [4]
    assert "1 of 2 baseline entries match nothing" in said(outcome)


def test_a_tree_cannot_hide_things_silently(app: Path) -> None:
    tree = Config(disable=("weak-hash",), origin=app / "buckler.toml", trusted=False)
    assert "disables weak-hash" in said(run(app, Options(tree=tree)))


def test_a_broken_cache_is_only_a_notice(app: Path) -> None:
    (app / "cache").write_text("not a database, but long enough to be one" * 99)
    outcome = run(app, Options(cache=app / "cache"))
    assert lines(outcome) == [1, 4]
    assert "without a cache" in said(outcome)


def test_an_absent_baseline_is_an_error(app: Path) -> None:
    with pytest.raises(InputError, match="--write-baseline"):
        run(app, Options(Config(baseline=app / "none.json")))


def test_rewriting_a_baseline_keeps_reasons(app: Path) -> None:
    file = app / "baseline.json"
    write_baseline(file, run(app).review.findings)
    file.write_text(file.read_text().replace('"reason": ""', '"reason": "old"'))
    run(app, Options(Config(baseline=file), write_baseline=file))
    assert file.read_text().count('"reason": "old"') == 2


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, "-C", str(folder), *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "p").mkdir()
    (tmp_path / "p/a.py").write_text("md5(1)\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    return tmp_path


def test_only_what_the_change_introduces(repository: Path) -> None:
    (repository / "p/a.py").write_text("import x\n\nmd5(1)\nmd5(2)\n")
    (repository / "p/new.py").write_text("md5(7)\n")
    outcome = run(repository / "p", Options(changed_since="HEAD"))
    assert [(f.location.path, f.location.line) for f in outcome.review.findings] == [
        ("a.py", 4),
        ("new.py", 1),
    ]
    assert "1 finding was there already at HEAD" in said(outcome)


def test_scripts_of_an_old_revision_are_known_by_their_first_line(repository: Path) -> None:
    (repository / "p/tool").write_text("#!/usr/bin/env python3\nmd5(1)\n")
    (repository / "p/words").write_text("md5(1)\n")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "two")
    (repository / "p/tool").write_text("#!/usr/bin/env python3\nmd5(1)\nmd5(2)\n")
    outcome = run(repository / "p", Options(changed_since="HEAD"))
    assert [(f.location.path, f.location.line) for f in outcome.review.findings] == [("tool", 3)]


def test_of_an_old_revision_only_the_parts_are_read_that_are_reviewed_now(repository: Path) -> None:
    for name in ("q/b.py", "pq/c.py", "r/odd [name]*.py", "top.py"):
        (repository / name).parent.mkdir(exist_ok=True)
        (repository / name).write_text("md5(1)\n")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "two")
    seen: list[list[str]] = []

    def engine(files: Sequence[SourceFile], order: Order) -> Review:
        seen.append([file.path for file in files])
        return Review("")

    parts = [repository / "p", repository / "r", repository / "top.py"]
    review_paths(parts, Options(changed_since="HEAD"), engine=engine)
    now, before = seen
    assert now == before == ["p/a.py", "r/odd [name]*.py", "top.py"]


@pytest.mark.parametrize("revision", ["nonsense", "--output=x", "HEAD:p"])
def test_revisions_that_are_none(repository: Path, revision: str) -> None:
    with pytest.raises(InputError, match="no revision"):
        run(repository, Options(changed_since=revision))
    assert not (repository / "x").exists()


def test_a_repository_cannot_run_its_programs(repository: Path) -> None:
    trap = repository / "trap"
    script = f"sh -c 'touch {trap}'"
    (repository / ".gitattributes").write_text("*.py filter=evil diff=evil\n")
    git(repository, "add", ".gitattributes")
    git(repository, "commit", "-qm", "two")
    for key in (
        "core.fsmonitor",
        "filter.evil.smudge",
        "filter.evil.clean",
        "diff.evil.textconv",
        "diff.external",
    ):
        git(repository, "config", key, script)
    run(repository, Options(changed_since="HEAD"))
    assert not trap.exists()
