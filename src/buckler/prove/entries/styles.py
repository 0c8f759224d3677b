"""How each web framework's own test client is called: one function a framework, request in, code out.

Example::

    FLASK.send(application, request)
    # ["client = app.test_client()", 'return client.get("/search", query_string={"q": value})']
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from buckler.prove.entries.request import Request, pairs


@dataclass(slots=True, frozen=True)
class Style:
    """One framework's test client in code."""

    send: Callable[[str, Request, dict[str, str]], list[str]]
    """(expression for the application, request, versions by package) → statements."""
    text: str
    status: str = "answer.status_code"
    headers: str = "answer.headers"
    imports: tuple[str, ...] = ()
    setup: str = ""


def flask(application: str, request: Request, versions: dict[str, str]) -> list[str]:
    if application.endswith(")"):
        out = [f"app = {application}", 'app.config["PROPAGATE_EXCEPTIONS"] = True', "client = app.test_client()"]
    else:
        out = [f'{application}.config["PROPAGATE_EXCEPTIONS"] = True', f"client = {application}.test_client()"]
    old = versions.get("werkzeug", "3").startswith(("0", "1", "2.0", "2.1", "2.2"))
    host = '"localhost", ' if old else ""
    out += [f"client.set_cookie({host}{name}, {value})" for name, value in request.cookie]
    given = _keywords(
        request, {"query": "query_string", "form": "data", "header": "headers", "json": "json", "body": "data"}
    )
    if request.file:
        given.append(f'data={{"file": (io.BytesIO(b"text"), {request.file})}}')
    return [*out, f"return client.{request.method.lower()}({', '.join([request.address.code(request.path), *given])})"]


def starlette(application: str, request: Request, versions: dict[str, str]) -> list[str]:
    keywords = {
        "query": "params",
        "form": "data",
        "header": "headers",
        "json": "json",
        "body": "content",
        "cookie": "cookies",
    }
    given = _keywords(request, keywords)
    if request.file:
        given.append(f'files={{"file": ({request.file}, b"text")}}')
    call = ", ".join([repr(request.method), request.address.code(request.path), *given, "follow_redirects=False"])
    return [f"client = TestClient({application}, raise_server_exceptions=True)", f"return client.request({call})"]


def _keywords(request: Request, names: dict[str, str]) -> list[str]:
    """`query_string={"q": value}` and so on, for the parts that are there."""
    out = []
    for part, keyword in names.items():
        rows = getattr(request, part)
        if rows:
            out.append(f"{keyword}={rows if isinstance(rows, str) else pairs(rows)}")
    return out


STYLES: dict[str, Style] = {
    "flask": Style(flask, "answer.get_data(as_text=True)"),
    "starlette": Style(starlette, "answer.text", imports=("from starlette.testclient import TestClient",)),
    "fastapi": Style(starlette, "answer.text", imports=("from fastapi.testclient import TestClient",)),
}
