"""Data that is unpacked without a limit: unpacked up to one, by the same packer.

Example::

    zlib.decompress(data)     # _unpacked(data), which gives up after 8 MiB
"""

from __future__ import annotations

from collections.abc import Iterator

from buckler.finding.evidence import Edit
from buckler.fix.guards import top_level
from buckler.fix.names import dotted
from buckler.fix.patch import FixRecipe
from buckler.fix.site import Declined, Draft, Site, arguments, callee

UNPACKERS = {
    "zlib.decompress": "zlib.decompressobj()",
    "gzip.decompress": "zlib.decompressobj(31)",
    "bz2.decompress": "bz2.BZ2Decompressor()",
    "lzma.decompress": "lzma.LZMADecompressor()",
}
"""Function → what unpacks step by step."""
HELPER = '''\
_MOST_UNPACKED = 8 << 20
"""Bytes; nothing larger is meant to come."""


def _unpacked(data):
    """What was packed, if it is not larger than anything that is meant to come."""
    unpacking = MADE
    out = unpacking.decompress(data, _MOST_UNPACKED)
    if not unpacking.eof:
        raise ValueError("the data is cut off, or larger than it may be")
    return out


'''


def limited(site: Site) -> Iterator[Draft]:
    """A function beside the code that stops where it is enough."""
    file, call = site.call()
    function = call.child_by_field_name("function")
    known = UNPACKERS.get(dotted(file, callee(call, file)))
    if known is None or function is None:
        raise Declined(
            "how large each member may be, and how many there may be, is known only to those who run the program"
        )
    if len(arguments(call)) != 1 or b"_unpacked" in file.data:
        raise Declined("the data is unpacked in an unknown way")
    top = top_level(file, call.start_byte)
    yield Draft(
        "Stop unpacking after 8 MiB",
        "The data is unpacked into at most that much memory; what would be larger is refused with an error, however small it was when it came.",
        (Edit(file.path, top, top, HELPER.replace("MADE", known)), file.replace(function, "_unpacked")),
        ((file.path, f"import {known.partition('.')[0]}"),),
        "nothing that is meant to come is larger than 8 MiB when it is unpacked, and it is one piece",
    )


FIX = FixRecipe({"python": (limited,)})
