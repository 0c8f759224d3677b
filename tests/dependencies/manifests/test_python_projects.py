"""pyproject.toml and poetry.lock."""

from __future__ import annotations

from buckler.dependencies.model import Origin, Scope
from dependencies.trees import manifest, packages

PYPROJECT = """\
[build-system]
requires = ["hatchling==1.0"]

[project]
name = "Shop"
version = "1.0"
dependencies = [
  "flask>=2",  # the web
  "odd odd",
  "tool",
]
[project.optional-dependencies]
fast = ["uvloop"]
test = ["pytest"]

[dependency-groups]
lint = ["ruff", {include-group = "none"}]

[tool.uv.sources]
tool = { git = "https://example.org/tool" }

[tool.poetry.dependencies]
python = "^3.11"
requests = "^2.28"
pinned = "1.2.3"
own = { path = "../own" }
many = [{ version = "~1.0", python = "<3.9" }, { version = ">=2", python = ">=3.9" }]

[[tool.poetry.source]]
url = "https://example.org/simple"
"""


def test_every_table_of_a_project() -> None:
    found = manifest("pyproject.toml", PYPROJECT)
    rows = {(str(r.package), r.wanted, r.scope, r.location.line) for r in found.requirements}
    assert rows == {
        ("hatchling 1.0", "==1.0", Scope.BUILD, 2),
        ("flask", ">=2", Scope.RUNTIME, 8),
        ("tool", "", Scope.RUNTIME, 10),
        ("uvloop", "", Scope.OPTIONAL, 13),
        ("pytest", "", Scope.DEVELOPMENT, 14),
        ("ruff", "", Scope.DEVELOPMENT, 17),
        ("requests", ">=2.28,<3", Scope.RUNTIME, 24),
        ("pinned 1.2.3", "==1.2.3", Scope.RUNTIME, 25),
        ("own", "", Scope.RUNTIME, 26),
        ("many", ">=1.0,<1.1", Scope.RUNTIME, 27),
        ("many", ">=2", Scope.RUNTIME, 27),
    }
    assert [p.text for p in found.problems] == ["line 9: `odd odd` is not a requirement; left out"]
    assert str(found.project) == "shop 1.0"
    assert found.indexes == ("https://example.org/simple",)
    origins = {r.package.name: r.origin for r in found.requirements}
    assert (origins["tool"], origins["own"]) == (Origin.REPOSITORY, Origin.PATH)


def test_poetry_of_every_age() -> None:
    text = """\
[[package]]
name = "flask"
version = "2.0"
category = "main"
optional = false
[package.dependencies]
Jinja2 = {version = ">=3", extras = ["i18n"]}

[[package]]
name = "jinja2"
version = "3.0"
groups = ["main"]
files = [
    {file = "jinja2-3.0.tar.gz", hash = "sha256:aa"},
]

[[package]]
name = "pytest"
version = "7.0"
category = "dev"

[[package]]
name = "tool"
version = "0.1"
[package.source]
type = "git"
url = "https://example.org/tool.git"

[metadata.files]
flask = [{file = "flask-2.0.tar.gz", hash = "sha256:bb"}]
"""
    found = manifest("poetry.lock", text)
    assert packages(found) == ["flask 2.0", "jinja2 3.0", "pytest 7.0", "tool 0.1"]
    flask, jinja, pytest_, tool = found.requirements
    assert flask.requires == (jinja.package,)
    assert (flask.direct, jinja.direct) == (True, False)
    assert (flask.hashes, jinja.hashes) == (("sha256:bb",), ("sha256:aa",))
    assert pytest_.scope is Scope.DEVELOPMENT
    assert (tool.origin, tool.address) == (Origin.REPOSITORY, "https://example.org/tool.git")
    assert [r.location.line for r in found.requirements] == [2, 10, 18, 23]


def test_a_broken_file_is_one_sentence() -> None:
    found = manifest("pyproject.toml", "[project\n")
    (problem,) = found.problems
    assert problem.text.startswith("line 1: the file is not valid TOML (")
    assert problem.partial
