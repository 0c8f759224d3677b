"""What a parameter may be made of, with the value inside: the text itself, an object that has it, a file that holds it.

Example::

    kinds_of_shapes(finding, ".xml", signature, "source")     # [["value", "[value]", …], ["saved(value, '.xml')", …]]
"""

from __future__ import annotations

import re
from typing import Any

from buckler.finding.model import Finding, Move
from buckler.prove.entries.arguments import built, by_name, plain_object

FILE_NAMED = re.compile(r"(^|_)(file|filename|path|document|input|source)(name)?s?(_|$)", re.I)
MOST_ENDINGS = 3


def kinds_of_shapes(finding: Finding, document: str, signature: dict[str, Any], name: str) -> list[list[str]]:
    """What is sent as it is; and for what is read as a document, a file with that ending that holds it."""
    plain = shapes(finding, signature, name)
    if not document:
        return [plain]
    file = f"saved(value, {document!r})"
    folder = [f"os.path.dirname({saved_as})" for saved_as in named_files(signature)]
    return [plain, [file, f"pathlib.Path({file})", f"open({file}, 'rb')", f"open({file})", f"[{file}]", *folder]]


def files(signature: dict[str, Any], name: str) -> list[str]:
    """For a parameter that names a file, or of which the code asks how it ends: files that are there."""
    endings = [str(text) for text in signature.get("endings", ())][:MOST_ENDINGS]
    if not endings and not FILE_NAMED.search(name):
        return []
    return [f"saved(value, {ending!r})" for ending in endings or [".txt"]]


def named_files(signature: dict[str, Any]) -> list[str]:
    """Files of the names that the code looks for in a folder."""
    return [f"saved(value, name={text!r})" for text in signature.get("names", ())][:MOST_ENDINGS]


def shapes(finding: Finding, signature: dict[str, Any], name: str) -> list[str]:
    """What the parameter may be made of, with the value inside."""
    annotation = next((str(p["annotation"]) for p in signature["parameters"] if p["name"] == name), "")
    kind = next((str(p["kind"]) for p in signature["parameters"] if p["name"] == name), "")
    data = next((p for p in signature["parameters"] if p["name"] == name and p.get("fields") is not None), None)
    attributes = [name for step in finding.flow for name in step.names(Move.ATTRIBUTE)]
    reads = next((p.get("reads") or [] for p in signature["parameters"] if p["name"] == name), [])
    code = " ".join(step.code for step in finding.flow)
    keys = re.findall(rf"\b{name}(?:\.get\(|\[)['\"]([\w.\-]+)['\"]", code)
    out = [
        *([built(data, {a: "value"}) for a in attributes[:2]] if data else []),
        "value",
        *(plain_object({**{r: by_name(r) for r in reads}, a: "value"}) for a in attributes[:2]),
        *(f"{{{k!r}: value}}" for k in keys[:3]),
    ]
    if name == "environ":
        out.insert(
            0, "{'PATH_INFO': '/' + value, 'REQUEST_METHOD': 'GET', 'QUERY_STRING': value, 'wsgi.input': io.BytesIO()}"
        )
    out += [
        "[value]",
        "io.StringIO(value)",
        "io.BytesIO(value.encode())",
        "value.encode()",
        "pathlib.Path(value)",
        "{value: value}",
    ]
    first = {"Path": "pathlib.Path(value)", "bytes": "value.encode()", "BinaryIO": "io.BytesIO(value.encode())"}
    if annotation.rpartition(".")[2] in first:
        out.insert(0, first[annotation.rpartition(".")[2]])
    if kind == "VAR_POSITIONAL":
        out = ["value", "*[value, value]"]
    return list(dict.fromkeys([*out, *files(signature, name)[:1]]))
