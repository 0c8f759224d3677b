"""Where requests go, seen at the socket, before anything leaves the machine.

Names resolve to what the test says, every connection ends at one small server of the test, and what is remembered is
the address that was asked for.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Iterator

import pytest

from buckler.prove.probes.sending import VALUE, attempt

NAMES = {"partner.example": "93.184.216.34", "inside.example": "10.0.0.7", "localhost": "127.0.0.1"}


class Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        elsewhere = self.path == "/moved"
        self.send_response(302 if elsewhere else 200)
        if elsewhere:
            self.send_header("Location", "http://169.254.169.254/latest/meta-data/")
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    do_POST = do_PUT = do_HEAD = do_DELETE = do_GET

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The addresses that the application connects to; nothing of it leaves this machine."""
    server = HTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    seen: list[str] = []
    connect = socket.socket.connect

    def resolve(host: Any, port: Any, *given: Any, **named: Any) -> list[Any]:
        name = host.decode() if isinstance(host, bytes) else host
        address = NAMES.get(name, name)
        try:
            ipaddress.ip_address(address)
        except ValueError:
            try:
                address = socket.inet_ntoa(socket.inet_aton(address))
            except OSError:
                raise socket.gaierror(f"unknown name {name}") from None
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (address, int(port or 80)))]

    def redirected(self: socket.socket, address: Any) -> None:
        seen.append(address[0])
        return connect(self, server.server_address) if self.family == socket.AF_INET else refuse(address)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "gethostbyname", lambda name: resolve(name, 80)[0][4][0])
    monkeypatch.setattr(socket.socket, "connect", redirected)
    yield seen
    monkeypatch.undo()
    server.shutdown()
    server.server_close()


def refuse(address: Any) -> None:
    raise ConnectionRefusedError(f"{address} is not reachable")


def internal(address: str) -> bool:
    return not ipaddress.ip_address(address).is_global


def attack(connections: list[str]) -> None:
    attempt(VALUE)
    inside = [address for address in connections if internal(address)]
    assert not inside, f"EXPLOITED: the server was made to connect to {inside[0]}"
