"""Which files of a folder are reviewed, and what is said about the rest."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from buckler.base.errors import InputError
from buckler.workbench.inputs import Inputs, Limits, collect

NOT_ROOT = pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")


def tree(root: Path, *names: str, text: str = "x = 1\n") -> Path:
    for name in names:
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


def paths(inputs: Inputs) -> list[str]:
    return [file.path for file in inputs.files]


def kinds(inputs: Inputs) -> list[str]:
    return [notice.kind for notice in inputs.notices]


def test_languages_by_suffix(tmp_path: Path) -> None:
    names = ("a.py", "b.pyw", "c.js", "d.mjs", "e.cjs", "f.jsx", "g.html", "h.j2", "i.txt", "j.PY")
    inputs = collect([tree(tmp_path, *names)], Limits())
    assert {f.path: f.language[0] for f in inputs.files} == dict(
        zip(
            ("a.py", "b.pyw", "c.js", "d.mjs", "e.cjs", "f.jsx", "g.html", "h.j2", "j.PY"),
            "ppjjjjttp",
            strict=True,
        )
    )


def test_what_nobody_wrote_is_left_out(tmp_path: Path) -> None:
    tree(
        tmp_path, "src/a.py", ".git/a.py", "node_modules/x/a.js", ".venv/a.py", "pkg/__pycache__/a.py",
        "build/a.py", "dist/a.py", "x.egg-info/a.py", "lib/site-packages/a.py", "js/jquery.min.js",
    )  # fmt: skip
    assert paths(collect([tmp_path], Limits())) == ["src/a.py"]


def test_tests_are_reviewed_when_asked_for(tmp_path: Path) -> None:
    tree(tmp_path, "a.py", "tests/x.py", "p/test/x.py", "testing/x.py", "test_a.py", "a_test.py", "conftest.py")
    assert paths(collect([tmp_path], Limits())) == ["a.py"]
    assert len(paths(collect([tmp_path], Limits(include_tests=True)))) == 7


def test_exclude_patterns(tmp_path: Path) -> None:
    tree(tmp_path, "a.py", "migrations/b.py", "p/migrations/c.py", "p/d.py")
    assert paths(collect([tmp_path], Limits(exclude=("migrations/", "!x", "a.*")))) == ["p/d.py"]


def test_gitignore_nearest_has_the_last_word(tmp_path: Path) -> None:
    tree(tmp_path, "a.py", "gen/b.py", "p/c_gen.py", "p/keep_gen.py", "q/c_gen.py")
    (tmp_path / ".gitignore").write_text("gen/\n*_gen.py\n")
    (tmp_path / "p" / ".gitignore").write_text("!keep_gen.py\n")
    inputs = collect([tmp_path], Limits())
    assert paths(inputs) == ["a.py", "p/keep_gen.py"]
    assert kinds(inputs) == ["ignored"]


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = tree(tmp_path / "outside", "secret.py")
    root = tree(tmp_path / "root", "a.py")
    (root / "loop").symlink_to(root)
    (root / "out").symlink_to(outside)
    (root / "secret.py").symlink_to(outside / "secret.py")
    (root / "inside.py").symlink_to(root / "a.py")
    (root / "dangling.py").symlink_to(root / "none.py")
    inputs = collect([root], Limits())
    assert paths(inputs) == ["a.py"]
    assert sorted(n.path for n in inputs.notices) == ["out", "secret.py"]


def test_no_source_at_all_is_said_and_partial(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("words\n")
    (tmp_path / "page.html").write_text("<p>{{ name }}</p>\n")
    inputs = collect([tmp_path], Limits())
    assert [(n.kind, n.partial) for n in inputs.notices] == [("no-source", True)]
    (tmp_path / "app.py").write_text("x = 1\n")
    assert collect([tmp_path], Limits()).notices == []


def test_too_large_is_said_and_partial(tmp_path: Path) -> None:
    tree(tmp_path, "a.py", text="x" * 1000)
    inputs = collect([tmp_path], Limits(max_file_size=999))
    assert (paths(inputs), kinds(inputs), inputs.notices[0].partial) == ([], ["too-large"], True)


def test_minified_javascript_unless_named(tmp_path: Path) -> None:
    tree(tmp_path, "app.js", text="x=1;" * 5000)
    inputs = collect([tmp_path], Limits())
    assert (paths(inputs), kinds(inputs), inputs.notices[0].partial) == ([], ["minified", "no-source"], False)
    assert paths(collect([tmp_path / "app.js"], Limits())) == ["app.js"]


def test_fifo_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    assert kinds(collect([tmp_path], Limits())) == ["special", "no-source"]
    assert kinds(collect([tmp_path / "pipe.py"], Limits())) == ["special"]


@NOT_ROOT
def test_unreadable(tmp_path: Path) -> None:
    tree(tmp_path, "a.py", "p/b.py")
    (tmp_path / "a.py").chmod(0)
    (tmp_path / "p").chmod(0)
    assert kinds(collect([tmp_path], Limits())) == ["unreadable", "unreadable"]


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/\xff.py", "wb") as file:  # noqa: PTH123 - the name is bytes
        file.write(b"x = 1")
    (file,) = collect([tmp_path], Limits()).files
    assert file.path == "\udcff.py"
    assert file.read() == b"x = 1"


def test_files_named_directly_are_reviewed_whatever_their_name(tmp_path: Path) -> None:
    tree(tmp_path, "tests/test_a.py", "notes.txt")
    (tmp_path / "tool").write_text("#!/usr/bin/env python3\n")
    assert paths(collect([tmp_path / "tests/test_a.py"], Limits())) == ["test_a.py"]
    assert collect([tmp_path / "tool"], Limits()).files[0].language == "python"
    assert kinds(collect([tmp_path / "notes.txt"], Limits())) == ["unknown-language"]


def test_several_paths_share_their_nearest_folder(tmp_path: Path) -> None:
    tree(tmp_path, "p/a.py", "q/b.py", "q/c.py")
    inputs = collect([tmp_path / "p", tmp_path / "q/b.py", tmp_path / "q/b.py"], Limits())
    assert paths(inputs) == ["p/a.py", "q/b.py"]


def test_absent_path(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        collect([tmp_path / "none"], Limits())


def unread(inputs: Inputs) -> list[tuple[str, bool]]:
    return [(notice.text, notice.partial) for notice in inputs.notices if notice.kind == "unread"]


def test_code_that_nothing_here_reads_is_counted_and_makes_the_review_partial(tmp_path: Path) -> None:
    tree(tmp_path, "app.js", *(f"src/{number}.ts" for number in range(400)))
    expected = "400 TypeScript files were not read: Buckler reads Python and JavaScript"
    assert unread(collect([tmp_path], Limits())) == [(expected, True)]
    tree(tmp_path, "page.vue", "page.ejs", "run.sh", "db.sql")
    assert unread(collect([tmp_path], Limits())) == [
        ("400 TypeScript files, 1 EJS file and 1 Vue file were not read: Buckler reads Python and JavaScript", True),
        ("1 SQL file and 1 shell file were not read: Buckler reads Python and JavaScript", False),
    ]


def test_only_code_that_nothing_here_reads_is_no_source(tmp_path: Path) -> None:
    inputs = collect([tree(tmp_path, "Main.java", "package.json", text="{}")], Limits())
    assert kinds(inputs) == ["unread", "no-source"]
    assert unread(inputs) == [("1 Java file was not read: Buckler reads Python and JavaScript", True)]


def test_what_is_left_out_by_rule_or_is_no_code_is_not_missed(tmp_path: Path) -> None:
    tree(
        tmp_path, "a.py", "node_modules/x/a.ts", "dist/a.ts", "tests/a.ts", "src/a.spec.ts", "a_test.go", "x.min.js",
        "types.d.ts", "data.json", "README.md", "logo.svg", "own/a.rb", "style.css", ".gitignored/a.go",
    )  # fmt: skip
    (tmp_path / ".gitignore").write_text(".gitignored/\n")
    (tmp_path / "words.ts").write_text('<?xml version="1.0"?>\n<!DOCTYPE TS>\n')
    (tmp_path / "film.ts").write_bytes(b"G\0\0")
    assert unread(collect([tmp_path], Limits(exclude=("own/",)))) == []
    assert unread(collect([tmp_path], Limits(exclude=("own/",), include_tests=True))) == [
        ("2 TypeScript files and 1 Go file were not read: Buckler reads Python and JavaScript", True)
    ]


def test_archives_count_what_they_hold(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "shop.zip", "w") as archive:
        for name in ("shop/a.py", "shop/b.ts", "shop/c.d.ts", "shop/node_modules/d.ts"):
            archive.writestr(name, "x = 1\n")
        archive.writestr("shop/words.ts", "<TS></TS>")
        archive.writestr("shop/tool", "#!/usr/bin/env python3\nx = 1\n")
        archive.writestr("shop/LICENSE", "words\n")
    inputs = collect([tmp_path / "shop.zip"], Limits())
    assert paths(inputs) == ["shop/a.py", "shop/tool"]
    assert unread(inputs) == [("1 TypeScript file was not read: Buckler reads Python and JavaScript", True)]


@pytest.mark.parametrize(
    ("line", "language"),
    [
        (b"#!/usr/bin/env python3\n", "python"),
        (b"#!/usr/bin/python3.11\n", "python"),
        (b"#! /usr/bin/env -S python3 -I\n", "python"),
        (b"#!/usr/bin/env -S HOME=/x pypy3 -I\n", "python"),
        (b"#!/usr/bin/env -Spython3 -I\n", "python"),
        (b"#!python\n", "python"),
        (b"#!/usr/bin/node\r\n", "javascript"),
        (b"#!/usr/bin/env nodejs", "javascript"),
        (b"#!/bin/sh\n# python\n", ""),
        (b"#!/usr/bin/env python-config\n", ""),
        (b"#!/usr/bin/env\n", ""),
        (b"#!\n", ""),
        (b"#!/usr/bin/env python3\n\0", ""),
        (b"x = 1\n", ""),
        (b"", ""),
    ],
)
def test_scripts_are_known_by_their_first_line(tmp_path: Path, line: bytes, language: str) -> None:
    tree(tmp_path, "a.py")
    (tmp_path / "my.tools").mkdir()
    (tmp_path / "my.tools" / "tool").write_bytes(line)
    found = {file.path: file.language for file in collect([tmp_path], Limits()).files}
    assert found.get("my.tools/tool", "") == language


def test_large_and_special_files_without_a_suffix(tmp_path: Path) -> None:
    tree(tmp_path, "a.py")
    (tmp_path / "large").write_text("#!/usr/bin/env python3\n" + "x" * 1000)
    (tmp_path / "data").write_text("x" * 1000)
    os.mkfifo(tmp_path / "pipe")
    inputs = collect([tmp_path], Limits(max_file_size=999))
    assert paths(inputs) == ["a.py"]
    assert [(notice.kind, notice.path) for notice in inputs.notices] == [("too-large", "large")]
