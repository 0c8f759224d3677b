"""Many files say what one project is made of."""

from __future__ import annotations

from dependencies.trees import component, inventory, lines

PYPROJECT = """\
[project]
name = "shop"
dependencies = [
  "Flask>=2",
]
"""
POETRY_LOCK = """\
[[package]]
name = "flask"
version = "2.0.1"
[package.dependencies]
Jinja2 = ">=3"

[[package]]
name = "jinja2"
version = "3.0.0"
"""


def test_a_range_and_the_release_its_lockfile_chose_are_one_component() -> None:
    found = inventory({"pyproject.toml": PYPROJECT, "poetry.lock": POETRY_LOCK})
    assert [c.package.purl for c in found.components] == ["pkg:pypi/flask@2.0.1", "pkg:pypi/jinja2@3.0.0"]
    assert lines(component(found, "flask")) == [("poetry.lock", 2), ("pyproject.toml", 4)]


def test_the_chain_leads_from_what_the_project_asks_for() -> None:
    found = inventory({"pyproject.toml": PYPROJECT, "poetry.lock": POETRY_LOCK})
    jinja = component(found, "jinja2")
    assert not jinja.direct
    assert [str(package) for package in jinja.chain] == ["flask 2.0.1", "jinja2 3.0.0"]


def test_a_range_without_lockfile_has_no_version() -> None:
    found = inventory({"pyproject.toml": PYPROJECT, "other/poetry.lock": POETRY_LOCK})
    assert [str(c.package) for c in found.components] == ["flask", "flask 2.0.1", "jinja2 3.0.0"]


def test_a_pin_that_the_range_excludes_is_another_release() -> None:
    found = inventory({"setup.cfg": "", "pyproject.toml": PYPROJECT, "requirements.txt": "flask==1.0\n"})
    assert [str(c.package) for c in found.components] == ["flask", "flask 1.0"]


def test_a_workspace_is_one_project() -> None:
    lock = """{"lockfileVersion": 3, "packages": {
      "": {"workspaces": ["parts/*"]},
      "node_modules/shop-web": {"resolved": "parts/web", "link": true},
      "parts/web": {"name": "shop-web", "version": "1.0.0", "dependencies": {"lodash": "^4.0.0"}},
      "node_modules/lodash": {"version": "4.17.20"}
    }}"""
    found = inventory({
        "package-lock.json": lock,
        "parts/web/package.json": '{"name": "shop-web", "dependencies": {"lodash": "^4.0.0"}}',
        "examples/package.json": '{"dependencies": {"lodash": "^4.0.0"}}',
    })  # fmt: skip
    assert [str(c.package) for c in found.components] == ["lodash", "lodash 4.17.20"]
    assert lines(found.components[0]) == [("examples/package.json", 1)]
    assert lines(found.components[1]) == [("package-lock.json", 5), ("parts/web/package.json", 1)]
    assert found.components[1].direct


def test_two_spellings_of_a_version_are_one_release() -> None:
    found = inventory({"requirements.txt": "flask==2.0\n", "b/requirements.txt": "Flask == 2.0.0\n"})
    assert len(found.components) == 1


def test_what_nobody_locked_is_still_complained_about_once() -> None:
    found = inventory({"requirements.txt": "-r more-requirements.txt\n", "more-requirements.txt": "a b\n"})
    assert [(p.path, p.text) for p in found.problems] == [
        ("more-requirements.txt", "line 1: `a b` is not a requirement; left out")
    ]
