"""Certificates that nobody checks: a server with a certificate nobody trusts is accepted, or a context is made that would.

The first is an exploit: whatever the code connects to, it ends at a small server of the test, which shows a certificate of
its own making and remembers what it was told all the same. The second is a property, for code that only prepares
connections. In both the control is a careful client, which is turned away.

Example::

    tls(situation)      # [a server of the test, a watch for contexts]
"""

from __future__ import annotations

import re
from dataclasses import replace

from buckler.finding.evidence import ProofKind
from buckler.prove.model import Oracle, SinkContext
from buckler.prove.oracles import calls

SERVER = '''
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


class Stranger(BaseHTTPRequestHandler):
    """Answers whatever is asked; who goes on after having seen its certificate has accepted it."""

    timeout = 0.5

    def setup(self):
        self.request.do_handshake()
        self.server.accepted.append("a connection")
        super().setup()

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_POST = do_PUT = do_PATCH = do_HEAD = do_DELETE = do_GET

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def accepted(monkeypatch, tmp_path):
    """Connections that a stranger gets who answers in the place of every other machine; nothing leaves this one."""
    pem = tmp_path / "stranger.pem"
    pem.write_text(f"{CERTIFICATE}-----BEGIN {'PRIVATE'} KEY-----{KEY}-----END {'PRIVATE'} KEY-----\\n")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stranger)
    server.handle_error = lambda *_: None
    server.accepted = []
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def redirected(self, address):
        return connect(self, server.server_address if address[0] == "192.0.2.1" else address)

    def anywhere(host, port, *given, **named):
        if host in (None, "localhost", "127.0.0.1"):
            return look_up(host, port, *given, **named)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 443))]

    monkeypatch.setattr(socket.socket, "connect", redirected)
    monkeypatch.setattr(socket, "getaddrinfo", anywhere)
    yield server.accepted
    monkeypatch.undo()
    server.shutdown()
    server.server_close()
'''
ACCEPTED = """
attempt(VALUE)
assert not accepted, "EXPLOITED: a server with a certificate of its own making was accepted"
"""
TURNED_AWAY = """
with pytest.raises(urllib.error.URLError):
    urllib.request.urlopen("https://partner.example/", timeout=5)
assert accepted == []
careless = ssl.create_default_context()
careless.check_hostname = False
careless.verify_mode = ssl.CERT_NONE
urllib.request.urlopen("https://partner.example/", timeout=5, context=careless)
assert len(accepted) == 1
"""
RELAXED = '''

@pytest.fixture
def relaxed(monkeypatch):
    """What the code does to make a context accept any certificate, or one for any host."""
    seen = []
    for name in ("_create_unverified_context", "_create_stdlib_context"):
        everywhere(monkeypatch, ssl, name, lambda *_, name=name, **__: seen.append(f"ssl.{name}()"))
    for name, careless in (("check_hostname", False), ("verify_mode", ssl.CERT_NONE)):
        monkeypatch.setattr(ssl.SSLContext, name, noticing(name, careless, seen))
    return seen


def noticing(name, careless, seen):
    """A setting of every context that notices when the code under test makes it careless."""
    setting = getattr(ssl.SSLContext, name)

    def change(context, value):
        if value == careless and asked_for_here():
            seen.append(f"{name} = {value}")
        setting.__set__(context, value)

    return property(lambda context: setting.__get__(context), change)
'''
ASKED = """
    for owner, names in ((requests.api, VERBS), (requests.Session, VERBS)):
        for name in names:
            tell = lambda *_, name=name, verify=True, **__: seen.append(f"{name}(verify=False)") if verify is False else None
            everywhere(monkeypatch, owner, name, tell)
    return seen


VERBS = ("get", "post", "put", "patch", "delete", "head", "options", "request")
"""
"""What goes on in the watch where the code sends requests by a library that takes the setting as an argument."""
ASKED_COUNTERPART = """
for careful in (True, False):
    with pytest.raises(requests.RequestException):
        requests.get("", verify=careful)
assert relaxed == ["get(verify=False)"]
"""
RELAXED_ATTACK = """
attempt(VALUE)
assert not relaxed, f"VIOLATED: certificates are not checked any more: {relaxed[0]}"
"""
RELAXED_COUNTERPART = """
context = ssl.create_default_context()
context.verify_mode = ssl.CERT_REQUIRED
assert relaxed == []
context.check_hostname = False
assert relaxed == ["check_hostname = False"]
"""
ASSIGNED = re.compile(r"check_hostname|verify_mode")
REQUESTED = re.compile(r"\brequests\.\w+\(")


def tls(situation: SinkContext) -> list[Oracle]:
    """Where two settings together decide, each is looked at; otherwise a connection says most."""
    accepted = Oracle(
        "tls", ProofKind.EXPLOIT, "a server with a certificate of its own making was taken for the one that was meant",
        ("import socket", "import ssl", "import threading", "import urllib.error", "import urllib.request",
         "from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer", "import pytest"),
        SERVER, ("accepted",), ACCEPTED, calls.ordinary, calls.ordinary, counterpart=TURNED_AWAY, domain="[a-z]{1,8}")  # fmt: skip
    relaxed = asked_of_requests(prepared(situation)) if REQUESTED.search(situation.code) else prepared(situation)
    return [relaxed, accepted] if ASSIGNED.search(situation.code) else [accepted, relaxed]


def prepared(situation: SinkContext) -> Oracle:
    """A context that would accept anybody."""
    return Oracle(
        "tls setting", ProofKind.PROPERTY, "a connection was prepared for which certificates are not checked",
        ("import ssl", *calls.IMPORTS), calls.watch(situation) + RELAXED, ("relaxed",), RELAXED_ATTACK, calls.ordinary,
        calls.ordinary, counterpart=RELAXED_COUNTERPART)  # fmt: skip


def asked_of_requests(oracle: Oracle) -> Oracle:
    """The same, and requests for which the library is told not to look."""
    helpers = oracle.helpers.replace("    return seen\n", ASKED.lstrip("\n"), 1)
    return replace(oracle, imports=(*oracle.imports, "import requests"), helpers=helpers,
                   counterpart=ASKED_COUNTERPART)  # fmt: skip
