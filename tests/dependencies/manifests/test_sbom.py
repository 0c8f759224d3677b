"""What other tools found a project to be made of."""

from __future__ import annotations

import pytest

from dependencies.trees import inventory, manifest

CYCLONE = """{"bomFormat": "CycloneDX", "specVersion": "1.5",
 "metadata": {"component": {"bom-ref": "root"}},
 "components": [
  {"bom-ref": "a", "name": "flask", "purl": "pkg:pypi/Flask@2.0", "hashes": [{"alg": "SHA-256", "content": "aa"}]},
  {"bom-ref": "b", "name": "core", "purl": "pkg:npm/%40babel/core@7.0.0", "components": [
    {"bom-ref": "c", "purl": "pkg:maven/org.a/lib@1.0?type=jar"}]},
  {"bom-ref": "d", "purl": "pkg:golang/golang.org/x/text@v0.3.0"},
  {"bom-ref": "e", "purl": "pkg:deb/debian/curl@7.0"},
  {"bom-ref": "f", "purl": "nonsense"}
 ],
 "dependencies": [{"ref": "root", "dependsOn": ["a"]}, {"ref": "a", "dependsOn": ["b", "c"]}]}"""
CYCLONE_XML = """<bom xmlns="http://example.org/bom/1.5">
 <metadata><component bom-ref="root"/></metadata>
 <components>
  <component bom-ref="a"><name>flask</name><hashes><hash alg="SHA-256">aa</hash></hashes><purl>pkg:pypi/Flask@2.0</purl></component>
  <component bom-ref="b"><purl>pkg:npm/%40babel/core@7.0.0</purl><components>
    <component bom-ref="c"><purl>pkg:maven/org.a/lib@1.0?type=jar</purl></component></components></component>
  <component bom-ref="d"><purl>pkg:golang/golang.org/x/text@v0.3.0</purl></component>
 </components>
 <dependencies>
  <dependency ref="root"><dependency ref="a"/></dependency>
  <dependency ref="a"><dependency ref="b"/><dependency ref="c"/></dependency>
 </dependencies>
</bom>"""
SPDX = """{"spdxVersion": "SPDX-2.3", "documentDescribes": ["R"], "packages": [
  {"SPDXID": "R", "name": "shop", "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:pypi/shop@1"}]},
  {"SPDXID": "A", "name": "flask", "checksums": [{"algorithm": "SHA256", "checksumValue": "aa"}],
   "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:pypi/Flask@2.0"}]},
  {"SPDXID": "B", "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:npm/%40babel/core@7.0.0"}]},
  {"SPDXID": "C", "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:maven/org.a/lib@1.0"}]},
  {"SPDXID": "D", "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:golang/golang.org/x/text@v0.3.0"}]}],
 "relationships": [
  {"spdxElementId": "R", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": "A"},
  {"spdxElementId": "A", "relationshipType": "DEPENDS_ON", "relatedSpdxElement": "B"},
  {"spdxElementId": "C", "relationshipType": "DEPENDENCY_OF", "relatedSpdxElement": "A"}]}"""
SPDX_TAGS = """SPDXVersion: SPDX-2.3
PackageName: shop
SPDXID: SPDXRef-R
ExternalRef: PACKAGE-MANAGER purl pkg:pypi/shop@1

PackageName: flask
SPDXID: SPDXRef-A
ExternalRef: PACKAGE-MANAGER purl pkg:pypi/Flask@2.0
PackageName: core
SPDXID: SPDXRef-B
ExternalRef: PACKAGE-MANAGER purl pkg:npm/%40babel/core@7.0.0
PackageName: lib
SPDXID: SPDXRef-C
ExternalRef: PACKAGE-MANAGER purl pkg:maven/org.a/lib@1.0
PackageName: text
SPDXID: SPDXRef-D
ExternalRef: PACKAGE-MANAGER purl pkg:golang/golang.org/x/text@v0.3.0
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-R
Relationship: SPDXRef-R DEPENDS_ON SPDXRef-A
Relationship: SPDXRef-A DEPENDS_ON SPDXRef-B
Relationship: SPDXRef-C DEPENDENCY_OF SPDXRef-A
"""


@pytest.mark.parametrize(
    ("name", "content"),
    [("bom.json", CYCLONE), ("shop.cdx.xml", CYCLONE_XML), ("shop.spdx.json", SPDX), ("shop.spdx", SPDX_TAGS)],
)
def test_every_format_says_the_same(name: str, content: str) -> None:
    found = inventory({name: content})
    assert [(c.package.purl, [p.name for p in c.chain]) for c in found.components] == [
        ("pkg:golang/golang.org/x/text@v0.3.0", ["golang.org/x/text"]),
        ("pkg:maven/org.a/lib@1.0", ["flask", "org.a:lib"]),
        ("pkg:pypi/flask@2.0", ["flask"]),
        ("pkg:npm/%40babel/core@7.0.0", ["flask", "@babel/core"]),
    ]


def test_what_is_of_no_known_ecosystem_is_counted() -> None:
    found = manifest("bom.json", CYCLONE)
    assert [p.text for p in found.problems] == [
        "line 9: `nonsense` is not a package URL; left out",
        "2 components are of no ecosystem that is known; left out",
    ]
    assert found.requirements[0].location.line == 4
    assert found.requirements[0].hashes == ("sha256:aa",)


def test_a_file_that_only_has_the_name() -> None:
    assert not manifest("bom.json", '{"components": [{"purl": "pkg:pypi/flask@2.0"}]}').requirements
    assert not manifest("sbom.xml", "<html/>").requirements
