"""Programs that listen: the address is noted in the place of that, and the program ends there."""

from __future__ import annotations

import contextlib
import socket
import sys
from typing import Any, Iterator, NoReturn
from unittest import mock

LISTENING: list[Any] = []


def note(listener: object, address: Any, *_: object) -> NoReturn:
    """Nothing listens in a test: where it would is noted, and the program ends there."""
    LISTENING.append(address)
    raise SystemExit("nothing listens in a test")


@contextlib.contextmanager
def noted(program: str) -> Iterator[None]:
    """A program of that name starts, up to where it would listen."""
    LISTENING.clear()
    with mock.patch.object(socket.socket, "bind", note), mock.patch.object(sys, "argv", [program]):
        yield
