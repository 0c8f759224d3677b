"""What a review takes grows no faster than what it reads: counted, not timed.

Three sizes of each shape are read. Every call of a function, ours or built in, is one operation; of parsing every
hundred steps are. From the second size to the third twice as much may come on top as from the first to the second, and
a little for what grows with the logarithm; what grows with the square would be four times as much.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from tree_sitter import Parser

from attacks.shapes import BROKEN, JAVASCRIPT, PYTHON, TEMPLATE, Shape
from buckler.analysis.flow import engine, guards, meter
from buckler.analysis.ir.codec import decode, encode
from buckler.analysis.languages.templates import read_template
from buckler.analysis.libraries.load import load_libraries
from buckler.analysis.syntax.load import language
from buckler.base.source import SourceFile
from buckler.finding.model import Review
from buckler.review import checks, confined, follow, workers
from buckler.review.run import review_tree
from buckler.review.tasks import Task, Work, stored
from buckler.weaknesses.registry import rulebook

SIZES = (30, 60, 120)
LARGER = {"a map in itself": (150, 300, 600)}
"""A collection knows so many keys one by one, and looks at each; from there on it does not grow."""
MOST = 2.7
FEW = 400
"""Operations that may come from anywhere."""
ENDINGS = {"python": "py", "javascript": "js"}
SHAPES = [
    (name, shape, shapes[shape])
    for name, shapes in (("python", PYTHON), ("javascript", JAVASCRIPT))
    for shape in shapes
]


def operations(work: Callable[[], object]) -> int:
    """Calls made while something is done, in every thread it starts."""
    count = 0

    def note(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]
    return count


def grows_no_faster(counts: list[int]) -> bool:
    first, second, third = counts
    return third - second <= MOST * max(0, second - first) + FEW


BOOK, TABLES = rulebook(), {name: load_libraries(name) for name in ENDINGS}


def reviewed(*files: SourceFile) -> Review:
    return review_tree(files, book=BOOK, tables=TABLES, jobs=1)


def here(work: Work, *_: object) -> tuple[dict[str, object], dict[str, object]]:
    """Reads in this process, where calls are counted."""
    return {task.path: stored(workers.lowered(task, work.careless)) for task in work.tasks}, {}


@pytest.mark.attack("input", "code nested, chained or repeated a thousand times over")
@pytest.mark.parametrize(("name", "shape", "write"), SHAPES, ids=[f"{n}-{s}" for n, s, _ in SHAPES])
def test_a_review_grows_with_the_code(name: str, shape: str, write: Shape, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "run_tasks", here)
    reviewed(SourceFile(f"a.{ENDINGS[name]}", name, data=write(1).encode()))  # what is loaded once
    counts = []
    for size in LARGER.get(shape, SIZES):
        file = SourceFile(f"a.{ENDINGS[name]}", name, data=write(size).encode())
        counts.append(operations(lambda file=file: reviewed(file)))  # type: ignore[misc]
    assert grows_no_faster(counts), counts


@pytest.mark.parametrize(("name", "shape", "write"), SHAPES, ids=[f"{n}-{s}" for n, s, _ in SHAPES])
def test_parsing_grows_with_the_code(name: str, shape: str, write: Shape) -> None:
    counts = []
    for size in SIZES:
        source, steps = write(size).encode(), 0

        def note(_offset: int, _error: bool) -> bool:
            nonlocal steps
            steps += 1
            return False

        read = lambda offset, _point, source=source: source[offset:]  # noqa: E731
        Parser(language(name)).parse(read, progress_callback=note)
        counts.append(steps * 100)
    assert grows_no_faster(counts), counts


@pytest.mark.attack("input", "a page of openings that nothing closes")
@pytest.mark.parametrize("shape", TEMPLATE)
def test_reading_a_template_grows_with_the_page(shape: str) -> None:
    pages = [TEMPLATE[shape](size).encode() for size in SIZES]
    counts = [operations(lambda page=page: read_template(page)) for page in pages]  # type: ignore[misc]
    assert grows_no_faster(counts), counts


@pytest.mark.parametrize("shape", TEMPLATE)
def test_a_large_page_is_read(shape: str) -> None:
    """No pattern tries each of a million places against the rest: reading this ends."""
    read_template(TEMPLATE[shape](100_000).encode())


FOUND = [("returns of returns", 70), ("returns of returns", 1_000), ("diamonds", 12), ("diamonds", 200), ("callers of callers", 1_000)]  # fmt: skip


@pytest.mark.attack("input", "a flow through more functions than anybody follows")
@pytest.mark.parametrize(("shape", "size"), FOUND)
def test_a_long_way_is_followed(shape: str, size: int) -> None:
    code = PYTHON[shape](size).encode()
    if shape == "callers of callers":
        code += f"from flask import request\ndef g(): f{size}(request.args['x'])\n".encode()
    review = reviewed(SourceFile("a.py", "python", data=code))
    assert "command-injection" in {f.rule for f in review.findings}
    assert not review.partial


def test_where_a_way_is_too_long_the_review_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "MAX_DEPTH", 20)
    review = reviewed(SourceFile("a.py", "python", data=PYTHON["returns of returns"](50).encode()))
    assert [(n.kind, n.path) for n in review.notices if n.partial] == [("budget", "a.py")]


@pytest.mark.attack("input", "broken code whose parsing takes gigabytes or minutes")
@pytest.mark.parametrize("shape", BROKEN)
def test_broken_code_costs_its_budget_and_nothing_else(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "MEMORY", 256 << 20)
    monkeypatch.setattr(confined, "SECONDS", 1)
    path, text = BROKEN[shape]
    flaw = b"import os\nfrom flask import request\nos.system(request.args['x'])\n"
    name = "python" if path.endswith("py") else "javascript"
    review = reviewed(SourceFile(path, name, data=text.encode()), SourceFile("b.py", "python", data=flaw))
    assert [(f.rule, f.location.path) for f in review.findings] == [("command-injection", "b.py")]
    assert {n.path for n in review.notices if n.partial} == {path}


def test_following_data_has_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was found before a file took too much is shown, and so is what is in other files."""
    monkeypatch.setattr("buckler.analysis.flow.meter.STEPS", 2_000)
    monkeypatch.setattr("buckler.analysis.flow.meter.STEPS_A_BYTE", 0)
    monkeypatch.setattr("buckler.analysis.flow.meter.TICK", 500)
    monkeypatch.setattr(engine, "TICK", 500)
    flaw = b"import os\nfrom flask import request\nos.system(request.args['x'])\n"
    heavy = PYTHON["ifs"](3_000).encode() + b"    eval(x)\n"
    review = reviewed(SourceFile("a.py", "python", data=heavy), SourceFile("b.py", "python", data=flaw))
    assert ("command-injection", "b.py") in {(f.rule, f.location.path) for f in review.findings}
    assert {(n.kind, n.path) for n in review.notices if n.partial} == {("budget", "a.py")}


WHERE = ("guards.refine", "checks.within", "of_hit")


@pytest.mark.attack("input", "code on which the analysis itself goes round for ever")
@pytest.mark.parametrize("where", WHERE)
def test_work_that_reaches_no_step_any_more_is_interrupted(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a function, in what patterns see in a module, and where a finding is put into words."""
    monkeypatch.setattr(meter, "SECONDS", 0.5)
    monkeypatch.setattr(meter, "PATIENCE", 0.3)
    module, name = {
        "guards.refine": (guards, "refine"),
        "checks.within": (checks, "within"),
        "of_hit": (follow, "of_hit"),
    }[where]
    real = getattr(module, name)

    def endless(*given: Any) -> object:
        routine = getattr(given[0], "routine", "")
        while "a" in (getattr(routine, "name", routine)[:1], given[1]):
            pass
        return real(*given)

    monkeypatch.setattr(module, name, endless)
    flaw = b"import os\nfrom flask import request\nif b:\n    os.system(request.args['x'])\n"
    review = reviewed(SourceFile("a.py", "python", data=flaw), SourceFile("b.py", "python", data=flaw))
    assert ("command-injection", "b.py") in {(f.rule, f.location.path) for f in review.findings}
    assert [(n.kind, n.path) for n in review.notices if n.partial] == [("budget", "a.py")]


def test_what_is_nested_too_deep_is_said() -> None:
    for name, shape in (("python", "calls of calls"), ("javascript", "calls of calls")):
        write = (PYTHON if name == "python" else JAVASCRIPT)[shape]
        task = Task(f"a.{ENDINGS[name]}", name, "a", False, write(5_000).encode())
        assert "nesting-too-deep" in decode(encode(workers.lowered(task, {}))).opaque
