"""Input that is to hang, crash or outlast a review."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from attacks.mutations import mutated_inputs
from attacks.shapes import PYTHON, TEMPLATE
from buckler.analysis.libraries.load import load_libraries
from buckler.base.config import MAX_FILE_SIZE, find_config, load_config
from buckler.base.source import SourceFile
from buckler.review import confined
from buckler.review.confined import Crew, Refused
from buckler.review.run import review_tree
from buckler.weaknesses.registry import rulebook

ENVIRONMENT = {**os.environ, "BUCKLER_CACHE": "off"}
EXPECTED = frozenset({"syntax", "undecodable", "unreadable"})
REVIEW = [sys.executable, "-m", "buckler", "review"]


@pytest.mark.attack("input", "150 samples with bytes flipped, tokens repeated, code nested, cut off and spliced")
def test_damaged_samples_are_reviewed() -> None:
    """No crash, and no budget reached but that of a parser which tries to understand what is no program."""
    tables = {name: load_libraries(name) for name in ("python", "javascript")}
    book = rulebook()
    unread = 0
    for file in mutated_inputs(7, 150):
        notices = review_tree([file], book=book, tables=tables, jobs=1).notices
        unread += any(n.kind == "budget" and n.text.endswith("not reviewed") for n in notices)
        odd = [n for n in notices if n.kind not in EXPECTED and not n.text.endswith("not reviewed")]
        assert not odd, (file.path, odd, file.data)
    assert unread <= 3


def work_off(answer: dict[int, str], memory: int = 64 << 20, seconds: int = 1) -> dict[int, str]:
    """What comes of pieces of work of which some are not to be borne."""

    def do(number: int) -> bytes:
        what = answer[number]
        if what == "hang":
            while True:
                pass
        if what == "hoard":
            hoard = []
            while True:
                hoard.append(bytearray(1 << 20))
        if what == "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        return what.encode()

    crew = Crew(do, lambda _: 0)
    old = confined.MEMORY, confined.SECONDS
    confined.MEMORY, confined.SECONDS = memory, seconds
    try:
        got = dict(crew.run([list(answer)], 2))
    finally:
        confined.MEMORY, confined.SECONDS = old
    return {n: str(found) if isinstance(found, Refused) else found.decode() for n, found in got.items()}


@pytest.mark.attack("input", "a file hangs, hoards memory in or crashes the process that reads it")
def test_a_piece_that_ends_its_worker_costs_nothing_else() -> None:
    got = work_off({0: "a", 1: "hang", 2: "b", 3: "hoard", 4: "c", 5: "crash", 6: "d"})
    assert [got[n] for n in (0, 2, 4, 6)] == ["a", "b", "c", "d"]
    assert "processor time" in got[1]
    assert "memory" in got[3]
    assert str(-signal.SIGSEGV) in got[5]


def test_a_worker_killed_from_outside_is_replaced(tmp_path: Path) -> None:
    mark = tmp_path / "killed"

    def do(number: int) -> bytes:
        if number == 1 and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return str(number).encode()

    assert dict(Crew(do, lambda _: 0).run([[0, 1, 2]], 1)) == {0: b"0", 1: b"1", 2: b"2"}


def test_an_answer_larger_than_a_pipe_comes_whole() -> None:
    large = os.urandom(1 << 20) * 3
    assert dict(Crew(lambda _: large, lambda _: 0).run([[0], [1], [2]], 2)) == dict.fromkeys(range(3), large)


@pytest.mark.attack("input", "a review is killed, and its workers stay")
@pytest.mark.parametrize("jobs", [1, 2])
def test_workers_end_with_their_parent(jobs: int, tmp_path: Path) -> None:
    code = PYTHON["ifs"](10_000)
    for number in range(6):
        (tmp_path / f"a{number}.py").write_text(code)
    for wait in (0.0, 0.05, 0.3):
        review = subprocess.Popen(
            [*REVIEW, f"--jobs={jobs}", str(tmp_path)], env=ENVIRONMENT, stdout=subprocess.DEVNULL
        )
        process = psutil.Process(review.pid)
        while not (workers := process.children()):
            assert review.poll() is None, "it ended before anybody looked"
            time.sleep(0.002)
        time.sleep(wait)
        workers = process.children() or workers
        review.kill()
        review.wait()
        _, alive = psutil.wait_procs(workers, timeout=30)
        assert not alive


def test_a_worker_whose_parent_is_gone_already_ends_at_once() -> None:
    watched, life = os.pipe()
    os.close(life)
    pid = os.fork()
    if not pid:
        confined.end_with_parent(watched)
    os.close(watched)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1


HUNG = {
    "an update inside an update": ("a.js", "a[" * 20 + "0" + "]++" * 20 + ";\n"),
    "comments in Python": ("a.py", "/*\n" * 8_000),
    "arrows in Python": ("a.py", "-->\n" * 8_000),
    "comments in JavaScript": ("a.js", "/*\n" * 40_000),
    "openings in a template": ("a.html", TEMPLATE["openings"](40_000)),
    "a long name in a template": ("a.html", TEMPLATE["a long name"](40_000)),
    "an object in itself": ("a.js", "const a = {};\n" + "".join(f"a.x{n} = a;\n" for n in range(200))),
    "a map in itself": ("a.py", PYTHON["a map in itself"](200)),
    "a thousand calls": ("a.py", PYTHON["callers of callers"](1_000)),
    "a call of a thousand calls": ("a.py", PYTHON["calls of calls"](1_000)),
    "8,001 lines": ("a.py", PYTHON["one variable set again and again"](7_999)),
    "a path made again and again": ("a.py", PYTHON["one path made again and again"](2_000)),
    "a class body that is broken": ("a.js", "class A {\n" + "  it's `a ${b\n" * 12_000),
}


@pytest.mark.attack("input", "some hundred bytes that take minutes or gigabytes")
@pytest.mark.parametrize("shape", HUNG)
def test_what_hung_ends(shape: str, tmp_path: Path) -> None:
    path, text = HUNG[shape]
    (tmp_path / path).write_text(text)
    (tmp_path / "b.py").write_text("import os\nfrom flask import request\nos.system(request.args['x'])\n")
    command = [*REVIEW, str(tmp_path)]
    done = subprocess.run(command, check=False, env=ENVIRONMENT, capture_output=True, text=True, timeout=100)
    assert done.returncode in (1, 4), done.stderr
    assert "b.py:3" in done.stdout


@pytest.mark.attack("input", "a tree raises the limit on the size of its own files")
def test_a_tree_cannot_raise_the_limit_on_its_files(tmp_path: Path) -> None:
    own = tmp_path / "buckler.toml"
    own.write_text("max-file-size = 50_000_000\n")
    assert find_config(tmp_path).max_file_size == MAX_FILE_SIZE
    trusted = load_config(own)
    assert trusted is not None and trusted.max_file_size == 50_000_000
    own.write_text("max-file-size = 1000\n")
    assert find_config(tmp_path).max_file_size == 1000


def test_reading_goes_on_with_one_job_as_with_two() -> None:
    """However many jobs: nothing is parsed in the process of the review."""
    tables = {"python": load_libraries("python")}
    file = SourceFile("a.py", "python", data=b"/*\n" * 4_000)
    old = confined.MEMORY
    confined.MEMORY = 128 << 20
    try:
        for jobs in (1, 2):
            review = review_tree([file], book=rulebook(), tables=tables, jobs=jobs)
            assert [(n.kind, n.path, n.partial) for n in review.notices] == [("budget", "a.py", True)]
    finally:
        confined.MEMORY = old
