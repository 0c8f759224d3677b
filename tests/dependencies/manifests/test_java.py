"""Maven and Gradle."""

from __future__ import annotations

from buckler.dependencies.model import Scope
from dependencies.trees import inventory, manifest, packages

PARENT = """<project>
  <groupId>org.example</groupId><artifactId>parent</artifactId><version>1.0</version>
  <properties><lib.version>2.0</lib.version><own>parent</own></properties>
  <dependencyManagement><dependencies>
    <dependency><groupId>org.other</groupId><artifactId>managed</artifactId><version>3.${minor}</version></dependency>
  </dependencies></dependencyManagement>
</project>"""
CHILD = """<project xmlns="http://example.org/POM/4.0.0">
  <parent><groupId>org.example</groupId><artifactId>parent</artifactId><version>1.0</version></parent>
  <artifactId>shop</artifactId>
  <properties><minor>1</minor></properties>
  <dependencies>
    <dependency>
      <groupId>org.other</groupId>
      <artifactId>lib</artifactId>
      <version>${lib.version}</version>
    </dependency>
    <dependency><groupId>org.other</groupId><artifactId>managed</artifactId></dependency>
    <dependency><groupId>${project.groupId}</groupId><artifactId>core</artifactId><version>${project.version}</version></dependency>
    <dependency><groupId>org.other</groupId><artifactId>range</artifactId><version>[1.0,2.0)</version></dependency>
    <dependency><groupId>org.other</groupId><artifactId>exact</artifactId><version>[1.5]</version><scope>test</scope></dependency>
    <dependency><groupId>org.other</groupId><artifactId>unknown</artifactId><version>${nobody}</version></dependency>
    <dependency><groupId>org.other</groupId><artifactId>${nobody}</artifactId></dependency>
  </dependencies>
  <build><plugins><plugin><artifactId>maven-x</artifactId><version>4.0</version></plugin></plugins></build>
</project>"""


def test_a_project_with_its_parent() -> None:
    found = manifest("shop/pom.xml", CHILD, {"pom.xml": PARENT})
    assert [(str(r.package), r.scope, r.location.line) for r in found.requirements] == [
        ("org.other:lib 2.0", Scope.RUNTIME, 8),
        ("org.other:managed 3.1", Scope.RUNTIME, 11),
        ("org.example:core 1.0", Scope.RUNTIME, 12),
        ("org.other:range", Scope.RUNTIME, 13),
        ("org.other:exact 1.5", Scope.DEVELOPMENT, 14),
        ("org.other:unknown", Scope.RUNTIME, 15),
        ("org.apache.maven.plugins:maven-x 4.0", Scope.BUILD, 18),
    ]
    assert str(found.project) == "org.example:shop 1.0"
    assert found.requirements[3].wanted == "[1.0,2.0)"
    assert len(found.problems) == 1


def test_what_is_managed_is_not_asked_for() -> None:
    found = inventory({"pom.xml": PARENT.replace("${minor}", "7")})
    assert [(str(c.package), c.direct) for c in found.components] == [("org.other:managed 3.7", False)]


def test_a_parent_elsewhere_and_a_circle() -> None:
    one = PARENT.replace(
        "<groupId>org.example", "<parent><artifactId>parent</artifactId></parent><groupId>org.example", 1
    )
    assert packages(manifest("a/pom.xml", one, {"pom.xml": one})) == ["org.other:managed"]
    assert packages(manifest("pom.xml", CHILD, {"../pom.xml": PARENT}))[0] == "org.other:lib"


def test_properties_that_name_each_other() -> None:
    bomb = "".join(f"<p{n}>{f'${{p{n + 1}}}' * 10}</p{n}>" for n in range(100))
    text = f"""<project><properties>{bomb}</properties><dependencies><dependency>
      <groupId>g</groupId><artifactId>a</artifactId><version>${{p0}}</version></dependency></dependencies></project>"""
    assert packages(manifest("pom.xml", text)) == ["g:a"]


def test_a_document_type_is_refused() -> None:
    found = manifest("pom.xml", '<!DOCTYPE p [<!ENTITY a SYSTEM "file:///etc/passwd">]>\n<project>&a;</project>')
    assert [p.text for p in found.problems] == [
        "line 1: the file is XML with a document type, which is not read; nothing of it was read"
    ]


def test_lockfiles_of_gradle() -> None:
    text = "# a comment\norg.a:lib:1.2=compileClasspath,testCompileClasspath\norg.a:check:3.0=testRuntimeClasspath\nempty=x\n"
    found = manifest("gradle.lockfile", text)
    assert [(str(r.package), r.scope) for r in found.requirements] == [
        ("org.a:lib 1.2", Scope.RUNTIME),
        ("org.a:check 3.0", Scope.DEVELOPMENT),
    ]


def test_a_version_catalog() -> None:
    text = """\
[versions]
okio = "3.0.0"
rich = { strictly = "[1.0,2.0)" }
[libraries]
okio = { module = "org.a:okio", version.ref = "okio" }
short = "org.a:short:1.0"
apart = { group = "org.a", name = "apart", version = "2.0" }
rich = { module = "org.a:rich", version.ref = "rich" }
bom = { module = "org.a:bom" }
[plugins]
kotlin = { id = "org.kotlin", version = "1.9" }
"""
    found = manifest("gradle/libs.versions.toml", text)
    assert [(str(r.package), r.wanted, r.location.line) for r in found.requirements] == [
        ("org.a:okio 3.0.0", "3.0.0", 5),
        ("org.a:short 1.0", "1.0", 6),
        ("org.a:apart 2.0", "2.0", 7),
        ("org.a:rich", "[1.0,2.0)", 8),
        ("org.a:bom", "", 9),
        ("org.kotlin:org.kotlin.gradle.plugin 1.9", "1.9", 11),
    ]


def test_verified_artifacts() -> None:
    text = """<verification-metadata><components>
      <component group="org.a" name="lib" version="1.2">
        <artifact name="lib-1.2.jar"><sha256 value="aa"/></artifact></component>
    </components></verification-metadata>"""
    (only,) = manifest("gradle/verification-metadata.xml", text).requirements
    assert (str(only.package), only.location.line, only.hashes) == ("org.a:lib 1.2", 2, ("sha256:aa",))
