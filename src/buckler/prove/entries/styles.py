"""How each web framework's own test client is called: one function a framework, request in, code out.

Example::

    FLASK.send(application, request)
    # ["client = app.test_client()", 'return client.get("/search", query_string={"q": value})']
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

from buckler.prove.entries.request import Request, Rows, nested, pairs

Versions = dict[str, str]


@dataclass(slots=True, frozen=True)
class Style:
    """One framework's test client in code."""

    send: Callable[[str, Request, Versions], list[str]]
    """(expression for the application, request, versions by package) → statements."""
    text: str
    status: str = "answer.status_code"
    headers: str = "answer.headers"
    imports: tuple[str, ...] = ()
    setup: str = ""
    cookies: str = 'answer.headers.getlist("Set-Cookie")'
    """Expression for the lines of an answer that set cookies."""


def flask(application: str, request: Request, versions: Versions) -> list[str]:
    if application == "client":
        return [f"return {_flask_call(request)}"]
    if application.endswith(")"):
        out = [f"app = {application}", 'app.config["PROPAGATE_EXCEPTIONS"] = True', "client = app.test_client()"]
    else:
        out = [f'{application}.config["PROPAGATE_EXCEPTIONS"] = True', f"client = {application}.test_client()"]
    old = versions.get("werkzeug", "3").startswith(("0", "1", "2.0", "2.1", "2.2"))
    host = '"localhost", ' if old else ""
    out += [f"client.set_cookie({host}{name}, {value})" for name, value in request.cookie]
    return [*out, f"return {_flask_call(request)}"]


def _flask_call(request: Request) -> str:
    names = {"query": "query_string", "header": "headers", "json": "json", "body": "data"}
    given = _keywords(request, names if request.files else {**names, "form": "data"})
    if request.files:
        files: Rows = tuple((name, f"(io.BytesIO({data}), {called})") for name, called, data in request.files)
        given.append(f"data={pairs((*request.form, *files))}")
    return f"client.{request.method.lower()}({', '.join([request.where, *given])})"


def quart(application: str, request: Request, versions: Versions) -> list[str]:
    body = [f"client = {application}.test_client()"]
    body += [f'client.set_cookie("localhost", {name}, {value})' for name, value in request.cookie]
    given = _keywords(
        request, {"query": "query_string", "form": "form", "header": "headers", "json": "json", "body": "data"}
    )
    call = f"client.{request.method.lower()}({', '.join([request.where, *given])})"
    return _asked(
        [
            *body,
            f"answer = await {call}",
            "answer.body = await answer.get_data(as_text=True)",
            "return answer",
        ]
    )


def older(version: str, *than: int) -> bool:
    """Whether a version that is known lies before another."""
    numbers = [int(n) for n in re.findall(r"\d+", version)[: len(than)]]
    return bool(numbers) and tuple(numbers) < than


STARLETTE = {"query": "params", "form": "data", "header": "headers", "body": "content", "cookie": "cookies"}


def starlette(application: str, request: Request, versions: Versions) -> list[str]:
    old = older(versions.get("starlette", ""), 0, 21)  # the client was one of requests then
    given = _keywords(request, {**STARLETTE, "json": "json", **({"body": "data"} if old else {})})
    if request.files:
        files = tuple((name, f"({called}, {data})") for name, called, data in request.files)
        given.append(f"files={pairs(files)}")
    arguments = ", ".join([request.where, *given, f"{'allow' if old else 'follow'}_redirects=False"])
    before = [] if application == "client" else [f"client = TestClient({application})"]
    if application.endswith(")"):
        before = [f"app = {application}", "client = TestClient(app)"]
    if request.method.lower() in ("get", "post", "put", "patch") or "json" not in arguments:
        return [*before, f"return client.{request.method.lower()}({arguments})"]
    return [*before, f"return client.request({request.method!r}, {arguments})"]


def django(application: str, request: Request, versions: Versions) -> list[str]:
    address = request.where
    given = []
    body = request.carries_body
    if request.query:
        address = f"{address} + '?' + urlencode({pairs(request.query)})" if body else address
        given += [] if body else [pairs(request.query)]
    if request.json:
        given += [nested(request.json), 'content_type="application/json"']
    elif request.body:
        given += [request.body, 'content_type="text/plain"']
    elif request.form or request.files:
        files = tuple((name, f"SimpleUploadedFile({called}, {data})") for name, called, data in request.files)
        given.append(pairs((*request.form, *files)))
    if request.header:
        fields = tuple((f'"HTTP_" + {n}.upper().replace("-", "_")', v) for n, v in request.header)
        given.append(f"**{pairs(tuple(map(_plain_header, fields)))}")
    before = [] if application == "client" else ["client = Client()"]
    before += [f"client.cookies[{name}] = {value}" for name, value in request.cookie]
    return [*before, f"return client.{request.method.lower()}({', '.join([address, *given])})"]


def _plain_header(row: tuple[str, str]) -> tuple[str, str]:
    name = row[0].removeprefix('"HTTP_" + ').removesuffix('.upper().replace("-", "_")')
    return (repr("HTTP_" + name[1:-1].upper().replace("-", "_")), row[1]) if name[:1] in "'\"" else row


def aiohttp(application: str, request: Request, versions: Versions) -> list[str]:
    given = _keywords(
        request,
        {"query": "params", "form": "data", "header": "headers", "json": "json", "body": "data", "cookie": "cookies"},
    )
    address = request.where
    address = f"URL({address}, encoded=True)" if "quote(" in address else address
    client = "TestClient(TestServer(" + application + ")" + (
        f", cookies={pairs(request.cookie)}" if request.cookie else "") + ")"  # fmt: skip
    given = [g for g in given if not g.startswith("cookies=")]
    out: list[str] = []
    if request.files:
        out = ["form = FormData()"]
        out += [f"form.add_field({name}, {data}, filename={called})" for name, called, data in request.files]
        given.append("data=form")
    call = ", ".join([address, *given, "allow_redirects=False"])
    out += [
        f"async with {client} as client:",
        f"    answer = await client.{request.method.lower()}({call})",
        "    return SimpleNamespace(status=answer.status, headers=answer.headers, text=await answer.text())",
    ]
    return _asked(out, "LOOP.run_until_complete")


def tornado(application: str, request: Request, versions: Versions) -> list[str]:
    address = request.where
    address = f"f'http://127.0.0.1:{{port}}' + {address}"
    if request.query:
        address += f" + '?' + urlencode({pairs(request.query)})"
    headers = [*request.header]
    if request.cookie:
        cookies = " + '; ' + ".join(f"{name} + '=' + quote({value})" for name, value in request.cookie)
        headers.append((repr("Cookie"), cookies))
    given = [f"method={request.method!r}", *([f"headers={pairs(tuple(headers))}"] if headers else [])]
    if request.carries_body:
        body = f"json.dumps({nested(request.json)})" if request.json else f"urlencode({pairs(request.form)})"
        given.append(f"body={request.body or body}")
    call = ", ".join(["address", *given, "raise_error=False", "follow_redirects=False"])
    return _asked(
        [
            "listening, port = bind_unused_port()",
            f"server = HTTPServer({application})",
            "server.add_sockets([listening])",
            f"address = {address}",
            f"answer = await AsyncHTTPClient().fetch({call})",
            "server.stop()",
            "return answer",
        ]
    )


def wsgi(application: str, request: Request, versions: Versions) -> list[str]:
    """Any application that speaks WSGI, without a client."""
    body = f"json.dumps({nested(request.json)}).encode()" if request.json else ""
    body = body or (f"urlencode({pairs(request.form)}).encode()" if request.form else "")
    body = body or (f"{request.body}.encode()" if request.body else 'b""')
    kind = "application/json" if request.json else "application/x-www-form-urlencoded" if request.form else "text/plain"
    rows: list[tuple[str, str]] = [
        (repr("REQUEST_METHOD"), repr(request.method)),
        (repr("PATH_INFO"), request.address.code(request.path, quoted=False)),
    ]
    rows += [(repr("QUERY_STRING"), f"urlencode({pairs(request.query)})")] if request.query else []
    rows += [_plain_header((f'"HTTP_" + {n}.upper().replace("-", "_")', v)) for n, v in request.header]
    if request.cookie:
        rows.append((repr("HTTP_COOKIE"), " + '; ' + ".join(f"{n} + '=' + quote({v})" for n, v in request.cookie)))
    if request.carries_body:
        rows += [(repr("CONTENT_TYPE"), repr(kind)), (repr("CONTENT_LENGTH"), "str(len(body))")]
        rows += [(repr("wsgi.input"), "io.BytesIO(body)")]
    out = [f"body = {body}"] if request.carries_body else []
    return [
        *out, f"environ = {pairs(tuple(rows))}", "setup_testing_defaults(environ)", "answer = SimpleNamespace()", "",
        "def start_response(status, headers, exc_info=None):",
        "    answer.status, answer.headers = int(status[:3]), dict(headers)",
        "    answer.cookies = [text for name, text in headers if name == 'Set-Cookie']", "",
        f"answer.text = b''.join({application}(environ, start_response)).decode(errors='replace')", "return answer",
    ]  # fmt: skip


def bottle(application: str, request: Request, versions: Versions) -> list[str]:
    if application.endswith(")"):
        return ["app = " + application, "app.catchall = False", *wsgi("app", request, versions)]
    return [f"{application}.catchall = False", *wsgi(application, request, versions)]


def _asked(body: list[str], run: str = "asyncio.run") -> list[str]:
    inner = textwrap.indent("\n".join(body), "    ")
    return ["async def ask():", *inner.splitlines(), "", f"return {run}(ask())"]


def _keywords(request: Request, names: dict[str, str]) -> list[str]:
    """`query_string={"q": value}` and so on, for the parts that are there."""
    out = []
    for part, keyword in names.items():
        rows = getattr(request, part)
        if rows:
            text = rows if isinstance(rows, str) else nested(rows) if part == "json" else pairs(rows)
            out.append(f"{keyword}={text}")
    return out


WSGI = ("from types import SimpleNamespace", "from wsgiref.util import setup_testing_defaults")

STYLES: dict[str, Style] = {
    "flask": Style(flask, "answer.get_data(as_text=True)"),
    "quart": Style(quart, "answer.body"),
    "starlette": Style(starlette, "answer.text", imports=("from starlette.testclient import TestClient",),
        cookies='answer.headers.get_list("Set-Cookie")'),
    "fastapi": Style(starlette, "answer.text", imports=("from fastapi.testclient import TestClient",),
        cookies='answer.headers.get_list("Set-Cookie")'),
    "django": Style(django, 'answer.getvalue().decode(errors="replace")', imports=("from django.test import Client",),
        cookies="[cookie.OutputString() for cookie in answer.cookies.values()]"),
    "aiohttp": Style(aiohttp, "answer.text", "answer.status", imports=(
        "import asyncio", "from types import SimpleNamespace", "from aiohttp.test_utils import TestClient, TestServer"),
        setup="LOOP = asyncio.new_event_loop()", cookies='answer.headers.getall("Set-Cookie", [])'),
    "tornado": Style(tornado, 'answer.body.decode(errors="replace")', "answer.code", imports=(
        "import asyncio", "from tornado.httpclient import AsyncHTTPClient", "from tornado.httpserver import HTTPServer",
        "from tornado.testing import bind_unused_port"), cookies='answer.headers.get_list("Set-Cookie")'),
    "bottle": Style(bottle, "answer.text", "answer.status", imports=WSGI, cookies="answer.cookies"),
    "wsgi": Style(wsgi, "answer.text", "answer.status", imports=WSGI, cookies="answer.cookies"),
}  # fmt: skip
NEEDED = {
    "quote": "from urllib.parse import quote", "urlencode": "from urllib.parse import urlencode", "json": "import json",
    "io": "import io", "URL": "from yarl import URL", "FormData": "from aiohttp import FormData", "mock": "from unittest import mock",
    "SimpleUploadedFile": "from django.core.files.uploadedfile import SimpleUploadedFile", "asyncio": "import asyncio",
}  # fmt: skip
"""Names that a request may mention, with the import of each."""
