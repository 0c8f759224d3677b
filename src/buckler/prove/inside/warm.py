"""A warm interpreter inside the sandbox: loads the project once, then runs every attempt in a fork of itself.

Orders come from `control.py` through a socket, each with an end of a socket of its own for the answer; everything the
project prints goes to a file that is capped by the sandbox. Four orders:

``warm``   run statements here, so every later fork has the project loaded
``run``    run statements in a fork; they may call `report(value)`
``test``   write files and run pytest on one of them in a fork
``send``   run statements that define `send`, and serve it to a test elsewhere (`far.py`)

A fork says which watched lines ran, whether a mark was in reach of them, and what the audit hook saw of it.
"""

from __future__ import annotations

import array
import gc
import json
import os
import signal
import site
import socket
import struct
import sys
import time
from typing import Any, NoReturn

from . import far, forks, outcomes, watch

LENGTH = struct.Struct("!Q")


def main(orders: socket.socket, path: str) -> None:
    """Carry out orders until there are no more; `path` is where the project and its dependencies are imported from."""
    sys.path[:0] = path.split(os.pathsep)
    os.environ["PYTHONPATH"] = path
    sys.argv = [""]
    site.setquit()  # the interpreter starts without its own packages, and so without these
    while True:
        order, answers = received(orders)
        if order is None:
            return
        try:
            answer = DO[order["do"]](order, (orders.fileno(), answers))
        except BaseException as error:
            answer = {"error": forks.described(error)}
        try:
            if answer is not None:
                forks.write(answers, answer)
        except OSError:
            pass  # nobody waits for it any more
        finally:
            os.close(answers)


def received(orders: socket.socket) -> tuple[Any, Any]:
    """The next order and the descriptor for its answer; nothing when there are no more."""
    data, rest, _, _ = orders.recvmsg(LENGTH.size, socket.CMSG_LEN(array.array("i").itemsize))
    if not data:
        return None, None
    answers = array.array("i", rest[0][2])[0]
    left = LENGTH.unpack(data)[0]
    text = bytearray()
    while left:
        chunk = orders.recv(min(left, 1 << 20))
        if not chunk:
            return None, None
        text += chunk
        left -= len(chunk)
    return json.loads(bytes(text)), answers


def warm(order: dict[str, Any], _: tuple[int, ...]) -> dict[str, Any]:
    """Load the project into this process; time is limited by an alarm."""

    def late(*_: object) -> NoReturn:
        raise TimeoutError("loading took too long")

    signal.signal(signal.SIGALRM, late)
    signal.alarm(int(order["seconds"]))
    began = time.monotonic()
    try:
        exec(compile(order["code"], "<warm>", "exec"), {"__name__": "warm"})
        if order.get("pytest"):
            load_pytest()
        gc.collect()
        gc.freeze()  # what is loaded is never garbage; collecting in the forks passes over it
        return {"seconds": time.monotonic() - began}
    except BaseException as error:
        return {"error": forks.described(error), "seconds": time.monotonic() - began}
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)


def load_pytest() -> None:
    """Load pytest and the plugins that are installed, so that no fork has to."""
    import importlib
    import importlib.metadata

    import pytest  # noqa: F401

    points = importlib.metadata.entry_points()
    for plugin in points.select(group="pytest11") if hasattr(points, "select") else points.get("pytest11", ()):
        try:
            loaded = plugin.load()
            names = getattr(loaded, "pytest_plugins", ())
            for name in [names] if isinstance(names, str) else names:
                importlib.import_module(name)
        except Exception:  # the tests can do without a plugin that cannot be loaded
            BROKEN.append(plugin.name)


BROKEN: list[str] = []


def run(order: dict[str, Any]) -> dict[str, Any]:
    reported: list[Any] = []
    space = {"__name__": "attempt", "report": reported.append}
    seen = watch.start(order.get("watch", {}), order.get("marks", []))
    answer: dict[str, Any] = {}
    try:
        exec(compile(order["code"], "<attempt>", "exec"), space)
    except BaseException as error:
        answer["error"] = forks.described(error)
    watch.stop()
    answer.update(value=reported[-1] if reported else None, seen=seen.as_row())
    return answer


def test(order: dict[str, Any]) -> dict[str, Any]:
    import pytest

    for name, text in order["files"].items():
        if os.path.dirname(name):
            os.makedirs(os.path.dirname(name), exist_ok=True)
        with open(name, "w", encoding="utf-8") as file:
            file.write(text)
    plugin = outcomes.Outcomes(order.get("watch", {}), order.get("marks", []))
    without = [word for name in BROKEN for word in ("-p", "no:" + name)]
    code = pytest.main([*order["arguments"], *without], plugins=[plugin])
    return {"code": int(code), "tests": plugin.tests, "errors": plugin.errors}


def send(order: dict[str, Any], ours: tuple[int, ...]) -> None:
    """Serve `send` in a fork that goes on by itself; the answer is whatever comes through the socket."""
    if os.fork() == 0:
        os.close(ours[0])
        far.serve(order, ours[1])


DO = {
    "warm": warm,
    "run": lambda order, ours: forks.forked(order, ours, run),
    "test": lambda order, ours: forks.forked(order, ours, test),
    "send": send,
}
