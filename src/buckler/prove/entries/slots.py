"""Which places of a request are worth a mark, in batches that one request can hold.

Example::

    batches(route, "POST", finding)     # [[Slot("query", "q"), Slot("form", "q"), …], [Slot("json", "q")], …]
"""

from __future__ import annotations

import re

from buckler.finding.model import Finding
from buckler.prove.entries.request import NUMBERS, Address, Request, Slot
from buckler.prove.entries.surface import Route

MOST_NAMES = 24
NAMED = re.compile(r"""["']([^"'\s]{1,60})["']""")
READ = re.compile(r"\b(?:query|forms?|params|args|values|GET|POST|cookies)\.(?!get)([A-Za-z_]\w*)(?!\w|\s*\()")
"""Parameters that are read like attributes: `request.query.page`."""
FRAMEWORK_NAMES = frozenset({"utf-8", "ascii", "GET", "POST", "PUT", "DELETE", "", " "})
BODY_FIRST = re.compile(r"get_data|\.data\b|\.body\b|stream|get_json|\.json\b|\.read\(")
TRANSPORT = frozenset({"host", "cookie", "connection", "content-type", "content-length", "transfer-encoding", "expect"})
"""Headers that the request itself is made of."""
JSON = re.compile(r"json", re.I)
FILES = re.compile(r"files?\b|upload|filename", re.I)


def base(route: Route, method: str, framework: str) -> Request:
    """The request without anything under test, but with what the application says it must have."""
    expression = framework == "tornado"
    kinds = {str(r["name"]): str(r["type"]) for r in route.parameters if r["in"] == "path" and r["type"] != "string"}
    request = Request(method, Address.parse(route.address, {**route.kinds, **kinds}, expression=expression))
    for row in route.parameters:
        if row["required"] and row["in"] not in ("path", "body"):
            value = str(row["filler"])
            sent = value if row["in"] in ("json", "file") else repr(value.strip("'\""))
            request = request.put(Slot(str(row["in"]), str(row["name"])), sent)
    return request


def batches(route: Route, request: Request, finding: Finding) -> list[list[Slot]]:
    """Every place worth a mark, the likeliest first; a batch fits into one request."""
    text = " ".join(step.code for step in finding.flow[:2])
    path = [Slot("path", n) for n, kind in varying(request) if kind not in NUMBERS]
    named = [Slot(str(r["in"]), str(r["name"])) for r in route.parameters if r["type"] == "string"]
    named = [slot for slot in named if slot.part != "path"]
    if route.parameters:
        return [batch for batch in ([*path, *named],) if batch]
    names = list(dict.fromkeys([*NAMED.findall(text), *READ.findall(text), *route.constants]))
    names = [n for n in names if n not in FRAMEWORK_NAMES and re.fullmatch(r"[\w.\-\[\]]+", n)][:MOST_NAMES]
    query = [Slot("query", n) for n in names]
    parts = [p for p in ("query", "form", "cookie", "header") if p != "form" or request.carries_body]
    heads = "header" in text
    out = [[*path, *(Slot(p, n) for n in names for p in parts if heads or p != "header" or n.lower() not in TRANSPORT)]]
    if request.carries_body:
        body = [*path, Slot("body"), *query]
        fields = [*path, *(Slot("json", n) for n in names if "." not in n), *query]
        uploads = [*path, *(Slot(part, n) for n in names for part in ("file", "content")), *query]
        whole = BODY_FIRST.search(text) or not names
        mentioned = text + " ".join(route.constants)
        out = [body, *out] if whole else [*out, body]
        out.insert(1 if JSON.search(text) else 2, fields)
        out.insert(0 if FILES.search(mentioned) else 3, uploads)
    out.append([Slot(part, name, as_name=True) for name in names[:6] or ["one"] for part in parts])
    return [batch for batch in out if batch]


def varying(request: Request) -> list[tuple[str, str]]:
    return [piece for piece in request.address.pieces if not isinstance(piece, str)]
