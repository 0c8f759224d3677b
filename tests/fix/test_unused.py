"""What a change leaves without a use is imported no longer; everything else is."""

import pytest

from buckler.finding.evidence import Edit
from buckler.fix.patch import apply, printed
from buckler.fix.site import Draft


def changed(text, old, new, *imports, path="a.py"):
    data = text.encode()
    at = data.index(old.encode())
    draft = Draft("", "", (Edit(path, at, at + len(old), new),), tuple((path, i) for i in imports))
    return apply(printed(draft, lambda _: data).edits, path, data).decode()


@pytest.mark.parametrize(("text", "after"), [
    ("import os\nfrom yaml import load\n\nload(x)\n", "import os\n\nsafe(x)\n"),
    ("from yaml import dump, load\n\nload(dump(x))\n", "from yaml import dump\n\nsafe(dump(x))\n"),
    ("import os\n\nfrom yaml import load\n\nload(x)\n", "import os\n\nsafe(x)\n"),
    ("from yaml import full_load as load\nload(x)\n", "safe(x)\n"),
    ("from yaml import load\n\n\nload(x)\n", "\nsafe(x)\n"),
])  # fmt: skip
def test_it_goes(text, after):
    assert (
        changed(text, "load(" + ("dump(" if "dump(" in text else ""), "safe(" + ("dump(" if "dump(" in text else ""))
        == after
    )


@pytest.mark.parametrize("text", [
    "from yaml import load\nload(load(x))\n",
    "from yaml import load\n__all__ = ['load']\nload(x)\n",
    "from yaml import load  # noqa\nload(x)\n",
    "from yaml import (\n    load,\n)\nload(x)\n",
    "def f():\n    from yaml import load\n    load(x)\n",
    "from yaml import load\nfrom json import loads\nload(x)\nreal: 'load' = 1\n",
])  # fmt: skip
def test_it_stays(text):
    assert "import" in changed(text, "load(x)", "safe(x)")
    assert "load" in changed(text, "load(x)", "safe(x)")


def test_what_was_never_used_is_none_of_our_business():
    assert changed("import sys\nfrom yaml import load\nload(x)\n", "load(", "safe(") == "import sys\nsafe(x)\n"


def test_others_import_from_a_package():
    assert "import load" in changed("from yaml import load\nload(x)\n", "load(", "safe(", path="a/__init__.py")


def test_one_goes_while_another_comes():
    text = "from urllib.request import urlopen\n\nurlopen(x)\n"
    assert (
        changed(text, "urlopen(", "urllib.request.Request(", "import urllib.request")
        == "import urllib.request\n\nurllib.request.Request(x)\n"
    )
