"""Documents that build any object: read as plain data instead.

Example::

    yaml.load(text)     # yaml.safe_load(text)
"""

from __future__ import annotations

from collections.abc import Iterator

from buckler.finding.evidence import Edit
from buckler.fix.guards import top_level
from buckler.fix.patch import FixRecipe
from buckler.fix.site import (
    Declined,
    Draft,
    Site,
    arguments,
    callee,
    keyword,
    positional,
)

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
        raise Declined("the call has arguments of an unknown form")
    safe = "safe_load_all" if method.endswith("_all") else "safe_load"
    yield Draft(
        "Read the document with the safe loader",
        "The safe loader builds strings, numbers, lists and dictionaries only; a document can no longer name a class or call a function.",
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
        "An unpickler that finds no classes still builds numbers, strings, lists and dictionaries, and refuses documents that name a class or a function.",
        (
            Edit(file.path, top, top, PLAIN_UNPICKLER.lstrip("\n")),
            file.replace(call, f"_PlainUnpickler({stream}).load()"),
        ),
        ((file.path, "import io"), (file.path, "import pickle"))
        if name.endswith("loads")
        else ((file.path, "import pickle"),),
        "the documents hold plain data",
    )


FIX = FixRecipe(
    {
        "python": (
            safe_yaml,
            plain_pickle,
        )
    }
)
