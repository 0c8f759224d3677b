"""Requests that the server makes: where they go is told at the socket, before anything leaves the machine.

Names resolve to what the test says, every connection ends at one small server of the test, and what is remembered is
the address that was asked for.
"""

from __future__ import annotations

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Attack, Oracle, SinkContext

HELPERS = '''
NAMES = {"partner.example": "93.184.216.34", "inside.example": "10.0.0.7", "localhost": "127.0.0.1"}


class Answering(BaseHTTPRequestHandler):
    def do_GET(self):
        elsewhere = self.path == "/moved"
        self.send_response(302 if elsewhere else 200)
        if elsewhere:
            self.send_header("Location", "http://169.254.169.254/latest/meta-data/")
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    do_POST = do_PUT = do_HEAD = do_DELETE = do_GET

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def connections(monkeypatch):
    """The addresses that the application connects to; nothing of it leaves this machine."""
    server = HTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    seen = []
    connect = socket.socket.connect

    def resolve(host, port, *given, **named):
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

    def redirected(self, address):
        seen.append(address[0])
        return connect(self, server.server_address) if self.family == socket.AF_INET else refuse(address)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "gethostbyname", lambda name: resolve(name, 80)[0][4][0])
    monkeypatch.setattr(socket.socket, "connect", redirected)
    yield seen
    monkeypatch.undo()
    server.shutdown()
    server.server_close()


def refuse(address):
    raise ConnectionRefusedError(f"{address} is not reachable")


def internal(address):
    return not ipaddress.ip_address(address).is_global
'''

ATTACK = """
attempt(VALUE)
inside = [address for address in connections if internal(address)]
assert not inside, f"EXPLOITED: the server was made to connect to {inside[0]}"
"""


def attacks(_: SinkContext) -> list[Attack]:
    rows = [
        ("http://127.0.0.1/4711", "the machine itself"),
        ("http://169.254.169.254/latest/meta-data/", "the address of the cloud's metadata"),
        ("http://localhost/4711", "the machine itself, by name"),
        ("http://10.0.0.7/4711", "a private network"),
        ("http://inside.example/4711", "a public name for a private address"),
        ("http://[::1]/4711", "the machine itself in version 6"),
        ("http://partner.example/moved", "a permitted address that leads on to the metadata"),
        ("http://0.0.0.0/4711", "every address of the machine"),
        ("http://2130706433/4711", "the machine itself as one number"),
        ("http://127.1/4711", "the machine itself, abbreviated"),
        ("http://partner.example@127.0.0.1/4711", "a permitted name before the at sign"),
        ("http://127.0.0.1#partner.example", "a permitted name after the fragment sign"),
        ("@127.0.0.1/4711", "what comes before becomes a user name"),
        (".inside.example/4711", "the end of a name"),
        ("127.0.0.1", "a bare address"),
    ]
    return [Attack(repr(text), label) for text, label in rows]


def addresses(_: SinkContext) -> list[Attack]:
    return [Attack(repr("http://partner.example/prices"), "a public address"), Attack(repr("partner.example"), "a public name"),
            Attack(repr("report"), "a word")]  # fmt: skip


SSRF = Oracle("ssrf", ProofKind.EXPLOIT, "the server connected to an address inside its own network",
              ("import ipaddress", "import socket", "import threading", "from http.server import BaseHTTPRequestHandler, HTTPServer",
               "import pytest"), HELPERS, ("connections",), ATTACK, attacks, addresses,
              domain=r"http://partner\.example/[a-z]{1,8}", needs=("connections",))  # fmt: skip
