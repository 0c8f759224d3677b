"""package.json and the lockfiles that go with it."""

from __future__ import annotations

from buckler.dependencies.model import Origin, Scope
from dependencies.trees import component, inventory, manifest, packages

LOCK_3 = """\
{
  "name": "web", "version": "1.0.0", "lockfileVersion": 3,
  "packages": {
    "": {"dependencies": {"express": "^4"}, "devDependencies": {"jest": "29"}},
    "node_modules/express": {
      "version": "4.1.0", "integrity": "sha1-AAE=", "dependencies": {"qs": "1"}
    },
    "node_modules/express/node_modules/qs": {"version": "1.0.1"},
    "node_modules/qs": {"version": "1.0.0", "dev": true},
    "node_modules/jest": {"version": "29.0.0", "dev": true, "dependencies": {"qs": "*"}},
    "node_modules/nick": {"name": "real", "version": "2.0.0", "optional": true},
    "node_modules/tool": {"version": "0.1.0", "resolved": "git+ssh://git@example.org/tool.git#abc"}
  }
}
"""
LOCK_1 = """\
{
  "lockfileVersion": 1,
  "dependencies": {
    "express": {
      "version": "4.1.0",
      "requires": {"qs": "1"},
      "dependencies": {
        "qs": {"version": "1.0.1"}
      }
    },
    "qs": {"version": "1.0.0", "dev": true},
    "nick": {"version": "npm:real@2.0.0"},
    "tool": {"version": "git+https://example.org/tool.git#abc"},
    "far": {"version": "https://example.org/far/-/far-1.0.0-rc.1.tgz"}
  }
}
"""


def test_each_folder_of_an_installation() -> None:
    found = inventory({"package-lock.json": LOCK_3})
    chains = {str(c.package): [str(p) for p in c.chain[:-1]] for c in found.components}
    assert chains == {
        "express 4.1.0": [],
        "jest 29.0.0": [],
        "qs 1.0.0": ["jest 29.0.0"],
        "qs 1.0.1": ["express 4.1.0"],
        "real 2.0.0": [],
        "tool 0.1.0": [],
    }
    assert component(found, "express").requirements[0].hashes == ("sha1:0001",)
    assert component(found, "jest").scope is Scope.DEVELOPMENT
    assert component(found, "real").scope is Scope.OPTIONAL
    assert component(found, "tool").requirements[0].origin is Origin.REPOSITORY


def test_nested_as_version_one_wrote_it() -> None:
    found = manifest("npm-shrinkwrap.json", LOCK_1)
    assert packages(found) == ["express 4.1.0", "qs 1.0.0", "real 2.0.0", "tool", "far 1.0.0-rc.1", "qs 1.0.1"]
    express, _, _, tool, _, nested = found.requirements
    assert express.requires == (nested.package,)
    assert nested.location.line == 8
    assert tool.origin is Origin.REPOSITORY


def test_what_a_project_asks_for() -> None:
    text = """{
      "name": "@me/web",
      "dependencies": {"a": "^1.0.0", "b": "=1.2.3", "c": "npm:@real/c@~2", "d": "me/d", "e": "file:../e"},
      "devDependencies": {"jest": 3, "mocha": "latest"}
    }"""
    found = manifest("package.json", text)
    assert [(str(r.package), r.wanted) for r in found.requirements] == [
        ("a", "^1.0.0"), ("b 1.2.3", "=1.2.3"), ("@real/c", "~2"), ("d", ""), ("e", ""), ("mocha", "latest"),
    ]  # fmt: skip
    assert [r.origin for r in found.requirements[3:5]] == [Origin.REPOSITORY, Origin.PATH]
    assert found.requirements[-1].scope is Scope.DEVELOPMENT
    assert str(found.project) == "@me/web"
    assert [p.text for p in found.problems] == ["line 4: the version of `jest` is not a string; left out"]


def test_names_that_are_none() -> None:
    found = manifest("package.json", '{"dependencies": {"../../etc": "1.0.0", "a b": "1", "": "2", "ok": "1.0.0"}}')
    assert packages(found) == ["ok 1.0.0"]
    assert len(found.problems) == 3
