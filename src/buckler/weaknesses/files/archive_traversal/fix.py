"""Archives whose members go where they please: the filter that the standard library has for it."""

from __future__ import annotations

from collections.abc import Iterator

from buckler.finding.evidence import Edit
from buckler.fix.names import dotted
from buckler.fix.patch import FixRecipe
from buckler.fix.site import Declined, Draft, Site, arguments, callee, keyword
from buckler.weaknesses.files.confined import confined

UNPACKS = ("extractall", "extract")


def filtered(site: Site) -> Iterator[Draft]:
    """`tar.extractall(folder)` → `tar.extractall(folder, filter="data")`."""
    file, call = site.call()
    name = callee(call, file)
    names = (action.name for step in site.finding.flow for action in step.actions)
    text = " ".join((site.finding.facts.sink, *names, *(step.code for step in site.finding.flow))).lower()
    whole = dotted(file, name) == "shutil.unpack_archive"
    if not whole and (name.rpartition(".")[2] not in UNPACKS or "tar" not in text):
        raise Declined("what unpacks the archive takes no filter")
    if whole and "zip" in text:
        raise Declined("a zip file takes no filter")
    given = keyword(call, "filter", file)
    rows = arguments(call)
    at = given or (rows[-1] if rows else None)
    if at is None:
        end = call.end_byte - 1
        edit = Edit(file.path, end, end, 'filter="data"')
    elif given is not None:
        edit = file.replace(given, 'filter="data"')
    else:
        edit = Edit(file.path, at.end_byte, at.end_byte, ', filter="data"')
    yield Draft(
        "Unpack data only, and only into the folder",
        "The filter refuses members and links that lead outside, and devices, and takes away rights that data does not need. It is there from Python 3.12 on, and in 3.8 to 3.11 with the security releases of June 2023.",
        (edit,),
        (),
        "the archive holds plain files, folders and links",
    )


FIX = FixRecipe(
    {
        "python": (
            filtered,
            confined,
        )
    }
)
