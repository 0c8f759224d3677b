"""After any edit a review that remembers says what one from nothing says, and looks at little."""

from __future__ import annotations

import marshal
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import pytest
from tests.review.test_run import Memory

from buckler.analysis.flow import engine
from buckler.analysis.flow.cells import variable
from buckler.analysis.flow.codec import (
    fill_for_callers,
    fill_outside,
    seen_by_callers,
    seen_outside,
    value_of,
    value_row,
)
from buckler.analysis.flow.summary import CellWrite, Fact, Latent, Reached, Summary
from buckler.analysis.flow.value import NEVER, Container, Value
from buckler.analysis.libraries.load import load_libraries
from buckler.base.source import SourceFile
from buckler.finding.model import Finding, Review
from buckler.review.rulebook import RuleBook
from buckler.review.run import review_tree
from buckler.weaknesses.registry import rulebook

TABLES = {"python": load_libraries("python")}
BOOK = rulebook()

SHOP = {
    "shop/__init__.py": "",
    "shop/app.py": """
from flask import Flask, request, redirect
from shop import store, views
from shop.tools import clean as tidy, Box
from shop.names import *

app = Flask(__name__)
app.add_url_rule("/late", view_func=views.late)

@app.route("/buy")
def buy():
    return store.find(request.args["name"])

@app.route("/go/<where>")
def go(where):
    return redirect(tidy(where))

@app.route("/run")
def run_it():
    box = Box(request.args["x"])
    return box.run(VERBOSE)

def outer():
    command = request.args["c"]
    def inner():
        return store.call(command)
    return inner()
""",
    "shop/views.py": """
from flask import request
from shop.store import find

def late():
    return find(request.form["q"], True)

class Base:
    table = "items"
    def look(self, key):
        return find(key)

class Special(Base):
    def look(self, key):
        return find(int(key))

def dispatch(key, kind: Base):
    return kind.look(key)
""",
    "shop/store.py": """
import os
import sqlite3
from shop.tools import clean

connection = sqlite3.connect("shop.db")
LIMIT = 10
HANDLERS = {}

def find(name, strict=False):
    if strict:
        name = clean(name)
    return connection.execute("select * from t where name = '" + name + "'")

def call(command):
    os.system("echo " + command)

def register(name):
    HANDLERS[name] = call
""",
    "shop/tools.py": """
import os

def clean(text):
    return text

class Box:
    def __init__(self, value):
        self.value = value

    def run(self, loud):
        if loud:
            return os.popen("ls " + self.value)
        return self.again(3)

    def again(self, n):
        return self.again(n - 1) if n else self.run(True)
""",
    "shop/names.py": "VERBOSE = True\n\ndef name(): return 'x'\n",
}

Files = dict[str, str]


@dataclass(slots=True)
class ProofContext:
    """A tree, a cache that lives from review to review, and how much was looked at."""

    files: Files
    cache: Memory = field(default_factory=Memory)
    analysed: list[str] = field(default_factory=list)

    def review(self, cache: Memory | None, book: RuleBook = BOOK) -> Review:
        files = [SourceFile(path, "python", data=text.encode()) for path, text in self.files.items()]
        self.analysed.clear()
        review = review_tree(files, book=book, tables=TABLES, jobs=1, cache=cache)
        assert not [n for n in review.notices if n.kind == "engine"]
        return review

    def agree(self) -> list[Finding]:
        remembered = self.review(self.cache).findings
        looked = list(self.analysed)
        assert remembered == self.review(None).findings
        self.analysed[:] = looked
        return remembered


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> ProofContext:
    made = ProofContext(dict(SHOP))
    analyse = engine.analyse

    def counted(*args: object) -> object:
        if len(args) == 3:  # otherwise only watched, to tell the way
            made.analysed.append(args[1].name)  # type: ignore[attr-defined]
        return analyse(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(engine, "analyse", counted)
    return made


def swap(path: str, old: str, new: str) -> Callable[[Files], None]:
    def edit(files: Files) -> None:
        if path in files:
            files[path] = files[path].replace(old, new)

    return edit


def add(path: str, text: str) -> Callable[[Files], None]:
    def edit(files: Files) -> None:
        files[path] = files.get(path, "") + text

    return edit


def drop(path: str) -> Callable[[Files], None]:
    def edit(files: Files) -> None:
        files.pop(path, None)

    return edit


EDITS: dict[str, Callable[[Files], None]] = {
    "a comment moves every line": lambda files: files.update({p: "# moved\n" + t for p, t in files.items()}),
    "a callee becomes a sanitiser": swap("shop/tools.py", "return text", "return int(text)"),
    "a callee stops being one": swap("shop/tools.py", "return int(text)", "return text"),
    "a sink appears": swap("shop/store.py", "LIMIT = 10", "LIMIT = 10\n\ndef evil(x):\n    return eval(x)"),
    "a function goes": swap("shop/store.py", "def call(command):\n    os.system", "def called(command):\n    os.system"),
    "a global changes": swap("shop/names.py", "VERBOSE = True", "VERBOSE = False"),
    "a global changes its type": swap("shop/names.py", "VERBOSE = True", "VERBOSE = 1"),
    "a class gets a field": swap("shop/tools.py", "self.value = value", "self.value = 'fixed'"),
    "a class loses its base": swap("shop/views.py", "class Special(Base)", "class Special"),
    "an override comes": add("shop/more.py", "from shop.views import Base\nfrom shop.store import call\n\n"
                             "class Third(Base):\n    def look(self, key):\n        return call(key)\n"),
    "a decorator comes": swap("shop/app.py", "def outer():", "@app.route('/outer')\ndef outer():"),
    "a decorator goes": swap("shop/app.py", '@app.route("/buy")\n', ""),
    "a route changes": swap("shop/app.py", "/go/<where>", "/go"),
    "a parameter is renamed": swap("shop/store.py", "name, strict=False", "title, strict=False"),
    "a parameter is added": swap("shop/store.py", "def find(name,", "def find(name, *more,"),
    "an import is renamed": swap("shop/app.py", "clean as tidy", "clean as other"),
    "an import goes": swap("shop/views.py", "from shop.store import find\n", ""),
    "a file goes": drop("shop/store.py"),
    "a file comes": lambda files: files.update({"shop/store.py": SHOP["shop/store.py"]}),
    "a file shadows a module": add("store.py", "def find(name):\n    return name\n"),
    "another of the same name": add("src/shop/tools.py", "def clean(text):\n    return 'x'\n"),
    "a star import gains a name": add("shop/names.py", "def find(x): return x\n\ndef tidy(x): return int(x)\n"),
    "somebody writes a field": add("shop/extra.py", "from shop.tools import Box\nimport sys\n\n"
                                   "def fill(box: Box):\n    box.value = sys.argv[1]\n    Box.kind = 'x'\n"),
    "somebody sets a global": add("shop/sets.py", "from shop import names\n\ndef go():\n    names.VERBOSE = input()\n"),
    "syntax breaks": add("shop/views.py", "def broken(:\n"),
    "everything is as at first": lambda files: (files.clear(), files.update(SHOP))[0],
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_one_edit(bench: ProofContext, name: str) -> None:
    bench.agree()
    everything = len(bench.analysed)
    EDITS[name](bench.files)
    bench.agree()
    assert name.startswith("a comment") or len(bench.analysed) < everything


@pytest.mark.parametrize("seed", range(12))
def test_edits_in_any_order(bench: ProofContext, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(8):
        for name in chance.choices(list(EDITS), k=chance.choice((1, 1, 2))):
            EDITS[name](bench.files)
        bench.agree()


def test_only_the_changed_file_is_looked_at(bench: ProofContext) -> None:
    assert {f.rule for f in bench.agree()} >= {"sql-injection", "command-injection", "open-redirect"}
    EDITS["a route changes"](bench.files)
    bench.agree()
    assert {name.rsplit(".", 1)[0] for name in bench.analysed} <= {"shop", "shop.app", "shop.app.outer"}


def test_callers_are_spared_when_a_summary_comes_out_the_same(bench: ProofContext) -> None:
    bench.agree()
    swap("shop/tools.py", "return text", "copy = text\n    return copy")(bench.files)
    bench.agree()
    assert "shop.tools.clean" in bench.analysed
    assert "shop.store.find" not in bench.analysed


def test_damaged_memory_is_no_memory(bench: ProofContext) -> None:
    bench.agree()
    for (layer, key), value in list(bench.cache.kept.items()):
        if layer == "tapes":
            bench.cache.kept[layer, key] = value[: len(value) // 2] if key[0] % 2 else value[:-9] + b"123456789"
    EDITS["a route changes"](bench.files)
    bench.agree()


def test_other_rules_do_not_mix(bench: ProofContext) -> None:
    few = replace(BOOK, rules={k: v for k, v in BOOK.rules.items() if k in ("sql-injection", "open-redirect")})
    for book in (few, BOOK, few):
        assert bench.review(bench.cache, book).findings == bench.review(None, book).findings
        EDITS["a route changes"](bench.files)
        assert bench.review(bench.cache, book).findings == bench.review(None, book).findings


def test_two_trees_share_a_cache(bench: ProofContext) -> None:
    other = ProofContext({p.replace("shop/", "shop2/"): t for p, t in SHOP.items()}, bench.cache)
    other.files |= {p: t for p, t in SHOP.items() if "app" not in p}
    for edit in list(EDITS.values())[:6]:
        bench.agree()
        other.agree()
        edit(bench.files)


def test_the_analysis_of_a_function_asks_so_that_it_is_noted() -> None:
    """Tables of the program and the engine are read through methods that remember the question."""
    flow = Path(engine.__file__).parent
    whole = {"engine", "board", "lookup", "solve", "relevance", "trace"}
    tables = r"(?<!analysis\.)program\.(routines|classes|modules|by_method)\b|engine\.(cells|boxes|entries|summaries)\b"
    for path in sorted(flow.glob("*.py")):
        if path.stem not in whole:
            assert not re.findall(tables, path.read_text()), path.name


def test_every_part_of_a_summary_is_remembered() -> None:
    inner = Latent(("param", "0"), 1, 2, 3, "a", True, ("f", 4), Reached("n", True, (1, 2, 3)), "", None, (1, None))
    value = Value(5, (1, True, 1.0, "x", b"y", None), ("r",), ("t",), (7, -9), ("a", 3), frozenset({"m"}), Value(1))
    box = Container("map", {True: value, "k": Value()}, value, 3, 9, True)
    made = Summary([("param", "0")], value, [(1, 2, ("a", 1))], {7: box}, {0: {None: value, 1: value}},
                   {"return": {0: 3}}, [replace(inner, callee="g", inner=inner)], [Fact("r", 1, "n")],
                   [CellWrite(variable("m", "c"), ("cell", "d"), 3, 4)], [(0, (value,), 5)], True, True)  # fmt: skip
    again = Summary()
    fill_outside(again, marshal.loads(marshal.dumps(seen_outside(made))))
    fill_for_callers(again, marshal.loads(marshal.dumps(seen_by_callers(made))))
    assert all(f.name == "mark" or getattr(made, f.name) != f.default for f in fields(Summary))
    assert again == made
    assert repr(again) == repr(made)
    assert value_of(value_row(NEVER)) is NEVER
