"""A server with a certificate of its own making, in the place of every other machine."""

from __future__ import annotations

import socket
import ssl
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Iterator

import pytest

from buckler.prove.probes.sending import VALUE, attempt

CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIBpDCCAUqgAwIBAgIUV/bQUsH89eNXgTkjk6EvMPUyknwwCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwObm9ib2R5LmV4YW1wbGUwIBcNMjYxMTI3MjMwOTQ3WhgPMjEy
NjExMDMyMzA5NDdaMBkxFzAVBgNVBAMMDm5vYm9keS5leGFtcGxlMFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAE1uNDAnmHRD6uvV7K9n8Gr+m/Img+BUrH1R0EgPeC
5TxAm4fQakZJNJ4nEqyXt8W5E3XkzrLLsjESVK93ppzvtaNuMGwwHQYDVR0OBBYE
FF5wGcM/tmPo6s3piPswK4JLm1QcMB8GA1UdIwQYMBaAFF5wGcM/tmPo6s3piPsw
K4JLm1QcMA8GA1UdEwEB/wQFMAMBAf8wGQYDVR0RBBIwEIIObm9ib2R5LmV4YW1w
bGUwCgYIKoZIzj0EAwIDSAAwRQIgCdXqh8ZWNU+bWze5S6h09gn0//wdOB/QoYiH
KCm5GlACIQC6K2PoVgiwp1ofMSxr6Je4+LuVDSy/FW/frJqE7aWrXQ==
-----END CERTIFICATE-----
"""
"""Of a host called nobody.example, signed by itself; made for this test, as is its key, which protects nothing."""
KEY = """
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgBtDYGPfSTF/lS83t
1+3ICbKHMqxJ3DiGOmqFJG6UaQyhRANCAATW40MCeYdEPq69Xsr2fwav6b8iaD4F
SsfVHQSA94LlPECbh9BqRkk0nicSrJe3xbkTdeTOssuyMRJUr3emnO+1
"""
ACCEPTED: list[str] = []
"""Connections that were accepted so far."""


class UntrustedServer(BaseHTTPRequestHandler):
    """Answers whatever is asked; who goes on after having seen its certificate has accepted it."""

    timeout = 0.5

    def setup(self) -> None:
        self.request.do_handshake()
        ACCEPTED.append("a connection")
        super().setup()

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_POST = do_PUT = do_PATCH = do_HEAD = do_DELETE = do_GET

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Quiet(ThreadingHTTPServer):
    def handle_error(self, *_: Any) -> None:
        """To be turned away is nothing to speak of."""


@pytest.fixture
def accepted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[str]]:
    """Connections that an untrusted server gets which answers in the place of every other machine; nothing leaves this one."""
    pem = tmp_path / "untrusted.pem"
    pem.write_text(f"{CERTIFICATE}-----BEGIN {'PRIVATE'} KEY-----{KEY}-----END {'PRIVATE'} KEY-----\n")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server = Quiet(("127.0.0.1", 0), UntrustedServer)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def redirected(self: socket.socket, address: Any) -> None:
        return connect(self, server.server_address if address[0] == "192.0.2.1" else address)

    def anywhere(host: Any, port: Any, *given: Any, **named: Any) -> list[Any]:
        if host in (None, "localhost", "127.0.0.1"):
            return look_up(host, port, *given, **named)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 443))]

    ACCEPTED.clear()
    monkeypatch.setattr(socket.socket, "connect", redirected)
    monkeypatch.setattr(socket, "getaddrinfo", anywhere)
    yield ACCEPTED
    monkeypatch.undo()
    server.shutdown()
    server.server_close()


def attack(accepted: list[str]) -> None:
    attempt(VALUE)
    assert not accepted, "EXPLOITED: a server with a certificate of its own making was accepted"


def counterpart(accepted: list[str]) -> None:
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen("https://partner.example/", timeout=5)
    assert accepted == []
    unsafe = ssl.create_default_context()
    unsafe.check_hostname = False
    unsafe.verify_mode = ssl.CERT_NONE
    urllib.request.urlopen("https://partner.example/", timeout=5, context=unsafe)
    assert len(accepted) == 1
