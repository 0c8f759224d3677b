"""Imports are added once, where the file keeps its imports."""

import pytest

from buckler.fix.imports import import_edit, short_names
from buckler.fix.patch import apply


def added(text, statement):
    edit = import_edit("a.py", text.encode(), statement)
    return None if edit is None else apply([edit], "a.py", text.encode()).decode()


@pytest.mark.parametrize(("text", "statement"), [
    ("import re\n", "import re"),
    ("import os, re\n", "import re"),
    ("from html import escape\n", "from html import escape"),
    ("from html import (\n    escape,\n    unescape,\n)\n", "from html import escape"),
])  # fmt: skip
def test_what_is_there_is_not_added(text, statement):
    assert added(text, statement) is None


@pytest.mark.parametrize(("text", "after"), [
    ("import os\nimport sys\n\nx = 1\n", "import os\nimport re\nimport sys\n\nx = 1\n"),
    ("import sys\nfrom a import b\n", "import re\nimport sys\nfrom a import b\n"),
    ("from a import b\n", "import re\n\nfrom a import b\n"),
    ("from a import b\n\nimport os\n", "from a import b\n\nimport os\nimport re\n"),
    ("import os\n\nx = 1\n", "import os\nimport re\n\nx = 1\n"),
    ('"""About."""\n\nx = 1\n', '"""About."""\n\nimport re\n\nx = 1\n'),
    ("from __future__ import annotations\n\nx = 1\n", "from __future__ import annotations\nimport re\n\nx = 1\n"),
    ("x = 1\n", "import re\n\nx = 1\n"),
    ("import os\r\nx = 1\r\n", "import os\r\nimport re\r\nx = 1\r\n"),
])  # fmt: skip
def test_where_it_goes(text, after):
    assert added(text, "import re") == after


@pytest.mark.parametrize(("text", "after"), [
    ("import os\n\nx = 1\n", "import os\n\nfrom flask import abort\n\nx = 1\n"),
    ("import os\n\nfrom a import b\n\nfrom . import c\n", "import os\n\nfrom a import b\nfrom flask import abort\n\nfrom . import c\n"),
])  # fmt: skip
def test_what_is_installed_stands_apart(text, after):
    assert added(text, "from flask import abort") == after


@pytest.mark.parametrize(("text", "after"), [
    ("from flask import Flask, request\n", "from flask import Flask, abort, request\n"),
    ("from flask import Flask\n", "from flask import Flask, abort\n"),
    ("from flask import (\n    Flask,\n    request,\n)\n", "from flask import (\n    Flask,\n    request, abort,\n)\n"),
    ("from flask import *\n", "from flask import *\nfrom flask import abort\n"),
    ("from .flask import x\n", "from .flask import x\nfrom flask import abort\n"),
])  # fmt: skip
def test_a_name_joins_those_of_its_module(text, after):
    assert added(text, "from flask import abort") == after


@pytest.mark.parametrize("text", ["import re as r\n", "from re import match\n", "if True:\n    import re\n"])
def test_a_name_that_is_bound_otherwise_does_not_count(text):
    assert added(text, "import re") is not None


@pytest.mark.parametrize(("head", "text", "after"), [
    ("from pathlib import Path\n", "pathlib.Path(x)", "Path(x)"),
    ("from a import b\nfrom pathlib import Path, PurePath\n", "pathlib.Path(x) or pathlib.PurePath", "Path(x) or PurePath"),
])  # fmt: skip
def test_a_shorter_name_that_is_there_is_used(head, text, after):
    shorter = short_names(head.encode(), "import pathlib", [text])
    assert shorter is not None
    assert shorter(text) == after


@pytest.mark.parametrize(
    "head", ["import pathlib\nfrom pathlib import Path\n", "from pathlib import Path as P\n", "import os\n"]
)
def test_no_shorter_name(head):
    assert short_names(head.encode(), "import pathlib", ["pathlib.Path(x)"]) is None
