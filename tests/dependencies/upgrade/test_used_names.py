"""What a project uses of a package: names, attributes, and how things are called."""

from __future__ import annotations

from buckler.dependencies.upgrade.names import Called, used


def test_names_are_dotted_however_they_are_imported() -> None:
    code = b"import jinja2 as j\nfrom jinja2.sandbox import SandboxedEnvironment as Box\nj.Template('x')\nBox()\n"
    assert used({"a.py": code}, ["jinja2"]).names == {"jinja2.Template": "a.py:3", "jinja2": "a.py:3",
                                                      "jinja2.sandbox.SandboxedEnvironment": "a.py:4"}  # fmt: skip


def test_calls_keep_how_they_are_made() -> None:
    code = b"import jinja2\nt = jinja2.Template('x', autoescape=True)\nself.page = t\nself.page.render(1, name=2)\nother.render()\n"
    calls = used({"a.py": code}, ["jinja2"]).calls
    assert calls == {
        "jinja2.Template": Called(1, {"autoescape"}),
        ".render": Called(1, {"name"}),
    }


def test_what_another_made_is_no_call_into_the_package() -> None:
    code = b"import jinja2\nfiles = open('x')\nfiles.read()\nshop.objects.filter(a=1)\n"
    assert used({"a.py": code}, ["jinja2"]).calls == {}


def test_files_that_are_no_python_are_told() -> None:
    found = used({"a.py": b"def (", "b.py": b"import other\n"}, ["jinja2"])
    assert (found.unread, found.names) == (["a.py"], {})


def test_calls_of_classes_below_one_of_the_package() -> None:
    code = (
        b"import parts\nfrom parts import Reader\nclass Own(Reader):\n    pass\nclass Deep(Own):\n    pass\n"
        b"class Other(parts.Base):\n    pass\nOwn().parse(x)\nDeep.load(x)\nOther(1).run()\nclass No:\n    pass\nNo().stop()\n"
    )
    assert {".parse", ".load", ".run"} == {*used({"a.py": code}, ["parts"]).calls}
