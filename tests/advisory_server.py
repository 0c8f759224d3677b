"""A web server on this machine that serves one file well, or badly in a way a test asks for."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Served:
    """What is served, how, and what was asked for."""

    body: bytes = b""
    etag: str = '"one"'
    changed: str = "Tue, 01 Jan 2030 00:00:00 GMT"
    status: int = 200
    location: str = ""
    cut: int = -1
    """Close the connection after so many bytes of the body."""
    length: str | None = ""
    """What the server says of the length; empty for the truth, None for nothing."""
    pause: float = 0.0
    """Between two bytes."""
    silent: bool = False
    """Take the question and answer nothing."""
    nonsense: bool = False
    digest: str = ""
    ranges: bool = True
    wrong_range: bool = False
    base: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    served: Served

    def do_GET(self) -> None:
        served = self.served
        served.asked.append({name.lower(): value for name, value in self.headers.items()})
        served.paths.append(self.path)
        self.close_connection = True
        if served.silent:
            served.done.wait(30)
        elif served.nonsense:
            self.wfile.write(b"\0\1\2 hello\r\n\r\n")
        elif served.status != 200:
            self._head(served.status, 0)
        elif self.headers.get("If-None-Match") == served.etag:
            self._head(304, 0)
        else:
            self._file()

    def _file(self) -> None:
        served = self.served
        first = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        resumed = served.ranges and first is not None and self.headers.get("If-Range") == served.etag
        start = int(first[1]) if first is not None and resumed else 0
        if resumed and start >= len(served.body):
            self._head(416, 0)
            return
        body = served.body[start:]
        self._head(206 if resumed else 200, len(body), start)
        body = body if served.cut < 0 else body[: served.cut]
        with suppress(ConnectionError):
            for at in range(len(body)) if served.pause else ():
                self.wfile.write(body[at : at + 1])
                self.wfile.flush()
                time.sleep(served.pause)
            if not served.pause:
                self.wfile.write(body)

    def _head(self, status: int, length: int, start: int = 0) -> None:
        served = self.served
        self.send_response(status)
        if served.location:
            self.send_header("Location", served.location)
        if served.etag:
            self.send_header("ETag", served.etag)
        self.send_header("Last-Modified", served.changed)
        if served.digest:
            self.send_header("x-goog-hash", f"crc32c=AAAAAA==,md5={served.digest}")
        if status == 206:
            said = 7 if served.wrong_range else start
            self.send_header("Content-Range", f"bytes {said}-{len(served.body) - 1}/{len(served.body)}")
        if served.length is not None:
            self.send_header("Content-Length", served.length or str(length))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Tests are quiet."""


@contextmanager
def serving(served: Served) -> Iterator[Served]:
    handler = type("Bound", (Handler,), {"served": served})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        served.base = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield served
        finally:
            served.done.set()
            server.shutdown()
            thread.join()


def md5_of(body: bytes) -> str:
    return b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
