"""Lockfiles of Yarn, pnpm and Bun, and what lies in node_modules."""

from __future__ import annotations

import pytest

from buckler.dependencies.model import Inventory, Origin, Scope
from dependencies.trees import component, inventory, lines, manifest, packages

PACKAGE = '{"dependencies": {"express": "^4"}, "devDependencies": {"jest": "^29"}}'


def state(found: Inventory) -> list[tuple[str, Scope, list[str]]]:
    return [(str(c.package), c.scope, [p.name for p in c.chain]) for c in found.components]


EXPECTED = [
    ("@me/deep 3.0.0", Scope.RUNTIME, ["express", "qs", "@me/deep"]),
    ("express 4.1.0", Scope.RUNTIME, ["express"]),
    ("jest 29.0.0", Scope.DEVELOPMENT, ["jest"]),
    ("qs 1.0.0", Scope.DEVELOPMENT, ["jest", "qs"]),
    ("qs 2.0.0", Scope.RUNTIME, ["express", "qs"]),
]

YARN_1 = """\
# yarn lockfile v1


"@me/deep@^3", "@me/deep@^3.0":
  version "3.0.0"
  resolved "https://example.org/@me/deep/-/deep-3.0.0.tgz#aa"
  integrity sha1-AAE=

express@^4:
  version "4.1.0"
  dependencies:
    qs "2"

jest@^29:
  version "29.0.0"
  dependencies:
    qs "1"

qs@1:
  version "1.0.0"

qs@2:
  version "2.0.0"
  optionalDependencies:
    "@me/deep" "^3"
"""
YARN_BERRY = """\
__metadata:
  version: 8

"@me/deep@npm:^3":
  version: 3.0.0
  resolution: "@me/deep@npm:3.0.0"
  languageName: node
  linkType: hard

"express@npm:^4":
  version: 4.1.0
  resolution: "express@npm:4.1.0"
  dependencies:
    qs: "npm:2"

"jest@npm:^29":
  version: 29.0.0
  resolution: "jest@npm:29.0.0"
  dependencies:
    qs: 1

"qs@npm:1":
  version: 1.0.0
  resolution: "qs@npm:1.0.0"

"qs@npm:2":
  version: 2.0.0
  resolution: "qs@npm:2.0.0"
  dependencies:
    "@me/deep": ^3

"shop@workspace:.":
  version: 0.0.0-use.local
  resolution: "shop@workspace:."
  dependencies:
    express: "npm:^4"
    jest: "npm:^29"
  languageName: unknown
  linkType: soft
"""
PNPM_5 = """\
lockfileVersion: 5.4
specifiers: {express: ^4, jest: ^29}
dependencies:
  express: 4.1.0_qs@2.0.0
devDependencies:
  jest: 29.0.0
packages:
  /@me/deep/3.0.0:
    resolution: {integrity: sha1-AAE=}
  /express/4.1.0_qs@2.0.0:
    dependencies: {qs: 2.0.0}
  /jest/29.0.0:
    dependencies: {qs: 1.0.0}
    dev: true
  /qs/1.0.0:
    dev: true
  /qs/2.0.0:
    dependencies: {'@me/deep': 3.0.0}
"""
PNPM_6 = """\
lockfileVersion: '6.0'
importers:
  .:
    dependencies:
      express: {specifier: ^4, version: 4.1.0(qs@2.0.0)}
    devDependencies:
      jest: {specifier: ^29, version: 29.0.0}
packages:
  /@me/deep@3.0.0:
    resolution: {integrity: sha1-AAE=}
  /express@4.1.0(qs@2.0.0):
    dependencies: {qs: 2.0.0}
  /jest@29.0.0:
    dependencies: {qs: 1.0.0}
    dev: true
  /qs@1.0.0:
    dev: true
  /qs@2.0.0:
    dependencies: {'@me/deep': 3.0.0}
"""
PNPM_9 = """\
lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      express: {specifier: ^4, version: 4.1.0(qs@2.0.0)}
    devDependencies:
      jest: {specifier: ^29, version: 29.0.0}
packages:
  '@me/deep@3.0.0':
    resolution: {integrity: sha1-AAE=}
  express@4.1.0: {}
  jest@29.0.0: {}
  qs@1.0.0: {}
  qs@2.0.0: {}
snapshots:
  '@me/deep@3.0.0': {}
  express@4.1.0(qs@2.0.0):
    dependencies: {qs: 2.0.0}
  jest@29.0.0:
    dependencies: {qs: 1.0.0}
  qs@1.0.0: {}
  qs@2.0.0:
    dependencies: {'@me/deep': 3.0.0}
"""
BUN = """\
{
  "lockfileVersion": 1,
  "workspaces": {
    "": {"name": "shop", "dependencies": {"express": "^4"}, "devDependencies": {"jest": "^29"}},
  },
  "packages": { // a comment
    "@me/deep": ["@me/deep@3.0.0", "", {}, "sha1-AAE="],
    "express": ["express@4.1.0", "", { "dependencies": { "qs": "2" } }, "sha1-AAE="],
    "jest": ["jest@29.0.0", "", { "dependencies": { "qs": "1" } }, "sha1-AAE="],
    "jest/qs": ["qs@1.0.0", "", {}, "sha1-AAE="],
    "qs": ["qs@2.0.0", "", { "dependencies": { "@me/deep": "^3" }, "bin": { "a,}": "b" } }, "sha1-AAE="],
    "shop": ["shop@workspace:.", { "dependencies": { "express": "^4" } }],
  }
}
"""


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("yarn.lock", YARN_1),
        ("yarn.lock", YARN_BERRY),
        ("pnpm-lock.yaml", PNPM_5),
        ("pnpm-lock.yaml", PNPM_6),
        ("pnpm-lock.yaml", PNPM_9),
        ("bun.lock", BUN),
    ],
    ids=["yarn 1", "yarn berry", "pnpm 5", "pnpm 6", "pnpm 9", "bun"],
)
def test_every_lockfile_says_the_same(name: str, content: str) -> None:
    found = inventory({"package.json": PACKAGE, name: content})
    assert state(found) == EXPECTED
    assert not found.problems
    assert ("package.json", 1) in lines(component(found, "express"))


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [("yarn.lock", YARN_1, 4), ("pnpm-lock.yaml", PNPM_6, 9), ("bun.lock", BUN, 7)],
)
def test_a_release_cites_its_line_and_its_hash(name: str, content: str, line: int) -> None:
    first = manifest(name, content).requirements[0]
    assert (first.package.name, first.location.line, first.hashes) == ("@me/deep", line, ("sha1:0001",))


def test_other_places_of_yarn() -> None:
    text = """\
"nick@npm:real@^1":
  version "1.0.0"
  resolved "https://example.org/real/-/real-1.0.0.tgz#aa"

"tool@git+https://example.org/tool.git":
  version "0.1.0"
  resolved "git+https://example.org/tool.git#abc"

"../../odd name@1":
  version "1.0.0"
"""
    found = manifest("yarn.lock", text)
    assert packages(found) == ["real 1.0.0", "tool 0.1.0"]
    assert found.requirements[1].origin is Origin.REPOSITORY
    assert [p.text for p in found.problems] == ["line 9: `../../odd name@1` is not a package name; left out"]


def test_a_patched_release_of_yarn_is_that_release() -> None:
    text = """\
"typescript@patch:typescript@npm%3A^5#~builtin":
  version: 5.0.0
  resolution: "typescript@patch:typescript@npm%3A5.0.0#~builtin::version=5.0.0&hash=a"
"""
    (only,) = manifest("yarn.lock", text).requirements
    assert (str(only.package), only.origin) == ("typescript 5.0.0", Origin.REGISTRY)


def test_a_project_called_as_a_package_it_needs() -> None:
    text = """{"workspaces": {"": {"name": "a", "dependencies": {"b": "2"}, "devDependencies": {"a": "1"}}},
      "packages": {"a": ["a@1.0.0", "", {"dependencies": {"b": "1"}}], "a/b": ["b@1.0.0"], "b": ["b@2.0.0"]}}"""
    found = manifest("bun.lock", text)
    assert [(str(r.package), r.direct) for r in found.requirements] == [
        ("a 1.0.0", True),
        ("b 1.0.0", False),
        ("b 2.0.0", True),
    ]


def test_an_unfinished_merge() -> None:
    found = manifest("yarn.lock", "<<<<<<< HEAD\na@1:\n  version 1\n=======\n>>>>>>> other\n")
    assert [p.text for p in found.problems] == [
        "the file has marks of a merge that was not finished; nothing of it was read"
    ]


def test_other_places_of_pnpm() -> None:
    text = """\
lockfileVersion: '9.0'
packages:
  tool@https://example.org/tool/tar.gz/abc:
    resolution: {tarball: https://example.org/tool/tar.gz/abc}
    version: 0.1.0
  own@file:../own:
    resolution: {directory: ../own, type: directory}
"""
    found = manifest("pnpm-lock.yaml", text)
    assert packages(found) == ["tool 0.1.0", "own"]
    assert [r.origin for r in found.requirements] == [Origin.URL, Origin.PATH]


def test_what_is_installed() -> None:
    found = inventory({
        "package.json": PACKAGE,
        "node_modules/express/package.json":
            '{"name": "express", "version": "4.1.0", "dependencies": {"qs": "2"}, "devDependencies": {"no": "1"}}',
        "node_modules/express/lib/package.json": '{"type": "module"}',
        "node_modules/express/test/node_modules/fake/package.json": '{"name": "fake", "version": "1.0.0"}',
        "node_modules/.pnpm/qs@2.0.0/node_modules/qs/package.json": '{"name": "qs", "version": "2.0.0"}',
        "node_modules/express/yarn.lock": YARN_1,
    })  # fmt: skip
    assert state(found) == [
        ("express 4.1.0", Scope.RUNTIME, ["express"]),
        ("jest", Scope.DEVELOPMENT, ["jest"]),
        ("qs 2.0.0", Scope.RUNTIME, ["express", "qs"]),
    ]
