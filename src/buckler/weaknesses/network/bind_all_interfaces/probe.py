"""The addresses on which a program would listen."""

from __future__ import annotations

import socket
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from unittest import mock

import pytest

from buckler.prove.probes.listening import LISTENING, note
from buckler.prove.probes.sending import VALUE, attempt


def everywhere() -> list[Any]:
    """The addresses by which every network of this machine is served."""
    return [address for address in LISTENING if isinstance(address, tuple) and address[0] in ("", "0.0.0.0", "::")]


def attack() -> None:
    attempt(VALUE)
    assert LISTENING, "the program did not get so far as to listen"
    assert not everywhere(), (
        f"VIOLATED: the program is reached from every network this machine is in: {everywhere()[0]}"
    )


def counterpart() -> None:
    LISTENING.clear()
    with mock.patch.object(socket.socket, "bind", note):
        for host in ("127.0.0.1", "0.0.0.0"):
            with pytest.raises(SystemExit):
                HTTPServer((host, 8000), BaseHTTPRequestHandler)
    assert everywhere() == [("0.0.0.0", 8000)]
