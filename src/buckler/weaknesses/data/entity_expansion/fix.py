"""Documents with entities of their own: refused by the parser of the standard library at their document type.

Example::

    ElementTree.fromstring(text)
    # ElementTree.fromstring(text, parser=ElementTree.XMLParser(target=_NoDocumentType()))
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.finding.evidence import Edit
from buckler.fix.guards import top_level
from buckler.fix.names import dotted
from buckler.fix.patch import FixRecipe
from buckler.fix.site import Declined, Draft, Site, arguments, callee, keyword, positional
from buckler.weaknesses.data import xml_parsers

READS = re.compile(r"^xml\.etree\.ElementTree\.(fromstring|XML|parse|iterparse)$")
HELPER = '''\
class _NoDocumentType(OWNER.TreeBuilder):
    """Documents with a document type, where entities are declared, are refused."""

    def doctype(self, *_):
        raise ValueError("documents with a document type are not taken")


'''


def refused(site: Site) -> Iterator[Draft]:
    """A parser that stops where entities could be declared."""
    file, call = site.call()
    name = callee(call, file)
    if not READS.match(dotted(file, name)) or keyword(call, "parser", file) or positional(call, 1):
        raise Declined("the parser has no option to refuse entities; `defusedxml` has one that does")
    if b"_NoDocumentType" in file.data:
        raise Declined("there is such a parser in this file already")
    owner = name.rpartition(".")[0] or "ElementTree"
    top, end = top_level(file, call.start_byte), arguments(call)[-1].end_byte
    yield Draft(
        "Refuse documents with a document type",
        "The parser stops with an error where a document begins to declare entities, before any of them is used.",
        (
            Edit(file.path, top, top, HELPER.replace("OWNER", owner)),
            Edit(file.path, end, end, f", parser={owner}.XMLParser(target=_NoDocumentType())"),
        ),
        () if "." in name else ((file.path, "from xml.etree import ElementTree"),),
        "no document that is meant to come has a document type",
    )


FIX = FixRecipe(
    {
        "python": (
            refused,
            xml_parsers.no_entities,
            xml_parsers.plain_lxml,
        )
    }
)
