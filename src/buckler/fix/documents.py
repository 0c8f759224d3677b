"""Documents that build any object: read as plain data instead.

YAML has a safe loader that accepts what ordinary documents hold. A pickle has none; where it must stay, an unpickler
that knows a short list of harmless classes replaces it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.analysis.syntax.load import Node
from buckler.finding.evidence import Edit
from buckler.fix.guards import top_level
from buckler.fix.site import (
    Declined,
    Draft,
    File,
    Site,
    arguments,
    callee,
    enclosing_function,
    every,
    is_text,
    keyword,
    positional,
    with_argument,
)
from buckler.fix.untrusted import mixes

NO_PLAIN_READER = (
    "this reader has no mode in which it builds plain data only; keep the data in another format, such as JSON, "
    "or read only what nobody else can write"
)
YAML_CALLS = ("load", "load_all", "unsafe_load", "unsafe_load_all", "full_load", "full_load_all")


def safe_yaml(site: Site) -> Iterator[Draft]:
    """`yaml.load(x, Loader=…)` → `yaml.safe_load(x)`."""
    file, call = site.call()
    name = callee(call, file)
    owner, _, method = name.rpartition(".")
    if method not in YAML_CALLS or "yaml" not in owner:
        raise Declined(NO_PLAIN_READER)
    document = positional(call, 0) or keyword(call, "stream", file)
    if document is None or len(arguments(call)) > 2:
        raise Declined("the call has arguments nobody foresaw")
    safe = "safe_load_all" if method.endswith("_all") else "safe_load"
    yield Draft(
        "Read the document with the safe loader",
        "The safe loader builds texts, numbers, lists and dictionaries only; a document can no longer name a class or call a function.",
        (file.replace(call, f"{owner}.{safe}({file.text(document)})"),),
    )


PLAIN_UNPICKLER = '''
class _PlainUnpickler(pickle.Unpickler):
    """Builds plain data only; a document that names a class or a function is refused."""

    def find_class(self, module, name):
        raise pickle.UnpicklingError(f"{module}.{name} is not plain data")


'''


def plain_pickle(site: Site) -> Iterator[Draft]:
    """`pickle.loads(x)` → an unpickler that finds no classes."""
    file, call = site.call()
    name = callee(call, file)
    document = positional(call, 0)
    if name not in ("pickle.loads", "pickle.load", "cPickle.loads", "_pickle.loads") or document is None:
        raise Declined("the call does not read a pickle by the name of its module")
    text = file.text(document)
    stream = f"io.BytesIO({text})" if name.endswith("loads") else text
    top = top_level(file, call.start_byte)
    yield Draft(
        "Read plain data only",
        "An unpickler that finds no classes still builds numbers, texts, lists and dictionaries, and refuses documents that name a class or a function.",
        (
            Edit(file.path, top, top, PLAIN_UNPICKLER.lstrip("\n")),
            file.replace(call, f"_PlainUnpickler({stream}).load()"),
        ),
        ((file.path, "import io"), (file.path, "import pickle"))
        if name.endswith("loads")
        else ((file.path, "import pickle"),),
        "the documents hold plain data",
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
    """lxml follows entities unless its parser is told not to: the parser that is made here, or one for this call."""
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
        "The parser leaves entities that name files or addresses alone; documents without them read as before.",
        (edit,),
        intent="the documents need no external entities",
    )


def literal_only(site: Site) -> Iterator[Draft]:
    """`eval(x)` → `ast.literal_eval(x)`."""
    file, call = site.call()
    text = positional(call, 0)
    if callee(call, file) not in ("eval", "builtins.eval") or text is None or len(arguments(call)) > 1:
        raise Declined("code that is meant to be run cannot be made harmless; take the value out of it")
    if is_text(text, file) or mixes(site):
        raise Declined("the value is only a part of the code")
    yield Draft(
        "Read values, do not run code",
        "`ast.literal_eval` accepts numbers, texts, lists and dictionaries as they are written in Python and nothing that could be called.",
        (file.replace(call, f"ast.literal_eval({file.text(text)})"),),
        ((file.path, "import ast"),),
        "the values are literals",
    )
