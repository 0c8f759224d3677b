"""Rust, Go, Ruby, PHP and .NET."""

from __future__ import annotations

from buckler.dependencies.model import Origin, Scope
from dependencies.trees import component, inventory, lines, manifest, packages

CARGO = """\
version = 3
[[package]]
name = "shop"
version = "0.1.0"
dependencies = ["rand 0.8.5", "serde", "tool"]
[[package]]
name = "rand"
version = "0.7.0"
source = "registry+https://example.org/index"
[[package]]
name = "rand"
version = "0.8.5"
source = "registry+https://example.org/index"
checksum = "aa"
dependencies = ["libc"]
[[package]]
name = "libc"
version = "0.2.0"
source = "registry+https://example.org/index"
dependencies = ["rand 0.7.0 (registry+https://example.org/index)"]
[[package]]
name = "serde"
version = "1.0.0"
source = "registry+https://example.org/index"
[[package]]
name = "tool"
version = "0.1.0"
source = "git+https://example.org/tool?rev=1#abc"
"""


def test_rust() -> None:
    found = inventory({"Cargo.lock": CARGO})
    chains = {str(c.package): [p.name for p in c.chain] for c in found.components}
    assert chains == {
        "libc 0.2.0": ["rand", "libc"],
        "rand 0.7.0": ["rand", "libc", "rand"],
        "rand 0.8.5": ["rand"],
        "serde 1.0.0": ["serde"],
        "tool 0.1.0": ["tool"],
    }
    assert component(found, "tool").requirements[0].origin is Origin.REPOSITORY
    assert found.components[2].requirements[0].hashes == ("sha256:aa",)
    assert str(found.manifests[0].project) == "shop 0.1.0"


def test_go() -> None:
    text = """\
module example.org/shop // a comment
go 1.22
toolchain go1.22.5
require golang.org/x/text v0.3.7
require (
	golang.org/x/sys v0.1.0 // indirect
	example.org/local v1.0.0
	example.org/old/v2 v2.0.0+incompatible
)
replace example.org/local => ../local
replace example.org/old/v2 => example.org/fork v1.2.3
exclude golang.org/x/text v0.3.6
retract v1.0.0
"""
    sums = "golang.org/x/text v0.3.7 h1:abc=\ngolang.org/x/text v0.3.7/go.mod h1:def=\n"
    found = manifest("go.mod", text, {"go.sum": sums})
    assert [(str(r.package), r.direct, r.location.line) for r in found.requirements] == [
        ("golang.org/x/text v0.3.7", True, 4),
        ("golang.org/x/sys v0.1.0", False, 6),
        ("example.org/local v1.0.0", True, 7),
        ("example.org/fork v1.2.3", True, 8),
        ("stdlib 1.22.5", True, 3),
    ]
    assert found.requirements[0].hashes == ("h1:abc=",)
    assert found.requirements[2].origin is Origin.PATH
    assert not packages(manifest("go.sum", sums, {"go.mod": text}))
    assert packages(manifest("go.sum", sums)) == ["golang.org/x/text v0.3.7"]


def test_older_go_leaves_modules_to_its_sums() -> None:
    sums = "a.org/a v1.0.0 h1:a=\nb.org/b v1.0.0 h1:b=\nc.org/c v1.0.0/go.mod h1:c=\n"
    found = inventory({"go.mod": "module m\ngo 1.16\nrequire a.org/a v1.0.0\n", "go.sum": sums})
    assert [str(c.package) for c in found.components] == ["a.org/a v1.0.0", "b.org/b v1.0.0", "stdlib"]
    assert lines(found.components[1]) == [("go.sum", 2)]


def test_a_version_of_the_language_is_no_release_of_the_library() -> None:
    (only,) = manifest("go.mod", "module m\ngo 1.21\n").requirements
    assert (str(only.package), only.wanted) == ("stdlib", ">=1.21")


def test_a_workspace_of_go() -> None:
    found = manifest("go.work", "go 1.22.1\nuse (\n\t./api\n\t../out\n)\n")
    assert packages(found) == ["stdlib 1.22.1"]
    assert found.members == ("api",)
    assert [p.text for p in found.problems] == ["line 4: `../out` leads out of the project; not read"]


def test_ruby() -> None:
    text = """\
GIT
  remote: https://example.org/tool.git
  revision: abc
  specs:
    tool (0.1.0)

GEM
  remote: https://me:secret@example.org/
  specs:
    nokogiri (1.15.0-x86_64-linux)
      racc (~> 1.4)
    racc (1.7.0)

PLATFORMS
  ruby

DEPENDENCIES
  nokogiri (~> 1.15)
  tool!

BUNDLED WITH
   2.4.0
"""
    found = manifest("Gemfile.lock", text)
    assert [(str(r.package), r.direct, r.location.line) for r in found.requirements] == [
        ("tool 0.1.0", True, 5),
        ("nokogiri 1.15.0", True, 10),
        ("racc 1.7.0", False, 12),
    ]
    assert found.requirements[1].requires == (found.requirements[2].package,)
    assert found.requirements[0].origin is Origin.REPOSITORY
    assert found.indexes == ("https://example.org/",)


def test_php() -> None:
    lock = """{
      "packages": [
        {"name": "monolog/monolog", "version": "2.0.0", "dist": {"type": "zip", "shasum": "aa"},
         "require": {"php": ">=8", "psr/log": "^1"}},
        {"name": "psr/log", "version": "1.1.0"}
      ],
      "packages-dev": [
        {"name": "phpunit/phpunit",
         "version": "9.0.0"}
      ]
    }"""
    asks = (
        '{"require": {"php": ">=8", "ext-json": "*", "Monolog/Monolog": "^2"}, "require-dev": {"phpunit/phpunit": "*"}}'
    )
    found = inventory({"composer.json": asks, "composer.lock": lock})
    assert [(str(c.package), c.scope, c.direct) for c in found.components] == [
        ("monolog/monolog 2.0.0", Scope.RUNTIME, True),
        ("phpunit/phpunit 9.0.0", Scope.DEVELOPMENT, True),
        ("psr/log 1.1.0", Scope.RUNTIME, False),
    ]
    assert lines(component(found, "phpunit/phpunit")) == [("composer.json", 1), ("composer.lock", 8)]


def test_dotnet() -> None:
    lock = """{"version": 1, "dependencies": {"net8.0": {
      "Serilog": {"type": "Direct", "requested": "[2.0.0, )", "resolved": "2.0.1", "contentHash": "AAE=",
                  "dependencies": {"Deep": "1.0.0"}},
      "Deep": {"type": "Transitive", "resolved": "1.0.0"},
      "Shared": {"type": "Transitive", "resolved": "5.0.0"},
      "shop.core": {"type": "Project", "dependencies": {"shared": "5.0.0"}}
    }}}"""
    project = """<Project Sdk="x">
      <PropertyGroup><XVersion>3.0.0</XVersion></PropertyGroup>
      <ItemGroup>
        <PackageReference Include="Serilog" Version="2.0.*" />
        <PackageReference Include="X" Version="$(XVersion)" PrivateAssets="all" />
        <PackageReference Include="Central" />
        <PackageReference Include="Exact"><Version>[1.0]</Version></PackageReference>
      </ItemGroup>
    </Project>"""
    central = '<Project><ItemGroup><PackageVersion Include="Central" Version="4.0.0"/></ItemGroup></Project>'
    found = inventory({
        "src/a/packages.lock.json": lock,
        "src/a/a.csproj": project,
        "Directory.Packages.props": central,
        "old/packages.config": '<packages><package id="jQuery" version="3.4.0" developmentDependency="true"/></packages>',
    })  # fmt: skip
    assert [(str(c.package), c.scope, c.direct) for c in found.components] == [
        ("central 4.0.0", Scope.RUNTIME, True),
        ("deep 1.0.0", Scope.RUNTIME, False),
        ("exact 1.0", Scope.RUNTIME, True),
        ("jquery 3.4.0", Scope.DEVELOPMENT, True),
        ("serilog 2.0.1", Scope.RUNTIME, True),
        ("shared 5.0.0", Scope.RUNTIME, True),
        ("x 3.0.0", Scope.DEVELOPMENT, True),
    ]
    assert component(found, "deep").chain[0].name == "serilog"


def test_a_built_program_of_dotnet() -> None:
    text = """{"targets": {"net8": {"Shop/1.0.0": {"dependencies": {"Serilog": "2.0.1"}},
                              "Serilog/2.0.1": {"dependencies": {"Deep": "1.0.0"}}}},
      "libraries": {"Shop/1.0.0": {"type": "project"},
                    "Serilog/2.0.1": {"type": "package", "sha512": "sha512-AAE="}, "Deep/1.0.0": {"type": "package"}}}"""
    found = inventory({"bin/Shop.deps.json": text})
    assert [(str(c.package), [p.name for p in c.chain]) for c in found.components] == [
        ("deep 1.0.0", ["serilog", "deep"]),
        ("serilog 2.0.1", ["serilog"]),
    ]
    assert [str(part) for part in found.manifests[0].parts] == ["shop 1.0.0"]
