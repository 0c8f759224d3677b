"""Lockfiles of Python beside Poetry's."""

from __future__ import annotations

from buckler.dependencies.model import Origin, Scope
from dependencies.trees import component, inventory, manifest, packages

UV = """\
version = 1
[manifest]
members = ["shop", "shop-api"]

[[package]]
name = "shop"
version = "1.0"
source = { editable = "." }
dependencies = [{ name = "flask" }]
[package.dev-dependencies]
test = [{ name = "pytest" }]

[[package]]
name = "shop-api"
version = "1.0"
source = { editable = "api" }
dependencies = [{ name = "six", version = "1.16" }]

[[package]]
name = "flask"
version = "2.0"
source = { registry = "https://me:secret@example.org/simple" }
dependencies = [{ name = "jinja2" }]
wheels = [{ url = "https://example.org/flask.whl", hash = "sha256:aa" }]

[[package]]
name = "jinja2"
version = "3.0"
source = { registry = "https://example.org/simple" }

[[package]]
name = "pytest"
version = "8.0"
dependencies = [{ name = "iniconfig" }]

[[package]]
name = "iniconfig"
version = "2.0"

[[package]]
name = "six"
version = "1.15"
[[package]]
name = "six"
version = "1.16"

[[package]]
name = "tool"
version = "0.1"
source = { git = "https://example.org/tool?rev=1#abc" }
"""


def test_uv_knows_the_parts_of_its_workspace() -> None:
    found = inventory({"uv.lock": UV, "api/pyproject.toml": '[project]\ndependencies = ["six"]\n'})
    assert [(str(c.package), c.scope) for c in found.components] == [
        ("flask 2.0", Scope.RUNTIME),
        ("iniconfig 2.0", Scope.DEVELOPMENT),
        ("jinja2 3.0", Scope.RUNTIME),
        ("pytest 8.0", Scope.DEVELOPMENT),
        ("six 1.15", Scope.RUNTIME),
        ("six 1.16", Scope.RUNTIME),
        ("tool 0.1", Scope.RUNTIME),
    ]
    assert [str(p) for p in component(found, "iniconfig").chain] == ["pytest 8.0", "iniconfig 2.0"]
    assert str(found.manifests[-1].project) == "shop 1.0"
    assert [str(part) for part in found.manifests[-1].parts] == ["shop 1.0", "shop-api 1.0"]
    assert component(found, "tool").requirements[0].origin is Origin.REPOSITORY
    assert component(found, "flask").requirements[0].hashes == ("sha256:aa",)
    assert "secret" not in repr(found)


def test_pdm() -> None:
    text = """\
[[package]]
name = "coverage"
version = "7.0"
extras = ["toml"]
groups = ["test"]
dependencies = ["coverage==7.0", "tomli>=2; python_version < '3.11'"]
files = [{file = "c.whl", hash = "sha256:aa"}]

[[package]]
name = "coverage"
version = "7.0"
groups = ["test"]

[[package]]
name = "tomli"
version = "2.0"
groups = ["default", "test"]
"""
    found = inventory({"pdm.lock": text})
    assert [(str(c.package), c.scope, c.direct) for c in found.components] == [
        ("coverage 7.0", Scope.DEVELOPMENT, True),
        ("tomli 2.0", Scope.DEVELOPMENT, False),
    ]


def test_pipenv() -> None:
    lock = """{
      "_meta": {"sources": [{"url": "https://$USER:$PASS@example.org/simple"}]},
      "default": {
        "flask": {"version": "==2.0", "hashes": ["sha256:aa"], "markers": "python_version >= '3'"},
        "jinja2": {"version": "==3.0"},
        "tool": {"git": "https://example.org/tool.git", "ref": "abc"}
      },
      "develop": {"pytest": {"version": "==8.0"}}
    }"""
    pipfile = '[packages]\nflask = "*"\n[dev-packages]\npytest = {version = ">=7"}\n'
    found = inventory({"Pipfile": pipfile, "Pipfile.lock": lock})
    assert [(str(c.package), c.scope, c.direct) for c in found.components] == [
        ("flask 2.0", Scope.RUNTIME, True),
        ("jinja2 3.0", Scope.RUNTIME, False),
        ("pytest 8.0", Scope.DEVELOPMENT, True),
        ("tool", Scope.RUNTIME, False),
    ]
    assert found.manifests[1].indexes == ("https://example.org/simple",)


def test_the_standards_own_lockfile() -> None:
    text = """\
lock-version = "1.0"
[[packages]]
name = "flask"
version = "2.0"
index = "https://example.org/simple"
dependencies = [{ name = "jinja2" }]
wheels = [{ url = "https://example.org/f.whl", hashes = { sha256 = "aa" } }]
[[packages]]
name = "jinja2"
version = "3.0"
[[packages]]
name = "own"
directory = { path = "own", editable = true }
"""
    found = manifest("pylock.dev.toml", text)
    assert packages(found) == ["flask 2.0", "jinja2 3.0", "own"]
    assert [r.direct for r in found.requirements] == [True, False, True]
    assert found.requirements[0].hashes == ("sha256:aa",)
    assert found.requirements[2].origin is Origin.PATH


def test_a_lockfile_without_scopes_has_those_of_the_manifest() -> None:
    lock = "".join(f'[[package]]\nname = "{name}"\nversion = "1.0"\n{rest}\n' for name, rest in [
        ("web", '[package.dependencies]\nshared = "*"'), ("lint", '[package.dependencies]\nonly = "*"\nshared = "*"'),
        ("shared", ""), ("only", ""),
    ])  # fmt: skip
    pyproject = '[tool.poetry.dependencies]\nweb = "*"\n[tool.poetry.dev-dependencies]\nlint = "*"\nshared = "*"\n'
    found = inventory({"pyproject.toml": pyproject, "poetry.lock": lock})
    assert [(c.package.name, c.scope) for c in found.components] == [
        ("lint", Scope.DEVELOPMENT),
        ("only", Scope.DEVELOPMENT),
        ("shared", Scope.RUNTIME),
        ("web", Scope.RUNTIME),
    ]
