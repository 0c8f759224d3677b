"""A test on one side, the code it is about on the other: what the test sees comes through a socket as plain data.

The test and its verdict live in a fork of `control.py`, which has never loaded the project. Its `send` (below) hands
the value over, together with the folder and the variables that the test has set; `serve`, in a fork of the process that
holds the project, passes it on to the project and sends back the text, the status, the headers and the cookies of the
answer, or the exception. Values go over pickled, because the test is ours; answers come back as JSON, because the
other side is not.
"""

from __future__ import annotations

import base64
import builtins
import contextlib
import json
import os
import socket
import sys
from typing import Any, Dict, NoReturn

from . import forks, outcomes

MOST = 1 << 22
SECONDS = 20
NEAR: list[Any] = []
"""In the process of the test: the socket, and the folder and variables before the test set any."""


class Headers(Dict[str, str]):
    """Names without regard to case, as every framework has them."""

    def __init__(self, rows: Any) -> None:
        super().__init__((str(name).lower(), str(text)) for name, text in dict(rows).items())

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return super().__contains__(str(name).lower())


class Answer:
    """What came back, in the shape in which a test asks for it."""

    def __init__(self, reply: dict[str, Any]) -> None:
        self.text = str(reply.get("text") or "")
        self.status = reply.get("status")
        self.headers = Headers(reply.get("headers") or {})
        cookies = reply.get("cookies")
        self.cookies = [str(c) for c in cookies] if isinstance(cookies, list) else []

    def __str__(self) -> str:
        return self.text


def serving(order: dict[str, Any]) -> dict[str, Any]:
    """The order for the other side."""
    return {"do": "send", "code": order["code"], "parts": order["parts"]}


def judged(order: dict[str, Any], tools: list[str], here: socket.socket, ours: tuple[int, ...]) -> dict[str, Any]:
    """Run the test file of an order in a fork, with `send` served at the other end of a socket."""
    import shutil
    import tempfile

    here.settimeout(SECONDS)
    folder = tempfile.mkdtemp(prefix="test-")
    try:
        return forks.forked(order, ours, lambda order: tested(order, tools, here, folder))
    finally:
        here.close()
        shutil.rmtree(folder, ignore_errors=True)


def tested(order: dict[str, Any], tools: list[str], here: socket.socket, folder: str) -> dict[str, Any]:
    sys.path[:0] = tools
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.chdir(folder)
    import pytest

    NEAR[:] = [here, folder, dict(os.environ)]
    with open("test_far.py", "w", encoding="utf-8") as file:
        file.write(order["test"])
    plugin = outcomes.Outcomes({}, [])
    where = ["test_far.py", "--noconftest", "-c", os.devnull, "--rootdir", folder, "--basetemp", folder + "/tmp"]
    code = pytest.main([*where, *order["arguments"]], plugins=[plugin])
    return {"code": int(code), "tests": plugin.tests, "errors": plugin.errors}


def send(value: Any) -> Answer:
    """In the test: what the project answers to a value; raises what the project raises, by its name."""
    import pickle

    here, folder, before = NEAR
    now = {name: text for name, text in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    given = {
        "value": base64.b64encode(pickle.dumps(value)).decode(),
        "folder": os.getcwd() if os.getcwd() != folder else "",
        "set": {name: text for name, text in now.items() if before.get(name) != text},
        "unset": [name for name in before if name not in now],
    }
    here.sendall(json.dumps(given).encode() + b"\n")
    reply = json.loads(line_of(here) or b"{}")
    if not isinstance(reply, dict):
        raise TypeError("the other side gave no answer")
    if reply.get("error") is not None:
        raise raised(reply["error"])
    return Answer(reply)


def raised(error: Any) -> BaseException:
    """The exception that was reported, or one of the same name."""
    name, words = (str(part) for part in (*list(error)[:2], "", "")[:2])
    known = getattr(builtins, name, None)
    if isinstance(known, type) and issubclass(known, (Exception, SystemExit)):
        with contextlib.suppress(Exception):
            same: BaseException = known(words)
            return same
    unknown: BaseException = type(name if name.isidentifier() else "Unknown", (Exception,), {})(words)
    return unknown


def line_of(end: socket.socket) -> bytes:
    """The next line; empty when the other side has closed or says too much."""
    data = bytearray()
    while not data.endswith(b"\n"):
        chunk = end.recv(1 << 16)
        if not chunk or len(data) > MOST:
            return b""
        data += chunk
    return bytes(data)


def serve(order: dict[str, Any], descriptor: int) -> NoReturn:
    """Beside the project: answer until the test hangs up. Never returns."""
    end = socket.socket(fileno=descriptor)
    space = {"__name__": "attempt"}
    failed = None
    try:
        exec(compile(order["code"], "<attempt>", "exec"), space)
    except BaseException as error:
        failed = error
    while True:
        line = line_of(end)
        if not line:
            os._exit(0)
        end.sendall(answered(json.loads(line), order["parts"], space, failed))


def answered(
    given: dict[str, Any], parts: dict[str, str], space: dict[str, Any], failed: BaseException | None
) -> bytes:
    """One answer as a line."""
    import pickle

    try:
        if failed is not None:
            raise failed  # noqa: TRY301 - it is reported as if `send` had raised it
        for name in given["unset"]:
            os.environ.pop(name, None)
        os.environ.update(given["set"])
        if given["folder"]:
            os.chdir(given["folder"])
        answer = space["send"](pickle.loads(base64.b64decode(given["value"])))
        reply = {name: part(text, answer, space) for name, text in parts.items()}
    except BaseException as error:
        reply = {"error": [type(error).__name__, str(error)[:2000]]}
    return json.dumps(reply, default=str).encode() + b"\n"


def part(expression: str, answer: Any, space: dict[str, Any]) -> Any:
    """One part of an answer as plain data; None where it has none."""
    if not expression:
        return None
    try:
        value = eval(expression, {**space, "answer": answer})
    except Exception:
        return None
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if hasattr(value, "items"):
        return {str(name): str(text) for name, text in value.items()}
    return [str(item) for item in value] if isinstance(value, (list, tuple)) else str(value)
