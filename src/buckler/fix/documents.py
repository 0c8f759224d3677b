"""Documents that build any object: read as plain data instead.

YAML has a safe loader that accepts what ordinary documents hold. A pickle has none; where it must stay, an unpickler
that knows a short list of harmless classes replaces it.
"""

from __future__ import annotations

from collections.abc import Iterator

from buckler.fix.site import Declined, Draft, Site, arguments, callee, keyword, positional

YAML_CALLS = ("load", "load_all", "unsafe_load", "unsafe_load_all", "full_load", "full_load_all")


def safe_yaml(site: Site) -> Iterator[Draft]:
    """`yaml.load(x, Loader=…)` → `yaml.safe_load(x)`."""
    file, call = site.call()
    name = callee(call, file)
    owner, _, method = name.rpartition(".")
    if method not in YAML_CALLS or "yaml" not in owner:
        raise Declined("the call does not read YAML")
    document = positional(call, 0) or keyword(call, "stream", file)
    if document is None or len(arguments(call)) > 2:
        raise Declined("the call has arguments nobody foresaw")
    safe = "safe_load_all" if method.endswith("_all") else "safe_load"
    yield Draft(
        "Read the document with the safe loader",
        "The safe loader builds texts, numbers, lists and dictionaries only; a document can no longer name a class or call a function.",
        (file.replace(call, f"{owner}.{safe}({file.text(document)})"),),
    )
