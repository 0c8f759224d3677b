"""Programs and pages that grow in one way: something nested, repeated, chained or broken `n` times.

Each was seen to take a time or memory that grows faster than it does, or is a neighbour of one that did.
"""

from __future__ import annotations

from collections.abc import Callable

Shape = Callable[[int], str]


def nested(opening: str, inside: str, closing: str) -> Shape:
    return lambda n: opening * n + inside + closing * n


def lines(head: str, line: str, tail: str = "") -> Shape:
    """`{i}` and `{before}` in a line are its number and the one before."""
    return lambda n: (
        head
        + "".join(line.replace("{i}", str(i)).replace("{before}", str(i - 1)) for i in range(1, n + 1))
        + tail.replace("{n}", str(n))
    )


FLASK = "import os\nfrom flask import request\n"

PYTHON: dict[str, Shape] = {
    "brackets": lambda n: "x = " + nested("(", "1", ")")(n) + "\n",
    "subscripts": lambda n: nested("a[", "0", "]")(n) + " += 1\n",
    "f-strings": lambda n: "x = f'" + "{a} " * n + "'\n",
    "f-strings in each other": lambda n: "x = " + nested("f'{", "1", "}'")(n) + "\n",
    "decorators": lambda n: "@a(b)\n" * n + "def f(): pass\n",
    "comprehensions": lambda n: "x = " + nested("[a for a in ", "b", "]")(n) + "\n",
    "clauses of one comprehension": lambda n: "x = [a " + "for a in b if a " * n + "]\n",
    "lambdas": lambda n: "x = " + "lambda a: " * n + "b\n",
    "ifs": lines("def f(x):\n", "    if x == {i}:\n        y = x + '{i}'\n"),
    "elifs": lambda n: "if a: pass\n" + "elif b: pass\n" * n,
    "sums": lambda n: "x = a" + " + a" * n + "\n",
    "conditions": lambda n: "if a" + " and f(a) or b" * n + ": pass\n",
    "members": lambda n: "x = a" + ".b" * n + "\n",
    "calls of calls": lambda n: "x = a" + ".b()" * n + "\n",
    "keys of a map": lines("x = {", "'a{i}': a, ", "}\n"),
    "items of a list": lambda n: "x = [" + "a, " * n + "]\n",
    "attributes": lines("def f(a):\n", "    a.x{i} = a\n", "    return a\n"),
    "a map in itself": lines(FLASK + "def f():\n    a = {'b': request.args['x']}\n", "    a['x{i}'] = a\n", "    os.system(a)\n"),
    "a list in itself": lines(FLASK + "def f():\n    a = [request.args['x']]\n", "    a.append(a)\n", "    os.system(a)\n"),
    "lists of lists": lines("def f(y):\n    x = [y]\n", "    x = [x, x]\n", "    return x\n"),
    "one variable set again and again": lines("import os\nx = input()\n", "if x: x = x + 'b'\n", "os.system(x)\n"),
    "one path made again and again": lines(
        "import os\ndef f(y):\n    y = y.strip()\n",
        "    y = os.path.normpath(y)\n",
        "    if y.startswith('/a/'): open(y)\n",
    ),
    "members of members": lines("import flask\nx = flask.request\n", "x = x.args.get\n", "open(x('a'))\n"),
    "callers of callers": lines("import os\ndef f0(x): os.system(x)\n", "def f{i}(x): f{before}(x)\n"),
    "returns of returns": lines(
        FLASK + "def f0(x): return x\n", "def f{i}(x): return f{before}(x)\n", "os.system(f{n}(request.args['x']))\n"
    ),
    "diamonds": lines(
        FLASK + "def f0(x): return x\n",
        "def a{i}(x): return f{before}(x)\ndef b{i}(x): return f{before}(x)\ndef f{i}(x): return a{i}(x) + b{i}(x)\n",
        "os.system(f{n}(request.args['x']))\n",
    ),
    "heirs of heirs": lines("class C0:\n    def m(self, x): eval(x)\n", "class C{i}(C{before}):\n    def m(self, x): super().m(x)\n"),
    "routes": lines("from flask import Flask, request\napp = Flask('a')\n", "@app.get('/{i}')\ndef f{i}(): return request.args['x']\n"),
}  # fmt: skip

JAVASCRIPT: dict[str, Shape] = {
    "brackets": lambda n: "x = " + nested("(", "1", ")")(n) + ";\n",
    "updates in each other": lambda n: nested("a[", "0", "]++")(n) + ";\n",
    "sums in each other": lambda n: nested("a[", "0", "] += 1")(n) + ";\n",
    "updates in brackets": lambda n: nested("(a[", "0", "])++")(n) + ";\n",
    "elements": lambda n: "x = " + nested("<a>", "{b}", "</a>")(n) + ";\n",
    "elements side by side": lambda n: "x = <a>" + "<b c={d}>e</b>" * n + "</a>;\n",
    "templates": lambda n: "x = " + nested("`${", "1", "}`")(n) + ";\n",
    "arrows": lambda n: "x = " + "a => " * n + "1;\n",
    "arrows with defaults": lambda n: "x = " + nested("(a = ", "1", ") => 1")(n) + ";\n",
    "functions": nested("function f() {", "", "}"),
    "classes": nested("class A { m() {", "", "}}"),
    "objects": lambda n: "x = " + nested("{a: ", "1", "}")(n) + ";\n",
    "patterns": lambda n: nested("({a: ", "b", "} = c)")(n) + ";\n",
    "choices": lambda n: "x = " + "a ? b : " * n + "c;\n",
    "branches": lambda n: "if (a) b(); else " * n + "c();\n",
    "members": lambda n: "x = a" + ".b" * n + ";\n",
    "calls of calls": lambda n: "x = a" + ".b()" * n + ";\n",
    "attributes": lines("const a = {};\n", "a.x{i} = a;\n"),
    "blocks with a name of their own": lambda n: "function f(a) {" + nested("{ let x = a;", "", "}")(n) + "}\n",
    "cases": lines("switch (a) {\n", "case {i}: b();\n", "}\n"),
    "routes": lines("const app = require('express')();\n", "app.get('/{i}', (req, res) => { res.send(req.query.b); });\n"),
}  # fmt: skip

TEMPLATE: dict[str, Shape] = {
    "openings": lambda n: "{{" * n,
    "openings of tags": lambda n: "{%" * n,
    "openings of all kinds": lambda n: "{{{%{#" * n,
    "uses": lines("", "<script>{{ a{i} }}\n"),
    "uses on one line": lines("<script>", "{{ a{i} }} "),
    "tags": lambda n: "{% for a in b %}" * n,
    "filters": lambda n: "{{ a" + "|b" * n + " }}",
    "spaces": lambda n: "{{ a" + " " * n + "! }}",
    "a long name": lambda n: "{{ a" + "a" * n + "! }}",
    "a call that is not closed": lambda n: "{{ a(" + "a" * n + " }}",
    "names given": lambda n: "{% with " + "a=b " * n + "%}",
    "a name given nothing": lambda n: "{% with " + "a" * n + " %}",
    "spaces in a loop": lambda n: "{% for a" + " " * n + "of b %}",
    "elements": lambda n: "<a b='" * n + "{{ a }}",
}

BROKEN: dict[str, tuple[str, str]] = {
    "comments in Python": ("a.py", "/*\n" * 8_000),
    "arrows in Python": ("a.py", "-->\n" * 8_000),
    "comments in JavaScript": ("a.js", "/*\n" * 40_000),
    "half functions": ("a.py", "def def def (\n" * 10_000),
    "a class that never ends": ("a.js", "class A {\n" + "  a(b, {\n" * 17_000),
    "a class with text": ("a.js", "class A {\n" + "  it's `a ${b\n" * 12_000),
    "quotes": ("a.py", "'''a\"\"\"\\\n" * 15_000),
}
"""By path: what no parser understands, and what it takes to try grows faster than itself."""
