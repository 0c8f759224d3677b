"""XML documents with entities of their own: read by a parser that resolves none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.analysis.syntax.load import Node
from buckler.finding.evidence import Edit
from buckler.fix.site import (
    Declined,
    Draft,
    File,
    Site,
    arguments,
    callee,
    enclosing_function,
    every,
    keyword,
    with_argument,
)


def no_entities(site: Site) -> Iterator[Draft]:
    """Switch off what makes a parser follow entities, where it was switched on."""
    file, call = site.call()
    function = enclosing_function(call)
    scope = (function.child_by_field_name("body") if function else None) or file.root
    for node in every(scope):
        if node.type != "call":
            continue
        method = callee(node, file).rpartition(".")[2]
        if method == "setFeature" and len(arguments(node)) == 2 and "external" in file.text(arguments(node)[0]):
            yield entities_off(file.replace(arguments(node)[1], "False"))
        for name, safe in (
            ("resolve_entities", "False"),
            ("load_dtd", "False"),
            ("no_network", "True"),
            ("huge_tree", "False"),
        ):
            given = keyword(node, name, file)
            value = given.child_by_field_name("value") if given is not None else None
            if value is not None and file.text(value) != safe and "Parser" in callee(node, file):
                yield entities_off(file.replace(value, safe))


LXML = re.compile(r"^[ \t]*(?:from|import)\s+lxml\b", re.M)
READS = ("parse", "fromstring", "XML", "fromstringlist")


def plain_lxml(site: Site) -> Iterator[Draft]:
    """lxml follows entities unless its parser is set not to: the parser that is made here, or one for this call."""
    file, call = site.call()
    if not LXML.search(file.data.decode("utf-8", "replace")):
        raise Declined("the parser is not lxml's")
    function = enclosing_function(call)
    scope = (function.child_by_field_name("body") if function else None) or file.root
    made = parsers(scope, file) or [n for n in parsers(file.root, file) if named_by(call, n, file)]
    for node in [n for n in made if keyword(n, "resolve_entities", file) is None]:
        yield entities_off(with_argument(file, node, "resolve_entities=False"))
    owner, _, method = callee(call, file).rpartition(".")
    if not made and method == "iterparse":
        yield entities_off(with_argument(file, call, "resolve_entities=False"))
    if not made and method in READS and owner and len(arguments(call)) == 1:
        yield entities_off(with_argument(file, call, f"parser={owner}.XMLParser(resolve_entities=False)"))


def parsers(scope: Node, file: File) -> list[Node]:
    return [n for n in every(scope) if n.type == "call" and callee(n, file).rpartition(".")[2] == "XMLParser"]


def named_by(call: Node, made: Node, file: File) -> bool:
    """What is made elsewhere in the file has a name that the call mentions."""
    parent = made.parent
    left = parent.child_by_field_name("left") if parent is not None and parent.type == "assignment" else None
    return left is not None and any(
        re.search(rf"(^|\W){re.escape(file.text(left))}$", file.text(argument)) for argument in arguments(call)
    )


def entities_off(edit: Edit) -> Draft:
    return Draft(
        "Do not follow entities",
        "The parser leaves entities that name files or URLs alone; documents without them read as before.",
        (edit,),
        intent="the documents need no external entities",
    )
